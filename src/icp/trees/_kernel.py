"""The compiled inner loops: plain numbers in, plain numbers out.

Rows are taken in blocks. Every loop over the rows of a block reads short, contiguous arrays of small whole numbers, so
the compiler turns it into vector instructions; only the look-ups in a table remain.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["Encoding", "Leaves", "Pieces", "add_contributions", "fill_tables"]

Function = TypeVar("Function", bound=Callable[..., object])
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shorts = NDArray[np.uint16]

ROWS = 1024
ALL_ONES = np.uint16(65535)
LOW, HIGH, ZERO, ZERO_LOW, ZERO_HIGH, CATEGORY = range(6)
"""How a channel reads NaN: as the lowest or the highest value, as 0, with 0 as the lowest or highest; or as a code."""
_TINY = float(np.float32(1e-35))


class Encoding(NamedTuple):
    """How values become codes that nodes compare, one channel per column and way of reading what is missing."""

    column: Ints  # of the rows, per channel
    kind: Ints  # LOW to CATEGORY
    edge_start: Ints  # where a channel's edges begin in ``edges``
    edges: Floats  # thresholds in order
    n_codes: Ints  # of a categorical channel; the last one is "any other"


class Pieces(NamedTuple):
    """The pieces of all trees, with the conditions of their patterns and the places of their tables."""

    tree_group: Ints  # where a tree's groups begin
    group_channel: Ints  # a group: up to 16 nodes of one tree that ask for one categorical channel
    group_at: Ints  # where its table begins in ``outcomes``
    outcomes: Shorts  # per code one bit for each node of the group: goes left
    tree_piece: Ints  # where a tree's pieces begin
    condition_start: Ints  # where a piece's conditions begin
    source: Ints  # of a condition: a channel, or behind all channels a group of the tree
    at: Ints  # code up to which a row goes left, or the bit of a group
    left: Bools  # whether the condition is to go left
    bit: Ints  # of the pattern
    n_bits: Ints  # of a piece; 0 where it is a single leaf without a table
    target_start: Ints  # where a piece's columns begin
    target: Ints  # the columns that it adds to
    table_start: Ints  # where a piece's table begins, one run of 2 ** n_bits values per column
    first_leaf: Ints  # of a piece


class Leaves(NamedTuple):
    """The leaves of all pieces; their columns are flat arrays, from ``start[i]`` to ``start[i + 1]``."""

    piece: Ints
    value: Floats
    start: Ints
    slot: Ints  # the column's place among the targets of the piece
    share: Floats  # of the training rows, at the column's nodes together
    ones: Ints  # bits of the pattern that must be 1 for a row that goes the leaf's way
    zeros: Ints  # bits that must be 0


def _compiled(function: Function) -> Function:
    """Compiled on first use and kept on disk, where there is a place to keep it."""
    try:
        return numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:  # neither the package's folder nor the user's can be written to
        return numba.njit(nogil=True, error_model="numpy")(function)


@_compiled
def fill_tables(pieces: Pieces, leaves: Leaves, t: Floats, w: Floats, values: Floats) -> None:
    """What each pattern of each piece adds to each of its columns.

    Parameters
    ----------
    pieces, leaves : Pieces, Leaves
        As flat arrays.
    t, w : ndarray of float64, shape (n + 1, n)
        Gauss-Legendre points and weights on 0 to 1; row ``i`` holds those of ``i`` points.
    values : ndarray of float64
        Filled in place.
    """
    for leaf in range(len(leaves.piece)):
        piece, first = leaves.piece[leaf], leaves.start[leaf]
        depth, size = leaves.start[leaf + 1] - first, 1 << pieces.n_bits[piece]
        if size == 1:
            continue
        share = leaves.share[first : first + depth]
        by_met = np.empty((1 << depth, depth))
        met = np.empty(depth)
        for which in range(1 << depth):
            for k in range(depth):
                met[k] = which >> k & 1
            _leaf_shares(leaves.value[leaf], met, share, t, w, by_met[which])
        for pattern in range(size):
            which = 0
            for k in range(first, first + depth):
                if pattern & leaves.ones[k] == leaves.ones[k] and pattern & leaves.zeros[k] == 0:
                    which |= 1 << (k - first)
            for k in range(depth):
                values[pieces.table_start[piece] + leaves.slot[first + k] * size + pattern] += by_met[which, k]


@_compiled
def _leaf_shares(value: float, met: Floats, share: Floats, t: Floats, w: Floats, out: Floats) -> None:
    """What one leaf adds to each column on its way, exactly.

    A column ``j`` gets ``value * (met[j] - share[j]) * integral``: over ``t`` from 0 to 1, of the product over the
    other columns ``k`` of ``met[k] * t + share[k] * (1 - t)``. That is the Shapley value of the game in which a column
    outside the coalition follows both branches by their shares of the training rows. The integrand is a polynomial of
    degree ``depth - 1``, so ``ceil(depth / 2)`` points give its integral; all terms are positive: nothing cancels.
    """
    depth = len(met)
    n = (depth + 1) // 2
    before = np.empty(depth)
    out[:] = 0.0
    for i in range(n):
        product = w[n, i]
        for k in range(depth):
            before[k] = product
            product *= met[k] * t[n, i] + share[k] * (1.0 - t[n, i])
        product = 1.0
        for k in range(depth - 1, -1, -1):
            out[k] += before[k] * product
            product *= met[k] * t[n, i] + share[k] * (1.0 - t[n, i])
    for k in range(depth):
        out[k] *= value * (met[k] - share[k])


@_compiled
def add_contributions(
    X: Floats,
    out: Floats,
    encoding: Encoding,
    pieces: Pieces,
    leaves: Leaves,
    t: Floats,
    w: Floats,
    values: Floats,
) -> None:
    """Add what the trees contribute; each row's sums run in the order of the trees, whatever rows are beside it.

    Parameters
    ----------
    X : ndarray of float64, shape (n, p)
        Rows.
    out : ndarray of float64, shape (n, p)
        Added to in place.
    encoding, pieces, leaves, t, w, values
        As :func:`fill_tables` left them.
    """
    n_channels, n_groups = len(encoding.column), 0
    for tree in range(len(pieces.tree_group) - 1):
        n_groups = max(n_groups, pieces.tree_group[tree + 1] - pieces.tree_group[tree])
    most = min(ROWS, len(X))
    codes = np.zeros((n_channels + n_groups, most), dtype=np.uint16)
    added = np.zeros((out.shape[1], most))
    pattern = np.zeros(most, dtype=np.uint16)
    for start in range(0, len(X), most):
        n = min(most, len(X) - start)
        _encode(X[start : start + n], encoding, codes)
        added[:] = 0.0
        for tree in range(len(pieces.tree_piece) - 1):
            first = pieces.tree_group[tree]
            for group in range(first, pieces.tree_group[tree + 1]):
                outcomes = pieces.outcomes[pieces.group_at[group] :]
                _look_up_codes(codes[n_channels + group - first], outcomes, codes[pieces.group_channel[group]])
            for piece in range(pieces.tree_piece[tree], pieces.tree_piece[tree + 1]):
                if pieces.n_bits[piece] == 0:
                    _add_leaf(added, piece, codes, n_channels, n, pieces, leaves, t, w)
                else:
                    _add_piece(added, piece, codes, n_channels, pattern, pieces, values)
        for r in range(n):
            for j in range(out.shape[1]):
                out[start + r, j] += added[j, r]


@_compiled
def _encode(X: Floats, encoding: Encoding, codes: Shorts) -> None:
    """Values as small whole numbers: 1 + the number of edges below, or the category."""
    for c in range(len(encoding.column)):
        column, kind = encoding.column[c], encoding.kind[c]
        low, high = encoding.edge_start[c], encoding.edge_start[c + 1]
        for r in range(len(X)):
            x = X[r, column]
            if kind == CATEGORY:
                other = encoding.n_codes[c] - 1
                codes[c, r] = int(x) if x > -1.0 and x < other else other
                continue
            unknown = np.isnan(x)
            if unknown and kind >= ZERO:
                x, unknown = 0.0, False
            if kind >= ZERO_LOW:
                unknown = x >= -_TINY and x <= _TINY
            if unknown:
                codes[c, r] = 0 if kind in (LOW, ZERO_LOW) else ALL_ONES
                continue
            a, b = low, high
            while a < b:
                middle = (a + b) >> 1
                if encoding.edges[middle] < x:
                    a = middle + 1
                else:
                    b = middle
            codes[c, r] = 1 + a - low


@_compiled
def _add_piece(
    added: Floats, piece: int, codes: Shorts, n_channels: int, pattern: Shorts, pieces: Pieces, values: Floats
) -> None:
    """Find each row's pattern, then look up what it adds to each column."""
    size = 1 << pieces.n_bits[piece]
    pattern[:] = size - 1
    for i in range(pieces.condition_start[piece], pieces.condition_start[piece + 1]):
        source = pieces.source[i]
        miss = np.uint16(ALL_ONES - (1 << pieces.bit[i]))
        if_left, if_right = (ALL_ONES, miss) if pieces.left[i] else (miss, ALL_ONES)
        if source < n_channels:
            _keep_up_to(pattern, codes[source], np.uint16(pieces.at[i]), if_left, if_right)
        else:
            _keep_with_bit(pattern, codes[source], np.uint16(pieces.at[i]), if_left, if_right)
    first, start = pieces.target_start[piece], pieces.table_start[piece]
    for k in range(pieces.target_start[piece + 1] - first):
        _look_up(added[pieces.target[first + k]], values[start + k * size : start + (k + 1) * size], pattern)


@_compiled
def _add_leaf(
    added: Floats,
    piece: int,
    codes: Shorts,
    n_channels: int,
    n: int,
    pieces: Pieces,
    leaves: Leaves,
    t: Floats,
    w: Floats,
) -> None:
    """A single leaf with more columns on its way than a table may have bits: worked out for each row."""
    leaf = pieces.first_leaf[piece]
    share = leaves.share[leaves.start[leaf] : leaves.start[leaf + 1]]
    met, mine = np.empty(len(share)), np.empty(len(share))
    for r in range(n):
        met[:] = 1.0
        for i in range(pieces.condition_start[piece], pieces.condition_start[piece + 1]):
            code = codes[pieces.source[i], r]
            left = code <= pieces.at[i] if pieces.source[i] < n_channels else (code & pieces.at[i]) != 0
            if left != pieces.left[i]:
                met[pieces.bit[i]] = 0.0
        _leaf_shares(leaves.value[leaf], met, share, t, w, mine)
        for k in range(len(share)):
            added[pieces.target[pieces.target_start[piece] + k], r] += mine[k]


@_compiled
def _keep_up_to(pattern: Shorts, codes: Shorts, top: np.uint16, if_left: np.uint16, if_right: np.uint16) -> None:
    for r in range(len(pattern)):
        pattern[r] &= if_left if codes[r] <= top else if_right


@_compiled
def _keep_with_bit(pattern: Shorts, codes: Shorts, bit: np.uint16, if_left: np.uint16, if_right: np.uint16) -> None:
    for r in range(len(pattern)):
        pattern[r] &= if_left if (codes[r] & bit) != 0 else if_right


@_compiled
def _look_up(added: Floats, values: Floats, pattern: Shorts) -> None:
    for r in range(len(pattern)):
        added[r] += values[pattern[r]]


@_compiled
def _look_up_codes(outcome: Shorts, outcomes: Shorts, codes: Shorts) -> None:
    for r in range(len(codes)):
        outcome[r] = outcomes[codes[r]]
