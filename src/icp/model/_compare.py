"""Two models of two definitions on the same accounts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from icp._progress import step
from icp.errors import NotEnoughDataError
from icp.evaluation import signal_in
from icp.labels import DefinitionComparison, compare_definitions
from icp.model._judge import place_in_time, row_dates
from icp.model._known import Known, know
from icp.model._learning import Learner
from icp.model._model import IdealCustomerModel
from icp.options import BacktestOptions, ScoringOptions, TraitOptions
from icp.scoring import TierAssigner
from icp.tables import AccountTable, DatedTable, Finding, LabelTable

__all__ = ["compare_fitted", "compare_held_out"]

JUDGED = ("split", "n_test", "base_rate", "auc", "average_precision", "lift_at_10", "capture_at_10", "precision_at_10")
"""Figures of each score by its own definition; those with an interval have it beside them."""

History = tuple[DatedTable | None, DatedTable | None]


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


def compare_held_out(
    accounts: AccountTable,
    labels_a: LabelTable,
    labels_b: LabelTable,
    history: History,
    *,
    traits: TraitOptions,
    scoring: ScoringOptions,
    options: BacktestOptions,
    seed: int,
) -> tuple[DefinitionComparison, tuple[Finding, ...]]:
    """Learn a score of each definition and compare where they put accounts whose label they had not seen.

    Parameters
    ----------
    accounts : AccountTable
        All accounts.
    labels_a, labels_b : LabelTable
        Same rows, by the two definitions, at the same as-of date.
    history : tuple of (DatedTable or None, DatedTable or None)
        Events and outcomes.
    traits, scoring : options of the stages
        The same for both.
    options : BacktestOptions
        What rows are ordered by.
    seed : int
        Of everything random.

    Returns
    -------
    comparison : DefinitionComparison
        With the scores of all accounts: out of fold where the account has a label, else from all that have one; and
        how each score does by its own definition, on rows held out as training holds them out.
    findings : tuple of Finding
        Of the leakage audit by the second definition, and that its score ranks no better than chance.

    Raises
    ------
    NotEnoughDataError
        No column is left to learn from (``ICP203``).

    Notes
    -----
    Cheaper than :func:`compare_fitted` (one score each, no profiles and no reasons), and no account is placed by a
    score that learned from its label. Tiers are shares of the labelled accounts of each definition.
    """
    placed_a, _ = _scored("A", accounts, labels_a, history, traits, scoring, options, seed)
    placed_b, found = _scored("B", accounts, labels_b, history, traits, scoring, options, seed)
    comparison = compare_definitions(labels_a, labels_b, placed_a.place, placed_b.place)
    told = [] if placed_b.judged["signal"] else [_no_signal(placed_b.judged)]
    return replace(comparison, judged={"a": placed_a.judged, "b": placed_b.judged}), (*found, *told)


@dataclass(frozen=True)
class _Placed:
    """Percentile and tier of every account by one definition, and how that score does by it."""

    place: pd.DataFrame
    judged: dict[str, Any]


def _scored(
    name: str,
    accounts: AccountTable,
    labels: LabelTable,
    history: History,
    traits: TraitOptions,
    scoring: ScoringOptions,
    options: BacktestOptions,
    seed: int,
) -> tuple[_Placed, list[Finding]]:
    """Every account placed by a score of one definition that had not seen its label, and that score judged."""
    everyone = replace(labels, unworked=labels.label.isna())
    known, found = know(accounts, everyone, *history, traits)
    dates = row_dates(known.accounts, known.y, undated_label=known.undated_label, test_share=options.test_share)
    by_time = options.order == "rows" or (options.order != "random" and dates is not None)
    by = None if options.order == "rows" else dates
    order = place_in_time(len(known.y), by) if by_time else None
    with step(f"learning a score of definition {name}"):
        named = by_time and (by is None or by.named)
        labelled, others = Learner(scoring, seed).held_out(known, order, follow_rate=named)
    margins = np.empty(len(accounts))
    margins[labels.label.notna()], margins[labels.label.isna()] = labelled, others
    reference = TierAssigner(scoring.tiers).fit(labelled).reference_
    percentile = np.round(reference.percentile(margins), 2)
    place = {"percentile": percentile, "tier": reference.tier_of_margin(margins)}
    return _Placed(
        pd.DataFrame(place, index=accounts.frame.index), _judged(known, Learner(scoring, seed), options)
    ), found


def _judged(known: Known, learner: Learner, options: BacktestOptions) -> dict[str, Any]:
    """Figures of one score on rows it never saw, held out as training holds them out; at random where time is short.

    The out-of-fold margins of one fit will not do: their blend was chosen on these labels, and noise would look good.
    """
    try:
        judgement = learner.judged(known, options)
    except NotEnoughDataError:
        judgement = learner.judged(known, replace(options, order="random"))
    figures = judgement.metrics()
    judged = {key: value for key, value in figures.items() if key.startswith(JUDGED)}
    verdict = signal_in(figures, in_folds=judgement.in_folds)
    return judged | {"n_best": int(known.y[judgement.rows].sum())} | verdict


def _no_signal(judged: dict[str, Any]) -> Finding:
    """The second score ranks no better than chance; the first is judged block by block."""
    evidence = {key: value for key, value in judged.items() if key != "text"}
    return Finding("ICP321", "warning", str(judged["text"]), evidence=evidence)
