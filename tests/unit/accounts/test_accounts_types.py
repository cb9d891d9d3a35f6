"""Columns of odd Parquet types are read, with null for what no calendar has."""

from __future__ import annotations

import datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from icp.accounts import read_accounts, read_dated
from icp.accounts._cells import parse_column, text_cells
from icp.options import AccountOptions, DatedOptions
from icp.tables import Column

ODD = {
    "date32": pa.array([0, 2**30, None], pa.int32()).cast(pa.date32()),
    "date64": pa.array([0, 2**56, None], pa.date64()),
    "seconds": pa.array([0, 2**62, None], pa.timestamp("s")),
    "milliseconds": pa.array([0, -(2**62), None], pa.timestamp("ms")),
    "with a zone": pa.array([0, 2**62, None], pa.timestamp("us", "Europe/Berlin")),
}


@pytest.mark.parametrize("cells", ODD.values(), ids=ODD)
def test_dates_that_no_calendar_has_are_unknown(cells):
    days, _ = parse_column(cells, Column("at", "trait", "date", ""), ())
    assert days[0] == np.datetime64("1970-01-01") and np.isnat(days[1:]).all()
    if pa.types.is_date(cells.type):
        assert text_cells(cells).to_pylist() == ["1970-01-01 00:00:00.000000", None, None]


def test_the_first_and_the_last_day_stay():
    days = [datetime.date(1, 1, 1), datetime.date(9999, 12, 31)]
    texts = text_cells(pa.chunked_array([pa.array(days)])).to_pylist()
    assert texts == ["0001-01-01 00:00:00.000000", "9999-12-31 00:00:00.000000"]


def test_floats_of_16_bits_are_read_as_others():
    small = pa.array([1.0, 2.5, float("nan"), None], pa.float32()).cast(pa.float16())
    assert text_cells(small).to_pylist() == ["1", "2.5", None, None]
    numbers, _ = parse_column(small, Column("size", "trait", "numeric", ""), ())
    assert numbers[:2].tolist() == [1.0, 2.5] and np.isnan(numbers[2:]).all()


def test_tables_of_odd_types_are_read(tmp_path):
    n = 12
    small = pa.array([1.0] * n, pa.float32()).cast(pa.float16())
    late = pa.array([0, 2**30] * (n // 2), pa.int32()).cast(pa.date32())
    ids = pa.array([f"A{i}" for i in range(n)])
    pq.write_table(pa.table({"account_id": ids, "at": late, "kind": small}), tmp_path / "t.parquet")
    where = {"source": "parquet", "path": str(tmp_path / "t.parquet"), "account_id": "account_id"}
    assert len(read_accounts(AccountOptions(**where))) == n
    assert len(read_dated("events", DatedOptions(at="at", kind="kind", **where))) == n // 2
