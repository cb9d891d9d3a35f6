"""Stratified folds that keep the rows of a group together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["assign_folds"]


def assign_folds(
    y: NDArray[np.float64], n_folds: int, seed: int, groups: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Fold of every row: rows of a group share one, folds get like shares of best customers and like sizes.

    Groups are ordered by their number of best customers, then by size, then at random, and dealt out like cards, there
    and back.

    Parameters
    ----------
    y : ndarray of float64, shape (n,)
        1 best, 0 not.
    n_folds : int
        How many folds.
    seed : int
        Decides the order within equals.
    groups : ndarray of int64, shape (n,), default=None
        Rows of one number stay together; None means that every row stands alone.

    Returns
    -------
    ndarray of int64, shape (n,)
        Numbers 0 to ``n_folds - 1``.

    Examples
    --------
    >>> folds = assign_folds(np.array([0.0, 0.0, 1.0, 1.0]), 2, seed=0)
    >>> sorted(folds[2:].tolist())
    [0, 1]
    """
    unit = np.arange(len(y)) if groups is None else np.unique(groups, return_inverse=True)[1]
    size = np.bincount(unit)
    best = np.bincount(unit, weights=y)
    lot = np.random.default_rng(seed).random(len(size))
    order = np.lexsort((lot, -size, -best))
    turn = np.arange(len(size)) % (2 * n_folds)
    fold = np.empty(len(size), dtype=np.int64)
    fold[order] = np.where(turn < n_folds, turn, 2 * n_folds - 1 - turn)
    return fold[unit]
