"""Parquet files and folders of them, read a little at a time: every cell as it is, whatever the row groups."""

from __future__ import annotations

import os

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from icp._stored import StoredTable, read_batches
from icp.accounts import read_accounts, read_raw
from icp.errors import TableError
from icp.options import AccountOptions

N = 5000
CELLS = pa.table(
    {
        "id": [f"A-{i}" for i in range(N)],
        "a.b": pa.array(range(N), pa.int32()),
        "a": pa.array([None if i % 3 else i / 8 for i in range(N)]),
        "level": pa.array([f"level {i % 7 + i // 2500 * 5}" for i in range(N)]).dictionary_encode(),
        "day": pa.array([i % 900 for i in range(N)], pa.date32()),
    }
)


def read(path, *, folder):
    return read_raw(AccountOptions(source="parquet", path=str(path)), "accounts", folder=folder).table


def whole(table, names=None, rows=999):
    return pa.Table.from_batches(read_batches(table, names or table.column_names, rows))


@pytest.fixture(params=["memory", "stored"])
def place(request, tmp_path):
    return tmp_path / "cells" if request.param == "stored" else None


@pytest.mark.parametrize("group", [N, 700])
def test_row_groups_change_no_cell(tmp_path, place, group):
    pq.write_table(CELLS, tmp_path / "a.parquet", row_group_size=group)
    table = read(tmp_path / "a.parquet", folder=place)
    assert isinstance(table, StoredTable) == (place is not None)
    assert whole(table).to_pydict() == CELLS.to_pydict()
    assert whole(table).schema.types == CELLS.schema.types
    assert whole(table, ["day", "a"]).to_pydict() == CELLS.select(["day", "a"]).to_pydict()


def test_a_row_group_is_never_held_whole(tmp_path):
    n = 1_000_000
    values = np.random.default_rng(1).normal(size=(5, n))
    pq.write_table(pa.table({f"x{j}": row for j, row in enumerate(values)}), tmp_path / "a.parquet", row_group_size=n)
    table = read(tmp_path / "a.parquet", folder=tmp_path / "cells")
    before, most, n_rows = pa.total_allocated_bytes(), 0, 0
    for batch in read_batches(table, table.column_names, 10_000):
        n_rows += len(batch)
        most = max(most, pa.total_allocated_bytes() - before)
    assert n_rows == n
    assert most < values.nbytes / 2


def test_files_of_a_folder_come_by_name_with_columns_of_one_type(tmp_path, place):
    """As pandas writes them: whole numbers where nothing is missing, a column without any value of no type at all."""
    first = pa.table({"id": ["a", "b"], "n": [1, 2], "code": [7, 8], "note": pa.nulls(2)})
    last = pa.table({"note": ["x"], "n": [2.5], "code": ["07"], "more": [1], "id": ["c"]})
    (tmp_path / "all").mkdir()
    pq.write_table(last, tmp_path / "all/2.parquet")
    pq.write_table(first, tmp_path / "all/1.parquet")
    pq.write_table(first.slice(0, 0), tmp_path / "all/3.parquet")
    pq.write_table(first.drop_columns(["code"]).slice(1), tmp_path / "all/4.parquet")
    assert whole(read(tmp_path / "all", folder=place)).to_pydict() == {
        "id": ["a", "b", "c", "b"],
        "n": [1.0, 2.0, 2.5, 2.0],
        "code": ["7", "8", "07", None],
        "note": [None, None, "x", None],
    }


def test_names_of_folders_are_columns(tmp_path, place):
    for year, ids in (("2025", ["a"]), ("2026", ["b", "c"])):
        (tmp_path / f"all/year={year}").mkdir(parents=True)
        pq.write_table(pa.table({"id": ids}), tmp_path / f"all/year={year}/part.parquet")
    table = read(tmp_path / "all", folder=place)
    assert whole(table).to_pydict() == {"id": ["a", "b", "c"], "year": [2025, 2026, 2026]}
    assert whole(table, ["year"]).to_pydict() == {"year": [2025, 2026, 2026]}


def test_a_damaged_page_is_told_when_it_is_read(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(CELLS, path, row_group_size=700)
    table = read(path, folder=tmp_path / "cells")
    data = bytearray(path.read_bytes())
    data[4 : len(data) // 2] = b"\xff" * (len(data) // 2 - 4)
    stamp = path.stat().st_mtime_ns
    path.write_bytes(data)
    os.utime(path, ns=(stamp, stamp))  # as a disk that goes bad: nobody wrote to it
    with pytest.raises(TableError, match=r"ICP100.*Check accounts\.path"):
        list(read_batches(table, ["id"]))
    path.unlink()
    with pytest.raises(TableError, match="ICP100"):
        list(read_batches(table, ["id"]))
    with pytest.raises(TableError, match="ICP100"):
        read(path, folder=tmp_path / "cells")


@pytest.mark.parametrize("damage", ["cells", "names"])
def test_texts_that_are_no_text_are_refused(tmp_path, damage):
    path = tmp_path / "a.parquet"
    pq.write_table(
        pa.table({"account_id": ["A-1", "A-2"], "industry": ["Machinery", "Retail"]}), path, compression=None
    )
    sought = b"Machinery" if damage == "cells" else b"industry"
    damaged = path.read_bytes().replace(sought, b"\xbf" + sought[1:])
    path.write_bytes(damaged)
    with pytest.raises(TableError, match="ICP100"):
        read_accounts(AccountOptions(source="parquet", path=str(path), account_id="account_id"))


@pytest.mark.parametrize("how", ["written anew", "removed"])
def test_a_file_that_changes_while_it_is_read_is_told_as_that(tmp_path, how):
    path = tmp_path / "part.parquet"
    pq.write_table(CELLS, path, row_group_size=700)
    stored = read(path, folder=tmp_path / "cells")
    path.unlink() if how == "removed" else path.write_bytes(path.read_bytes()[:4000])
    with pytest.raises(TableError, match=r"ICP100.*changed while it was read.*Start the run again"):
        whole(stored)
