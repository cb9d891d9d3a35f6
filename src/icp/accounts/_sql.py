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

from icp.errors import ConfigError, TableError

__all__ = ["read_sql"]

_ROWS_AT_A_TIME = 50_000
"""Rows held as Python objects at one time; the server keeps the rest."""

_SELECT = re.compile(r"^\s*(--[^\n]*\n\s*)*(select|with)\b", re.IGNORECASE)


def read_sql(url: str, query: str, table: str) -> tuple[pa.Table, str]:
    """The rows a query selects.

    Parameters
    ----------
    url : str
        SQLAlchemy address.
    query : str
        One SELECT (or WITH ... SELECT) statement.
    table : str
        For messages.

    Returns
    -------
    table : Table
        Columns of the types the database has.
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
        names, parts = _select(address, query)
    except ModuleNotFoundError as error:
        raise TableError.one(
            "ICP109", f"the driver '{error.name}' for {shown} is not installed.", "Install it, e.g. icp[postgres]."
        ) from None
    except SQLAlchemyError as error:
        why = " ".join(str(getattr(error, "orig", None) or error).split())[:200]
        if address.password:
            why = why.replace(str(address.password), "***")
        raise TableError.one(
            "ICP109", f"{shown} refuses the query for table '{table}': {why}.", f"Check {table}.url and {table}.query."
        ) from None
    return _joined(parts or [_to_arrow(names, [])]), f"query on {shown}"


def _select(address: URL, query: str) -> tuple[list[str], list[pa.Table]]:
    """Names and rows of what a query selects, in a transaction that cannot write."""
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
            parts = [_to_arrow(names, rows) for rows in result.partitions(_ROWS_AT_A_TIME)]
            connection.rollback()
    finally:
        engine.dispose()
    return names, parts


def _address(url: str, table: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError:
        raise ConfigError.one(
            "ICP016", f"{table}.url is not a database address.", "For example sqlite:///crm.db or postgresql://host/db."
        ) from None


def _joined(parts: list[pa.Table]) -> pa.Table:
    """All rows; a column whose parts have types that do not go together is text."""
    columns = {}
    for name in parts[0].column_names:
        chunks = [part.select([name]) for part in parts]
        try:
            columns[name] = pa.concat_tables(chunks, promote_options="permissive").column(name)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            cells = [_texts(part.column(name).to_pylist()) for part in chunks]
            columns[name] = pa.chunked_array(cells)
    return pa.table(columns)


def _texts(cells: list[object]) -> pa.Array:
    return pa.array([None if cell is None else str(cell) for cell in cells], pa.string())


def _to_arrow(names: list[str], rows: Sequence[Row[Any]]) -> pa.Table:
    """Columns with the type all their cells share, as text where they share none."""
    columns = []
    for position in range(len(names)):
        cells = [row[position] for row in rows]
        try:
            columns.append(pa.array(cells))
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
            columns.append(_texts(cells))
    unique = [name if names.index(name) == i else f"{name} ({i + 1})" for i, name in enumerate(names)]
    return pa.table(dict(zip(unique, columns, strict=True)))
