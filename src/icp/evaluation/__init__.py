"""What a score is worth on accounts it never saw: splits, ranking, calibration, intervals.

A score is judged on later rows where there is time, and in folds where there is none, and the split says which. Every
figure has an interval, ties count with their expected value, and "no better than chance" is a legal answer.
"""

from icp.evaluation._compare import Comparison, Difference, compare
from icp.evaluation._evaluate import Evaluation, evaluate, signal
from icp.evaluation._split import Split, split

__all__ = ["Comparison", "Difference", "Evaluation", "Split", "compare", "evaluate", "signal", "split"]
