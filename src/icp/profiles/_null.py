"""Accounts as they would look if each group were one population: traits may go together, but nothing clusters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

__all__ = ["one_population"]

Floats = NDArray[np.float64]


def one_population(
    X: Floats, categorical: NDArray[np.bool_], groups: NDArray[np.int64], order: Floats, rng: np.random.Generator
) -> Floats:
    """Draw a table with the same values in each column and group, and the same strength of going together, unclustered.

    Within each group a Gaussian copula (Nelsen 2006) is drawn: every column keeps its own values, columns keep the
    correlation of their ranks as far as it exceeds sampling noise, and nothing else is kept.

    Parameters
    ----------
    X : ndarray of float64, shape (n_accounts, n_traits)
        Trait values; NaN is not known.
    categorical : ndarray of bool, shape (n_traits,)
        Which columns are codes.
    groups : ndarray of int64, shape (n_accounts,)
        Group of each account.
    order : ndarray of float64, shape (n_accounts,)
        A score by whose mean the levels of a category are put in order.
    rng : Generator
        Source of chance.

    Returns
    -------
    ndarray of float64, shape (n_accounts, n_traits)
        The drawn table.
    """
    drawn = np.empty_like(X)
    for group in range(int(groups.max()) + 1):
        rows = np.flatnonzero(groups == group)
        drawn[rows] = _copula(X[rows], categorical, order[rows], rng)
    return drawn


def _copula(X: Floats, categorical: NDArray[np.bool_], order: Floats, rng: np.random.Generator) -> Floats:
    n, p = X.shape
    if n < 3:
        return X
    known = np.isfinite(X)
    ordered = X.copy()
    for j in np.flatnonzero(categorical).tolist():
        ordered[:, j] = _level_order(X[:, j], order)
    scores = np.hstack([_normal_scores(ordered), _normal_scores(known.astype(np.float64))])
    latent = _draw(scores, rng)
    drawn = np.empty_like(X)
    for j in range(p):
        cells = X[known[:, j], j][np.argsort(ordered[known[:, j], j], kind="stable")]
        seen = np.argsort(-latent[:, p + j], kind="stable")[: len(cells)]
        drawn[:, j] = np.nan
        drawn[seen[np.argsort(latent[seen, j], kind="stable")], j] = cells
    return drawn


def _level_order(codes: Floats, order: Floats) -> Floats:
    """Codes replaced by the rank of their level's mean score."""
    known = np.isfinite(codes)
    if not known.any():
        return codes
    levels, at = np.unique(codes[known], return_inverse=True)
    means = np.bincount(at, weights=order[known]) / np.bincount(at)
    ranks = np.empty(len(levels))
    ranks[np.argsort(means, kind="stable")] = np.arange(len(levels))
    result = np.full(len(codes), np.nan)
    result[known] = ranks[at]
    return result


def _normal_scores(columns: Floats) -> Floats:
    """Normal quantiles of mid-ranks, standardised; 0 where not known."""
    scores = np.zeros_like(columns)
    for j in range(columns.shape[1]):
        known = np.isfinite(columns[:, j])
        _, at, counts = np.unique(columns[known, j], return_inverse=True, return_counts=True)
        if len(counts) < 2:
            continue
        middle = (np.cumsum(counts) - counts / 2.0) / counts.sum()
        score = ndtri(middle)[at]
        scores[known, j] = (score - score.mean()) / score.std()
    return scores


def _draw(scores: Floats, rng: np.random.Generator) -> Floats:
    """Gaussian rows with the correlation of ``scores`` as far as it exceeds sampling noise (spiked covariance)."""
    n, p = scores.shape
    varying = scores.std(axis=0) > 0
    variances, directions = np.linalg.eigh(scores.T @ scores / n)
    noise = (1.0 + np.sqrt(max(int(varying.sum()), 1) / n)) ** 2
    strong = variances > noise
    loadings = directions[:, strong] * np.sqrt(variances[strong])
    rest = np.sqrt(np.maximum(1.0 - (loadings**2).sum(axis=1), 0.05))
    return rng.standard_normal((n, loadings.shape[1])) @ loadings.T + rng.standard_normal((n, p)) * rest
