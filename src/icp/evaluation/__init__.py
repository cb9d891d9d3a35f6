"""What a score is worth on accounts it never saw: splits, ranking, calibration, intervals.

A score is judged on later rows where there is time, and in folds where there is none, and the split says which. Every
figure has an interval, ties count with their expected value, and "no better than chance" is a legal answer.
"""

from icp.evaluation._baselines import Rule, base_margin, learn_rule, today_margin
from icp.evaluation._blocks import (
    ACCOUNT_FOLDS,
    MIN_JUDGED,
    Block,
    Span,
    date_spans,
    forward_blocks,
    picture_dates,
    random_blocks,
    row_spans,
)
from icp.evaluation._compare import Comparison, Difference, compare
from icp.evaluation._curves import calibration_curve, decile_rows, gain_curve
from icp.evaluation._evaluate import Evaluation, evaluate, signal, signal_in
from icp.evaluation._intervals import calibration_line
from icp.evaluation._lists import Estimate, Measured, measure
from icp.evaluation._split import Split, split
from icp.evaluation._value import paired_gain, value_capture

__all__ = [
    "ACCOUNT_FOLDS",
    "MIN_JUDGED",
    "Block",
    "Comparison",
    "Difference",
    "Estimate",
    "Evaluation",
    "Measured",
    "Rule",
    "Span",
    "Split",
    "base_margin",
    "calibration_curve",
    "calibration_line",
    "compare",
    "date_spans",
    "decile_rows",
    "evaluate",
    "forward_blocks",
    "gain_curve",
    "learn_rule",
    "measure",
    "paired_gain",
    "picture_dates",
    "random_blocks",
    "row_spans",
    "signal",
    "signal_in",
    "split",
    "today_margin",
    "value_capture",
]
