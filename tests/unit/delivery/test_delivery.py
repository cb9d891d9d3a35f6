"""A list for a CRM: keys constrained, cells safe, chunks and manifest that agree, the same bytes every time."""

import hashlib
import json

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_lists import make, read, scores

from icp.delivery import plan_list, target, target_names
from icp.errors import DeliveryError
from icp.options import DeliveryOptions


@pytest.mark.parametrize("name", target_names())
def test_every_file_agrees_with_the_manifest(name):
    delivery = make(scores([f"A-{i:04d}" for i in range(25)]), name, max_rows=10)
    manifest = json.loads(delivery.files["manifest.json"])
    assert [f["rows"] for f in manifest["files"]] == [10, 10, 5]
    for entry in manifest["files"]:
        content = delivery.files[entry["name"]]
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]
        assert len(content) == entry["bytes"]
    assert manifest["counts"]["tier"] == {"A": 25}
    assert manifest["score"] == {"min": 97.5, "max": 97.5, "mean": 97.5}


def test_chunks_together_equal_one_file():
    table = scores([f"A-{i:04d}" for i in range(57)], reason_1=["Größe, \u201egroß\u201c"] * 57)
    whole = read(make(table))
    assert read(make(table, max_rows=7)) == whole
    assert read(make(table, max_bytes=2000)) == whole
    assert make(table, part_rows=100, max_bytes=2000).files == make(table, max_bytes=2000).files


@given(st.integers(600, 5000))
def test_no_chunk_is_larger_than_asked(max_bytes):
    table = scores([f"A-{i:04d}" for i in range(20)], reason_1=["ä, ö, ü " * 5 + "x"] * 20)
    delivery = make(table, max_bytes=max_bytes)
    sizes = {name: len(content) for name, content in delivery.files.items() if name.startswith("scores.")}
    rows = {entry["name"]: entry["rows"] for entry in delivery.manifest["files"]}
    assert all(size <= max_bytes or rows[name] == 1 for name, size in sizes.items())


def test_salesforce_clears_what_is_empty_and_generic_leaves_it_empty():
    table = scores(["A-1"], reason_1=[None])
    assert read(make(table, "salesforce"))[0]["ICP_Reason_1__c"] == "#N/A"
    assert read(make(table))[0]["reason_1"] == ""


def test_an_account_without_data_has_no_number():
    table = scores(["A-1"], status=["too_little_data"], confidence=["low"])
    row = read(make(table, "salesforce"))[0]
    assert (row["ICP_Score__c"], row["ICP_Tier__c"], row["ICP_Status__c"]) == ("#N/A", "not_scored", "too_little_data")


def test_dates_and_numbers_are_written_the_one_way_importers_agree_on():
    row = read(make(scores(["A-1"], percentile=[5.0]), valid_days=30))[0]
    assert (row["score"], row["score_date"], row["valid_until"]) == ("5.00", "2026-03-31", "2026-04-30")


def test_a_list_without_a_date_has_none():
    row = read(make(scores(["A-1"], as_of=[None])))[0]
    assert (row["score_date"], row["valid_until"]) == ("", "")


def test_rows_come_in_key_order_and_row_order_changes_no_byte():
    ids = ["A-3", "A-1", "A-2"]
    assert [row["account_key"] for row in read(make(scores(ids)))] == ["A-1", "A-2", "A-3"]
    assert make(scores(ids)).files == make(scores(ids[::-1])).files


@pytest.mark.parametrize("key", ["12", "1E5", "123.0", "=1+1", "-x", "A b", "", "x" * 81, "Ä-1", "A\n1", "@x"])
def test_a_key_an_importer_could_take_for_something_else_is_refused(key):
    with pytest.raises(DeliveryError, match="ICP602"):
        make(scores(["A-1", key]))


def test_numbers_get_a_declared_prefix_or_a_hint_to_declare_one():
    with pytest.raises(DeliveryError, match="key_prefix"):
        make(scores(["12", "13"]))
    keys = [row["account_key"] for row in read(make(scores(["12", "13"]), key_prefix="C-"))]
    assert keys == ["C-12", "C-13"]


def test_random_ids_are_allowed():
    key = "7927b2df-8bba-4d29-b9a2-b6e0beafc620"
    assert read(make(scores([key])))[0]["account_key"] == key


def test_keys_that_differ_by_capitals_only_are_refused():
    with pytest.raises(DeliveryError, match=r"ICP603.*overwrite"):
        make(scores(["A-1b", "A-1B", "A-2"]))


FORBIDDEN = [
    "=1+1",
    "+1",
    "-1",
    "@x",
    "'x",
    "a|b",
    'a"b',
    "a<b",
    "a\nb",
    "x" * 256,
    "ä" * 128,
    " a",
    "a\\",
    "\U0001f600",
]


@pytest.mark.parametrize("text", FORBIDDEN)
def test_a_cell_that_a_crm_would_change_is_refused_before_a_file_exists(text):
    with pytest.raises(DeliveryError, match="ICP604"):
        make(scores(["A-1"], reason_1=[text]))


def test_all_problems_of_keys_come_at_once():
    with pytest.raises(DeliveryError) as caught:
        make(scores(["1", "A-1", "a-1"]))
    found = [(problem.code, problem.n_rows, problem.examples) for problem in caught.value.problems]
    assert found == [("ICP602", 1, ("row 1: '1'",)), ("ICP603", 2, ("A-1", "a-1"))]


def test_all_problems_of_cells_come_at_once_whatever_part_they_stand_in():
    reasons = ["=x", "", "", "", "=y", "a|b"]
    with pytest.raises(DeliveryError) as caught:
        make(scores([f"A-{i}" for i in range(6)], reason_1=reasons, tier=["A", "E", "A", "A", "A", "A"]))
    found = [(problem.code, problem.column, problem.n_rows, problem.examples) for problem in caught.value.problems]
    assert found == [
        ("ICP604", "tier", 1, ("A-1: 'E'",)),
        ("ICP604", "reason_1", 2, ("A-0: '=x'", "A-4: '=y'")),
        ("ICP604", "reason_1", 1, ("A-5: 'a|b'",)),
    ]


def test_an_unknown_target_names_the_nearest():
    with pytest.raises(Exception, match="Did you mean 'salesforce'"):
        target("salesfource")


def test_salesforce_side_files_name_the_columns_of_the_list():
    delivery = make(scores(["A-1"]), "salesforce")
    headers = list(read(delivery)[0])
    mapped = [line.split("=")[0] for line in delivery.files["mapping.sdl"].decode().splitlines()[1:]]
    assert mapped == headers
    definitions = delivery.files["deploy/objects/Account.object"].decode()
    assert all(f"<fullName>{header}</fullName>" in definitions for header in headers)
    picklist = definitions.partition("<fullName>ICP_Tier__c</fullName>")[2].partition("</fields>")[0]
    assert "<restricted>true</restricted>" in picklist
    assert "not_scored" in picklist


def test_loading_steps_carry_this_runs_numbers():
    steps = make(scores(["A-1", "A-2"]), "salesforce").files["LOADING.md"].decode()
    assert "2 accounts" in steps
    assert "icp-0123456789ab" in steps
    assert "data as of 2026-03-31, run" in steps
    undated = make(scores(["A-1", "A-2"], as_of=[None, None]), "salesforce").files["LOADING.md"].decode()
    assert "data without a date, run" in undated


def test_keys_are_refused_before_any_scoring():
    def ids():
        return [pa.array(["12"]), pa.array(["13"])]

    with pytest.raises(DeliveryError, match="key_prefix"):
        plan_list(ids, DeliveryOptions(target="generic"))
    plan_list(ids, DeliveryOptions(target="generic", key_prefix="C-"))
