"""Cells that have a type of their own, from Parquet or a database."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from icp.accounts._numbers import LARGEST

__all__ = ["not_nan", "of_calendar", "typed_cells"]

_A_DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000}
_DAYS = (-719_162, 2_932_897)
"""The first day of year 1 and the first day after year 9999, counted from 1970."""


def not_nan(values: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Floats with null for NaN; those of 16 bits, which Arrow does little with, with 32.

    Parameters
    ----------
    values : Array or ChunkedArray of floats
        Cells.

    Returns
    -------
    Array or ChunkedArray
        Of the same length.
    """
    if pa.types.is_float16(values.type):
        values = values.cast(pa.float32())
    return pc.if_else(pc.is_nan(values), None, values)


def of_calendar(values: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Dates and times with null for those outside the years 1 to 9999, which nothing else can hold as dates.

    Parameters
    ----------
    values : Array or ChunkedArray of date or timestamp
        Cells.

    Returns
    -------
    Array or ChunkedArray
        Of the same type and length.
    """
    if pa.types.is_timestamp(values.type) and values.type.unit == "ns":
        return values  # these end in 2262
    days = pa.types.is_date32(values.type)
    a_day = 1 if days else _A_DAY["ms" if pa.types.is_date64(values.type) else values.type.unit]
    number = (values.cast(pa.int32()) if days else values).cast(pa.int64())
    first, end = (pa.scalar(day * a_day, pa.int64()) for day in _DAYS)
    return pc.if_else(pc.and_(pc.greater_equal(number, first), pc.less(number, end)), values, None)


def typed_cells(values: pa.Array | pa.ChunkedArray, kind: str) -> NDArray[Any] | None:
    """Cells that are of the kind already.

    Parameters
    ----------
    values : Array or ChunkedArray, shape (n_rows,)
        Cells of any type.
    kind : str
        Of the column.

    Returns
    -------
    ndarray, shape (n_rows,), or None
        None where they are of another kind and are to be read as text.
    """
    types, given = pa.types, values.type
    if kind == "numeric" and (types.is_integer(given) or types.is_floating(given) or types.is_decimal(given)):
        numbers = values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        return np.where(np.abs(numbers) <= LARGEST, numbers, np.nan)
    if kind == "numeric" and types.is_boolean(given):
        return np.asarray(values.cast(pa.int8()).cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    if kind == "date" and (types.is_timestamp(given) or types.is_date(given)):
        naive = of_calendar(values).cast(pa.timestamp("us", getattr(given, "tz", None)), safe=False).cast(pa.int64())
        micro = pc.fill_null(naive, np.iinfo(np.int64).min).to_numpy(zero_copy_only=False)
        return micro.astype("datetime64[us]")
    return None
