"""What ``compare.model`` of ``icp.score`` asks for: why each account's score is not what it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from icp.bundle import Bundle, read
from icp.config import RunConfig
from icp.errors import ConfigError, TableError
from icp.tracking import find_bundle

if TYPE_CHECKING:
    import pyarrow as pa

    from icp.engines import AccountRows, ScoringContext

__all__ = ["read_earlier", "score_changes", "write_changes"]


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
    earlier: Bundle, config: RunConfig, after: tuple[AccountRows, ScoringContext], folder: Path
) -> Iterator[pa.Table]:
    """Each account's change of score against an earlier version, and perhaps earlier data.

    Parameters
    ----------
    earlier : Bundle
        From :func:`read_earlier`.
    config : RunConfig
        Resolved.
    after : (AccountRows, ScoringContext)
        As scored now.
    folder : Path
        Where the earlier accounts and their contributions are put.

    Yields
    ------
    Table
        Rows of ``changes.csv``.
    """
    import pandas as pd

    from icp._sources import read_raw_accounts
    from icp.engines import changes, prepare

    asked, (rows, context) = config.compare, after
    first = rows.raw
    if asked.path:
        read = replace(config, accounts=replace(config.accounts, path=asked.path))
        first = read_raw_accounts(read, rows.events, rows.outcomes, folder=folder / "accounts")
    now = pd.Timestamp(context.as_of) if not pd.isna(context.as_of) else None
    then = now if asked.as_of is None else pd.Timestamp(asked.as_of)
    folder.mkdir(exist_ok=True)
    before, moved = (
        prepare(
            raw, earlier, config.accounts, events=rows.events, outcomes=rows.outcomes, as_of=date,
            folder=folder / f"ids-{name}",
        )[:2]
        for name, raw, date in (("before", first, then), ("now", rows.raw, now))
    )  # fmt: skip
    yield from changes(before, moved, after, folder)


def write_changes(parts: Iterable[pa.Table], file: Path) -> tuple[int, int]:
    """Write ``changes.csv``.

    Parameters
    ----------
    parts : iterable of Table
        From :func:`score_changes`.
    file : Path
        In a stage.

    Returns
    -------
    n_moved, n_compared : int
        Accounts whose tier changed, and accounts that were there before.
    """
    import pyarrow.compute as pc

    from icp._csv import csv_header, csv_rows
    from icp.engines import CHANGE_COLUMNS, to_text

    n_moved = n_compared = 0
    with file.open("wb") as written:
        written.write(csv_header(CHANGE_COLUMNS))
        for part in parts:
            written.write(csv_rows(to_text(part)))
            before, after = part.column("tier_before"), part.column("tier_after")
            n_compared += len(part) - before.null_count
            n_moved += pc.sum(pc.not_equal(before, after)).as_py() or 0
    return n_moved, n_compared
