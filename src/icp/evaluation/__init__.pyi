from ._baselines import Rule, base_margin, learn_rule, today_margin
from ._blocks import (
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
from ._compare import Comparison, Difference, compare
from ._curves import calibration_curve, decile_rows, gain_curve
from ._evaluate import Evaluation, evaluate, signal, signal_in
from ._intervals import calibration_line
from ._lists import Estimate, Measured, measure
from ._split import Split, split
from ._value import paired_gain, value_capture

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
