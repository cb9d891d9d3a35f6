"""Weights of the parts, learned on held-out margins: this is the calibration too."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import LinearConstraint, minimize
from scipy.special import expit

__all__ = ["blend_weights"]

Floats = NDArray[np.float64]
_PRIOR_ROWS = 5.0


def blend_weights(parts: Floats, y: Floats, n_models: Sequence[int]) -> tuple[float, Floats]:
    """Intercept and non-negative weights of held-out margins, by logistic regression.

    The weights are drawn towards an equal say for every model as if a few rows had said so, which matters only where
    rows are few. A weight of 0 is legal. The weights of several parts add up to 1 at most: the parts that are served
    have learned from more rows than those that are weighed, and are sharper already.

    Parameters
    ----------
    parts : ndarray of float64, shape (n, k)
        Held-out margin of each part.
    y : ndarray of float64, shape (n,)
        1 best, 0 not.
    n_models : sequence of int, shape (k,)
        Models that each part is the mean of.

    Returns
    -------
    intercept : float
        Added once.
    weights : ndarray of float64, shape (k,)
        One per part.
    """
    k = parts.shape[1]
    centre = parts.mean(axis=0)
    spread = parts.std(axis=0)
    centred = parts - centre
    rate = float(y.mean())
    prior = np.asarray(n_models) / np.sum(n_models)

    def loss(v: Floats) -> tuple[float, Floats]:
        w = v[1:]
        margin = v[0] + centred @ w
        miss = expit(margin) - y
        pull = _PRIOR_ROWS * spread**2 * (w - prior)
        value = np.sum(np.logaddexp(0.0, margin) - y * margin) + 0.5 * float(np.sum(pull * (w - prior)))
        gradient = np.concatenate(([miss.sum()], centred.T @ miss + pull))
        return float(value) / len(y), gradient / len(y)

    start = np.concatenate(([np.log(rate / (1.0 - rate))], prior))
    bounds = [(None, None)] + [(0.0, None)] * k
    together = LinearConstraint(np.append(0.0, np.ones(k)), -np.inf, 1.0)
    limits = {"constraints": [together]} if k > 1 else {}
    found = minimize(loss, start, jac=True, method="SLSQP", bounds=bounds, options={"ftol": 1e-13}, **limits)
    weights = np.asarray(found.x[1:], dtype=np.float64)
    return float(found.x[0] - centre @ weights), weights
