"""Reasons: why an account scores as it does, in sentences whose every number can be checked.

The score is a sum, so each trait's contribution has a sign and a size. The strongest contributions choose the
sentences; what a sentence says is counted in the training accounts ("41 of 690"). A sentence is used only when its rate
points the way of the contribution; it speaks of association, never of cause.
"""

from icp.reasons._book import ReasonBook, TraitReasons
from icp.reasons._drivers import drivers
from icp.reasons._explain import TOLERANCE, additivity_error, check_additivity, model_contributions
from icp.reasons._extractor import ReasonExtractor

__all__ = [
    "TOLERANCE",
    "ReasonBook",
    "ReasonExtractor",
    "TraitReasons",
    "additivity_error",
    "check_additivity",
    "drivers",
    "model_contributions",
]
