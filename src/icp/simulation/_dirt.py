"""What typing, importing and forgetting do to the truth: cells as text, the way they stand in a CRM export."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icp.simulation._draws import Codes, Draws, Numbers

__all__ = ["COLUMNS", "clean_cells", "dirty_cells", "double_records"]

COLUMNS = (
    "name", "website", "industry", "country", "city", "ownership", "founded_on", "employees", "annual_revenue_eur",
    "revenue_growth", "n_locations", "open_positions", "crm_system", "cloud_setup", "online_shop", "has_data_team",
    "lead_source", "owner", "created_on",
)  # fmt: skip
"""Columns of the accounts table after ``account_id``."""

Words = NDArray[np.object_]

_NUMBERS = ("employees", "annual_revenue_eur", "n_locations", "open_positions")
_DATES = ("founded_on", "created_on")
_TYPED = ("industry", "country", "ownership", "lead_source")
_TOKENS = ("", "n/a", "-", "NULL")
_MISSING = {
    "founded_on": 0.08, "employees": 0.05, "annual_revenue_eur": 0.10, "revenue_growth": 0.12, "n_locations": 0.06,
    "open_positions": 0.04, "crm_system": 0.09, "cloud_setup": 0.11, "online_shop": 0.05, "has_data_team": 0.07,
    "ownership": 0.04, "industry": 0.02, "website": 0.06, "city": 0.02,
}  # fmt: skip


def clean_cells(truth: pd.DataFrame) -> pd.DataFrame:
    """Every cell as text, written one way.

    Parameters
    ----------
    truth : DataFrame, shape (n, n_columns)
        Numbers, dates and words as they are.

    Returns
    -------
    DataFrame of str, shape (n, 19)
        The columns :data:`COLUMNS`.
    """
    cells = {}
    for name in COLUMNS:
        if name in _NUMBERS:
            cells[name] = truth[name].astype(np.int64).astype(str).astype(object).to_numpy()
        elif name in _DATES:
            cells[name] = truth[name].dt.strftime("%Y-%m-%d").astype(object).to_numpy()
        elif name == "revenue_growth":
            cells[name] = np.array([f"{value:.1f}%" for value in truth[name].tolist()], dtype=object)
        else:
            cells[name] = truth[name].astype(object).to_numpy()
    return pd.DataFrame(cells)


def dirty_cells(draws: Draws, cells: pd.DataFrame, truth: pd.DataFrame, dirt: float) -> pd.DataFrame:
    """The cells with typos, mixed formats and gaps.

    Parameters
    ----------
    draws : Draws
        Source of randomness.
    cells : DataFrame of str
        As :func:`clean_cells` gives them.
    truth : DataFrame
        What they stand for.
    dirt : float
        0 changes nothing, 1 is an ordinary CRM.

    Returns
    -------
    DataFrame of str
        Same shape.
    """
    dirty = cells.copy()
    for name in _TYPED:
        dirty[name] = _mistyped(draws, dirty[name].to_numpy(dtype=object, copy=True), dirt)
    for name, ways in _WAYS.items():
        dirty[name] = _mixed(draws, dirty[name].to_numpy(dtype=object, copy=True), truth[name], ways, dirt)
    small = np.clip(2.2 - np.log10(truth["employees"].to_numpy(dtype=np.float64)), -1.0, 1.0)
    for name, share in _MISSING.items():
        uneven = 1.0 + 0.8 * small if name in ("annual_revenue_eur", "revenue_growth", "founded_on") else 1.0
        dirty[name] = _emptied(draws, dirty[name].to_numpy(dtype=object, copy=True), dirt * share * uneven)
    return dirty


def double_records(draws: Draws, n: int, dirt: float) -> tuple[Codes, Codes]:
    """Companies that someone entered a second time.

    Parameters
    ----------
    draws : Draws
        Source of randomness.
    n : int
        Number of accounts, doubles included.
    dirt : float
        At 1, six in a thousand accounts are doubles.

    Returns
    -------
    tuple of ndarray of int64, shape (n_doubles,)
        Rows of the doubles, and the earlier row each repeats.
    """
    row = np.flatnonzero(draws.chance(min(0.006 * dirt, 0.5), n))
    row = row[row >= 10]
    original = np.floor(draws.uniform(len(row)) * row).astype(np.int64)
    fresh = ~np.isin(original, row)
    return row[fresh], original[fresh]


def _mistyped(draws: Draws, words: Words, dirt: float) -> Words:
    """One word in fifty in another case, with a stray blank, or with a letter lost or swapped."""
    n = len(words)
    hit, how, where = draws.uniform(n) < 0.02 * dirt, draws.pick([3, 2, 2, 2, 2], n), draws.uniform(n)
    for i in np.flatnonzero(hit):
        word = words[i]
        at = 1 + int(where[i] * (len(word) - 2))
        words[i] = (
            word.lower(),
            word.upper(),
            f" {word} ",
            word[:at] + word[at + 1 :],
            word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :],
        )[how[i]]
    return words


def _emptied(draws: Draws, words: Words, share: float | Numbers) -> Words:
    """Some cells replaced by one of the ways to write that nothing is known; mostly nothing at all."""
    n = len(words)
    gone = draws.chance(share, n)
    token = np.array(_TOKENS, dtype=object)[draws.pick([80, 12, 5, 3], n)]
    return np.where(gone, token, words)


Writer = Callable[[pd.Series], Words]


def _each(write: Callable[[Any], str]) -> Writer:
    """A writer that goes cell by cell."""
    return lambda values: np.array([write(value) for value in values.tolist()], dtype=object)


def _day(style: str) -> Writer:
    """A writer of dates."""
    return lambda values: values.dt.strftime(style).astype(object).to_numpy()


def _short(value: float) -> str:
    """1.2m for 1,200,000; amounts that would lose digits are written out."""
    text = f"{value / 1e6:.2f}".rstrip("0").rstrip(".")
    return f"{text}m" if value >= 1e5 and abs(float(text) * 1e6 - value) < 1 else f"{value:.0f}"


def _signed(value: float) -> str:
    """+3.5% for growth."""
    return f"+{value:.1f}%" if value > 0 else f"{value:.1f}%"


_WAYS: dict[str, tuple[tuple[float, Writer], ...]] = {
    "annual_revenue_eur": (
        (0.12, _each(lambda value: f"EUR {value:,.0f}")),
        (0.08, _each(_short)),
        (0.04, _each(lambda value: f"\N{EURO SIGN}{value:,.0f}")),
    ),
    "employees": ((0.15, _each(lambda value: f"{value:,.0f}")), (0.03, _each(lambda value: f"{value:.1f}"))),
    "revenue_growth": ((0.10, _each(lambda value: f"{value:.1f} %")), (0.04, _each(_signed))),
    "founded_on": ((0.12, _day("%d.%m.%Y")), (0.04, _day("%Y/%m/%d"))),
    "has_data_team": ((0.08, _each(str.title)), (0.03, _each(lambda word: str(word[0]).upper()))),
}
"""Other ways to write the cells of a column, each with its share."""


def _mixed(draws: Draws, words: Words, values: pd.Series, ways: tuple[tuple[float, Writer], ...], dirt: float) -> Words:
    """The cells of one column, some of them written another way."""
    drawn = draws.uniform(len(words))
    start = 0.0
    for share, write in ways:
        rows = np.flatnonzero((drawn >= start) & (drawn < start + share * dirt))
        words[rows] = write(values.iloc[rows])
        start += share * dirt
    return words
