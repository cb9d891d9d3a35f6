"""Trees read from LightGBM's text format."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icp.trees._sound import check_form, check_lengths, check_sets, check_trees

__all__ = ["MISSING_NAN", "MISSING_NONE", "MISSING_ZERO", "Trees", "read_trees"]

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MISSING_NONE, MISSING_ZERO, MISSING_NAN = 0, 1, 2
_CATEGORICAL, _DEFAULT_LEFT = 1, 2
_BY_NODE = ("column", "threshold", "default_left", "missing", "left", "right", "node_count")
_BY_LEAF = ("value", "leaf_count")
_LONE_LEAF = {"leaf_count": "1"}
"""Of a tree that is one leaf the text does not say how many rows it has."""


@dataclass(frozen=True)
class Trees:
    """Trees whose margins add up, as flat arrays: node after node and leaf after leaf, tree after tree.

    Parameters
    ----------
    node_start, leaf_start : ndarray of int64, shape (n_trees + 1,)
        Where the nodes and the leaves of each tree begin; a tree has one leaf more than nodes.
    column : ndarray of int64, shape (n_nodes,)
        Column that each node asks for.
    threshold : ndarray of float64, shape (n_nodes,)
        A value at most this goes left; of no meaning at a categorical node.
    categories : dict of int to ndarray of int64
        For each categorical node, the codes that go left.
    default_left : ndarray of bool, shape (n_nodes,)
        Where what counts as missing goes, at a numeric node.
    missing : ndarray of int64, shape (n_nodes,)
        What counts as missing: 0 nothing (NaN is read as 0), 1 NaN and 0, 2 NaN.
    left, right : ndarray of int64, shape (n_nodes,)
        Children, counted within the tree: a node, always behind its parent, or ``~leaf``.
    value : ndarray of float64, shape (n_leaves,)
        What each leaf adds to the margin.
    node_count, leaf_count : ndarray of float64, shape (n_nodes,) and (n_leaves,)
        Training rows that came by.
    """

    node_start: Ints
    leaf_start: Ints
    column: Ints
    threshold: Floats
    categories: dict[int, Ints]
    default_left: Bools
    missing: Ints
    left: Ints
    right: Ints
    value: Floats
    node_count: Floats
    leaf_count: Floats

    def __len__(self) -> int:
        return len(self.node_start) - 1

    @classmethod
    def joined(cls, some: Sequence[Trees]) -> Trees:
        """The trees of several boosters, whose margins add up too.

        Parameters
        ----------
        some : sequence of Trees
            At least one.

        Returns
        -------
        Trees
            In the order given.
        """

        def starts(name: str) -> Ints:
            return _starts(np.concatenate([np.diff(getattr(trees, name)) for trees in some]))

        first = _starts(np.array([len(trees.column) for trees in some])).tolist()
        numbered = zip(first, [trees.categories for trees in some], strict=False)
        return cls(
            node_start=starts("node_start"),
            leaf_start=starts("leaf_start"),
            categories={node + behind: codes for behind, own in numbered for node, codes in own.items()},
            **{name: np.concatenate([getattr(trees, name) for trees in some]) for name in (*_BY_NODE, *_BY_LEAF)},
        )

    def parts(self, n_leaves: int) -> Iterator[Trees]:
        """Some trees at a time, in order.

        Parameters
        ----------
        n_leaves : int
            Leaves that are not exceeded, but for a single tree with more.

        Yields
        ------
        Trees
            At least one tree, with its numbers counted anew.
        """
        asking, start = np.array(list(self.categories), dtype=np.int64), 0
        codes = list(self.categories.values())
        while start < len(self):
            behind = int(np.searchsorted(self.leaf_start, self.leaf_start[start] + n_leaves, side="right")) - 1
            stop = max(start + 1, behind)
            nodes, leaves = slice(*self.node_start[[start, stop]]), slice(*self.leaf_start[[start, stop]])
            mine = slice(*np.searchsorted(asking, [nodes.start, nodes.stop]))
            by_node = {name: getattr(self, name)[nodes] for name in _BY_NODE}
            yield Trees(
                node_start=self.node_start[start : stop + 1] - nodes.start,
                leaf_start=self.leaf_start[start : stop + 1] - leaves.start,
                categories=dict(zip((asking[mine] - nodes.start).tolist(), codes[mine], strict=True)),
                value=self.value[leaves],
                leaf_count=self.leaf_count[leaves],
                **by_node,
            )
            start = stop

    @property
    def expected(self) -> float:
        """Mean margin of the training rows, by the trees' own counts."""
        if not len(self):
            return 0.0
        first = self.leaf_start[:-1]
        weighted, rows = np.add.reduceat(self.leaf_count * self.value, first), np.add.reduceat(self.leaf_count, first)
        return float((weighted / rows).sum())


def read_trees(text: str) -> Trees:
    r"""The trees of a booster of one output.

    Parameters
    ----------
    text : str
        As LightGBM's ``Booster.model_to_string`` writes it.

    Returns
    -------
    Trees
        In the order in which they were grown.

    Raises
    ------
    ValueError
        Several outputs, linear leaves, averaged output, parts that do not fit or are no trees, or no such text.

    Examples
    --------
    >>> head = "tree\nnum_class=1\nnum_tree_per_iteration=1\n"
    >>> text = head + "\nTree=0\nnum_leaves=1\nleaf_value=0.5\n\nend of trees\n"
    >>> read_trees(text).expected
    0.5
    """
    head, *blocks = text.partition("end of trees")[0].split("\nTree=")
    if not text.startswith("tree\n") or "\nnum_tree_per_iteration=1\n" not in head or "\naverage_output\n" in head:
        raise ValueError("only boosters of one output, summed over their trees, can be read")
    check_form(blocks)
    trees = [_facts(block) for block in blocks]
    if any(tree.get("is_linear", "0") != "0" for tree in trees):
        raise ValueError("trees with linear leaves cannot be read")
    n_leaves = np.array([int(tree.get("num_leaves", "0")) for tree in trees], dtype=np.int64)
    check_lengths(trees, n_leaves)
    grown = [tree for tree, n in zip(trees, n_leaves, strict=True) if n > 1]
    n_nodes, n_all_leaves = int(n_leaves.sum()) - len(trees), int(n_leaves.sum())
    decision, threshold = _ints(grown, "decision_type", n_nodes), _floats(grown, "threshold", n_nodes)
    with_counts = [tree if n > 1 else _LONE_LEAF for tree, n in zip(trees, n_leaves, strict=True)]
    found = Trees(
        node_start=_starts(n_leaves - 1),
        leaf_start=_starts(n_leaves),
        column=_ints(grown, "split_feature", n_nodes),
        threshold=threshold,
        categories=_categories(grown, decision, threshold),
        default_left=(decision & _DEFAULT_LEFT) > 0,
        missing=decision >> 2 & 3,
        left=_ints(grown, "left_child", n_nodes),
        right=_ints(grown, "right_child", n_nodes),
        value=_floats(trees, "leaf_value", n_all_leaves),
        node_count=_ints(grown, "internal_count", n_nodes).astype(np.float64),
        leaf_count=_ints(with_counts, "leaf_count", n_all_leaves).astype(np.float64),
    )
    check_trees(found, decision)
    return found


def _facts(block: str) -> dict[str, str]:
    lines = [line.split("=", 1) for line in block.split("\n")[1:] if line]
    facts = dict(lines)
    if len(facts) < len(lines):
        raise ValueError("the text says something twice of a tree")
    return facts


def _categories(trees: list[dict[str, str]], decision: Ints, threshold: Floats) -> dict[int, Ints]:
    """Codes that go left at each categorical node, whose threshold is the number of its bit set within the tree."""
    nodes = np.flatnonzero(decision & _CATEGORICAL)
    asking = [tree for tree in trees if tree.get("num_cat", "0") != "0"]
    if not len(nodes) and not asking:
        return {}
    has_sets = np.array([tree.get("num_cat", "0") != "0" for tree in trees], dtype=bool)
    of_node = np.repeat(np.arange(len(trees)), [int(tree["num_leaves"]) - 1 for tree in trees])[nodes]
    n_sets = _ints(asking, "num_cat", len(asking))
    n_bounds, n_words = (
        np.array([tree.get(name, "").count(" ") + 1 for tree in asking], dtype=np.int64)
        for name in ("cat_boundaries", "cat_threshold")
    )
    bounds = _ints(asking, "cat_boundaries", int(n_bounds.sum()))
    words = _ints(asking, "cat_threshold", int(n_words.sum())).astype(np.uint32)
    tree, number = (np.cumsum(has_sets) - 1)[of_node], threshold[nodes]
    check_sets(n_sets, n_bounds, bounds, n_words)
    if not has_sets[of_node].all() or not ((number >= 0) & (number < n_sets[tree])).all():
        raise ValueError("a node asks for a set of categories that is not there")
    at = _starts(n_bounds)[tree] + number.astype(np.int64)
    start, n_words = _starts(n_words)[tree] + bounds[at], bounds[at + 1] - bounds[at]
    node, within = (
        np.repeat(np.arange(len(nodes)), n_words),
        np.arange(n_words.sum()) - np.repeat(_starts(n_words)[:-1], n_words),
    )
    bits = np.unpackbits(words[start[node] + within].view(np.uint8).reshape(-1, 4), axis=1, bitorder="little")
    word, bit = np.nonzero(bits)
    codes, ends = 32 * within[word] + bit, np.searchsorted(node[word], np.arange(len(nodes) + 1)).tolist()
    return {number: codes[ends[i] : ends[i + 1]] for i, number in enumerate(nodes.tolist())}


def _ints(trees: list[dict[str, str]], name: str, n: int) -> Ints:
    return np.asarray(_numbers(trees, name, n, np.int64))


def _floats(trees: list[dict[str, str]], name: str, n: int) -> Floats:
    return np.asarray(_numbers(trees, name, n, np.float64))


def _numbers(trees: list[dict[str, str]], name: str, n: int, kind: type) -> NDArray[Any]:
    """The numbers of that name of all trees, of which there must be so many."""
    numbers: NDArray[Any]
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)  # of numpy, for what is no number
        try:
            numbers = np.fromstring(" ".join([tree[name] for tree in trees]), dtype=kind, sep=" ")
        except (DeprecationWarning, KeyError):
            numbers = np.empty(0, dtype=kind)
    if len(numbers) != n:
        raise ValueError(f"{name} is not as many numbers as it must be")
    return numbers


def _starts(sizes: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(sizes)])
