"""Who is on the lists that sales gets, and who is left off, and why.

A hold-out parts the accounts of a campaign into two arms before anything is delivered; what the list adds is the
difference between them.
"""

from __future__ import annotations

from icp.lists._arms import BANDS, HELD_OUT, TREATED, Arms, assign_arms, score_band
from icp.lists._power import HoldoutDesign, design_holdout, holdout_lift, needed_accounts, smallest_difference

__all__ = [
    "BANDS",
    "HELD_OUT",
    "TREATED",
    "Arms",
    "HoldoutDesign",
    "assign_arms",
    "design_holdout",
    "holdout_lift",
    "needed_accounts",
    "score_band",
    "smallest_difference",
]
