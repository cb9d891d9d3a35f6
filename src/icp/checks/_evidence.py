"""What one column alone says about the label."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

__all__ = ["ColumnEvidence", "Pure", "column_evidence", "suspicious_words"]

N_FOLDS = 5
MAX_BINS = 20
MIN_PURE = 30
MIN_COVER = 0.10
_PURE_BEST = 0.95
_PURE_REST = 0.03
_COMMON = 0.8
_PRIOR = 5.0
_WORDS = re.compile(
    r"(?:^|[^a-z])(stage|status|probability|forecast|clos(?:e|ed|ing)|won|lost|convert(?:ed|ion)?|invoice[sd]?|tags?|"
    r"disposition|outcome|result|score|rating|grade|quality|contract|churn(?:ed)?|cancel(?:led|lation)?|commission)"
    r"(?:[^a-z]|$)"
)


@dataclass(frozen=True)
class Pure:
    """Groups of accounts that (almost) always, or never, are best customers.

    Parameters
    ----------
    n, best : int
        Accounts, and best customers among them.
    cover : float
        Share of all best customers (always), or of all others (never), that they hold.
    always : bool
        Whether they (almost) always are best.
    """

    n: int
    best: int
    cover: float
    always: bool


@dataclass(frozen=True)
class ColumnEvidence:
    """What one trait alone says about the label.

    Parameters
    ----------
    auc : float
        Chance that it ranks a best customer above another account, on accounts it was not learned from.
    auc_low : float
        Lower end of its 95 % interval.
    missing_auc : float
        The same when only "filled or empty" is known.
    pure : Pure or None
        The groups that give most away.
    """

    auc: float
    auc_low: float
    missing_auc: float
    pure: Pure | None


def suspicious_words(name: str) -> tuple[str, ...]:
    """Words in a column name that speak of what happens at or after the sale.

    Parameters
    ----------
    name : str
        Column name.

    Returns
    -------
    tuple of str
        In order; empty for most columns. Never enough by itself.

    Examples
    --------
    >>> suspicious_words("Close_Probability"), suspicious_words("Closest city"), suspicious_words("wonTotal")
    (('close', 'probability'), (), ('won',))
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "  ", name).lower()
    return tuple(_WORDS.findall(re.sub(r"[^a-z]+", "  ", spaced)))


def column_evidence(
    values: NDArray[np.float64], categorical: bool, label: NDArray[np.bool_], fold: NDArray[np.int64]
) -> ColumnEvidence:
    """Measure one trait against the label.

    Parameters
    ----------
    values : ndarray of float64, shape (n_accounts,)
        Numbers or codes; NaN is "not known".
    categorical : bool
        Whether they are codes.
    label : ndarray of bool, shape (n_accounts,)
        True for best customers.
    fold : ndarray of int64, shape (n_accounts,)
        Fold of each account, 0 ... 4.

    Returns
    -------
    ColumnEvidence
        Group rates are learned on four folds and judged on the fifth.
    """
    codes = _bins(values, categorical)
    score = _cross_fitted_rates(codes, label, fold)
    auc = _auc(score, label)
    missing = np.isnan(values)
    missing_auc = _auc(missing.astype(np.float64), label)
    return ColumnEvidence(
        auc, auc - 1.96 * _auc_error(auc, label), max(missing_auc, 1.0 - missing_auc), _purest(codes, label)
    )


def _bins(values: NDArray[np.float64], categorical: bool) -> NDArray[np.int64]:
    """Group of each account: 0 "not known", then levels or ranges of about equal numbers."""
    missing = np.isnan(values)
    if categorical:
        return np.where(missing, 0, np.nan_to_num(values) + 1).astype(np.int64)
    known = values[~missing]
    distinct = np.unique(known)
    edges = distinct[1:]
    if len(distinct) > MAX_BINS:
        edges = np.unique(np.quantile(known, np.arange(1, MAX_BINS) / MAX_BINS, method="inverted_cdf"))
    return np.where(missing, 0, np.searchsorted(edges, values, side="right") + 1)


def _cross_fitted_rates(
    codes: NDArray[np.int64], label: NDArray[np.bool_], fold: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Rate of each account's group among accounts of the other folds, shrunk to their average."""
    n_groups = int(codes.max()) + 1
    cell = codes * N_FOLDS + fold
    n = np.bincount(cell, minlength=n_groups * N_FOLDS).reshape(n_groups, N_FOLDS)
    best = np.bincount(cell[label], minlength=n_groups * N_FOLDS).reshape(n_groups, N_FOLDS)
    others, others_best = n.sum(axis=1, keepdims=True) - n, best.sum(axis=1, keepdims=True) - best
    base = others_best.sum(axis=0) / np.maximum(others.sum(axis=0), 1)
    # less the folds' own average, so that no fold ranks below another
    return ((others_best - others * base) / (others + _PRIOR))[codes, fold]


def _auc(score: NDArray[np.float64], label: NDArray[np.bool_]) -> float:
    """Area under the ROC curve, ties counting one half."""
    n_best = int(label.sum())
    n_rest = len(label) - n_best
    if not n_best or not n_rest:
        return 0.5
    ranks = rankdata(score)
    return float((ranks[label].sum() - n_best * (n_best + 1) / 2) / (n_best * n_rest))


def _auc_error(auc: float, label: NDArray[np.bool_]) -> float:
    """Standard error of an AUC (Hanley and McNeil 1982)."""
    n_best = int(label.sum())
    n_rest = len(label) - n_best
    if not n_best or not n_rest:
        return 0.5
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = auc * (1 - auc) + (n_best - 1) * (q1 - auc**2) + (n_rest - 1) * (q2 - auc**2)
    return float(np.sqrt(max(spread, 0.0) / (n_best * n_rest)))


def _purest(codes: NDArray[np.int64], label: NDArray[np.bool_]) -> Pure | None:
    """The groups, together, that are almost all best, or almost never, where chance would make them neither."""
    base = float(label.mean())
    n = np.bincount(codes)
    best = np.bincount(codes[label], minlength=len(n))
    large = n >= MIN_PURE
    always = large & (best >= _PURE_BEST * n) & (base <= _COMMON)
    never = large & (best <= _PURE_REST * base * n) & (base * n >= MIN_PURE)
    for chosen, is_always in ((always, True), (never, False)):
        size, wins = int(n[chosen].sum()), int(best[chosen].sum())
        cover = wins / label.sum() if is_always else (size - wins) / (~label).sum()
        if size and cover >= MIN_COVER:
            return Pure(size, wins, float(cover), is_always)
    return None
