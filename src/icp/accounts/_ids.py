"""Account ids: text exactly as written, never a number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from icp._spill import Repeats, find_repeats
from icp._stored import read_batches
from icp.accounts._cells import encoded_cells, text_cells
from icp.accounts._raw import RawTable, missing_columns
from icp.errors import Problem, TableError
from icp.options import AccountOptions
from icp.tables import Finding

__all__ = [
    "account_ids",
    "batch_ids",
    "check_ids",
    "empty_ids_error",
    "id_batches",
    "id_faults",
    "id_findings",
    "id_texts",
]

_MARKS = {
    "damaged": r"^[0-9](\.[0-9]+)?E\+[0-9]+$|^[0-9]+\.0+$",
    "totals": r"^((grand|sub)[ -]?)?totals?:?$"
    r"|^(sum|summe|gesamt(summe|ergebnis)?|insgesamt|total g[eé]n[eé]ral|totale?|totaal|eindtotaal|suma):?$",
}
"""What ids that are none look like: turned into numbers by a spreadsheet, or the head of a line of totals."""


def account_ids(raw: RawTable, options: AccountOptions) -> tuple[pd.Index, tuple[Finding, ...]]:
    """The id of each row, all in memory.

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
        As :func:`check_ids` gives them.

    Raises
    ------
    TableError
        As :func:`check_ids` says.
    """
    findings = check_ids(raw, options)
    ids = [part.to_numpy(zero_copy_only=False) for part in id_batches(raw, options)]
    return pd.Index(np.concatenate(ids), dtype="str", name="account_id"), findings


def check_ids(
    raw: RawTable, options: AccountOptions, folder: Path | None = None, *, findings: bool = True
) -> tuple[Finding, ...]:
    """What there is to say of the ids, looked at in batches.

    Parameters
    ----------
    raw : RawTable
        The source.
    options : AccountOptions
        ``account_id`` names the column.
    folder : Path, default=None
        Where ids go while repeats are looked for, when there are many; None keeps them in memory.
    findings : bool, default=True
        Whether to look for more than what is refused.

    Returns
    -------
    tuple of Finding
        Repeated ids (``ICP104``, an issue: the caller decides), ids a spreadsheet seems to have damaged (``ICP115``),
        rows numbered for want of ids (``ICP116``), lines of totals (``ICP134``).

    Raises
    ------
    TableError
        The column is missing (``ICP102``) or a row has no id (``ICP103``).
    """
    n_rows, name = raw.table.num_rows, options.account_id
    if name is None:
        return id_findings(None, n_rows)
    problems = missing_columns([name], raw.table.column_names, "accounts")
    if problems:
        raise TableError.in_table("accounts", n_rows, raw.source, problems)
    seen = _Seen(findings)
    ids, repeats = seen.passing(id_batches(raw, options)), None
    if findings:
        repeats = find_repeats(ids, folder)
    for _ in ids:
        pass
    if seen.n_empty:
        raise empty_ids_error(name, n_rows, raw.source, seen.n_empty, seen.empty)
    return id_findings(name, n_rows, repeats, seen.marks)


def id_faults(ids: pa.Array) -> tuple[NDArray[np.int64], Counter[str]]:
    """What is wrong with some ids by themselves.

    Parameters
    ----------
    ids : Array, shape (n_rows,)
        Text from :func:`batch_ids`.

    Returns
    -------
    empty : ndarray of int64
        Rows without an id, counted from 0.
    marks : Counter of str
        How many look as if a spreadsheet had turned them into numbers (``damaged``: ``1.23E+05``, ``123.0``), and how
        many stand before a line of totals (``totals``: ``Grand total``).
    """
    found = {
        name: pc.sum(pc.match_substring_regex(ids, form, ignore_case=True)).as_py() for name, form in _MARKS.items()
    }
    return _empty(ids), Counter({name: int(n) for name, n in found.items() if n})


def _empty(ids: pa.Array) -> NDArray[np.int64]:
    return np.flatnonzero(pc.equal(ids, "").to_numpy(zero_copy_only=False))


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
    column: str | None, n_rows: int, repeats: Repeats | None = None, marks: Mapping[str, int] = MappingProxyType({})
) -> tuple[Finding, ...]:
    """What there is to say of ids, from counts alone.

    Parameters
    ----------
    column : str or None
        The id column; None where rows are numbered.
    n_rows : int
        Rows of the table.
    repeats : Repeats, default=None
        Ids that stand in more than one row; None where there is no id column.
    marks : mapping of str to int, default={}
        As :func:`id_faults` counts them.

    Returns
    -------
    tuple of Finding
        ``ICP104``, ``ICP115``, ``ICP116``, ``ICP134``.
    """
    if column is None:
        message = "no accounts.account_id is set: a row's number is its id, so the order of rows must not change."
        return (Finding("ICP116", "note", message, n_rows=n_rows),)
    found = []
    if repeats is not None and repeats.n_rows:
        message = f"ids in '{column}' repeat: {repeats.n_values:,} different ids stand in {repeats.n_rows:,} rows."
        found.append(Finding("ICP104", "issue", message, "noted", column, repeats.n_rows))
    if marks.get("damaged"):
        message = f"ids in '{column}' look as if a spreadsheet had turned them into numbers (like 1.23E+05 or 123.0)."
        found.append(Finding("ICP115", "warning", message, "noted", column, marks["damaged"]))
    if marks.get("totals"):
        message = f"rows of '{column}' are called 'Total' or the like: a line of totals is no account. Take it out."
        found.append(Finding("ICP134", "warning", message, "noted", column, marks["totals"]))
    return tuple(found)


@dataclass
class _Seen:
    """What ids show one by one, while they pass."""

    look: bool
    n_empty: int = 0
    marks: Counter[str] = field(default_factory=Counter)
    empty: list[int] = field(default_factory=list)

    def passing(self, batches: Iterable[pa.Array]) -> Iterator[pa.Array]:
        first = 0
        for ids in batches:
            without, marks = id_faults(ids) if self.look else (_empty(ids), Counter())
            self.n_empty += len(without)
            self.empty.extend((without[: 3 - len(self.empty)] + first).tolist())
            self.marks += marks
            first += len(ids)
            yield ids


def id_batches(raw: RawTable, options: AccountOptions) -> Iterator[pa.Array]:
    """The ids of a source in batches.

    Parameters
    ----------
    raw : RawTable
        The source.
    options : AccountOptions
        ``account_id`` names the column.

    Yields
    ------
    Array of string
        As :func:`batch_ids` gives them.
    """
    first = 0
    for batch in read_batches(raw.table, [options.account_id] if options.account_id else []):
        yield batch_ids(batch, options, first)
        first += len(batch)


def batch_ids(batch: pa.RecordBatch, options: AccountOptions, first: int) -> pa.Array:
    """The ids of some rows.

    Parameters
    ----------
    batch : RecordBatch
        With the id column, where there is one.
    options : AccountOptions
        ``account_id`` names the column; without it a row's number, counted from 1, is its id.
    first : int
        Rows before these.

    Returns
    -------
    Array of string
        Trimmed; ``""`` where there is none.
    """
    if options.account_id is None:
        return pa.array(np.arange(first + 1, first + len(batch) + 1)).cast(pa.string())
    cells = text_cells(batch.column(options.account_id)).cast(pa.string())
    return pc.fill_null(pc.utf8_trim_whitespace(cells), "")


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
    different, place = encoded_cells(text_cells(values))
    words = pc.utf8_trim_whitespace(different.cast(pa.string())).to_pylist()
    index = pc.fill_null(place.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
    ids = np.array([*words, ""], dtype=object)[index]
    return ids, np.array([*(not word for word in words), True], dtype=bool)[index]
