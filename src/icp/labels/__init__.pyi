from ._compare import DefinitionComparison, compare_definitions
from ._dates import choose_as_of, is_dated, window_days
from ._labeler import BestCustomerLabeler
from ._make import definition_problems, label_columns, make_labels
from ._recipes import winning_kinds
from ._signoff import definition_sha, is_filled_in, sheet_line, signoff_template
from ._values import cells_of_best

__all__ = [
    "BestCustomerLabeler",
    "DefinitionComparison",
    "cells_of_best",
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
    "winning_kinds",
]
