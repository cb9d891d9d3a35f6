"""Keys: constrained, unique whatever their capitals, never repaired; record ids; what is in the CRM."""

from __future__ import annotations

import csv
import io

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_lists import make, read, scores

from icp.delivery import plan_list
from icp.delivery._salesforce_ids import full_ids
from icp.errors import DeliveryError
from icp.options import DeliveryOptions

# examples whose last three characters were worked out by hand from the rule, one bit for each of five characters
SHORT = {"70130000001tcyI": "AAQ", "00558000001N0Ke": "AAK", "a0D30000001n7Pi": "EAI", "0015000000Gf1AB": "AAZ"}


def suffix(short):
    """The rule once more, letter by letter."""
    blocks = [short[i : i + 5] for i in (0, 5, 10)]
    return "".join(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[sum(1 << k for k, c in enumerate(b) if c.isupper())] for b in blocks
    )


def refused(table, name="generic", **options):
    with pytest.raises(DeliveryError) as caught:
        make(table, name, **options)
    return {problem.code: problem for problem in caught.value.problems}


@pytest.mark.parametrize("short", SHORT)
def test_the_last_three_characters_say_which_letters_are_capitals(short):
    full, wrong = full_ids(pa.array([short]))
    assert full.to_pylist() == [short + SHORT[short]] == [short + suffix(short)]
    assert not wrong.any()


@given(st.text("ABCXYZabcxyz0123456789", min_size=15, max_size=15))
def test_lost_capitals_come_back_and_a_single_wrong_letter_is_seen(short):
    full = short + suffix(short)
    for damaged in (short, full, full.upper(), full.lower(), full.swapcase()[:15].swapcase() + full[15:].lower()):
        made, wrong = full_ids(pa.array([damaged]))
        if len(damaged) == 18 or not wrong[0]:
            assert made.to_pylist() == [full]
    letters = [i for i, c in enumerate(short) if c.isalpha()]
    if len({short[i].isupper() for i in letters}) == 2 and len(letters) > 3:
        changed = short[: letters[0]] + short[letters[0]].swapcase() + short[letters[0] + 1 :]
        if len({c.isupper() for c in changed if c.isalpha()}) == 2:
            assert full_ids(pa.array([changed + full[15:]]))[1].tolist() == [True]


@pytest.mark.parametrize("text", ["001", "00130000001tcy!", "0013000000 tcyIAAQ", "é0130000001tcyI", ""])
def test_what_cannot_be_a_salesforce_id_is_wrong(text):
    assert full_ids(pa.array([text]))[1].tolist() == [True]


def test_salesforce_ids_go_into_the_column_id_with_18_characters():
    delivery = make(scores(["0013000000tcyIA", "0015000000Gf1ABAAZ"]), "salesforce")
    assert [row["Id"] for row in read(delivery)] == ["0013000000tcyIAAAY", "0015000000Gf1ABAAZ"]
    assert delivery.files["mapping.sdl"].decode().splitlines()[1] == "Id=Id"
    assert b"<fullName>Id</fullName>" not in delivery.files["deploy/objects/Account.object"]
    assert "operation *update*" in delivery.files["LOADING.md"].decode()
    renamed = list(csv.reader(io.StringIO(delivery.files["ids/keys.csv"].decode())))
    assert renamed[1:] == [["0013000000tcyIA", "0013000000tcyIAAAY"]]


def test_the_same_record_in_two_spellings_is_refused():
    table = scores(["0015000000Gf1ABAAZ", "0015000000GF1ABAAZ".upper()])
    assert "ICP603" in refused(table, "salesforce")
    assert "ICP603" in refused(scores(["0015000000Gf1AB", "0015000000Gf1ABAAZ"]), "salesforce")


def test_short_ids_that_differ_by_capitals_only_are_refused_and_long_ones_are_not():
    short = ["0015000000Gf1AB", "0015000000Gf1Ab"]
    assert "capitals only" in refused(scores(short), "salesforce")["ICP607"].message
    full = full_ids(pa.array(short))[0].to_pylist()
    mixed = refused(scores([short[0], full[1]]), "salesforce")["ICP607"]
    assert "capitals only" in mixed.message and (mixed.n_rows, mixed.column) == (2, "account_id")
    assert "18 characters" in mixed.action
    assert [row["Id"] for row in read(make(scores(full), "salesforce"))] == sorted(full)


def test_a_damaged_id_and_ids_of_two_objects_are_refused():
    damaged = refused(scores(["0015000000Gf1ABAAA"]), "salesforce")["ICP607"]
    assert damaged.examples == ("row 1: '0015000000Gf1ABAAA'",)
    assert "several objects" in refused(scores(["0015000000Gf1AB", "00Q5000000Gf1AB"]), "salesforce")["ICP607"].message


def test_ids_of_ones_own_are_not_taken_for_salesforces():
    row = read(make(scores(["A00000000000001"]), "salesforce"))[0]
    assert row["ICP_External_Id__c"] == "A00000000000001"
    assert "ICP607" in refused(scores(["A-1"]), "salesforce", key="record")


def test_long_numbers_are_not_taken_for_salesforces_ids():
    assert "ICP602" in refused(scores(["001234567890123", "001234567890124"]), "salesforce")
    assert "ICP602" in refused(scores(["7013000000tcyIA"]), "salesforce")
    assert read(make(scores(["7013000000tcyIA"]), "salesforce", key="record"))[0]["Id"] == "7013000000tcyIAAAY"


RECORDS = {
    "hubspot": ("Record ID", "8123456789", "A-1"),
    "dynamics": ("accountid", "7927b2df-8bba-4d29-b9a2-b6e0beafc620", "12"),
    "zoho": ("Record Id", "zcrm_410405000000123456", "x1"),
    "pipedrive": ("Pipedrive System ID - Organization", "17", "017"),
    "odoo": (".id", "17", "1.0"),
    "tryton": ("id", "17", "0"),
}


@pytest.mark.parametrize("name", RECORDS)
def test_record_ids_go_into_the_targets_own_column(name):
    header, good, bad = RECORDS[name]
    delivery = make(scores([good]), name, key="record")
    assert read(delivery)[0][header] == good
    assert delivery.manifest["key"] == "record"
    assert "ICP607" in refused(scores([bad]), name, key="record")


def test_a_target_without_record_ids_says_so():
    with pytest.raises(DeliveryError, match="ICP607"):
        make(scores(["A-1"]), "generic", key="record")


@pytest.mark.parametrize("name", ["tryton", "suitecrm", "salesforce", "hubspot", "generic"])
def test_digits_are_refused_and_the_message_names_both_ways_out(name):
    problem = refused(scores(["12", "A-1", "000123"]), name)["ICP602"]
    assert problem.examples == ("row 1: '12'", "row 3: '000123'")
    assert "key_prefix" in problem.action
    assert ("key=record" in problem.action) == (name in (*RECORDS, "salesforce"))


@pytest.mark.parametrize("key", ["123.0", "1E5", "1.23e+12", "12,5", "1e05"])
def test_a_prefix_does_not_hide_an_id_that_a_spreadsheet_rewrote(key):
    assert "rewritten" in refused(scores([key]), key_prefix="C-")["ICP602"].message


def test_the_prefix_and_the_id_are_remembered_beside_the_list():
    delivery = make(scores(["000123", "7"]), key_prefix="C-")
    assert [row["account_key"] for row in read(delivery)] == ["C-000123", "C-7"]
    assert delivery.files["ids/keys.csv"].decode() == "account_id,account_key\n000123,C-000123\n7,C-7\n"


def test_a_key_has_36_characters_at_most_prefix_included():
    make(scores(["K" * 36]))
    assert "ICP602" in refused(scores(["K" * 37]))
    assert "ICP602" in refused(scores(["K" * 35]), key_prefix="C-")


def test_odoo_takes_one_dot_in_a_key():
    assert read(make(scores(["crm.A1"]), "odoo"))[0]["id"] == "crm.A1"
    assert "ICP602" in refused(scores(["crm.a.1"]), "odoo")


@given(st.text(min_size=0, max_size=40))
def test_a_key_comes_back_as_it_was_or_is_refused(key):
    for name in ("generic", "salesforce", "suitecrm"):
        try:
            delivery = make(scores([key]), name)
        except DeliveryError:
            continue
        assert key[0].isascii() and key[0].isalpha()
        assert delivery.rows[0]["account_key"] == key
        assert next(iter(read(delivery)[0].values())) == key


def test_rows_that_are_not_in_the_crm_go_to_a_file_of_their_own():
    delivery = make(scores(["A-1", "A-2", "A-3", "A-4"]), known=["A-1", "a-2", "A-3", "A-3", "A-9", ""])
    assert [row["account_key"] for row in read(delivery, "scores.generic.0001")] == ["A-1"]
    left = list(csv.DictReader(io.StringIO(delivery.files["not_in_crm.csv"].decode())))
    assert [(row["account_key"], row["why"]) for row in left] == [
        ("A-2", "the CRM has it with other capitals"),
        ("A-3", "the CRM has it more than once"),
        ("A-4", "not in the CRM"),
    ]
    assert delivery.manifest["rows"] == 1
    assert sum(delivery.manifest["left_out"].values()) == 3
    assert "3 accounts, in `not_in_crm.csv`" in delivery.files["LOADING.md"].decode()


def test_accounts_of_the_crm_without_a_score_get_a_status_of_their_own():
    delivery = make(scores(["A-1"]), "salesforce", known=["A-9", "A-1", "a-2", "A-8"])
    later = read(delivery, "scores.salesforce.not_in_list.")
    assert [(row["ICP_External_Id__c"], row["ICP_Tier__c"], row["ICP_Status__c"]) for row in later] == [
        ("A-8", "not_scored", "not_in_list"),
        ("A-9", "not_scored", "not_in_list"),
        ("a-2", "not_scored", "not_in_list"),
    ]
    assert delivery.manifest["not_in_list"] == 3
    assert delivery.manifest["rows"] == 1


def test_known_keys_of_salesforce_may_be_short():
    delivery = make(scores(["0015000000Gf1ABAAZ"]), "salesforce", known=["0015000000Gf1AB"])
    assert [row["Id"] for row in read(delivery)] == ["0015000000Gf1ABAAZ"]


def test_a_list_of_which_nothing_is_in_the_crm_has_a_header_only():
    delivery = make(scores(["A-1"]), known=["B-1"])
    assert delivery.files["scores.generic.0001-of-0001.csv"].decode().count("\n") == 1
    assert delivery.manifest["rows"] == 0


def test_many_known_keys_go_through_files(tmp_path, monkeypatch):
    from icp import _spill

    monkeypatch.setattr(_spill, "_ROWS_OF_TEXT", 50)
    keys = [f"K-{i:04d}" for i in range(1000)]
    table = scores(keys[::2])
    plan = plan_list(
        lambda: [table.column("account_id").combine_chunks()],
        DeliveryOptions(target="generic"),
        tmp_path,
        lambda: [pa.array(keys[i : i + 70]) for i in range(0, 1000, 70)],
    )
    assert plan.known.why_not(pa.array(keys[::2])).null_count == 500
    assert pa.chunked_array(list(plan.known.not_seen())).to_pylist() == keys[1::2]
