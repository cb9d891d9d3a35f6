"""Which accounts are like those that sales worked, as plain parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from icp._folds import assign_folds
from icp._samples import WORKED
from icp.scoring._design import Design
from icp.scoring._linear import LinearPart, draw_curves
from icp.scoring._ridge import fit_ridge

__all__ = ["WorkedRegion", "learn_worked"]

Floats = NDArray[np.float64]

SELDOM = 0.1
"""Accounts are outside only where fewer than this share of accounts like them were worked."""

_STRENGTH = 10.0
_MAX_ROWS = WORKED.rows
_N_FOLDS = 5
_EDGE = 0.01


@dataclass(frozen=True)
class WorkedRegion:
    """The accounts among which sales worked some.

    Parameters
    ----------
    line : LinearPart
        Log-odds of having been worked, a sum of one curve per trait.
    least : float
        Log-odds below which an account is outside: 99 % of the worked accounts lie above, and it is no more than
        one in ten.
    """

    line: LinearPart
    least: float

    def outside(self, X: Floats) -> NDArray[np.bool_]:
        """Whether accounts are unlike any that sales worked.

        Parameters
        ----------
        X : ndarray of float64, shape (n, p)
            Traits; NaN is "not known".

        Returns
        -------
        ndarray of bool, shape (n,)
            A row's value depends on no other row.
        """
        return np.asarray(self.line.margin(X) < self.least)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values.

        Returns
        -------
        dict
            ``line, least``.
        """
        return {"line": self.line.to_dict(), "least": self.least}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> WorkedRegion:
        """What :meth:`to_dict` described.

        Parameters
        ----------
        values : mapping
            As made by :meth:`to_dict`.

        Returns
        -------
        WorkedRegion
            Equal to the one described.
        """
        return cls(LinearPart.from_dict(values["line"]), values["least"])


def learn_worked(X: Floats, worked: NDArray[np.bool_], categorical: NDArray[np.bool_]) -> WorkedRegion:
    """Learn from all accounts that could have been worked which of them were.

    Parameters
    ----------
    X : ndarray of float64, shape (n, p)
        Traits of worked and other accounts.
    worked : ndarray of bool, shape (n,)
        Who was worked; both kinds occur.
    categorical : ndarray of bool, shape (p,)
        Which columns are codes.

    Returns
    -------
    WorkedRegion
        Its limit comes from worked accounts that were held out, one fifth at a time.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(1000, 1))
    >>> region = learn_worked(X, X[:, 0] > 0.5, np.array([False]))
    >>> region.outside(np.array([[-2.0], [1.0]])).tolist()
    [True, False]
    """
    if len(X) > _MAX_ROWS:
        rows = np.linspace(0, len(X) - 1, _MAX_ROWS).astype(np.int64)
        X, worked = X[rows], worked[rows]
    y = worked.astype(np.float64)
    curves = draw_curves(X, categorical, coarse=False)
    design = Design(X, curves)
    fold = assign_folds(y, _N_FOLDS, 0)
    margin = np.empty(len(y))
    with threadpool_limits(limits=1, user_api="blas"):
        for number in range(_N_FOLDS):
            rest, out = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
            margin[out] = design.margin(out, fit_ridge(design.rows(rest), y[rest], _STRENGTH))
        weights = fit_ridge(design.rows(np.arange(len(y))), y, _STRENGTH)
    line = design.bent(weights, _STRENGTH)
    edge = float(np.quantile(margin[worked], _EDGE))
    return WorkedRegion(line, min(edge, float(np.log(SELDOM / (1.0 - SELDOM)))))
