"""The local engine over pandas tables: raw cells as in the CSV, or parsed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa

from icp._progress import step
from icp.accounts import RawTable, named_columns
from icp.bundle import Bundle
from icp.engines._core import ID_COLUMN, ScoringContext, explain_batch, margin_batch, score_batch
from icp.engines._local import prepare
from icp.engines._rows import AccountRows
from icp.engines._run import in_order
from icp.errors import TableError
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
    with step(f"scoring {len(rows):,} accounts"):
        scored = list(in_order(rows.cells(), lambda cells: score_batch(rows.complete(cells), context)[0]))
    ids, *columns = pa.Table.from_batches(scored).columns
    named = pa.table(columns, list(scored[0].schema.names[1:]))
    return named.to_pandas().set_axis(_index(ids), axis=0)


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
    index = _index(pa.chunked_array(list(rows.ids()), pa.string()))
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
    cells = _cells(frame, bundle, chosen)
    if chosen.account_id is None:
        cells[ID_COLUMN] = _array(frame.index.to_series().astype("str"))
        chosen = replace(chosen, account_id=ID_COLUMN)
    raw = RawTable(pa.table(cells), "a DataFrame", "parquet", None, None, None, ())
    rows, context, _ = prepare(raw, bundle, chosen, events=events, outcomes=outcomes, as_of=as_of)
    return rows, replace(context, watched=False)


def _cells(frame: pd.DataFrame, bundle: Bundle, options: AccountOptions) -> dict[str, pa.Array]:
    """The columns that are read; all of them where one is missing, as the error names what there is."""
    names = [str(name) for name in frame.columns]
    read = {column.name for column in bundle.columns} | set(named_columns(options))
    twice = sorted(name for name in read if names.count(name) > 1)
    if twice:
        raise TableError.one("ICP107", f"two columns are called '{twice[0]}'.", "Rename one.", column=twice[0])
    own_dates = {column.name for column in bundle.columns if column.role == "observed_at"}
    if not read - own_dates <= set(names):
        read = set(names)
    series = zip(names, (cells for _, cells in frame.items()), strict=True)
    return {name: _array(cells) for name, cells in series if name in read}


def _array(cells: pd.Series) -> pa.Array:
    text = isinstance(cells.dtype, pd.StringDtype)  # holds an Arrow array already
    return pa.array(cells.array if text else cells, from_pandas=True)


def _index(ids: pa.ChunkedArray) -> pd.Index:
    return pd.Index(ids.to_pandas(), name="account_id", dtype="str")
