"""Lists that come back: every fault that was put in is found by its name, and nothing else."""

from __future__ import annotations

import csv
import io
import json

import pyarrow as pa
import pyarrow.csv as pacsv
import pytest
from made_lists import make, scores, write

from icp.delivery import DIFFERENCES, read_list, reconcile, target, target_names, what_changed
from icp.errors import DeliveryError

N = 12
LONG = "Branch: tool makers. Such accounts became best customers 2.1 times as often as the average (41 of 690)."


@pytest.fixture(params=["salesforce", "generic", "suitecrm", "hubspot"])
def sent(request, tmp_path):
    """A written list, and what a faithful CRM would export of it."""
    table = scores([f"A-{i:04d}" for i in range(N)], reason_1=[LONG] * N, percentile=[50.25 + i for i in range(N)])
    table = table.set_column(
        table.column_names.index("reason_2"), "reason_2", pa.array(["Größe & Lage"] * (N - 1) + [None])
    )
    folder = tmp_path / request.param
    for name, content in make(table, request.param).files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    rows = pa.concat_tables(read_list(folder, as_sent=True)).to_pylist()
    return folder, [{"Name": f"Company {i}", **row} for i, row in enumerate(rows)]


def told(sent, rows, **more):
    folder, _ = sent
    table = (
        pa.Table.from_pylist([{key: row.get(key) for key in rows[0]} for row in rows])
        if rows
        else pa.table({"account_key": []})
    )
    return reconcile(folder, table, **more)


def test_a_faithful_crm_has_no_differences(sent):
    _, rows = sent
    found = told(sent, rows)
    assert found.differences.empty and (found.n_sent, found.n_found, found.n_equal) == (N, N, N)
    assert not found.lacking or sent[0].name == "suitecrm"


def test_other_ways_to_write_the_same_are_no_differences(sent):
    _, rows = sent
    for row in rows:
        row["score"] = str(float(row["score"]))
        row["score_date"] = "31/03/2026"
        row["valid_until"] = f"{row['valid_until']}T00:00:00.000Z"
        row["reason_2"] = row["reason_2"] and row["reason_2"].replace("&", "&amp;")
    assert any("&amp;" in (row["reason_2"] or "") for row in rows)
    assert told(sent, rows[::-1]).differences.empty


@pytest.mark.parametrize("name", [name for name in target_names() if not target(name).view_only])
def test_the_file_itself_read_back_is_what_was_sent_for_every_target(tmp_path, name):
    ids, none = [f"A-{i:04d}" for i in range(6)], [None] * 3
    told = {"status": ["scored", "scored", "too_little_data"] * 2, "percentile": [91.25, 45.5, None] * 2}
    table = scores(ids, tier=["A", "C", None] * 2, reason_2=[LONG, *none, "Größe & Lage", None], **told)
    folder = write(table, tmp_path, name, known=[*ids, "A-8", "A-9"]).folder
    rows = [
        row
        for file in sorted(folder.glob("scores.*.csv"))
        for row in csv.DictReader(file.read_text("utf-8").splitlines())
    ]
    heads = list(dict.fromkeys(head for row in rows for head in row))
    assert any("none" in row.values() for row in rows) == (target(name).empty.policy == "keep")
    back = pa.table({head: pa.array([row.get(head) for row in rows], pa.string()) for head in heads})
    found = reconcile(folder, back)
    assert found.differences.empty, found.differences.to_string()
    assert (found.n_sent, found.n_equal) == (8, 8)


def test_an_account_that_only_lost_its_score_may_keep_what_it_was_not_sent(tmp_path):
    folder = write(scores(["A-1"]), tmp_path, "hubspot", known=["A-1", "A-2"]).folder
    rows = pa.concat_tables(read_list(folder, as_sent=True)).to_pylist()
    assert rows[1]["status"] == "not_in_list"
    rows[1] |= {"reason_1": "Something older.", "score": "12.00"}
    assert told((folder, rows), rows).differences.empty
    rows[1] |= {"tier": "A"}
    assert told((folder, rows), rows).counts == {"changed": 1}


def test_nothing_where_a_word_was_sent_is_a_change_only_where_the_target_keeps_texts(sent):
    folder, rows = sent
    for row in rows:
        row["reason_3"] = ""
    keeps = json.loads((folder / "manifest.json").read_text())["empty"]["policy"] == "keep"
    assert told(sent, rows).counts == ({"changed": N} if keeps else {})


def test_a_decimal_comma_in_the_whole_column_is_the_same_number(sent):
    _, rows = sent
    for row in rows:
        row["score"] = row["score"].replace(".", ",")
    assert told(sent, rows).differences.empty
    rows[2]["score"] = rows[2]["score"].replace(",", ".")
    assert told(sent, rows).counts["changed"] == N - 1
    rows[2]["score"] = "1,25"
    assert told(sent, rows).counts == {"changed": 1}


def zero(rows):
    rows[3]["score"] = "0.00"


def from_nothing(rows):
    rows[3]["score_change"] = "0"


def cut(rows):
    rows[4]["reason_1"] = rows[4]["reason_1"][:60]


def change(rows):
    rows[5]["tier"] = "a"


def miss(rows):
    del rows[6]


def merge(rows):
    rows[7]["account_key"] = rows[7]["account_key"].lower()


def merge_two(rows):
    rows.append({**rows[7], "account_key": rows[7]["account_key"].lower()})


def add(rows):
    rows.append({**rows[0], "Name": "Somebody", "account_key": "B-1"})


def unname(rows):
    rows[8]["Name"] = ""


def unkey(rows):
    rows.append({**rows[0], "Name": "", "account_key": ""})


def stay(rows):
    rows[9] |= {"run_id": "older", "score": "1.00", "reason_1": "Something older."}


def double(rows):
    rows.append({**rows[2], "Name": "Copy"})


FAULTS = {
    zero: {"zeroed": 1}, from_nothing: {"zeroed": 1}, cut: {"cut": 1}, change: {"changed": 1}, miss: {"missing": 1},
    merge: {"case-merged": 1}, merge_two: {"case-merged": 2}, add: {"extra": 1}, unname: {"nameless": 1},
    unkey: {"nameless": 1}, stay: {"stale": 1}, double: {"doubled": 1},
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_each_fault_is_found_by_its_name(sent, fault):
    _, rows = sent
    if fault is from_nothing and "score_change" not in rows[0]:
        pytest.skip("the target has no such column")
    fault(rows)
    assert told(sent, rows).counts == FAULTS[fault]


def test_an_ampersand_kept_as_html_is_named_and_no_difference(sent):
    _, rows = sent
    assert told(sent, rows).escaped == ()
    rows[1]["reason_2"] = rows[1]["reason_2"].replace("&", "&amp;")
    found = told(sent, rows)
    assert found.differences.empty and found.escaped == ("reason_2",)
    rows[1]["reason_2"] = "R&amp;D"
    assert told(sent, rows).counts == {"changed": 1} and told(sent, rows).escaped == ()


@pytest.mark.parametrize("kept", ["older", "nothing"])
def test_a_load_that_stopped_midway_is_named_with_its_last_account(sent, kept):
    _, rows = sent
    keys = [row["account_key"] for row in rows]
    left = (
        rows[:7]
        if kept == "nothing"
        else [*rows[:7], *({**row, "run_id": "older", "score": "1.00"} for row in rows[7:])]
    )
    found = told(sent, left)
    assert found.counts == {"missing" if kept == "nothing" else "stale": N - 7} and found.stopped == keys[6]
    assert told(sent, rows[::2]).stopped == "" and told(sent, rows).stopped == "" and told(sent, rows[7:]).stopped == ""


def test_two_records_of_one_key_are_named_whichever_was_updated(sent):
    _, rows = sent
    twin = {**rows[2], "Name": "Twin", "run_id": "older", "score": "1.00"}
    for place in (2, 3, len(rows)):
        found = told(sent, [*rows[:place], twin, *rows[place:]])
        assert found.counts.get("doubled") == 1
        assert set(found.differences["account_key"]) == {rows[2]["account_key"]}


def test_all_faults_at_once_are_all_found(sent):
    _, rows = sent
    for fault in (zero, cut, change, merge, unname, stay, add, unkey, double):
        fault(rows)
    miss(rows)
    found = told(sent, rows)
    assert set(found.counts) == set(DIFFERENCES)
    assert found.differences["difference"].map(list(DIFFERENCES).index).is_monotonic_increasing


def test_records_of_the_crm_that_the_list_never_touched_are_not_looked_at(sent):
    _, rows = sent
    rows.append({"Name": "Other", "account_key": "Z-9"})
    rows.append({"Name": "", "account_key": ""})
    assert told(sent, rows).differences.empty


def test_the_columns_may_be_called_as_in_the_file_or_by_their_label(sent):
    folder, rows = sent
    fields = json.loads((folder / "manifest.json").read_text())["fields"]
    for key in ("header", "label"):
        names = {field["name"]: field[key] for field in fields}
        renamed = [{names.get(name, name): cell for name, cell in row.items()} for row in rows]
        assert told((folder, rows), renamed).differences.empty


def test_a_read_back_without_the_key_is_refused_with_a_hint(sent):
    _, rows = sent
    with pytest.raises(DeliveryError, match="ICP741"):
        told(sent, [{"Name": "x", "tier": "A"}])
    own = [{("Konto" if name == "account_key" else name): cell for name, cell in row.items()} for row in rows]
    assert told(sent, own, key_column="Konto").differences.empty


SAVED = {
    "mark": (lambda text: "\ufeff" + text, "byte-order mark"),
    "separator": (lambda text: again(text, delimiter=";"), "';'"),
    "line ends": (lambda text: text.replace("\n", "\r\n"), "CRLF"),
    "zeros": (lambda text: text.replace("50.25", "50.3").replace("60.25", "60"), "lost zeros"),
    "decimal comma": (lambda text: text.replace("51.25", '"51,25"'), "decimal comma"),
    "dates": (lambda text: text.replace("2026-03-31", "31.03.2026"), "dates written another way"),
    "keys": (lambda text: text.replace("A-0003", "1.2E+05"), "taken for numbers"),
    "a row": (lambda text: text[: text.rstrip().rfind("\n") + 1], "11 rows, and had 12"),
    "letters": (lambda text: text.replace("Größe", "GrÃ¶Ãe"), "broken letters"),
    "quotes": (lambda text: again(text, quoting=csv.QUOTE_ALL), "quoted anew"),
    "order": (
        lambda text: "".join([text.splitlines(True)[0], *text.splitlines(True)[:0:-1]]),
        "rows stand in another order",
    ),
    "end": (lambda text: text.rstrip("\n"), "last line end is gone"),
    "blank": (lambda text: text + "\n\n", "empty lines"),
    "picklist": (lambda text: text.replace(",A,", ",Alpha,"), "no value of the list"),
}


def again(text, **how):
    made = io.StringIO()
    csv.writer(made, lineterminator="\n", **how).writerows(csv.reader(io.StringIO(text)))
    return made.getvalue()


def backwards(lines):
    return "".join([lines[0], *lines[:0:-1]])


@pytest.mark.parametrize("kind", SAVED)
def test_what_a_spreadsheet_did_to_a_file_is_said(sent, kind):
    folder, _ = sent
    file = next(folder.glob("scores.*.csv"))
    manifest = json.loads((folder / "manifest.json").read_text())
    change, words = SAVED[kind]
    file.write_bytes(change(file.read_text("utf-8")).encode())
    said = "; ".join(what_changed(file, manifest))
    assert words in said and "other values" not in said


def test_letters_of_one_country_are_said(sent):
    folder, _ = sent
    file = next(folder.glob("scores.*.csv"))
    manifest = json.loads((folder / "manifest.json").read_text())
    file.write_bytes(file.read_text("utf-8").encode("cp1252"))
    assert "no longer UTF-8" in what_changed(file, manifest)[0]


def test_a_changed_value_of_the_right_kind_is_said_too(sent):
    folder, _ = sent
    file = next(folder.glob("scores.*.csv"))
    manifest = json.loads((folder / "manifest.json").read_text())
    assert pacsv.read_csv(file).num_rows == N
    file.write_bytes(file.read_text("utf-8").replace("50.25", "99.25").encode())
    assert what_changed(file, manifest) == ["cells have other values; all of them are still of their kind"]
