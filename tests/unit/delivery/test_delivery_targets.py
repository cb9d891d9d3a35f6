"""Presets: everything that is written for a target comes from one object and agrees with the list."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from xml.etree import ElementTree

import pyarrow as pa
import pytest
from made_lists import make, read, scores, write

from icp.delivery import check_load, read_list, shaped, target, target_names
from icp.errors import ConfigError, DeliveryError
from icp.options import DeliveryOptions

LOADABLE = [name for name in target_names() if not target(name).view_only]
NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
ELEMENTS = {
    "fullName", "label", "inlineHelpText", "type", "length", "precision", "scale", "required", "externalId", "unique",
    "caseSensitive", "valueSet", "restricted", "valueSetDefinition", "sorted", "value", "default",
}  # fmt: skip


def custom(**options):
    table = scores(["A-1", "A-2"]).append_column("account:Größe (Mitarbeiter)", pa.array(["12", None]))
    return make(table, "salesforce", more=["Größe (Mitarbeiter)", "expected_value"], **options)


@pytest.mark.parametrize("name", LOADABLE)
def test_side_files_name_the_columns_of_the_list_and_the_field_for_reps(name):
    delivery = make(scores(["A-1"]), name)
    rules, told = target(name), json.loads(delivery.files["fields.json"])
    assert [field["header"] for field in told] == [*rules.headers, rules.message_used.header]
    assert [field["loaded"] for field in told] == [True] * len(rules.headers) + [False]
    assert told[-1]["options"] == ["yes", "no", "other"]
    assert rules.message_used.header not in read(delivery)[0]
    assert f"`{rules.message_used.header}`" in delivery.files["LOADING.md"].decode()
    schema = json.loads(delivery.files["schema-1.json"])
    assert [field["name"] for field in schema["fields"]] == list(read(delivery)[0])
    assert set(rules.headers) >= set(read(delivery)[0])
    assert delivery.problems == []


@pytest.mark.parametrize("name", LOADABLE)
def test_the_steps_carry_this_runs_numbers_and_leave_no_gap(name):
    text = make(scores(["A-1", "A-2"]), name).files["LOADING.md"].decode()
    assert "2 accounts" in text and "icp-0123456789ab" in text
    assert "{" not in text and "}" not in text
    by_record = {"hubspot": "12", "dynamics": "7927b2df-8bba-4d29-b9a2-b6e0beafc620", "odoo": "3", "tryton": "3"}
    if name in by_record:
        text = make(scores([by_record[name]]), name, key="record").files["LOADING.md"].decode()
        assert "{" not in text


@pytest.mark.parametrize(
    ("name", "key", "record", "own"),
    [
        ("hubspot", "icp_external_id", "Record ID", "12"),
        ("salesforce", "ICP_External_Id__c", "Id", "0013000000tcyIAAAY"),
    ],
)
def test_who_loads_is_told_to_fill_the_key_before_the_first_list_unless_it_is_the_crms_own(name, key, record, own):
    text = make(scores(["A-1"]), name).files["LOADING.md"].decode()
    assert f"Then fill `{key}`, or no row of the list is matched" in text
    assert f"import it matched on `{record}`" in text
    assert "Then fill" not in make(scores([own]), name, key="record").files["LOADING.md"].decode()


@pytest.mark.parametrize("name", target_names())
def test_every_limit_has_a_source_a_date_and_its_evidence(name):
    kinds = {"documented", "third party", "source read", "measured", "unconfirmed"}
    for limit in target(name).limits:
        assert limit.ours > 0 and limit.vendor and len(limit.source) > 10
        assert limit.evidence in kinds and len(limit.date) == 10
    assert max(field.length for field in target(name).fields if field.kind == "text") <= target(name).most("text")


def test_vendors_limits_are_kept_with_a_margin():
    assert target("dynamics").max_bytes < 8_000_000
    assert target("zoho").max_rows < 25_000 and target("zoho").max_bytes < 25_000_000
    assert target("pipedrive").max_rows < 50_000 and target("pipedrive").max_bytes < 50_000_000
    assert target("hubspot").max_bytes < 20_000_000 and target("hubspot").most("columns") < 1000
    assert target("salesforce").max_bytes < 100_000_000


def test_field_definitions_of_salesforce_are_those_of_the_list():
    delivery = custom()
    account = ElementTree.fromstring(delivery.files["deploy/objects/Account.object"])
    assert account.tag == f"{NAMESPACE}CustomObject"
    defined = {one.find(f"{NAMESPACE}fullName").text: one for one in account.findall(f"{NAMESPACE}fields")}
    assert list(defined) == sorted(defined) and len(defined) == len(account)
    for field in json.loads(delivery.files["fields.json"]):
        root = defined[field["header"]]
        found = {element.tag.removeprefix(NAMESPACE): element.text for element in root.iter() if element is not root}
        assert set(found) <= ELEMENTS
        assert root.find(f"{NAMESPACE}fullName").text == field["header"]
        kind = {"key": "Text", "text": "Text", "number": "Number", "date": "Date", "picklist": "Picklist"}[
            field["kind"]
        ]
        assert found["type"] == kind
        if field["kind"] == "number":
            assert (found["precision"], found["scale"]) == (
                str(field["digits"] + field["decimals"]), str(field["decimals"]),
            )  # fmt: skip
        if field["kind"] == "picklist":
            assert found["restricted"] == "true"
            values = [e.text for v in root.iter(f"{NAMESPACE}value") for e in v.findall(f"{NAMESPACE}fullName")]
            assert values == field["options"]
    package = ElementTree.fromstring(delivery.files["deploy/package.xml"])
    members = {element.text.removeprefix("Account.") for element in package.iter(f"{NAMESPACE}members")}
    assert members == {field["header"] for field in json.loads(delivery.files["fields.json"])}
    assert defined["ICP_Score__c"].find(f"{NAMESPACE}precision").text == "5"
    assert list(defined) == [element.text.removeprefix("Account.") for element in package.iter(f"{NAMESPACE}members")]


def test_the_mapping_has_the_columns_of_the_file_and_not_the_field_for_reps():
    delivery = custom()
    lines = delivery.files["mapping.sdl"].decode().splitlines()
    assert lines[0].startswith("#")
    assert [line.split("=")[0] for line in lines[1:]] == list(read(delivery)[0])
    assert "Message_Used" not in delivery.files["mapping.sdl"].decode()


def test_properties_of_hubspot_are_those_of_the_list():
    delivery = make(scores(["A-1"]), "hubspot")
    properties = {one["name"]: one for one in json.loads(delivery.files["properties.json"])["inputs"]}
    assert set(properties) == {*read(delivery)[0], "icp_message_used"}
    assert properties["icp_external_id"]["hasUniqueValue"] is True
    assert (properties["icp_score"]["type"], properties["icp_score"]["fieldType"]) == ("number", "number")
    assert [option["value"] for option in properties["icp_tier"]["options"]] == ["A", "B", "C", "D", "not_scored"]
    assert all(
        one["groupName"] == json.loads(delivery.files["property_group.json"])["name"] for one in properties.values()
    )


def test_the_import_request_of_hubspot_maps_every_column_of_every_file_and_creates_nothing():
    delivery = make(scores([str(8123456000 + i) for i in range(5)]), "hubspot", key="record", max_rows=2)
    request = json.loads(delivery.files["import_request.json"])
    assert request["importOperations"] == {"0-2": "UPDATE"}
    assert [file["fileName"] for file in request["files"]] == [file["name"] for file in delivery.manifest["files"]]
    mapped = request["files"][0]["fileImportPage"]["columnMappings"]
    assert [column["columnName"] for column in mapped] == list(read(delivery)[0])
    assert mapped[0]["columnType"] == "HUBSPOT_OBJECT_ID"
    assert "icp_external_id" not in {one["name"] for one in json.loads(delivery.files["properties.json"])["inputs"]}


def test_names_labels_reasons_and_further_columns_are_ones_own_everywhere():
    delivery = custom(
        columns=["score=Fit__c", "Größe (Mitarbeiter)=Size__c"], labels=["score=Fit, in short"], n_reasons=1
    )
    row = read(delivery)[1]
    assert (row["Fit__c"], row["Size__c"], row["ICP_Expected_Value__c"]) == ("97.50", "#N/A", "100.00")
    assert "ICP_Reason_1__c" in row and "ICP_Reason_2__c" not in row
    assert b"<label>Fit, in short</label>" in delivery.files["deploy/objects/Account.object"]
    assert "Fit__c=Fit__c" in delivery.files["mapping.sdl"].decode()
    assert delivery.rows[1]["score"] == "97.50"


def test_a_further_columns_name_becomes_one_that_the_target_takes():
    assert read(custom())[0]["ICP_Grosse_Mitarbeiter__c"] == "12"


WRONG = {
    "a name there is not": {"columns": ["scroe=Fit__c"]},
    "no name": {"columns": ["Fit__c"]},
    "an empty name": {"columns": ["score="]},
    "a name twice": {"columns": ["score=icp_tier__C", "tier=ICP_Tier__c"]},
    "a quote in a name": {"columns": ['score=Fit "A"']},
    "a line break in a name": {"columns": ["score=Fit\nA"]},
    "a formula as a name": {"columns": ["score=@Fit"]},
    "a column there is": {"more": ["tier"]},
    "a name no letter is left of": {"more": ["東京"]},
}


@pytest.mark.parametrize("case", WRONG)
def test_columns_that_importers_refuse_are_refused(case):
    with pytest.raises(ConfigError, match="ICP606"):
        shaped(DeliveryOptions(target="salesforce", **WRONG[case]))


def test_all_wrong_columns_are_told_at_once_with_the_nearest_name():
    with pytest.raises(ConfigError) as caught:
        shaped(DeliveryOptions(target="hubspot", columns=["scroe=x", "tier"], labels=["profil=y"]))
    assert [problem.code for problem in caught.value.problems] == ["ICP606"] * 3
    assert "Did you mean 'score'" in str(caught.value)


def test_a_list_to_look_at_is_guarded_and_no_check_lets_it_be_loaded(tmp_path):
    table = scores(["000123", "1E5", "A-1"], percentile=[5.0, 6.0, 7.0])
    table = table.append_column("account:note", pa.array(["=1+1", "R&D <b>", "a\0b"]))
    written = write(table, tmp_path, "spreadsheet", more=["note"])
    (file,) = written.folder.glob("scores.*")
    assert file.name.endswith(".VIEW-ONLY.csv")
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    delivery = make(table, "spreadsheet", more=["note"])
    rows = read(delivery)
    assert [row["Account"] for row in rows] == ["'000123", "'1E5", "A-1"]
    assert [row["note"] for row in rows] == ["'=1+1", "R&D <b>", "a b"]
    assert [row["Score"] for row in rows] == ["5.00", "6.00", "7.00"]
    assert [problem.code for problem in check_load(written.folder)] == ["ICP608"]
    with pytest.raises(DeliveryError, match="ICP608"):
        list(read_list(written.folder))


SAVED = {
    "a byte-order mark": lambda content: b"\xef\xbb\xbf" + content,
    "semicolons": lambda content: content.replace(b",", b";"),
    "other line ends": lambda content: content.replace(b"\n", b"\r\n"),
    "another encoding": lambda content: content.decode("utf-8").encode("cp1252", "replace"),
    "a lost zero": lambda content: content.replace(b"97.50", b"97.5"),
    "a row less": lambda content: content.rsplit(b"\n", 2)[0] + b"\n",
}


@pytest.mark.parametrize("case", SAVED)
def test_a_file_that_was_saved_again_is_seen(case, tmp_path):
    folder = write(scores(["A-1", "A-2"], reason_1=["Größe", "b"]), tmp_path).folder
    assert check_load(folder) == []
    (file,) = folder.glob("scores.*")
    file.write_bytes(SAVED[case](file.read_bytes()))
    (problem,) = check_load(folder)
    assert problem.code == "ICP609"
    if case in ("a byte-order mark", "semicolons", "other line ends"):
        assert ": " in problem.message


def test_a_missing_file_a_foreign_one_and_no_list_are_seen(tmp_path):
    folder = write(scores(["A-1", "A-2"]), tmp_path, max_rows=1).folder
    first, _ = sorted(folder.glob("scores.*"))
    first.rename(folder / "scores.mine.csv")
    assert [problem.code for problem in check_load(folder)] == ["ICP609", "ICP609"]
    assert [problem.code for problem in check_load(tmp_path / "nowhere")] == ["ICP608"]


def test_what_is_written_is_read_again_under_canonical_names():
    names = [field.name for field in target("generic").fields]
    table = scores(["A-1", "A-2"], reason_1=["a, b", None])
    wanted = make(table, "generic").rows
    assert list(wanted[0]) == names
    for name in LOADABLE:
        assert make(table, name).rows == wanted


def test_a_target_is_frozen_and_shared():
    assert target("hubspot") is target("hubspot")
    assert replace(target("hubspot"), name="x").headers == target("hubspot").headers
    assert {field.name for field in fields(target("hubspot"))} >= {
        "fields",
        "message_used",
        "empty",
        "limits",
        "record",
    }
