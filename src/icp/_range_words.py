"""How the ranges of a trait are written: standings, ages, and plain figures."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from icp._wording import number, percent
from icp.tables import Trait

__all__ = ["ANY", "MONTH", "NONE_ON_RECORD", "ONE_ON_RECORD", "YEAR", "Age", "Figures", "Form", "Standing"]

Floats = NDArray[np.float64]

NONE_ON_RECORD = "none on record"
ONE_ON_RECORD = "at least one on record"
YEAR = 365.0
MONTH = YEAR / 12
ANY = 1e-300
_MONTHS_IN_DAYS = {60.0: 2, 90.0: 3, 120.0: 4, 150.0: 5}
_WHOLE_LIMIT = 10_000
_MILLION = 1e6
_SIGNS = ("$", "€", "£", "¥")


class Form(ABC):
    """How the ranges of one trait are written."""

    @abstractmethod
    def under(self, edge: float) -> str:
        """Name of everything below an edge."""

    @abstractmethod
    def or_more(self, edge: float) -> str:
        """Name of everything from an edge on."""

    @abstractmethod
    def between(self, low: float, high: float) -> str:
        """Name of a range that has both ends."""

    def names(self, edges: tuple[float, ...]) -> tuple[str, ...]:
        """Name of every range."""
        if not edges:
            return ("any value",)
        middle = (self.between(low, high) for low, high in itertools.pairwise(edges))
        return (self.under(edges[0]), *middle, self.or_more(edges[-1]))


class Standing(Form):
    """A count that fades is told by the place it gives an account among all."""

    def __init__(self, ordered: Floats) -> None:
        self.ordered = ordered

    def under(self, edge: float) -> str:
        if edge == ANY:
            return NONE_ON_RECORD
        return f"lowest {percent(self._below(edge))} of accounts"

    def or_more(self, edge: float) -> str:
        if edge == ANY:
            return ONE_ON_RECORD
        return f"top {percent(1.0 - self._below(edge))} of accounts"

    def between(self, low: float, high: float) -> str:
        start, end = self._below(low), self._below(high)
        if low == ANY:
            return f"{ONE_ON_RECORD}, within the lowest {percent(end)} of accounts"
        if 1.0 - start < end:
            return f"top {percent(1.0 - end)} to {percent(1.0 - start)} of accounts"
        return f"lowest {percent(start)} to {percent(end)} of accounts"

    def _below(self, edge: float) -> float:
        return float(np.searchsorted(self.ordered, edge, side="left") / len(self.ordered))


class Age(Form):
    """Time gone by, in the unit people would take."""

    def under(self, edge: float) -> str:
        return f"less than {_time(edge)} ago"

    def or_more(self, edge: float) -> str:
        size, unit = _time(edge).rsplit(" ", 1)
        return f"{size} or more {unit if unit.endswith('s') else unit + 's'} ago"

    def between(self, low: float, high: float) -> str:
        start, end = _time(low), _time(high)
        if low in _MONTHS_IN_DAYS and end.endswith("months"):
            start = f"{_MONTHS_IN_DAYS[low]} months"
        if low > 5.5 * MONTH and (start.endswith("months") or end.endswith("months")):
            start, end = f"{low / MONTH:.0f} months", f"{high / MONTH:.0f} months"
        if start.split()[1].rstrip("s") == end.split()[1].rstrip("s"):
            start = start.split()[0]
        return f"{start} to {end} ago"


def _time(days: float) -> str:
    """An age in days, months or years."""
    for size, unit in ((YEAR, "years"), (MONTH, "months")):
        count = days / size
        if days > 5.5 * MONTH and abs(count - round(count)) < 1e-9:
            return number(round(count), unit)
    return number(days, "days")


class Figures(Form):
    """Plain numbers: counts, amounts, shares, calendar years, yes and no."""

    def __init__(self, trait: Trait, ordered: Floats) -> None:
        self.trait = trait
        self.low, self.high = float(ordered[0]), float(ordered[-1])
        self.whole = bool(np.all(ordered == np.round(ordered)))
        self.years = self.whole and _are_years(ordered)
        self.closed = False
        """Whether every range of the trait ends one below the next, so that no two of them seem to share a number."""
        self.answers = self.whole and (self.low, self.high) == (0.0, 1.0) and trait.rule == "value" and trait.unit == ""

    def value(self, x: float, unit: bool = True) -> str:
        """One number, with its unit unless the label says it or ``unit`` is off."""
        if self.years:
            return f"{x:.0f}"
        word = self.trait.unit
        if len(word) > 1 and word.lower() in self.trait.label.lower():
            word = ""
        if not unit and word not in _SIGNS:
            word = ""
        if abs(x) >= _MILLION and float(f"{x / _MILLION:.3g}") * _MILLION == x:
            size, name = (x / 1e9, "billion") if abs(x) >= 1e9 else (x / _MILLION, "million")
            sign = word if word in _SIGNS else ""
            return f"{number(size, sign)} {name}{f' {word}' if word and not sign else ''}"
        return number(x, word)

    def under(self, edge: float) -> str:
        if self.answers:
            return "no"
        if self.low == 0 and (edge == ANY or (self.whole and edge == 1)):
            return "none" if self._is_count() else self.value(0.0)
        return f"{'before' if self.years else 'under'} {self.value(edge)}"

    def or_more(self, edge: float) -> str:
        if edge == ANY:
            return f"more than {self.value(0.0)}"
        return "yes" if self.answers else f"{self.value(edge)} or {'later' if self.years else 'more'}"

    def between(self, low: float, high: float) -> str:
        if low == ANY:
            return f"more than 0, under {self.value(high)}"
        if self.closed or (self.whole and abs(high) < _WHOLE_LIMIT):
            if high - 1 == low:
                return self.value(low)
            return f"{self.value(low, unit=False)} to {self.value(high - 1)}"
        start, end = self.value(low, unit=False), self.value(high)
        for scale in (" million", " billion"):
            if start.endswith(scale) and scale in end and start[0].isdigit():
                start = start.removesuffix(scale)
        return f"{start} to {end}"

    def names(self, edges: tuple[float, ...]) -> tuple[str, ...]:
        self.closed = bool(self.whole and edges) and edges[0] < _WHOLE_LIMIT and edges[-1] < _MILLION
        names = list(super().names(edges))
        if not edges or self.answers:
            return tuple(names)
        if self.whole and self.low == edges[0] - 1 and self.low != 0:
            names[0] = self.value(self.low)
        if self.whole and self.high == edges[-1]:
            names[-1] = self.value(edges[-1])
        return tuple(names)

    def _is_count(self) -> bool:
        return any(f":{name}:" in self.trait.rule for name in ("count", "days", "amount_sum"))


def _are_years(ordered: Floats) -> bool:
    """Whether whole numbers are calendar years, which are written without separators."""
    low, high = np.quantile(ordered, [0.02, 0.98])
    return bool(low >= 1500 and high <= 2100 and ordered[0] != ordered[-1])
