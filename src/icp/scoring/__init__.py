"""A calibrated score that is a sum: how likely an account is to become a best customer, and what each trait adds.

The margin (log-odds) is a weighted sum of a linear part, with one curve per trait, and of averaged boosters of small
trees that correct it. Weights and intercept are learned on margins of rows the parts have not seen, so the margin is
calibrated, and what the traits add sums to it exactly. Few best customers get a simpler model; noise gets the base
rate.

Accounts are ranked by margin. A percentile is the position among the training accounts, and tiers are cut from it.
"""

from icp.scoring._amounts import AmountModel, learn_amounts
from icp.scoring._classifier import PropensityClassifier
from icp.scoring._familiar import Familiarity, learn_familiarity
from icp.scoring._model import ScoreModel, sum_margin
from icp.scoring._tiers import ReferenceTable, TierAssigner
from icp.scoring._worked import WorkedRegion, learn_worked

__all__ = [
    "AmountModel",
    "Familiarity",
    "PropensityClassifier",
    "ReferenceTable",
    "ScoreModel",
    "TierAssigner",
    "WorkedRegion",
    "learn_amounts",
    "learn_familiarity",
    "learn_worked",
    "sum_margin",
]
