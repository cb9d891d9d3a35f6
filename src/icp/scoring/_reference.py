"""Where a margin stands in the training population, and the tier that follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icp._sound import LARGEST, ascending

__all__ = ["LETTERS", "MAX_POINTS", "ReferenceTable"]

Floats = NDArray[np.float64]
MAX_POINTS = 2001
LETTERS = "ABCDEFGHIJ"
_FAR = 1e300
"""A cut-off that every margin reaches (negative), or none does."""


@dataclass(frozen=True)
class ReferenceTable:
    """Margins of the reference population with their percentiles.

    Parameters
    ----------
    margins : tuple of float
        Distinct, ascending; 2,001 at most.
    percentiles : tuple of float
        Mid-rank of each: share of the population below, plus half of those equal, in percent.
    tiers : tuple of float
        Shares of the population in the tiers from the best down; the last tier is the rest.
    cutoffs : tuple of float, default=()
        Least margin of each tier but the last, in log-odds; those of an earlier version where they were kept. Empty
        takes the margins at which this population is cut into ``tiers``.
    """

    margins: tuple[float, ...]
    percentiles: tuple[float, ...]
    tiers: tuple[float, ...]
    cutoffs: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < len(self.margins) == len(self.percentiles) <= MAX_POINTS or not ascending(self.margins):
            raise ValueError("margins are there, each with its percentile, and in order")
        if not max(abs(self.margins[0]), abs(self.margins[-1])) <= LARGEST:
            raise ValueError("a margin is larger than any")
        if not ascending((0.0, *self.percentiles, 100.0), strictly=False):
            raise ValueError("percentiles are in order")
        if not 0 < len(self.tiers) < len(LETTERS) or min(self.tiers) <= 0 or not sum(self.tiers) <= 1 + 1e-9:
            raise ValueError("tiers are shares of a whole")
        if not self.cutoffs:
            object.__setattr__(self, "cutoffs", self.own_cutoffs())
        if len(self.cutoffs) != len(self.tiers) or not ascending(self.cutoffs[::-1], strictly=False):
            raise ValueError("each tier but the last has its cut-off, in order")

    def own_cutoffs(self) -> tuple[float, ...]:
        """The margins at which this population is cut into ``tiers``.

        Returns
        -------
        tuple of float
            The least margin of each tier but the last, to the last bit.
        """
        return tuple(self._least_margin(float(floor)) for floor in _floors(self.tiers))

    def _least_margin(self, floor: float) -> float:
        """Smallest margin whose percentile, at two decimals, reaches a floor."""
        points = np.asarray(self.margins)
        reached = np.flatnonzero(np.round(self.percentile(points), 2) >= floor)
        if not len(reached):
            return _FAR
        if reached[0] == 0:
            return -_FAR
        low, high = float(points[reached[0] - 1]), float(points[reached[0]])
        while np.nextafter(low, high) < high:
            middle = low + (high - low) / 2.0
            if np.round(self.percentile([middle]), 2)[0] >= floor:
                high = middle
            else:
                low = middle
        return high

    def keep_cutoffs(self, earlier: ReferenceTable) -> ReferenceTable:
        """The same population, cut where an earlier one was.

        Parameters
        ----------
        earlier : ReferenceTable
            With as many tiers.

        Returns
        -------
        ReferenceTable
            The same percentiles; a tier means the same chance as before.
        """
        return replace(self, cutoffs=earlier.cutoffs)

    def tier_of_margin(self, margins: ArrayLike) -> NDArray[np.str_]:
        """Tier of margins by the cut-offs.

        Parameters
        ----------
        margins : array-like of float, shape (n,)
            In log-odds.

        Returns
        -------
        ndarray of str, shape (n,)
            ``"A"`` is best.

        Examples
        --------
        >>> table = ReferenceTable((0.0, 1.0, 2.0), (20.0, 50.0, 90.0), (0.1, 0.2, 0.3))
        >>> table.tier_of_margin([2.0, 1.9, 0.0]).tolist()
        ['A', 'B', 'D']
        """
        place = np.searchsorted(-np.asarray(self.cutoffs), -np.asarray(margins, dtype=np.float64), side="left")
        return np.array(list(LETTERS[: len(self.tiers) + 1]))[place]

    def percentile(self, margins: ArrayLike) -> Floats:
        """Position of margins in the reference population.

        Parameters
        ----------
        margins : array-like of float, shape (n,)
            In log-odds.

        Returns
        -------
        ndarray of float64, shape (n,)
            0 to 100, linear between the points of the table, level beyond them.
        """
        values = np.asarray(margins, dtype=np.float64)
        return np.interp(values, *self._points)

    @cached_property
    def _points(self) -> tuple[Floats, Floats]:
        return np.array(self.margins), np.array(self.percentiles)

    def tier(self, percentile: ArrayLike) -> NDArray[np.str_]:
        """Tier of percentiles by the shares, whatever the cut-offs.

        Parameters
        ----------
        percentile : array-like of float, shape (n,)
            0 to 100.

        Returns
        -------
        ndarray of str, shape (n,)
            ``"A"`` is best.

        Examples
        --------
        >>> ReferenceTable((0.0, 1.0), (25.0, 75.0), (0.1, 0.2, 0.3)).tier([95.0, 70.0, 10.0]).tolist()
        ['A', 'B', 'D']
        """
        place = np.searchsorted(-_floors(self.tiers), -np.asarray(percentile, dtype=np.float64), side="left")
        return np.array(list(LETTERS[: len(self.tiers) + 1]))[place]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values.

        Returns
        -------
        dict
            ``margins, percentiles, tiers, cutoffs``.
        """
        return {item.name: list(getattr(self, item.name)) for item in fields(self)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> ReferenceTable:
        """The table that :meth:`to_dict` described.

        Parameters
        ----------
        values : mapping
            As made by :meth:`to_dict`.

        Returns
        -------
        ReferenceTable
            Equal to the one described.
        """
        return cls(*(tuple(values.get(name, ())) for name in ("margins", "percentiles", "tiers", "cutoffs")))


def _floors(tiers: Sequence[float]) -> Floats:
    """Least percentile of each tier but the last."""
    floors: Floats = np.round(100.0 * (1.0 - np.cumsum(tiers)), 9)
    return floors
