"""The tree part of the score: small trees, boosted per fold and averaged.

Only this module and `_native` know LightGBM; what leaves them is text (the model) and numbers (margins, contributions).
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from icp._progress import part
from icp.scoring._native import NativeBooster

if TYPE_CHECKING:
    from icp.trees import PatternTables

__all__ = ["Forest", "ForestOptions", "grow_forests"]

Floats = NDArray[np.float64]
_PATIENCE = 40
_SIDE_BY_SIDE = 2
_MANY_ROWS = 250_000
"""From so many rows on LightGBM goes through them by column: faster, with one copy of the values instead of two."""


@dataclass(frozen=True)
class ForestOptions:
    """How the boosters are grown.

    Parameters
    ----------
    max_trees, n_leaves : int
        Most trees of a booster, leaves of a tree.
    learning_rate : float
        Step of one tree.
    categorical, engagement : ndarray of bool, shape (p,)
        Which columns are codes; which say what the account did. No tree uses both sides.
    seed : int
        Decides row and column samples.
    """

    max_trees: int
    n_leaves: int
    learning_rate: float
    categorical: NDArray[np.bool_]
    engagement: NDArray[np.bool_]
    seed: int

    def parameters(self, n: int) -> dict[str, Any]:
        """LightGBM's parameters for so many rows.

        Parameters
        ----------
        n : int
            Training rows.

        Returns
        -------
        dict
            Deterministic whatever the number of threads.
        """
        parameters: dict[str, Any] = {
            "objective": "binary",
            "metric": "binary_logloss",
            "learning_rate": self.learning_rate,
            "num_leaves": self.n_leaves,
            "min_data_in_leaf": int(np.clip(n // 200, 5, 30)),
            "feature_fraction": 0.5,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            "lambda_l2": 1.0,
            "cat_smooth": 10.0,
            "cat_l2": 10.0,
            "min_data_per_group": int(np.clip(n // 100, 10, 100)),
            "seed": self.seed,
            "deterministic": True,
            "force_row_wise" if n < _MANY_ROWS else "force_col_wise": True,
            "feature_pre_filter": False,
            "verbosity": -1,
            "num_threads": max(1, (os.cpu_count() or 1) // _SIDE_BY_SIDE),
        }
        sides = [np.flatnonzero(~self.engagement), np.flatnonzero(self.engagement)]
        if all(len(side) for side in sides):
            parameters["interaction_constraints"] = [side.tolist() for side in sides]
        return parameters


@dataclass(frozen=True)
class Forest:
    """Boosters whose margins are averaged.

    Parameters
    ----------
    texts : tuple of str
        Each booster in LightGBM's text format.
    """

    texts: tuple[str, ...]

    @cached_property
    def _boosters(self) -> tuple[NativeBooster, ...]:
        """The boosters, loaded once; predicting from several threads is safe."""
        return tuple(NativeBooster(text) for text in self.texts)

    @property
    def n_trees(self) -> int:
        """Trees of all boosters together."""
        return sum(text.count("\nTree=") for text in self.texts)

    @property
    def n_columns(self) -> int:
        """Traits the boosters were grown on; 0 without boosters."""
        found = re.search(r"^max_feature_idx=(\d+)$", self.texts[0], re.MULTILINE) if self.texts else None
        return int(found.group(1)) + 1 if found else 0

    def check(self, n_traits: int) -> None:
        """Refuse texts that are no boosters over so many traits, before LightGBM is asked to read them.

        Parameters
        ----------
        n_traits : int
            Columns of the rows to score.

        Raises
        ------
        ValueError
            One of them is not.
        """
        for text in self.texts:
            whole = text.startswith("tree\n") and text.endswith("end of trees\n") and "\nTree=0\n" in text
            if not whole or Forest((text,)).n_columns != n_traits:
                raise ValueError("not a booster over the traits of this model")

    @cached_property
    def _tables(self) -> tuple[PatternTables, ...]:
        """Pattern tables of each booster; none where numba is not installed."""
        try:
            from icp.trees import PatternTables, read_trees
        except ImportError:
            return ()
        return tuple(PatternTables(read_trees(text), self.n_columns) for text in self.texts)

    def contributions(self, X: Floats, n_threads: int = 0) -> Floats:
        """What each trait adds (path-dependent TreeSHAP, Lundberg et al. 2020).

        By :class:`icp.trees.PatternTables`; without numba by LightGBM itself, which takes a hundred times as long.

        Parameters
        ----------
        X : ndarray of float64, shape (n, p)
            Values and codes.
        n_threads : int, default=0
            Threads; 0 means as many as there are cores. The result does not depend on it.

        Returns
        -------
        ndarray of float64, shape (n, p)
            In log-odds, relative to :attr:`base`.
        """
        total = np.zeros(X.shape)
        for tables in self._tables:
            total += tables.contributions(X, n_threads)
        for text in self.texts if not self._tables else ():
            total += _explain(text, X, n_threads)[:, :-1]
        return total / max(1, len(self.texts))

    @cached_property
    def base(self) -> float:
        """Mean margin of the training rows, by the trees' own row counts."""
        if not self.texts:
            return 0.0
        if self._tables:
            return sum(tables.base for tables in self._tables) / len(self.texts)
        blank = np.full((1, self.n_columns), np.nan)
        return sum(float(_explain(text, blank, 1)[0, -1]) for text in self.texts) / len(self.texts)

    def margin(self, X: Floats, n_threads: int = 0) -> Floats:
        """The boosters' own prediction, which knows nothing of contributions.

        Parameters
        ----------
        X : ndarray of float64, shape (n, p)
            Values and codes.
        n_threads : int, default=0
            Threads; 0 leaves it to OpenMP.

        Returns
        -------
        ndarray of float64, shape (n,)
            In log-odds.
        """
        total = np.zeros(len(X))
        for booster in self._boosters:
            total += booster.margin(X, n_threads)
        return total / max(1, len(self.texts))


def grow_forests(
    X: Floats, y: Floats, folds: Sequence[NDArray[np.int64]], starts: Sequence[Floats], options: ForestOptions
) -> tuple[tuple[str, ...], Floats]:
    """One booster per fold, each on the other folds' rows, all with the same number of trees.

    The number is the one with the least mean held-out log loss, in each repeat its own.

    Parameters
    ----------
    X : ndarray of float64, shape (n, p)
        Training rows.
    y : ndarray of float64, shape (n,)
        1 best, 0 not.
    folds : sequence of ndarray of int64, shape (n,)
        Fold of each row; one array per repeat.
    starts : sequence of ndarray of float64, shape (n,)
        Margin that the trees of each repeat begin at.
    options : ForestOptions
        How to grow.

    Returns
    -------
    texts : tuple of str
        One per fold and repeat.
    margins : ndarray of float64, shape (n,)
        What the trees add to the held-out margin of each row, mean over the repeats.
    """
    import lightgbm

    parameters = options.parameters(len(y))
    categories = np.flatnonzero(options.categorical).tolist()
    n_threads, done = parameters["num_threads"], np.zeros(len(folds))

    def grow(repeat: int) -> tuple[list[str], Floats]:
        def tell(round: Any) -> None:
            done[repeat] = (round.iteration + 1) / round.end_iteration
            advance(float(done.mean()))

        fold = folds[repeat]
        held_out = [np.flatnonzero(fold == number) for number in range(int(fold.max()) + 1)]
        grown = lightgbm.cv(
            {**parameters, "seed": options.seed + repeat},
            lightgbm.Dataset(X, y, init_score=starts[repeat], categorical_feature=categories, params=parameters),
            num_boost_round=options.max_trees,
            folds=[(np.flatnonzero(fold != number), rows) for number, rows in enumerate(held_out)],
            callbacks=[tell, lightgbm.early_stopping(_PATIENCE, verbose=False)],
            return_cvbooster=True,
        )["cvbooster"]
        n_trees = max(1, int(grown.best_iteration))
        margins = np.zeros(len(y))
        for booster, rows in zip(grown.boosters, held_out, strict=True):
            added = booster.predict(X[rows], raw_score=True, num_iteration=n_trees, num_threads=n_threads)
            margins[rows] = added / len(folds)
        return [_plain_text(booster.model_to_string(num_iteration=n_trees)) for booster in grown.boosters], margins

    # repeats side by side: on small tables two boosters with one thread each beat one with two, which mostly wait
    with part("growing trees", len(y)) as advance, ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        repeats = list(pool.map(grow, range(len(folds))))
    texts = tuple(text for found, _ in repeats for text in found)
    return texts, np.sum([margins for _, margins in repeats], axis=0)


def _plain_text(text: str) -> str:
    """The trees alone: no parameters (threads are among them) and no range of the training values."""
    trees = text[: text.index("end of trees")] + "end of trees\n"
    infos = re.search(r"^feature_infos=(.*)$", trees, re.MULTILINE)
    if infos is None:
        return trees
    return trees[: infos.start(1)] + " ".join(["none"] * len(infos.group(1).split(" "))) + trees[infos.end(1) :]


def _explain(text: str, X: Floats, n_threads: int) -> Floats:
    """LightGBM's own contributions and, last, the base of one booster, shape (n, p + 1)."""
    import lightgbm

    explained = lightgbm.Booster(model_str=text).predict(X, pred_contrib=True, num_threads=n_threads)
    return np.asarray(explained, dtype=np.float64)
