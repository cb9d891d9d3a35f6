"""Groups of a trait's values that a person would name: levels, ranges with round edges, and "not known".

Numbers part at the roundest figures near their quantiles, ages at days, months and years, and counts that fade with
time, whose size means nothing to a reader, by the place they give an account among all.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from icp._range_words import ANY, MONTH, NONE_ON_RECORD, YEAR, Age, Figures, Form, Standing
from icp._wording import inner
from icp.tables import OTHER_LEVEL, Trait

__all__ = ["NOT_KNOWN", "Group", "Ranges", "level_words", "make_ranges", "round_edges", "unknown_words"]

Floats = NDArray[np.float64]

NOT_KNOWN = "not known"
_MACHINE_CODE = re.compile(r"(?=.*\d)[0-9A-Za-z_{}-]{20,}")
_STEPS = (5.0, 2.5, 2.0, 1.0)
_AGES = (
    (1, 7, 14, 30, 60, 90, 6 * MONTH, *(YEAR * n for n in (1, 2, 3, 5, 10, 20, 30, 50, 100, 200))),
    (3, 21, 45, 120, 150, 9 * MONTH, 18 * MONTH, 30 * MONTH, *(YEAR * n for n in (4, 6, 7, 8, 15, 25, 40, 75))),
    (
        *(MONTH * n for n in (7, 8, 10, 11, *range(13, 24), 27, 33)),
        *(YEAR * n for n in (9, 12, 35, 45, 60, 70, 80, 90)),
    ),
    (2, 4, 5, 6, 8, 10, 12, 18, 25, 35, 40, 50, 70, 75, 80, 100, 110, 130, 140, 160, 170),
)


@dataclass(frozen=True)
class Group:
    """One group of a trait's values.

    Parameters
    ----------
    kind : {"level", "range", "missing"}
        What it holds.
    text : str
        In words, for example ``"50 to 199"``.
    code : int, default=-1
        Code of the level.
    low, high : float or None, default=None
        Range ``low <= x < high``; None is open.
    """

    kind: Literal["level", "range", "missing"]
    text: str
    code: int = -1
    low: float | None = None
    high: float | None = None

    def holds(self, values: Floats) -> NDArray[np.bool_]:
        """Which cells belong to the group.

        Parameters
        ----------
        values : ndarray of float64, shape (n_accounts,)
            Cells of the trait.

        Returns
        -------
        ndarray of bool, shape (n_accounts,)
            True inside.
        """
        if self.kind == "missing":
            return ~np.isfinite(values)
        if self.kind == "level":
            return values == self.code
        low = -np.inf if self.low is None else self.low
        high = np.inf if self.high is None else self.high
        return (values >= low) & (values < high)

    @property
    def is_telling(self) -> bool:
        """Whether it says what the account is: not that nobody knows, something rare, or a machine's code."""
        if self.kind == "level":
            return self.text != OTHER_LEVEL and not level_words(self.text).endswith("...")
        return self.kind != "missing" and self.text != "none on record"

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values.

        Returns
        -------
        dict
            One key per parameter.
        """
        return dict(self.__dict__)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Group:
        """The group that :meth:`to_dict` described.

        Parameters
        ----------
        values : mapping
            As made by :meth:`to_dict`.

        Returns
        -------
        Group
            Equal to the one described.
        """
        return cls(**values)


@dataclass(frozen=True)
class Ranges:
    """How the numbers of one trait part into named ranges.

    Parameters
    ----------
    edges : tuple of float
        Lower edges of all ranges but the first.
    names : tuple of str, length n_edges + 1
        One per range.
    above, below : tuple of str, length n_edges
        Names of everything from an edge on, and of everything under it.
    """

    edges: tuple[float, ...]
    names: tuple[str, ...]
    above: tuple[str, ...]
    below: tuple[str, ...]


def make_ranges(trait: Trait, known: Floats, n_ranges: int, least: float) -> Ranges:
    """Part the numbers of one trait.

    Parameters
    ----------
    trait : Trait
        What the numbers mean.
    known : ndarray of float64, shape (n_known,)
        Training values, none of them NaN.
    n_ranges : int
        Most ranges.
    least : float
        Fewest values in a range.

    Returns
    -------
    Ranges
        One range, "any value", where no edge leaves enough on both sides.

    Examples
    --------
    >>> trait = Trait("employees", "numeric", "fit", "employees", ("employees",))
    >>> make_ranges(trait, np.arange(1.0, 1001.0), 4, 20).names
    ('under 250', '250 to 499', '500 to 749', '750 or more')
    """
    if not len(known):
        return Ranges((), ("any value",), (), ())
    ordered = np.sort(known)
    if _fades(trait):
        edges = _with_enough(ordered, _share_edges(ordered, n_ranges), least)
        form: Form = Standing(ordered)
    elif _is_age(trait):
        edges = _with_enough(ordered, _near_quantiles(ordered, n_ranges, _round_age), least)
        form = Age()
    else:
        edges = round_edges(ordered, n_ranges, least)
        form = Figures(trait, ordered)
    return Ranges(
        edges,
        form.names(edges),
        tuple(form.or_more(edge) for edge in edges),
        tuple(form.under(edge) for edge in edges),
    )


def round_edges(values: Floats, n_ranges: int, least: float) -> tuple[float, ...]:
    """Edges near the quantiles, each the roundest number in its neighbourhood; few whole numbers part one by one.

    Parameters
    ----------
    values : ndarray of float64, shape (n_values,)
        Known values.
    n_ranges : int
        Most ranges.
    least : float
        Fewest values in a range.

    Returns
    -------
    tuple of float
        Ascending; whole where all values are.

    Examples
    --------
    >>> round_edges(np.arange(1.0, 1001.0), 5, 50)
    (200.0, 400.0, 600.0, 800.0)
    """
    ordered = np.sort(values)
    distinct = np.unique(ordered)
    whole = bool(np.all(distinct == np.round(distinct)))
    if whole and len(distinct) <= n_ranges + 1:
        return _with_enough(ordered, distinct[1:], least)

    def roundest(mark: float, room: float) -> float:
        return _roundest(mark, room, whole)

    zero, others, n_left = _zero_apart(ordered, n_ranges, whole)
    edges = np.concatenate([zero, _near_quantiles(others, n_left, roundest)])
    return _with_enough(ordered, np.unique(edges), least)


def level_words(level: str) -> str:
    """A level in the middle of a sentence.

    Parameters
    ----------
    level : str
        The user's own value, or :data:`icp.tables.OTHER_LEVEL`.

    Returns
    -------
    str
        Safe in a CRM cell, never empty; a machine's long code keeps its first eight characters.
    """
    if level == OTHER_LEVEL:
        return "one of the less common values"
    words = inner(level).rstrip(". ")
    if _MACHINE_CODE.fullmatch(words):
        return f"{words[:8]}..."
    return words or "a value without readable letters"


def unknown_words(trait: Trait) -> str:
    """What a missing value of the trait means.

    Parameters
    ----------
    trait : Trait
        Its rule tells.

    Returns
    -------
    str
        ``"not known"``, or ``"none on record"`` for the time since something that never happened.
    """
    return NONE_ON_RECORD if trait.rule.endswith((":recency", ":tenure")) else NOT_KNOWN


def _is_age(trait: Trait) -> bool:
    return trait.rule == "age" or trait.rule.endswith((":recency", ":tenure"))


def _fades(trait: Trait) -> bool:
    """Whether the number is a count whose parts weigh less as they age."""
    return ":decayed:" in trait.rule or ":kind:" in trait.rule


def _near_quantiles(ordered: Floats, n_ranges: int, place: Callable[[float, float], float]) -> Floats:
    """An edge near every inner quantile, moved by less than half the way to its neighbours."""
    shares = np.linspace(0.0, 1.0, n_ranges + 1)
    marks = np.quantile(ordered, shares, method="inverted_cdf").tolist()
    edges = []
    for before, mark, after in zip(marks, marks[1:-1], marks[2:], strict=False):
        gaps = [gap for gap in (mark - before, after - mark, abs(mark) if before >= 0 else 0.0) if gap > 0]
        if before < after and gaps:
            edges.append(place(mark, 0.4 * min(gaps)))
    return np.unique(np.array(edges, dtype=np.float64))


def _zero_apart(ordered: Floats, n_ranges: int, whole: bool) -> tuple[Floats, Floats, int]:
    """Where many values are 0 and none below: the edge above it, the values above it, and the ranges left for them."""
    n_zero = int(np.searchsorted(ordered, 0.0, side="right"))
    if ordered[0] < 0 or n_zero * n_ranges < len(ordered) or n_zero == len(ordered):
        return np.zeros(0), ordered, n_ranges
    return np.array([1.0 if whole else ANY]), ordered[n_zero:], n_ranges - 1


def _roundest(mark: float, room: float, whole: bool) -> float:
    """The number with the fewest digits within ``room`` of ``mark``."""
    power = math.floor(math.log10(max(abs(mark), room))) + 1
    for exponent in range(power, power - 12, -1):
        sizes = [step * 10.0**exponent for step in _STEPS]
        if whole:
            sizes = [size for size in sizes if size >= 1 and size == round(size)]
        if not sizes:
            break
        near = min((round(mark / size) * size for size in sizes), key=lambda edge: abs(edge - mark))
        if abs(near - mark) <= room:
            return float(f"{near:.10g}")
    return mark


def _round_age(mark: float, room: float) -> float:
    """The age that people would say within ``room`` of ``mark`` days: whole years before odd months before days."""
    for ages in _AGES:
        near = min(ages, key=lambda age: abs(age - mark))
        if abs(near - mark) <= room:
            return float(near)
    if mark > 5.5 * MONTH:
        return round(mark / MONTH) * MONTH
    return float(round(mark)) or 1.0


def _share_edges(ordered: Floats, n_ranges: int) -> Floats:
    """Quantiles of a count that fades; "none" stands alone."""
    positive = ordered[ordered > 0]
    if not len(positive):
        return positive
    shares = np.arange(1, n_ranges) / n_ranges
    marks = np.quantile(ordered, shares, method="inverted_cdf")
    marks = marks[marks > positive[0]]
    return np.unique(np.concatenate([[ANY] if len(positive) < len(ordered) else [], marks]))


def _with_enough(ordered: Floats, edges: Floats, least: float) -> tuple[float, ...]:
    """The edges that leave enough values in every range, from the left."""
    kept: list[float] = []
    start = 0
    for edge in edges:
        position = int(np.searchsorted(ordered, edge, side="left"))
        if position - start >= least and len(ordered) - position >= least:
            kept.append(float(edge))
            start = position
    return tuple(kept)
