"""The fitted score as plain parameters: what serving needs, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icp._sound import LARGEST
from icp.scoring._forest import Forest
from icp.scoring._linear import LinearPart

__all__ = ["ScoreModel"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ScoreModel:
    """An additive score: margin = base + what each trait adds.

    ``margin = intercept + linear_weight * linear + forest_weight * mean(boosters)``; the weights were learned on
    held-out margins, so the margin is calibrated log-odds. What a trait adds is its curve in the linear part plus its
    TreeSHAP values, weighted alike, so the sum is exact.

    Parameters
    ----------
    intercept : float
        Of the blend.
    linear_weight, forest_weight : float
        Not negative.
    linear : LinearPart
        One curve per trait.
    forest : Forest
        Averaged boosters; none when ``forest_weight`` is 0.
    """

    intercept: float
    linear_weight: float
    forest_weight: float
    linear: LinearPart
    forest: Forest

    def __post_init__(self) -> None:
        weights = (self.linear_weight, self.forest_weight)
        if not all(0 <= weight <= LARGEST for weight in weights) or not abs(self.intercept) <= LARGEST:
            raise ValueError("the weights of a blend are numbers from 0 up")

    @property
    def n_traits(self) -> int:
        """Traits the score reads."""
        return len(self.linear.curves)

    @property
    def n_trees(self) -> int:
        """Trees of all boosters together."""
        return self.forest.n_trees

    @property
    def forest_texts(self) -> tuple[str, ...]:
        """Each booster in LightGBM's text format."""
        return self.forest.texts

    @cached_property
    def base(self) -> float:
        """Margin of the average training account, in log-odds."""
        return self.intercept + self.linear_weight * self.linear.base + self.forest_weight * self.forest.base

    def contributions(self, X: Floats, n_threads: int = 0) -> Floats:
        """What each trait adds, relative to the average training account.

        A row's values depend on no other row, on no batch size and on no number of threads.

        Parameters
        ----------
        X : ndarray of float64, shape (n, p)
            Values and codes; NaN is "not known".
        n_threads : int, default=0
            Threads for the trees; 0 leaves it to OpenMP.

        Returns
        -------
        ndarray of float64, shape (n, p)
            In log-odds.
        """
        X = np.ascontiguousarray(X, dtype=np.float64)
        added = self.linear_weight * self.linear.contributions(X)
        if self.forest.texts and len(X):
            added += self.forest_weight * self.forest.contributions(X, n_threads)
        return added

    def prepare(self) -> None:
        """Make now what the first of many rows would wait for."""
        self.forest.prepare()

    def check_margin(self, X: Floats, n_threads: int = 0) -> Floats:
        """The margin by another path: the boosters' own predictions, which know nothing of contributions.

        Parameters
        ----------
        X : ndarray of float64, shape (n, p)
            Values and codes.
        n_threads : int, default=0
            Threads for the trees.

        Returns
        -------
        ndarray of float64, shape (n,)
            In log-odds; equal to :func:`sum_margin` of the contributions but for rounding.
        """
        X = np.ascontiguousarray(X, dtype=np.float64)
        margin = self.intercept + self.linear_weight * self.linear.margin(X)
        if self.forest.texts and len(X):
            margin += self.forest_weight * self.forest.margin(X, n_threads)
        return margin

    def to_dict(self) -> dict[str, Any]:
        """Everything but the boosters, as plain JSON values.

        Returns
        -------
        dict
            ``intercept, linear_weight, forest_weight, linear``.
        """
        return {
            "intercept": self.intercept,
            "linear_weight": self.linear_weight,
            "forest_weight": self.forest_weight,
            "linear": self.linear.to_dict(),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], texts: Sequence[str]) -> ScoreModel:
        """The model that :meth:`to_dict` and ``forest_texts`` described.

        Parameters
        ----------
        values : mapping
            As made by :meth:`to_dict`.
        texts : sequence of str
            The boosters.

        Returns
        -------
        ScoreModel
            That gives the same numbers to the last bit.

        Raises
        ------
        ValueError
            A text is no booster over the traits of the linear part.
        """
        linear, forest = LinearPart.from_dict(values["linear"]), Forest(tuple(texts))
        forest.check(len(linear.curves))
        return cls(values["intercept"], values["linear_weight"], values["forest_weight"], linear, forest)
