"""Cells: every way in which importers were seen to corrupt or refuse one is made safe or refused before a file exists.

The cases are those seen when real importers were loaded: a decimal comma stored as 125, a text cut at 255, a formula
carried on, an empty number turned into zero.
"""

from __future__ import annotations

import csv
import io
import math
import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_lists import make, read, scores

from icp.delivery import target, target_names
from icp.delivery._cells import cell_problems
from icp.errors import DeliveryError

LOADABLE = [name for name in target_names() if not target(name).view_only]
FIELDS = {field.name: field for field in target("generic").fields}
FORMULA = tuple("=+-@'\t\r\n＝＋－＠＇")


def refused(table, name="generic", **options):
    with pytest.raises(DeliveryError) as caught:
        make(table, name, **options)
    return [(problem.code, problem.column, problem.examples) for problem in caught.value.problems]


def wrong(field, cell):
    return [p.message for p in cell_problems(FIELDS[field], pa.array(["A-1"]), pa.array([cell], pa.string()), 10**6)]


def noted(texts, name="generic", **options):
    """A list with a column of the accounts."""
    table = scores([f"A-{i:04d}" for i in range(len(texts))])
    return make(table.append_column("account:note", pa.array(texts, pa.string())), name, more=["note"], **options)


NUMBERS = {
    "a decimal comma": "12,5",
    "three decimals": "12.555",
    "a number too long": "123456",
    "six figures": "123456.00",
    "not a number": "nan",
    "infinite": "inf",
    "minus infinite": "-inf",
    "a word for empty": "#N/A",
    "an apostrophe": "'-3.25",
    "an exponent": "1e3",
    "a thousands mark": "1,000.00",
    "blanks around": " 5.00",
    "a plus": "+5.00",
    "a sign of per cent": "5.00%",
    "no text": "",
    "over 100": "100.01",
    "under 0": "-0.01",
}


@pytest.mark.parametrize("case", NUMBERS)
def test_a_number_that_importers_read_otherwise_is_refused(case):
    assert wrong("score", NUMBERS[case])


def test_a_negative_change_is_a_number_and_has_no_apostrophe():
    assert wrong("score_change", "-3.25") == []
    assert wrong("score_change", "-100.01")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 123456.0, -1.0, 100.006])
def test_a_score_that_cannot_be_is_refused_with_its_account(value):
    found = refused(scores(["A-1", "A-2"], percentile=[5.0, value]))
    assert [(code, column) for code, column, _ in found] == [("ICP604", "score")] * len(found)
    assert found[0][2][0].startswith("A-2: ")


def test_three_decimals_become_two_and_small_numbers_no_exponent():
    table = scores(
        ["A-1", "A-2"], percentile=[12.346, 0.0], propensity=[1e-9, 0.5], expected_value=[-3.25, 1234567.891]
    )
    rows = read(make(table, more=["propensity", "expected_value"]))
    assert [row["score"] for row in rows] == ["12.35", "0.00"]
    assert [row["propensity"] for row in rows] == ["0.000000", "0.500000"]
    assert [row["expected_value"] for row in rows] == ["-3.25", "1234567.89"]


OTHERS = {
    "a grade there is not": ("tier", "E"),
    "a grade in small letters": ("tier", "a"),
    "a status there is not": ("status", "won"),
    "a boolean": ("confidence", "true"),
    "a date by day": ("score_date", "23/11/2026"),
    "an American date": ("score_date", "11/23/2026"),
    "a date with points": ("score_date", "23.11.2026"),
    "a date with a time": ("score_date", "2026-11-23T09:15:00Z"),
    "a date that is none": ("score_date", "2026-13-01"),
    "a date as a number": ("score_date", "46000"),
    "an empty tier": ("tier", None),
    "an empty status": ("status", None),
    "an empty run": ("run_id", None),
}


@pytest.mark.parametrize("case", OTHERS)
def test_a_value_that_importers_refuse_or_mistake_is_refused(case):
    assert wrong(*OTHERS[case])


def test_no_field_is_a_boolean_a_time_or_a_percentage():
    kinds = {field.kind for name in target_names() for field in target(name).fields}
    assert kinds == {"key", "text", "picklist", "number", "date"}


TEXTS = {
    "a formula": "=1+1",
    "a link that runs": '=HYPERLINK("http://example.com")',
    "a macro": "@SUM(A1)",
    "a telephone number": "+49 30 123",
    "a leading minus": "-3.25",
    "a leading apostrophe": "'text",
    "a full-width formula": "＝1+1",
    "a full-width apostrophe": "＇text",
    "a quote": 'a "b"',
    "a pipe": "a | b",
    "mark-up": "seats<fifty and more",
    "a greater sign": "a > b",
    "a line break": "a\nb",
    "a carriage return": "a\rb",
    "a tab before": "\ta",
    "blanks before": "  a",
    "a no-break space after": "a\u00a0",
    "NUL": "a\0b",
    "a line separator": "a\u2028b",
    "an invisible character": "a\u200bb",
    "a change of direction": "a\u202eb",
    "a byte-order mark": "\ufeffa",
    "a private character": "a\ue000",
    "an emoji": "well done \U0001f600",
    "an emoji of the first plane": "sun \u2600",
    "a backslash at the end": "a\\",
    "300 characters": "x" * 300,
    "255 letters of two bytes": "ä" * 255,
    "accents apart": "cafe\u0301",
    "a word for empty": "#N/A",
}


@pytest.mark.parametrize("case", TEXTS)
@pytest.mark.parametrize("name", ["generic", "salesforce"])
def test_a_text_that_importers_change_is_refused_before_a_file_exists(case, name):
    found = refused(scores(["A-1", "A-2"], reason_1=["fine", TEXTS[case]]), name)
    assert {(code, column) for code, column, _ in found} == {("ICP604", "reason_1")}
    assert all(examples[0].startswith("A-2: ") for *_, examples in found)


@pytest.mark.parametrize("case", TEXTS)
@pytest.mark.parametrize("name", ["hubspot", "suitecrm"])
def test_the_same_text_from_the_accounts_is_made_safe_by_wording(case, name):
    delivery = noted(["fine", TEXTS[case]], name)
    header = next(field["header"] for field in delivery.manifest["fields"] if field["name"] == "note")
    cell = read(delivery)[1][header]
    assert not cell.startswith(FORMULA)
    assert len(cell.encode()) <= 255
    assert delivery.manifest["reworded"] == {"note": 1}
    assert delivery.problems == []


def test_wording_keeps_what_a_sign_means():
    texts = ["+49 30 123", "-3.25", "− 7 %", "R&D", "<50 seats", "#n/a", "", None, "x " * 200]
    rows = read(noted(texts))
    assert [row["note"] for row in rows[:5]] == [
        "plus 49 30 123",
        "minus 3.25",
        "minus 7 %",
        "R and D",
        "under 50 seats",
    ]
    assert [row["note"] for row in rows[5:8]] == ["", "", ""]
    assert rows[8]["note"].endswith("x...")


def test_all_problems_are_told_at_once_and_nothing_is_left(tmp_path):
    reasons = ["=x", "a|b", None, "fine"]
    with pytest.raises(DeliveryError) as caught:
        make(scores(["A-1", "A-2", "A-3", "A-4"], reason_1=reasons, percentile=[1.0, math.inf, 3.0, 4.0]))
    assert [problem.column for problem in caught.value.problems] == ["score", "reason_1", "reason_1"]
    assert "A-1: '=x'" in str(caught.value)
    assert "A-2: 'a|b'" in str(caught.value)


@pytest.mark.parametrize("name", LOADABLE)
def test_a_file_for_a_crm_is_plain_utf8_without_blank_lines(name):
    delivery = noted(["Größe", "plain, with a comma", None, "東京"], name, known=["A-0000", "A-0001", "A-0003", "B-1"])
    for file, content in delivery.files.items():
        if file.startswith("scores."):
            text = content.decode("utf-8")
            assert not content.startswith(b"\xef\xbb\xbf")
            assert "\r" not in text and "\n\n" not in text and text.endswith("\n")
            assert ', "' not in text.replace('","', "")
            header, *rows = csv.reader(io.StringIO(text))
            assert len(set(map(str.casefold, header))) == len(header)
            assert all(len(row) == len(header) for row in rows)


def test_line_ends_of_windows_are_written_on_request_and_said():
    delivery = noted(["a", "b"], line_ending="CRLF")
    content = delivery.files["scores.generic.0001-of-0001.csv"]
    assert content.count(b"\r\n") == content.count(b"\n") == 3
    assert delivery.manifest["line_ending"] == "CRLF"
    assert delivery.problems == []


UNSCORED = {"status": ["scored", "too_little_data"], "confidence": ["high", "low"]}


def test_salesforce_clears_every_empty_cell_with_its_token():
    rows = read(make(scores(["A-1", "A-2"], **UNSCORED), "salesforce"))
    assert all(cell for row in rows for cell in row.values())
    assert (rows[1]["ICP_Score__c"], rows[1]["ICP_Tier__c"]) == ("#N/A", "not_scored")


@pytest.mark.parametrize("name", [name for name in LOADABLE if name != "salesforce"])
def test_the_token_of_salesforce_stands_in_no_other_file(name):
    delivery = noted(["#N/A", '"#N/A"'], name)
    assert not any(b"#N/A" in content for file, content in delivery.files.items() if file.startswith("scores."))


@pytest.mark.parametrize("name", ["generic", "odoo", "tryton"])
def test_where_an_empty_cell_clears_it_is_empty(name):
    rows = read(make(scores(["A-1", "A-2"], **UNSCORED), name))
    header = target(name).headers
    assert rows[1][header[2]] == rows[1][header[7]] == ""


@pytest.mark.parametrize("name", ["hubspot", "dynamics", "zoho", "pipedrive"])
def test_where_an_empty_cell_keeps_the_old_value_texts_say_none_and_the_rest_is_reported(name):
    delivery = make(scores(["A-1", "A-2"], **UNSCORED), name)
    rows, heads = read(delivery), dict(zip(FIELDS, target(name).headers, strict=True))
    assert (rows[1][heads["score"]], rows[1][heads["tier"]]) == ("", "not_scored")
    assert rows[0][heads["reason_2"]] == "none"
    assert delivery.manifest["not_cleared"] == {"score": 1, "score_change": 2, "tier_previous": 2}
    assert "score 1" in delivery.files["LOADING.md"].decode()
    assert delivery.rows[0]["reason_2"] is None


def test_suitecrm_gets_no_empty_number_but_files_without_the_column():
    delivery = make(scores(["A-1", "A-2", "A-3"], status=["scored", "too_little_data", "scored"]), "suitecrm")
    seen = {}
    for entry in delivery.manifest["files"]:
        rows = list(csv.DictReader(io.StringIO(delivery.files[entry["name"]].decode())))
        seen |= {row["id"]: row for row in rows}
        assert all(row[name] for row in rows for name in row if "score" in name)
    assert [("icp_score_c" in seen[key], seen[key]["icp_tier_c"]) for key in ("A-1", "A-2", "A-3")] == [
        (True, "A"), (False, "not_scored"), (True, "A"),
    ]  # fmt: skip
    assert all("icp_score_change_c" not in row for row in seen.values())
    assert delivery.manifest["rows"] == len(delivery.rows) == 3
    names = [entry["name"] for entry in delivery.manifest["files"]]
    assert names == ["scores.suitecrm.0001-of-0001.csv", "scores.suitecrm.unscored.0001-of-0001.csv"]


def test_suitecrms_files_are_told_apart_by_the_numbers_they_lack():
    table = scores(
        ["A-1", "A-2", "A-3"], expected_value=[1.0, None, None], status=["scored", "scored", "too_little_data"]
    )
    delivery = make(table, "suitecrm", more=["expected_value"])
    names = [entry["name"] for entry in delivery.manifest["files"]]
    assert [name.removeprefix("scores.suitecrm.").split(".0001")[0] for name in names] == [
        "no-score_change", "no-score_change.no-expected_value", "unscored",
    ]  # fmt: skip


@given(st.lists(st.text(max_size=300), min_size=1, max_size=12))
def test_any_text_of_the_accounts_becomes_a_safe_cell_that_comes_back(texts):
    for name in ("generic", "salesforce"):
        delivery = noted(texts, name)
        header = next(field["header"] for field in delivery.manifest["fields"] if field["name"] == "note")
        for row, again in zip(read(delivery), delivery.rows, strict=True):
            cell = row[header]
            assert cell == (again["note"] if again["note"] is not None else delivery.manifest["null"])
            assert not any(value.startswith(FORMULA) for value in row.values())
            assert unicodedata.is_normalized("NFC", cell)
            assert len(cell.encode()) <= 255


@given(st.lists(st.text(max_size=40) | st.sampled_from([*TEXTS.values(), "plain", "Größe"]), min_size=1, max_size=6))
def test_a_worded_text_comes_back_as_it_was_or_is_refused(texts):
    table = scores([f"A-{i}" for i in range(len(texts))], reason_1=texts)
    try:
        delivery = make(table, "salesforce")
    except DeliveryError:
        return
    assert [row["reason_1"] for row in delivery.rows] == [text or None for text in texts]
    assert [row["ICP_Reason_1__c"] for row in read(delivery)] == [text or "#N/A" for text in texts]


@given(st.floats(allow_nan=True, allow_infinity=True), st.floats(-1e12, 1e12))
def test_a_number_comes_back_to_two_decimals_or_is_refused(score, value):
    table = scores(["A-1"], percentile=[score], expected_value=[value])
    try:
        row = make(table, more=["expected_value"]).rows[0]
    except DeliveryError:
        assert not 0 <= round(score, 2) <= 100 or abs(value) > 999_999_999_998
        return
    assert abs(float(row["score"]) - score) <= 0.005001
    assert abs(float(row["expected_value"]) - value) <= 0.005 + 1e-4 * (abs(value) > 1e9)


@given(st.permutations(range(9)), st.integers(1, 9))
def test_the_same_rows_in_any_order_and_parts_give_the_same_bytes(order, part_rows):
    table = scores([f"A-{i}" for i in range(9)], reason_1=["a, b", "Größe", None] * 3)
    first = make(table, "hubspot", max_rows=4)
    again = make(table.take(pa.array(order)), "hubspot", part_rows=part_rows, max_rows=4)
    assert again.files == first.files
