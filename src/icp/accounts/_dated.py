"""Dated rows of many accounts: events and outcomes."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icp.accounts._cells import distinct_cells, parse_column
from icp.accounts._ids import id_texts
from icp.accounts._kinds import as_date, as_number, profile_of
from icp.accounts._raw import RawTable, missing_columns, read_raw
from icp.errors import ConfigError, Problem, TableError
from icp.options import DatedOptions
from icp.tables import Column, DatedTable, Finding

__all__ = ["amount_cells", "amount_columns", "date_cells", "kind_cells", "left_out_rows", "read_dated"]

_PRODUCT = re.compile(r"^(.+?)\s*\*\s*(.+)$")


def read_dated(name: str, options: DatedOptions) -> DatedTable:
    """Read events or outcomes.

    Parameters
    ----------
    name : {"events", "outcomes"}
        What they are.
    options : DatedOptions
        Where they are and what their columns mean; ``amount`` may be the product of two columns.

    Returns
    -------
    DatedTable
        Sorted by date, then as in the source; rows without id or date left out and counted in a finding.

    Raises
    ------
    ConfigError
        ``account_id`` or ``at`` is not set (``ICP014``).
    TableError
        The source cannot be read, columns are missing (``ICP102``), no row has an id and a date (``ICP119``).
    """
    for key in ("account_id", "at"):
        if not getattr(options, key):
            raise ConfigError.one("ICP014", f"{name}.{key} is not set.", f"Give it: {name}.{key}=...")
    raw = read_raw(options, name)
    amounts = amount_columns(options.amount, raw)
    wanted = [column for column in (options.account_id, options.at, options.kind, *amounts) if column]
    problems = missing_columns(wanted, raw.table.column_names, name)
    if problems:
        raise TableError.in_table(name, raw.table.num_rows, raw.source, problems)
    return _assemble(name, raw, options, amounts)


def amount_columns(amount: str | None, raw: RawTable) -> list[str]:
    """The column with the amount, or the two whose product it is.

    Parameters
    ----------
    amount : str or None
        As in the options.
    raw : RawTable
        Whose columns they are.

    Returns
    -------
    list of str
        None, one or two names.
    """
    if not amount:
        return []
    product = _PRODUCT.match(amount)
    if amount in raw.table.column_names or product is None:
        return [amount]
    return [product.group(1).strip(), product.group(2).strip()]


def _assemble(name: str, raw: RawTable, options: DatedOptions, amounts: list[str]) -> DatedTable:
    ids, no_id = id_texts(raw.table.column(str(options.account_id)))
    unknown = {token.strip().lower() for token in options.missing_values}
    if unknown:
        no_id = no_id | np.isin(np.char.lower(ids.astype(str)), sorted(unknown))
    at, date_findings = date_cells(raw, options)
    amount, amount_findings = amount_cells(raw, options, amounts)
    kind = kind_cells(raw, options)
    no_date = np.isnat(at)
    left_out, left_findings = left_out_rows(name, no_id, no_date, options)
    rows = np.flatnonzero(~left_out)
    if not len(rows):
        problem = Problem("ICP119", "no row has both an id and a date.", f"Check {name}.account_id and {name}.at.")
        raise TableError.in_table(name, raw.table.num_rows, raw.source, [problem])
    rows = rows[np.argsort(at[rows], kind="stable")]
    frame = pd.DataFrame(
        {
            "account_id": pd.array(ids[rows], dtype="str"),
            "at": at[rows],
            "kind": pd.array(kind[rows], dtype="str"),
            "amount": amount[rows],
        }
    )
    findings = (*raw.findings, *date_findings, *amount_findings, *left_findings)
    return DatedTable(name, frame, raw.source, options.kind is not None, bool(amounts), findings)


def date_cells(raw: RawTable, options: DatedOptions) -> tuple[NDArray[np.datetime64], list[Finding]]:
    """The dates of the rows; NaT where none can be read.

    Parameters
    ----------
    raw : RawTable
        The cells.
    options : DatedOptions
        Which column.

    Returns
    -------
    at : ndarray of datetime64, shape (n_rows,)
    findings : list of Finding
    """
    name = str(options.at)
    cells = raw.table.column(name)
    guess = as_date(profile_of(distinct_cells(cells, options.missing_values)))
    column = Column(name, "observed_at", "date", guess.reason, date_format=guess.date_format)
    at, _ = parse_column(cells, column, options.missing_values)
    if not guess.note:
        return at, []
    message = f"dates of column '{name}' leave the order of day and month open: {guess.note}."
    return at, [Finding("ICP114", "warning", message, "noted", name)]


def amount_cells(raw: RawTable, options: DatedOptions, amounts: list[str]) -> tuple[NDArray[np.float64], list[Finding]]:
    """The amounts of the rows; NaN where unknown.

    Parameters
    ----------
    raw : RawTable
        The cells.
    options : DatedOptions
        Decimal mark and tokens that mean "not known".
    amounts : list of str
        Of :func:`amount_columns`.

    Returns
    -------
    amount : ndarray of float64, shape (n_rows,)
    findings : list of Finding
    """
    if not amounts:
        return np.full(raw.table.num_rows, np.nan), []
    total, findings = np.ones(raw.table.num_rows), []
    for name in amounts:
        cells = raw.table.column(name)
        guess = as_number(profile_of(distinct_cells(cells, options.missing_values)), options.decimal or ".")
        column = Column(name, "trait", "numeric", guess.reason, decimal=guess.decimal)
        values, unreadable = parse_column(cells, column, options.missing_values)
        total = total * values
        if unreadable.any():
            message = f"cells of column '{name}' do not read as a number: taken as missing."
            findings.append(Finding("ICP111", "warning", message, "repaired", name, int(unreadable.sum())))
    return total, findings


def kind_cells(raw: RawTable, options: DatedOptions) -> NDArray[np.object_]:
    """What happened, as text; empty where nothing says so.

    Parameters
    ----------
    raw : RawTable
        The cells.
    options : DatedOptions
        Which column.

    Returns
    -------
    ndarray of object, shape (n_rows,)
    """
    if options.kind is None:
        return np.full(raw.table.num_rows, "", dtype=object)
    column = Column(options.kind, "trait", "categorical", "")
    kinds, _ = parse_column(raw.table.column(options.kind), column, options.missing_values)
    return np.where(pd.isna(kinds), "", kinds)


def left_out_rows(
    name: str, no_id: NDArray[np.bool_], no_date: NDArray[np.bool_], options: DatedOptions
) -> tuple[NDArray[np.bool_], list[Finding]]:
    """Rows without id or date, and the finding that counts them.

    Parameters
    ----------
    name : str
        Of the table.
    no_id, no_date : ndarray of bool, shape (n_rows,)
        What each lacks.
    options : DatedOptions
        For the names of the columns.

    Returns
    -------
    left_out : ndarray of bool, shape (n_rows,)
    findings : list of Finding
    """
    left_out = no_id | no_date
    if not left_out.any():
        return left_out, []
    message = (
        f"rows of {name} were left out: {int(no_id.sum()):,} without an id in '{options.account_id}', "
        f"{int((no_date & ~no_id).sum()):,} without a readable date in '{options.at}'."
    )
    evidence = {"no_id": int(no_id.sum()), "no_date": int((no_date & ~no_id).sum()), "rows": len(no_id)}
    return left_out, [Finding("ICP120", "warning", message, "repaired", n_rows=int(left_out.sum()), evidence=evidence)]
