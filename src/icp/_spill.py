"""Questions about all rows of a file that is larger than memory: which ids repeat, and their order.

Rows are kept in memory while they are few; else they go to files, each of which holds all rows of some ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from icp._stored import Store

__all__ = ["InOrder", "Repeats", "find_repeats"]

_ROWS = 1_000_000
"""Rows with an id and a number that are kept in memory."""

_FILES = 100
"""Files that they go to otherwise."""

_ROWS_OF_TEXT = 20_000
"""Scored rows that are kept in memory."""

_SAMPLE = 200
"""Ids looked at for each file that rows are sorted into."""

_MOST_FILES = 400
_ROWS_AT_A_TIME = 5_000
_SHOWN = 3


@dataclass(frozen=True)
class Repeats:
    """Values that stand in more than one row.

    Parameters
    ----------
    n_values : int
        Different values.
    n_rows : int
        Rows they stand in.
    examples : tuple of str
        The first three different ones, as written.
    """

    n_values: int
    n_rows: int
    examples: tuple[str, ...]


def find_repeats(batches: Iterable[pa.Array], folder: Path | None = None, *, fold: bool = False) -> Repeats:
    """Values that stand in more than one row of a file.

    Parameters
    ----------
    batches : iterable of Array of string
        All values in order; no nulls.
    folder : Path, default=None
        Where rows go when there are more than a million; None keeps all in memory.
    fold : bool, default=False
        Whether capitals do not count.

    Returns
    -------
    Repeats
        Of all batches together.

    Examples
    --------
    >>> find_repeats([pa.array(["a", "b"]), pa.array(["B", "c"])], fold=True)
    Repeats(n_values=1, n_rows=2, examples=('b', 'B'))
    """

    def place(rows: pa.RecordBatch) -> NDArray[np.int64]:
        texts = _folded(rows.column("value"), fold).to_numpy(zero_copy_only=False)
        hashed = pd.util.hash_array(texts, categorize=False)  # the same in every run
        return np.asarray(hashed % np.uint64(_FILES), dtype=np.int64)

    buckets, first = _Buckets(folder, _FILES, place, _ROWS), 0
    for values in batches:
        numbers = pa.array(np.arange(first, first + len(values)))
        buckets.add(pa.RecordBatch.from_arrays([values, numbers], ["value", "row"]))
        first += len(values)
    n_values, n_rows, seen = 0, 0, []
    for rows in buckets.parts():
        keys = _folded(rows.column("value"), fold)
        counts = pc.value_counts(keys)
        twice = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
        if len(twice):
            again = rows.filter(pc.is_in(keys, value_set=twice)).sort_by("row").to_pandas()
            n_values, n_rows = n_values + len(twice), n_rows + len(again)
            seen += again.drop_duplicates("value").head(_SHOWN).to_dict("records")
    examples = [str(row["value"]) for row in sorted(seen, key=lambda row: int(row["row"]))]
    return Repeats(n_values, n_rows, tuple(examples[:_SHOWN]))


class InOrder:
    """Rows that come in any order, given back in the order of a text column without repeats.

    Parameters
    ----------
    column : str
        The column; its values do not repeat.
    folder : Path or None
        Where rows go when they are many; None keeps all in memory.
    ids : callable, default=None
        Gives batches of all values, to see how they lie; needed with a folder.
    n_rows : int, default=0
        How many values there are.
    """

    def __init__(
        self, column: str, folder: Path | None, ids: Callable[[], Iterable[pa.Array]] | None = None, n_rows: int = 0
    ) -> None:
        self._column = column
        edges = [] if ids is None or folder is None else _edges(ids(), n_rows)
        order = np.array(edges, dtype=object)

        def place(rows: pa.RecordBatch) -> NDArray[np.int64]:
            return np.searchsorted(order, rows.column(column).to_numpy(zero_copy_only=False), side="right")

        self._buckets = _Buckets(folder, len(edges) + 1, place, _ROWS_OF_TEXT)

    def add(self, rows: pa.RecordBatch) -> None:
        """Take some rows.

        Parameters
        ----------
        rows : RecordBatch
            The same columns each time.
        """
        self._buckets.add(rows)

    def parts(self) -> Iterator[pa.Table]:
        """All rows, in order; may be asked for more than once, after the last ``add``.

        Yields
        ------
        Table
            Some thousand rows.
        """
        for part in self._buckets.parts():
            ordered = part.sort_by(self._column)
            yield from (ordered.slice(start, _ROWS_AT_A_TIME) for start in range(0, len(ordered), _ROWS_AT_A_TIME))


class _Buckets:
    """Rows in memory while they are few, else in one file for each bucket that ``place`` puts them in."""

    def __init__(
        self, folder: Path | None, n: int, place: Callable[[pa.RecordBatch], NDArray[np.int64]], most: int
    ) -> None:
        self._folder, self._n, self._place, self._most = folder, n, place, most
        self._held: list[pa.RecordBatch] = []
        self._stores: list[Store] = []

    def add(self, rows: pa.RecordBatch) -> None:
        self._held.append(rows)
        if self._folder is not None and sum(map(len, self._held)) > self._most:
            self._flush(self._folder)

    def parts(self) -> Iterator[pa.Table]:
        """Whole buckets, in order."""
        if not self._stores:
            if self._held:
                yield pa.Table.from_batches(self._held).combine_chunks()
            return
        if self._folder is not None and self._held:
            self._flush(self._folder)
        for store in self._stores:
            if store.num_rows:
                stored = store.close()
                yield pa.Table.from_batches(stored.read(stored.column_names), stored.schema).combine_chunks()

    def _flush(self, folder: Path) -> None:
        if not self._stores:
            self._stores = [Store(folder / str(i)) for i in range(self._n)]
        rows = pa.Table.from_batches(self._held).combine_chunks().to_batches()[0]
        self._held = []
        bucket = self._place(rows)
        order = np.argsort(bucket, kind="stable")
        rows = rows.take(pa.array(order))
        ends = np.searchsorted(bucket[order], np.arange(self._n + 1))
        for store, (start, end) in zip(self._stores, pairwise(ends), strict=True):
            if end > start:
                store.add(rows.slice(start, end - start))


def _folded(values: pa.Array | pa.ChunkedArray, fold: bool) -> pa.Array | pa.ChunkedArray:
    return pc.utf8_lower(values) if fold else values


def _edges(batches: Iterable[pa.Array], n_rows: int) -> list[str]:
    """Values that part all of them into pieces of about as many rows as are kept in memory."""
    n_parts = min(-(-n_rows // _ROWS_OF_TEXT), _MOST_FILES)
    if n_parts < 2:
        return []
    step, first, sample = max(1, n_rows // (n_parts * _SAMPLE)), 0, []
    for values in batches:
        sample += values.take(pa.array(np.arange(-first % step, len(values), step))).to_pylist()
        first += len(values)
    sample.sort()
    return [sample[i * len(sample) // n_parts] for i in range(1, n_parts)]
