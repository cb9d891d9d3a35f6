"""A file of other accounts, such as the whole market, to compare best customers with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from icp.accounts._accounts import frame_of
from icp.accounts._cells import parse_column
from icp.accounts._conform import conform
from icp.accounts._ids import account_ids
from icp.accounts._raw import read_raw
from icp.errors import TableError
from icp.options import AccountOptions
from icp.tables import AccountTable, BaseTable, Column, Finding

__all__ = ["read_market"]


def read_market(
    path: str, options: AccountOptions, columns: Sequence[Column], as_of: pd.Timestamp | None = None
) -> BaseTable:
    """Read the columns that a market file shares with the accounts, cell by cell as in the accounts.

    Parameters
    ----------
    path : str
        CSV (also ``.gz``) or Parquet file. Without the column of ``accounts.account_id`` its rows are nobody's known.
    options : AccountOptions
        How the accounts are read.
    columns : sequence of Column
        Of the accounts.
    as_of : Timestamp, default=None
        Date of the picture, for ages.

    Returns
    -------
    BaseTable
        With the finding ``ICP244`` where it lacks columns.

    Raises
    ------
    TableError
        The file cannot be read, or shares no column with the accounts (``ICP243``).
    """
    kind = "parquet" if path.lower().endswith((".parquet", ".pq")) else "csv"
    plain = replace(
        options,
        source=kind,
        path=path,
        name_column=None,
        parent_id=None,
        observed_at=None,
        worked=None,
        later_path=None,
    )
    raw = read_raw(plain, "the base", key="profiles.base")
    names = set(raw.table.column_names)
    traits = [column for column in columns if column.is_trait]
    shared = [column for column in traits if column.name in names]
    if not shared:
        message = f"the market file '{Path(path).name}' has no column that the accounts have."
        raise TableError.one("ICP243", message, "Name its columns as in the accounts.", n_rows=raw.table.num_rows)
    fitted, found = conform(raw, shared, plain)
    findings = [finding for finding in found if finding.code == "ICP112"]
    lacking = [column.name for column in traits if column.name not in names]
    if lacking:
        shown = ", ".join(f"'{name}'" for name in lacking[:5]) + (f" and {len(lacking) - 5} more" * (len(lacking) > 5))
        message = f"the market file has no column {shown}: left out of the index profile."
        findings.append(Finding("ICP244", "note", message, evidence={"columns": lacking}))
    if options.account_id in names:
        ids, _ = account_ids(raw, plain)
    else:
        ids = pd.Index([f"row {i + 1} of the market" for i in range(raw.table.num_rows)], dtype="str")
    parsed = {
        column.name: parse_column(raw.table.column(column.name), column, options.missing_values)[0] for column in fitted
    }
    accounts = AccountTable(frame_of(parsed, fitted, ids), fitted, path, as_of)
    when = np.datetime64("NaT", "us") if as_of is None else as_of.to_datetime64().astype("datetime64[us]")
    dates = pd.Series(np.full(len(ids), when), index=ids, name="as_of")
    return BaseTable(f"the accounts of {Path(path).name}", accounts, dates, strangers=True, findings=tuple(findings))
