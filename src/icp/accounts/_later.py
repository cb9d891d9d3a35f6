"""A second, later export of the same accounts, to see which columns are filled in after the outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from icp.accounts._cells import parse_column
from icp.accounts._conform import conform
from icp.accounts._ids import account_ids
from icp.accounts._raw import RawTable, read_raw
from icp.errors import ConfigError, TableError
from icp.options import AccountOptions
from icp.tables import Column

__all__ = ["read_later"]


def read_later(options: AccountOptions, columns: Sequence[Column], frame: pd.DataFrame) -> pd.DataFrame | None:
    """The cells of the later export, on the rows of the snapshot.

    Parameters
    ----------
    options : AccountOptions
        ``later_path`` names the file; everything else is as for the snapshot.
    columns : sequence of Column
        Of the snapshot.
    frame : DataFrame, shape (n_accounts, n_columns)
        The snapshot, indexed by account id.

    Returns
    -------
    DataFrame, shape (n_accounts, n_shared_columns), or None
        Columns that both have and that a model may learn from; an account that the later export lacks, or has twice,
        keeps the cells of the snapshot. None without ``later_path``.

    Raises
    ------
    ConfigError
        ``accounts.account_id`` is not set: rows of two exports cannot be matched by their number (``ICP014``).
    TableError
        The file cannot be read, or shares no account with the snapshot (``ICP125``).
    """
    if not options.later_path:
        return None
    if not options.account_id:
        raise ConfigError.one(
            "ICP014", "accounts.later_path needs accounts.account_id.", "Name the column with the account's id."
        )
    if not Path(options.later_path).is_file():
        message = f"there is no file '{options.later_path}' of later accounts."
        raise TableError.one("ICP100", message, "Check accounts.later_path.")
    raw = _read(options)
    names = set(raw.table.column_names)
    shared = [column for column in columns if column.is_trait and column.name in names]
    fitted, _ = conform(raw, shared, replace(options, observed_at=None, name_column=None, parent_id=None))
    ids, _ = account_ids(raw, options)
    once = ~ids.duplicated(keep=False)
    place = pd.Series(np.flatnonzero(once), index=ids[once]).reindex(frame.index)
    there = place.notna().to_numpy() & ~frame.index.duplicated(keep=False)
    if not there.any():
        raise TableError.one(
            "ICP125",
            f"the later table '{options.later_path}' shares no account with the accounts.",
            "Give a later export of the same accounts, with the same account_id.",
        )
    rows = place.to_numpy()[there].astype(np.int64)
    later = {}
    for column in fitted:
        cells = parse_column(raw.table.column(column.name), column, options.missing_values)[0]
        own = frame[column.name].copy()
        own[there] = pd.Series(cells[rows], index=own.index[there]).astype(own.dtype)
        later[column.name] = own
    return pd.DataFrame(later, index=frame.index)


def _read(options: AccountOptions) -> RawTable:
    source = "parquet" if str(options.later_path).lower().endswith((".parquet", ".pq")) else "csv"
    return read_raw(replace(options, source=source, path=options.later_path), "accounts", key="accounts.later_path")
