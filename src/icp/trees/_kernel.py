"""The compiled inner loops: plain numbers in, plain numbers out.

Rows are taken in blocks. Every loop over the rows of a block reads short, contiguous arrays of small whole numbers, so
the compiler turns it into vector instructions; only the look-ups in a table remain.
"""

from __future__ import annotations

import numpy as np

from icp.trees._arrays import Encoding, Floats, Ints, Leaves, Pieces, Shorts, compiled
from icp.trees._paths import TINY

__all__ = [
    "CATEGORY",
    "HIGH",
    "LOW",
    "ROWS",
    "ZERO",
    "ZERO_HIGH",
    "ZERO_LOW",
    "add_contributions",
    "add_contributions_of_one",
    "fill_tables",
]

ROWS = 10_000
LOW, HIGH, ZERO, ZERO_LOW, ZERO_HIGH, CATEGORY = range(6)
"""How a channel reads NaN: as the lowest or the highest value, as 0, with 0 as the lowest or highest; or as a code."""
_ALL_ONES = np.uint16(65535)


@compiled
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
        n_targets = pieces.target_start[piece + 1] - pieces.target_start[piece]
        by_met = np.empty((1 << depth, depth))
        met = np.empty(depth)
        for which in range(1 << depth):
            for k in range(depth):
                met[k] = which >> k & 1
            _leaf_shares(leaves.value[leaf], met, share, t, w, by_met[which])
        for pattern in range(size):
            which = 0
            for k in range(first, first + depth):
                if pattern & leaves.entry[k, 1] == leaves.entry[k, 1] and pattern & leaves.entry[k, 2] == 0:
                    which |= 1 << (k - first)
            for k in range(depth):
                values[pieces.table_start[piece] + pattern * n_targets + leaves.entry[first + k, 0]] += by_met[which, k]


@compiled
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


@compiled
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
    n_channels, n_groups = len(encoding.column), _most(encoding.tree_group)
    n_blocks = -(-len(X) // ROWS)
    most = -(-len(X) // n_blocks)
    codes = np.zeros((n_channels + n_groups, most), dtype=np.uint16)
    added = np.zeros((out.shape[1], most))
    pattern = np.zeros(most, dtype=np.uint16)
    for start in range(0, len(X), most):
        n = min(most, len(X) - start)
        _encode(X[start : start + n], encoding, codes)
        added[:] = 0.0
        for tree in range(len(pieces.tree_piece) - 1):
            first = encoding.tree_group[tree]
            for group in range(first, encoding.tree_group[tree + 1]):
                outcomes = encoding.outcomes[encoding.group_at[group] :]
                _look_up_codes(codes[n_channels + group - first], outcomes, codes[encoding.group_channel[group]])
            for piece in range(pieces.tree_piece[tree], pieces.tree_piece[tree + 1]):
                if pieces.n_bits[piece] == 0:
                    _add_leaf(added, piece, codes, n_channels, n, pieces, leaves, t, w)
                else:
                    _add_piece(added, piece, codes, n_channels, pattern, pieces, values)
        for r in range(n):
            for j in range(out.shape[1]):
                out[start + r, j] += added[j, r]


@compiled
def add_contributions_of_one(
    X: Floats,
    out: Floats,
    encoding: Encoding,
    pieces: Pieces,
    leaves: Leaves,
    t: Floats,
    w: Floats,
    values: Floats,
) -> None:
    """The same for a single row, in half the time: nothing is set up for vectors.

    Look-ups of a tree come behind all its patterns, so that the processor waits for many of them at once.

    Parameters
    ----------
    X, out : ndarray of float64, shape (1, p)
        The row, and what is added to.
    encoding, pieces, leaves, t, w, values
        As for :func:`add_contributions`.
    """
    n_channels = len(encoding.column)
    codes = np.zeros((n_channels + _most(encoding.tree_group), 1), dtype=np.uint16)
    pattern = np.zeros(_most(pieces.tree_piece), dtype=np.int64)
    added = np.zeros((out.shape[1], 1))
    _encode(X, encoding, codes)
    for tree in range(len(pieces.tree_piece) - 1):
        group, first = encoding.tree_group[tree], pieces.tree_piece[tree]
        for g in range(encoding.tree_group[tree + 1] - group):
            code = codes[encoding.group_channel[group + g], 0]
            codes[n_channels + g, 0] = encoding.outcomes[encoding.group_at[group + g] + code]
        behind = pieces.tree_piece[tree + 1]
        for piece in range(first, behind):
            pattern[piece - first] = _pattern_of_one(piece, codes, n_channels, pieces)
        for piece in range(first, behind):
            if pieces.n_bits[piece] == 0:
                _add_leaf(added, piece, codes, n_channels, 1, pieces, leaves, t, w)
                continue
            target = pieces.target_start[piece]
            n_targets = pieces.target_start[piece + 1] - target
            at = pieces.table_start[piece] + pattern[piece - first] * n_targets
            for k in range(n_targets):
                added[pieces.target[target + k], 0] += values[at + k]
    out[0] += added[:, 0]


@compiled
def _most(starts: Ints) -> int:
    """Most members of a tree."""
    most = 0
    for tree in range(len(starts) - 1):
        most = max(most, starts[tree + 1] - starts[tree])
    return most


@compiled
def _pattern_of_one(piece: int, codes: Shorts, n_channels: int, pieces: Pieces) -> int:
    pattern = (1 << pieces.n_bits[piece]) - 1
    for i in range(pieces.condition_start[piece], pieces.condition_start[piece + 1]):
        source, at, left, bit = pieces.condition[i]
        code = np.int64(codes[source, 0])
        goes_left = code <= at if source < n_channels else (code & at) != 0
        pattern &= ~(np.int64(goes_left != (left == 1)) << bit)
    return pattern


@compiled
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
                unknown = x >= -TINY and x <= TINY
            if unknown:
                codes[c, r] = 0 if kind in (LOW, ZERO_LOW) else _ALL_ONES
                continue
            a, b = low, high
            while a < b:
                middle = (a + b) >> 1
                if encoding.edges[middle] < x:
                    a = middle + 1
                else:
                    b = middle
            codes[c, r] = 1 + a - low


@compiled
def _add_piece(
    added: Floats, piece: int, codes: Shorts, n_channels: int, pattern: Shorts, pieces: Pieces, values: Floats
) -> None:
    """Find each row's pattern, then look up what it adds to each column."""
    size = 1 << pieces.n_bits[piece]
    pattern[:] = size - 1
    for i in range(pieces.condition_start[piece], pieces.condition_start[piece + 1]):
        source, at, left, bit = pieces.condition[i]
        miss = np.uint16(_ALL_ONES - (1 << bit))
        if_left, if_right = (_ALL_ONES, miss) if left else (miss, _ALL_ONES)
        if source < n_channels:
            _keep_up_to(pattern, codes[source], np.uint16(at), if_left, if_right)
        else:
            _keep_with_bit(pattern, codes[source], np.uint16(at), if_left, if_right)
    first = pieces.target_start[piece]
    n_targets = pieces.target_start[piece + 1] - first
    table = values[pieces.table_start[piece] : pieces.table_start[piece] + size * n_targets]
    for k in range(n_targets):
        _look_up(added[pieces.target[first + k]], table[k:], n_targets, pattern)


@compiled
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
            source, at, left, bit = pieces.condition[i]
            code = codes[source, r]
            goes_left = code <= at if source < n_channels else (code & at) != 0
            if goes_left != (left == 1):
                met[bit] = 0.0
        _leaf_shares(leaves.value[leaf], met, share, t, w, mine)
        for k in range(len(share)):
            added[pieces.target[pieces.target_start[piece] + k], r] += mine[k]


@compiled
def _keep_up_to(pattern: Shorts, codes: Shorts, top: np.uint16, if_left: np.uint16, if_right: np.uint16) -> None:
    for r in range(len(pattern)):
        pattern[r] &= if_left if codes[r] <= top else if_right


@compiled
def _keep_with_bit(pattern: Shorts, codes: Shorts, bit: np.uint16, if_left: np.uint16, if_right: np.uint16) -> None:
    for r in range(len(pattern)):
        pattern[r] &= if_left if (codes[r] & bit) != 0 else if_right


@compiled
def _look_up(added: Floats, values: Floats, step: int, pattern: Shorts) -> None:
    for r in range(len(pattern)):
        added[r] += values[pattern[r] * step]


@compiled
def _look_up_codes(outcome: Shorts, outcomes: Shorts, codes: Shorts) -> None:
    for r in range(len(codes)):
        outcome[r] = outcomes[codes[r]]
