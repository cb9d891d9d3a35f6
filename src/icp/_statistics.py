"""Figures that several stages quote in one and the same way."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

__all__ = ["wilson"]


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
    z = float(ndtri(0.5 + confidence / 2.0))
    k, m = np.asarray(hits, dtype=np.float64), np.asarray(n, dtype=np.float64)
    centre = (k + z**2 / 2) / (m + z**2)
    half = z / (m + z**2) * np.sqrt(np.maximum(0.0, k * (m - k) / m) + z**2 / 4)
    share = k / m  # without a hit, or a miss, one end is the share, and would be off by a rounding error
    return np.clip(centre - half, 0.0, share), np.clip(centre + half, share, 1.0)
