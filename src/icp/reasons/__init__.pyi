from ._book import ReasonBook, TraitReasons
from ._drivers import drivers
from ._explain import TOLERANCE, additivity_error, check_additivity, model_contributions
from ._extractor import ReasonExtractor

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
