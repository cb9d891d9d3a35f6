"""What the order of the rows in time says about a score: traits that mark a period, and a rate that has moved."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit
from scipy.stats import spearmanr

__all__ = ["is_time", "marks_time", "recent_shift"]

Floats = NDArray[np.float64]
MAX_TIME_AUC = 0.8
TIME_ITSELF = 0.9999
_MAX_BINS = 20
_MIN_ROWS = 200
_RECENT_SHARE = 0.2
_MIN_RECENT = 20


def marks_time(X: Floats, categorical: NDArray[np.bool_], order: Floats) -> NDArray[np.bool_]:
    """Traits that tell the newer half of the rows from the older with an AUC of 0.8 or more.

    Such a trait (an economic indicator, a price list, a campaign that ran for a month) names the period a row comes
    from. A tree learns each period by heart and has nothing to say about the next; a line can go on.

    Parameters
    ----------
    X : ndarray of float64, shape (n, p)
        Values and codes; NaN is "not known".
    categorical : ndarray of bool, shape (p,)
        Which columns are codes.
    order : ndarray of float64, shape (n,)
        Larger is later; NaN where unknown.

    Returns
    -------
    ndarray of bool, shape (p,)
        All False with fewer than 200 ordered rows, or rows of one time.
    """
    dated = np.isfinite(order)
    middle = float(np.median(order[dated])) if dated.any() else 0.0
    late = order > middle
    if dated.sum() < _MIN_ROWS or not late.any():
        return np.zeros(X.shape[1], dtype=bool)
    halves = late[dated]
    return np.array(
        [_best_auc(_bins(X[dated, j], bool(categorical[j])), halves) >= MAX_TIME_AUC for j in range(X.shape[1])]
    )


def is_time(X: Floats, categorical: NDArray[np.bool_], order: Floats) -> NDArray[np.bool_]:
    """Numbers that are the row's own date by another name: a rank correlation with the order of 0.9999 or more.

    Every later row lies beyond all of them. A line drawn on would rank later rows by their date alone.

    Parameters
    ----------
    X, categorical, order
        As for :func:`marks_time`.

    Returns
    -------
    ndarray of bool, shape (p,)
        All False with fewer than 200 ordered rows.
    """
    found = np.zeros(X.shape[1], dtype=bool)
    for j in np.flatnonzero(~categorical):
        both = np.isfinite(order) & np.isfinite(X[:, j])
        if both.sum() >= _MIN_ROWS and np.ptp(X[both, j]) > 0 and np.ptp(order[both]) > 0:
            found[j] = abs(float(spearmanr(X[both, j], order[both]).statistic)) >= TIME_ITSELF
    return found


def recent_shift(margin: Floats, y: Floats, order: Floats) -> float:
    """What to add to the margins so that they meet the rate of the newest fifth of the rows.

    Only a clear miss is mended: by a quarter of the rate, and by four standard errors. What the traits explain of a
    rate that moved is in the margins already.

    Parameters
    ----------
    margin : ndarray of float64, shape (n,)
        Held-out, calibrated log-odds.
    y : ndarray of float64, shape (n,)
        1 best, 0 not.
    order
        As for :func:`marks_time`.

    Returns
    -------
    float
        In log-odds; 0 where the newest rows agree, or hold fewer than 20 best customers or 20 others.
    """
    dated = np.flatnonzero(np.isfinite(order))
    if not len(dated):
        return 0.0
    newest = dated[order[dated] > np.quantile(order[dated], 1.0 - _RECENT_SHARE, method="lower")]
    best = float(y[newest].sum())
    if min(best, len(newest) - best) < _MIN_RECENT:
        return 0.0
    recent = margin[newest]
    p = expit(recent)
    expected, error = float(p.sum()), float(np.sqrt((p * (1.0 - p)).sum()))
    smaller = min(best, len(newest) - best)
    if abs(best - expected) <= max(4.0 * error, 0.25 * smaller):
        return 0.0
    return float(brentq(lambda shift: float(expit(recent + shift).sum()) - best, -20.0, 20.0))


def _bins(x: Floats, categorical: bool) -> NDArray[np.int64]:
    """Group of each row: 0 "not known", then ranges of about equal numbers, or the frequent levels and the rest."""
    missing = np.isnan(x)
    if categorical:
        codes = np.where(missing, -1, np.nan_to_num(x)).astype(np.int64)
        levels, place, n = np.unique(codes, return_inverse=True, return_counts=True)
        frequent = np.argsort(-n, kind="stable")[:_MAX_BINS]
        number = np.zeros(len(levels), dtype=np.int64)
        number[frequent] = np.arange(1, len(frequent) + 1)
        return number[place]
    edges = np.unique(np.quantile(x[~missing], np.arange(1, _MAX_BINS) / _MAX_BINS)) if not missing.all() else x[:0]
    return np.where(missing, 0, np.searchsorted(edges, x, side="right") + 1)


def _best_auc(group: NDArray[np.int64], late: NDArray[np.bool_]) -> float:
    """Chance that a late row's group has a higher share of late rows than an early row's."""
    n = np.bincount(group).astype(np.float64)
    n_late = np.bincount(group[late], minlength=len(n)).astype(np.float64)
    order = np.argsort(n_late / np.maximum(n, 1.0), kind="stable")
    late_share = n_late[order] / n_late.sum()
    early = (n - n_late)[order]
    below = np.cumsum(early) - early / 2.0
    return float((late_share * below).sum() / early.sum())
