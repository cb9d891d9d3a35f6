"""What ``compare.model`` of ``icp.score`` asks for: why each account's score is not what it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa

from icp._inputs import read_raw_accounts
from icp.accounts import RawTable
from icp.bundle import Bundle, read
from icp.config import RunConfig
from icp.engines import ScoringContext, change_table, prepare
from icp.errors import ConfigError, TableError
from icp.tables import DatedTable
from icp.tracking import find_bundle

__all__ = ["read_earlier", "score_changes"]


def read_earlier(config: RunConfig) -> Bundle | None:
    """The version to compare with.

    Parameters
    ----------
    config : RunConfig
        Resolved.

    Returns
    -------
    Bundle or None
        None where none is named.

    Raises
    ------
    ConfigError
        Earlier accounts are named without a version, or where accounts are not a file (``ICP533``).
    ModelNotFoundError, BundleError
        It is not there, or damaged.
    TableError
        There is no file at ``compare.path`` (``ICP100``).
    """
    asked = config.compare
    if not asked.model:
        if asked.path or asked.as_of:
            message = "compare.path and compare.as_of need compare.model: the version that gave the earlier scores."
            raise ConfigError.one("ICP533", message, "Add compare.model=models:/name/3, or the same model twice.")
        return None
    if asked.path and config.accounts.source not in ("csv", "parquet"):
        message = f"compare.path is a file, and accounts are read from {config.accounts.source}."
        raise ConfigError.one("ICP533", message, "Leave compare.path out: then only the model is compared.")
    if asked.path and not Path(asked.path).is_file():
        raise TableError.one("ICP100", f"there is no file '{asked.path}' of earlier accounts.", "Check compare.path.")
    return read(find_bundle(asked.model, config.tracking))


def score_changes(
    earlier: Bundle,
    config: RunConfig,
    after: tuple[pa.Table, ScoringContext],
    raw: RawTable,
    events: DatedTable | None,
    outcomes: DatedTable | None,
) -> pa.Table:
    """Each account's change of score against an earlier version, and perhaps earlier data.

    Parameters
    ----------
    earlier : Bundle
        From :func:`read_earlier`.
    config : RunConfig
        Resolved.
    after : (Table, ScoringContext)
        As scored now.
    raw : RawTable
        The accounts scored now.
    events, outcomes : DatedTable or None
        Dated history.

    Returns
    -------
    Table
        The content of ``changes.csv``.
    """
    asked = config.compare
    first = raw
    if asked.path:
        first = read_raw_accounts(replace(config, accounts=replace(config.accounts, path=asked.path)), events, outcomes)
    now = pd.Timestamp(after[1].as_of) if not pd.isna(after[1].as_of) else None
    then = now if asked.as_of is None else pd.Timestamp(asked.as_of)
    before, moved = (
        prepare(table, earlier, config.accounts, events=events, outcomes=outcomes, as_of=date)[:2]
        for table, date in ((first, then), (raw, now))
    )
    return change_table(before, moved, after)
