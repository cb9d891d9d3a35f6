"""Accounts as they would look if each group were one population: traits may go together, but nothing clusters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

__all__ = ["OnePopulation"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class OnePopulation:
    """Tables with the same values in each column and group, and the same strength of going together, unclustered.

    Within each group a Gaussian copula (Nelsen 2006) is drawn: every column keeps its own values, columns keep the
    correlation of their ranks as far as it exceeds sampling noise, and nothing else is kept.

    Parameters
    ----------
    shape : tuple of int
        Accounts and traits.
    groups : tuple of (ndarray of int64, _Copula)
        Rows of each group, and what is drawn for them.
    """

    shape: tuple[int, int]
    groups: tuple[tuple[NDArray[np.int64], _Copula], ...]

    @classmethod
    def of(cls, X: Floats, categorical: NDArray[np.bool_], groups: NDArray[np.int64], order: Floats) -> OnePopulation:
        """Learn what every draw needs, once.

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

        Returns
        -------
        OnePopulation
            Draws as many tables as are asked for.
        """
        each = [np.flatnonzero(groups == group) for group in range(int(groups.max()) + 1)]
        shape = (X.shape[0], X.shape[1])
        return cls(shape, tuple((rows, _Copula.of(X[rows], categorical, order[rows])) for rows in each))

    def draw(self, rng: np.random.Generator) -> Floats:
        """One table.

        Parameters
        ----------
        rng : Generator
            Source of chance.

        Returns
        -------
        ndarray of float64, shape (n_accounts, n_traits)
            The drawn table.
        """
        drawn = np.empty(self.shape)
        for rows, copula in self.groups:
            drawn[rows] = copula.draw(rng)
        return drawn


@dataclass(frozen=True)
class _Copula:
    """One group: its cells in order, column by column, and how columns go together (None: too few rows to tell)."""

    X: Floats
    cells: tuple[Floats, ...]
    going: tuple[Floats, Floats] | None

    @classmethod
    def of(cls, X: Floats, categorical: NDArray[np.bool_], order: Floats) -> _Copula:
        n, p = X.shape
        if n < 3:
            return cls(X, (), None)
        known = np.isfinite(X)
        ordered = X.copy()
        for j in np.flatnonzero(categorical).tolist():
            ordered[:, j] = _level_order(X[:, j], order)
        cells = tuple(X[known[:, j], j][np.argsort(ordered[known[:, j], j], kind="stable")] for j in range(p))
        scores = np.hstack([_normal_scores(ordered), _normal_scores(known.astype(np.float64))])
        return cls(X, cells, _going(scores))

    def draw(self, rng: np.random.Generator) -> Floats:
        if self.going is None:
            return self.X
        (n, p), (loadings, rest) = self.X.shape, self.going
        latent = rng.standard_normal((n, loadings.shape[1])) @ loadings.T + rng.standard_normal((n, len(rest))) * rest
        drawn = np.full((n, p), np.nan)
        for j, cells in enumerate(self.cells):
            seen = np.argsort(-latent[:, p + j], kind="stable")[: len(cells)]
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


def _going(scores: Floats) -> tuple[Floats, Floats]:
    """Loadings of the correlation of ``scores`` as far as it exceeds sampling noise, and what each column has besides.

    A spiked covariance: variances above the edge of those of pure noise are kept.
    """
    n = len(scores)
    varying = scores.std(axis=0) > 0
    variances, directions = np.linalg.eigh(scores.T @ scores / n)
    noise = (1.0 + np.sqrt(max(int(varying.sum()), 1) / n)) ** 2
    strong = variances > noise
    loadings = directions[:, strong] * np.sqrt(variances[strong])
    return loadings, np.sqrt(np.maximum(1.0 - (loadings**2).sum(axis=1), 0.05))
