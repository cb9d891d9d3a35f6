"""The local engine over pandas tables: raw cells as in the CSV, or parsed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa

from icp.accounts import RawTable
from icp.bundle import Bundle
from icp.engines._core import ID_COLUMN, ScoringContext, explain_batch, margin_batch
from icp.engines._local import prepare
from icp.engines._rows import AccountRows
from icp.engines._run import ScoringRun, in_order
from icp.options import AccountOptions
from icp.tables import DatedTable

__all__ = ["explain_frame", "margins_frame", "prepare_frame", "score_frame"]


def score_frame(
    bundle: Bundle,
    frame: pd.DataFrame,
    *,
    options: AccountOptions | None = None,
    events: DatedTable | None = None,
    outcomes: DatedTable | None = None,
    as_of: pd.Timestamp | None = None,
) -> pd.DataFrame:
    """Score a pandas table: raw cells as in the CSV, or parsed.

    Parameters
    ----------
    bundle : Bundle
        The model.
    frame : DataFrame, shape (n_accounts, n_columns)
        With the columns the model reads; the index is the account id unless ``options.account_id`` names a column.
    options : AccountOptions, default=None
        Extra reading rules.
    events, outcomes : DatedTable, default=None
        Dated history.
    as_of : Timestamp, default=None
        Date of the picture.

    Returns
    -------
    DataFrame, shape (n_accounts, n_columns)
        As ``scores.csv``, indexed by ``account_id``.
    """
    rows, context = prepare_frame(bundle, frame, options, events, outcomes, as_of)
    run = ScoringRun(context, len(rows))
    scored = [batch for batch, _ in run.over(rows.cells(), rows.complete, lambda _: None)]
    return pa.Table.from_batches(scored).to_pandas().set_index("account_id")


def explain_frame(
    bundle: Bundle,
    frame: pd.DataFrame,
    *,
    options: AccountOptions | None = None,
    events: DatedTable | None = None,
    outcomes: DatedTable | None = None,
    as_of: pd.Timestamp | None = None,
) -> pd.DataFrame:
    """What each trait adds to each account's margin, in log-odds.

    Parameters
    ----------
    bundle : Bundle
        The model.
    frame : DataFrame, shape (n_accounts, n_columns)
        As for :func:`score_frame`.
    options : AccountOptions, default=None
        Extra reading rules.
    events, outcomes : DatedTable, default=None
        Dated history.
    as_of : Timestamp, default=None
        Date of the picture.

    Returns
    -------
    DataFrame, shape (n_accounts, n_traits + 2)
        ``base``, one column per trait, ``margin``; indexed by ``account_id``. The base of an account of which nothing
        is known is the log-odds of the base rate.
    """
    rows, context = prepare_frame(bundle, frame, options, events, outcomes, as_of)
    parts = list(in_order(rows.cells(), lambda cells: explain_batch(rows.complete(cells), context)))
    contributions = np.concatenate([part[0] for part in parts])
    margin = np.concatenate([part[1] for part in parts])
    ids = pa.chunked_array(list(rows.ids()), pa.string())
    index = pd.Index(ids.to_pylist(), name="account_id", dtype="str")
    explained = pd.DataFrame(contributions, index, [trait.name for trait in bundle.traits])
    explained.insert(0, "base", np.where(contributions.any(axis=1), bundle.score.base, margin))
    return explained.assign(margin=margin)


def margins_frame(
    bundle: Bundle,
    frame: pd.DataFrame,
    *,
    events: DatedTable | None = None,
    outcomes: DatedTable | None = None,
    as_of: pd.Timestamp | None = None,
) -> np.ndarray:
    """Margins of a pandas table, without contributions.

    Parameters
    ----------
    bundle : Bundle
        The model.
    frame : DataFrame, shape (n_accounts, n_columns)
        As for :func:`score_frame`.
    events, outcomes : DatedTable, default=None
        Dated history.
    as_of : Timestamp, default=None
        Date of the picture.

    Returns
    -------
    ndarray of float64, shape (n_accounts,)
        In log-odds.
    """
    rows, context = prepare_frame(bundle, frame, None, events, outcomes, as_of)
    return np.concatenate(list(in_order(rows.cells(), lambda cells: margin_batch(rows.complete(cells), context))))


def prepare_frame(
    bundle: Bundle,
    frame: pd.DataFrame,
    options: AccountOptions | None,
    events: DatedTable | None,
    outcomes: DatedTable | None,
    as_of: pd.Timestamp | None,
) -> tuple[AccountRows, ScoringContext]:
    """Everything the core needs of a pandas table.

    Parameters
    ----------
    bundle : Bundle
        The model.
    frame : DataFrame, shape (n_accounts, n_columns)
        As for :func:`score_frame`.
    options : AccountOptions or None
        Extra reading rules.
    events, outcomes : DatedTable or None
        Dated history.
    as_of : Timestamp or None
        Date of the picture.

    Returns
    -------
    rows : AccountRows
        To be scored.
    context : ScoringContext
        For :class:`ScoringRun`.
    """
    chosen = options or AccountOptions()
    if chosen.account_id is None:
        frame = frame.reset_index(drop=True).assign(**{ID_COLUMN: frame.index.astype(str).to_numpy()})
        chosen = replace(chosen, account_id=ID_COLUMN)
    cells = pa.Table.from_pandas(frame.rename(columns=str), preserve_index=False)
    raw = RawTable(cells, "a DataFrame", "parquet", None, None, None, ())
    rows, context, _ = prepare(raw, bundle, chosen, events=events, outcomes=outcomes, as_of=as_of)
    return rows, context
