"""What Spark's workers do with a partition: the same whatever its batches, without Spark being there."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

pytest.importorskip("pyspark", reason="pyspark is not installed (icp[test])")

from icp.accounts import RawTable
from icp.bundle import read
from icp.engines import prepare, score_table
from icp.engines._core import SCORE_COLUMNS
from icp.engines._spark_look import _of_all, _parts
from icp.engines._spark_worker import CORRUPT, FILE, NOTE, ROW, START, latest, look, number, sample, score
from icp.options import AccountOptions
from icp.tables import Column, Finding

FIELDS = {"id": "c0", "name": "c1"}
PLAN = {"fields": FIELDS, "id": "c0", "csv": True, "header": {"c0": "id", "c1": "name"}, "dated": False}


def batches(rows, size=2, start=0, corrupt=()):
    """A partition of a CSV as Spark gives it."""
    ids, names = zip(*rows, strict=True)
    cells = pa.record_batch(
        {
            "c0": pa.array(ids, pa.string()),
            "c1": pa.array(names, pa.string()),
            CORRUPT: pa.array([dict(corrupt).get(i) for i in range(len(rows))], pa.string()),
            FILE: pa.array(["file:///a.csv"] * len(rows)),
            START: pa.array([start] * len(rows), pa.int64()),
        }
    )
    return (cells.slice(i, size) for i in range(0, len(rows), size))


def seen(rows, plan=PLAN, **how):
    (only,) = look(batches(rows, **how), json.dumps(plan))
    return json.loads(only.column(NOTE)[0].as_py())


ROWS = [
    ("\ufeffid", "name"),
    ("a", "x"),
    (" ", "y"),
    ("7.0", "\ufffd"),
    (None, None),
    ("1E+05", "z"),
    (None, ""),
    ("", " "),
]


@pytest.mark.parametrize("size", [1, 2, 3, 8])
def test_a_partition_is_looked_at_whatever_its_batches(size):
    found = seen(ROWS, size=size, corrupt={3: "7.0,?,more"})
    assert {key: found[key] for key in ("file", "start", "part", "other_header")} == {
        "file": "file:///a.csv", "start": 0, "part": 0, "other_header": False,
    }  # fmt: skip
    assert found["n"] == 7
    assert (found["n_blank_end"], found["n_empty"], found["empty"]) == (2, 4, [1, 3, 5])
    assert found["id_marks"] == {"damaged": 2}
    assert (found["n_ragged"], found["ragged"], found["replaced"]) == (1, ["7.0,?,more"], True)


def test_a_piece_from_the_middle_of_a_file_has_no_header():
    found = seen(ROWS[1:3], start=900)
    assert (found["n"], found["start"], found["replaced"], found["n_blank_end"]) == (2, 900, False, 0)


@pytest.mark.parametrize(
    ("header", "corrupt"), [([("id", "Name")], ()), ([("id", None)], ()), ([("id", "name")], {0: "id,name,more"})]
)
def test_another_header_is_seen(header, corrupt):
    assert seen(header + ROWS[1:3], corrupt=corrupt)["other_header"]


def test_only_a_few_of_many_wrong_rows_are_told():
    found = seen([("id", "name")] + [("", "x")] * 20, corrupt={i: f"{i}" + "," * 50 for i in range(1, 21)})
    assert (found["n_empty"], found["empty"]) == (20, [0, 1, 2])
    assert (found["n_ragged"], [len(text) for text in found["ragged"]]) == (20, [40, 40, 40])


def test_typed_rows_have_no_header_and_no_text_to_look_at():
    found = seen([(None, None), ("a", "\ufffd")], {**PLAN, "csv": False, "header": None})
    assert (found["n"], found["replaced"], found["n_blank_end"], found["empty"]) == (2, False, 0, [0])


@pytest.mark.parametrize("size", [1, 2, 5])
def test_rows_are_numbered_from_the_partitions_first_to_its_last_that_is_kept(size):
    plan = json.dumps({**PLAN, "parts": {"0": [10, 5]}, "step": 4, "sampled": ["c1"]})
    parts = [batch for batch in number(batches(ROWS, size), plan) if len(batch)]
    rows = pa.Table.from_batches(parts).to_pydict()
    assert rows[ROW] == [10, 11, 12, 13, 14]
    assert rows["icp_id"] == ["a", "", "7.0", "", "1E+05"]
    assert rows["c1"] == ["x", "y", "\ufffd", "", "z"]
    taken = pa.Table.from_batches(sample(batches(ROWS, size), plan)).to_pydict()
    assert taken == {"c1": ["\ufffd"], ROW: [12]}


def test_rows_without_an_id_column_are_called_by_their_number():
    plan = json.dumps({**PLAN, "id": None, "parts": {"0": [10, 7]}})
    ids = [cell for batch in number(batches(ROWS, 3), plan) for cell in batch.column("icp_id").to_pylist()]
    assert ids == [str(i) for i in range(11, 18)]


@pytest.mark.parametrize(
    ("days", "expected"), [(["2024-05-02", "", "2024-05-03", "2023-01-01"], "2024-05-03"), ([""], None)]
)
def test_the_latest_date_of_a_partition(days, expected):
    column = Column("name", "observed_at", "date", "", date_format="%Y-%m-%d")
    plan = {**PLAN, "parts": {"0": [0, 9]}, "observed_at": ["c1", column.to_dict()], "missing_values": []}
    (found,) = latest(batches([("id", "name"), *(("a", day) for day in days)], 2), json.dumps(plan))
    (micros,) = found.column(ROW).to_pylist()
    assert micros == (None if expected is None else np.datetime64(expected, "us").astype(np.int64))


class Shared:
    """As ``SparkContext.broadcast`` gives it to a worker."""

    def __init__(self, value):
        self.value = value


@pytest.mark.parametrize("size", [1, 7, 200])
def test_scores_are_those_of_the_local_engine_and_notes_are_their_sum(leads, size):
    bundle, accounts = read(leads.bundle), leads.accounts.head(60)
    accounts.loc[3, "employees"] = "many"
    accounts.loc[44, "employees"] = "few"
    cells = pa.Table.from_pandas(accounts, preserve_index=False)
    raw = RawTable(cells, "accounts.csv", "csv", ",", "utf-8", None, ())
    rows, context, _ = prepare(raw, bundle, AccountOptions(account_id="account_id"))
    expected = score_table(rows.table(), context)
    fields = {name: f"c{i}" for i, name in enumerate(cells.column_names)}
    given = cells.rename_columns(list(fields.values())).append_column(START, pa.array([5] * 60))
    plan = {
        **PLAN, "fields": fields, "id": fields["account_id"], "csv": False, "header": None, "verify_all": False,
        "parts": {"0": [100, 60]}, "messages": None, "more": [],
        "content_hash": bundle.content_hash, "columns": [column.to_dict() for column in context.columns],
        "missing_values": list(context.missing_values), "as_of": int(context.as_of.astype(np.int64)),
    }  # fmt: skip
    parts = list(score(iter(given.to_batches(max_chunksize=size)), Shared(bundle.files()), json.dumps(plan)))
    scored = pa.Table.from_batches(parts).to_pandas()
    assert scored[NOTE].notna().tolist() == [False] * 60 + [True]
    assert scored.loc[60].drop(NOTE).isna().all()
    assert scored[ROW].head(60).tolist() == list(range(100, 160))
    pd.testing.assert_frame_equal(
        scored.head(60)[list(SCORE_COLUMNS)].set_index("account_id"),
        expected.frame(),
        check_exact=True,
        check_dtype=False,
    )
    notes = json.loads(scored[NOTE][60])
    assert (notes["part"], notes["n"], notes["n_unreadable"]["employees"]) == (0, 60, 2)
    assert notes["tally"] == expected.tally.tolist()
    assert 0 <= notes["additivity_error"] < 1e-9


def test_a_partition_without_rows_gives_its_note_alone(leads):
    bundle = read(leads.bundle)
    plan = {
        **PLAN, "parts": {}, "content_hash": bundle.content_hash, "columns": [], "missing_values": [], "as_of": None,
        "verify_all": False, "messages": None, "more": [],
    }  # fmt: skip
    (only,) = score(batches([("id", "name")]), Shared(bundle.files()), json.dumps(plan))
    assert json.loads(only.column(NOTE)[0].as_py()) == {
        "part": 0, "n": 0, "n_unreadable": {}, "additivity_error": 0.0, "n_without_data": 0, "tally": None, "n_far": 0,
        "n_extrapolated": 0, "n_late": {},
    }  # fmt: skip


def part(number, file, start, n, blank=0):
    return {"part": number, "file": file, "start": start, "n": n, "n_blank_end": blank}


def test_partitions_lie_in_the_order_of_files_and_of_places_in_them():
    looked = [part(0, "b", 0, 5), part(1, "a", 64, 2), part(2, "a", 0, 3), part(3, "", 0, 0)]
    assert _parts(looked, blank_ends=False) == ({3: (0, 0), 2: (0, 3), 1: (3, 2), 0: (5, 5)}, (3, 2, 1, 0))


def test_blank_rows_count_at_the_end_of_a_file_only():
    """The last piece of ``a`` is blank altogether, so those before it at the end of the piece before go as well."""
    looked = [part(0, "a", 0, 5, 1), part(1, "a", 64, 4, 2), part(2, "a", 128, 3, 3), part(3, "b", 0, 6, 2)]
    kept, _ = _parts(looked, blank_ends=True)
    assert kept == {0: (0, 5), 1: (5, 2), 2: (7, 0), 3: (7, 4)}
    assert _parts(looked, blank_ends=False)[0] == {0: (0, 5), 1: (5, 4), 2: (9, 3), 3: (12, 6)}


def test_a_finding_of_some_rows_is_told_of_all():
    finding = Finding("ICP111", "warning", "cells", n_rows=40)
    assert _of_all(finding, 3, 1000).n_rows == 120
    assert _of_all(finding, 3, 100).n_rows == 100
    assert _of_all(Finding("ICP111", "note", "none"), 3, 100).n_rows is None
