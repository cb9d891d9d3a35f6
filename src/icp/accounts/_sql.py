"""A SELECT statement through SQLAlchemy: read only, and a password never appears in a message."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, Row, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from icp._stored import AnyTable, Store
from icp.errors import ConfigError, TableError

__all__ = ["read_sql"]

_ROWS_AT_A_TIME = 50_000
"""Rows held as Python objects at one time; the server keeps the rest."""

_SELECT = re.compile(r"^\s*(--[^\n]*\n\s*)*(select|with)\b", re.IGNORECASE)


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
    except SQLAlchemyError as error:
        why = " ".join(str(getattr(error, "orig", None) or error).split())[:200]
        if address.password:
            why = why.replace(str(address.password), "***")
        raise TableError.one(
            "ICP109", f"{shown} refuses the query for table '{table}': {why}.", f"Check {table}.url and {table}.query."
        ) from None
    return store.close(), f"query on {shown}"


def _select(address: URL, query: str, store: Store) -> None:
    """Put aside what a query selects, in a transaction that cannot write."""
    engine = create_engine(address)
    try:
        with engine.connect() as connection:
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
