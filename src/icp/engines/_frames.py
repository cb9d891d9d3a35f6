"""The local engine over pandas tables: raw cells as in the CSV, or parsed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from icp._progress import step
from icp.accounts import RawTable, named_columns
from icp.bundle import Bundle
from icp.engines._core import ID_COLUMN, ScoringContext, explain_batch, margin_batch, score_batch, traits_batch
from icp.engines._local import prepare
from icp.engines._rows import AccountRows
from icp.engines._run import in_order
from icp.errors import Problem, TableError
from icp.options import AccountOptions
from icp.tables import DatedTable

__all__ = ["explain_frame", "margins_frame", "prepare_frame", "score_frame", "score_record", "traits_frame"]


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
    scored = _scored(*prepare_frame(bundle, frame, options, events, outcomes, as_of))
    ids, *columns = pa.Table.from_batches(scored).columns
    named = pa.table(columns, scored[0].schema.names[1:]).to_pandas(use_threads=False)
    named.index = _index(ids)
    return named


def score_record(
    bundle: Bundle,
    account: Mapping[str, Any],
    account_id: str | int = "1",
    *,
    events: DatedTable | None = None,
    outcomes: DatedTable | None = None,
    as_of: pd.Timestamp | None = None,
) -> dict[str, Any]:
    """Score one account, without a table.

    Parameters
    ----------
    bundle : Bundle
        The model.
    account : mapping of str to cell
        The columns the model reads: text as in the CSV, or typed; None is "not known".
    account_id : str or int, default="1"
        Its id.
    events, outcomes : DatedTable, default=None
        Dated history.
    as_of : Timestamp, default=None
        Date of the picture.

    Returns
    -------
    dict
        The row of ``scores.csv``; None for empty cells.

    Raises
    ------
    TableError
        What is given is no account (``ICP130``), or columns the model reads are missing (``ICP102``).
    """
    if not isinstance(account, Mapping):
        what = f"what was given as an account is of type {type(account).__name__}, not a mapping of names to cells."
        raise TableError.one("ICP130", what, "Give a dict, such as frame.iloc[0].to_dict().")
    own_id = _own_id(account_id)
    options = AccountOptions(account_id=ID_COLUMN)
    read = _names(bundle, AccountOptions(), list(account))
    texts = [name for name, cell in account.items() if name in read and _is_text(cell)]
    nested = [name for name, cell in account.items() if name in read and not _is_cell(cell)]
    if nested:
        raise TableError("what was given as an account is not one", [_no_cell(name, account[name]) for name in nested])
    try:  # one call for all, as each takes its time
        column = pa.array([str(account[name]) for name in texts], pa.string())
    except UnicodeEncodeError:
        halves = [_half("ICP130", name) for name in texts if _is_half(account[name])]
        raise TableError("what was given as an account is not one", halves) from None
    cells = {name: column.slice(i, 1) for i, name in enumerate(texts)}
    cells |= {
        name: pa.array([cell], from_pandas=True) for name, cell in account.items() if name in read and name not in cells
    }
    cells[ID_COLUMN] = pa.array([own_id], pa.string())
    scored = _scored(*_prepared(bundle, cells, options, events, outcomes, as_of))
    found: dict[str, Any] = scored[0].to_pylist()[0]
    return found


def _own_id(account_id: object) -> str:
    """A CRM may number its records; JSON has them as numbers then."""
    whole = isinstance(account_id, (str, Integral)) and not isinstance(account_id, bool)
    if not whole or not str(account_id).strip():
        message = f"the id of the account is {account_id!r:.40}: neither text nor a whole number."
        raise TableError.one("ICP130", message, "Give its id, or leave it out.")
    if _is_half(account_id):
        raise TableError("what was given as an account is not one", [_half("ICP130", "account_id")])
    return str(account_id)


def _is_text(cell: object) -> bool:
    """Text, or a whole number too long for a typed cell, which is read as text is."""
    return isinstance(cell, str) or (isinstance(cell, int) and not -(2**63) <= cell < 2**63)


def _is_cell(cell: object) -> bool:
    return bool(pd.api.types.is_scalar(cell)) and not isinstance(cell, bytes)


def _no_cell(name: str, cell: object) -> Problem:
    message = f"'{name}' holds a {type(cell).__name__}, which is not one cell."
    return Problem("ICP130", message, "Give text, a number, a date, true or false, or None.", column=name)


def _is_half(cell: object) -> bool:
    r"""Whether a text holds a surrogate alone, which JSON can write (``"\ud800"``) and UTF-8 cannot."""
    try:
        str(cell).encode()
    except UnicodeEncodeError:
        return True
    return False


def _half(code: str, column: str, n_rows: int | None = None) -> Problem:
    message = f"'{column}' holds half a character (a lone surrogate, such as \\ud800), which is no text."
    return Problem(code, message, "Give the text whole, or None.", column=column, n_rows=n_rows)


def _scored(rows: AccountRows, context: ScoringContext) -> list[pa.RecordBatch]:
    with step(f"scoring {len(rows):,} accounts"):
        return list(in_order(rows.cells(), lambda cells: score_batch(rows.complete(cells), context)[0]))


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


def traits_frame(
    bundle: Bundle,
    frame: pd.DataFrame,
    *,
    events: DatedTable | None = None,
    outcomes: DatedTable | None = None,
    as_of: pd.Timestamp | None = None,
) -> np.ndarray:
    """A pandas table as a model sees it.

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
    ndarray of float64, shape (n_accounts, n_traits)
        NaN where not known.
    """
    rows, context = prepare_frame(bundle, frame, None, events, outcomes, as_of)
    return np.concatenate(list(in_order(rows.cells(), lambda cells: traits_batch(rows.complete(cells), context))))


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
    names = list(map(str, frame.columns.tolist()))
    chosen = options or AccountOptions()
    read = _names(bundle, chosen, names)
    cells = {name: _array(column, name) for name, (_, column) in zip(names, frame.items(), strict=True) if name in read}
    if chosen.account_id is None:
        cells[ID_COLUMN] = _array(frame.index, "account_id", of_ids=True)
        chosen = replace(chosen, account_id=ID_COLUMN)
    return _prepared(bundle, cells, chosen, events, outcomes, as_of)


def _names(bundle: Bundle, options: AccountOptions, present: Sequence[str]) -> set[str]:
    """The columns that are read; all there are where one is missing, as the error names them."""
    own_dates = {column.name for column in bundle.columns if column.role == "observed_at"}
    read, there = {column.name for column in bundle.columns} | set(named_columns(options)), set(present)
    if len(there) < len(present):
        for name, n in Counter(name for name in present if name in read).items():
            if n > 1:
                raise TableError.one("ICP107", f"{n} columns are called '{name}'.", "Rename all but one.", column=name)
    return read if read - own_dates <= there else {name for name in there if not _is_half(name)}


def _prepared(
    bundle: Bundle,
    cells: Mapping[str, pa.Array],
    options: AccountOptions,
    events: DatedTable | None,
    outcomes: DatedTable | None,
    as_of: pd.Timestamp | None,
) -> tuple[AccountRows, ScoringContext]:
    """What is only told of a source is not looked for: there is nobody to tell."""
    raw = RawTable(pa.table(cells), "a DataFrame", "parquet", None, None, None, ())
    rows, context, _ = prepare(raw, bundle, options, events=events, outcomes=outcomes, as_of=as_of, findings=False)
    return rows, replace(context, watched=False)


def _array(cells: pd.Series | pd.Index, name: str, *, of_ids: bool = False) -> pa.Array:
    text = isinstance(cells.dtype, pd.StringDtype)  # holds an Arrow array already
    try:
        read = cells.astype("str") if of_ids and not text else cells
        return pa.array(read.array if text else read, from_pandas=True)
    except UnicodeEncodeError:
        halves = _half("ICP131", name, sum(map(_is_half, cells)))
        raise TableError(f"the table holds what is no text in '{name}'", [halves]) from None


def _index(ids: pa.ChunkedArray) -> pd.Index:
    return pd.Index(ids.to_pandas(), name="account_id", dtype="str")
