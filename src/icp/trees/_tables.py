"""Pattern tables: exact TreeSHAP by look-up."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icp.trees import _kernel
from icp.trees._arrays import Encoding, Floats, Ints, Nodes
from icp.trees._cut import cut_trees
from icp.trees._paths import LEAF_BITS, PIECE_BITS, as_rows, gauss_legendre
from icp.trees._text import MISSING_NAN, MISSING_ZERO, Trees

__all__ = ["PatternTables"]

_GROUP_NODES = 16
_MOST_CODES = 65_000
_ROWS_PER_TASK = 2 * _kernel.ROWS


class PatternTables:
    """What each column adds to the margin of boosted trees (path-dependent TreeSHAP), exactly.

    Each tree is cut into small subtrees. What the leaves of one contribute depends on a row only through a few bits:
    which conditions on the path to it are met, and where the row goes at its nodes. All patterns are worked out once;
    a row is then explained by finding its pattern and adding what the table says, in float64.

    Parameters
    ----------
    trees : Trees
        Whose margins add up.
    n_columns : int
        Columns of the rows to explain.
    piece_bits : int, default=11
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
    >>> from icp.trees import Trees
    >>> stump = Trees(
    ...     node_start=np.array([0, 1]), leaf_start=np.array([0, 2]), column=np.array([0]), threshold=np.array([1.5]),
    ...     categories={}, default_left=np.array([True]), missing=np.array([2]), left=np.array([-1]),
    ...     right=np.array([-2]), value=np.array([-1.0, 3.0]), node_count=np.array([4.0]),
    ...     leaf_count=np.array([3.0, 1.0]),
    ... )
    >>> tables = PatternTables(stump, n_columns=2)
    >>> tables.base
    0.0
    >>> tables.contributions([[1.0, 0.0], [2.0, 0.0], [np.nan, 0.0]])
    array([[-1.,  0.],
           [ 3.,  0.],
           [-1.,  0.]])
    """

    def __init__(self, trees: Trees, n_columns: int, piece_bits: int = PIECE_BITS, leaf_bits: int = LEAF_BITS) -> None:
        self.n_columns = n_columns
        self.base = trees.expected
        if int(trees.column.max(initial=-1)) >= n_columns:
            raise ValueError(f"the trees ask for more than the {n_columns} columns named")
        self._encoding, source, at = _encoding(trees)
        nodes = Nodes(**{name: getattr(trees, name) for name in Nodes._fields[:-2]}, source=source, at=at)
        self._pieces, self._leaves, n_values = cut_trees(nodes, piece_bits, leaf_bits)
        self._points = gauss_legendre(int(np.diff(self._leaves.start).max(initial=1)))
        self._values = np.zeros(n_values)
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
        rows = as_rows(X, self.n_columns)
        out = np.zeros(rows.shape)
        tasks = [slice(start, start + _ROWS_PER_TASK) for start in range(0, len(rows), _ROWS_PER_TASK)]

        add = _kernel.add_contributions_of_one if len(rows) == 1 else _kernel.add_contributions

        def explain(task: slice) -> None:
            model = (self._encoding, self._pieces, self._leaves, *self._points, self._values)
            add(rows[task], out[task], *model)

        n_workers = min(n_threads or os.cpu_count() or 1, len(tasks)) if len(tasks) > 1 else 1
        if n_workers > 1:
            with ThreadPoolExecutor(n_workers) as pool:
                list(pool.map(explain, tasks))
        else:
            for task in tasks:
                explain(task)
        return out


def _encoding(trees: Trees) -> tuple[Encoding, Ints, Ints]:
    """How values become codes; and what each node asks: a channel and a code, or a group and a bit.

    A categorical node asks a group, numbered within its tree behind all channels: up to 16 nodes of a tree that read
    one category share a table that tells from the code at once where the row goes at all of them.
    """
    asked, source = np.unique(trees.column * (_kernel.CATEGORY + 1) + _kinds(trees), return_inverse=True)
    columns, kinds = asked // (_kernel.CATEGORY + 1), asked % (_kernel.CATEGORY + 1)
    at = np.zeros(len(source), dtype=np.int64)
    edges, n_codes = [], np.zeros(len(asked), dtype=np.int64)
    for channel in range(len(asked)):
        mine = np.flatnonzero(source == channel)
        if kinds[channel] == _kernel.CATEGORY:
            edges.append(np.empty(0))
            n_codes[channel] = 2 + max(int(trees.categories[node].max(initial=-1)) for node in mine.tolist())
        else:
            edges.append(np.unique(trees.threshold[mine]))
            at[mine] = 1 + np.searchsorted(edges[-1], trees.threshold[mine])
    if max([*map(len, edges), *n_codes], default=0) > _MOST_CODES:
        raise ValueError(f"a column has more than {_MOST_CODES:,} thresholds or categories")
    tree_group, group_channel, outcomes = _groups(trees, source, at, n_codes)
    encoding = Encoding(
        column=columns,
        kind=kinds,
        edge_start=_starts([len(edge) for edge in edges]),
        edges=np.concatenate([*edges, np.empty(0)]),
        n_codes=n_codes,
        tree_group=tree_group,
        group_channel=np.array(group_channel, dtype=np.int64),
        group_at=_starts([len(outcome) for outcome in outcomes]),
        outcomes=np.concatenate([*outcomes, np.zeros(0, dtype=np.uint16)]),
    )
    return encoding, source, at


def _groups(trees: Trees, source: Ints, at: Ints, n_codes: Ints) -> tuple[Ints, list[int], list[NDArray[np.uint16]]]:
    """Put the categorical nodes into groups; their places in ``source`` and ``at`` are changed to name them."""
    n_in_tree = np.zeros(len(trees), dtype=np.int64)
    group_channel: list[int] = []
    outcomes: list[NDArray[np.uint16]] = []
    open_groups: dict[int, tuple[int, int, int]] = {}
    tree, behind = -1, 0
    for node, codes in trees.categories.items():
        while node >= behind:
            tree += 1
            behind = int(trees.node_start[tree + 1])
            open_groups = {}
        channel = int(source[node])
        number, place, used = open_groups.get(channel, (-1, -1, _GROUP_NODES))
        if used == _GROUP_NODES:
            number, place, used = len(outcomes), int(n_in_tree[tree]), 0
            group_channel.append(channel)
            outcomes.append(np.zeros(n_codes[channel], dtype=np.uint16))
            n_in_tree[tree] += 1
        outcomes[number][codes] |= np.uint16(1 << used)
        open_groups[channel] = number, place, used + 1
        source[node], at[node] = len(n_codes) + place, 1 << used
    return _starts(n_in_tree), group_channel, outcomes


def _kinds(trees: Trees) -> Ints:
    """How each node reads what is missing, as a kind of channel."""
    low_or_high = np.where(trees.default_left, _kernel.LOW, _kernel.HIGH)
    zero_low_or_high = np.where(trees.default_left, _kernel.ZERO_LOW, _kernel.ZERO_HIGH)
    kinds = np.select(
        [trees.missing == MISSING_NAN, trees.missing == MISSING_ZERO], [low_or_high, zero_low_or_high], _kernel.ZERO
    )
    kinds[list(trees.categories)] = _kernel.CATEGORY
    return kinds.astype(np.int64)


def _starts(sizes: Sequence[int] | Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(np.asarray(sizes, dtype=np.int64))])
