"""Growing the trees of the score: three families of boosters, each grown fold by fold to learn how many trees help."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icp._progress import part
from icp.scoring._level_numbers import LevelNumbers, learn_numbers, others_numbers

__all__ = ["FAMILIES", "ForestOptions", "grow_forests", "plain_text"]

Floats = NDArray[np.float64]
_PATIENCE = 40
_SIDE_BY_SIDE = 2
_MORE_TREES = 1.1
"""All rows carry some more trees than those without a fold."""
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
class Family:
    """One way to grow boosters; the more their errors differ, the better their mean.

    Parameters
    ----------
    at_linear : bool
        Whether they begin where the linear part ends, else at the base rate.
    extra : bool, default=False
        Whether cuts are drawn at random (extremely randomised trees, Geurts et al. 2006).
    wide : bool, default=False
        Whether trees have four times the leaves, on fewer columns and with larger steps.
    """

    at_linear: bool
    extra: bool = False
    wide: bool = False

    def changes(self, options: ForestOptions) -> dict[str, Any]:
        """LightGBM's parameters that differ from those of ``options``.

        Parameters
        ----------
        options : ForestOptions
            How all are grown.

        Returns
        -------
        dict
            Parameter to value.
        """
        if self.extra:
            return {"extra_trees": True}
        if self.wide:
            changes = {"min_data_in_leaf": 30, "feature_fraction": 0.3, "lambda_l2": 10.0}
            return {**changes, "num_leaves": 4 * options.n_leaves, "learning_rate": 1.5 * options.learning_rate}
        return {}


FAMILIES = (
    Family(at_linear=False, extra=True),
    Family(at_linear=True),  # second, as its folds are those the linear part leaves out
    Family(at_linear=False, wide=True),
)


def grow_forests(
    X: Floats,
    y: Floats,
    folds: Sequence[NDArray[np.int64]],
    base: float,
    linear: Sequence[Floats],
    options: ForestOptions,
) -> tuple[tuple[str, ...], Floats]:
    """One booster per family, and what boosters grown in the same way without a row say of it.

    Parameters
    ----------
    X : ndarray of float64, shape (n, p)
        Training rows.
    y : ndarray of float64, shape (n,)
        1 best, 0 not.
    folds : sequence of ndarray of int64, shape (n,)
        Fold of each row; one array per family of ``FAMILIES``.
    base : float
        Margin that most families begin at.
    linear : sequence of ndarray of float64, shape (n,)
        Margins of the linear parts learned without each fold of the second array, and on all rows.
    options : ForestOptions
        How to grow.

    Returns
    -------
    texts : tuple of str
        One per family.
    margins : ndarray of float64, shape (n,)
        What the trees add to the held-out margin of each row, mean over the families.
    """

    def grow(number: int) -> tuple[str, Floats]:
        # rates of levels come from the folds of another family: these too keep the rows of a group together
        starts = linear if FAMILIES[number].at_linear else [np.full(len(y), base)] * len(linear)
        return _Grower(X, y, starts, folds[number], folds[number - 1], options, number).grow(partial(tell, number))

    done = np.zeros(len(FAMILIES))

    def tell(number: int, share: float) -> None:
        done[number] = share
        advance(float(done.mean()))

    # families side by side: on small tables two boosters with one thread each beat one with two, which mostly wait
    with part("growing trees", len(y)) as advance, ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        families = list(pool.map(grow, range(len(FAMILIES))))
    return tuple(text for text, _ in families), np.mean([margins for _, margins in families], axis=0)


class _Grower:
    """The boosters of one family: one per fold, tree by tree side by side, then one on all rows."""

    def __init__(
        self,
        X: Floats,
        y: Floats,
        starts: Sequence[Floats],
        fold: NDArray[np.int64],
        other_fold: NDArray[np.int64],
        options: ForestOptions,
        number: int,
    ) -> None:
        family = FAMILIES[number]
        self.X, self.y, self.starts, self.fold, self.other_fold = X, y, starts, fold, other_fold
        self.max_trees = options.max_trees
        self.codes = np.flatnonzero(options.categorical)
        options = replace(options, engagement=np.append(options.engagement, options.engagement[self.codes]))
        self.parameters = {**options.parameters(len(y)), "seed": options.seed + number, **family.changes(options)}
        self.n_levels = np.array([int(np.nanmax(X[:, j], initial=-1.0)) + 1 for j in self.codes], dtype=np.int64)

    def grow(self, tell: Callable[[float], None]) -> tuple[str, Floats]:
        """The booster as text, and what those of the folds add to the margins of the rows that they did not see."""
        parts = [self._fold_booster(number) for number in range(int(self.fold.max()) + 1)]
        n_trees = self._add_trees([booster for booster, _, _ in parts], tell)
        margins = np.zeros(len(self.y))
        for booster, rows, numbers in parts:
            seen_so, threads = numbers.encode(self.X[rows]), self.parameters["num_threads"]
            margins[rows] = booster.predict(seen_so, raw_score=True, num_iteration=n_trees, num_threads=threads)
        text = self._grow_on_all(round(_MORE_TREES * n_trees))
        tell(1.0)
        return text, margins

    def _fold_booster(self, number: int) -> tuple[Any, NDArray[np.int64], LevelNumbers]:
        """A booster without trees, the rows it is judged by, and the numbers it sees levels as."""
        import lightgbm

        seen, held_out = np.flatnonzero(self.fold != number), np.flatnonzero(self.fold == number)
        train, numbers, start = (
            self._rows(seen, self.starts[number]),
            self._learn_numbers(seen),
            self.starts[number][held_out],
        )
        seen_so = numbers.encode(self.X[held_out])
        judge = train.create_valid(seen_so, self.y[held_out], init_score=start, params=self.parameters)
        return lightgbm.Booster(self.parameters, train).add_valid(judge, "held out"), held_out, numbers

    def _grow_on_all(self, n_trees: int) -> str:
        import lightgbm

        rows = np.arange(len(self.y))
        booster = lightgbm.Booster(self.parameters, self._rows(rows, self.starts[-1]))
        for _ in range(n_trees):
            if booster.update():
                break
        return self._learn_numbers(rows).as_sets(plain_text(booster.model_to_string()))

    def _rows(self, rows: NDArray[np.int64], start: Floats) -> Any:
        """LightGBM's table of some rows."""
        import lightgbm

        seen = others_numbers(self.X[rows], self.y[rows], self.codes, self.n_levels, self.other_fold[rows])
        return lightgbm.Dataset(seen, self.y[rows], init_score=start[rows], params=self.parameters).construct()

    def _learn_numbers(self, rows: NDArray[np.int64]) -> LevelNumbers:
        return learn_numbers(self.X[rows], self.y[rows], self.codes, self.n_levels)

    def _add_trees(self, boosters: list[Any], tell: Callable[[float], None]) -> int:
        """Add trees until they help no longer; how many have the least mean held-out log loss."""
        best, least = 1, np.inf
        for n_trees in range(1, self.max_trees + 1):
            finished = [booster.update() for booster in boosters]
            tell(n_trees / (self.max_trees + 1))
            loss = float(np.mean([booster.eval_valid()[0][2] for booster in boosters]))
            if loss < least:
                best, least = n_trees, loss
            if all(finished) or n_trees - best >= _PATIENCE:
                break
        return best


def plain_text(text: str) -> str:
    """The trees alone: no parameters (threads are among them) and no range of the training values."""
    trees = text[: text.index("end of trees")] + "end of trees\n"
    infos = re.search(r"^feature_infos=(.*)$", trees, re.MULTILINE)
    if infos is None:
        return trees
    return trees[: infos.start(1)] + " ".join(["none"] * len(infos.group(1).split(" "))) + trees[infos.end(1) :]
