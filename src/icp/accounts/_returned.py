"""Tables that come back from a CRM: activities, dispositions, outcomes, with their columns mapped by options."""

from __future__ import annotations

import numpy as np
import pandas as pd

from icp.accounts._cells import parse_column
from icp.accounts._dated import amount_cells, amount_columns, date_cells, kind_cells, left_out_rows
from icp.accounts._ids import id_texts
from icp.accounts._raw import RawTable, missing_columns, read_raw
from icp.errors import ConfigError, Problem, TableError
from icp.options import DatedOptions
from icp.tables import Column, Finding

__all__ = ["read_returned"]

_TEXTS = ("rep", "team", "message", "note")


def read_returned(name: str, options: DatedOptions) -> tuple[pd.DataFrame, list[Finding]]:
    """Read what came back from sales.

    Parameters
    ----------
    name : {"activities", "dispositions", "outcomes"}
        What it is.
    options : DatedOptions or ReturnOptions
        Where it is and what its columns mean.

    Returns
    -------
    frame : DataFrame
        ``record_id, account_id, at, kind, amount, rep, team, message, note``, in the order of the source; empty texts
        where the options name no column, and no ``record_id`` column where they name none.
    findings : list of Finding
        Rows without id or date are left out and counted (``ICP120``).

    Raises
    ------
    ConfigError
        ``account_id`` or ``at`` is not set (``ICP014``).
    TableError
        The source cannot be read, columns are missing (``ICP102``), or no row has an id and a date (``ICP618``).
    """
    for key in ("account_id", "at"):
        if not getattr(options, key):
            raise ConfigError.one("ICP014", f"{name}.{key} is not set.", f"Give it: {name}.{key}=...")
    raw = read_raw(options, name)
    texts = {key: getattr(options, key, None) for key in (*_TEXTS, "record_id")}
    amounts = amount_columns(options.amount, raw)
    wanted = [options.account_id, options.at, options.kind, *texts.values(), *amounts]
    problems = missing_columns([str(column) for column in wanted if column], raw.table.column_names, name)
    if problems:
        raise TableError.in_table(name, raw.table.num_rows, raw.source, problems)
    ids, no_id = id_texts(raw.table.column(str(options.account_id)))
    at, found = date_cells(raw, options)
    amount, more = amount_cells(raw, options, amounts)
    left_out, rest = left_out_rows(name, no_id, np.isnat(at), options)
    if left_out.all():
        raise TableError.in_table(name, len(left_out), raw.source, [_nothing_left(raw, name, no_id, at, options)])
    columns: dict[str, object] = {
        "account_id": pd.array(ids, dtype="str"), "at": at, "kind": kind_cells(raw, options), "amount": amount,
    }  # fmt: skip
    for key in _TEXTS:
        columns[key] = _texts(raw, texts[key], options)
    if texts["record_id"]:
        columns["record_id"] = id_texts(raw.table.column(str(texts["record_id"])))[0]
    frame = pd.DataFrame(columns)[~left_out].reset_index(drop=True)
    return frame, [*raw.findings, *found, *more, *rest]


def _nothing_left(raw: RawTable, name: str, no_id: np.ndarray, at: np.ndarray, options: DatedOptions) -> Problem:
    """All rows would be left out: a column that is another one, or dates in a form that nothing reads."""
    key = "account_id" if int(no_id.sum()) > int(np.isnat(at).sum()) else "at"
    column, what = str(getattr(options, key)), {"account_id": "an id", "at": "a readable date"}[key]
    shown = tuple(dict.fromkeys(str(cell)[:40] for cell in raw.table.column(column)[:3].to_pylist() if cell))
    action = f"Check {name}.{key}" + ("; write dates as 2026-03-31." if key == "at" else ".")
    return Problem("ICP618", f"no row has {what} in '{column}'.", action, column, len(at), shown)


def _texts(raw: RawTable, column: str | None, options: DatedOptions) -> np.ndarray:
    if not column:
        return np.full(raw.table.num_rows, "", dtype=object)
    cells, _ = parse_column(raw.table.column(column), Column(column, "trait", "text", ""), options.missing_values)
    return np.where(pd.isna(cells), "", cells)
