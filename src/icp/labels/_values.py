"""Which cells mean yes: values compared as trimmed text, as numbers where both parse, as booleans without case."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from icp.errors import ConfigError, Problem, did_you_mean
from icp.options import LabelOptions

__all__ = [
    "NOT_KNOWN",
    "as_list",
    "cells_of_best",
    "in_words",
    "looks_open",
    "pick_values",
    "same_value",
    "value_counts",
]

_TRUE = frozenset({"true", "yes", "y", "ja", "oui", "si", "sí", "sim"})
_FALSE = frozenset({"false", "no", "n", "nein", "non", "não"})
_WON = _TRUE | {
    "1", "won", "win", "closed won", "closed-won", "closedwon", "converted", "customer", "success", "positive",
    "accepted", "purchased", "bought", "subscribed", "gewonnen",
}  # fmt: skip
_OPEN = frozenset({
    "open", "pending", "in progress", "new", "engaging", "prospecting", "qualification", "qualified", "discovery",
    "demo", "proposal", "negotiation", "quote", "quoted", "contacted", "working", "nurturing", "offen",
})  # fmt: skip
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_SHOWN = 10


NOT_KNOWN = "are not known: empty, or a word such as none, n/a or -"
"""Said of cells without a value: who wrote such a word looks for it among the values."""


def as_list(value: Any) -> list[Any]:
    """A scalar or list of an option as a list; None as an empty one.

    Parameters
    ----------
    value : Any
        As in a config.

    Returns
    -------
    list
        The values.
    """
    if value is None:
        return []
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]


def same_value(left: Any, right: Any) -> bool:
    """Whether two values mean the same.

    Parameters
    ----------
    left, right : Any
        A cell or a value of a config.

    Returns
    -------
    bool
        ``1`` is ``1.0``; ``TRUE`` is ``true`` and ``yes``; ``true`` is also ``1``; other text keeps its case.

    Examples
    --------
    >>> same_value("1.0", 1), same_value(" Yes", True), same_value("won", "Won")
    (True, True, False)
    """
    one, two = _meaning(left), _meaning(right)
    if isinstance(one, str) or isinstance(two, str):
        return isinstance(one, str) and isinstance(two, str) and one == two
    return float(one) == float(two)


def _meaning(value: Any) -> bool | float | str:
    """A boolean, a number, or trimmed text."""
    if isinstance(value, (bool, int, float)):
        return value
    text = unicodedata.normalize("NFC", str(value)).strip()
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    return float(text) if _NUMBER.fullmatch(text) else text


def looks_open(value: str) -> bool:
    """Whether a value names a deal that is neither won nor lost.

    Parameters
    ----------
    value : str
        A cell.

    Returns
    -------
    bool
        By a fixed list of words.
    """
    return value.strip().lower() in _OPEN


def in_words(values: Sequence[Any]) -> str:
    """Values for a sentence.

    Parameters
    ----------
    values : sequence
        As in a config.

    Returns
    -------
    str
        ``"Won"`` or ``"Won or Renewed"``.
    """
    return " or ".join(str(value) for value in values)


def pick_values(
    counts: Mapping[str, int],
    positive: Any,
    negative: Any,
    *,
    column: str,
    open_words: bool = False,
    n_unknown: int = 0,
) -> tuple[list[str], list[str]]:
    """Which of the values found mean best, and which mean not best.

    Parameters
    ----------
    counts : mapping of str to int
        Values found, none of them empty, with how many rows have them.
    positive, negative : Any
        Value, list of values, or None for the default: of two values (or of the kinds of an outcome) the one that says
        yes; and every other value.
    column : str
        Where the values stand, for messages.
    open_words : bool, default=False
        Leave values that name an open deal out of the default ``negative``.
    n_unknown : int, default=0
        Cells without a value, for messages.

    Returns
    -------
    positive, negative : list of str
        Values as found, in the order found.

    Raises
    ------
    ConfigError
        ``positive`` is not given and cannot be told (``ICP213``), none of its values or none of ``negative`` occurs
        (``ICP214``), or a value is on both sides (``ICP215``).
    """
    shown = _listed(counts) + (f"; {n_unknown:,} cells {NOT_KNOWN}" if n_unknown else "")
    if positive is None:
        best = [value for value in counts if value.strip().lower() in _WON]
        if _n_meanings(best) != 1 or (_n_meanings(counts) != 2 and not open_words):
            raise ConfigError.one(
                "ICP213", f"labels.positive is not given, and '{column}' has the values {shown}.",
                "Say which mean best, for example labels.positive=1.", column=column,
            )  # fmt: skip
    else:
        best = [value for value in counts if any(same_value(value, wanted) for wanted in as_list(positive))]
    if not best:
        raise _none_occurs("positive", as_list(positive), counts, column, shown)
    if negative is None:
        return best, [v for v in counts if v not in best and not (open_words and looks_open(v))]
    rest = [value for value in counts if any(same_value(value, wanted) for wanted in as_list(negative))]
    if as_list(negative) and not rest:
        raise _none_occurs("negative", as_list(negative), counts, column, shown)
    both = [value for value in best if value in rest]
    if both:
        problem = Problem(
            "ICP215",
            f"{in_words(both)} is in labels.positive and in labels.negative.",
            "Keep it in one.",
            column=column,
        )
        raise ConfigError("the definition of best contradicts itself", [problem])
    return best, rest


def _none_occurs(key: str, wanted: list[Any], counts: Mapping[str, int], column: str, shown: str) -> ConfigError:
    near = did_you_mean(str(wanted[0]), counts) if wanted else ""
    return ConfigError.one(  # type: ignore[return-value]
        "ICP214", f"no cell of '{column}' is {in_words(wanted)}; it has the values {shown}.",
        f"{near}Set labels.{key} to values that occur.", column=column,
    )  # fmt: skip


def cells_of_best(options: LabelOptions, cells: Sequence[str]) -> list[str]:
    """Which cells of the label's column mean best, in a table that is only scored.

    Parameters
    ----------
    options : LabelOptions
        ``column`` and ``positive``.
    cells : sequence of str
        Different cells, none empty. None of them need mean best.

    Returns
    -------
    list of str
        In the order given.

    Examples
    --------
    >>> cells_of_best(LabelOptions(column="stage", positive=["Won", 1]), ["Lost", "Won", "1.0"])
    ['Won', '1.0']
    >>> cells_of_best(LabelOptions(column="converted"), ["no", "yes"])
    ['yes']
    """
    if options.positive is None:
        return [cell for cell in cells if cell.strip().lower() in _WON]
    return [cell for cell in cells if any(same_value(cell, wanted) for wanted in as_list(options.positive))]


def _n_meanings(values: Iterable[str]) -> int:
    """How many different things the values mean, whatever their case."""
    return len({meaning.lower() if isinstance(meaning, str) else meaning for meaning in map(_meaning, values)})


def value_counts(cells: pd.Series) -> dict[str, int]:
    """Filled values with their number of rows, most frequent first, then by name.

    Parameters
    ----------
    cells : Series of str
        Missing cells are NaN or empty text.

    Returns
    -------
    dict of str to int
        Values trimmed.
    """
    counts = cells.dropna().astype(str).str.strip().value_counts()
    found = {str(value): int(n) for value, n in counts.items() if value}
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _listed(counts: Mapping[str, int]) -> str:
    """The values and how often they occur, for a message."""
    parts = [f"{value} ({n:,})" for value, n in list(counts.items())[:_SHOWN]]
    more = f" and {len(counts) - _SHOWN:,} more" if len(counts) > _SHOWN else ""
    return ", ".join(parts) + more if parts else "none"
