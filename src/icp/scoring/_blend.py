"""Weights of the parts, learned on held-out margins: this is the calibration too."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

__all__ = ["blend_weights"]

Floats = NDArray[np.float64]
_PRIOR_ROWS = 5.0


def blend_weights(parts: Floats, y: Floats, row_weight: Floats | None = None) -> tuple[float, Floats]:
    """Intercept and non-negative weights of held-out margins, by logistic regression.

    The weights are drawn towards equal shares as if a few rows had said so, which matters only where rows are few. A
    weight of 0 is legal.

    Parameters
    ----------
    parts : ndarray of float64, shape (n, k)
        Held-out margin of each part.
    y : ndarray of float64, shape (n,)
        1 best, 0 not.
    row_weight : ndarray of float64, shape (n,), default=None
        What each row counts.

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
    v = np.ones(len(y)) if row_weight is None else row_weight
    rate = float(np.average(y, weights=v))
    prior = np.full(k, 1.0 / k)

    def loss(parameters: Floats) -> tuple[float, Floats]:
        w = parameters[1:]
        margin = parameters[0] + centred @ w
        miss = v * (expit(margin) - y)
        pull = _PRIOR_ROWS * spread**2 * (w - prior)
        value = np.sum(v * (np.logaddexp(0.0, margin) - y * margin)) + 0.5 * float(np.sum(pull * (w - prior)))
        gradient = np.concatenate(([miss.sum()], centred.T @ miss + pull))
        return float(value), gradient

    start = np.concatenate(([np.log(rate / (1.0 - rate))], prior))
    bounds = [(None, None)] + [(0.0, None)] * k
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-13, "gtol": 1e-8})
    weights = np.asarray(found.x[1:], dtype=np.float64)
    return float(found.x[0] - centre @ weights), weights
