"""Our CSV writer against the standard library's reader."""

import csv
import io

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from icp._csv import csv_bytes
from icp.engines import to_text

cells = st.one_of(st.none(), st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12))


@given(st.lists(st.tuples(cells, cells), max_size=8))
def test_the_standard_reader_reads_back_what_was_written(rows):
    table = pa.table({name: pa.array([row[i] for row in rows], pa.string()) for i, name in enumerate(["a,b", "c"])})
    text = csv_bytes(table).decode("utf-8")
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read == [["a,b", "c"], *[[cell or "" for cell in row] for row in rows]]


def test_slices_and_chunks_are_written_from_their_own_start():
    table = pa.table({"x": pa.chunked_array([["a", "b"], ["c"]])}).slice(1)
    assert csv_bytes(table, "\r\n") == b"x\r\nb\r\nc\r\n"


def test_only_cells_that_need_quotes_have_them():
    assert csv_bytes(pa.table({"a": ["x y", "x,y", 'x"y', "x\ny"]})) == b'a\nx y\n"x,y"\n"x""y"\n"x\ny"\n'


def test_small_numbers_are_written_without_an_exponent():
    cells = pa.array([0.0, -1.5e-9, 0.25, None])
    text = to_text(pa.table({"data": cells, "propensity": pa.array([0.0, 1e-6, 0.5, None])}))
    assert text.column("data").to_pylist() == ["0.000000000000", "-0.000000001500", "0.250000000000", None]
    assert text.column("propensity").to_pylist() == ["0.000000", "0.000001", "0.500000", None]
