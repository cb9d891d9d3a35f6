"""The linear part of the score: one curve per trait, found by ridge logistic regression.

Every trait has a function of its own: a line with a logarithmic bend, steps over coarse groups, or one value per
level. Such a sum is additive by construction, so what each trait adds is known exactly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from icp._sound import LARGEST, ascending
from icp.scoring._levels import LevelTables

__all__ = ["Curve", "LinearPart", "bend", "draw_curves", "sum_margin"]

Floats = NDArray[np.float64]
_MAX_DUMMIES = 300
_MIN_LEVEL = 10
_HUGE = 1e100
_FEW_ROWS = 16
_ROWS_AT_ONCE = 512
"""More in one go would not fit into the caches of a core."""


def sum_margin(base: float, contributions: Floats, columns: NDArray[np.bool_] | None = None) -> Floats:
    """Base plus contributions, column after column.

    The order is fixed, so that a row's sum does not depend on the rows beside it.

    Parameters
    ----------
    base : float
        Margin of the average account.
    contributions : ndarray of float64, shape (n, p)
        In log-odds.
    columns : ndarray of bool, shape (p,), default=None
        Those that are added; None means all.

    Returns
    -------
    ndarray of float64, shape (n,)
        Margins.

    Examples
    --------
    >>> sum_margin(-2.0, np.array([[0.5, 0.25]]))
    array([-1.25])
    """
    if len(contributions) < _FEW_ROWS:
        mine = contributions if columns is None else contributions[:, columns]
        return np.cumsum(np.column_stack([np.full(len(mine), float(base)), mine]), axis=1)[:, -1]
    total = np.full(len(contributions), float(base))
    for j, column in enumerate(contributions.T):
        if columns is None or columns[j]:
            total += column
    return total


@dataclass(frozen=True)
class Curve:
    """What one trait adds to the margin.

    Parameters
    ----------
    kind : {"line", "steps", "levels"}
        ``line``: ``values[0] + values[1] * x + values[2] * sign(x) * log(1 + |x|)`` with ``x`` cut off at ``low`` and
        ``high``; ``steps``: ``values[i]`` between ``cuts``; ``levels``: ``values[code]``.
    values : tuple of float
        Parameters of the function.
    missing : float, default=0.0
        What an unknown value adds; also a level that was not there at training.
    low, high : float, default=0.0
        Ends of the line; beyond them it is level.
    cuts : tuple of float, default=()
        Where one step ends and the next begins.
    """

    kind: Literal["line", "steps", "levels"]
    values: tuple[float, ...]
    missing: float = 0.0
    low: float = 0.0
    high: float = 0.0
    cuts: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        n = {"line": 3, "steps": len(self.cuts) + 1, "levels": len(self.values)}.get(self.kind)
        if len(self.values) != n or not self.low <= self.high or not ascending(self.cuts):
            raise ValueError("a curve has as many values as its kind takes, and its ends and cuts in order")
        parts = self.values
        if self.kind == "line":
            far = max(abs(self.low), abs(self.high))
            parts = (self.values[0], self.values[1] * far, self.values[2] * math.log1p(far))
        if not all(abs(part) <= LARGEST for part in (*parts, self.missing)):
            raise ValueError("a curve adds more than any does")

    def __call__(self, x: Floats) -> Floats:
        """What each value of the trait adds.

        Parameters
        ----------
        x : ndarray of float64, shape (n,)
            Values or codes; NaN is "not known".

        Returns
        -------
        ndarray of float64, shape (n,)
            In log-odds.
        """
        known = np.isfinite(x)
        x = np.where(known, x, 0.0)
        if self.kind == "line":
            x = np.clip(x, self.low, self.high)
            added = self.values[0] + self.values[1] * x + self.values[2] * bend(x)
        elif self.kind == "steps":
            added = np.asarray(self.values)[np.searchsorted(np.asarray(self.cuts), x, side="right")]
        else:
            table = np.asarray([*self.values, self.missing])
            inside = (x >= 0) & (x < len(self.values))
            added = table[np.where(inside, x, len(self.values)).astype(np.int64)]
        return np.where(known, added, self.missing)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values.

        Returns
        -------
        dict
            One key per parameter.
        """
        return {**self.__dict__, "values": list(self.values), "cuts": list(self.cuts)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Curve:
        """The curve that :meth:`to_dict` described.

        Parameters
        ----------
        values : mapping
            As made by :meth:`to_dict`.

        Returns
        -------
        Curve
            Equal to the one described.
        """
        return cls(**{**values, "values": tuple(values["values"]), "cuts": tuple(values["cuts"])})


class _Lines:
    """All curves that are lines, as one: what :class:`Curve` says, for many columns in one go."""

    def __init__(self, columns: Sequence[int], curves: Sequence[Curve]) -> None:
        self.columns = np.array(columns, dtype=np.int64)
        values = np.array([curve.values for curve in curves], dtype=np.float64).reshape(-1, 3)
        self._constant, self._slope, self._bend = values.T
        self._ends = (np.array([curve.low for curve in curves]), np.array([curve.high for curve in curves]))
        self._missing = np.array([curve.missing for curve in curves])

    def __call__(self, X: Floats) -> Floats:
        x = X[:, self.columns]
        known = np.isfinite(x)
        x = np.clip(np.where(known, x, 0.0), *self._ends)
        return np.where(known, self._constant + self._slope * x + self._bend * bend(x), self._missing)


@dataclass(frozen=True)
class LinearPart:
    """A sum of curves.

    Parameters
    ----------
    base : float
        Mean margin of the training rows.
    curves : tuple of Curve
        One per trait, each with mean 0 over the training rows.
    strength : float
        Ridge penalty that was chosen.
    """

    base: float
    curves: tuple[Curve, ...]
    strength: float

    def __post_init__(self) -> None:
        if not abs(self.base) <= LARGEST:
            raise ValueError("a margin is larger than any")

    def contributions(self, X: Floats) -> Floats:
        """What each trait adds.

        Parameters
        ----------
        X : ndarray of float64, shape (n, p)
            Values and codes.

        Returns
        -------
        ndarray of float64, shape (n, p)
            In log-odds, relative to the training mean.
        """
        added = np.empty(X.shape, dtype=np.float64)
        for start in range(0, len(X), _ROWS_AT_ONCE):
            some = slice(start, start + _ROWS_AT_ONCE)
            added[some, self._lines.columns] = self._lines(X[some])
            added[some, self._levels.columns] = self._levels(X[some])
        for j in self._steps:
            added[:, j] = self.curves[j](np.ascontiguousarray(X[:, j]))
        return added

    @cached_property
    def _lines(self) -> _Lines:
        places = [j for j, curve in enumerate(self.curves) if curve.kind == "line"]
        return _Lines(places, [self.curves[j] for j in places])

    @cached_property
    def _levels(self) -> LevelTables:
        levels = {j: curve for j, curve in enumerate(self.curves) if curve.kind == "levels"}
        return LevelTables(list(levels), [(*curve.values, curve.missing) for curve in levels.values()])

    @cached_property
    def _steps(self) -> list[int]:
        return [j for j, curve in enumerate(self.curves) if curve.kind == "steps"]

    def margin(self, X: Floats) -> Floats:
        """Base plus what the traits add, in order.

        Parameters
        ----------
        X : ndarray of float64, shape (n, p)
            Values and codes.

        Returns
        -------
        ndarray of float64, shape (n,)
            In log-odds.
        """
        return sum_margin(self.base, self.contributions(X))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values.

        Returns
        -------
        dict
            ``base``, ``strength`` and ``curves``.
        """
        return {"base": self.base, "strength": self.strength, "curves": [curve.to_dict() for curve in self.curves]}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> LinearPart:
        """The part that :meth:`to_dict` described.

        Parameters
        ----------
        values : mapping
            As made by :meth:`to_dict`.

        Returns
        -------
        LinearPart
            Equal to the one described.
        """
        curves = tuple(Curve.from_dict(curve) for curve in values["curves"])
        return cls(values["base"], curves, values["strength"])


def draw_curves(
    X: Floats, categorical: NDArray[np.bool_], *, coarse: bool, level: NDArray[np.bool_] | None = None
) -> tuple[Curve, ...]:
    """Curves of the right kind and scale, still flat: what the values alone decide, without the labels.

    Parameters
    ----------
    X : ndarray of float64, shape (n, p)
        Training rows.
    categorical : ndarray of bool, shape (p,)
        Which columns are codes.
    coarse : bool
        Whether numbers are cut into three groups, for very few best customers.
    level : ndarray of bool, shape (p,), default=None
        Lines that are level beyond the values learned from; None means none.

    Returns
    -------
    tuple of Curve
        A ``line`` has its ends; ``steps`` and ``levels`` hold the number of the dummy column they share (rare levels
        share the last). See :class:`icp.scoring._design.Design`.
    """
    counts = [_level_counts(X[:, j]) if categorical[j] else np.empty(0) for j in range(X.shape[1])]
    cap = _levels_allowed(counts)
    curves = []
    for j in range(X.shape[1]):
        if categorical[j]:
            curves.append(Curve("levels", _pool(counts[j], cap)))
        else:
            known = X[np.isfinite(X[:, j]), j]
            curves.append(_coarse_steps(known) if coarse else _line(known, level is not None and bool(level[j])))
    return tuple(curves)


def bend(x: Floats) -> Floats:
    """The logarithmic bend of a line.

    Parameters
    ----------
    x : ndarray of float64, shape (n,)
        Values.

    Returns
    -------
    ndarray of float64, shape (n,)
        ``sign(x) * log(1 + |x|)``.
    """
    return np.sign(x) * np.log1p(np.abs(x))


def _line(known: Floats, level: bool) -> Curve:
    """A line with its ends as far beyond the 0.5 and 99.5 % quantiles as these lie apart; level beyond.

    So later, more extreme values still count. Where nearly all values are one, the extremes take the place of the
    quantiles; where the line is to be level beyond what was seen, they are its ends.
    """
    flat = (0.0, 0.0, 0.0)
    if not len(known):
        return Curve("line", flat)
    known = np.clip(known, -_HUGE, _HUGE)
    if level:
        return Curve("line", flat, low=float(known.min()), high=float(known.max()))
    low, high = (float(q) for q in np.quantile(known, [0.005, 0.995]))
    if low == high:
        low, high = float(known.min()), float(known.max())
    return Curve("line", flat, low=2.0 * low - high, high=2.0 * high - low)


def _coarse_steps(known: Floats) -> Curve:
    """Low, middle, high."""
    if not len(known):
        return Curve("steps", (0.0,))
    cuts = np.unique(np.quantile(known, [1 / 3, 2 / 3]))
    cuts = cuts[(cuts > known.min()) & (cuts <= known.max())]
    return Curve("steps", tuple(float(i) for i in range(len(cuts) + 1)), cuts=tuple(float(cut) for cut in cuts))


def _level_counts(codes: Floats) -> Floats:
    known = codes[np.isfinite(codes) & (codes >= 0)].astype(np.int64)
    return np.bincount(known).astype(np.float64)


def _levels_allowed(counts: Sequence[Floats]) -> int:
    """Most dummies one trait may have, so that all traits together stay within the budget."""
    sizes = np.array([int((count >= _MIN_LEVEL).sum()) for count in counts])
    cap = int(sizes.max(initial=0))
    while cap > 2 and int(np.minimum(sizes, cap).sum()) > _MAX_DUMMIES:
        cap = max(2, int(cap * 0.9))
    return cap


def _pool(counts: Floats, cap: int) -> tuple[float, ...]:
    """Number of the dummy of each level: the most frequent have their own, all others share the last."""
    order = np.argsort(-counts, kind="stable")
    own = [int(level) for level in order[:cap] if counts[level] >= _MIN_LEVEL]
    shared = len(own)
    number = {level: i for i, level in enumerate(sorted(own))}
    return tuple(float(number.get(level, shared)) for level in range(len(counts)))
