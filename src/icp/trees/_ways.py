"""Every leaf's path from the root, as arrays: what it asks, what it joins, and in which order all is added up."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from icp.trees._text import Bools, Floats, Ints, Trees

__all__ = ["Block", "Group", "Levels", "Sums", "make_block"]


class Group(NamedTuple):
    """Leaves with so many columns on their paths, the longest paths first."""

    leaves: Ints
    share: Floats  # shape (n, n_leaves): of the training rows that goes the leaf's way at the column's nodes
    steps: list[tuple[Ints, Bools, Ints]]  # of the first leaves: the node, whether to go left there, the column's place


class Sums(NamedTuple):
    """In which order entries are added up: those of a piece and column first, then the pieces of a column."""

    parts: list[Ints]  # the first entries of all sums, their second ones, ...; the longest sums come first
    columns: list[tuple[int, Ints]]  # with the sums that make them up


class Levels(NamedTuple):
    """What categorical nodes ask."""

    node: Ints
    first: Ints  # where a node's answers begin
    other: Ints  # code that stands for all from there on, and for what is not known
    goes_left: Bools  # by code


class Block(NamedTuple):
    """Some trees, ready to be walked. An entry is a column on the path of a leaf, in the order of the groups."""

    trees: Trees
    groups: list[Group]
    sums: Sums
    levels: Levels
    n_entries: int


class _Ways(NamedTuple):
    """Paths from the root; shape (n_steps, n_leaves). Leaves are numbered behind all nodes."""

    node: Ints  # -1 behind the end of a path
    left: Bools  # whether the path goes left there
    child: Ints  # where the path goes from there
    n_below: Ints  # leaves below each node, and 1 for each leaf; not by step
    rank: Ints  # of each leaf among those of all trees, from left to right; not by step


class _Entries(NamedTuple):
    """The columns on each leaf's path, in the order in which they come; shape (n_steps, n_leaves)."""

    column: Ints
    share: Floats
    place: Ints  # of each step: the entry of its column
    n: Ints  # of each leaf; not by step
    piece: Ints  # of each leaf: the node or leaf from which on its tree is one piece; not by step


def make_block(trees: Trees, piece_bits: int) -> Block:
    """The paths of some trees.

    Parameters
    ----------
    trees : Trees
        Any number.
    piece_bits : int
        It decides in which order leaves are added up.

    Returns
    -------
    Block
        Whose groups hold every leaf with a path once.
    """
    ways = _ways(trees)
    entries = _entries(trees, ways, piece_bits)
    length = (ways.node >= 0).sum(axis=0)
    order = np.lexsort((-length, entries.n))
    ends = np.searchsorted(entries.n[order], np.arange(len(entries.column) + 1), side="right")
    groups = [_group(ways, entries, leaves, length) for leaves in np.split(order, ends)[1:] if len(leaves)]
    return Block(trees, groups, _sums(entries, groups, ways.rank), _levels(trees), int(entries.n.sum()))


def _group(ways: _Ways, entries: _Entries, leaves: Ints, length: Ints) -> Group:
    n = int(entries.n[leaves[0]])
    still = [leaves[: np.count_nonzero(length[leaves] > step)] for step in range(int(length[leaves[0]]))]
    steps = [
        (ways.node[step, some], ways.left[step, some, None], entries.place[step, some, None])
        for step, some in enumerate(still)
    ]
    return Group(leaves, entries.share[:n, leaves], steps)


def _ways(trees: Trees) -> _Ways:
    """Climb from all leaves at once, then turn the paths round."""
    n_nodes, n_leaves = len(trees.column), len(trees.value)
    right, left = _children(trees)
    parent = np.full(n_nodes + n_leaves + 1, -1)
    parent[right] = parent[left] = np.arange(n_nodes)
    climbed = [np.arange(n_nodes, n_nodes + n_leaves)]
    while (parent[climbed[-1]] >= 0).any():
        climbed.append(parent[climbed[-1]])
    above = np.array(climbed)
    back = (above[1:] >= 0).sum(axis=0) - np.arange(len(above))[:, None]
    place = np.where(back >= 0, np.take_along_axis(above, np.maximum(back, 0), axis=0), -1)
    node, child = np.where(place[1:] >= 0, place[:-1], -1), place[1:]
    n_below = np.bincount(above[above >= 0], minlength=n_nodes + n_leaves)
    goes_left = np.append(left, -1)[node] == child
    passed = np.where(goes_left | (node < 0), 0, np.append(n_below[left], 0)[node])
    rank = np.repeat(trees.leaf_start[:-1], np.diff(trees.leaf_start)) + passed.sum(axis=0)
    return _Ways(node, goes_left, child, n_below, rank)


def _children(trees: Trees) -> tuple[Ints, Ints]:
    """The right and the left child of each node, numbered over all trees."""
    n_nodes = np.diff(trees.node_start)
    first, first_leaf = np.repeat(trees.node_start[:-1], n_nodes), np.repeat(trees.leaf_start[:-1], n_nodes)
    right, left = (
        np.where(side >= 0, first + side, len(trees.column) + first_leaf + ~side) for side in (trees.right, trees.left)
    )
    return right, left


def _entries(trees: Trees, ways: _Ways, piece_bits: int) -> _Entries:
    """Join the steps of a path that ask for one column; find where its piece begins."""
    leaves = np.arange(len(trees.value))
    count = np.concatenate([trees.node_count, trees.leaf_count])
    columns = np.where(ways.node >= 0, np.append(trees.column, -1)[ways.node], -1)
    n, piece = np.zeros(len(leaves), dtype=np.int64), np.full(len(leaves), -1)
    place, column = np.zeros(columns.shape, dtype=np.int64), np.zeros(columns.shape, dtype=np.int64)
    share = np.ones(columns.shape)
    for step, (node, child) in enumerate(zip(ways.node, ways.child, strict=True)):
        on = np.flatnonzero(node >= 0)
        begins = (node >= 0) & (piece < 0) & (n + ways.n_below[node] - 1 <= piece_bits)
        piece[begins] = node[begins]
        same = columns[:step] == columns[step]
        known = same.any(axis=0)
        place[step] = np.where(known, place[same.argmax(axis=0), leaves], n) if step else n
        column[place[step, on], on] = columns[step, on]
        n[on] += ~known[on]
        share[place[step, on], on] *= count[child[on]] / count[node[on]]
    piece = np.where(piece < 0, len(trees.column) + leaves, piece)
    deepest = int(n.max(initial=0))
    return _Entries(column[:deepest], share[:deepest], place, n, piece)


def _sums(entries: _Entries, groups: list[Group], rank: Ints) -> Sums:
    """The order of all additions, for entries as they come group after group."""
    none = [np.zeros(0, dtype=np.int64)]
    at = np.concatenate([np.tile(group.leaves, len(group.share)) for group in groups] or none)
    column = np.concatenate([entries.column[: len(group.share), group.leaves].ravel() for group in groups] or none)
    begins = np.full(entries.piece.max(initial=-1) + 1, len(rank))
    np.minimum.at(begins, entries.piece, rank)  # pieces lie from left to right too
    n_columns = int(column.max(initial=0)) + 1
    key = begins[entries.piece[at]] * n_columns + column  # a piece and a column
    order = np.argsort(key * len(rank) + rank[at])
    key = key[order]
    first = np.flatnonzero(np.append(True, key[1:] != key[:-1])[: len(key)])
    n_parts = np.diff(np.append(first, len(key)))
    longest = np.argsort(-n_parts, kind="stable")
    n_with = np.cumsum(np.bincount(n_parts, minlength=1)[::-1])[::-1]  # sums of so many parts or more
    parts = [order[first[longest[:n]] + k] for k, n in enumerate(n_with[1:].tolist())]
    of_sum, place = key[first] % n_columns, np.empty_like(longest)
    place[longest] = np.arange(len(longest))
    return Sums(parts, [(int(name), place[of_sum == name]) for name in np.unique(of_sum)])


def _levels(trees: Trees) -> Levels:
    codes = np.concatenate([np.zeros(1, np.int64), *trees.categories.values()])
    n_codes = np.fromiter(map(len, trees.categories.values()), np.int64, len(trees.categories))
    other = np.where(n_codes > 0, codes[np.cumsum(n_codes)] + 1, 0)
    first = np.concatenate([[0], np.cumsum(other + 1)])
    goes_left = np.zeros(int(first[-1]), dtype=bool)
    goes_left[np.repeat(first[:-1], n_codes) + codes[1:]] = True
    return Levels(np.array(list(trees.categories), dtype=np.int64), first[:-1], other, goes_left)
