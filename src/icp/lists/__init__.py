"""Who is on the lists that sales gets, and who is left off, and why.

A call list holds the accounts of the most worth that fit the slots of the reps. A hold-out parts the accounts of a
campaign into two arms before anything is delivered; what the list adds is the difference between them.
"""

from __future__ import annotations

from icp.lists._arms import BANDS, HELD_OUT, TREATED, Arms, assign_arms, score_band
from icp.lists._calls import EXPLORATION, OVERRIDE, TOP, CallPlan, candidates, draw, plan_calls
from icp.lists._expected import Expected, expected_conversions
from icp.lists._limits import Limit
from icp.lists._power import HoldoutDesign, design_holdout, holdout_lift, needed_accounts, smallest_difference
from icp.lists._slots import Slots

__all__ = [
    "BANDS",
    "EXPLORATION",
    "HELD_OUT",
    "OVERRIDE",
    "TOP",
    "TREATED",
    "Arms",
    "CallPlan",
    "Expected",
    "HoldoutDesign",
    "Limit",
    "Slots",
    "assign_arms",
    "candidates",
    "design_holdout",
    "draw",
    "expected_conversions",
    "holdout_lift",
    "needed_accounts",
    "plan_calls",
    "score_band",
    "smallest_difference",
]
