"""The sources a run names: accounts as they stand, dated history, and the date asked for."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from icp._progress import step
from icp.accounts import RawTable, read_raw
from icp.config import RunConfig
from icp.tables import DatedTable

__all__ = ["as_of_date", "read_history", "read_raw_accounts"]


def read_history(run: RunConfig) -> tuple[DatedTable | None, DatedTable | None]:
    """Events and outcomes, where the run names them.

    Parameters
    ----------
    run : RunConfig
        Resolved configuration.

    Returns
    -------
    events, outcomes : DatedTable or None
        None where the source is ``none``.
    """
    tables: list[DatedTable | None] = []
    for name, options in (("events", run.events), ("outcomes", run.outcomes)):
        if options.source == "none":
            tables.append(None)
            continue
        from icp.accounts import read_dated

        with step(f"reading {name}"):
            tables.append(read_dated(name, options))
    return tables[0], tables[1]


def read_raw_accounts(run: RunConfig, *tables: DatedTable | None, folder: Path | None = None) -> RawTable:
    """Accounts as the source has them, for scoring.

    Parameters
    ----------
    run : RunConfig
        Resolved configuration.
    *tables : DatedTable or None
        Dated history, for ``accounts=derived``.
    folder : Path, default=None
        Where cells are put that need not be in memory; None keeps all in memory.

    Returns
    -------
    RawTable
        Cells not parsed yet.
    """
    if run.accounts.source != "derived":
        with step("reading accounts"):
            return read_raw(run.accounts, "accounts", folder=folder)
    import pyarrow as pa

    from icp.accounts import derive_accounts

    derived = derive_accounts(*(table for table in tables if table is not None))
    ids = pa.table({"account_id": pa.array(derived.frame.index.to_numpy(dtype=object), pa.string())})
    return RawTable(ids, derived.source, "parquet", None, None, None, ())


def as_of_date(run: RunConfig) -> pd.Timestamp | None:
    """The cut-off date asked for.

    Parameters
    ----------
    run : RunConfig
        Resolved configuration.

    Returns
    -------
    Timestamp or None
        Midnight of ``as_of``.
    """
    return None if run.as_of is None else pd.Timestamp(run.as_of)
