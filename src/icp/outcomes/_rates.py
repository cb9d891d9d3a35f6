"""Shares and ratios with their intervals, as the scorecards quote them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from icp._statistics import normal_score, wilson

__all__ = ["Measured", "median_days", "observed_expected", "share", "weighted_rates"]

Measured = tuple[float, float, float, int]
"""Value, low and high end of its 95 % interval, and how many it rests on."""

_NOTHING: Measured = (float("nan"), float("nan"), float("nan"), 0)


def share(hits: float, n: float) -> Measured:
    """A share with Wilson's interval.

    Parameters
    ----------
    hits, n : float
        So many of so many.

    Returns
    -------
    tuple
        NaN without any.
    """
    if not n:
        return _NOTHING
    low, high = wilson(hits, n)
    return hits / n, float(low), float(high), int(n)


def observed_expected(won: ArrayLike, promised: ArrayLike) -> Measured:
    """Wins divided by those that the scores promised.

    The interval is Wilson's for as many accounts as have the variance of a sum of unequal chances, which is smaller
    than that of equal ones.

    Parameters
    ----------
    won : array-like of bool, shape (n,)
        What came.
    promised : array-like of float, shape (n,)
        Chances.

    Returns
    -------
    tuple
        NaN where nothing was promised.

    Examples
    --------
    >>> [round(float(value), 2) for value in observed_expected([1, 0, 1, 0], [0.5, 0.5, 0.5, 0.5])]
    [1.0, 0.3, 1.7, 4.0]
    """
    w, p = np.asarray(won, dtype=np.float64), np.asarray(promised, dtype=np.float64)
    known = np.isfinite(p)
    w, p = w[known], p[known]
    n, expected = len(p), float(p.sum())
    if not n or expected <= 0:
        return _NOTHING
    ratio, rate = float(w.sum()) / expected, float(w.mean())
    chance = np.minimum(ratio * p, 1.0)
    variance = float((chance * (1.0 - chance)).mean())
    accounts = n * rate * (1.0 - rate) / variance if variance > 0 and 0 < rate < 1 else float(n)
    low, high = wilson(rate * accounts, accounts)
    return ratio, float(low) * n / expected, float(high) * n / expected, n


def weighted_rates(hits: pd.Series, n: pd.Series, weight: pd.Series) -> Measured:
    """A rate over groups, each with the weight of its share in another mix.

    Parameters
    ----------
    hits, n : Series
        By group.
    weight : Series
        By group; groups without any ``n`` are left out.

    Returns
    -------
    tuple
        With Wilson's interval for as many as have its variance.
    """
    there = n[n > 0].index
    if not len(there):
        return _NOTHING
    part = (weight.reindex(there).fillna(0.0) / max(float(weight.reindex(there).sum()), 1e-300)).to_numpy(float)
    k, m = hits.reindex(there).fillna(0.0).to_numpy(float), n.reindex(there).to_numpy(float)
    rate = float(part @ (k / m))
    smoothed = (k + 0.5) / (m + 1.0)
    variance = float(part**2 @ (smoothed * (1.0 - smoothed) / m))
    accounts = rate * (1.0 - rate) / variance if variance > 0 and 0 < rate < 1 else float(m.sum())
    low, high = wilson(rate * accounts, accounts)
    return rate, float(low), float(high), int(m.sum())


def median_days(days: NDArray[np.float64]) -> Measured:
    """The median with the order statistics that hold it in 95 of 100 samples.

    Parameters
    ----------
    days : ndarray of float64
        NaN is left out.

    Returns
    -------
    tuple
        NaN without any.
    """
    known = np.sort(days[np.isfinite(days)])
    n = len(known)
    if not n:
        return _NOTHING
    half = normal_score(0.975) * np.sqrt(n) / 2
    low, high = max(0, int(np.floor(n / 2 - half)) - 1), min(n - 1, int(np.ceil(n / 2 + half)))
    return float(np.median(known)), float(known[low]), float(known[high]), n
