"""The matrix behind the linear part: its columns, weighted, add up to the curves.

It is far wider than the traits (two columns a number, one a level), so of a long table only the rows that are asked for
are ever made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from icp.scoring._linear import Curve, LinearPart, bend

__all__ = ["Design"]

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
_HELD_ROWS = 50_000
_BLOCK = 50_000


class Design:
    """Numbers on one scale, 0 where unknown, and dummies; each trait's last column marks unknown values.

    Parameters
    ----------
    X : ndarray of float64, shape (n, p)
        Training rows; every column's scale is that of all of them.
    curves : sequence of Curve
        As drawn by :func:`icp.scoring._linear.draw_curves`.

    Attributes
    ----------
    n_columns : int
        Width of the matrix.
    """

    def __init__(self, X: Floats, curves: Sequence[Curve]) -> None:
        self._X, self._curves = X, tuple(curves)
        self._scales = [_scales(X[:, j], curve) for j, curve in enumerate(self._curves)]
        ends = np.cumsum([0, *(_width(curve) for curve in self._curves)]).tolist()
        self._parts = [slice(start, end) for start, end in pairwise(ends)]
        self.n_columns = int(ends[-1])
        self._whole = self._made(X) if len(X) <= _HELD_ROWS else None

    def rows(self, rows: Rows) -> Floats:
        """The matrix of some rows.

        Parameters
        ----------
        rows : ndarray of int64, shape (m,)
            Row numbers.

        Returns
        -------
        ndarray of float64, shape (m, n_columns)
            A new array.
        """
        return self._made(self._X[rows]) if self._whole is None else self._whole[rows]

    def margin(self, rows: Rows, weights: Floats) -> Floats:
        """The margin of some rows under given weights.

        Parameters
        ----------
        rows : ndarray of int64, shape (m,)
            Row numbers.
        weights : ndarray of float64, shape (n_columns + 1,)
            Intercept, then one per column.

        Returns
        -------
        ndarray of float64, shape (m,)
            In log-odds.
        """
        found = [weights[0] + self.rows(part) @ weights[1:] for part in _blocks(rows)]
        return np.concatenate(found) if found else np.zeros(0)

    def bent(self, weights: Floats, strength: float) -> LinearPart:
        """Fitted weights as curves of mean 0 over the training rows.

        Parameters
        ----------
        weights : ndarray of float64, shape (n_columns + 1,)
            From :func:`icp.scoring._ridge.fit_ridge`.
        strength : float
            Ridge penalty behind them.

        Returns
        -------
        LinearPart
            The same margins as :meth:`margin`.
        """
        base, fitted = float(weights[0]), []
        for j, (curve, part, scales) in enumerate(zip(self._curves, self._parts, self._scales, strict=True)):
            beta = [float(weight) for weight in weights[1:][part]]
            x = np.ascontiguousarray(self._X[:, j])
            if curve.kind == "line":
                (mean, sd), (bend_mean, bend_sd) = scales
                slope, bow = beta[0] / sd, beta[1] / bend_sd
                values: tuple[float, ...] = (-slope * mean - bow * bend_mean, slope, bow)
            else:
                values = tuple(beta[int(column)] for column in curve.values)
            drawn = replace(curve, values=values, missing=beta[-1])
            centre = float(drawn(x).mean())
            base += centre
            first = (values[0] - centre, *values[1:]) if curve.kind == "line" else tuple(v - centre for v in values)
            seen_missing = bool(np.isnan(x).any())
            fitted.append(replace(drawn, values=first, missing=beta[-1] - centre if seen_missing else 0.0))
        return LinearPart(base, tuple(fitted), strength)

    def _made(self, X: Floats) -> Floats:
        matrix = np.zeros((len(X), self.n_columns), dtype=np.float64)
        rows = np.arange(len(X))
        for j, (curve, part, scales) in enumerate(zip(self._curves, self._parts, self._scales, strict=True)):
            x = np.ascontiguousarray(X[:, j])
            known = np.isfinite(x)
            if curve.kind == "line":
                cut = np.clip(x[known], curve.low, curve.high)
                for column, (values, (mean, sd)) in enumerate(zip((cut, bend(cut)), scales, strict=True), part.start):
                    matrix[known, column] = (values - mean) / sd
            else:
                matrix[rows[known], part.start + curve(x)[known].astype(np.int64)] = 1.0
            matrix[~known, part.stop - 1] = 1.0
        return matrix


def _blocks(rows: Rows) -> Iterator[Rows]:
    for first in range(0, len(rows), _BLOCK):
        yield rows[first : first + _BLOCK]


def _width(curve: Curve) -> int:
    """Columns that a drawn curve takes, the one for unknown values included."""
    return 3 if curve.kind == "line" else int(max(curve.values, default=-1)) + 2


def _scales(x: Floats, curve: Curve) -> tuple[tuple[float, float], ...]:
    """Mean and standard deviation of a line and of its bend; nothing for dummies."""
    if curve.kind != "line":
        return ()
    cut = np.clip(x[np.isfinite(x)], curve.low, curve.high)
    return _moments(cut), _moments(bend(cut))


def _moments(values: Floats) -> tuple[float, float]:
    """Mean and standard deviation; infinite where there is none, so that a standardised column is 0."""
    if not len(values):
        return 0.0, np.inf
    mean, sd = float(values.mean()), float(values.std())
    return mean, sd if sd > 1e-12 * max(1.0, abs(mean)) else np.inf
