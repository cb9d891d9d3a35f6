"""Trees cut into pieces, each small enough for a table over its outcomes.

A piece is a subtree with the path that leads to it. What its leaves contribute depends on a row only through a pattern
of bits: for each column on the path, whether all its conditions are met; for each node inside, whether the row goes
left. Pieces of a tree share no leaf and hold them all, so their contributions add up to the tree's.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from icp.trees._arrays import Floats, Ints, Leaves, Nodes, Pieces, SmallInts, compiled

__all__ = ["cut_trees"]


class _Cut(NamedTuple):
    """Rows written so far; row 0 of pieces and leaves says where the first one begins."""

    piece: Ints  # bits of its pattern (0: no table); ends of its conditions, targets and leaves
    condition: SmallInts  # source, at, whether to go left, bit
    target: Ints
    leaf: Ints  # piece; end of its entries
    value: Floats
    share: Floats
    entry: Ints  # place among the targets, bits that must be 1, bits that must be 0


class _Tree(NamedTuple):
    """One tree; leaves are numbered behind the nodes. The last five arrays are room to work in."""

    first: int
    first_leaf: int
    n_nodes: int
    parent: Ints  # 2 * parent + whether it goes left; -1 for the root
    size: Ints  # nodes from here on; 0 for a leaf
    path: Ints  # steps from the root, as in ``parent``
    bit_of_step: Ints
    bit_of_node: Ints
    ahead: Ints
    own: Ints


def cut_trees(nodes: Nodes, piece_bits: int, leaf_bits: int) -> tuple[Pieces, Leaves, int]:
    """The largest pieces that so many bits allow, from left to right.

    Parameters
    ----------
    nodes : Nodes
        Trees.
    piece_bits, leaf_bits : int
        Most bits of the pattern of a piece, and of one that is a single leaf; a single leaf with more gets no table.

    Returns
    -------
    pieces : Pieces
        With a place for each table.
    leaves : Leaves
        In the order of their pieces.
    n_values : int
        Of all tables together.
    """
    n_leaves, n_steps = len(nodes.value), _count_steps(nodes)
    cut = _Cut(
        piece=np.zeros((n_leaves + 1, 4), dtype=np.int64),
        condition=np.zeros((n_steps + len(nodes.column), 4), dtype=np.int32),
        target=np.zeros(n_steps, dtype=np.int64),
        leaf=np.zeros((n_leaves + 1, 2), dtype=np.int64),
        value=np.zeros(n_leaves),
        share=np.ones(n_steps),
        entry=np.zeros((n_steps, 3), dtype=np.int64),
    )
    tree_piece = _cut_all(nodes, piece_bits, leaf_bits, cut)
    n_pieces = int(tree_piece[-1])
    piece = np.ascontiguousarray(cut.piece[: n_pieces + 1].T)
    leaf = np.ascontiguousarray(cut.leaf[: piece[3, -1] + 1].T)
    n_bits = piece[0, 1:]
    table_start = np.concatenate([[0], np.cumsum(np.where(n_bits > 0, np.diff(piece[2]) << n_bits, 0))])
    pieces = Pieces(
        tree_piece=tree_piece,
        condition_start=piece[1],
        condition=cut.condition,
        n_bits=n_bits,
        target_start=piece[2],
        target=cut.target,
        table_start=table_start[:-1],
        first_leaf=piece[3],
    )
    leaves = Leaves(piece=leaf[0, 1:], value=cut.value, start=leaf[1], share=cut.share, entry=cut.entry)
    return pieces, leaves, int(table_start[-1])


@compiled
def _count_steps(nodes: Nodes) -> int:
    """Steps from the root to a leaf, over all leaves: no more can be written of anything."""
    total = 0
    for tree in range(len(nodes.node_start) - 1):
        n_nodes = nodes.node_start[tree + 1] - nodes.node_start[tree]
        depth = np.zeros(n_nodes, dtype=np.int64)
        for node in range(n_nodes):
            for below in (nodes.left[nodes.node_start[tree] + node], nodes.right[nodes.node_start[tree] + node]):
                if below >= 0:
                    depth[below] = depth[node] + 1
                else:
                    total += depth[node] + 1
    return total


@compiled
def _cut_all(nodes: Nodes, piece_bits: int, leaf_bits: int, cut: _Cut) -> Ints:
    """Write the pieces of all trees; returns where those of each tree begin."""
    tree_piece = np.zeros(len(nodes.node_start), dtype=np.int64)
    n_pieces = 0
    for number in range(len(tree_piece) - 1):
        tree = _tree(nodes, number)
        waiting = np.zeros(tree.n_nodes + 1, dtype=np.int64)
        n_waiting = 1 if tree.n_nodes else 0
        while n_waiting:
            n_waiting -= 1
            top = waiting[n_waiting]
            depth = _climb(tree, top)
            n_bits = _number_path(nodes, tree, depth) + tree.size[top]
            if top < tree.n_nodes and n_bits > piece_bits:
                waiting[n_waiting] = _child(nodes.right[tree.first + top], tree.n_nodes)
                waiting[n_waiting + 1] = _child(nodes.left[tree.first + top], tree.n_nodes)
                n_waiting += 2
            else:
                has_table = n_bits <= piece_bits or n_bits <= leaf_bits
                _add_piece(nodes, tree, top, depth, n_bits, has_table, n_pieces, cut)
                n_pieces += 1
        tree_piece[number + 1] = n_pieces
    return tree_piece


@compiled
def _tree(nodes: Nodes, number: int) -> _Tree:
    first, n_nodes = nodes.node_start[number], nodes.node_start[number + 1] - nodes.node_start[number]
    parent, size = np.full(2 * n_nodes + 1, -1, dtype=np.int64), np.zeros(2 * n_nodes + 1, dtype=np.int64)
    for node in range(n_nodes - 1, -1, -1):
        left, right = _child(nodes.left[first + node], n_nodes), _child(nodes.right[first + node], n_nodes)
        parent[left], parent[right] = 2 * node + 1, 2 * node
        size[node] = 1 + size[left] + size[right]
    room = np.zeros((5, n_nodes + 1), dtype=np.int64)
    first_leaf = nodes.leaf_start[number]
    return _Tree(first, first_leaf, n_nodes, parent, size, room[0], room[1], room[2], room[3], room[4])


@compiled
def _child(number: int, n_nodes: int) -> int:
    return number if number >= 0 else n_nodes + ~number


@compiled
def _climb(tree: _Tree, node: int) -> int:
    """Write the steps from the root to a node or leaf to ``tree.path``, and say how many."""
    depth, step = 0, tree.parent[node]
    while step >= 0:
        tree.path[depth] = step
        depth, step = depth + 1, tree.parent[step // 2]
    for i in range(depth // 2):
        tree.path[i], tree.path[depth - 1 - i] = tree.path[depth - 1 - i], tree.path[i]
    return depth


@compiled
def _number_path(nodes: Nodes, tree: _Tree, depth: int) -> int:
    """Give each column on the path a bit, and say how many there are."""
    n_columns = 0
    for i in range(depth):
        column = nodes.column[tree.first + tree.path[i] // 2]
        k = 0
        while nodes.column[tree.first + tree.path[k] // 2] != column:
            k += 1
        tree.bit_of_step[i] = n_columns if k == i else tree.bit_of_step[k]
        n_columns += k == i
    return n_columns


@compiled
def _add_piece(
    nodes: Nodes, tree: _Tree, top: int, depth: int, n_bits: int, has_table: bool, piece: int, cut: _Cut
) -> None:
    """Conditions of the path, then those of the nodes inside; and the leaves."""
    n_conditions, n_targets, n_leaves = cut.piece[piece, 1], cut.piece[piece, 2], cut.piece[piece, 3]
    for i in range(depth):
        _write_condition(
            cut, n_conditions, nodes, tree.first + tree.path[i] // 2, tree.path[i] % 2, tree.bit_of_step[i]
        )
        n_conditions += 1
    bit, n_ahead = n_bits - tree.size[top], 1
    tree.ahead[0] = top
    while n_ahead:
        n_ahead -= 1
        below = tree.ahead[n_ahead]
        if below < tree.n_nodes:
            _write_condition(cut, n_conditions, nodes, tree.first + below, 1, bit)
            tree.bit_of_node[below] = bit
            n_conditions, bit = n_conditions + 1, bit + 1
            tree.ahead[n_ahead] = _child(nodes.right[tree.first + below], tree.n_nodes)
            tree.ahead[n_ahead + 1] = _child(nodes.left[tree.first + below], tree.n_nodes)
            n_ahead += 2
        else:
            n_targets = _add_leaf(nodes, tree, below, depth, has_table, cut.piece[piece, 2], n_targets, n_leaves, cut)
            cut.leaf[n_leaves + 1, 0] = piece
            n_leaves += 1
    cut.piece[piece + 1, 0] = n_bits if has_table else 0
    cut.piece[piece + 1, 1], cut.piece[piece + 1, 2], cut.piece[piece + 1, 3] = n_conditions, n_targets, n_leaves


@compiled
def _write_condition(cut: _Cut, i: int, nodes: Nodes, node: int, left: int, bit: int) -> None:
    cut.condition[i, 0], cut.condition[i, 1] = nodes.source[node], nodes.at[node]
    cut.condition[i, 2], cut.condition[i, 3] = left, bit


@compiled
def _add_leaf(
    nodes: Nodes,
    tree: _Tree,
    leaf: int,
    depth: int,
    has_table: bool,
    first_target: int,
    n_targets: int,
    number: int,
    cut: _Cut,
) -> int:
    """The columns on a leaf's way, whose first ``depth`` steps lead to the piece; returns the end of the targets."""
    first_entry, n_own = cut.leaf[number, 1], 0
    for i in range(_climb(tree, leaf)):
        node, left = tree.path[i] // 2, tree.path[i] % 2
        column = nodes.column[tree.first + node]
        k = 0
        while k < n_own and tree.own[k] != column:
            k += 1
        at = first_entry + k
        if k == n_own:
            tree.own[k] = column
            n_own += 1
            place = first_target
            while place < n_targets and cut.target[place] != column:
                place += 1
            cut.target[place] = column
            n_targets = max(n_targets, place + 1)
            cut.entry[at, 0] = place - first_target
        below = nodes.left[tree.first + node] if left else nodes.right[tree.first + node]
        went = nodes.node_count[tree.first + below] if below >= 0 else nodes.leaf_count[tree.first_leaf + ~below]
        cut.share[at] *= went / nodes.node_count[tree.first + node]
        if has_table and i < depth:
            cut.entry[at, 1] |= 1 << tree.bit_of_step[i]
        elif has_table:
            cut.entry[at, 1 if left else 2] |= 1 << tree.bit_of_node[node]
    cut.value[number] = nodes.value[tree.first_leaf + leaf - tree.n_nodes]
    cut.leaf[number + 1, 1] = first_entry + n_own
    return n_targets
