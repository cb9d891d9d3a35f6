"""A user's own scikit-learn classifier as a score: calibrated by a straight line, explained by shap, never saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.base import clone

from icp.reasons import model_contributions

__all__ = ["ForeignScore", "fit_foreign", "foreign_margins"]

_BACKGROUND_ROWS = 100


@dataclass(frozen=True)
class ForeignScore:
    """Scores with somebody else's estimator.

    Parameters
    ----------
    estimator : classifier
        Fitted, with ``predict_proba``.
    slope, intercept : float
        Straight-line calibration in log-odds, learned on held-out margins.
    background : ndarray of float64, shape (n_background, n_traits)
        Rows that shap compares with.
    """

    estimator: Any
    slope: float
    intercept: float
    background: NDArray[np.float64]

    @property
    def base(self) -> float:
        """Mean calibrated margin of the background, in log-odds."""
        return float(self.check_margin(self.background).mean())

    def check_margin(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """The calibrated margin of each row.

        Parameters
        ----------
        X : ndarray of float64, shape (n_accounts, n_traits)
            Traits.

        Returns
        -------
        ndarray of float64, shape (n_accounts,)
            In log-odds.
        """
        return self.intercept + self.slope * _log_odds(self.estimator.predict_proba(X)[:, 1])

    def contributions(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """What each trait adds to the margin, by shap.

        Parameters
        ----------
        X : ndarray of float64, shape (n_accounts, n_traits)
            Traits.

        Returns
        -------
        ndarray of float64, shape (n_accounts, n_traits)
            In log-odds; rows add up to the margin less the base.
        """
        return model_contributions(self.check_margin, X, self.background)


def fit_foreign(
    classifier: Any,
    X: NDArray[np.float64],
    y: NDArray[np.float64],
    rows: NDArray[np.intp],
    margin: NDArray[np.float64],
    seed: int,
) -> ForeignScore:
    """Fit on every row, and calibrate on margins of rows that were held out.

    Parameters
    ----------
    classifier : classifier
        Cloned before it is fitted.
    X : ndarray of float64, shape (n_labelled, n_traits)
        Traits.
    y : ndarray of float64, shape (n_labelled,)
        1 best, 0 not.
    rows : ndarray of intp, shape (n_test,)
        Rows that were held out.
    margin : ndarray of float64, shape (n_test,)
        Their uncalibrated log-odds from a model that never saw them.
    seed : int
        Of the background sample.

    Returns
    -------
    ForeignScore
        Calibrated.
    """
    held_out = y[rows]

    def loss(parameters: NDArray[np.float64]) -> float:
        m = parameters[0] + parameters[1] * margin
        return float(np.mean(np.logaddexp(0.0, m) - held_out * m))

    line = minimize(loss, np.array([0.0, 1.0]), method="BFGS").x
    chosen = np.sort(np.random.default_rng(seed).permutation(len(X))[:_BACKGROUND_ROWS])
    estimator = clone(classifier).fit(X, y)
    return ForeignScore(estimator, float(line[1]), float(line[0]), X[chosen])


def foreign_margins(
    classifier: Any, X: NDArray[np.float64], y: NDArray[np.float64], train: NDArray[np.intp], test: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Log-odds of the rows ``test`` from a clone fitted on the rows ``train``.

    Parameters
    ----------
    classifier : classifier
        Cloned before it is fitted.
    X : ndarray of float64, shape (n_labelled, n_traits)
        Traits.
    y : ndarray of float64, shape (n_labelled,)
        1 best, 0 not.
    train, test : ndarray of intp
        Row numbers.

    Returns
    -------
    ndarray of float64, shape (n_test,)
        Uncalibrated.
    """
    return _log_odds(clone(classifier).fit(X[train], y[train]).predict_proba(X[test])[:, 1])


def _log_odds(p: NDArray[np.float64]) -> NDArray[np.float64]:
    p = np.clip(p, 1e-9, 1 - 1e-9)
    return np.log(p / (1.0 - p))
