"""A SELECT statement through SQLAlchemy: read only, and a password never appears in a message."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, Row, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from icp._stored import AnyTable, Store
from icp.errors import ConfigError, TableError

__all__ = ["read_sql"]

_ROWS_AT_A_TIME = 50_000
"""Rows held as Python objects at one time; the server keeps the rest."""

_HOW_IN = (
    "Is the server up, and the address right?  The password is read from ~/.pgpass (chmod 600), from the file that "
    "PGPASSFILE names, or from PGPASSWORD."
)

_SELECT = re.compile(r"^\s*(--[^\n]*\n\s*)*(select|with)\b", re.IGNORECASE)


_WHERE_IN_QUERY = re.compile(r"\nLINE \d+:[^\n]*(\n\s*\^)?")
"""PostgreSQL's picture of the place, which shows its cursor's name and says no more."""


class _NotConnectedError(Exception):
    """The database lets nobody in; its cause says why."""


def read_sql(url: str, query: str, table: str, store: Store) -> tuple[AnyTable, str]:
    """The rows a query selects.

    Parameters
    ----------
    url : str
        SQLAlchemy address.
    query : str
        One SELECT (or WITH ... SELECT) statement.
    table : str
        For messages.
    store : Store
        Where rows are put as they come.

    Returns
    -------
    table : Table or StoredTable
        Columns of the types the database has; text where parts have types that do not go together.
    source : str
        ``"query on <address without password>"``.

    Raises
    ------
    ConfigError
        The address or the statement is not one (``ICP016``).
    TableError
        The database does not answer or refuses the query (``ICP109``).
    """
    if not _SELECT.match(query) or ";" in query.strip().rstrip(";"):
        raise ConfigError.one(
            "ICP016", f"{table}.query is not one SELECT statement.", "Rows are only read: use SELECT or WITH."
        )
    address = _address(url, table)
    shown = address.render_as_string(hide_password=True)
    file = address.database if address.get_backend_name() == "sqlite" else None
    if file and file != ":memory:" and not file.startswith("file:") and not Path(file).is_file():
        raise TableError.one("ICP109", f"there is no database file {file} for table '{table}'.", f"Check {table}.url.")
    try:
        _select(address, query, store)
    except ModuleNotFoundError as error:
        raise TableError.one(
            "ICP109",
            f"the driver '{error.name}' for {shown} is not installed.",
            "For PostgreSQL: pip install 'icp[postgres]'.",
        ) from None
    except NoSuchModuleError as error:
        near = "Write a PostgreSQL address as postgresql+psycopg://role@host:5432/database."
        action = near if shown.startswith("postgres") else f"Check {table}.url."
        raise TableError.one(
            "ICP109", f"{shown} cannot be read for table '{table}': {_why(error, address)}.", action
        ) from None
    except _NotConnectedError as error:
        raise TableError.one(
            "ICP109",
            f"{shown} cannot be reached for table '{table}': {_why(error.__cause__, address)}.",
            _HOW_IN if shown.startswith("postgresql") else f"Check {table}.url.",
        ) from None
    except SQLAlchemyError as error:
        message = f"{shown} refuses the query for table '{table}': {_why(error, address)}."
        raise TableError.one("ICP109", message, f"Check {table}.query.") from None
    return store.close(), f"query on {shown}"


def _why(error: BaseException | None, address: URL) -> str:
    """What the database says, in one line and without the password."""
    said = _WHERE_IN_QUERY.sub("", str(getattr(error, "orig", None) or error))
    why = " ".join(said.removeprefix("connection failed: ").split())
    return (why.replace(str(address.password), "***") if address.password else why)[:200]


def _select(address: URL, query: str, store: Store) -> None:
    """Put aside what a query selects, in a transaction that cannot write."""
    engine = create_engine(address)
    try:
        try:
            opened = engine.connect()
        except SQLAlchemyError as error:
            raise _NotConnectedError from error
        with opened as connection:
            if address.get_backend_name() == "postgresql":
                connection = connection.execution_options(postgresql_readonly=True)
            if address.get_backend_name() == "sqlite":
                connection.execute(text("PRAGMA query_only = ON"))
            connection = connection.execution_options(stream_results=True)
            result = connection.execute(text(query.strip().rstrip(";").replace(":", "\\:")))
            names = list(map(str, result.keys()))
            store.add(_to_arrow(names, []))
            for rows in result.partitions(_ROWS_AT_A_TIME):
                store.add(_to_arrow(names, rows))
            connection.rollback()
    finally:
        engine.dispose()


def _address(url: str, table: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError:
        raise ConfigError.one(
            "ICP016", f"{table}.url is not a database address.", "For example sqlite:///crm.db or postgresql://host/db."
        ) from None


def _texts(cells: list[object]) -> pa.Array:
    return pa.array([None if cell is None else str(cell) for cell in cells], pa.string())


def _to_arrow(names: list[str], rows: Sequence[Row[Any]]) -> pa.RecordBatch:
    """Columns with the type all their cells share, as text where they share none."""
    columns = []
    for position in range(len(names)):
        cells = [row[position] for row in rows]
        try:
            columns.append(pa.array(cells))
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
            columns.append(_texts(cells))
    unique = [name if names.index(name) == i else f"{name} ({i + 1})" for i, name in enumerate(names)]
    return pa.RecordBatch.from_arrays(columns, unique)
