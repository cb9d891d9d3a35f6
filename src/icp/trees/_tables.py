"""Pattern tables: exact TreeSHAP by look-up."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icp.trees import _kernel
from icp.trees._cut import Piece, cut
from icp.trees._text import MISSING_NAN, MISSING_ZERO, Tree

__all__ = ["PatternTables"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_PIECE_BITS = 9
_LEAF_BITS = 12
_GROUP_NODES = 16
_MOST_EDGES = 65_000
_ROWS_PER_TASK = 4 * _kernel.ROWS


class PatternTables:
    """What each column adds to the margin of boosted trees (path-dependent TreeSHAP), exactly.

    Each tree is cut into small subtrees. What the leaves of one contribute depends on a row only through a few bits:
    which conditions on the path to it are met, and where the row goes at its nodes. All patterns are worked out once;
    a row is then explained by finding its pattern and adding what the table says, in float64.

    Parameters
    ----------
    trees : sequence of Tree
        Whose margins add up.
    n_columns : int
        Columns of the rows to explain.
    piece_bits : int, default=9
        Most bits of a subtree's pattern, 1 to 16: larger tables, fewer of them. The result does not depend on it.
    leaf_bits : int, default=12
        Most bits of a single leaf's pattern; a leaf with more columns on its way has no table and is worked out for
        each row, so that deep trees take time instead of memory.

    Attributes
    ----------
    base : float
        Mean margin of the training rows, by the trees' own counts.
    n_bytes : int
        Memory that the tables take.

    Raises
    ------
    ValueError
        A column has more than 65,000 thresholds, or a tree asks for a column beyond ``n_columns``.

    Notes
    -----
    After Yang, "Fast TreeSHAP" (arXiv 2109.09847, version 2), who keeps a table per leaf, and Lundberg et al., "From
    local explanations to global understanding" (2020), for the values themselves. Subtrees instead of leaves share the
    look-ups, and a look-up is made for a block of rows at a time. Shapley sums are integrals over the size of the
    coalition, so Gauss-Legendre points give them without cancellation.

    Examples
    --------
    >>> from icp.trees import Tree
    >>> stump = Tree(
    ...     feature=np.array([0]), threshold=np.array([1.5]), categories=(None,), default_left=np.array([True]),
    ...     missing=np.array([2]), left=np.array([-1]), right=np.array([-2]), value=np.array([-1.0, 3.0]),
    ...     node_count=np.array([4.0]), leaf_count=np.array([3.0, 1.0]),
    ... )
    >>> tables = PatternTables([stump], n_columns=2)
    >>> tables.base
    0.0
    >>> tables.contributions([[1.0, 0.0], [2.0, 0.0], [np.nan, 0.0]])
    array([[-1.,  0.],
           [ 3.,  0.],
           [-1.,  0.]])
    """

    def __init__(
        self, trees: Sequence[Tree], n_columns: int, piece_bits: int = _PIECE_BITS, leaf_bits: int = _LEAF_BITS
    ) -> None:
        self.n_columns = n_columns
        self.base = float(sum(tree.expected for tree in trees))
        grown = [tree for tree in trees if len(tree.feature)]
        if max((int(tree.feature.max()) for tree in grown), default=-1) >= n_columns:
            raise ValueError(f"the trees ask for more than the {n_columns} columns named")
        channels = _Channels(grown)
        flat = _Flat()
        for tree in grown:
            flat.add(channels.ask(tree), list(cut(tree, piece_bits)), piece_bits, leaf_bits)
        self._encoding = channels.encoding()
        self._pieces, self._leaves, size = flat.arrays(channels)
        self._points = _gauss_legendre(int(np.diff(self._leaves.start).max(initial=1)))
        self._values = np.zeros(size)
        _kernel.fill_tables(self._pieces, self._leaves, *self._points, self._values)

    @property
    def n_bytes(self) -> int:
        """Memory that the tables take."""
        return sum(part.nbytes for part in (*self._encoding, *self._pieces, *self._leaves, self._values))

    def contributions(self, X: ArrayLike, n_threads: int = 0) -> Floats:
        """What each column adds, relative to :attr:`base`.

        Parameters
        ----------
        X : array-like of float64, shape (n, n_columns)
            Rows as the booster reads them; NaN is "not known".
        n_threads : int, default=0
            Threads; 0 means as many as there are cores. A row's result depends neither on it nor on the rows beside it.

        Returns
        -------
        ndarray of float64, shape (n, n_columns)
            On the scale of the leaf values (log-odds); ``base + contributions.sum(axis=1)`` is the margin.

        Raises
        ------
        ValueError
            The rows have another number of columns.
        """
        rows = np.ascontiguousarray(X, dtype=np.float64)
        if rows.ndim != 2 or rows.shape[1] != self.n_columns:
            raise ValueError(f"rows of {self.n_columns} columns are needed, not an array of shape {rows.shape}")
        out = np.zeros(rows.shape)
        tasks = [slice(start, start + _ROWS_PER_TASK) for start in range(0, len(rows), _ROWS_PER_TASK)]

        def explain(task: slice) -> None:
            model = (self._encoding, self._pieces, self._leaves, *self._points, self._values)
            _kernel.add_contributions(rows[task], out[task], *model)

        n_workers = min(n_threads or os.cpu_count() or 1, len(tasks))
        if n_workers > 1:
            with ThreadPoolExecutor(n_workers) as pool:
                list(pool.map(explain, tasks))
        else:
            for task in tasks:
                explain(task)
        return out


class _Channels:
    """The codes that nodes compare: one channel per column and way of reading what is missing."""

    def __init__(self, trees: Iterable[Tree]) -> None:
        self.numbers: dict[tuple[int, int], int] = {}
        self.group_channel: list[int] = []
        self.group_at = [0]
        self.outcomes: list[NDArray[np.uint16]] = []
        self.tree_group = [0]
        thresholds: dict[int, set[float]] = {}
        self.n_categories: dict[int, int] = {}
        for tree in trees:
            for column, threshold, codes in zip(tree.feature.tolist(), tree.threshold, tree.categories, strict=True):
                if codes is None:
                    thresholds.setdefault(column, set()).add(float(threshold))
                else:
                    most = max(self.n_categories.get(column, 0), int(codes.max(initial=-1)) + 1)
                    self.n_categories[column] = most
        self.edges = {column: np.array(sorted(found)) for column, found in thresholds.items()}
        sizes = [*map(len, self.edges.values()), *self.n_categories.values()]
        if max(sizes, default=0) > _MOST_EDGES:
            raise ValueError(f"a column has more than {_MOST_EDGES:,} thresholds or categories")

    def ask(self, tree: Tree) -> list[tuple[int, int]]:
        """For each node of a tree the channel and the code up to which a row goes left.

        A categorical node is named by ``-1 - group`` and its bit: up to 16 nodes of the tree that read one channel
        share a group, whose table tells from the code at once where the row goes at all of them.
        """
        asked: list[tuple[int, int]] = []
        open_groups: dict[int, tuple[int, int]] = {}
        for node, column in enumerate(tree.feature.tolist()):
            codes = tree.categories[node]
            if codes is None:
                place = int(np.searchsorted(self.edges[column], tree.threshold[node]))
                asked.append((self._number(column, _kind(tree, node)), 1 + place))
                continue
            group, used = open_groups.get(column, (-1, _GROUP_NODES))
            if used == _GROUP_NODES:
                group, used = len(self.group_channel), 0
                self.group_channel.append(self._number(column, _kernel.CATEGORY))
                self.outcomes.append(np.zeros(self.n_categories[column] + 1, dtype=np.uint16))
                self.group_at.append(self.group_at[-1] + len(self.outcomes[-1]))
            self.outcomes[group][codes] |= np.uint16(1 << used)
            open_groups[column] = group, used + 1
            asked.append((self.tree_group[-1] - group - 1, 1 << used))
        self.tree_group.append(len(self.group_channel))
        return asked

    def encoding(self) -> _kernel.Encoding:
        edges = [self.edges[column] if kind != _kernel.CATEGORY else np.empty(0) for column, kind in self.numbers]
        return _kernel.Encoding(
            column=_ints(column for column, _ in self.numbers),
            kind=_ints(kind for _, kind in self.numbers),
            edge_start=_starts(map(len, edges)),
            edges=np.concatenate([*edges, np.empty(0)]),
            n_codes=_ints(self.n_categories.get(column, 0) + 1 for column, _ in self.numbers),
        )

    def _number(self, column: int, kind: int) -> int:
        return self.numbers.setdefault((column, kind), len(self.numbers))


class _Flat:
    """Pieces and leaves, collected one after the other."""

    def __init__(self) -> None:
        self.tree_piece = [0]
        self.conditions: list[tuple[int, int, bool, int]] = []
        self.condition_start = [0]
        self.n_bits: list[int] = []
        self.targets: list[int] = []
        self.target_start = [0]
        self.table_size: list[int] = []
        self.first_leaf: list[int] = []
        self.leaf_piece: list[int] = []
        self.leaf_value: list[float] = []
        self.leaf_start = [0]
        self.on_way: list[tuple[int, float, int, int]] = []

    def add(self, asked: list[tuple[int, int]], pieces: Iterable[Piece], piece_bits: int, leaf_bits: int) -> None:
        """The pieces of one tree; ``asked`` as :meth:`_Channels.ask` gives it."""
        for piece in pieces:
            n_bits = len(piece.bits)
            has_table = n_bits <= piece_bits or n_bits <= leaf_bits
            for bit, conditions in enumerate(piece.bits):
                self.conditions.extend((*asked[node], left, bit) for node, left in conditions)
            self.condition_start.append(len(self.conditions))
            slots: dict[int, int] = {}
            self.first_leaf.append(len(self.leaf_value))
            for leaf in piece.leaves:
                self.leaf_piece.append(len(self.n_bits))
                self.leaf_value.append(leaf.value)
                for column, share in leaf.shares.items():
                    slot = slots.setdefault(column, len(slots))
                    masks = (leaf.ones[column], leaf.zeros[column]) if has_table else (0, 0)
                    self.on_way.append((slot, share, *masks))
                self.leaf_start.append(len(self.on_way))
            self.targets.extend(slots)
            self.target_start.append(len(self.targets))
            self.n_bits.append(n_bits if has_table else 0)
            self.table_size.append(len(slots) << n_bits if has_table else 0)
        self.tree_piece.append(len(self.n_bits))

    def arrays(self, channels: _Channels) -> tuple[_kernel.Pieces, _kernel.Leaves, int]:
        """All of it as arrays, and the size of the tables together."""
        sources, at, left, bit = zip(*self.conditions, strict=True) if self.conditions else ((),) * 4
        slots, shares, ones, zeros = zip(*self.on_way, strict=True) if self.on_way else ((),) * 4
        n_channels = len(channels.numbers)
        pieces = _kernel.Pieces(
            tree_group=_ints(channels.tree_group),
            group_channel=_ints(channels.group_channel),
            group_at=_ints(channels.group_at),
            outcomes=np.concatenate([*channels.outcomes, np.zeros(0, dtype=np.uint16)]),
            tree_piece=_ints(self.tree_piece),
            condition_start=_ints(self.condition_start),
            source=_ints(source if source >= 0 else n_channels - 1 - source for source in sources),
            at=_ints(at),
            left=np.array(left, dtype=np.bool_),
            bit=_ints(bit),
            n_bits=_ints(self.n_bits),
            target_start=_ints(self.target_start),
            target=_ints(self.targets),
            table_start=_starts(self.table_size),
            first_leaf=_ints(self.first_leaf),
        )
        leaves = _kernel.Leaves(
            piece=_ints(self.leaf_piece),
            value=np.array(self.leaf_value, dtype=np.float64),
            start=_ints(self.leaf_start),
            slot=_ints(slots),
            share=np.array(shares, dtype=np.float64),
            ones=_ints(ones),
            zeros=_ints(zeros),
        )
        return pieces, leaves, sum(self.table_size)


def _kind(tree: Tree, node: int) -> int:
    """How a numeric node reads what is missing, as a kind of channel."""
    left, missing = bool(tree.default_left[node]), int(tree.missing[node])
    if missing == MISSING_NAN:
        return _kernel.LOW if left else _kernel.HIGH
    if missing == MISSING_ZERO:
        return _kernel.ZERO_LOW if left else _kernel.ZERO_HIGH
    return _kernel.ZERO


def _gauss_legendre(depth: int) -> tuple[Floats, Floats]:
    """Points and weights on 0 to 1 for polynomials up to a degree below ``depth``; row ``n`` holds ``n`` of each."""
    most = (depth + 1) // 2
    t, w = np.zeros((most + 1, most)), np.zeros((most + 1, most))
    for n in range(1, most + 1):
        points, weights = np.polynomial.legendre.leggauss(n)
        t[n, :n], w[n, :n] = (points + 1.0) / 2.0, weights / 2.0
    return t, w


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)


def _starts(sizes: Iterable[int]) -> Ints:
    return _ints(accumulate(sizes, initial=0))
