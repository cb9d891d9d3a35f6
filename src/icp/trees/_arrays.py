"""What the compiled code reads and writes, as named flat arrays; and how it is compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["Encoding", "Leaves", "Nodes", "Pieces", "SmallInts", "compiled"]

Function = TypeVar("Function", bound=Callable[..., object])
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SmallInts = NDArray[np.int32]
Shorts = NDArray[np.uint16]


class Nodes(NamedTuple):
    """Trees, ready to be cut."""

    node_start: Ints
    leaf_start: Ints
    column: Ints
    left: Ints
    right: Ints
    node_count: Floats
    leaf_count: Floats
    value: Floats
    source: Ints  # the channel that a node compares, or behind all channels a group of its tree
    at: Ints  # code up to which a row goes left, or the bit of a group


class Encoding(NamedTuple):
    """How values become codes that nodes compare: one channel per column and way of reading what is missing."""

    column: Ints  # of the rows, per channel
    kind: Ints  # LOW to CATEGORY
    edge_start: Ints  # where a channel's edges begin in ``edges``
    edges: Floats  # thresholds in order
    n_codes: Ints  # of a categorical channel; the last one is "any other"
    tree_group: Ints  # where a tree's groups begin: a group is up to 16 nodes of a tree that ask for one category
    group_channel: Ints
    group_at: Ints  # where a group's table begins in ``outcomes``
    outcomes: Shorts  # per code one bit for each node of the group: goes left


class Pieces(NamedTuple):
    """The pieces of all trees, with the conditions of their patterns and the places of their tables."""

    tree_piece: Ints  # where a tree's pieces begin
    condition_start: Ints  # where a piece's conditions begin
    condition: SmallInts  # four numbers each: source, at, whether to go left, bit of the pattern
    n_bits: Ints  # of a piece; 0 where it is a single leaf without a table
    target_start: Ints  # where a piece's columns begin
    target: Ints  # the columns that it adds to
    table_start: Ints  # where a piece's table begins: for each of 2 ** n_bits patterns a value per column
    first_leaf: Ints  # of a piece


class Leaves(NamedTuple):
    """The leaves of all pieces, each with the columns on its way from the root."""

    piece: Ints
    value: Floats
    start: Ints  # where a leaf's columns begin
    share: Floats  # of the training rows that goes the leaf's way at the column's nodes
    entry: Ints  # three numbers each: place among the piece's targets, bits that must be 1, bits that must be 0


def compiled(function: Function) -> Function:
    """Compiled on first use and kept on disk, where there is a place to keep it."""
    try:
        return numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:  # neither the package's folder nor the user's can be written to
        return numba.njit(nogil=True, error_model="numpy")(function)
