"""Numbers and texts as people read them; whatever is not known is a dash."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

__all__ = [
    "UNKNOWN",
    "clean",
    "count",
    "index_bounds",
    "interval",
    "number",
    "odds",
    "one_in",
    "p_value",
    "percent",
    "plural",
    "ratio",
    "signed",
    "tied",
    "times",
]

UNKNOWN = "–"
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def clean(value: Any) -> Any:
    r"""The same plain JSON value, safe to show: no control or direction characters, no NaN, no infinities.

    Parameters
    ----------
    value : Any
        Plain JSON values, nested at will.

    Returns
    -------
    Any
        Mappings as dict, sequences as list; numbers that are not finite become None.

    Examples
    --------
    >>> clean({"a\x1b[31m": [float("nan"), 1]})
    {'a [31m': [None, 1]}
    """
    if isinstance(value, str):
        return "".join(" " if unicodedata.category(mark) in _HIDDEN else mark for mark in value)
    if isinstance(value, Mapping):
        return {clean(str(key)): clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _known(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def number(value: Any) -> str:
    """A number with three significant digits at least and separators between thousands.

    Parameters
    ----------
    value : Any
        A number; anything else is not known.

    Returns
    -------
    str
        Text to show.

    Examples
    --------
    >>> number(1234567), number(0.8437), number(12.0), number(None)
    ('1,234,567', '0.844', '12', '–')
    """
    if not _known(value):
        return UNKNOWN
    if float(value).is_integer() or abs(value) >= 1000:
        return f"{value:,.0f}"
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{min(decimals, 6)}f}"


def count(value: Any) -> str:
    """A count of things.

    Parameters
    ----------
    value : Any
        A number; anything else is not known.

    Returns
    -------
    str
        Whole, with separators between thousands.
    """
    return f"{value:,.0f}" if _known(value) else UNKNOWN


def ratio(value: Any) -> str:
    """A statistic such as AUC, with two decimals.

    Parameters
    ----------
    value : Any
        A number; anything else is not known.

    Returns
    -------
    str
        Text to show.
    """
    return f"{value:.2f}" if _known(value) else UNKNOWN


def percent(value: Any) -> str:
    """A share, with one decimal below 10 %.

    Parameters
    ----------
    value : Any
        Share in [0, 1]; anything else is not known.

    Returns
    -------
    str
        Text to show; the space before the sign does not break.

    Examples
    --------
    >>> percent(0.0842).replace(chr(160), " "), percent(0.41).replace(chr(160), " ")
    ('8.4 %', '41 %')
    """
    if not _known(value):
        return UNKNOWN
    hundred = 100 * value
    text = f"{hundred:.1f}" if 0 < round(abs(hundred), 1) < 10 else f"{hundred:.0f}"
    return f"{text}\N{NO-BREAK SPACE}%"


def p_value(value: Any) -> str:
    """A p-value, or one adjusted for how many were tried.

    Parameters
    ----------
    value : Any
        In [0, 1]; anything else is not known.

    Returns
    -------
    str
        Text to show; what would round to nothing is given as a bound.

    Examples
    --------
    >>> p_value(0.0412), p_value(3e-12), p_value(None)
    ('0.0412', '<0.0001', '–')
    """
    return "<0.0001" if _known(value) and value < 1e-4 else number(value)


def times(value: Any) -> str:
    """How many times as often, with one decimal.

    Parameters
    ----------
    value : Any
        A number; anything else is not known.

    Returns
    -------
    str
        Text to show, without the word "times".
    """
    if not _known(value):
        return UNKNOWN
    return f"{value:.1f}" if value < 20 else f"{value:.0f}"


def interval(low: Any, high: Any, say: Callable[[Any], str] = number) -> str:
    """Two bounds in words.

    Parameters
    ----------
    low, high : Any
        Bounds; when one is not known, neither is shown.
    say : callable, default=number
        Format of each bound.

    Returns
    -------
    str
        For example ``"2.9 to 4.0"``.
    """
    return f"{say(low)} to {say(high)}" if _known(low) and _known(high) else UNKNOWN


def index_bounds(group: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Interval of the index of a driver's group, whose ``low`` and ``high`` bound its rate.

    Parameters
    ----------
    group : mapping
        One of a driver's ``groups``.

    Returns
    -------
    tuple of (float or None, float or None)
        ``index_low`` and ``index_high`` where stored, else the bounds of the rate put on the scale of the index.

    Examples
    --------
    >>> index_bounds({"rate": 0.2, "low": 0.1, "high": 0.3, "index": 200})
    (100.0, 300.0)
    """
    if group.get("index_low") is not None and group.get("index_high") is not None:
        return group["index_low"], group["index_high"]
    rate, index = group.get("rate"), group.get("index")
    if not rate or index is None or group.get("low") is None or group.get("high") is None:
        return None, None
    return round(group["low"] * index / rate, 6), round(group["high"] * index / rate, 6)


def one_in(rate: Any) -> str:
    """A rate as a person says it.

    Parameters
    ----------
    rate : Any
        Share in [0, 1].

    Returns
    -------
    str
        For example ``"1 in 12"``; ``"none"`` for zero.

    Examples
    --------
    >>> one_in(0.0842), one_in(0.31), one_in(0.8), one_in(0.974)
    ('1 in 12', '1 in 3.2', '8 in 10', '97 in 100')
    """
    if not _known(rate):
        return UNKNOWN
    if rate <= 0:
        return "none"
    if 0.95 <= rate < 1:  # ten in ten would promise what nobody has seen
        return f"{int(100 * rate)} in 100"
    if rate > 0.45:
        return f"{10 * rate:.0f} in 10"
    text = f"{1 / rate:.1f}" if rate > 0.1 else f"{1 / rate:,.0f}"
    return f"1 in {text.removesuffix('.0')}"


def plural(n: int, word: str) -> str:
    """A count with its noun.

    Parameters
    ----------
    n : int
        How many.
    word : str
        Singular noun that takes an s.

    Returns
    -------
    str
        For example ``"1 issue"`` or ``"2 issues"``.
    """
    return f"{n:,} {word}{'' if n == 1 else 's'}"


def signed(value: Any) -> str:
    """A number with its sign and two decimals.

    Parameters
    ----------
    value : Any
        A number; anything else is not known.

    Returns
    -------
    str
        For example ``"+0.41"``.
    """
    return f"{value:+.2f}" if _known(value) else UNKNOWN


def odds(value: Any) -> str:
    """A difference in log-odds as odds.

    Parameters
    ----------
    value : Any
        In log-odds; anything but a number is not known.

    Returns
    -------
    str
        For example ``"odds 2.2 times"``.

    Examples
    --------
    >>> odds(0.78), odds(None)
    ('odds 2.2 times', '–')
    """
    return f"odds {times(math.exp(value))} times" if _known(value) else UNKNOWN


def tied(words: Any) -> str:
    r"""A text whose percent signs stay on the line of their number.

    Parameters
    ----------
    words : Any
        Text of the user's or ours.

    Returns
    -------
    str
        The same, with a space that does not break before each percent sign.

    Examples
    --------
    >>> tied("top 17 % of all")
    'top 17\xa0% of all'
    """
    return str(words).replace(" %", "\N{NO-BREAK SPACE}%")
