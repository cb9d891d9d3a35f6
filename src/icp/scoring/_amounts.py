"""The amount a best customer brings: a shrunken straight line in its logarithm, as plain parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from icp._samples import AMOUNTS
from icp._sound import LARGEST
from icp.scoring._design import Design
from icp.scoring._linear import LinearPart, draw_curves

__all__ = ["AmountModel", "learn_amounts"]

Floats = NDArray[np.float64]

_STRENGTHS = (10_000.0, 3000.0, 1000.0, 300.0, 100.0, 30.0, 10.0, 3.0, 1.0)
_MAX_ROWS = AMOUNTS.rows
_COARSE_BELOW = 120
_ENDS = (0.005, 0.995)
_MOST = 300.0
"""Logarithm that no amount reaches."""


@dataclass(frozen=True)
class AmountModel:
    """Mean amount of a best customer with these traits.

    ``amount = factor * exp(clip(line, low, high))``. The line is the mean logarithm; the factor makes the mean of the
    predictions that of the amounts (a smearing factor as a ratio of means), so no normal distribution is assumed.

    Parameters
    ----------
    line : LinearPart
        Mean logarithm of the amount, a sum of one curve per trait.
    factor : float
        From the exponential of a mean logarithm to a mean.
    low, high : float
        Ends of the line: no amount beyond those of the best customers learned from is predicted.
    """

    line: LinearPart
    factor: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high <= _MOST or not 0 <= self.factor <= LARGEST:
            raise ValueError("the ends of amounts are in order, and the factor is a number from 0 up")

    def predict(self, X: Floats) -> Floats:
        """Mean amount, should the account become a best customer.

        Parameters
        ----------
        X : ndarray of float64, shape (n, p)
            Traits; NaN is "not known".

        Returns
        -------
        ndarray of float64, shape (n,)
            In the unit of the amounts learned from; a row's value depends on no other row.
        """
        return self.factor * np.exp(np.clip(self.line.margin(X), self.low, self.high))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values.

        Returns
        -------
        dict
            ``line, factor, low, high``.
        """
        return {"line": self.line.to_dict(), "factor": self.factor, "low": self.low, "high": self.high}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> AmountModel:
        """The model that :meth:`to_dict` described.

        Parameters
        ----------
        values : mapping
            As made by :meth:`to_dict`.

        Returns
        -------
        AmountModel
            That gives the same amounts to the last bit.
        """
        line = LinearPart.from_dict(values["line"])
        return cls(line, values["factor"], values["low"], values["high"])


def learn_amounts(X: Floats, amount: Floats, categorical: NDArray[np.bool_]) -> AmountModel:
    """Learn the amount from best customers alone.

    Ridge regression of the logarithm on the curves of the linear score; the penalty has the least error on rows left
    out one at a time. Amounts of 0 and below have no logarithm: they count in the factor only.

    Parameters
    ----------
    X : ndarray of float64, shape (n, p)
        Traits of best customers.
    amount : ndarray of float64, shape (n,)
        What each brought; at least two are above 0.
    categorical : ndarray of bool, shape (p,)
        Which columns are codes.

    Returns
    -------
    AmountModel
        Plain parameters.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(500, 1))
    >>> model = learn_amounts(X, np.exp(8.0 + X[:, 0]), np.array([False]))
    >>> bool(model.predict(np.array([[1.0]]))[0] > 2.0 * model.predict(np.array([[0.0]]))[0])
    True
    """
    if len(X) > _MAX_ROWS:
        rows = np.linspace(0, len(X) - 1, _MAX_ROWS).astype(np.int64)
        X, amount = X[rows], amount[rows]
    above = amount > 0
    curves = draw_curves(X[above], categorical, coarse=len(X) < _COARSE_BELOW)
    design = Design(X[above], curves)
    with threadpool_limits(limits=1, user_api="blas"):
        weights, strength, left_out = _ridge(design.rows(np.arange(int(above.sum()))), np.log(amount[above]))
    line = design.bent(weights, strength)
    low, high = (float(end) for end in np.quantile(left_out, _ENDS))
    predicted = line.margin(X)
    predicted[above] = left_out
    factor = float(amount.sum() / np.exp(np.clip(predicted, low, high)).sum())
    return AmountModel(line, max(factor, 0.0), low, high)


def _ridge(matrix: Floats, target: Floats) -> tuple[Floats, float, Floats]:
    """Weights with the free intercept first, the penalty chosen, and each row's prediction from all other rows."""
    n = len(target)
    mean, level = matrix.mean(axis=0), float(target.mean())
    centred = matrix - mean
    values, vectors = np.linalg.eigh(centred.T @ centred)
    values = np.maximum(values, 0.0)
    turned = centred @ vectors
    along = turned.T @ (target - level)
    squares = turned * turned
    best: tuple[float, float, Floats] | None = None
    for strength in _STRENGTHS:
        fitted = level + turned @ (along / (values + strength))
        leverage = np.minimum(1.0 / n + squares @ (1.0 / (values + strength)), 1.0 - 1e-6)
        left_out = target - (target - fitted) / (1.0 - leverage)
        error = float(np.mean((target - left_out) ** 2))
        if best is None or error < best[0]:
            best = (error, strength, left_out)
    assert best is not None  # noqa: S101 - there is always a first penalty
    weights = vectors @ (along / (values + best[1]))
    return np.concatenate(([level - float(mean @ weights)], weights)), best[1], best[2]
