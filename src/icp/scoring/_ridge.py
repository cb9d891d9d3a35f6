"""Ridge logistic regression by Newton's method."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["fit_ridge", "log_loss"]

Floats = NDArray[np.float64]
_MAX_STEPS = 40
_BLOCK = 4096


def fit_ridge(
    matrix: Floats, y: Floats, strength: float, start: Floats | None = None, tolerance: float = 1e-7
) -> Floats:
    """Ridge logistic regression by Newton's method; the intercept is free.

    Minimises ``sum(log(1 + exp(m)) - y * m) + strength / 2 * sum(w ** 2)`` with ``m = w0 + matrix @ w``.

    Parameters
    ----------
    matrix : ndarray of float64, shape (n, d)
        Columns on like scales.
    y : ndarray of float64, shape (n,)
        1 best, 0 not; both occur.
    strength : float
        Ridge penalty, that is one over the prior variance of a weight.
    start : ndarray of float64, shape (d + 1,), default=None
        Weights to start from.
    tolerance : float, default=1e-7
        Stops when no weight moves by more.

    Returns
    -------
    ndarray of float64, shape (d + 1,)
        Intercept, then weights.
    """
    # a column of zeros has no weight: a third of all, where nothing is unknown, and time grows with their cube
    live = np.concatenate(([True], matrix.any(axis=0)))
    w = np.zeros(len(live))
    w[live] = _newton(matrix[:, live[1:]], y, strength, None if start is None else start[live], tolerance)
    return w


def _newton(matrix: Floats, y: Floats, strength: float, start: Floats | None, tolerance: float) -> Floats:
    from scipy.linalg import solve  # serving reads this module's neighbours, and solves nothing
    from scipy.special import expit

    n, d = matrix.shape
    penalty = np.concatenate(([1e-9], np.full(d, strength)))
    w = np.zeros(d + 1) if start is None else start.copy()
    if start is None:
        rate = (y.sum() + 0.5) / (n + 1.0)
        w[0] = np.log(rate / (1.0 - rate))
    margin = w[0] + matrix @ w[1:]
    value = _objective(margin, y, w, penalty)
    for _ in range(_MAX_STEPS):
        p = expit(margin)
        gradient = np.concatenate(([(p - y).sum()], matrix.T @ (p - y))) + penalty * w
        hessian = _curvature(matrix, np.sqrt(np.maximum(p * (1.0 - p), 1e-10)))
        hessian[np.diag_indices(d + 1)] += penalty
        step = solve(hessian, gradient, assume_a="pos")
        along, size = step[0] + matrix @ step[1:], 1.0
        while size > 1e-6:
            trial = _objective(margin - size * along, y, w - size * step, penalty)
            if trial <= value + 1e-12 * abs(value):
                break
            size /= 2.0
        w, margin, value = w - size * step, margin - size * along, min(trial, value)
        if np.abs(size * step).max() < tolerance:
            break
    return w


def log_loss(y: Floats, margin: Floats) -> float:
    """Mean log loss of margins.

    Parameters
    ----------
    y : ndarray of float64, shape (n,)
        1 best, 0 not.
    margin : ndarray of float64, shape (n,)
        Log-odds.

    Returns
    -------
    float
        ``mean(log(1 + exp(m)) - y * m)``.
    """
    return float(np.mean(np.logaddexp(0.0, margin) - y * margin))


def _curvature(matrix: Floats, root: Floats) -> Floats:
    """``full.T @ diag(root ** 2) @ full`` with a column of ones first, block by block: nothing as long as the rows.

    In single precision, which halves the time: it decides how fast Newton's method arrives, the gradient where.
    """
    n, d = matrix.shape
    total = np.zeros((d + 1, d + 1))
    block = np.empty((min(n, _BLOCK), d + 1), dtype=np.float32)
    for first in range(0, n, _BLOCK):
        scale = root[first : first + _BLOCK]
        part = block[: len(scale)]
        part[:, 0] = scale
        np.multiply(matrix[first : first + _BLOCK], scale[:, None], out=part[:, 1:])
        total += part.T @ part  # of one matrix with itself BLAS works out one half
    return total


def _objective(margin: Floats, y: Floats, w: Floats, penalty: Floats) -> float:
    return float(np.sum(np.logaddexp(0.0, margin) - y * margin) + 0.5 * np.sum(penalty * w * w))
