"""Contributions that must add up, and shap for models that are not ours."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icp.tables import Finding

__all__ = ["TOLERANCE", "additivity_error", "check_additivity", "model_contributions"]

TOLERANCE = 1e-6
"""Largest difference, in log-odds, between the model's margin and the sum of its contributions."""

Margin = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def additivity_error(margin: NDArray[np.float64], base: float, contributions: NDArray[np.float64]) -> float:
    """The largest difference between a margin and the sum that should make it.

    Parameters
    ----------
    margin : ndarray of float64, shape (n_accounts,)
        From the model's own prediction.
    base : float
        Margin of an account of which nothing is known.
    contributions : ndarray of float64, shape (n_accounts, n_traits)
        What each trait adds.

    Returns
    -------
    float
        ``max |margin - (base + contributions.sum(axis=1))|`` in log-odds; infinite where any of them is not a number.
    """
    if len(margin) == 0:
        return 0.0
    error = np.abs(np.asarray(margin) - (base + contributions.sum(axis=1)))
    return float(np.nan_to_num(error, nan=np.inf, posinf=np.inf).max())


def check_additivity(
    margin: NDArray[np.float64], base: float, contributions: NDArray[np.float64], tolerance: float = TOLERANCE
) -> Finding | None:
    """Whether the reasons are the model: its contributions add up to its own prediction.

    Parameters
    ----------
    margin : ndarray of float64, shape (n_accounts,)
        From the model's own prediction.
    base : float
        Margin of an account of which nothing is known.
    contributions : ndarray of float64, shape (n_accounts, n_traits)
        What each trait adds.
    tolerance : float, default=1e-6
        Largest difference allowed, in log-odds.

    Returns
    -------
    Finding or None
        ``ICP404``, refused, when they do not add up; the caller then writes no reasons.
    """
    error = additivity_error(margin, base, contributions)
    if error <= tolerance:
        return None
    off = np.abs(np.asarray(margin) - (base + contributions.sum(axis=1)))
    return Finding(
        "ICP404",
        "issue",
        "the contributions do not add up to the model's own score, so no reasons were written.",
        "refused",
        n_rows=int((~(off <= tolerance)).sum()),
        evidence={"max_error": error if np.isfinite(error) else None, "tolerance": tolerance},
    )


def model_contributions(
    margin: Margin, X: NDArray[np.float64], background: NDArray[np.float64], seed: int = 0
) -> NDArray[np.float64]:
    """Contributions of any model, by shap's permutation explainer.

    Parameters
    ----------
    margin : callable
        Margin of each row of a matrix, in log-odds.
    X : ndarray of float64, shape (n_accounts, n_traits)
        Rows to explain.
    background : ndarray of float64, shape (n_background, n_traits)
        Rows to compare with; the base is their mean margin.
    seed : int, default=0
        Of the permutations.

    Returns
    -------
    ndarray of float64, shape (n_accounts, n_traits)
        ``contributions.sum(axis=1) + margin(background).mean() == margin(X)`` up to rounding. The cost grows with rows,
        traits and background rows; this is for models of some thousand accounts.
    """
    if len(X) == 0:
        return np.zeros(X.shape)
    shap = load_shap()
    masker = shap.maskers.Independent(background, max_samples=len(background))
    explainer = shap.PermutationExplainer(margin, masker, seed=seed)
    explained = explainer(X, max_evals=2 * (2 * X.shape[1] + 1), silent=True)
    return np.asarray(explained.values, dtype=np.float64)


def load_shap() -> Any:
    """The shap package, imported on first use.

    Returns
    -------
    module
        Its plots call parts of matplotlib that matplotlib announces to deprecate; that is not for our users to read.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        import shap
    return shap
