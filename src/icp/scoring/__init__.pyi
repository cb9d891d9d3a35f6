from ._amounts import AmountModel, learn_amounts
from ._classifier import PropensityClassifier
from ._familiar import Familiarity, learn_familiarity
from ._linear import sum_margin
from ._model import ScoreModel
from ._reference import ReferenceTable
from ._tiers import TierAssigner
from ._worked import WorkedRegion, learn_worked

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
