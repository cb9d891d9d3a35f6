"""The same contributions from the paths to the leaves, without tables: for a few rows, and where numba is missing.

Making tables and loading what compiles them takes a second, which some hundred rows are not worth. Here nothing is
made but a list of each leaf's path. Every row is taken down it, and rows that meet the same of its conditions are
worked out once. Numbers are those of the tables to the last bit, because every sum and product is formed in the same
order. Trees are taken a few at a time, so that what belongs to them stays in the caches and in memory already paid for.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from icp.trees._text import MISSING_NAN, MISSING_ZERO, Bools, Floats, Ints, Trees
from icp.trees._ways import Block, Group, make_block

__all__ = ["LEAF_BITS", "PIECE_BITS", "TINY", "LeafPaths", "as_rows", "gauss_legendre"]

PIECE_BITS = 11
LEAF_BITS = 12
TINY = float(np.float32(1e-35))
"""LightGBM reads numbers up to this as 0 where 0 means missing."""

_LEAVES_AT_ONCE = 4_096
_NUMBERS_AT_ONCE = 4_000_000
_PLACES_CACHED = 4_096
_NO_CODE = 2**31
_PATTERNS_A_ROW = 4
"""Paths of which more patterns are possible are worked out row by row."""


class LeafPaths:
    r"""What each column adds to the margin of boosted trees (path-dependent TreeSHAP), exactly, row by row.

    Parameters
    ----------
    trees : Trees
        Whose margins add up.
    n_columns : int
        Columns of the rows to explain.
    piece_bits : int, default=11
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
        self._blocks = [make_block(some, piece_bits) for some in trees.parts(_LEAVES_AT_ONCE)]
        self.n_entries = sum(block.n_entries for block in self._blocks)
        self._points = gauss_legendre(max([1, *(len(group.share) for block in self._blocks for group in block.groups)]))

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
        columns = np.ascontiguousarray(as_rows(X, self.n_columns).T)
        out = np.zeros(columns.shape)
        for block in self._blocks:
            n_at_once = max(1, _NUMBERS_AT_ONCE // max(block.n_entries, 1))
            for start in range(0, columns.shape[1], n_at_once):
                some = slice(start, start + n_at_once)
                goes_left = _goes_left(block, np.ascontiguousarray(columns[:, some]))
                given, at = np.empty((block.n_entries, goes_left.shape[1])), 0
                for group in block.groups:
                    mine = given[at : at + group.share.size].reshape(*group.share.shape, -1)
                    _fill(group, block.trees.value, goes_left, self._points, mine)
                    at += group.share.size
                _add(given, block, out[:, some])
        return np.ascontiguousarray(out.T)


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


def _goes_left(block: Block, columns: Floats) -> Bools:
    """Where rows, given column by column, go at each node; shape (n_nodes, n)."""
    trees, n = block.trees, len(columns)
    unknown = np.isnan(columns)
    known = np.where(unknown, 0.0, columns)
    values, lost = np.concatenate([columns, known]), np.concatenate([unknown, np.abs(known) <= TINY, unknown & False])
    found = values.take(trees.column + n * (trees.missing != MISSING_NAN), axis=0) <= trees.threshold[:, None]
    kinds = np.select([trees.missing == MISSING_NAN, trees.missing == MISSING_ZERO], [0, 1], 2)
    np.copyto(found, trees.default_left[:, None], where=lost.take(trees.column + n * kinds, axis=0))
    levels = block.levels
    codes = np.where((columns > -1.0) & (columns < _NO_CODE), columns, _NO_CODE).astype(np.int64)
    code = np.minimum(codes.take(trees.column[levels.node], axis=0), levels.other[:, None])
    found[levels.node] = levels.goes_left.take(levels.first[:, None] + code)
    return found


def _fill(group: Group, value: Floats, goes_left: Bools, points: tuple[Floats, Floats], out: Floats) -> None:
    """What leaves give to each column on their paths; worked out once for all rows that meet the same conditions."""
    few = 2 ** len(group.share) <= _PATTERNS_A_ROW * goes_left.shape[1]
    place, on, met = (_by_pattern if few else _by_row)(group, goes_left)
    given = np.empty(met.shape)
    for begin in range(0, len(on), _PLACES_CACHED):
        some = slice(begin, begin + _PLACES_CACHED)
        leaf = on[some]
        _leaf_shares(value[group.leaves[leaf]], met[:, some], group.share[:, leaf], *points, given[:, some])
    np.take(given, place, axis=1, out=out, mode="clip")


def _by_pattern(group: Group, goes_left: Bools) -> tuple[Ints, Ints, Bools]:
    """The place of each row, by leaf; and the leaf and the conditions met of each place."""
    (n, n_leaves), n_rows = group.share.shape, goes_left.shape[1]
    fails = np.zeros((n_leaves, n_rows), dtype=np.uint8 if n <= 8 else np.int64)
    for node, left, entry in group.steps:
        missed = goes_left.take(node, axis=0)
        missed ^= left
        fails[: len(node)] |= missed.view(np.uint8) * (1 << entry).astype(fails.dtype)
    which = fails + (np.arange(n_leaves)[:, None] << n)
    there = np.zeros(n_leaves << n, dtype=bool)
    there[which] = True
    pattern = np.flatnonzero(there)
    number = np.empty(len(there), dtype=np.int64)
    number[pattern] = np.arange(len(pattern))
    return number.take(which), pattern >> n, (pattern >> np.arange(n)[:, None]) & 1 == 0


def _by_row(group: Group, goes_left: Bools) -> tuple[Ints, Ints, Bools]:
    """The same where there may be more patterns than rows: each row has a place of its own."""
    (n, n_leaves), n_rows = group.share.shape, goes_left.shape[1]
    met = np.ones((n, n_leaves, n_rows), dtype=bool)
    for node, left, entry in group.steps:
        met[entry[:, 0], np.arange(len(node))] &= goes_left[node] == left
    place = np.arange(n_leaves * n_rows).reshape(n_leaves, n_rows)
    return place, np.repeat(np.arange(n_leaves), n_rows), met.reshape(n, -1)


def _leaf_shares(value: Floats, met: Bools, share: Floats, t: Floats, w: Floats, out: Floats) -> None:
    """What leaves add to each column on their way; the formula, and each step of it, are those of the kernel."""
    depth = len(met)
    n = (depth + 1) // 2
    met_or_not = met.astype(np.float64)
    factor, before = np.empty(share.shape), np.empty(share.shape)
    out[:] = 0.0
    for i in range(n):
        np.multiply(met_or_not, t[n, i], out=factor)
        factor += share * (1.0 - t[n, i])
        before[0] = w[n, i]
        for k in range(depth - 1):
            np.multiply(before[k], factor[k], out=before[k + 1])
        behind = np.ones(len(value))
        for k in range(depth - 1, -1, -1):
            before[k] *= behind
            behind *= factor[k]
        out += before
    met_or_not -= share
    met_or_not *= value
    out *= met_or_not


def _add(given: Floats, block: Block, out: Floats) -> None:
    """Add up what leaves give: within a piece and column first, then one piece after the other."""
    if not block.sums.parts:  # constant trees: no leaf has a path
        return
    sums = given.take(block.sums.parts[0], axis=0)
    for more in block.sums.parts[1:]:
        sums[: len(more)] += given.take(more, axis=0)
    for column, mine in block.sums.columns:
        pieces = np.concatenate([out[column, None], sums.take(mine, axis=0)])
        # from top to bottom: a single column would be added up in pairs
        out[column] = np.add.reduce(pieces, axis=0) if out.shape[1] > 1 else np.cumsum(pieces, axis=0)[-1]
