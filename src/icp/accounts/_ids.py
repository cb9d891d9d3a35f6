"""Account ids: text exactly as written, never a number."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from icp.accounts._cells import text_cells
from icp.accounts._raw import RawTable, missing_columns
from icp.errors import Problem, TableError
from icp.options import AccountOptions
from icp.tables import Finding

__all__ = ["account_ids", "damaged_ids", "empty_ids_error", "id_findings", "id_texts"]

_DAMAGED = r"^[0-9](\.[0-9]+)?E\+[0-9]+$|^[0-9]+\.0+$"


def account_ids(raw: RawTable, options: AccountOptions) -> tuple[pd.Index, tuple[Finding, ...]]:
    """The id of each row.

    Parameters
    ----------
    raw : RawTable
        The source.
    options : AccountOptions
        ``account_id`` names the column; without it a row's number, counted from 1, is its id.

    Returns
    -------
    ids : Index of str, shape (n_rows,)
        Named ``account_id``, trimmed, in input order.
    findings : tuple of Finding
        Repeated ids (``ICP104``, an issue: the caller decides), ids a spreadsheet seems to have damaged (``ICP115``),
        rows numbered for want of ids (``ICP116``).

    Raises
    ------
    TableError
        The column is missing (``ICP102``) or a row has no id (``ICP103``).
    """
    n_rows = raw.table.num_rows
    if options.account_id is None:
        numbers = pd.Index(np.arange(1, n_rows + 1).astype(str), dtype="str", name="account_id")
        return numbers, id_findings(None, n_rows)
    problems = missing_columns([options.account_id], raw.table.column_names, "accounts")
    if problems:
        raise TableError.in_table("accounts", n_rows, raw.source, problems)
    ids, empty = id_texts(raw.table.column(options.account_id))
    if empty.any():
        raise empty_ids_error(options.account_id, n_rows, raw.source, int(empty.sum()), np.flatnonzero(empty)[:3])
    index = pd.Index(ids, dtype="str", name="account_id")
    n_damaged = int(damaged_ids(ids).sum())
    again = index.duplicated(keep=False)
    repeated = (int(index[again].nunique()), int(again.sum()))
    return index, id_findings(options.account_id, n_rows, repeated, n_damaged)


def empty_ids_error(column: str, n_rows: int, source: str, n_empty: int, rows: Iterable[int]) -> TableError:
    """Rows without an id, as an error.

    Parameters
    ----------
    column : str
        The id column.
    n_rows : int
        Rows of the table.
    source : str
        For the message.
    n_empty : int
        Rows without an id.
    rows : iterable of int
        A few of them, counted from 0.

    Returns
    -------
    TableError
        Code ``ICP103``.
    """
    problem = Problem(
        "ICP103",
        f"the id column '{column}' is empty.",
        "Give every row an id, or leave accounts.account_id out.",
        column=column,
        n_rows=n_empty,
        examples=tuple(f"row {row + 1:,}" for row in rows),
    )
    return TableError.in_table("accounts", n_rows, source, [problem])


def id_findings(
    column: str | None, n_rows: int, repeated: tuple[int, int] = (0, 0), n_damaged: int = 0
) -> tuple[Finding, ...]:
    """What there is to say of ids, from counts alone.

    Parameters
    ----------
    column : str or None
        The id column; None where rows are numbered.
    n_rows : int
        Rows of the table.
    repeated : (int, int), default=(0, 0)
        Different ids that repeat, and rows they stand in.
    n_damaged : int, default=0
        Ids that look as if a spreadsheet had turned them into numbers.

    Returns
    -------
    tuple of Finding
        ``ICP104``, ``ICP115``, ``ICP116``.
    """
    if column is None:
        message = "no accounts.account_id is set: a row's number is its id, so the order of rows must not change."
        return (Finding("ICP116", "note", message, n_rows=n_rows),)
    found = []
    if repeated[1]:
        message = f"ids in '{column}' repeat: {repeated[0]:,} different ids stand in {repeated[1]:,} rows."
        found.append(Finding("ICP104", "issue", message, "noted", column, repeated[1]))
    if n_damaged:
        message = f"ids in '{column}' look as if a spreadsheet had turned them into numbers (like 1.23E+05 or 123.0)."
        found.append(Finding("ICP115", "warning", message, "noted", column, n_damaged))
    return tuple(found)


def id_texts(values: pa.ChunkedArray) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Ids as trimmed text, and which are empty.

    Parameters
    ----------
    values : ChunkedArray, shape (n_rows,)
        Cells of any type.

    Returns
    -------
    ids : ndarray of str, shape (n_rows,)
        ``""`` where there is none.
    empty : ndarray of bool, shape (n_rows,)
        Rows without an id.
    """
    encoded = text_cells(values).dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.unify_dictionaries().combine_chunks()
    words = pc.utf8_trim_whitespace(encoded.dictionary.cast(pa.string())).to_pylist()
    index = pc.fill_null(encoded.indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
    ids = np.array([*words, ""], dtype=object)[index]
    return ids, np.array([*(not word for word in words), True], dtype=bool)[index]


def damaged_ids(ids: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Which ids look as if a spreadsheet had turned them into numbers.

    Parameters
    ----------
    ids : ndarray of str, shape (n_rows,)
        Trimmed.

    Returns
    -------
    ndarray of bool, shape (n_rows,)
        True for ``1.23E+05`` and ``123.0``.
    """
    matches = pc.match_substring_regex(pa.array(ids, pa.string()), _DAMAGED, ignore_case=True)
    return np.asarray(matches.to_numpy(zero_copy_only=False), dtype=bool)
