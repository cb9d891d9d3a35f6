"""Random draws built from one primitive, so that the same seed gives the same bytes on every NumPy version.

Only ``Generator.random`` of the PCG64 bit generator is used; normal, categorical and Poisson draws are made from it by
sums and comparisons.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Codes", "Draws", "Mask", "Numbers"]

Numbers = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]

_N_SUMMED = 12


class Draws:
    """A stream of draws of its own, so that a change in one part of the simulation leaves the others as they were.

    Parameters
    ----------
    seed : int
        Seed of the simulation.
    *stream : int
        Numbers of the part that draws.
    """

    def __init__(self, seed: int, *stream: int) -> None:
        self._key = (seed, *stream)
        self._generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence(self._key)))

    def fork(self, number: int) -> Draws:
        """A stream that depends on nothing drawn so far.

        Parameters
        ----------
        number : int
            Number of the fork.

        Returns
        -------
        Draws
            With a key one number longer.
        """
        return Draws(*self._key, number)

    def uniform(self, n: int) -> Numbers:
        """Uniform draws.

        Parameters
        ----------
        n : int
            How many.

        Returns
        -------
        ndarray of float64, shape (n,)
            In [0, 1).
        """
        return self._generator.random(n)

    def chance(self, share: float | Numbers, n: int) -> Mask:
        """True with a given probability.

        Parameters
        ----------
        share : float or ndarray, shape (n,)
            The probability.
        n : int
            How many.

        Returns
        -------
        ndarray of bool, shape (n,)
        """
        return self.uniform(n) < share

    def normal(self, n: int) -> Numbers:
        """Standard normal draws up to six standard deviations: the sum of twelve uniform draws, less six.

        Parameters
        ----------
        n : int
            How many.

        Returns
        -------
        ndarray of float64, shape (n,)
        """
        total = np.zeros(n)
        for _ in range(_N_SUMMED):
            total += self.uniform(n)
        return total - _N_SUMMED / 2

    def pick(self, weights: Sequence[float] | Numbers, n: int) -> Codes:
        """Codes 0, 1, ... drawn in proportion to their weights.

        Parameters
        ----------
        weights : array-like, shape (n_levels,) or (n, n_levels)
            The same for all draws, or one row for each.
        n : int
            How many.

        Returns
        -------
        ndarray of int64, shape (n,)
        """
        table = np.atleast_2d(np.asarray(weights, dtype=np.float64))
        steps = np.cumsum(table, axis=1)
        drawn = self.uniform(n)[:, None] * steps[:, -1:]
        return np.minimum((drawn >= steps).sum(axis=1), table.shape[1] - 1)

    def poisson(self, rate: Numbers) -> Codes:
        """Poisson counts by inversion; meant for rates below a few hundred.

        Parameters
        ----------
        rate : ndarray of float64, shape (n,)
            Expected counts.

        Returns
        -------
        ndarray of int64, shape (n,)
        """
        drawn = self.uniform(len(rate))
        count = np.zeros(len(rate), dtype=np.int64)
        term = np.exp(-rate)
        reached = term.copy()
        open_rows = drawn >= reached
        while open_rows.any():
            count[open_rows] += 1
            term[open_rows] *= rate[open_rows] / count[open_rows]
            reached[open_rows] += term[open_rows]
            open_rows &= (drawn >= reached) & (term > 0)
        return count

    def order(self, n: int) -> Codes:
        """A random permutation.

        Parameters
        ----------
        n : int
            Length.

        Returns
        -------
        ndarray of int64, shape (n,)
        """
        return np.argsort(self.uniform(n), kind="stable")
