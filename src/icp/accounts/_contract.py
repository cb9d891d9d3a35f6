"""The contract of the tables a model is learned from: keys, types and values, as a pandera schema.

Importing pandera costs more than reading most files, so this runs where a model is learned and never where accounts
are scored (docs/design/0002-dependencies.md).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from icp.errors import Problem, TableError
from icp.tables import AccountTable, Column, DatedTable

if TYPE_CHECKING:
    from pandera.pandas import DataFrameSchema

__all__ = ["check_accounts", "check_dated"]

_CODE = "ICP124"
_FIXED = {
    "not_nullable": "is missing",
    "field_uniqueness": "repeats",
    "multiple_fields_uniqueness": "repeats",
    "column_in_dataframe": "is not there",
    "column_in_schema": "does not belong there",
}
_ADVICE = "A table that icp.read_accounts or icp.read_dated gives keeps to this; mend the code that made or changed it."


def check_accounts(table: AccountTable) -> None:
    """Refuse an accounts table that breaks its contract.

    Parameters
    ----------
    table : AccountTable
        As read, or made by your own code.

    Raises
    ------
    TableError
        Everything that is wrong with keys, types and values (``ICP124``), at once.

    Examples
    --------
    >>> frame = pd.DataFrame({"size": ["3"]}, index=pd.Index(["A-1"], name="account_id"))
    >>> check_accounts(AccountTable(frame, (Column("size", "trait", "numeric", ""),), "demo", None))
    Traceback (most recent call last):
    ...
    icp.errors.TableError: ...column 'size' is not of type float64...
    """
    with _pandera() as pa:
        columns = {column.name: _column(pa, column) for column in table.columns if column.name in table.frame.columns}
        key = pa.Index("str", [_filled(pa)], unique=table.observed_at is None, name="account_id")
        schema = pa.DataFrameSchema(columns, index=key, strict=True)
        _check(schema, table.frame, "accounts", table.source)


def check_dated(table: DatedTable) -> None:
    """Refuse events or outcomes that break their contract.

    Parameters
    ----------
    table : DatedTable
        As read, or made by your own code.

    Raises
    ------
    TableError
        Everything that is wrong with keys, types and values (``ICP124``), at once.
    """
    with _pandera() as pa:
        sorted_dates = pa.Check(lambda at: at.is_monotonic_increasing, error="is not sorted")
        columns = {
            "account_id": pa.Column("str", _filled(pa)),
            "at": pa.Column(None, [_is_date(pa), sorted_dates], nullable=False),
            "kind": pa.Column("str"),
            "amount": pa.Column("float64", _finite(pa), nullable=True),
        }
        _check(pa.DataFrameSchema(columns, strict=True, ordered=True), table.frame, table.name, table.source)


@contextmanager
def _pandera() -> Iterator[Any]:
    """The module pandera.pandas, kept from loading ``pyspark.pandas`` and from setting variables for it.

    It would do both wherever pyspark is installed, for tables that are never checked here.
    """
    loaded, before = "pyspark.pandas" in sys.modules, set(os.environ)
    if not loaded:
        sys.modules["pyspark.pandas"] = None  # type: ignore[assignment]
    try:
        import pandera.pandas

        yield pandera.pandas
    finally:
        if not loaded:
            del sys.modules["pyspark.pandas"]
        for name in set(os.environ) - before:
            del os.environ[name]


def _column(pa: Any, column: Column) -> Any:
    """What a column's kind promises of its cells; columns no model reads are text or numbers as they come."""
    if column.kind == "numeric":
        return pa.Column("float64", _finite(pa), nullable=True)
    if column.kind == "date":
        return pa.Column(None, _is_date(pa), nullable=True)
    if column.kind == "boolean":
        answers = pa.Check(lambda cells: cells.isin(["yes", "no"]), error="is neither yes nor no")
        return pa.Column("str", answers, nullable=True)
    return pa.Column("str" if column.is_trait else None, nullable=True)


def _filled(pa: Any) -> Any:
    return pa.Check(lambda ids: ids != "", error="is empty")


def _finite(pa: Any) -> Any:
    return pa.Check(lambda cells: ~np.isinf(cells), error="is infinite")


def _is_date(pa: Any) -> Any:
    return pa.Check(lambda cells: cells.dtype.kind == "M", error="is not of type datetime64")


def _check(schema: DataFrameSchema, frame: pd.DataFrame, name: str, source: str) -> None:
    from pandera.errors import SchemaErrors

    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as broken:
        raise TableError.in_table(name, len(frame), source, _problems(broken.failure_cases, frame)) from None


def _problems(cases: pd.DataFrame, frame: pd.DataFrame) -> list[Problem]:
    """Failures per column and check, as numbered problems with ids in place of cells."""
    problems = []
    check = cases["check"].astype(str)
    column = cases["column"].fillna("account_id").where(~check.str.startswith("column_in_"), cases["failure_case"])
    for (name, broken), part in cases.assign(column=column, check=check).groupby(["column", "check"], sort=False):
        what = _FIXED.get(broken, broken)
        if broken.startswith("dtype("):
            what = f"is not of type {'text' if 'str' in broken else broken[7:-2]}"
        rows = part["index"].dropna()
        examples = tuple(str(row) for row in rows.iloc[:3] if str(row))
        many = len(rows) if len(rows) and len(rows) <= len(frame) else None
        problems.append(Problem(_CODE, f"column '{name}' {what}.", _ADVICE, str(name), many, examples))
    return problems
