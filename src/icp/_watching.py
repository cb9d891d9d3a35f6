"""Drift of a scoring run: what was scored against what was learned from, and best customers since then."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
import pyarrow as pa

from icp._already import definition_options
from icp.checks import Drift, LabelRate, drift
from icp.engines import ScoringContext, ScoringRun
from icp.errors import ICPError
from icp.tables import AccountTable, Column, DatedTable

__all__ = ["watch_run"]


def watch_run(run: ScoringRun, ids: Callable[[], Iterable[pa.Array]], outcomes: DatedTable | None) -> Drift:
    """Compare a scoring run with the training of its model.

    Parameters
    ----------
    run : ScoringRun
        What was scored, with its tally.
    ids : callable
        Gives batches of the ids scored; asked for, and held in memory, only where the rate of best customers can be
        known.
    outcomes : DatedTable or None
        Of the run; they show the rate of best customers where a whole window has passed since training.

    Returns
    -------
    Drift
        Table, findings and a line for the summary.
    """
    return drift(run.context.bundle.watch, run.tally, _label_rate(ids, run.context, outcomes))


def _label_rate(
    ids: Callable[[], Iterable[pa.Array]], context: ScoringContext, outcomes: DatedTable | None
) -> LabelRate | None:
    """Best customers by the model's own definition in the last whole window, if it began after training ended.

    Looked at are the accounts of the run and those that outcomes speak of, as customers are often left out of a list.
    A definition that calls a fixed share best has no rate to watch.
    """
    options = definition_options(context.bundle)
    by_amount = options.recipe == "revenue" and options.column is None and not isinstance(options.amount, str)
    has_rate = options.recipe == "won" or (by_amount and options.amount is not None)
    if outcomes is None or not len(outcomes) or not has_rate or not context.bundle.as_of or np.isnat(context.as_of):
        return None
    from icp.labels import make_labels, window_days  # where no outcomes are given, nothing is labelled

    end = min(pd.Timestamp(context.as_of), outcomes.frame["at"].max().normalize())
    start = end - pd.Timedelta(days=window_days(options.window))
    if start <= pd.Timestamp(context.bundle.as_of):
        return None
    scored = pd.Index([name for part in ids() for name in part.to_pylist()], dtype="str", name="account_id")
    everyone = scored.union(pd.Index(outcomes.frame["account_id"].unique(), dtype="str")).unique()
    frame = pd.DataFrame({"known": "yes"}, index=everyone.rename("account_id"))
    column = Column("known", "ignored", "constant", "made to count accounts")
    until = outcomes.frame["at"] < end + pd.Timedelta(days=1)
    seen = DatedTable("outcomes", outcomes.frame[until], outcomes.source, outcomes.has_kind, outcomes.has_amount)
    try:
        labels = make_labels(options, AccountTable(frame, (column,), "the run", start), seen, as_of=start)
    except ICPError:
        return None
    label = labels.label.dropna()
    definition = context.bundle.card["definition"]
    best, n = int(definition["n_attained"]), int(definition["n_attained"]) + int(definition["n_attrited"])
    return LabelRate(best, n, int((label == 1).sum()), len(label), f"{start:%Y-%m-%d}")
