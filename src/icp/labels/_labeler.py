"""The recipes as an estimator."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sklearn.base import BaseEstimator

from icp.labels._dates import choose_as_of
from icp.labels._make import make_labels
from icp.options import LabelOptions
from icp.tables import AccountTable, DatedTable

__all__ = ["BestCustomerLabeler"]


class BestCustomerLabeler(BaseEstimator):  # type: ignore[misc]
    """Say who the best customers are.

    Parameters
    ----------
    recipe : {"flag", "customers", "won", "revenue", "rfm"}, default="flag"
        What kind of definition.
    column : str, default=None
        Column of the accounts table.
    positive, negative : Any, default=None
        Values that mean best, and not best.
    window : str, default="180d"
        Prediction window after the as-of date.
    top_share : float, default=0.2
        Share that ``revenue`` and ``rfm`` call best.
    amount : float or str, default=None
        Least revenue, or a column with the amount a best customer brought.
    definition_version : str, default="1"
        Changes whenever the definition does.
    signoff : str, default=None
        File in which marketing and sales signed it.

    Attributes
    ----------
    labels_ : LabelTable
        One row per account.
    as_of_ : Timestamp or None
        The as-of date used.

    See Also
    --------
    icp.labels.make_labels : The same as a function.
    """

    def __init__(
        self,
        recipe: str = "flag",
        column: str | None = None,
        positive: Any = None,
        negative: Any = None,
        window: str = "180d",
        top_share: float = 0.2,
        amount: Any = None,
        definition_version: str = "1",
        signoff: str | None = None,
    ) -> None:
        self.recipe = recipe
        self.column = column
        self.positive = positive
        self.negative = negative
        self.window = window
        self.top_share = top_share
        self.amount = amount
        self.definition_version = definition_version
        self.signoff = signoff

    def fit(
        self,
        accounts: AccountTable,
        outcomes: DatedTable | None = None,
        *,
        events: DatedTable | None = None,
        as_of: pd.Timestamp | str | None = None,
    ) -> BestCustomerLabeler:
        """Make the labels.

        Parameters
        ----------
        accounts : AccountTable
            Read with the columns of :func:`icp.labels.label_columns`.
        outcomes, events : DatedTable, default=None
            Dated rows.
        as_of : Timestamp or str, default=None
            As for :func:`icp.labels.choose_as_of`.

        Returns
        -------
        BestCustomerLabeler
            Itself.
        """
        options = LabelOptions(**self.get_params(deep=False))
        self.as_of_, _ = choose_as_of(options, accounts, events, outcomes, as_of)
        self.labels_ = make_labels(options, accounts, outcomes, as_of=self.as_of_, events=events)
        return self
