"""Whether a text is of trees at all.

LightGBM and the compiled code follow children, columns and category sets without asking whether they are there: a text
by a stranger could lead them anywhere in memory, or in circles. So the form of the text and what it says of each tree
are checked first, and both readers can only see the same trees.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from icp._sound import LARGEST

if TYPE_CHECKING:
    from icp.trees._text import Trees

__all__ = ["check_form", "check_lengths", "check_sets", "check_trees"]

Ints = NDArray[np.int64]
_BLOCK = re.compile(r"[0-9]+\n(?:[a-z_]+=[-+.0-9einf ]*\n){1,22}\n*")
_BY_NODE = ("split_feature", "threshold", "decision_type", "left_child", "right_child", "internal_count")
_BY_LEAF = ("leaf_value", "leaf_count")
_MOST_DECISION = 11
"""A category or not, where what is missing goes, and three ways to read it."""


def check_form(blocks: Sequence[str]) -> None:
    """Refuse a text that LightGBM might read in another way than line by line.

    Parameters
    ----------
    blocks : sequence of str
        What stands behind each ``Tree=``.

    Raises
    ------
    ValueError
        Lines that are no ``name=value``, or a value that is no list of numbers.
    """
    if not all(_BLOCK.fullmatch(block) for block in [*(block + "\n" for block in blocks[:-1]), *blocks[-1:]]):
        raise ValueError("what is said of a tree is not a list of names and values")


def check_lengths(trees: Sequence[dict[str, str]], n_leaves: Ints) -> None:
    """Refuse trees of which more or less is said than they have nodes and leaves.

    Parameters
    ----------
    trees : sequence of dict of str to str
        Names and values of each.
    n_leaves : ndarray of int64, shape (n_trees,)
        Leaves that each says it has.

    Raises
    ------
    ValueError
        Naming the tree.
    """
    for number, (tree, n) in enumerate(zip(trees, n_leaves.tolist(), strict=True)):
        parts = (
            [(name, n - 1) for name in _BY_NODE] + [(name, n) for name in _BY_LEAF] if n > 1 else [("leaf_value", 1)]
        )
        lone_with_sets = n == 1 and tree.get("num_cat", "0") != "0"
        if n < 1 or lone_with_sets or any(tree.get(name, "").count(" ") + 1 != length for name, length in parts):
            raise ValueError(f"the text says too little of tree {number}, or too much")


def check_sets(n_sets: Ints, n_bounds: Ints, bounds: Ints, n_words: Ints) -> None:
    """Refuse category sets that do not lie one behind the other in the words there are.

    Parameters
    ----------
    n_sets, n_bounds, n_words : ndarray of int64, shape (n_trees,)
        Sets, bounds and words of each tree that has any.
    bounds : ndarray of int64, shape (n_bounds.sum(),)
        Where each set begins among the words of its tree, and where the last one ends.

    Raises
    ------
    ValueError
        They do not.
    """
    last = np.cumsum(n_bounds) - 1
    first = last - n_bounds + 1
    step = np.diff(bounds, prepend=0)
    step[first] = bounds[first]
    right = (n_bounds == n_sets + 1) & (n_sets > 0) & (bounds[first] == 0) & (bounds[last] == n_words)
    if not right.all() or (step < 0).any():
        raise ValueError("sets of categories are not where the text says")


def check_trees(trees: Trees, decision: Ints) -> None:
    """Refuse what is no tree: from the root, each node and each leaf must be reached in exactly one way.

    Parameters
    ----------
    trees : Trees
        As read, the number of their nodes and leaves being right.
    decision : ndarray of int64, shape (n_nodes,)
        Decision type of each node.

    Raises
    ------
    ValueError
        Children that are not there, come twice or lie before their parent, a column or a number that is none.
    """
    n_nodes, n_leaves = np.diff(trees.node_start), np.diff(trees.leaf_start)
    tree = np.repeat(np.arange(len(trees)), n_nodes)
    place = np.arange(len(tree)) - trees.node_start[tree]
    reached, leaves_reached = np.zeros(len(tree), dtype=np.int64), np.zeros(trees.leaf_start[-1], dtype=np.int64)
    for child in (trees.left, trees.right):
        is_node = child >= 0
        there = np.where(is_node, (child > place) & (child < n_nodes[tree]), ~child < n_leaves[tree])
        if not there.all():
            raise ValueError("a node has a child that is not there")
        np.add.at(reached, (trees.node_start[tree] + child)[is_node], 1)
        np.add.at(leaves_reached, (trees.leaf_start[tree] + ~child)[~is_node], 1)
    grown = n_leaves > 1
    if (reached != (place > 0)).any() or (leaves_reached != np.repeat(grown, n_leaves)).any():
        raise ValueError("a node or a leaf is reached in no way, or in several")
    counted = all(np.isfinite(numbers).all() for numbers in (trees.node_count, trees.leaf_count))
    finite = counted and bool((np.abs(trees.value) <= LARGEST).all())
    if not finite or np.isnan(trees.threshold).any() or (trees.column < 0).any():
        raise ValueError("a column or a number of a tree is none")
    if ((decision < 0) | (decision > _MOST_DECISION)).any():
        raise ValueError("a node asks in a way that LightGBM does not know")
    rows = np.add.reduceat(trees.leaf_count, trees.leaf_start[:-1]) if len(trees) else np.ones(1)
    if (trees.node_count <= 0).any() or (trees.leaf_count < 0).any() or (rows <= 0).any():
        raise ValueError("no rows came by a node")
