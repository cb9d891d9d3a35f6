"""A list of leads matched to the accounts, and written with what was found."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from icp._csv import csv_bytes
from icp._files import staged_folder
from icp.accounts import RawTable, match_accounts, missing_columns, read_raw
from icp.config import RunConfig
from icp.delivery import FORMULA
from icp.errors import ConfigError, Problem, TableError
from icp.options import AccountOptions
from icp.tables import Finding

__all__ = ["match_leads"]

_SIGNED_NUMBER = r"^[+-][0-9\s.,()/-]*$"
"""A number or a telephone number, which a spreadsheet shows as it is or works out to a number."""


def match_leads(config: RunConfig) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Find the account of each lead; writes ``leads.csv``.

    Parameters
    ----------
    config : RunConfig
        With ``leads`` and ``accounts``.

    Returns
    -------
    matches : DataFrame, shape (n_leads, 6)
        As :func:`icp.match_accounts` gives them.
    findings : tuple of Finding
        ``ICP207`` for a column of domains that holds none, ``ICP744`` where several accounts may be meant, ``ICP749``
        for cells that a spreadsheet would run.

    Raises
    ------
    ConfigError
        ``leads.path``, ``accounts.account_id`` or ``accounts.name_column`` is not set, or the method cannot be used
        (``ICP746`` to ``ICP748``).
    TableError
        A table cannot be read, or lacks a column.
    """
    options, accounts = config.leads, config.accounts
    needed = {"leads.path": options.path, "accounts.account_id": accounts.account_id,
              "accounts.name_column": accounts.name_column}  # fmt: skip
    unset = [Problem("ICP008", f"match needs '{key}'.", f"Add {key}=...") for key, value in needed.items() if not value]
    if accounts.source == "derived":
        unset.append(Problem("ICP008", "accounts=derived has no names.", "Use accounts=csv, parquet or sql."))
    if unset:
        raise ConfigError("Leads cannot be matched to accounts.", unset)
    leads = read_raw(AccountOptions(source="csv", path=options.path), "leads")
    known = read_raw(accounts, "accounts")
    columns = {"account_id": accounts.account_id, "name": accounts.name_column, "parent_id": accounts.parent_id}
    pairs = [(lead, account or lead) for lead, _, account in (text.partition("=") for text in options.compare)]
    problems = _missing(leads, [options.name, options.domain, *(lead for lead, _ in pairs)], "leads")
    problems += _missing(known, [*columns.values(), options.account_domain, *(one for _, one in pairs)], "accounts")
    if problems:
        raise TableError("Leads cannot be matched to accounts.", problems)
    further = [f"compare: {lead}" for lead, _ in pairs]
    matches = match_accounts(
        _frame(
            leads, {"name": options.name, "domain": options.domain, **{f"compare: {lead}": lead for lead, _ in pairs}}
        ),
        _frame(
            known, {**columns, "domain": options.account_domain, **{f"compare: {lead}": one for lead, one in pairs}}
        ),
        method=options.method,
        compare=further,
    )
    found = _write(config, leads, matches)
    found += _without_domains(leads, options.domain, "leads.domain")
    found += _without_domains(known, options.account_domain, "leads.account_domain")
    unclear = int((matches["outcome"] == "ambiguous").sum())
    if unclear:
        who = "1 lead" if unclear == 1 else f"{unclear:,} leads"
        message = f"{who} may belong to several accounts; none was picked. Decide by column 'candidates'."
        found.append(Finding("ICP744", "note", message, n_rows=unclear))
    return matches, tuple(found)


def _without_domains(raw: RawTable, name: str | None, key: str) -> list[Finding]:
    """A warning where a column of domains is named, is filled, and holds none."""
    cells = [str(cell).strip() for cell in raw.table.column(name).to_pylist() if cell] if name else []
    if not cells or any("." in cell and " " not in cell for cell in cells):
        return []
    message = (
        f"no cell of '{name}' holds a web or mail address, so nothing was found by it. Name another column with {key}=."
    )
    return [Finding("ICP207", "warning", message, column=name, n_rows=len(cells))]


def _missing(raw: RawTable, names: list[str | None], table: str) -> list[Problem]:
    return missing_columns([name for name in names if name], raw.table.column_names, table)


def _frame(raw: RawTable, columns: dict[str, str | None]) -> pd.DataFrame:
    cells = {name: raw.table.column(column).cast(pa.string()).to_pylist() for name, column in columns.items() if column}
    return pd.DataFrame(cells, dtype=object)


def _write(config: RunConfig, leads: RawTable, matches: pd.DataFrame) -> list[Finding]:
    """The leads as they came, but for what a spreadsheet would run, with what was found behind them."""
    table, found = {}, []
    for name in leads.table.column_names:
        text = leads.table.column(name).cast(pa.string())
        runs = pc.and_not(pc.match_substring_regex(text, FORMULA), pc.match_substring_regex(text, _SIGNED_NUMBER))
        if n_rows := pc.sum(runs).as_py():
            found.append(_defused(name, n_rows))
            text = pc.if_else(runs, pc.binary_join_element_wise("'", text, ""), text)
        table[name] = text
    for name in matches.columns:
        cells = [None if pd.isna(cell) else f"{cell:.4f}" if name == "confidence" else cell for cell in matches[name]]
        table[name if name not in table else f"{name} (found)"] = pa.array(cells, pa.string())
    with staged_folder(config.output) as stage:
        (stage / "leads.csv").write_bytes(csv_bytes(pa.table(table)))
    return found


def _defused(name: str, n_rows: int) -> Finding:
    cells = "1 cell starts" if n_rows == 1 else f"{n_rows:,} cells start"
    message = f"{cells} like a formula; an apostrophe was put before, so that no spreadsheet runs it."
    return Finding("ICP749", "warning", message, column=name, n_rows=n_rows)
