"""Questions about all rows at once: the same answers from files as from memory, whatever the batches."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from icp import _spill
from icp._spill import InOrder, find_repeats

WORDS = st.lists(st.text(alphabet="abAB1", min_size=1, max_size=2), max_size=40)


@pytest.fixture(autouse=True, params=["memory", "disk"], scope="module")
def place(request):
    """Limits so small that rows go to files, or as they are."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        if request.param == "disk":
            for name, few in {"_ROWS": 3, "_FILES": 4, "_ROWS_OF_TEXT": 3}.items():
                patch.setattr(_spill, name, few)
        yield Path(folder) if request.param == "disk" else None


def cut(values, size):
    return [pa.array(values[i : i + size], pa.string()) for i in range(0, len(values), size)]


def fresh(place):
    return None if place is None else Path(tempfile.mkdtemp(dir=place))


@given(WORDS, st.integers(1, 7), st.booleans())
def test_repeats_are_those_of_the_whole(place, values, size, fold):
    column = pd.Series(values, dtype=object)
    keys = column.str.lower() if fold else column
    again = keys.duplicated(keep=False)
    found = find_repeats(cut(values, size), fresh(place), fold=fold)
    assert (found.n_values, found.n_rows) == (keys[again].nunique(), int(again.sum()))
    assert found.examples == tuple(dict.fromkeys(column[again]))[:3]


@given(st.lists(st.text(min_size=1, max_size=3), unique=True, max_size=60), st.integers(1, 7))
def test_rows_come_back_in_order_as_often_as_asked(place, ids, size):
    batches = [pa.record_batch({"id": part, "n": pa.array(range(len(part)))}) for part in cut(ids, size)]
    rows = InOrder("id", fresh(place), lambda: cut(ids, size), len(ids))
    for batch in batches:
        rows.add(batch)
    for _ in range(2):
        parts = list(rows.parts())
        assert [key for part in parts for key in part.column("id").to_pylist()] == sorted(ids)
    place_of = {key: n for batch in batches for key, n in zip(*batch.to_pydict().values(), strict=True)}
    assert all(place_of[key] == n for part in parts for key, n in zip(*part.to_pydict().values(), strict=True))
    if place is not None and len(ids) > 30:
        assert len(parts) > 3
