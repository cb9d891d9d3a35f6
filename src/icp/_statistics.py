"""Figures that several stages quote in one and the same way.

Nothing here loads scipy: where accounts are scored, importing it would take longer than the figures.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["chi_square_limit", "normal_score", "wilson"]


def normal_score(share: float) -> float:
    """The number that a share of a standard normal distribution lies below.

    Parameters
    ----------
    share : float in (0, 1)
        As ``scipy.special.ndtri`` takes it.

    Returns
    -------
    float
        To 15 digits.

    Examples
    --------
    >>> round(normal_score(0.975), 6)
    1.959964
    """
    return NormalDist().inv_cdf(share)


def chi_square_limit(degrees: int, share: float) -> float:
    """The number that a chi-square variable exceeds with a probability.

    Parameters
    ----------
    degrees : int
        Of freedom, at least 1.
    share : float in (0, 1)
        The probability.

    Returns
    -------
    float
        As ``scipy.special.chdtri(degrees, share)``, to 12 digits.

    Examples
    --------
    >>> round(chi_square_limit(9, 0.05), 4)
    16.919
    """
    low, high = 0.0, float(degrees)
    while _chi_square_above(degrees, high) > share:
        low, high = high, 2.0 * high
    while (middle := (low + high) / 2.0) not in (low, high):
        low, high = (middle, high) if _chi_square_above(degrees, middle) > share else (low, middle)
    return high


def _chi_square_above(degrees: int, x: float) -> float:
    """Probability of more than ``x``: a finite sum, as the degrees are whole."""
    half, order = x / 2.0, 1.0 if degrees % 2 == 0 else 0.5
    total = math.exp(-half) if degrees % 2 == 0 else math.erfc(math.sqrt(half))
    while order < degrees / 2.0:
        total += half**order * math.exp(-half) / math.gamma(order + 1.0)
        order += 1.0
    return total


def wilson(hits: ArrayLike, n: ArrayLike, confidence: float = 0.95) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Interval of a share (Wilson 1927).

    Parameters
    ----------
    hits, n : array-like of float
        Hits among trials; trials above 0.
    confidence : float in (0, 1), default=0.95
        Coverage.

    Returns
    -------
    low, high : ndarray of float64, shape as given
        Between 0 and 1, with the share itself inside.

    Examples
    --------
    >>> [round(float(end), 3) for end in wilson(5, 50)]
    [0.043, 0.214]
    """
    z = normal_score(0.5 + confidence / 2.0)
    k, m = np.asarray(hits, dtype=np.float64), np.asarray(n, dtype=np.float64)
    centre = (k + z**2 / 2) / (m + z**2)
    half = z / (m + z**2) * np.sqrt(np.maximum(0.0, k * (m - k) / m) + z**2 / 4)
    share = k / m  # without a hit, or a miss, one end is the share, and would be off by a rounding error
    return np.clip(centre - half, 0.0, share), np.clip(centre + half, share, 1.0)
