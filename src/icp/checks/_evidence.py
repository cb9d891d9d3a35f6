"""What one column alone says about the label."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from icp._statistics import wilson

__all__ = [
    "N_FOLDS",
    "ColumnEvidence",
    "Filled",
    "Pure",
    "area",
    "area_error",
    "bins",
    "cells",
    "column_evidence",
    "cross_fitted_rates",
    "ranked",
]

N_FOLDS = 5
MAX_BINS = 20
MIN_PURE = 30
MIN_COVER = 0.10
_ALWAYS = 0.75
_ALWAYS_ODDS = 40.0
_ALWAYS_LOW = 0.6
_NEVER = 0.03
_COMMON = 0.8
_PRIOR = 5.0
_MOSTLY_ODDS = 25.0
_MOSTLY_BEST = 0.30
_MOSTLY_OTHERS = 0.10

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Pure:
    """Accounts whose values give the answer away.

    Parameters
    ----------
    n, best : int
        Accounts, and best customers among them.
    of_best, of_others : float
        Share of all best customers, and of all others, that they hold.
    how : {"always", "never", "mostly"}
        They are (almost) always best; (almost) never; or hold many of the best and hardly any of the others.
    """

    n: int
    best: int
    of_best: float
    of_others: float
    how: Literal["always", "never", "mostly"]


@dataclass(frozen=True)
class Filled:
    """What it says that a cell is filled.

    Parameters
    ----------
    auc, auc_low : float
        Chance that "filled or empty" ranks a best customer above another account, and the lower end of its interval.
    best, others : float
        Share of best customers, and of others, whose cell is filled.
    pure : Pure or None
        Where the filled cells, or the empty ones, are (almost) always or never those of best customers.
    """

    auc: float
    auc_low: float
    best: float
    others: float
    pure: Pure | None


@dataclass(frozen=True)
class ColumnEvidence:
    """What one column alone says about the label.

    Parameters
    ----------
    auc : float
        Chance that it ranks a best customer above another account, on accounts it was not learned from.
    auc_low : float
        Lower end of its 95 % interval.
    pure : Pure or None
        The accounts whose values give most away, on accounts the values were not picked from.
    filled : Filled
        The same when only "filled or empty" is known.
    """

    auc: float
    auc_low: float
    pure: Pure | None
    filled: Filled


def column_evidence(
    values: NDArray[np.float64], categorical: bool, label: NDArray[np.bool_], fold: NDArray[np.int64]
) -> ColumnEvidence:
    """Measure one column against the label.

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
        Rates of values are learned on four folds and judged on the fifth.
    """
    codes = bins(values, categorical)
    n, best = cells(codes, label, fold)
    rates = cross_fitted_rates(n, best)
    ranked_n, ranked_best = ranked(rates, n, best)
    auc = area(ranked_n, ranked_best)
    error = area_error(auc, int(best.sum()), int(n.sum() - best.sum()))
    pure = _purest(ranked_n, ranked_best)
    whole = None if pure is None else _of_whole_values(pure, rates, n, best)
    return ColumnEvidence(auc, auc - 1.96 * error, whole, _filled(n, best))


def bins(values: NDArray[np.float64], categorical: bool) -> NDArray[np.int64]:
    """Group of each account: 0 "not known", then levels or ranges of about equal numbers."""
    missing = np.isnan(values)
    if categorical:
        return np.where(missing, 0, np.nan_to_num(values) + 1).astype(np.int64)
    distinct, count = np.unique(values[~missing], return_counts=True)
    edges = distinct[1:]
    if len(distinct) > MAX_BINS:
        edges = _edges(distinct, count)
    return np.where(missing, 0, np.searchsorted(edges, values, side="right") + 1)


def _edges(distinct: NDArray[np.float64], count: Counts) -> NDArray[np.float64]:
    """Lower edges of ranges: a value that many share, such as 0, is one by itself, the others part in equal numbers."""
    heavy = count * MAX_BINS > count.sum()
    own = np.concatenate([distinct[heavy], distinct[1:][heavy[:-1]]])
    running = np.cumsum(np.where(heavy, 0, count))
    marks = np.searchsorted(running, np.arange(1, MAX_BINS) / MAX_BINS * running[-1])
    return np.unique(np.concatenate([own, distinct[marks]]))


def cells(codes: NDArray[np.int64], label: NDArray[np.bool_], fold: NDArray[np.int64]) -> tuple[Counts, Counts]:
    """Accounts, and best customers, of each group (rows) in each fold (columns)."""
    n_groups = int(codes.max()) + 1
    cell = codes * N_FOLDS + fold
    n = np.bincount(cell, minlength=n_groups * N_FOLDS).reshape(n_groups, N_FOLDS)
    best = np.bincount(cell[label], minlength=n_groups * N_FOLDS).reshape(n_groups, N_FOLDS)
    return n, best


def cross_fitted_rates(n: Counts, best: Counts) -> NDArray[np.float64]:
    """Rate of each group among accounts of the other folds, shrunk to their average."""
    others, others_best = n.sum(axis=1, keepdims=True) - n, best.sum(axis=1, keepdims=True) - best
    base = others_best.sum(axis=0) / np.maximum(others.sum(axis=0), 1)
    # less the folds' own average, so that no fold ranks below another
    return ((others_best - others * base) / (others + _PRIOR)).astype(np.float64)


def ranked(score: NDArray[np.float64], n: Counts, best: Counts) -> tuple[Counts, Counts]:
    """Accounts and best customers of every distinct score, highest first."""
    distinct, place = np.unique(-score.ravel(), return_inverse=True)
    place = place.ravel()
    count = np.bincount(place, n.ravel(), minlength=len(distinct)).astype(np.int64)
    wins = np.bincount(place, best.ravel(), minlength=len(distinct)).astype(np.int64)
    some = count > 0
    return count[some], wins[some]


def area(n: Counts, best: Counts) -> float:
    """Area under the ROC curve of groups ranked highest first, ties counting one half."""
    rest = n - best
    n_best, n_rest = int(best.sum()), int(rest.sum())
    if not n_best or not n_rest:
        return 0.5
    below = n_rest - np.cumsum(rest)
    return float((best * (below + rest / 2)).sum() / (n_best * n_rest))


def area_error(auc: float, n_best: int, n_rest: int) -> float:
    """Standard error of an AUC (Hanley and McNeil 1982)."""
    if not n_best or not n_rest:
        return 0.5
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = auc * (1 - auc) + (n_best - 1) * (q1 - auc**2) + (n_rest - 1) * (q2 - auc**2)
    return float(np.sqrt(max(spread, 0.0) / (n_best * n_rest)))


def _purest(n: Counts, best: Counts) -> Pure | None:
    """The top of the ranking that is almost all best or holds hardly any of the others, else a bottom that never is."""
    total, wins = int(n.sum()), int(best.sum())
    if not wins or wins == total:
        return None

    def pure(found: tuple[int, int], how: Literal["always", "never", "mostly"]) -> Pure:
        return Pure(*found, found[1] / wins, (found[0] - found[1]) / (total - wins), how)

    top = np.cumsum(n)[:-1], np.cumsum(best)[:-1]
    bottom = np.cumsum(n[::-1])[:-1], np.cumsum(best[::-1])[:-1]
    always = _longest(*top, _is_always(*top, wins / total) & (top[1] >= MIN_COVER * wins))
    if always is not None:
        return pure(always, "always")
    mostly = _longest(*top, _is_mostly(*top, total, wins))
    if mostly is not None:
        return pure(mostly, "mostly")
    never = _longest(*bottom, _is_never(*bottom, wins / total) & (bottom[0] - bottom[1] >= MIN_COVER * (total - wins)))
    return None if never is None else pure(never, "never")


def _of_whole_values(pure: Pure, rates: NDArray[np.float64], n: Counts, best: Counts) -> Pure:
    """What was found, told in whole values: those most of whose accounts are in it, in whatever folds they are.

    Found it was on the folds one by one, and a value can be in it on some of them only; no reader could count that.
    """
    order = np.argsort(rates.ravel() if pure.how == "never" else -rates.ravel(), kind="stable")
    inside = np.zeros(n.size, dtype=bool)
    inside[order[np.cumsum(n.ravel()[order]) <= pure.n]] = True
    mine = 2 * (n * inside.reshape(n.shape)).sum(axis=1) > n.sum(axis=1)
    if not mine.any():
        return pure
    total, wins = int(n.sum()), int(best.sum())
    n_mine, best_mine = int(n[mine].sum()), int(best[mine].sum())
    return replace(
        pure, n=n_mine, best=best_mine, of_best=best_mine / wins, of_others=(n_mine - best_mine) / (total - wins)
    )


def _longest(n: Counts, best: Counts, good: NDArray[np.bool_]) -> tuple[int, int] | None:
    """The longest start of a ranking that passes."""
    passed = np.flatnonzero(good)
    return (int(n[passed[-1]]), int(best[passed[-1]])) if len(passed) else None


def _is_always(n: Counts, best: Counts, base: float) -> NDArray[np.bool_]:
    """Whether groups are (almost) always best: as a share, and in odds against those of all accounts."""
    rate = best / np.maximum(n, 1)
    low, _ = wilson(best, np.maximum(n, 1))
    odds = rate * (1 - base) >= _ALWAYS_ODDS * base * (1 - rate)
    found = odds & (rate >= _ALWAYS) & (low >= _ALWAYS_LOW) & (low > base) & (n >= MIN_PURE) & (base <= _COMMON)
    return np.asarray(found, dtype=bool)


def _is_mostly(n: Counts, best: Counts, total: int, wins: int) -> NDArray[np.bool_]:
    """Whether groups hold many of the best and so few of the others that the odds ratio is that of an AUC of 0.9."""
    inside, outside = best + 0.5, wins - best + 0.5
    others_inside, others_outside = n - best + 0.5, total - wins - (n - best) + 0.5
    ratio = np.log(inside * others_outside / (outside * others_inside))
    error = np.sqrt(1 / inside + 1 / outside + 1 / others_inside + 1 / others_outside)
    telling = (ratio >= np.log(_MOSTLY_ODDS)) & (ratio - 1.96 * error >= np.log(_MOSTLY_ODDS / 2))
    few = n - best <= _MOSTLY_OTHERS * (total - wins)
    return np.asarray(telling & few & (best >= _MOSTLY_BEST * wins) & (best >= MIN_PURE / 2), dtype=bool)


def _is_never(n: Counts, best: Counts, base: float) -> NDArray[np.bool_]:
    """Whether groups are (almost) never best where chance would have given dozens."""
    return np.asarray((best <= _NEVER * base * n) & (base * n >= MIN_PURE), dtype=bool)


def _filled(n: Counts, best: Counts) -> Filled:
    """The groups but the first against the first, "not known"."""
    empty_n, empty_best = int(n[0].sum()), int(best[0].sum())
    full_n, full_best = int(n[1:].sum()), int(best[1:].sum())
    pairs = [(full_n, full_best), (empty_n, empty_best)]
    if full_best * (full_n + empty_n) < (full_best + empty_best) * full_n:
        pairs.reverse()
    counts, wins = np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])
    auc = area(counts, wins)
    n_best, n_rest = int(wins.sum()), int(counts.sum() - wins.sum())
    return Filled(
        auc,
        auc - 1.96 * area_error(auc, n_best, n_rest),
        full_best / max(n_best, 1),
        (full_n - full_best) / max(n_rest, 1),
        _purest(counts, wins) if counts.min() else None,
    )
