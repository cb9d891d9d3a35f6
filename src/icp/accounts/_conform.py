"""A model's columns, as another file writes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from icp._stored import strided
from icp.accounts._cells import Cells, alike, distinct_cells, joined, parse_column, parse_texts
from icp.accounts._columns import A_KIND, typed_kind
from icp.accounts._dates import any_format
from icp.accounts._kinds import as_date, profile_of
from icp.accounts._numbers import only_with
from icp.accounts._raw import RawTable, missing_columns, named_columns
from icp.errors import TableError
from icp.options import AccountOptions
from icp.tables import Column, Finding

__all__ = ["conform"]

_ROWS = 200_000
_MOSTLY = 0.5


def conform(
    raw: RawTable, columns: Sequence[Column], options: AccountOptions, *, findings: bool = True
) -> tuple[tuple[Column, ...], tuple[Finding, ...]]:
    """A model's columns, as this file writes them.

    Parameters
    ----------
    raw : RawTable
        The file to be scored.
    columns : sequence of Column
        As stored with the model.
    options : AccountOptions
        How to read the file.
    findings : bool, default=True
        Whether to look for what does not change how a column is read, and is only told.

    Returns
    -------
    columns : tuple of Column
        The same columns, with the decimal mark and date formats of this file; the model's where this file does not
        tell, or where the model's formats read every date in it.
    findings : tuple of Finding
        Columns that most cells do not fit (``ICP112``), and columns the model does not know (``ICP113``).

    Raises
    ------
    TableError
        Columns the model reads are missing (``ICP102``); all at once.
    """
    names, n_rows = raw.table.column_names, raw.table.num_rows
    problems = missing_columns([column.name for column in columns], names, "accounts")
    if problems:
        raise TableError.in_table("accounts", n_rows, raw.source, problems)
    if n_rows == 1 and not findings:
        told = ("date", "numeric") if options.decimal else ("date",)
        return tuple(_alone(one, options.decimal) if one.kind in told else one for one in columns), ()
    step = max(1, -(-n_rows // _ROWS))
    types = {field.name: field.type for field in raw.table.schema}
    kinds = A_KIND if findings else ("date", "numeric")
    asked = [column for column in columns if column.kind in kinds and typed_kind(types[column.name]) != column.kind]
    fitted: dict[str, tuple[Column, int, int]] = {}
    for some in alike(asked, -(-n_rows // step)):
        cells = strided(raw.table, [column.name for column in some], step)
        fitted.update((one.name, (one, bad, n_filled)) for one, bad, n_filled in _fit(some, cells, options, findings))
    found = [
        Finding("ICP112", "warning", _mostly_unreadable(one), "repaired", one.name, min(bad * step, n_rows))
        for one, bad, n_filled in (fitted[column.name] for column in asked)
        if findings and bad > _MOSTLY * max(n_filled, 1)
    ]
    known = {column.name for column in columns} | set(named_columns(options))
    extra = [name for name in names if name not in known]
    if extra:
        message = f"{len(extra)} column(s) the model does not read were left out."
        found.append(Finding("ICP113", "note", message, evidence={"columns": extra[:50]}))
    return tuple(fitted[column.name][0] if column.name in fitted else column for column in columns), tuple(found)


def _mostly_unreadable(column: Column) -> str:
    return f"most filled cells of column '{column.name}' do not read as {A_KIND[column.kind]}: taken as missing."


def _alone(column: Column, decimal: str | None) -> Column:
    """The column as one row is read: what its cell could tell of marks and formats it tells when it is read."""
    if column.kind == "numeric":
        return replace(column, decimal=decimal) if decimal else column
    stored = column.date_format.split("|") if column.date_format else []
    return replace(column, date_format="|".join(any_format(stored))) if column.kind == "date" else column


def _fit(
    some: Sequence[Column], values: Sequence[pa.ChunkedArray], options: AccountOptions, findings: bool
) -> Iterator[tuple[Column, int, int]]:
    """Columns read by the same rules, with their unreadable and their filled cells, as these cells are written."""
    cells = distinct_cells(joined(values), options.missing_values)
    index = cells.index.reshape(len(some), -1)
    n_filled = np.append(~cells.missing, False)[index].sum(axis=1)
    if some[0].kind == "numeric":
        some = _with_marks(some, cells, index, options.decimal)
    bad = np.zeros(len(some), dtype=np.int64)
    for mark in dict.fromkeys(column.decimal for column in some if findings or column.kind == "date"):
        mine = np.array([column.decimal == mark for column in some])
        readable = parse_texts(cells, replace(some[0], decimal=mark))[1]
        bad[mine] = (~readable)[index[mine]].sum(axis=1)
    for column, own, n_bad, n in zip(some, values, bad.tolist(), n_filled.tolist(), strict=True):
        stored = column.date_format.split("|")
        if column.kind == "date" and (n_bad or not column.date_format or _without_rivals(stored) != stored):
            yield *_with_formats(column, own, options), n
        else:
            yield column, n_bad, n


def _with_marks(some: Sequence[Column], cells: Cells, index: NDArray[np.int64], declared: str | None) -> list[Column]:
    """The decimal mark that is declared, else that most cells which read with one mark only give away."""
    if declared:
        return [replace(column, decimal=declared) for column in some]
    known = ~cells.missing
    dot, comma = only_with(cells.text.filter(pa.array(known)))
    votes = np.zeros(len(known) + 1, dtype=np.int64)
    votes[:-1][known] = dot.astype(np.int64) - comma
    marks = ["." if lead > 0 else "," if lead else None for lead in votes[index].sum(axis=1).tolist()]
    return [
        replace(column, decimal=mark) if mark and mark != column.decimal else column
        for column, mark in zip(some, marks, strict=True)
    ]


def _with_formats(column: Column, cells: pa.ChunkedArray, options: AccountOptions) -> tuple[Column, int]:
    """The column with the date formats of its cells before those stored, and the cells that still do not read."""
    stored = tuple(column.date_format.split("|")) if column.date_format else ()
    profile = profile_of(distinct_cells(cells, options.missing_values))
    found = as_date(profile, stored).date_format
    formats = dict.fromkeys([*(found.split("|") if found else ()), *stored])
    fitted = replace(column, date_format="|".join(_without_rivals(list(formats))))
    return fitted, int(profile.counts[parse_column(profile.text, fitted)[1]].sum())


def _without_rivals(formats: list[str]) -> list[str]:
    """A stored order of day and month gives way to the one this file shows."""
    order = {"%m/%d/%Y": 1, "%d/%m/%Y": 1, "%m/%d/%y": 2, "%d/%m/%y": 2, "%m-%d-%Y": 3, "%d-%m-%Y": 3}
    kept: list[str] = []
    for name in formats:
        if not any(order.get(name, 0) and order.get(name) == order.get(other) for other in kept):
            kept.append(name)
    return kept
