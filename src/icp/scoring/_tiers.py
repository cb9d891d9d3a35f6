"""The tier of a margin, as a scikit-learn estimator."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator

from icp.errors import ConfigError
from icp.scoring._reference import LETTERS, MAX_POINTS, ReferenceTable

__all__ = ["TierAssigner"]

Floats = NDArray[np.float64]


class TierAssigner(BaseEstimator):  # type: ignore[misc]
    """Cuts the training population into tiers and keeps the cut-offs.

    Parameters
    ----------
    tiers : sequence of float, default=(0.1, 0.2, 0.3)
        Shares of the population in tiers A, B, C and so on; one more tier takes the rest.

    Attributes
    ----------
    reference_ : ReferenceTable
        Percentiles and cut-offs.

    Examples
    --------
    >>> assigner = TierAssigner().fit(np.arange(1000.0))
    >>> assigner.tier(assigner.percentile([999.0, 850.0, 500.0, 3.0])).tolist()
    ['A', 'B', 'C', 'D']
    """

    def __init__(self, tiers: Sequence[float] = (0.1, 0.2, 0.3)) -> None:
        self.tiers = tiers

    def fit(self, margins: ArrayLike, y: object = None) -> TierAssigner:
        """Learn the percentiles of a population.

        Parameters
        ----------
        margins : array-like of float, shape (n,)
            Margins of the reference population.
        y : None
            Not used.

        Returns
        -------
        TierAssigner
            Itself.

        Raises
        ------
        ConfigError
            Shares that are not shares, or too many of them (``ICP351``); a population without margins (``ICP352``).
        """
        tiers = tuple(float(share) for share in self.tiers)
        if not tiers or min(tiers) <= 0 or sum(tiers) > 1 + 1e-9 or len(tiers) >= len(LETTERS):
            raise ConfigError.one(
                "ICP351",
                f"scoring.tiers={list(tiers)} does not cut a population into tiers.",
                "Give up to 9 shares above 0 that sum to 1 at most, for example [0.1, 0.2, 0.3].",
            )
        values = np.asarray(margins, dtype=np.float64).ravel()
        values = values[np.isfinite(values)]
        if not len(values):
            raise ConfigError.one(
                "ICP352", "there are no margins to take percentiles from.", "Score some accounts first."
            )
        points, counts = np.unique(values, return_counts=True)
        middle = np.cumsum(counts) - counts / 2.0
        if len(points) > MAX_POINTS:
            wanted = np.linspace(middle[0], middle[-1], MAX_POINTS)
            kept = np.unique(np.searchsorted(middle, wanted, side="left").clip(max=len(points) - 1))
            points, middle = points[kept], middle[kept]
        ranks = 100.0 * middle / len(values)
        self.reference_ = ReferenceTable(tuple(points.tolist()), tuple(ranks.tolist()), tiers)
        return self

    def percentile(self, margins: ArrayLike) -> Floats:
        """Position of margins in the population learned, see :meth:`ReferenceTable.percentile`.

        Parameters
        ----------
        margins : array-like of float, shape (n,)
            In log-odds.

        Returns
        -------
        ndarray of float64, shape (n,)
            0 to 100.
        """
        return self.reference_.percentile(margins)

    def tier(self, percentile: ArrayLike) -> NDArray[np.str_]:
        """Tier of percentiles, see :meth:`ReferenceTable.tier`.

        Parameters
        ----------
        percentile : array-like of float, shape (n,)
            0 to 100.

        Returns
        -------
        ndarray of str, shape (n,)
            ``"A"`` is best.
        """
        return self.reference_.tier(percentile)
