"""Labels: what "best customer" means, as a definition with populations, dates and a version.

Every account is in one of four places. *Attained*: best. *Attrited*: clearly not. *Unlabelled*: could still become best
or is not said (an open deal is not a lost deal). *Not eligible*: could not become best in the window, for example
because it was won before. Only the first two teach a model.

Recipes (:class:`icp.options.LabelOptions`):

``flag``
    A column of the accounts table says it.
``customers``
    A column of the accounts table marks known customers; all other accounts are an unlabelled base.
``won``
    An outcome of a winning kind in ``(as_of, as_of + window]``.
``revenue``
    The most money in the window, refunds netted; or, undated, in a column.
``rfm``
    The champions by recency, frequency and money in the window.

Where rows carry their own date (``accounts.observed_at``), each has its own window, and rows whose window is not over
by the last known date are unlabelled.
"""

from icp.labels._compare import DefinitionComparison, compare_definitions
from icp.labels._dates import choose_as_of, is_dated, window_days
from icp.labels._labeler import BestCustomerLabeler
from icp.labels._make import definition_problems, label_columns, make_labels
from icp.labels._signoff import definition_sha, is_filled_in, signoff_template

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
    "signoff_template",
    "window_days",
]
