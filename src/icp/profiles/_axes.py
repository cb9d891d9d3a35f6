"""How traits become coordinates, and coordinates points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from icp._sound import within

__all__ = ["Axis", "Points", "bent"]

Floats = NDArray[np.float64]

_FLAG_WEIGHT = 0.5
_FULL_SHARE = 0.1
_AT_ONCE = 60_000
"""Numbers; more in one go would not fit into the caches of a core."""


@dataclass(frozen=True)
class Axis:
    """How one trait becomes numbers of unit variance.

    Parameters
    ----------
    kind : {"numeric", "categorical", "flag", "unused"}
        ``flag`` traits count only as known or not; unused ones hold one value.
    low, high : float, default=0.0
        Cells beyond are drawn in to these (winsorised), after the logarithm.
    log : bool, default=False
        Whether ``sign(x) log(1 + |x| / scale)`` is taken first.
    scale, mean, spread : float, default=1.0, 0.0, 1.0
        Scale inside the logarithm; then ``(x - mean) / spread``.
    flag_share : float, default=0.0
        Share of cells not known, where that is a coordinate of its own; 0 where it is not.
    group_of : tuple of int, default=()
        Pooled level of each code.
    shares : tuple of float, default=()
        Share of each pooled level among the cells that are known.
    """

    kind: Literal["numeric", "categorical", "flag", "unused"]
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    scale: float = 1.0
    mean: float = 0.0
    spread: float = 1.0
    flag_share: float = 0.0
    group_of: tuple[int, ...] = ()
    shares: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not within(self.group_of, len(self.shares)) or not 0 <= self.flag_share < 1:
            raise ValueError("each level has a share, and a share is less than the whole")
        if min(self.spread, self.scale) <= 0 or not self.low <= self.high:
            raise ValueError("a scale is above 0, and the ends are in order")

    @property
    def width(self) -> int:
        """Number of coordinates the trait takes."""
        if self.kind == "categorical":
            return len(self.shares)
        return int(self.kind == "numeric") + int(self.flag_share > 0)

    def encode(self, values: Floats) -> Floats:
        """Coordinates of unit variance; not known is the middle.

        Parameters
        ----------
        values : ndarray of float64, shape (n_accounts,)
            Cells of the trait.

        Returns
        -------
        ndarray of float64, shape (n_accounts, width)
            Standardised.
        """
        known = np.isfinite(values)
        if self.kind == "categorical":
            return self.level_table()[_rows(values, len(self.group_of))]
        parts = []
        if self.kind == "numeric":
            moved = np.clip(bent(values, self.log, self.scale), self.low, self.high)
            parts.append(np.where(known, (moved - self.mean) / self.spread, 0.0))
        if self.flag_share > 0:
            parts.append(_flags(known, self.flag_share))
        return np.column_stack(parts) if parts else np.zeros((len(values), 0))

    def level_table(self) -> Floats:
        """Coordinates of each code, ``(one-hot - share) / sqrt(share)``; a last row of zeros is for not known."""
        shares = np.array(self.shares)
        rows = (np.eye(len(shares)) - shares) / np.sqrt(np.maximum(shares, _FULL_SHARE))
        return np.vstack([rows[list(self.group_of)], np.zeros(len(shares))])


class Points:
    """Accounts as points: each trait's coordinates times the directions, all traits in one go.

    Parameters
    ----------
    axes : sequence of Axis
        One per trait.
    parts : ndarray of float64, shape (n_coordinates, n_parts)
        Principal directions.
    """

    def __init__(self, axes: Sequence[Axis], parts: Floats) -> None:
        ends = np.cumsum([0, *(axis.width for axis in axes)]).tolist()
        used = [j for j, axis in enumerate(axes) if axis.width]
        members = [(place, j, axes[j], parts[ends[j] : ends[j + 1]]) for place, j in enumerate(used)]
        levels = [member for member in members if member[2].kind == "categorical"]
        numbers = [member for member in members if member[2].kind != "categorical"]
        self._shape = len(used), parts.shape[1]
        self._numbers, self._levels = _Numbers(numbers, parts.shape[1]), _Levels(levels, parts.shape[1])

    def __call__(self, values: Floats) -> Floats:
        """The points; sums run from trait to trait, so a row never depends on the other rows.

        Parameters
        ----------
        values : ndarray of float64, shape (n_accounts, n_traits)
            Trait values, NaN is not known.

        Returns
        -------
        ndarray of float64, shape (n_accounts, n_parts)
            Scores on the principal directions.
        """
        points = np.empty((len(values), self._shape[1]))
        at_once = 1 + _AT_ONCE // max(1, self._shape[0] * self._shape[1])
        for start in range(0, len(values), at_once):
            by_trait = np.ascontiguousarray(values[start : start + at_once].T)
            terms = np.empty((*self._shape, by_trait.shape[1]))
            terms[self._numbers.places] = self._numbers(by_trait)
            terms[self._levels.places] = self._levels(by_trait)
            total = np.zeros(terms.shape[1:])
            for term in terms:  # one after the other, so that it depends on no other row
                total += term
            points[start : start + at_once] = total.T
        return points


Member = tuple[int, int, Axis, Floats]
"""Place among the terms, trait, axis, and a row of weights for each coordinate."""


class _Numbers:
    """What numbers and flags add, as :meth:`Axis.encode` and a product would."""

    def __init__(self, members: Sequence[Member], n_parts: int) -> None:
        self.places = np.array([place for place, *_ in members], dtype=np.int64)
        self._columns = np.array([column for _, column, *_ in members], dtype=np.int64)
        axes = [axis for _, _, axis, _ in members]
        facts = np.array([(axis.low, axis.high, axis.mean, axis.spread) for axis in axes]).reshape(-1, 4)
        self._low, self._high, self._mean, self._spread = facts.T[:, :, None]
        self._bent = np.array([k for k, axis in enumerate(axes) if axis.log], dtype=np.int64)
        self._scale = np.array([axes[k].scale for k in self._bent])[:, None]
        self._flagged = np.array([k for k, axis in enumerate(axes) if axis.flag_share > 0], dtype=np.int64)
        self._share = np.array([axes[k].flag_share for k in self._flagged])[:, None]
        nothing = np.zeros(n_parts)
        weights = [member[3] if member[2].kind == "numeric" else [nothing, *member[3]] for member in members]
        self._weights = np.array([rows[0] for rows in weights]).reshape(len(axes), n_parts, 1)
        self._flag_weights = np.array([weights[k][1] for k in self._flagged]).reshape(len(self._flagged), n_parts, 1)

    def __call__(self, by_trait: Floats) -> Floats:
        x = by_trait[self._columns]
        known = np.isfinite(x)
        x[self._bent] = bent(x[self._bent], True, self._scale)
        moved = np.where(known, (np.clip(x, self._low, self._high) - self._mean) / self._spread, 0.0)
        terms = moved[:, None, :] * self._weights
        flags = _flags(known[self._flagged], self._share)
        terms[self._flagged] += flags[:, None, :] * self._flag_weights
        return terms


class _Levels:
    """What levels add, looked up."""

    def __init__(self, members: Sequence[Member], n_parts: int) -> None:
        self.places = np.array([place for place, *_ in members], dtype=np.int64)
        self._columns = np.array([column for _, column, *_ in members], dtype=np.int64)
        tables = [_ordered_product(axis.level_table(), weights) for *_, axis, weights in members]
        self._last = np.array([len(axis.group_of) for *_, axis, _ in members], dtype=np.int64)[:, None]
        self._first = np.cumsum([0, *map(len, tables)], dtype=np.int64)[:-1, None]
        self._table = np.concatenate([np.zeros((0, n_parts)), *tables])

    def __call__(self, by_trait: Floats) -> Floats:
        return self._table[self._first + _rows(by_trait[self._columns], self._last)].transpose(0, 2, 1)


def bent(values: Floats, log: bool, scale: float | Floats) -> Floats:
    """Values, or their logarithm.

    Parameters
    ----------
    values : ndarray of float64
        Any shape.
    log : bool
        Whether the logarithm is taken.
    scale : float or ndarray of float64
        Scale inside it.

    Returns
    -------
    ndarray of float64
        ``sign(x) log(1 + |x| / scale)``.
    """
    return np.sign(values) * np.log1p(np.abs(values) / scale) if log else values


def _flags(known: NDArray[np.bool_], share: float | Floats) -> Floats:
    """The coordinate that tells what is not known."""
    return _FLAG_WEIGHT * (~known - share) / np.sqrt(share * (1.0 - share))


def _rows(values: Floats, last: int | NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows of the level tables, the last one for what is not known."""
    codes = np.where(np.isfinite(values), values, last).astype(np.int64)
    return np.where((codes < 0) | (codes > last), last, codes)


def _ordered_product(left: Floats, right: Floats) -> Floats:
    """Matrix product whose sums run in one order whatever the number of rows."""
    total = np.zeros((len(left), right.shape[1]))
    for j in range(left.shape[1]):
        total += left[:, j, None] * right[j]
    return total
