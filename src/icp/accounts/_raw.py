"""A source as it stands: the cells, where they come from, and how they were written."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

import pyarrow as pa

from icp._pipes import pipe_problem
from icp._stored import AnyTable, Store, read_batches
from icp.accounts._delimited import read_delimited
from icp.accounts._parquet import read_parquet
from icp.errors import ConfigError, Problem, TableError, did_you_mean
from icp.options import AccountOptions, DatedOptions
from icp.tables import Finding

__all__ = ["RawTable", "missing_columns", "named_columns", "read_raw", "sample_folder"]


@dataclass(frozen=True)
class RawTable:
    """Cells of a source before anything is parsed.

    Parameters
    ----------
    table : Table or StoredTable
        CSV cells are text exactly as written; Parquet and SQL columns have their own types.
    source : str
        File, or ``query on`` the database, as the user wrote it; never a password.
    kind : {"csv", "parquet", "sql"}
        What it was read as.
    separator, encoding : str or None
        Of a CSV.
    decimal : str or None
        Decimal mark the user declared.
    findings : tuple of Finding, default=()
        What reading found.
    """

    table: AnyTable
    source: str
    kind: Literal["csv", "parquet", "sql"]
    separator: str | None
    encoding: str | None
    decimal: str | None
    findings: tuple[Finding, ...] = ()


def sample_folder() -> Path:
    """The folder with the built-in sample, in a checkout and in an installed wheel.

    Returns
    -------
    Path
        Holds ``accounts.csv``, ``events.csv`` and ``outcomes.csv``.
    """
    package = Path(__file__).resolve().parents[1]
    installed = package / "_sample"
    return installed if installed.is_dir() else package.parents[1] / "data" / "sample"


def read_raw(
    options: AccountOptions | DatedOptions, table: str, *, folder: Path | None = None, key: str | None = None
) -> RawTable:
    """Read a source without parsing its cells.

    Parameters
    ----------
    options : AccountOptions or DatedOptions
        Where it is.
    table : {"accounts", "events", "outcomes"}
        What it is, for messages; names the file of the built-in sample.
    folder : Path, default=None
        Where cells are put that need not be in memory (a Parquet file is read where it is); None keeps all in memory.
    key : str, default=None
        Of the configuration, that names the file; None is ``<table>.path``.

    Returns
    -------
    RawTable
        All rows and columns.

    Raises
    ------
    ConfigError
        ``path``, ``url`` or ``query`` is not set (``ICP014``), or the source has no rows to read (``ICP015``).
    TableError
        The source cannot be read (``ICP100, ICP101, ICP106, ICP108``).
    """
    if options.source == "sql":
        from icp.accounts._sql import read_sql

        url, query = _need(options.url, table, "url"), _need(options.query, table, "query")
        cells, shown = read_sql(url, query, table, Store(folder))
        return RawTable(_not_empty(cells, shown, table), shown, "sql", None, None, options.decimal)
    if options.source not in ("csv", "parquet", "sample"):
        raise ConfigError.one(
            "ICP015", f"{table}.source '{options.source}' has no rows to read.", "Use csv, parquet, sql or sample."
        )
    sample = str(sample_folder() / f"{table}.csv")
    path = sample if options.source == "sample" else str(_need(options.path, table, "path"))
    pipe = pipe_problem(path, key or f"{table}.path")
    if pipe is not None:
        raise TableError(f"Table '{table}' cannot be read", [pipe])
    if options.source == "parquet":
        cells = read_parquet(path, table, in_memory=folder is None)
        return RawTable(_not_empty(cells, path, table), path, "parquet", None, None, None)
    blank = bool(options.account_id)
    cells, separator, encoding, found = read_delimited(
        path, table, options.separator, options.encoding, folder=folder, drop_blank_end=blank, key=key
    )
    _refuse_rivals(cells, found, options, path, table)
    shown = "built-in sample" if options.source == "sample" else path
    return RawTable(cells, shown, "csv", separator, encoding, options.decimal, found)


def named_columns(options: AccountOptions | DatedOptions) -> list[str]:
    """The columns that options name one by one.

    Parameters
    ----------
    options : AccountOptions or DatedOptions
        Of a table.

    Returns
    -------
    list of str
        Without repetition, in the order of the options.
    """
    keys = ("account_id", "name_column", "parent_id", "observed_at", "worked", "at", "kind", "amount")
    present = {item.name for item in fields(options)}
    values = [getattr(options, key) for key in keys if key in present]
    return list(dict.fromkeys(value for value in values if value))


def missing_columns(wanted: Iterable[str], available: Collection[str], table: str) -> list[Problem]:
    """One problem for each column that is named and not there.

    Parameters
    ----------
    wanted : iterable of str
        Names.
    available : collection of str
        Columns of the source.
    table : str
        For the advice.

    Returns
    -------
    list of Problem
        Code ``ICP102``, with the nearest name there is.
    """
    return [
        Problem(
            "ICP102",
            f"column '{name}' is missing.",
            did_you_mean(name, available) + f"Name it as it stands in the file of {table}.",
            column=name,
        )
        for name in dict.fromkeys(wanted)
        if name not in available
    ]


def _need(value: str | None, table: str, key: str) -> str:
    if not value:
        raise ConfigError.one("ICP014", f"{table}.{key} is not set.", f"Give it: {table}.{key}=...")
    return value


def _not_empty(cells: AnyTable, shown: str, table: str) -> AnyTable:
    if not cells.num_rows or not cells.column_names:
        message = f"'{shown}' for table '{table}' has no rows."
        raise TableError.one("ICP101", message, "Check the query or the export.")
    return cells


def _refuse_rivals(
    cells: AnyTable, found: tuple[Finding, ...], options: AccountOptions | DatedOptions, path: str, table: str
) -> None:
    """A column that options name must not stand there twice with different cells."""
    problems = []
    for name in named_columns(options):
        copies = [finding.column for finding in found if finding.code == "ICP107" and finding.column]
        for copy in (copy for copy in copies if copy.startswith(f"{name} (")):
            pairs = (pair for batch in read_batches(cells, [name, copy]) for pair in zip(*_texts(batch), strict=True))
            differing = sum(bool(one.strip() and two.strip() and one != two) for one, two in pairs)
            if differing:
                problems.append(
                    Problem(
                        "ICP107",
                        f"two columns are called '{name}' and their cells differ.",
                        "Rename one in the file.",
                        column=name,
                        n_rows=differing,
                    )
                )
    if problems:
        raise TableError.in_table(table, cells.num_rows, path, problems)


def _texts(batch: pa.RecordBatch) -> list[list[str]]:
    return [column.to_pylist() for column in batch.columns]
