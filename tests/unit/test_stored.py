"""Tables put aside in a folder: the same rows, columns and types as in memory."""

from __future__ import annotations

import pyarrow as pa
import pytest

from icp._stored import Store, StoredTable, read_batches, strided

PARTS = [
    pa.record_batch({"id": pa.array(["a", "b", "c"]), "n": pa.array([1, 2, None])}),
    pa.record_batch({"id": pa.array([], pa.string()), "n": pa.array([], pa.null())}),
    pa.record_batch({"id": pa.array(["d"]), "n": pa.array([2.5])}),
    pa.record_batch({"id": pa.array(["e", "f"]), "n": pa.array([None, None])}),
]


@pytest.fixture(params=["memory", "disk"])
def kept(request, tmp_path):
    def keep(parts, **closing):
        store = Store(None if request.param == "memory" else tmp_path / "kept")
        for part in parts:
            store.add(part)
        return store.close(**closing)

    return keep


def whole(table, names=("id", "n"), rows=100):
    return pa.Table.from_batches(read_batches(table, list(names), rows))


def test_parts_of_different_types_are_one_table(kept):
    table = kept(PARTS)
    assert table.schema == pa.schema({"id": pa.string(), "n": pa.float64()})
    assert table.num_rows == len(table) == 6
    expected = {"id": list("abcdef"), "n": [1.0, 2.0, None, 2.5, None, None]}
    assert whole(table).to_pydict() == expected
    assert table.column("n").to_pylist() == expected["n"]


def test_parts_that_do_not_go_together_are_text(kept):
    words = pa.record_batch({"id": pa.array(["g"]), "n": pa.array(["x"])})
    assert whole(kept([*PARTS, words])).column("n").to_pylist() == ["1", "2", None, "2.5", None, None, "x"]


@pytest.mark.parametrize("rows", [1, 2, 4, 6, 7])
def test_batches_have_the_rows_asked_for_wherever_parts_end(kept, rows):
    table = kept(PARTS)
    sizes = [len(batch) for batch in read_batches(table, ["id"], rows)]
    assert sizes == [rows] * (6 // rows) + ([6 % rows] if 6 % rows else [])
    assert whole(table, ["n", "id"], rows).to_pydict() == whole(table, ["n", "id"]).to_pydict()
    assert list(whole(table, ["n", "id"], rows).column_names) == ["n", "id"]


def test_columns_and_rows_left_out_are_not_there(kept):
    table = kept(PARTS, names=["n"], num_rows=4)
    assert table.column_names == ["n"] and table.num_rows == 4
    assert whole(table, ["n"]).column("n").to_pylist() == [1.0, 2.0, None, 2.5]


@pytest.mark.parametrize("num_rows", [1, 2, 5])
def test_rows_left_out_may_begin_anywhere(kept, num_rows):
    assert whole(kept(PARTS, num_rows=num_rows)).column("id").to_pylist() == list("abcdef")[:num_rows]


def test_rows_can_be_counted_without_a_column(kept):
    assert sum(map(len, read_batches(kept(PARTS), [], 4))) == 6


@pytest.mark.parametrize("step", [1, 2, 5])
def test_every_so_manyth_cell_is_taken(kept, step):
    assert strided(kept(PARTS), ["id"], step)[0].to_pylist() == list("abcdef")[::step]


def test_a_table_without_rows_is_one_empty_batch(kept):
    (batch,) = read_batches(kept(PARTS[1:2]), ["id"])
    assert len(batch) == 0 and batch.schema.names == ["id"]


def test_what_is_on_disk_is_read_as_often_as_asked(tmp_path):
    store = Store(tmp_path)
    store.add(PARTS[0])
    table = store.close()
    assert isinstance(table, StoredTable)
    first, second = (pa.Table.from_batches(table.read(["n"])) for _ in range(2))
    assert first.equals(second) and len(first) == 3
