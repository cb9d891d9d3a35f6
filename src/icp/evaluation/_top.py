"""What lies at the top of a list, with intervals in closed form: no resamples, no seed, one sort."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from icp._statistics import wilson

__all__ = ["Figure", "Ranked", "mean_figure", "rank", "share_figure"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_Z = float(ndtri(0.975))
_WINDOW, _WINDOW_ROWS = 0.025, 5


class Figure(NamedTuple):
    """A figure with its 95 % interval.

    Parameters
    ----------
    value, low, high : float
        NaN where it does not exist.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Ranked:
    """Rows in the order of their margins.

    Parameters
    ----------
    place : ndarray of int64, shape (n,)
        Block of equal margins each row is in, 0 the best.
    sizes : ndarray of int64, shape (n_blocks,)
        Rows of each block.
    unit : ndarray of int64, shape (n,)
        Rows of one number are not independent.
    """

    place: Ints
    sizes: Ints
    unit: Ints

    def captured(self, weight: Floats, start: float, end: float) -> Figure:
        """Share of a total that lies between two cuts of the list.

        With ``A`` the part of a row inside (1, 0, or a fraction where a cut goes through its block), ``C`` the share
        and ``r`` the mean weight of the rows around a cut, a row adds ``weight (A - C) - r (A - end + start)`` to the
        error: the second term is there as the cut is where the sample puts it. The interval is Wilson's on the number
        of trials this variance is worth.

        Parameters
        ----------
        weight : ndarray of float64, shape (n,)
            Not negative: 1 for a best customer, or what it brought.
        start, end : float
            Shares of the list, best first.

        Returns
        -------
        Figure
            For accounts like these, cut at the same shares.
        """
        total = float(weight.sum())
        if total <= 0 or end <= start:
            return Figure(np.nan, np.nan, np.nan)
        inside, moved = self._between(weight, start, end)
        share = float(weight @ inside) / total
        error = self._error((weight * (inside - share) - moved) / total)
        worth = total**2 / float(np.sum(np.bincount(self.unit, weights=weight) ** 2))
        if not np.isin(weight, (0.0, 1.0)).all():
            # of few unlike amounts even the variance is not well known
            error *= _wider(worth)
        return share_figure(share, error, worth)

    def rate(self, weight: Floats, share: float) -> Figure:
        """Mean weight in the first share of the list.

        Parameters
        ----------
        weight : ndarray of float64, shape (n,)
            0 or 1.
        share : float
            Of the list.

        Returns
        -------
        Figure
            Wilson's interval as for :meth:`captured`.
        """
        inside, moved = self._between(weight, 0.0, share)
        found = float(weight @ inside) / (share * len(weight))
        error = self._error((weight * inside - moved - found * share) / (share * len(weight)))
        return share_figure(found, error, max(1.0, float(np.count_nonzero(np.bincount(self.unit, weights=inside)))))

    def average_precision(self, best: Floats) -> Figure:
        """Mean over best customers of the precision at their margin.

        A best customer counts in its own precision, which makes the figure too high where there are few; the interval
        is centred on the figure less this part, for which its own unit's rows are taken out to first order.

        Parameters
        ----------
        best : ndarray of float64, shape (n,)
            0 or 1.

        Returns
        -------
        Figure
            Wilson's interval as for :meth:`captured`.
        """
        found = np.bincount(self.place, weights=best)
        above, best_above = np.cumsum(self.sizes), np.cumsum(found)
        total, precision = float(best.sum()), best_above / above
        value = float(precision @ found) / total
        weights = found / above
        later = np.cumsum(weights[::-1])[::-1], np.cumsum((weights * precision)[::-1])[::-1]
        at = self.place
        influence = (best * (precision[at] - value) + best * later[0][at] - later[1][at]) / total
        own, own_best = self._own_above(best)
        optimism = float(np.sum(best * (own_best - precision[at] * own) / above[at])) / total
        worth = total**2 / float(np.sum(np.bincount(self.unit, weights=best) ** 2))
        centre = min(1.0, max(0.0, value - optimism))
        return Figure(value, *share_figure(centre, self._error(influence) * _wider(worth), worth)[1:])

    def _between(self, weight: Floats, start: float, end: float) -> tuple[Floats, Floats]:
        """Part of each row between two cuts, and what each row adds by moving the cuts."""
        n = len(self.place)
        before = np.cumsum(self.sizes) - self.sizes
        along = np.concatenate(([0.0], np.cumsum(self.sizes)))
        found = np.concatenate(([0.0], np.cumsum(np.bincount(self.place, weights=weight))))
        inside, moved = np.zeros(n), np.zeros(n)
        for cut, sign in ((end, 1.0), (start, -1.0)):
            part = np.clip((cut * n - before) / self.sizes, 0.0, 1.0)[self.place]
            half = max(_WINDOW * n, float(_WINDOW_ROWS))
            low, high = max(0.0, cut * n - half), min(float(n), cut * n + half)
            around = np.interp([low, high], along, found)
            inside += sign * part
            moved += sign * (around[1] - around[0]) / (high - low) * (part - cut)
        return inside, moved

    def _own_above(self, best: Floats) -> tuple[Floats, Floats]:
        """Rows, and best customers, of a row's own unit that stand at its place or above."""
        key = self.unit * (len(self.sizes) + 1) + self.place
        order = np.argsort(key, kind="stable")
        last = np.searchsorted(key[order], key, side="right")
        first = np.searchsorted(self.unit[order], self.unit, side="left")
        along = np.concatenate(([0.0], np.cumsum(best[order])))
        return (last - first).astype(np.float64), along[last] - along[first]

    def _error(self, influence: Floats) -> float:
        return float(np.sqrt(np.sum(np.bincount(self.unit, weights=influence) ** 2)))


def rank(margin: Floats, unit: Ints) -> Ranked:
    """Put rows in order.

    Parameters
    ----------
    margin : ndarray of float64, shape (n,)
        Scores, higher is better.
    unit : ndarray of int64, shape (n,)
        Rows of one number are not independent.

    Returns
    -------
    Ranked
        Rows of equal margin in one block.
    """
    _, place, sizes = np.unique(-margin, return_inverse=True, return_counts=True)
    return Ranked(place.astype(np.int64), sizes.astype(np.int64), unit)


def share_figure(share: float, error: float, worth: float) -> Figure:
    """Wilson's interval of a share whose error is known: that of as many trials as the error is worth.

    Parameters
    ----------
    share, error : float
        Estimate and standard error.
    worth : float
        Trials where the share is 0 or 1, so that no error can be seen.

    Returns
    -------
    Figure
        Between 0 and 1.

    Examples
    --------
    >>> share_figure(0.1, 0.03, 100)  # 0.1 * 0.9 / 0.03**2 = 100 trials, 10 of them hits
    Figure(value=0.1, low=0.055..., high=0.174...)
    """
    seen = 0 < share < 1 and error > 0
    trials = share * (1.0 - share) / error**2 if seen else worth
    low, high = wilson(share * trials, trials)
    return Figure(share, float(low), float(high))


def mean_figure(values: Floats, unit: Ints) -> Figure:
    """Mean of positive values with an interval symmetric in its logarithm.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        One per row.
    unit : ndarray of int64, shape (n,)
        Rows of one number are not independent.

    Returns
    -------
    Figure
        The interval is one point where all values are 0.
    """
    mean = float(values.mean())
    if mean <= 0:
        return Figure(mean, mean, mean)
    error = float(np.sqrt(np.sum(np.bincount(unit, weights=values - mean) ** 2))) / len(values)
    worth = float(np.sum(values)) ** 2 / float(np.sum(np.bincount(unit, weights=values) ** 2))
    half = _Z * _wider(worth) * error / mean
    return Figure(mean, mean * float(np.exp(-half)), mean * float(np.exp(half)))


def _wider(worth: float) -> float:
    """How much wider an interval is when its variance comes from so few terms (Student's t)."""
    degrees = max(worth - 1.0, 1.0)
    return float(np.sqrt((degrees + 1.0) / degrees) * stdtrit(degrees, 0.975) / _Z)
