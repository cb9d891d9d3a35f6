"""Dates as people write them; day or month first is decided by the whole column, never by one cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["DateFormats", "date_formats", "parse_dates"]

_TIME = (
    r"(?:[T ,]+(?P<hour>[0-9]{1,2}):(?P<minute>[0-5][0-9])(?::(?P<second>[0-5][0-9](?:[.,][0-9]+)?))?"
    r" ?(?P<half>[AaPp][Mm])? ?(?P<zone>Z|[+-][0-9]{2}:?(?:[0-9]{2})?)?)?$"
)
_NAME = "[A-Za-zÀ-ÿ]"
_SHAPES = {
    "%Y-%m-%d": r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}",
    "%Y/%m/%d": r"[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}",
    "%Y.%m.%d": r"[0-9]{4}\.[0-9]{1,2}\.[0-9]{1,2}",
    "%d.%m.%Y": r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}",
    "%d.%m.%y": r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{2}",
    "%d/%m/%Y": r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}",
    "%m/%d/%Y": r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}",
    "%d/%m/%y": r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{2}",
    "%m/%d/%y": r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{2}",
    "%d-%m-%Y": r"[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}",
    "%m-%d-%Y": r"[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}",
    "%d %b %Y": rf"[0-9]{{1,2}} {_NAME}{{3}} [0-9]{{4}}",
    "%d %B %Y": rf"[0-9]{{1,2}} {_NAME}{{4,9}} [0-9]{{4}}",
    "%d-%b-%Y": rf"[0-9]{{1,2}}-{_NAME}{{3}}-[0-9]{{4}}",
    "%d-%b-%y": rf"[0-9]{{1,2}}-{_NAME}{{3}}-[0-9]{{2}}",
    "%b %d, %Y": rf"{_NAME}{{3}} [0-9]{{1,2}}, [0-9]{{4}}",
    "%B %d, %Y": rf"{_NAME}{{4,9}} [0-9]{{1,2}}, [0-9]{{4}}",
    "%Y%m%d": r"(?:19|20)[0-9]{6}",
    "%Y-%m": r"(?:19|20)[0-9]{2}-[0-9]{2}",
}
_RIVALS = {"%m/%d/%Y": "%d/%m/%Y", "%m/%d/%y": "%d/%m/%y", "%m-%d-%Y": "%d-%m-%Y"}
_SECOND = 1_000_000


@dataclass(frozen=True)
class DateFormats:
    """How the dates of a column are written.

    Parameters
    ----------
    formats : tuple of str
        ``strptime`` formats of the date part, most frequent first; empty when no cell reads as a date.
    ambiguous : bool
        Day and month could be exchanged in every cell, so day first was assumed.
    mixed : bool
        Some cells can only be day first and others only month first.
    """

    formats: tuple[str, ...]
    ambiguous: bool
    mixed: bool


def date_formats(text: pa.Array, counts: NDArray[np.int64], prefer: Sequence[str] = ()) -> DateFormats:
    """The formats in which a column's dates are written.

    Parameters
    ----------
    text : Array of string, shape (n,)
        Different cells of one column.
    counts : ndarray of int64, shape (n,)
        How often each stands in the column.
    prefer : sequence of str, default=()
        Formats that win when day and month could be exchanged.

    Returns
    -------
    DateFormats
        An impossible month in any cell settles the order for the column.

    Examples
    --------
    >>> date_formats(pa.array(["03/04/2024", "03/25/2024"]), np.array([5, 1])).formats
    ('%m/%d/%Y',)
    >>> date_formats(pa.array(["03/04/2024"]), np.array([5])).ambiguous
    True
    """
    days = _parts(text).field("day")
    total: dict[str, int] = {}
    for date_format in _SHAPES:
        read = ~np.isnat(_days(days, date_format))
        if read.any():
            total[date_format] = int(counts[read].sum())
    ambiguous = mixed = False
    for month_first, day_first in _RIVALS.items():
        both = total.get(month_first, 0), total.get(day_first, 0)
        if not all(both):
            continue
        month_read, day_read = ~np.isnat(_days(days, month_first)), ~np.isnat(_days(days, day_first))
        only_month, only_day = int(counts[month_read & ~day_read].sum()), int(counts[day_read & ~month_read].sum())
        if only_month and only_day:
            mixed = True
            total[day_first if only_month > only_day else month_first] = 0
        elif only_month or (not only_day and month_first in prefer):
            del total[day_first]
        else:
            del total[month_first]
        ambiguous = ambiguous or not (only_month or only_day or month_first in prefer or day_first in prefer)
    return DateFormats(tuple(sorted(total, key=lambda name: (-total[name], name))), ambiguous, mixed)


def parse_dates(text: pa.Array, formats: Sequence[str]) -> NDArray[np.datetime64]:
    """The date in each text; NaT where there is none.

    Parameters
    ----------
    text : Array of string, shape (n,)
        Trimmed cells; a time of day may follow the date, and an offset from UTC the time.
    formats : sequence of str
        Tried in this order in each cell; one that is empty stands for ISO dates.

    Returns
    -------
    ndarray of datetime64[us], shape (n,)
        In UTC where a cell gives an offset.

    Examples
    --------
    >>> parse_dates(pa.array(["3.4.2024 14:05", "soon"]), ["%d.%m.%Y"]).tolist()
    [datetime.datetime(2024, 4, 3, 14, 5), None]
    """
    parts = _parts(text)
    dates = np.full(len(text), np.datetime64("NaT"), dtype="datetime64[us]")
    for date_format in formats:
        open_cells = np.isnat(dates)
        if not open_cells.any():
            break
        dates[open_cells] = _days(parts.field("day").filter(pa.array(open_cells)), date_format or "%Y-%m-%d")
    moments: NDArray[np.datetime64] = np.add(dates, _time_of_day(parts))
    return moments


def _parts(text: pa.Array) -> pa.StructArray:
    shapes = "|".join(dict.fromkeys(_SHAPES.values()))
    return pc.extract_regex(text, rf"^(?P<day>{shapes}){_TIME}")


def _days(days: pa.Array, date_format: str) -> NDArray[np.datetime64]:
    """Midnight of each day written in this format; each different day is read once."""
    encoded = days.dictionary_encode()
    words = encoded.dictionary
    shape = pc.match_substring_regex(words, f"^(?:{_SHAPES[date_format]})$").to_numpy(zero_copy_only=False)
    read = np.full(len(words) + 1, np.datetime64("NaT"), dtype="datetime64[us]")
    chosen = np.flatnonzero(shape.astype(bool))
    if len(chosen):
        texts = pd.Series(words.take(pa.array(chosen)).to_pylist(), dtype=object)
        read[chosen] = pd.to_datetime(texts, format=date_format, errors="coerce").to_numpy().astype("datetime64[us]")
    index = pc.fill_null(encoded.indices, len(words)).to_numpy(zero_copy_only=False)
    return read[index]


def _time_of_day(parts: pa.StructArray) -> NDArray[np.timedelta64]:
    """What the time of day and the offset add to midnight, zero where there is none."""
    size = len(parts)
    if not pc.any(pc.fill_null(pc.not_equal(parts.field("hour"), ""), False)).as_py():
        return np.zeros(size, dtype="timedelta64[us]")
    hour, minute = _float(parts.field("hour")), _float(parts.field("minute"))
    second = _float(pc.replace_substring(parts.field("second"), ",", "."))
    half = pc.fill_null(pc.utf8_lower(parts.field("half")), "").to_numpy(zero_copy_only=False)
    hour = np.where(half == "pm", hour % 12 + 12, np.where(half == "am", hour % 12, hour))
    zone = pc.replace_substring(pc.replace_substring(pc.fill_null(parts.field("zone"), ""), ":", ""), "Z", "")
    sign = np.where(pc.starts_with(zone, "-").to_numpy(zero_copy_only=False), -1.0, 1.0)
    ahead = _float(pc.utf8_slice_codeunits(zone, 1, 3)) * 3600 + _float(pc.utf8_slice_codeunits(zone, 3, 5)) * 60
    micro = np.rint((hour * 3600 + minute * 60 + second - sign * ahead) * _SECOND).astype("timedelta64[us]")
    micro[hour > 23] = np.timedelta64("NaT")
    return micro


def _float(text: pa.Array) -> NDArray[np.float64]:
    filled = pc.if_else(pc.fill_null(pc.equal(text, ""), True), "0", text)
    return np.asarray(filled.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
