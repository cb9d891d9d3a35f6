"""Two models of two definitions on the same accounts."""

from __future__ import annotations

from icp.labels import DefinitionComparison, compare_definitions
from icp.model._model import IdealCustomerModel
from icp.tables import AccountTable, DatedTable, LabelTable

__all__ = ["compare_fitted"]


def compare_fitted(
    model_a: IdealCustomerModel,
    model_b: IdealCustomerModel,
    accounts: AccountTable,
    labels_a: LabelTable,
    labels_b: LabelTable,
    *,
    events: DatedTable | None = None,
    outcomes: DatedTable | None = None,
    as_of: str | None = None,
) -> DefinitionComparison:
    """Score the same accounts by two models and compare their definitions.

    Parameters
    ----------
    model_a, model_b : IdealCustomerModel
        Fitted, or not yet: a model without ``bundle_`` is fitted to its labels first.
    accounts : AccountTable
        All accounts.
    labels_a, labels_b : LabelTable
        Same rows, by the two definitions.
    events, outcomes : DatedTable, default=None
        Dated history.
    as_of : str, default=None
        ISO date of the picture; default that of the accounts.

    Returns
    -------
    DefinitionComparison
        Overlap, rank correlation, and the accounts whose tier depends on the definition.

    Notes
    -----
    Both models are scored on accounts they learned from where these are among ``accounts``; the comparison is of what a
    list would look like, not of which model is better.
    """
    for model, labels in ((model_a, labels_a), (model_b, labels_b)):
        if not hasattr(model, "bundle_"):
            model.fit(accounts, labels, events=events, outcomes=outcomes)
    scores = [
        model.score_accounts(accounts, events=events, outcomes=outcomes, as_of=as_of) for model in (model_a, model_b)
    ]
    return compare_definitions(labels_a, labels_b, *scores)
