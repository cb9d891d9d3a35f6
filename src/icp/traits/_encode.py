"""Parsed cells to numbers, one row at a time and all rows at once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icp._history import DAY
from icp.tables import OTHER_LEVEL, Trait

__all__ = ["encode", "fold"]

_FEW = 1000
"""Fewer cells are looked up one by one: finding the different ones first would take longer."""
_BLANKS = re.compile(r"(?<!\d)[\s_]+|[\s_]+(?!\d|[\s_])")


def encode(
    columns: Mapping[str, Any],
    as_of: NDArray[np.datetime64],
    traits: Sequence[Trait],
    dated: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Values of all traits; each row depends on its own cells only.

    Parameters
    ----------
    columns : mapping of str to ndarray, each of shape (n_rows,)
        Parsed cells by column name: ``float64`` with NaN, ``datetime64`` with NaT, or text with None or NaN (objects,
        or an array of pandas).
    as_of : ndarray of datetime64, shape (n_rows,)
        Date ages count to; NaT makes them NaN.
    traits : sequence of Trait
        As learned by :class:`icp.traits.TraitEncoder`.
    dated : ndarray of float64, shape (n_rows, n_traits), default=None
        As made by :func:`icp.traits.dated_values`; None leaves those traits NaN.

    Returns
    -------
    ndarray of float64, shape (n_rows, n_traits)
        Numbers, or codes into ``levels``; NaN is "not known".

    Examples
    --------
    >>> size = Trait("size", "numeric", "fit", "size", ("size",))
    >>> sector = Trait("sector", "categorical", "fit", "sector", ("sector",), levels=("Steel", "other values"))
    >>> cells = {"size": np.array([3.0, np.nan]), "sector": np.array(["Steel", "Toys"], dtype=object)}
    >>> encode(cells, np.array(["NaT", "NaT"], dtype="datetime64[us]"), (size, sector)).tolist()
    [[3.0, 0.0], [nan, 1.0]]
    """
    values = np.full((len(as_of), len(traits)), np.nan)
    for j, trait in enumerate(traits):
        if trait.rule == "value":
            cells = columns[trait.sources[0]]
            values[:, j] = _codes(cells, trait.levels) if trait.kind == "categorical" else cells
        elif trait.rule == "age":
            values[:, j] = _age(columns[trait.sources[0]], as_of)
        elif dated is not None:
            values[:, j] = dated[:, j]
    values[np.isinf(values)] = np.nan
    return values


def _numbers(cells: NDArray[Any]) -> NDArray[np.float64]:
    """The cells; infinities count as not known."""
    numbers = np.asarray(cells, dtype=np.float64)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _codes(cells: Any, levels: tuple[str, ...]) -> NDArray[np.float64]:
    """Position of each cell in the levels, by spelling, else without regard to case and blanks.

    A value never seen is one of the rare ones, if there are any.
    """
    spelled = _by_spelling(levels)
    if len(cells) < _FEW:
        listed = cells.tolist()
        codes = {cell: spelled[cell] if cell in spelled else _other(cell, levels) for cell in set(listed)}
        return np.array([codes[cell] for cell in listed], dtype=np.float64)
    place, different = pd.factorize(cells)
    each = [spelled[cell] if cell in spelled else _other(cell, levels) for cell in different.tolist()]
    return np.array([*each, np.nan], dtype=np.float64)[place]


def _other(cell: Any, levels: tuple[str, ...]) -> float:
    """The code of a cell that is spelled like no level."""
    if pd.isna(cell):
        return np.nan
    folded, unseen = _by_fold(levels)
    return folded.get(fold(str(cell)), unseen)


@lru_cache(maxsize=4096)
def _by_spelling(levels: tuple[str, ...]) -> dict[Any, float]:
    return {level: float(code) for code, level in enumerate(levels)} | {None: np.nan}


@lru_cache(maxsize=4096)
def _by_fold(levels: tuple[str, ...]) -> tuple[dict[str, float], float]:
    """Codes by folded spelling, the first of two alike; and the code of what is unlike all."""
    folded: dict[str, float] = {}
    for code, level in enumerate(levels):
        folded.setdefault(fold(level), float(code))
    return folded, len(levels) - 1.0 if levels and levels[-1] == OTHER_LEVEL else np.nan


def fold(text: str) -> str:
    """The part of a category's spelling that tells it from others: no case, no blanks except between digits.

    Parameters
    ----------
    text : str
        As written.

    Returns
    -------
    str
        Equal for spellings of one value.

    Examples
    --------
    >>> fold("Trade Fair / Expo") == fold("trade fair/expo"), fold("1 10") == fold("11 0")
    (True, False)
    """
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text).casefold())


def _age(cells: NDArray[Any], as_of: NDArray[np.datetime64]) -> NDArray[np.float64]:
    """Days from the cell to the as-of date; a later date is not known yet."""
    then, now = np.asarray(cells).astype("datetime64[us]"), np.asarray(as_of).astype("datetime64[us]")
    age = (now - then) / np.timedelta64(DAY, "us")
    return np.where(age >= 0, age, np.nan)
