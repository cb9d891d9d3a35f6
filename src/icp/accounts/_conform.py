"""A model's columns, as another file writes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
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
        Columns that most cells do not fit (``ICP112``), columns the model does not know (``ICP113``), and numbers such
        as ``1,234`` where nothing in the file tells what they mean (``ICP133``).

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
    fits: dict[str, _Fit] = {}
    for some in alike(asked, -(-n_rows // step)):
        cells = strided(raw.table, [column.name for column in some], step)
        fits.update((fit.column.name, fit) for fit in _fit(some, cells, options, findings))
    fitted, found = {name: fit.column for name, fit in fits.items()}, []
    turned = _turned(fits.values())
    for name, fit in ((column.name, fits[column.name]) for column in asked):
        if not fit.shown and turned[fit.column.decimal] > 0:
            fitted[name] = replace(fit.column, decimal="." if fit.column.decimal == "," else ",")
        elif findings and not fit.shown and fit.n_either and not turned[fit.column.decimal]:
            found.append(_either(fit.column, min(fit.n_either * step, n_rows)))
        if findings and fit.n_bad > _MOSTLY * max(fit.n_filled, 1):
            n_bad = min(fit.n_bad * step, n_rows)
            found.append(Finding("ICP112", "warning", _mostly_unreadable(fit.column), "repaired", name, n_bad))
    known = {column.name for column in columns} | set(named_columns(options))
    extra = [name for name in names if name not in known]
    if extra:
        message = f"{len(extra)} column(s) the model does not read were left out."
        found.append(Finding("ICP113", "note", message, evidence={"columns": extra[:50]}))
    return tuple(fitted.get(column.name, column) for column in columns), tuple(found)


@dataclass(frozen=True)
class _Fit:
    """A column as a file writes it, and how many of the cells looked at do not read, are filled, can be read two ways.

    ``stored`` is the model's own decimal mark, ``shown`` whether the cells tell theirs.
    """

    column: Column
    n_bad: int
    n_filled: int
    stored: str
    shown: bool = True
    n_either: int = 0


def _turned(fits: Iterable[_Fit]) -> Counter[str]:
    """For each mark of the model's own file: columns that have the other one now, less those that still have it.

    ``1,234`` alone can be either number. Beside a column that had decimal commas and now has decimal points it is the
    larger one.
    """
    turned: Counter[str] = Counter()
    for fit in fits:
        if fit.shown and fit.column.kind == "numeric":
            turned[fit.stored] += 1 if fit.column.decimal != fit.stored else -1
    return turned


def _either(column: Column, n_rows: int) -> Finding:
    mark, other = ("comma", ".") if column.decimal == "," else ("point", ",")
    cells = "1 cell" if n_rows == 1 else f"{n_rows:,} cells"
    message = (
        f"{cells} of column '{column.name}' may have groups of three digits or three decimals, such as "
        f"1{column.decimal}234: read with a decimal {mark}, as the table the model learned from was. If that is wrong, "
        f"set accounts.decimal='{other}'."
    )
    return Finding("ICP133", "warning", message, column=column.name, n_rows=n_rows)


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
) -> Iterator[_Fit]:
    """Columns read by the same rules, as these cells are written."""
    cells = distinct_cells(joined(values), options.missing_values)
    index = cells.index.reshape(len(some), -1)
    n_filled = np.append(~cells.missing, False)[index].sum(axis=1).tolist()
    bad = np.zeros(len(some), dtype=np.int64)
    if findings or some[0].kind == "date":  # a number that reads with one mark reads with the other
        bad = (~parse_texts(cells, some[0])[1])[index].sum(axis=1)
    if some[0].kind == "numeric":
        marks = _marks(cells, index, options.decimal)
        either = _either_way(cells, some[0].decimal)[index].sum(axis=1).tolist() if findings else [0] * len(some)
        for column, mark, n_bad, n, n_either in zip(some, marks, bad.tolist(), n_filled, either, strict=True):
            read = replace(column, decimal=mark or column.decimal)
            yield _Fit(read, n_bad, n, column.decimal, mark is not None, n_either)
        return
    for column, own, n_bad, n in zip(some, values, bad.tolist(), n_filled, strict=True):
        stored = column.date_format.split("|")
        if column.kind == "date" and (n_bad or not column.date_format or _without_rivals(stored) != stored):
            yield _Fit(*_with_formats(column, own, options), n, column.decimal)
        else:
            yield _Fit(column, n_bad, n, column.decimal)


def _marks(cells: Cells, index: NDArray[np.int64], declared: str | None) -> list[str | None]:
    """The decimal mark that is declared, else that most cells which read with one mark only give away."""
    if declared:
        return [declared] * len(index)
    known = ~cells.missing
    dot, comma = only_with(cells.text.filter(pa.array(known)))
    votes = np.zeros(len(known) + 1, dtype=np.int64)
    votes[:-1][known] = dot.astype(np.int64) - comma
    return ["." if lead > 0 else "," if lead else None for lead in votes[index].sum(axis=1).tolist()]


def _either_way(cells: Cells, mark: str) -> NDArray[np.bool_]:
    """Texts with the mark before three digits, where nothing tells whether these are decimals; one more for a null."""
    pattern = rf"^[^0-9]*[1-9][0-9]{{0,2}}[{mark}][0-9]{{3}}[^0-9.,]*$"
    found = pc.match_substring_regex(cells.text, pattern).to_numpy(zero_copy_only=False)
    return np.append(np.asarray(found, dtype=bool) & ~cells.missing, False)


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
