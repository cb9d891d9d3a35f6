"""How many of the accounts on a list may be expected to convert, and how far that may be off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icp._statistics import normal_score

__all__ = ["Expected", "expected_conversions"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Expected:
    """What a list promises.

    Parameters
    ----------
    n : int
        Accounts with a propensity.
    value : float
        Sum of their propensities.
    low, high : int or None
        Whole numbers between which the number that converts lies in 95 of 100 such lists; None where nothing tells how
        well the propensities held on rows that the model never saw.
    """

    n: int
    value: float
    low: int | None
    high: int | None

    def text(self) -> str:
        """In words, such as ``"12.3 (6 to 19)"``.

        Returns
        -------
        str
            The number, and where 95 of 100 such lists end.
        """
        ends = "" if self.low is None else f" ({self.low:,} to {self.high:,})"
        return f"{self.value:,.1f}{ends}"


def expected_conversions(propensity: Floats, calibration: Sequence[Mapping[str, Any]]) -> Expected:
    """Sum of the propensities, with an interval for the number that comes.

    Two things part the number from the sum: chance, ``sum p (1 - p)``, and that the propensities may be off. How far
    they are off is a parabola in log-odds through the bins of the calibration table, weighted by their errors, so that
    accounts further up than any bin count as less known; the sum may be off by the error of the parabola's sum, or by
    that sum itself, whichever is more. The ends are those of a distribution with this mean, variance and skew (Cornish
    and Fisher 1938), rounded outwards.

    Parameters
    ----------
    propensity : ndarray of float64, shape (n_accounts,)
        Of the accounts on the list; NaN where an account has none.
    calibration : sequence of mapping
        Keys ``n, mean_propensity, observed, low, high`` of bins of rows that the model never saw, lowest first.

    Returns
    -------
    Expected
        The interval holds for accounts that behave like those of the calibration table.

    Examples
    --------
    >>> bins = [{"n": 900, "mean_propensity": 0.1, "observed": 0.1, "low": 0.08, "high": 0.12}]
    >>> expected_conversions(np.full(40, 0.1), bins).text()
    '4.0 (0 to 9)'
    """
    p = propensity[~np.isnan(propensity)]
    value, chance = float(p.sum()), p * (1.0 - p)
    if not calibration:
        return Expected(len(p), value, None, None)
    variance = float(chance.sum()) + _squared_error(p, calibration)
    if variance <= 0.0:
        return Expected(len(p), value, int(np.floor(value)), int(np.ceil(value)))
    z, spread = normal_score(0.975), variance**0.5
    lean = (z * z - 1.0) / 6.0 * float((chance * (1.0 - 2.0 * p)).sum()) / variance
    low, high = np.floor(value + lean - z * spread), np.ceil(value + lean + z * spread)
    return Expected(len(p), value, max(0, int(low)), min(len(p), int(high)))


def _squared_error(p: Floats, calibration: Sequence[Mapping[str, Any]]) -> float:
    """How far the sum may be off because the propensities are: variance of the bend's sum, or its square if more."""
    stated, observed, low, high = (
        np.array([row[name] for row in calibration], dtype=np.float64)
        for name in ("mean_propensity", "observed", "low", "high")
    )
    slope = np.maximum(stated * (1.0 - stated), 1e-12)
    error = np.maximum((high - low) / (2.0 * normal_score(0.975)), 1e-12) / slope
    centre = float(_log_odds(stated).mean())
    degree = min(2, len(stated) - 1)
    design = np.vander(_log_odds(stated) - centre, degree + 1, increasing=True) / error[:, None]
    inverse = np.linalg.pinv(design.T @ design)
    bend = inverse @ design.T @ ((observed - stated) / slope / error)
    sums = (p * (1.0 - p)) @ np.vander(_log_odds(p) - centre, degree + 1, increasing=True)
    return float(max(sums @ inverse @ sums, (sums @ bend) ** 2))


def _log_odds(p: Floats) -> Floats:
    inside = np.clip(p, 1e-9, 1.0 - 1e-9)
    return np.log(inside / (1.0 - inside))
