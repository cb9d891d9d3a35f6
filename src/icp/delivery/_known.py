"""The keys that are in the CRM: what a list may update, and which accounts have no fresh score."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from icp._spill import InOrder

__all__ = ["KnownKeys"]


class KnownKeys:
    """Keys of the CRM, of which 17 bytes each are kept in memory.

    Parameters
    ----------
    batches : callable
        Gives batches of them, as the list writes keys; empty ones are left out.
    folder : Path or None
        Where they go when they are many.
    """

    def __init__(self, batches: Callable[[], Iterable[pa.Array]], folder: Path | None) -> None:
        def filled() -> Iterator[pa.Array]:
            return (part.filter(pc.greater(pc.utf8_length(part.drop_null()), 0)) for part in map(_whole, batches()))

        exact = _all(_hash(part) for part in filled())
        self.n = len(exact)
        self._rows = InOrder("key", folder, filled, self.n)
        for part in filled():
            self._rows.add(pa.RecordBatch.from_arrays([part], ["key"]))
        exact.sort()
        self._twice = np.unique(exact[1:][exact[1:] == exact[:-1]])
        self._exact = np.unique(exact)
        self._folded = _all(_hash(pc.utf8_lower(part)) for part in filled())
        self._folded.sort()
        self._seen = np.zeros(len(self._exact), dtype=bool)

    def why_not(self, keys: pa.Array) -> pa.Array:
        """Why keys of the list may not be loaded; those that may are remembered.

        Parameters
        ----------
        keys : Array of string
            Of the list.

        Returns
        -------
        Array of string
            Null for a key that the CRM has once.
        """
        hashed = _hash(keys)
        known = _among(hashed, self._exact)
        self._seen[np.searchsorted(self._exact, hashed[known])] = True
        why = np.full(len(hashed), None, dtype=object)
        why[~known] = "not in the CRM"
        why[~known & _among(_hash(pc.utf8_lower(keys)), self._folded)] = "the CRM has it with other capitals"
        why[_among(hashed, self._twice)] = "the CRM has it more than once"
        return pa.array(why, pa.string())

    def see(self, keys: pa.Array) -> None:
        """Remember keys that were scored and are left out of the list for another reason.

        Parameters
        ----------
        keys : Array of string
            Of the list.
        """
        self.why_not(keys)

    def not_seen(self) -> Iterator[pa.Array]:
        """Keys of the CRM that no list had, sorted, each once; those it has more than once are left out.

        Yields
        ------
        Array of string
            Some thousand.
        """
        for part in self._rows.parts():
            keys = part.column("key").combine_chunks()
            hashed = _hash(keys)
            seen = self._seen[np.searchsorted(self._exact, hashed)]
            left = keys.filter(pa.array(~seen & ~_among(hashed, self._twice)))
            if len(left):
                yield left


def _whole(part: pa.Array) -> pa.Array:
    return pc.utf8_trim_whitespace(part.cast(pa.string()).drop_null())


def _hash(keys: pa.Array) -> NDArray[np.uint64]:
    return pd.util.hash_array(keys.to_numpy(zero_copy_only=False), categorize=False)


def _among(values: NDArray[np.uint64], ordered: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which values are among some that are in order."""
    place = np.searchsorted(ordered, values)
    found = np.zeros(len(values), dtype=bool)
    inside = place < len(ordered)
    found[inside] = ordered[place[inside]] == values[inside]
    return found


def _all(parts: Iterable[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    return np.concatenate([np.zeros(0, dtype=np.uint64), *parts])
