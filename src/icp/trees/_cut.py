"""Trees cut into pieces, each small enough for a table over its outcomes.

A piece is a subtree with the path that leads to it. What its leaves contribute depends on a row only through a pattern
of bits: for each column on the path, whether all its conditions are met; for each node inside, whether the row goes
left. Pieces of a tree share no leaf and hold them all, so their contributions add up to the tree's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from icp.trees._text import Tree

__all__ = ["Leaf", "Piece", "cut"]

Path = tuple[tuple[int, bool], ...]


@dataclass(frozen=True)
class Leaf:
    """A leaf of a piece.

    Parameters
    ----------
    value : float
        What it adds to the margin.
    shares : dict of int to float
        For each column on the way from the root: the share of the training rows that goes the leaf's way at its nodes.
    ones, zeros : dict of int to int
        For each of these columns: the bits of the pattern that must be 1, and 0, for a row that goes the leaf's way.
    """

    value: float
    shares: dict[int, float]
    ones: dict[int, int]
    zeros: dict[int, int]


@dataclass(frozen=True)
class Piece:
    """A subtree and its path.

    Parameters
    ----------
    bits : tuple of Path
        For each bit of the pattern, the conditions (node, goes left) that make it 1 together.
    leaves : tuple of Leaf
        At least one.
    """

    bits: tuple[Path, ...]
    leaves: tuple[Leaf, ...]


def cut(tree: Tree, most_bits: int) -> Iterator[Piece]:
    """The largest pieces of a tree that so many bits allow.

    A single leaf is a piece however many bits it takes.

    Parameters
    ----------
    tree : Tree
        With at least one node.
    most_bits : int
        Of the pattern of a piece.

    Yields
    ------
    Piece
        From left to right.
    """
    sizes = _sizes(tree)
    ahead: list[tuple[int, Path]] = [(0, ())]
    while ahead:
        node, path = ahead.pop()
        columns = {int(tree.feature[asked]) for asked, _ in path}
        if node < 0 or len(columns) + sizes[node] <= most_bits:
            yield _piece(tree, node, path)
        else:
            ahead.append((int(tree.right[node]), (*path, (node, False))))
            ahead.append((int(tree.left[node]), (*path, (node, True))))


def _sizes(tree: Tree) -> list[int]:
    """Nodes below each node, itself included; children come after their parents."""
    sizes = [1] * len(tree.feature)
    for node in reversed(range(len(sizes))):
        sizes[node] += sum(sizes[child] for child in (tree.left[node], tree.right[node]) if child >= 0)
    return sizes


def _piece(tree: Tree, root: int, path: Path) -> Piece:
    conditions: dict[int, list[tuple[int, bool]]] = {}
    shares: dict[int, float] = {}
    for node, left in path:
        column = int(tree.feature[node])
        conditions.setdefault(column, []).append((node, left))
        shares[column] = shares.get(column, 1.0) * tree.share(node, _child(tree, node, left))
    bits: list[Path] = [tuple(asked) for asked in conditions.values()]
    ones = {column: 1 << bit for bit, column in enumerate(conditions)}
    leaves: list[Leaf] = []
    ahead = [(root, Leaf(0.0, shares, ones, dict.fromkeys(shares, 0)))]
    while ahead:
        node, way = ahead.pop()
        if node < 0:
            leaves.append(Leaf(float(tree.value[~node]), way.shares, way.ones, way.zeros))
            continue
        bit, column = 1 << len(bits), int(tree.feature[node])
        bits.append(((node, True),))
        for left in (False, True):
            child = _child(tree, node, left)
            shared = {**way.shares, column: way.shares.get(column, 1.0) * tree.share(node, child)}
            one = {**way.ones, column: way.ones.get(column, 0) | (bit if left else 0)}
            zero = {**way.zeros, column: way.zeros.get(column, 0) | (0 if left else bit)}
            ahead.append((child, Leaf(0.0, shared, one, zero)))
    return Piece(tuple(bits), tuple(leaves))


def _child(tree: Tree, node: int, left: bool) -> int:
    return int(tree.left[node] if left else tree.right[node])
