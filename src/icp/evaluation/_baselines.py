"""What a score is compared with: the rate of one column alone, and the score that is used today."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit
from scipy.stats import rankdata

from icp._folds import assign_folds

__all__ = ["Rule", "base_margin", "learn_rule", "today_margin"]

Floats = NDArray[np.float64]
_MAX_BINS = 10
_PRIOR = 10.0
_N_FOLDS = 5
_HAIR = 1e-6


@dataclass(frozen=True)
class Rule:
    """The rate of best customers by the groups of one column.

    Parameters
    ----------
    column : int
        Column of the trait matrix.
    edges : ndarray of float64
        Lower ends of the ranges of a number after the first; empty for codes.
    margins : ndarray of float64
        Log-odds of each group: not known, then ranges or codes; the last is for codes never met.
    inside : ndarray of float64
        Ascending values that order a number within its range; empty for codes.
    sign : float
        1 where more is better, -1 where less is.
    """

    column: int
    edges: Floats
    margins: Floats
    inside: Floats
    sign: float

    def margin(self, X: Floats) -> Floats:
        """What the rule says of rows.

        Parameters
        ----------
        X : ndarray of float64, shape (n, n_traits)
            Traits.

        Returns
        -------
        ndarray of float64, shape (n,)
            Log-odds; within a range the larger (or smaller) number comes first, by a hair.
        """
        values = X[:, self.column]
        margin = self.margins[np.minimum(_groups(values, self.edges), len(self.margins) - 1)]
        if not len(self.inside):
            return margin
        place = np.searchsorted(self.inside, values, side="right") / len(self.inside)
        return margin + np.where(np.isnan(values), 0.0, _HAIR * self.sign * place)


def learn_rule(X: Floats, y: Floats, categorical: NDArray[np.bool_], groups: NDArray[np.int64], seed: int = 0) -> Rule:
    """The best rule of a single column: each group has the rate of best customers it had among the rows learned from.

    Numbers are cut into ten ranges of about equal size. The column is the one whose rates, learned on four fifths of
    the rows, order the last fifth best (AUC); ties go to the first.

    Parameters
    ----------
    X : ndarray of float64, shape (n, n_traits)
        Numbers and codes; NaN is "not known".
    y : ndarray of float64, shape (n,)
        1 best, 0 not.
    categorical : ndarray of bool, shape (n_traits,)
        Columns that hold codes.
    groups : ndarray of int64, shape (n,)
        Rows of one group share a fold.
    seed : int, default=0
        Decides the folds.

    Returns
    -------
    Rule
        Rates are drawn towards the overall rate as by ten rows of it.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0]] * 50), np.array([0.0, 1.0] * 50)
    >>> rule = learn_rule(X, y, np.array([True]), np.arange(100))
    >>> rule.column, bool(rule.margin(np.array([[1.0]]))[0] > rule.margin(np.array([[0.0]]))[0])
    (0, True)
    """
    fold = assign_folds(y, _N_FOLDS, seed, groups)
    best, chosen = -1.0, 0
    for j in range(X.shape[1]):
        edges = _edges(X[:, j], bool(categorical[j]))
        place = _groups(X[:, j], edges)
        held_out = np.empty(len(y))
        for i in range(_N_FOLDS):
            out = fold == i
            rates = _rates(place[~out], y[~out], int(place.max()) + 1)
            held_out[out] = rates[place[out]] - rates[-1]  # no fold ranks below another for its base rate
        auc = _auc(held_out, y)
        if auc > best + 1e-9:
            best, chosen = auc, j
    edges = _edges(X[:, chosen], bool(categorical[chosen]))
    place = _groups(X[:, chosen], edges)
    margins = logit(_rates(place, y, int(place.max()) + 1))
    known = ~np.isnan(X[:, chosen])
    if categorical[chosen] or not known.any():
        return Rule(chosen, edges, margins, np.empty(0), 1.0)
    sign = 1.0 if _auc(X[known, chosen], y[known]) >= 0.5 else -1.0
    return Rule(chosen, edges, margins, np.unique(X[known, chosen]), sign)


def base_margin(y: Floats) -> float:
    """The log-odds of the overall rate: what is said of everyone when nothing is known.

    Parameters
    ----------
    y : ndarray of float64, shape (n,)
        Labels of the rows learned from, both occurring.

    Returns
    -------
    float
        In log-odds.
    """
    return float(logit(y.mean()))


def today_margin(cells: NDArray[Any], train: NDArray[np.int64], test: NDArray[np.int64], y: Floats) -> Floats | None:
    """The order that today's score gives.

    Parameters
    ----------
    cells : ndarray, shape (n,)
        Numbers, or texts such as grades.
    train, test : ndarray of int64
        Rows that settle which way it points (numbers) or in which order grades go (texts), and rows to order.
    y : ndarray of float64, shape (n,)
        1 best, 0 not; only those of ``train`` are read.

    Returns
    -------
    ndarray of float64, shape (n_test,), or None
        Higher is better; rows without a score come last. None where no row has one.
    """
    if np.asarray(cells).dtype.kind in "fiub":
        numbers = np.asarray(cells, dtype=np.float64)
        known = np.isfinite(numbers)
        if not known[test].any():
            return None
        seen = train[known[train]]
        turned = len(seen) > 0 and 0 < y[seen].sum() < len(seen) and _auc(numbers[seen], y[seen]) < 0.5
        order = -numbers if turned else numbers
        return np.where(known[test], order[test], order[known].min() - 1.0)
    texts = np.array(["" if cell is None or cell != cell else str(cell).strip() for cell in cells], dtype=object)
    if not (texts[test] != "").any():
        return None
    grades, code = np.unique(texts, return_inverse=True)
    rates = _rates(code[train], y[train], len(grades))[:-1]
    return np.where(texts[test] == "", -1.0, rates[code[test]])


def _edges(values: Floats, categorical: bool) -> Floats:
    known = values[~np.isnan(values)]
    if categorical or not len(known):
        return np.empty(0)
    distinct = np.unique(known)
    if len(distinct) <= _MAX_BINS:
        return distinct[1:] if len(distinct) > 1 else np.array([np.inf])
    return np.unique(np.quantile(known, np.arange(1, _MAX_BINS) / _MAX_BINS, method="inverted_cdf"))


def _groups(values: Floats, edges: Floats) -> NDArray[np.int64]:
    """0 for not known, then ranges or codes from 1."""
    missing = np.isnan(values)
    inside = np.searchsorted(edges, values, side="right") if len(edges) else np.where(missing, 0.0, values)
    return np.where(missing, 0, inside + 1).astype(np.int64)


def _rates(place: NDArray[np.int64], y: Floats, n_groups: int) -> Floats:
    """Shrunken rate of each group, and last the overall rate, for groups never met."""
    base = (y.sum() + 0.5) / (len(y) + 1.0)
    n = np.bincount(place, minlength=n_groups)
    best = np.bincount(place, weights=y, minlength=n_groups)
    return np.append((best + _PRIOR * base) / (n + _PRIOR), base)


def _auc(score: Floats, y: Floats) -> float:
    n_best = float(y.sum())
    n_rest = len(y) - n_best
    if not n_best or not n_rest:
        return 0.5
    return float((rankdata(score)[y > 0].sum() - n_best * (n_best + 1) / 2) / (n_best * n_rest))
