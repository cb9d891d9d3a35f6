"""Account ids: text exactly as written, never a number."""

from __future__ import annotations

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

__all__ = ["account_ids", "id_texts", "repeated_ids"]

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
        message = "no accounts.account_id is set: a row's number is its id, so the order of rows must not change."
        return numbers, (Finding("ICP116", "note", message, n_rows=n_rows),)
    problems = missing_columns([options.account_id], raw.table.column_names, "accounts")
    if problems:
        raise TableError.in_table("accounts", n_rows, raw.source, problems)
    ids, empty = id_texts(raw.table.column(options.account_id))
    if empty.any():
        rows = tuple(f"row {row + 1:,}" for row in np.flatnonzero(empty)[:3])
        problem = Problem(
            "ICP103",
            f"the id column '{options.account_id}' is empty.",
            "Give every row an id, or leave accounts.account_id out.",
            column=options.account_id,
            n_rows=int(empty.sum()),
            examples=rows,
        )
        raise TableError.in_table("accounts", n_rows, raw.source, [problem])
    index = pd.Index(ids, dtype="str", name="account_id")
    return index, (*repeated_ids(index, options.account_id), *_damaged_ids(ids, options.account_id))


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


def repeated_ids(ids: pd.Index, column: str) -> tuple[Finding, ...]:
    """Ids that stand in more than one row.

    Parameters
    ----------
    ids : Index of str
        All ids.
    column : str
        Where they come from.

    Returns
    -------
    tuple of Finding
        One (``ICP104``), or none.
    """
    again = ids.duplicated(keep=False)
    if not again.any():
        return ()
    message = f"ids in '{column}' repeat: {ids[again].nunique():,} different ids stand in {int(again.sum()):,} rows."
    return (Finding("ICP104", "issue", message, "noted", column, int(again.sum())),)


def _damaged_ids(ids: NDArray[np.object_], column: str) -> tuple[Finding, ...]:
    damaged = pc.match_substring_regex(pa.array(ids, pa.string()), _DAMAGED, ignore_case=True)
    n_damaged = int(pc.sum(damaged.cast(pa.int64())).as_py() or 0)
    if not n_damaged:
        return ()
    message = f"ids in '{column}' look as if a spreadsheet had turned them into numbers (like 1.23E+05 or 123.0)."
    return (Finding("ICP115", "warning", message, "noted", column, n_damaged),)
