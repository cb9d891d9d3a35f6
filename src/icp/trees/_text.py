"""Trees read from LightGBM's text format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["MISSING_NAN", "MISSING_NONE", "MISSING_ZERO", "Tree", "read_trees"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MISSING_NONE, MISSING_ZERO, MISSING_NAN = 0, 1, 2
_CATEGORICAL, _DEFAULT_LEFT = 1, 2


@dataclass(frozen=True)
class Tree:
    """One tree; node 0 is the root, a negative child ``c`` is leaf ``~c``.

    Parameters
    ----------
    feature : ndarray of int64, shape (m,)
        Column that each node asks for.
    threshold : ndarray of float64, shape (m,)
        A value at most this goes left; of no meaning at a categorical node.
    categories : tuple of (ndarray of int64 or None), length m
        Codes that go left at a categorical node; None at a numeric one.
    default_left : ndarray of bool, shape (m,)
        Where what counts as missing goes, at a numeric node.
    missing : ndarray of int64, shape (m,)
        What counts as missing: 0 nothing (NaN is read as 0), 1 NaN and 0, 2 NaN.
    left, right : ndarray of int64, shape (m,)
        Children.
    value : ndarray of float64, shape (m + 1,)
        What each leaf adds to the margin.
    node_count, leaf_count : ndarray of float64, shape (m,) and (m + 1,)
        Training rows that came by.
    """

    feature: Ints
    threshold: Floats
    categories: tuple[Ints | None, ...]
    default_left: NDArray[np.bool_]
    missing: Ints
    left: Ints
    right: Ints
    value: Floats
    node_count: Floats
    leaf_count: Floats

    @property
    def expected(self) -> float:
        """Mean leaf value over the training rows, by the tree's own counts."""
        if not len(self.feature):
            return float(self.value[0])
        return float(np.dot(self.leaf_count, self.value) / self.node_count[0])

    def share(self, node: int, child: int) -> float:
        """Part of a node's training rows that went on to one of its children.

        Parameters
        ----------
        node, child : int
            As in ``left`` and ``right``.

        Returns
        -------
        float
            Between 0 and 1.
        """
        went = self.node_count[child] if child >= 0 else self.leaf_count[~child]
        return float(went / self.node_count[node])


def read_trees(text: str) -> list[Tree]:
    r"""The trees of a booster of one output.

    Parameters
    ----------
    text : str
        As LightGBM's ``Booster.model_to_string`` writes it.

    Returns
    -------
    list of Tree
        In the order in which they were grown.

    Raises
    ------
    ValueError
        Several outputs, linear leaves, averaged output, or no such text.

    Examples
    --------
    >>> head = "tree\nnum_class=1\nnum_tree_per_iteration=1\n"
    >>> text = head + "\nTree=0\nnum_leaves=1\nleaf_value=0.5\n\nend of trees\n"
    >>> [tree.expected for tree in read_trees(text)]
    [0.5]
    """
    head, *blocks = text.partition("end of trees")[0].split("\nTree=")
    facts = _facts(head)
    if not text.startswith("tree\n") or facts.get("num_tree_per_iteration") != "1" or "\naverage_output\n" in head:
        raise ValueError("only boosters of one output, summed over their trees, can be read")
    return [_tree(_facts(block)) for block in blocks]


def _facts(block: str) -> dict[str, str]:
    return {name: value for name, mark, value in (line.partition("=") for line in block.splitlines()) if mark}


def _tree(facts: dict[str, str]) -> Tree:
    if facts.get("is_linear", "0") != "0":
        raise ValueError("trees with linear leaves cannot be read")
    if int(facts["num_leaves"]) == 1:
        facts = {"leaf_value": facts["leaf_value"]}  # no nodes: what else is said of them is left out
    decision, threshold = _ints(facts, "decision_type"), _floats(facts, "threshold")
    return Tree(
        feature=_ints(facts, "split_feature"),
        threshold=threshold,
        categories=tuple(_categories(facts, decision, threshold)),
        default_left=(decision & _DEFAULT_LEFT) > 0,
        missing=decision >> 2 & 3,
        left=_ints(facts, "left_child"),
        right=_ints(facts, "right_child"),
        value=_floats(facts, "leaf_value"),
        node_count=_floats(facts, "internal_count"),
        leaf_count=_floats(facts, "leaf_count"),
    )


def _categories(facts: dict[str, str], decision: Ints, threshold: Floats) -> Iterator[Ints | None]:
    """Codes that go left at each node; a categorical node's threshold is the number of its bit set."""
    bounds = _ints(facts, "cat_boundaries")
    words = np.array(facts.get("cat_threshold", "").split(), dtype=np.uint32)
    for kind, number in zip(decision, threshold, strict=True):
        if kind & _CATEGORICAL:
            mine = words[bounds[int(number)] : bounds[int(number) + 1]]
            yield np.flatnonzero(np.unpackbits(mine.view(np.uint8), bitorder="little"))
        else:
            yield None


def _ints(facts: dict[str, str], name: str) -> Ints:
    return np.array(facts.get(name, "").split(), dtype=np.int64)


def _floats(facts: dict[str, str], name: str) -> Floats:
    return np.array(facts.get(name, "").split(), dtype=np.float64)
