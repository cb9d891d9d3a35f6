"""The same contributions from the paths to the leaves, without tables: for a few rows, and where numba is missing.

Making tables and loading what compiles them takes a second, which some hundred rows are not worth. Here nothing is
made but a list of each leaf's path. Every row is taken down it, and rows that meet the same of its conditions are
worked out once. Numbers are those of the tables to the last bit, because every sum and product is formed in the same
order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from icp.trees._text import MISSING_NAN, MISSING_ZERO, Bools, Floats, Ints, Trees

__all__ = ["LEAF_BITS", "PIECE_BITS", "TINY", "LeafPaths", "as_rows", "gauss_legendre"]

PIECE_BITS = 9
LEAF_BITS = 12
TINY = float(np.float32(1e-35))
"""LightGBM reads numbers up to this as 0 where 0 means missing."""

_NUMBERS_AT_ONCE = 8_000_000
_NUMBERS_CACHED = 100_000
_PLACES_CACHED = 8_192
_PATTERNS_A_ROW = 4
"""Paths of which more patterns are possible are worked out row by row."""


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
    share: Floats  # of the training rows that goes the leaf's way at the column's nodes
    place: Ints  # of each step: the entry of its column
    n: Ints  # of each leaf; not by step
    piece: Ints  # of each leaf: the node or leaf from which on its tree is one piece; not by step


class _Sums(NamedTuple):
    """In which order entries are added up: those of a piece and column first, then the pieces of a column."""

    order: Ints  # of the entries, group after group, so that those to be added up stand together
    leaf: Ints  # of each entry, in that order
    first: Ints  # where each sum begins
    n: Ints  # what each sum holds
    columns: list[tuple[int, Ints]]  # with the sums that make them up


class _Found(NamedTuple):
    """What leaves give to the columns on their paths."""

    values: Floats
    start: Ints  # where the values of each entry begin, in the order of the sums
    place: Ints  # behind that, by leaf and row


class LeafPaths:
    r"""What each column adds to the margin of boosted trees (path-dependent TreeSHAP), exactly, row by row.

    Parameters
    ----------
    trees : Trees
        Whose margins add up.
    n_columns : int
        Columns of the rows to explain.
    piece_bits : int, default=9
        As for :class:`icp.trees.PatternTables`: it decides in which order leaves are added up.

    Attributes
    ----------
    trees : Trees
        As given.
    base : float
        Mean margin of the training rows, by the trees' own counts.
    n_entries : int
        Columns on the paths of all leaves: what a row costs.

    Raises
    ------
    ValueError
        A tree asks for a column beyond ``n_columns``.

    Examples
    --------
    >>> from icp.trees import read_trees
    >>> text = "tree\nnum_class=1\nnum_tree_per_iteration=1\n\nTree=0\nnum_leaves=2\nnum_cat=0\n"
    >>> text += "split_feature=0\nthreshold=1.5\ndecision_type=10\nleft_child=-1\nright_child=-2\n"
    >>> text += "leaf_value=-1 3\nleaf_count=3 1\ninternal_count=4\n\nend of trees\n"
    >>> LeafPaths(read_trees(text), 2).contributions([[1.0, 0.0], [2.0, 0.0], [np.nan, 0.0]])
    array([[-1.,  0.],
           [ 3.,  0.],
           [-1.,  0.]])
    """

    def __init__(self, trees: Trees, n_columns: int, piece_bits: int = PIECE_BITS) -> None:
        if int(trees.column.max(initial=-1)) >= n_columns:
            raise ValueError(f"the trees ask for more than the {n_columns} columns named")
        self.n_columns, self.base, self.trees = n_columns, trees.expected, trees
        self._ways = _ways(trees)
        self._entries = _entries(trees, self._ways, piece_bits)
        self.n_entries = int(self._entries.n.sum())
        self._groups = [np.flatnonzero(self._entries.n == n) for n in range(1, len(self._entries.column) + 1)]
        self._sums = _sums(self._entries, self._groups, self._ways.rank)
        self._levels = _levels(trees)
        self._points = gauss_legendre(max(1, len(self._entries.column)))

    def contributions(self, X: ArrayLike, n_threads: int = 0) -> Floats:
        """What each column adds, relative to :attr:`base`.

        Parameters
        ----------
        X : array-like of float64, shape (n, n_columns)
            Rows as the booster reads them; NaN is "not known".
        n_threads : int, default=0
            Not used: there for :class:`icp.trees.PatternTables`.

        Returns
        -------
        ndarray of float64, shape (n, n_columns)
            As :meth:`icp.trees.PatternTables.contributions` gives them.

        Raises
        ------
        ValueError
            The rows have another number of columns.
        """
        rows = as_rows(X, self.n_columns)
        out = np.zeros(rows.shape)
        n_at_once = max(1, _NUMBERS_AT_ONCE // max(self.n_entries, 1))
        for start in range(0, len(rows) if self.n_entries else 0, n_at_once):
            some = slice(start, start + n_at_once)
            self._add(self._found(self._goes_left(rows[some])), out[some])
        return out

    def _add(self, found: _Found, out: Floats) -> None:
        """The sums of what leaves give to columns, as many at a time as stay in the caches."""
        sums = np.empty((len(self._sums.first), len(out)))
        n_at_once = max(1, _NUMBERS_CACHED // len(out))
        for begin in range(0, len(sums), n_at_once):
            some = slice(begin, begin + n_at_once)
            first, n_parts = self._sums.first[some], self._sums.n[some]
            sums[some] = self._part(found, first)
            for k in range(1, int(n_parts.max())):
                longer = np.flatnonzero(n_parts > k)
                sums[begin + longer] += self._part(found, first[longer] + k)
        for column, mine in self._sums.columns:
            out[:, column] += np.cumsum(sums[mine], axis=0)[-1]

    def _part(self, found: _Found, part: Ints) -> Floats:
        return found.values[found.start[part, None] + found.place[self._sums.leaf[part]]]

    def _found(self, goes_left: Bools) -> _Found:
        """What each leaf gives to each column on its path, once for all rows that meet the same of its conditions."""
        place = np.zeros((len(self.trees.value), goes_left.shape[1]), dtype=np.int64)
        values: list[Floats] = []
        start, at = [np.zeros(0, dtype=np.int64)], 0
        for n, leaves in enumerate(self._groups, start=1):
            few = 2**n <= _PATTERNS_A_ROW * goes_left.shape[1]
            place[leaves], on, met = (self._by_pattern if few else self._by_row)(goes_left, leaves, n)
            given = np.empty((n, len(on)))
            for begin in range(0, len(on), _PLACES_CACHED):
                some = slice(begin, begin + _PLACES_CACHED)
                leaf = on[some]
                share = self._entries.share[:n, leaf]
                given[:, some] = _leaf_shares(self.trees.value[leaf], met[:, some], share, *self._points)
            values.append(given.ravel())
            start.append(np.repeat(at + len(on) * np.arange(n), len(leaves)))
            at += n * len(on)
        return _Found(np.concatenate(values), np.concatenate(start)[self._sums.order], place)

    def _by_pattern(self, goes_left: Bools, leaves: Ints, n: int) -> tuple[Ints, Ints, Bools]:
        """Of leaves with ``n`` entries: the place of each row, and the leaf and the conditions met of each place."""
        fails = np.zeros((len(leaves), goes_left.shape[1]), dtype=np.int64)
        for node, left, entry in self._steps(leaves):
            on = np.flatnonzero(node >= 0)
            fails[on] |= (goes_left[node[on]] != left[on, None]) * (1 << entry[on, None])
        fails += np.arange(len(leaves))[:, None] << n
        there = np.zeros(len(leaves) << n, dtype=bool)
        there[fails] = True
        pattern = np.flatnonzero(there)
        return (np.cumsum(there) - 1)[fails], leaves[pattern >> n], (pattern >> np.arange(n)[:, None]) & 1 == 0

    def _by_row(self, goes_left: Bools, leaves: Ints, n: int) -> tuple[Ints, Ints, Bools]:
        """The same where there may be more patterns than rows: each row has a place of its own."""
        n_rows = goes_left.shape[1]
        met = np.ones((n, len(leaves), n_rows), dtype=bool)
        for node, left, entry in self._steps(leaves):
            on = np.flatnonzero(node >= 0)
            met[entry[on], on] &= goes_left[node[on]] == left[on, None]
        place = np.arange(len(leaves) * n_rows).reshape(len(leaves), n_rows)
        return place, np.repeat(leaves, n_rows), met.reshape(n, -1)

    def _steps(self, leaves: Ints) -> Iterator[tuple[Ints, Bools, Ints]]:
        """Down the paths to some leaves: node, whether to go left there, and the entry of its column."""
        ways, entries = self._ways, self._entries
        return zip(ways.node[:, leaves], ways.left[:, leaves], entries.place[:, leaves], strict=True)

    def _goes_left(self, X: Floats) -> Bools:
        """Where each row goes at each node, shape (n_nodes, n)."""
        trees, levels = self.trees, self._levels
        x, kind = X.T[trees.column], trees.missing[:, None]
        unknown = np.isnan(x)
        x = np.where(unknown & (kind != MISSING_NAN), 0.0, x)
        unknown = np.where(kind == MISSING_NAN, unknown, (kind == MISSING_ZERO) & (np.abs(x) <= TINY))
        found = np.where(unknown, trees.default_left[:, None], x <= trees.threshold[:, None])
        codes, other = X.T[trees.column[levels.node]], levels.other[:, None]  # a code that is not known is no code 0
        with np.errstate(invalid="ignore"):
            code = np.where((codes > -1.0) & (codes < other), codes, other).astype(np.int64)
        found[levels.node] = levels.goes_left[levels.first[:, None] + code]
        return found


class _Levels(NamedTuple):
    """What categorical nodes ask."""

    node: Ints
    first: Ints  # where a node's answers begin
    other: Ints  # code that stands for all from there on, and for what is not known
    goes_left: Bools  # by code


def as_rows(X: ArrayLike, n_columns: int) -> Floats:
    """Rows to be explained.

    Parameters
    ----------
    X : array-like of float64, shape (n, n_columns)
        As given.
    n_columns : int
        Columns there must be.

    Returns
    -------
    ndarray of float64, shape (n, n_columns)
        C-contiguous.

    Raises
    ------
    ValueError
        There are more or fewer columns.
    """
    rows = np.ascontiguousarray(X, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] != n_columns:
        raise ValueError(f"rows of {n_columns} columns are needed, not an array of shape {rows.shape}")
    return rows


def gauss_legendre(depth: int) -> tuple[Floats, Floats]:
    """Points and weights on 0 to 1 that are exact for polynomials of a degree below ``depth``.

    Parameters
    ----------
    depth : int
        At least 1.

    Returns
    -------
    points, weights : ndarray of float64, shape (n + 1, n)
        Row ``i`` holds ``i`` of each; ``n`` is half of ``depth``, rounded up.
    """
    most = (depth + 1) // 2
    t, w = np.zeros((most + 1, most)), np.zeros((most + 1, most))
    for n in range(1, most + 1):
        points, weights = np.polynomial.legendre.leggauss(n)
        t[n, :n], w[n, :n] = (points + 1.0) / 2.0, weights / 2.0
    return t, w


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


def _sums(entries: _Entries, groups: list[Ints], rank: Ints) -> _Sums:
    """The order of all additions, for entries as they come group after group."""
    at = np.concatenate([np.tile(leaves, n) for n, leaves in enumerate(groups, start=1)] or [np.zeros(0, np.int64)])
    column = np.concatenate(
        [entries.column[:n, leaves].ravel() for n, leaves in enumerate(groups, start=1)] or [np.zeros(0, np.int64)]
    )
    begins = np.full(entries.piece.max(initial=-1) + 1, len(rank))
    np.minimum.at(begins, entries.piece, rank)  # pieces lie from left to right too
    piece = begins[entries.piece[at]]
    order = np.lexsort((rank[at], column, piece))
    key = np.column_stack([piece, column])[order]
    first = np.flatnonzero(np.append(True, (key[1:] != key[:-1]).any(axis=1))[: len(key)])
    of_sum = key[first, 1]
    columns = [(int(name), np.flatnonzero(of_sum == name)) for name in np.unique(of_sum)]
    return _Sums(order, at[order], first, np.diff(np.append(first, len(key))), columns)


def _levels(trees: Trees) -> _Levels:
    sizes = np.array([codes[-1] + 2 if len(codes) else 1 for codes in trees.categories.values()], dtype=np.int64)
    first = np.concatenate([[0], np.cumsum(sizes)])
    goes_left = np.zeros(int(first[-1]), dtype=bool)
    n_codes = [len(codes) for codes in trees.categories.values()]
    goes_left[np.repeat(first[:-1], n_codes) + np.concatenate([*trees.categories.values(), np.zeros(0, np.int64)])] = (
        True
    )
    return _Levels(np.array(list(trees.categories), dtype=np.int64), first[:-1], sizes - 1, goes_left)


def _leaf_shares(value: Floats, met: Bools, share: Floats, t: Floats, w: Floats) -> list[Floats]:
    """What leaves add to each column on their way; the formula, and each step of it, are those of the kernel."""
    depth = len(met)
    n = (depth + 1) // 2
    out = [np.zeros(met.shape[1:]) for _ in range(depth)]
    for i in range(n):
        factor = [met[k] * t[n, i] + share[k] * (1.0 - t[n, i]) for k in range(depth)]
        before = [np.full(met.shape[1:], w[n, i])]
        for k in range(depth - 1):
            before.append(before[k] * factor[k])
        behind = np.ones(met.shape[1:])
        for k in range(depth - 1, -1, -1):
            out[k] += before[k] * behind
            behind *= factor[k]
    return [out[k] * (value * (met[k] - share[k])) for k in range(depth)]
