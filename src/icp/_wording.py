"""Words and numbers that people read, safe in a CRM cell.

Texts that leave the package (reasons, profile names, talking points) go through :func:`plain`, so that no importer,
spreadsheet or CRM changes, cuts or runs them. Numbers are worded by :func:`number`, :func:`percent` and :func:`times`.
"""

from __future__ import annotations

import math
import re
import unicodedata

__all__ = ["MAX_TEXT", "as_written", "capital", "column_words", "fact", "inner", "number", "percent", "plain", "times"]

MAX_TEXT = 255
"""Most characters, and most UTF-8 bytes, of a text in a CRM field."""

_AND = re.compile(r"\s*&(?:amp;)?\s*")
_COMPARISONS = tuple(
    (re.compile(rf"(?<![-=/\"']){sign}\s*(?=[$€£¥]?\s*[+-]?[.,]?\d)"), f" {words} ")
    for sign, words in (("<=", "at most"), (">=", "at least"), ("<", "under"), (">", "over"))
)
_SPACES = re.compile(r"\s+")
_CUSTOM = re.compile(r"__c$")
_RUN_TOGETHER = re.compile(r"(?<=[a-z][a-z])(?=[A-Z][a-z])")
_DATE_WORD = re.compile(r"(?<=\w)[ ]+(on|at|date|day|time|timestamp)$", re.IGNORECASE)
_ACRONYM = re.compile(r"\b(crm|erp|id|url|hr|vat|nace|sic|naics|b2b|b2c|saas|seo|sms|eu|uk|usa|ceo|cfo|cto)\b")
_HARMLESS = re.compile(r"[0-9A-Za-z][ !#$%'()*+,./:;=?@\[\]^_`{}~0-9A-Za-z-]*")
_STARTS_FORMULA = " =+-@'＝＋－＠＇"
_FORBIDDEN = frozenset('"|<>')
_SIGNS = frozenset("$€£¥")
_DIGITS = 3


def plain(text: str, limit: int = MAX_TEXT) -> str:
    """The text as any CRM takes it: one line, no mark-up, no formula, cut at a word.

    Parameters
    ----------
    text : str
        Any text, for example a sentence around a value from the user's table.
    limit : int, default=255
        Most characters, and most UTF-8 bytes, of the result.

    Returns
    -------
    str
        In Unicode form NFC, with single spaces. Comparisons with a number are worded, ``&`` becomes "and"; control
        and invisible characters, ``" | < >`` and emoji are replaced by a space. Nothing at the start that a
        spreadsheet takes for a formula, no backslash at the end. Empty where nothing is left.

    Examples
    --------
    >>> plain("R&D | Tools")
    'R and D Tools'
    >>> plain("<50 seats, >= 3 offices")
    'under 50 seats, at least 3 offices'
    >>> plain('=HYPERLINK("x")')
    'HYPERLINK( x )'
    >>> plain("Industry Software: 38 of 120 best customers", limit=24)
    'Industry Software...'
    """
    if len(text) <= limit and "  " not in text and not text.endswith(" ") and _HARMLESS.fullmatch(text):
        return text
    composed = _AND.sub(" and ", unicodedata.normalize("NFC", text))
    for sign, words in _COMPARISONS:
        composed = sign.sub(words, composed)
    kept = "".join(character if _is_legal(character) else " " for character in composed)
    return _cut(_bare_ends(unicodedata.normalize("NFC", _SPACES.sub(" ", kept))), limit)


def as_written(text: str) -> str:
    """The text as its writer sees it: in form NFC, with single spaces; equal to :func:`plain` where nothing is changed.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        Without blanks at its ends.

    Examples
    --------
    >>> plain("R&D  tools") == as_written("R&D  tools"), plain(" Our  tools") == as_written(" Our  tools")
    (False, True)
    """
    return unicodedata.normalize("NFC", _SPACES.sub(" ", text)).strip()


def _is_legal(character: str) -> bool:
    """Whether a character survives every importer: a letter, mark, digit, sign or space of the first Unicode plane."""
    code = ord(character)
    if code < 0x7F:
        return code >= 0x20 and character not in _FORBIDDEN
    return code <= 0xFFFF and unicodedata.category(character)[0] != "C" and not _is_picture(code)


def _is_picture(code: int) -> bool:
    """Whether a code point of the first plane is drawn as an emoji, or makes its neighbour one."""
    return (
        0x2600 <= code <= 0x27BF
        or 0x2B00 <= code <= 0x2BFF
        or 0xFE00 <= code <= 0xFE0F
        or code == 0x20E3
        or code in (0x231A, 0x231B, 0x2328, 0x23CF)
        or 0x23E9 <= code <= 0x23FF
    )


def _bare_ends(text: str) -> str:
    """The text without formula signs or loose accents at its start, and without backslashes at its end."""
    start = 0
    while start < len(text) and (text[start] in _STARTS_FORMULA or unicodedata.category(text[start])[0] == "M"):
        start += 1
    return text[start:].rstrip(" \\")


def _cut(text: str, limit: int) -> str:
    """The text in at most ``limit`` characters and bytes, ended by "..." where it was cut."""
    if len(text.encode()) <= limit:
        return text
    room = max(limit - 3, 0)
    head = text.encode()[:room].decode(errors="ignore")
    space = head.rfind(" ")
    if space > room // 2:
        head = head[:space]
    return (head.rstrip(" ,;:.(\\") + "...")[:limit]


def inner(text: str, limit: int = MAX_TEXT) -> str:
    """The user's text for the middle of a sentence, where a leading sign is harmless and has its meaning (``-5``).

    Parameters
    ----------
    text : str
        Any text.
    limit : int, default=255
        Most characters and bytes.

    Returns
    -------
    str
        As :func:`plain` gives it, but with its first sign.
    """
    return plain(f"x {text}", limit + 2)[2:]


def capital(text: str) -> str:
    """The first letter large, unless the word has its own shape.

    Parameters
    ----------
    text : str
        Start of a sentence.

    Returns
    -------
    str
        The same words.

    Examples
    --------
    >>> capital("annual revenue"), capital("eCommerce share")
    ('Annual revenue', 'eCommerce share')
    """
    if len(text) > 1 and text[1].isupper():
        return text
    return text[:1].upper() + text[1:]


def column_words(name: str) -> str:
    """A column's name as people would say it, still recognisable.

    Parameters
    ----------
    name : str
        As in the user's table.

    Returns
    -------
    str
        Underscores are blanks, and words run together are parted unless the name holds a digit; common short forms are
        in capitals, and a CRM's mark of its own columns (``__c``) is dropped.

    Examples
    --------
    >>> [column_words(name) for name in ("founded_on", "NumCatalogPurchases", "AcceptedCmp2", "crm_system", "Area__c")]
    ['founded on', 'Num Catalog Purchases', 'AcceptedCmp2', 'CRM system', 'Area']
    """
    words = _SPACES.sub(" ", _CUSTOM.sub("", name).replace("_", " ")).strip()
    words = _ACRONYM.sub(lambda found: found[0].upper(), words)
    if not words or any(character.isdigit() for character in words):
        return words or name
    return _RUN_TOGETHER.sub(" ", words)


def fact(label: str, group: str) -> str:
    """What is so about an account: a trait and the group its value is in.

    Parameters
    ----------
    label : str
        Words of the trait.
    group : str
        Words of the group.

    Returns
    -------
    str
        With a colon, or as one phrase where the trait tells when something happened.

    Examples
    --------
    >>> fact("employees", "50 to 199"), fact("founded on", "5 to 10 years ago")
    ('employees: 50 to 199', 'founded 5 to 10 years ago')
    """
    happened = _DATE_WORD.sub("", label)
    if group.endswith(" ago") and (happened != label or label.lower().startswith(("first ", "last "))):
        return f"{happened} {group}"
    return f"{label}: {group}"


def number(x: float, unit: str = "") -> str:
    """A number for people: thousands separators, three figures where it is not whole, never an exponent.

    Parameters
    ----------
    x : float
        Value.
    unit : str, default=""
        ``"%"``, a currency sign (stands before), a currency code or a word such as ``"days"`` (stand behind).

    Returns
    -------
    str
        ``"unknown"`` for NaN; negative numbers begin with "minus", so that no cell begins with a dash.

    Examples
    --------
    >>> number(1234567), number(0.123456), number(-12.5, "%"), number(50000, "€"), number(1, "days")
    ('1,234,567', '0.123', 'minus 12.5 %', '€50,000', '1 day')
    """
    if not math.isfinite(x):
        return "unknown" if math.isnan(x) else "unlimited"
    size = abs(x)
    text = _figures(size)
    if unit in _SIGNS:
        text = f"{unit}{text}"
    elif unit:
        text = f"{text} {unit[:-1] if text == '1' and unit in ('days', 'weeks', 'months', 'years') else unit}"
    return f"minus {text}" if x < 0 and size > 0 else text


def _figures(size: float) -> str:
    """A non-negative number with up to three figures behind the point, whole ones in full."""
    if size == round(size) or size >= 10 ** (_DIGITS - 1):
        return f"{size:,.0f}"
    decimals = _DIGITS - 1 - math.floor(math.log10(size))
    return f"{size:,.{decimals}f}".rstrip("0").rstrip(".")


def percent(share: float) -> str:
    """A share in per cent: whole from 10 % on, one decimal below, and 0 % or 100 % only where that is exact.

    Parameters
    ----------
    share : float
        Between 0 and 1.

    Returns
    -------
    str
        For example ``"12 %"``.

    Examples
    --------
    >>> percent(0.123), percent(0.0952), percent(0.0001), percent(0.9996), percent(1)
    ('12 %', '9.5 %', 'under 0.1 %', 'over 99.9 %', '100 %')
    """
    value = 100 * share
    if 0 < value < 0.05:
        return "under 0.1 %"
    if 99.95 <= value < 100:
        return "over 99.9 %"
    decimals = 0 if 9.95 <= value < 99.5 or value >= 100 else 1
    text = f"{value:.{decimals}f}"
    return f"{text[:-2] if text.endswith('.0') else text} %"


def times(x: float) -> str:
    """A ratio in words: ``2.1 times``.

    Parameters
    ----------
    x : float
        Ratio, not negative.

    Returns
    -------
    str
        One decimal below 10, two below 0.1, none from 10 on.

    Examples
    --------
    >>> times(2.14), times(12.3), times(0.04)
    ('2.1 times', '12 times', '0.04 times')
    """
    decimals = 0 if x >= 9.95 else 2 if x < 0.1 else 1
    return f"{x:.{decimals}f} times"
