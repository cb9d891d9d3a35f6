from ._compare import DefinitionComparison, compare_definitions
from ._dates import choose_as_of, is_dated, window_days
from ._labeler import BestCustomerLabeler
from ._make import definition_problems, label_columns, make_labels
from ._signoff import definition_sha, is_filled_in, sheet_line, signoff_template

__all__ = [
    "BestCustomerLabeler",
    "DefinitionComparison",
    "choose_as_of",
    "compare_definitions",
    "definition_problems",
    "definition_sha",
    "is_dated",
    "is_filled_in",
    "label_columns",
    "make_labels",
    "sheet_line",
    "signoff_template",
    "window_days",
]
