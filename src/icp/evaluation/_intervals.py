"""Point figures and their intervals."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtri
from scipy.stats import rankdata

from icp._statistics import wilson

__all__ = ["auc_influence", "auc_interval", "calibration_line", "gain_at"]

Floats = NDArray[np.float64]
_Z = float(ndtri(0.975))


def auc_interval(y: Floats, margin: Floats, unit: NDArray[np.int64]) -> tuple[float, float, float]:
    """Area under the ROC curve with its 95 % interval (DeLong 1988; clustered: Obuchowski 1997).

    Ties count half. The interval is symmetric in log-odds of the area, so it stays between 0 and 1.

    Parameters
    ----------
    y : ndarray of float64, shape (n,)
        1 best, 0 not; both occur.
    margin : ndarray of float64, shape (n,)
        Scores.
    unit : ndarray of int64, shape (n,)
        Rows of one number are not independent.

    Returns
    -------
    auc, low, high : float
        Between 0 and 1.
    """
    auc, influence = auc_influence(y, margin)
    sums = np.bincount(unit, weights=influence)
    error = float(np.sqrt(np.sum(sums**2)))
    if not 0 < auc < 1:
        # perfect order shows no variance: Wilson's interval for as many trials as the smaller side has units
        best = y > 0
        few = min(len(np.unique(unit[best])), len(np.unique(unit[~best])))
        low, high = wilson(auc * few, few)
        return auc, float(low), float(high)
    centre, half = np.log(auc / (1.0 - auc)), _Z * error / (auc * (1.0 - auc))
    return auc, float(expit(centre - half)), float(expit(centre + half))


def auc_influence(y: Floats, margin: Floats) -> tuple[float, Floats]:
    """Area under the ROC curve, and what each row adds to its error.

    Parameters
    ----------
    y : ndarray of float64, shape (n,)
        1 best, 0 not; both occur.
    margin : ndarray of float64, shape (n,)
        Scores.

    Returns
    -------
    auc : float
        Ties count half.
    influence : ndarray of float64, shape (n,)
        The root of the sum of their squares is the standard error.
    """
    best = y > 0
    n1, n0 = int(best.sum()), int((~best).sum())
    overall = rankdata(margin)
    place = np.empty(len(y))
    place[best] = (overall[best] - rankdata(margin[best])) / n0
    place[~best] = 1.0 - (overall[~best] - rankdata(margin[~best])) / n1
    auc = float(place[best].mean())
    influence = (place - auc) / np.where(best, np.sqrt(n1 * max(1, n1 - 1)), np.sqrt(n0 * max(1, n0 - 1)))
    return auc, influence


def calibration_line(y: Floats, margin: Floats, unit: NDArray[np.int64]) -> tuple[float, float, float, float]:
    """Slope of the calibration line with its 95 % interval, and calibration in the large.

    The slope is the weight of the margin in a logistic regression of ``y`` on it (Cox 1958): 1 is right, below 1 the
    margins are too extreme. The interval is a sandwich over units. Calibration in the large is the intercept when the
    slope is held at 1: above 0, more best customers came than were expected.

    Parameters
    ----------
    y : ndarray of float64, shape (n,)
        1 best, 0 not; both occur.
    margin : ndarray of float64, shape (n,)
        Log-odds.
    unit : ndarray of int64, shape (n,)
        Rows of one number are not independent.

    Returns
    -------
    slope, low, high, intercept : float
        NaN slope and interval when all margins are equal.
    """
    intercept = 0.0
    for _ in range(100):
        p = expit(margin + intercept)
        step = float((y - p).sum() / max(1e-12, (p * (1.0 - p)).sum()))
        intercept += float(np.clip(step, -2.0, 2.0))
        if abs(step) < 1e-10:
            break
    spread = float(margin.std())
    if spread < 1e-9:
        return np.nan, np.nan, np.nan, intercept
    design = np.column_stack([np.ones(len(y)), (margin - margin.mean()) / spread])
    w = np.zeros(2)
    for _ in range(100):
        p = expit(design @ w)
        # a hint of ridge keeps the line finite when the margin separates the classes perfectly
        gradient = design.T @ (y - p) - 1e-6 * w
        hessian = (design * (p * (1.0 - p))[:, None]).T @ design + 1e-6 * np.eye(2)
        change = np.linalg.solve(hessian, gradient)
        w += change * min(1.0, 5.0 / float(np.abs(change).max() + 1e-300))
        if np.abs(change).max() < 1e-10:
            break
    scores = design * (y - expit(design @ w))[:, None]
    sums = np.column_stack([np.bincount(unit, weights=scores[:, i]) for i in range(2)])
    bread = np.linalg.inv(hessian)
    error = float(np.sqrt((bread @ (sums.T @ sums) @ bread)[1, 1]))
    return w[1] / spread, (w[1] - _Z * error) / spread, (w[1] + _Z * error) / spread, intercept


def gain_at(sizes: Floats, best: Floats, shares: Floats) -> Floats:
    """Share of all best customers within the first shares of a list.

    Parameters
    ----------
    sizes, best : ndarray of float64, shape (m,)
        Rows and best customers in blocks of equal margin, best block first.
    shares : ndarray of float64, shape (k,)
        0 to 1; a cut through a block takes its best customers in proportion.

    Returns
    -------
    ndarray of float64, shape (k,)
        NaN when there are no best customers.

    Examples
    --------
    >>> gain_at(np.array([1.0, 3.0]), np.array([1.0, 1.0]), np.array([0.25, 0.5])).round(3).tolist()
    [0.5, 0.667]
    """
    total = float(best.sum())
    if total <= 0:
        return np.full(len(shares), np.nan)
    along = np.concatenate(([0.0], np.cumsum(sizes)))
    found = np.concatenate(([0.0], np.cumsum(best)))
    return np.interp(shares * along[-1], along, found) / total
