"""The tree part of the score, as it is served: boosters whose margins are averaged, and what each trait adds to them.

What leaves this module is text (the model) and numbers (margins, contributions).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from icp.scoring._native import NativeBooster
from icp.trees import LeafPaths, Trees, read_trees

if TYPE_CHECKING:
    from icp.trees import PatternTables

__all__ = ["Forest"]

Floats = NDArray[np.float64]
_NOT_USED = re.compile(r"^(?:split_gain|internal_value|internal_weight|leaf_weight)=.*\n", re.MULTILINE)
_WORTH_TABLES = 100_000_000
"""Leaf paths times their columns: above, making tables and loading what compiles them takes less time."""


@dataclass(frozen=True)
class Forest:
    """Boosters whose margins are averaged.

    Parameters
    ----------
    texts : tuple of str
        Each booster in LightGBM's text format.
    """

    texts: tuple[str, ...]
    _explained: list[int] = field(default_factory=lambda: [0], init=False, repr=False, compare=False)

    @cached_property
    def _booster(self) -> NativeBooster:
        """All trees as LightGBM reads them, loaded once; predicting from several threads is safe."""
        _ = self._trees  # LightGBM follows what it reads, so it is shown sound trees only
        return NativeBooster(_for_lightgbm(self.texts, self.n_columns))

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
        """Refuse texts that are no boosters over so many traits, before LightGBM or compiled code follows them.

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
        if any(int(trees.column.max(initial=-1)) >= n_traits for trees in self._trees):
            raise ValueError("a tree asks for a trait that this model has not")

    @cached_property
    def _trees(self) -> tuple[Trees, ...]:
        """Trees that were found to be trees, whoever wrote the text."""
        return tuple(read_trees(text) for text in self.texts)

    @cached_property
    def _paths(self) -> LeafPaths:
        return LeafPaths(Trees.joined(self._trees), self.n_columns)

    @cached_property
    def _tables(self) -> PatternTables | None:
        """Pattern tables of all trees; none where numba is not installed."""
        try:
            from icp.trees import PatternTables
        except ImportError:
            return None
        return PatternTables(self._paths.trees, self.n_columns)

    def prepare(self) -> None:
        """Make the tables that contributions are looked up in, so that no later row waits for them."""
        self._explained[0] = _WORTH_TABLES
        _ = self.texts and self._tables

    def contributions(self, X: Floats, n_threads: int = 0) -> Floats:
        """What each trait adds (path-dependent TreeSHAP, Lundberg et al. 2020).

        The first rows by :class:`icp.trees.LeafPaths`, and all where numba is not installed; once tables are worth
        making, by :class:`icp.trees.PatternTables`, a hundred times as fast. Both give the same numbers.

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
        if not self.texts:
            return np.zeros(X.shape)
        self._explained[0] += len(X) * self._paths.n_entries
        explainer = (self._explained[0] >= _WORTH_TABLES and self._tables) or self._paths
        return explainer.contributions(X, n_threads) / len(self.texts)

    @cached_property
    def base(self) -> float:
        """Mean margin of the training rows, by the trees' own row counts."""
        return self._paths.base / len(self.texts) if self.texts else 0.0

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
        return self._booster.margin(X, n_threads) / len(self.texts) if self.texts else np.zeros(len(X))


def _for_lightgbm(texts: Sequence[str], n_columns: int) -> str:
    """The trees of some texts with nothing that was not looked at: a head of our own, no numbers that predict nothing.

    LightGBM takes sizes and lengths it is told for granted, and ends the process where they are wrong.
    """
    names, infos = (" ".join(parts) for parts in ([f"Column_{j}" for j in range(n_columns)], ["none"] * n_columns))
    head = "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\n"
    head += (
        f"max_feature_idx={n_columns - 1}\nobjective=binary sigmoid:1\nfeature_names={names}\nfeature_infos={infos}\n"
    )
    blocks = (block for text in texts for block in text.partition("end of trees")[0].split("\nTree=")[1:])
    trees = "".join(f"\nTree={number}\n{block.partition(chr(10))[2]}" for number, block in enumerate(blocks))
    return f"{head}{_NOT_USED.sub('', trees)}\nend of trees\n"
