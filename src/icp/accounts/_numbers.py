"""Numbers as people write them: money, percent, thousands separators, either decimal mark."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["LARGEST", "decimal_mark", "is_beyond", "is_whole_number", "number_unit", "only_with", "parse_numbers"]

LARGEST = 1e100
"""Numbers beyond this, in either direction, count as infinite: no quantity is so large, and squares must be finite."""

_INFINITE = r"^[+-]?(inf|infinity|∞)$"

_SYMBOLS = r"us\$|r\$|a\$|c\$|[$€£¥₹₽₺₩₪₫฿₴₦]|kr\.?|zł|kč|ft|fr\.|euros?"
_CODES = (
    "eur|usd|gbp|chf|jpy|sek|nok|dkk|pln|czk|huf|ron|bgn|try|inr|cny|aud|cad|nzd|brl|zar|mxn|sgd|hkd|aed|sar|ils|krw"
)
_MONEY = f"{_SYMBOLS}|{_CODES}"
_MULTIPLIERS = {
    1e3: ("k", "tsd", "tsd.", "thousand"),
    1e6: ("m", "mn", "mm", "mio", "mio.", "million", "millions"),
    1e9: ("b", "bn", "mrd", "mrd.", "billion", "billions"),
}
_TIMES = "|".join(word.replace(".", r"\.") for words in _MULTIPLIERS.values() for word in sorted(words, key=len)[::-1])
_CELL = (
    rf"^(?P<open>\()?(?P<before>[+-])? ?(?P<money>{_MONEY})? ?(?P<inner>[+-])?"
    r"(?P<body>[0-9](?:[0-9., '’]*[0-9.,])?|[.,][0-9]+)(?P<power>e[+-]?[0-9]{1,3})?"
    rf" ?(?P<times>{_TIMES})? ?(?P<percent>%)? ?(?P<coin>{_MONEY})?(?P<after>-)?(?P<close>\))?$"
)
_GROUPS = {".": r"[, '’]", ",": r"[. '’]"}
_BARE = r"^-?[0-9][0-9.,]*$"
_PLAIN = {
    ".": r"^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$",
    ",": r"^-?[0-9]+([eE][+-]?[0-9]{1,3})?$",
}


def parse_numbers(text: pa.Array, decimal: str) -> NDArray[np.float64]:
    """The number in each text; NaN where there is none.

    A text that cannot be a number with ``decimal`` but can with the other mark is read with the other.

    Parameters
    ----------
    text : Array of string, shape (n,)
        Trimmed cells.
    decimal : {".", ","}
        Decimal mark that settles what could be either, such as ``1,234``.

    Returns
    -------
    ndarray of float64, shape (n,)
        Percentages stay in percent (``12 %`` is 12). What is beyond :data:`LARGEST` is NaN.

    Examples
    --------
    >>> parse_numbers(pa.array(["1,234", "1.234,5", "$1.2M", "(30)", "12 %", "n/k"]), ".").tolist()
    [1234.0, 1234.5, 1200000.0, -30.0, 12.0, nan]
    """
    values = _read(text, decimal)
    values[~(np.abs(values) <= LARGEST)] = np.nan
    return values


def is_beyond(text: pa.Array, decimal: str) -> NDArray[np.bool_]:
    """Which texts are infinite, or numbers too large to mean anything: a division by nothing, an overflow.

    Parameters
    ----------
    text : Array of string, shape (n,)
        Trimmed cells.
    decimal : {".", ","}
        As for :func:`parse_numbers`, which gives NaN for them.

    Returns
    -------
    ndarray of bool, shape (n,)
        False for texts that are no numbers at all.

    Examples
    --------
    >>> is_beyond(pa.array(["inf", "-1e300", "1e400", "12", "information"]), ".").tolist()
    [True, True, True, False, False]
    """
    words = _true(pc.match_substring_regex(pc.utf8_lower(text), _INFINITE))
    return words | (np.abs(_read(text, decimal)) > LARGEST)


def _read(text: pa.Array, decimal: str) -> NDArray[np.float64]:
    """The number in each text, infinite where it overflows; NaN where there is none."""
    plain = _true(pc.match_substring_regex(text, _PLAIN[decimal]))
    if plain.all():
        return _floats(text).copy()
    values = np.full(len(text), np.nan)
    values[plain] = _floats(text.filter(pa.array(plain)))
    values[~plain] = _written_numbers(text.filter(pa.array(~plain)), decimal)
    return values


def decimal_mark(text: pa.Array, counts: NDArray[np.int64]) -> str | None:
    """The decimal mark that the cells themselves give away.

    Parameters
    ----------
    text : Array of string, shape (n,)
        Different cells of one column.
    counts : ndarray of int64, shape (n,)
        How often each stands in the column.

    Returns
    -------
    str or None
        ``"."``, ``","``, or None where every cell reads with either.

    Examples
    --------
    >>> decimal_mark(pa.array(["1,5", "2,75"]), np.array([1, 1])), decimal_mark(pa.array(["1,234"]), np.array([1]))
    (',', None)
    """
    dot, comma = only_with(text)
    for_dot, for_comma = int(counts[dot].sum()), int(counts[comma].sum())
    if for_dot == for_comma:
        return None
    return "." if for_dot > for_comma else ","


def only_with(text: pa.Array) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which texts are numbers with one decimal mark and none with the other.

    Parameters
    ----------
    text : Array of string, shape (n,)
        Trimmed cells.

    Returns
    -------
    dot, comma : ndarray of bool, shape (n,)
        Never both.

    Examples
    --------
    >>> [mark.tolist() for mark in only_with(pa.array(["1.5", "$1,5", "1,234", "12"]))]
    [[True, False, False, False], [False, True, False, False]]
    """
    body = pc.replace_substring(text, "-", "", max_replacements=1)
    written = ~_true(pc.match_substring_regex(text, _BARE))
    if written.any():
        bodies = _parts(text.filter(pa.array(written))).field("body")
        body = pc.replace_with_mask(body, pa.array(written), bodies)
    dot, comma = _fits(body, "."), _fits(body, ",")
    return dot & ~comma, comma & ~dot


def number_unit(text: pa.Array, counts: NDArray[np.int64]) -> str:
    """The unit that most of the cells carry: ``%``, a currency, or nothing.

    Parameters
    ----------
    text : Array of string, shape (n,)
        Different cells of one column.
    counts : ndarray of int64, shape (n,)
        How often each stands in the column.

    Returns
    -------
    str
        As written in the cells, codes in capitals; empty when fewer than half of the cells have one.
    """
    parts = _parts(text)
    coin = pc.if_else(_filled(parts, "money"), parts.field("money"), parts.field("coin"))
    unit = pc.fill_null(pc.if_else(_filled(parts, "percent"), "%", pc.utf8_upper(coin)), "")
    totals: dict[str, int] = {}
    for word, count in zip(unit.to_pylist(), counts.tolist(), strict=True):
        totals[word] = totals.get(word, 0) + count
    best = min(totals, key=lambda word: (-totals[word], word), default="")
    return best if totals and 2 * totals[best] >= sum(totals.values()) else ""


def is_whole_number(text: pa.Array) -> NDArray[np.bool_]:
    """Which cells are bare digits.

    Parameters
    ----------
    text : Array of string, shape (n,)
        Trimmed cells.

    Returns
    -------
    ndarray of bool, shape (n,)
        True for ``"12"``, false for ``"12.0"`` and ``"1,200"``.
    """
    return _true(pc.match_substring_regex(text, r"^[0-9]+$"))


def _written_numbers(text: pa.Array, decimal: str) -> NDArray[np.float64]:
    """Numbers with anything around or inside them, see ``_CELL``."""
    parts = _parts(text)
    body, values = parts.field("body"), np.full(len(text), np.nan)
    for mark in (decimal, "." if decimal == "," else ","):
        fits = _fits(body, mark) & np.isnan(values)
        if fits.any():
            digits = pc.replace_substring_regex(body.filter(pa.array(fits)), _GROUPS[mark], "")
            power = pc.fill_null(parts.field("power").filter(pa.array(fits)), "")
            values[fits] = _floats(pc.binary_join_element_wise(pc.replace_substring(digits, ",", "."), power, ""))
    for factor, words in _MULTIPLIERS.items():
        values[_true(pc.is_in(parts.field("times"), value_set=pa.array(words)))] *= factor
    opened, closed = _true(_filled(parts, "open")), _true(_filled(parts, "close"))
    minus = np.zeros(len(text), dtype=int) + opened
    for name in ("before", "inner", "after"):
        minus += _true(pc.equal(parts.field(name), "-"))
    values[minus % 2 == 1] *= -1.0
    values[(opened != closed) | (minus > 1)] = np.nan
    return values


def _parts(text: pa.Array) -> pa.StructArray:
    lowered = pc.replace_substring_regex(pc.utf8_lower(text), "[−–]", "-")
    return pc.extract_regex(lowered, _CELL)


def _fits(body: pa.Array, mark: str) -> NDArray[np.bool_]:
    """Which bodies are numbers with this decimal mark and groups of three digits; no group follows a leading zero."""
    group = _GROUPS[mark]
    pattern = rf"^([1-9][0-9]{{0,2}}({group}[0-9]{{3}})+|[0-9]+)?([{mark}][0-9]*)?$"
    return _true(pc.and_(pc.not_equal(body, ""), pc.match_substring_regex(body, pattern)))


def _filled(parts: pa.StructArray, name: str) -> pa.Array:
    return pc.fill_null(pc.not_equal(parts.field(name), ""), False)


def _floats(text: pa.Array) -> NDArray[np.float64]:
    return np.asarray(text.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)


def _true(mask: pa.Array) -> NDArray[np.bool_]:
    return np.asarray(pc.fill_null(mask, False).to_numpy(zero_copy_only=False), dtype=bool)
