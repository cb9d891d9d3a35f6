from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest

from icp.accounts._dates import date_formats, parse_dates


def formats(*cells: str, prefer=()):
    return date_formats(pa.array(cells, pa.string()), np.ones(len(cells), dtype=np.int64), prefer)


def read(cell: str):
    return parse_dates(pa.array([cell], pa.string()), formats(cell).formats).tolist()[0]


@pytest.mark.parametrize(
    ("cell", "when"),
    [
        ("2024-03-12", datetime(2024, 3, 12)),
        ("2024-3-2", datetime(2024, 3, 2)),
        ("2024-03-12 14:05", datetime(2024, 3, 12, 14, 5)),
        ("2024-03-12T14:05:09.5Z", datetime(2024, 3, 12, 14, 5, 9, 500000)),
        ("2024-03-12T01:00:00+02:00", datetime(2024, 3, 11, 23)),
        ("12.03.2024", datetime(2024, 3, 12)),
        ("1.2.24", datetime(2024, 2, 1)),
        ("2024/03/12", datetime(2024, 3, 12)),
        ("25/03/2024", datetime(2024, 3, 25)),
        ("03/25/2024 1:30 PM", datetime(2024, 3, 25, 13, 30)),
        ("03/25/2024 12:30 AM", datetime(2024, 3, 25, 0, 30)),
        ("12-03-2024", datetime(2024, 3, 12)),
        ("12 Mar 2024", datetime(2024, 3, 12)),
        ("12-Mar-24", datetime(2024, 3, 12)),
        ("March 12, 2024", datetime(2024, 3, 12)),
        ("20240312", datetime(2024, 3, 12)),
    ],
)
def test_a_date_is_read_however_it_is_written(cell, when):
    assert read(cell) == when


@pytest.mark.parametrize("cell", ["2024-13-40", "31.02.2024", "1710201600", "soon", "12.5", "2024", "", "20241340"])
def test_what_is_not_a_date_is_never_guessed(cell):
    assert formats(cell).formats == ()


def test_one_impossible_month_settles_the_order_for_the_whole_column():
    assert formats("03/04/2024", "03/25/2024").formats == ("%m/%d/%Y",)
    assert formats("03/04/2024", "25/03/2024").formats == ("%d/%m/%Y",)
    assert not formats("03/04/2024", "25/03/2024").ambiguous


def test_an_open_order_is_said_and_day_comes_first():
    found = formats("03/04/2024", "01/02/2024")
    assert found.ambiguous
    assert found.formats == ("%d/%m/%Y",)


def test_an_open_order_follows_the_stored_format():
    found = formats("03/04/2024", prefer=("%m/%d/%Y",))
    assert not found.ambiguous
    assert found.formats == ("%m/%d/%Y",)


def test_both_orders_in_one_column_are_said():
    found = formats("13/04/2024", "14/04/2024", "04/15/2024")
    assert found.mixed
    assert found.formats[0] == "%d/%m/%Y"
    assert parse_dates(pa.array(["04/15/2024"]), found.formats).tolist() == [datetime(2024, 4, 15)]


def test_several_ways_of_writing_in_one_column_are_all_read():
    cells = ["2024-01-05", "12 Mar 2024", "5.6.2024"]
    assert not np.isnat(parse_dates(pa.array(cells), formats(*cells).formats)).any()
