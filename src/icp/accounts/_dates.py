"""Dates as people write them; day or month first is decided by the whole column, never by one cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["DateFormats", "any_format", "check_format", "date_formats", "parse_dates"]

_TIME = (
    r"(?:[T ,]+(?P<hour>[0-9]{1,2}):(?P<minute>[0-5][0-9])(?::(?P<second>[0-5][0-9](?:[.,][0-9]+)?))?"
    r" ?(?P<half>[AaPp][Mm])? ?(?P<zone>Z|[+-][0-9]{2}:?(?:[0-9]{2})?)?)?$"
)
_YEAR, _SHORT_YEAR, _MONTH, _DAY = (
    r"(?P<year>[0-9]{4})", r"(?P<year>[0-9]{2})", r"(?P<month>[0-9]{1,2})", r"(?P<day>[0-9]{1,2})",
)  # fmt: skip
_MON, _NAME = r"(?P<month>[A-Za-zÀ-ÿ]{3})", r"(?P<month>[A-Za-zÀ-ÿ]{4,9})"
_CENTURIES = r"(?P<year>(?:19|20)[0-9]{2})"
_SHAPES = {
    "%Y-%m-%d": f"{_YEAR}-{_MONTH}-{_DAY}",
    "%Y/%m/%d": f"{_YEAR}/{_MONTH}/{_DAY}",
    "%Y.%m.%d": rf"{_YEAR}\.{_MONTH}\.{_DAY}",
    "%d.%m.%Y": rf"{_DAY}\.{_MONTH}\.{_YEAR}",
    "%d.%m.%y": rf"{_DAY}\.{_MONTH}\.{_SHORT_YEAR}",
    "%d/%m/%Y": f"{_DAY}/{_MONTH}/{_YEAR}",
    "%m/%d/%Y": f"{_MONTH}/{_DAY}/{_YEAR}",
    "%d/%m/%y": f"{_DAY}/{_MONTH}/{_SHORT_YEAR}",
    "%m/%d/%y": f"{_MONTH}/{_DAY}/{_SHORT_YEAR}",
    "%d-%m-%Y": f"{_DAY}-{_MONTH}-{_YEAR}",
    "%m-%d-%Y": f"{_MONTH}-{_DAY}-{_YEAR}",
    "%d %b %Y": f"{_DAY} {_MON} {_YEAR}",
    "%d %B %Y": f"{_DAY} {_NAME} {_YEAR}",
    "%d-%b-%Y": f"{_DAY}-{_MON}-{_YEAR}",
    "%d-%b-%y": f"{_DAY}-{_MON}-{_SHORT_YEAR}",
    "%b %d, %Y": f"{_MON} {_DAY}, {_YEAR}",
    "%B %d, %Y": f"{_NAME} {_DAY}, {_YEAR}",
    "%Y%m%d": f"{_CENTURIES}(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}})",
    "%Y-%m": f"{_CENTURIES}-(?P<month>[0-9]{{2}})",
}
_ANY_SHAPE = "|".join(dict.fromkeys(re.sub(r"\?P<\w+>", "?:", shape) for shape in _SHAPES.values()))
_MONTHS = tuple(name.lower() for name in (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
))  # fmt: skip
_LAST_OF_2000S = 68
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
        read = ~np.isnat(_days_of_words(days, date_format))
        if read.any():
            total[date_format] = int(counts[read].sum())
    ambiguous = mixed = False
    for month_first, day_first in _RIVALS.items():
        both = total.get(month_first, 0), total.get(day_first, 0)
        if not all(both):
            continue
        month_read, day_read = (~np.isnat(_days_of_words(days, name)) for name in (month_first, day_first))
        only_month, only_day = int(counts[month_read & ~day_read].sum()), int(counts[day_read & ~month_read].sum())
        preferred = next((name for name in prefer if name in (month_first, day_first)), day_first)
        if only_month and only_day:
            mixed = True
            total[day_first if only_month > only_day else month_first] = 0
        elif only_month or (not only_day and preferred == month_first):
            del total[day_first]
        else:
            del total[month_first]
        ambiguous = ambiguous or not (only_month or only_day or month_first in prefer or day_first in prefer)
    return DateFormats(tuple(sorted(total, key=lambda name: (-total[name], name))), ambiguous, mixed)


def any_format(stored: Sequence[str]) -> tuple[str, ...]:
    """All formats, in the order in which a cell is read that nothing but itself says anything of.

    Parameters
    ----------
    stored : sequence of str
        Formats that come first.

    Returns
    -------
    tuple of str
        Day before month where a cell reads both ways, unless the stored ones say otherwise: what
        :func:`date_formats` finds in a column of one cell reads that cell alike.
    """
    return tuple(dict.fromkeys([*stored, *(name for name in _SHAPES if name not in _RIVALS), *_RIVALS]))


def check_format(date_format: str) -> None:
    """Refuse what is no format of dates.

    Parameters
    ----------
    date_format : str
        As in :attr:`icp.tables.Column.date_format`.

    Raises
    ------
    ValueError
        It is none, or names one that nothing is read by.
    """
    if date_format and not set(date_format.split("|")) <= set(_SHAPES):
        raise ValueError("dates are read by formats that are known")


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
    dates = np.full(len(text), np.datetime64("NaT"), dtype="datetime64[us]")
    _fill(dates, text, formats[0], _days)  # most cells are written so, without a time of day
    if len(left := np.flatnonzero(np.isnat(dates))):
        parts = _parts(text.take(pa.array(left)))
        days = dates[left]
        for date_format in formats:
            _fill(days, parts.field("day"), date_format, _days_of_words)
        dates[left] = days + _time_of_day(parts)
    return dates


def _fill(
    dates: NDArray[np.datetime64],
    text: pa.Array,
    date_format: str,
    read: Callable[[pa.Array, str], NDArray[np.datetime64]],
) -> None:
    """Read what has no date yet."""
    left = np.flatnonzero(np.isnat(dates))
    if len(left):
        some = text if len(left) == len(text) else text.take(pa.array(left))
        dates[left] = read(some, date_format or "%Y-%m-%d")


def _parts(text: pa.Array) -> pa.StructArray:
    return pc.extract_regex(text, rf"^(?P<day>{_ANY_SHAPE}){_TIME}")


def _days_of_words(days: pa.Array, date_format: str) -> NDArray[np.datetime64]:
    """Midnight of each day written in this format; each different day is read once."""
    encoded = days.dictionary_encode()
    read = np.append(_days(encoded.dictionary, date_format), np.datetime64("NaT"))
    return read[pc.fill_null(encoded.indices, len(read) - 1).to_numpy(zero_copy_only=False)]


def _days(words: pa.Array, date_format: str) -> NDArray[np.datetime64]:
    """Midnight of each day written in this format; NaT for what is not, and for days that no calendar has."""
    found = pc.extract_regex(words, f"^{_SHAPES[date_format]}$")
    read = np.full(len(words), np.datetime64("NaT"), dtype="datetime64[us]")
    chosen = found.is_valid()
    shown = found if not found.null_count else found.filter(chosen)
    if not len(shown):
        return read
    year, month, day = _year_month_day(shown, date_format)
    first = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    date = first.astype("datetime64[D]") + (day - 1)
    real = (year > 0) & (month >= 1) & (month <= 12) & (date.astype("datetime64[M]") == first)
    read[chosen.to_numpy(zero_copy_only=False)] = np.where(real, date.astype("datetime64[us]"), np.datetime64("NaT"))
    return read


def _year_month_day(found: pa.StructArray, date_format: str) -> tuple[NDArray[np.int64], ...]:
    """What the words say; numbers are read in one go, as each call of Arrow takes its time."""
    written = [name for name in ("year", "month", "day") if f"%{name[0]}" in date_format.lower()]
    numbers = _whole(pa.concat_arrays([found.field(name) for name in written])).reshape(len(written), -1)
    parts = dict(zip(written, numbers, strict=True))
    year = parts["year"]
    if "%y" in date_format:
        year += np.where(year <= _LAST_OF_2000S, 2000, 1900)
    month = parts["month"] if "month" in parts else _month(found.field("month"), date_format)
    return year, month, parts.get("day", np.ones(len(year), dtype=np.int64))


def _month(text: pa.Array, date_format: str) -> NDArray[np.int64]:
    names = _MONTHS if "%B" in date_format else [name[:3] for name in _MONTHS]
    place = pc.index_in(pc.utf8_lower(text), value_set=pa.array(names))
    return np.asarray(pc.fill_null(place, -1).to_numpy(zero_copy_only=False), dtype=np.int64) + 1


def _whole(text: pa.Array) -> NDArray[np.int64]:
    return np.array(text.cast(pa.int64()).to_numpy(zero_copy_only=False), dtype=np.int64)


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
