"""Lists in a real CRM: loaded with its own importer over its own protocol, read back, and compared cell by cell."""

from __future__ import annotations

import csv
import io
from itertools import cycle, islice

import numpy as np
import pandas as pd
import pytest

from icp.delivery import check_load, shaped
from icp.options import DeliveryOptions
from trained_models import shared
from tryton_server import Refused, is_there, make_database, running

pytestmark = [
    pytest.mark.crm,
    pytest.mark.skipif(not is_there(), reason="trytond and trytond_party are not installed (icp[test])"),
]
RULES = shaped(DeliveryOptions(target="tryton", more=["note"]))
LOADED = RULES.headers[1:]
NOTES = [
    "=1+1",
    '=HYPERLINK("http://example.com")',
    "@SUM(A1)",
    "+49 30 123",
    "-3.25",
    "München – 東京 Größe",
    "caf\u0065\u0301 \U0001f600",
    'He said "yes", twice; no; 50 % <off>',
    "first line\nsecond line",
    "\ttab and spaces  ",
    "x" * 255,
    "ä" * 255,
    "O'Brien & Söhne GmbH | Co \\",
    "#N/A",
    "",
    "plain",
]


@pytest.fixture(scope="module")
def crm(tmp_path_factory):
    """A server of this module's own; the empty database is made once for all workers."""
    made = shared(tmp_path_factory, "tryton", lambda folder: make_database(folder, RULES))
    with running(made, tmp_path_factory.mktemp("crm") / "run") as server:
        yield server


def accounts(leads, prefix, n):
    """Accounts whose texts are what breaks importers."""
    frame = leads.accounts
    frame = frame.iloc[np.resize(np.arange(len(frame)), n)].drop(columns=["best"])
    frame = frame.assign(account_id=[f"{prefix}{i:05d}" for i in range(n)], note=list(islice(cycle(NOTES), n)))
    return frame.assign(city=[note or city for note, city in zip(frame["note"], frame["city"], strict=True)])


def written(command, leads, tmp_path, frame, output, *more):
    """The list of some accounts, from the file to the folder that is loaded."""
    frame.to_csv(tmp_path / f"{output}.csv", index=False, lineterminator="\n")
    ended = command(
        "score", *leads.reading, f"accounts.path={output}.csv", f"model={leads.bundle}", f"output={output}",
        "delivery=tryton", "delivery.more=[note]", *more,
    )  # fmt: skip
    assert ended.code in (0, 3), ended.err
    folder = tmp_path / output / "tryton"
    assert check_load(folder) == []
    return sorted(folder.glob("scores.*.csv"))


def rows(files):
    found = {}
    for file in files:
        for row in csv.DictReader(io.StringIO(file.read_text("utf-8"), newline="")):
            found[row.pop("id")] = row
    return found


def differing(crm, files, prefix):
    """Cells that the CRM holds otherwise than the files, and how many were compared."""
    sent, held = rows(files), crm.parties(LOADED, prefix)
    assert sorted(sent) == sorted(held)
    cells = [(key, name) for key, row in sent.items() for name in row if held[key][name] != row[name]]
    return cells, len(sent) * len(LOADED)


@pytest.mark.slow
def test_two_thousand_accounts_come_back_as_they_were_and_loading_again_changes_nothing(crm, command, leads, tmp_path):
    frame = accounts(leads, "A-", 2000)
    files = written(command, leads, tmp_path, frame, "all")
    names = [" ".join(note.split()) or "plain" for note in frame["note"]]  # Tryton takes no line break in a name
    crm.create(list(zip(frame["account_id"], names, strict=True)))
    before = crm.count()
    assert [crm.load(file) for file in files] == [2000]
    cells, compared = differing(crm, files, "A-")
    assert cells == []
    assert compared == 2000 * len(LOADED)
    some = rows(files)
    assert len({row["icp_reason_1"] for row in some.values()}) > 20
    assert {row["icp_note"] for row in some.values()} > {"1+1", "plus 49 30 123", "minus 3.25", "x" * 255, ""}
    once = crm.parties(LOADED, "A-")
    assert [crm.load(file) for file in files] == [2000]
    assert crm.parties(LOADED, "A-") == once
    assert crm.count() == before


def test_half_then_all_and_chunks_give_what_one_file_gives(crm, command, leads, tmp_path):
    frame = accounts(leads, "B-", 120)
    crm.create([(key, "half") for key in frame["account_id"]])
    chunks = written(command, leads, tmp_path, frame, "chunks", "delivery.max_rows=50")
    whole = written(command, leads, tmp_path, frame, "whole")
    assert (len(chunks), len(whole)) == (3, 1)
    for file in chunks[:2]:
        crm.load(file)
    assert len([row for row in crm.parties(LOADED, "B-").values() if row["icp_run_id"]]) == 100
    for file in chunks:
        crm.load(file)
    in_chunks = crm.parties(LOADED, "B-")
    assert differing(crm, whole, "B-")[0] == []
    crm.load(whole[0])
    assert crm.parties(LOADED, "B-") == in_chunks


def test_a_changed_cell_is_found_when_the_crm_is_read_back(crm, command, leads, tmp_path):
    """The comparison of these tests can fail."""
    frame = accounts(leads, "C-", 5)
    files = written(command, leads, tmp_path, frame, "five")
    crm.create([(key, "five") for key in frame["account_id"]])
    crm.load(files[0])
    crm.load_text("id,icp_tier\nC-00003,not_scored\n")
    assert differing(crm, files, "C-")[0] == [("C-00003", "icp_tier")]


def test_what_a_rep_fills_in_survives_the_next_list(crm, command, leads, tmp_path):
    frame = accounts(leads, "D-", 5)
    files = written(command, leads, tmp_path, frame, "reps")
    crm.create([(key, "reps") for key in frame["account_id"]])
    crm.load(files[0])
    crm.load_text("id,icp_message_used\nD-00001,yes\nD-00002,other\n")
    crm.load(files[0])
    used = crm.parties([RULES.message_used.header], "D-")
    assert [row["icp_message_used"] for row in used.values()].count("yes") == 1
    assert used["D-00002"]["icp_message_used"] == "other"


def test_an_account_that_lost_its_score_is_cleared(crm, command, leads, tmp_path):
    frame = accounts(leads, "E-", 3)
    crm.create([(key, "cleared") for key in frame["account_id"]])
    crm.load(written(command, leads, tmp_path, frame, "before")[0])
    assert crm.parties(["icp_score"], "E-")["E-00001"]["icp_score"] != ""
    known = ["account_id", "note"]
    frame.loc[frame["account_id"] == "E-00001", [name for name in frame if name not in known]] = ""
    files = written(command, leads, tmp_path, frame, "after")
    crm.load(files[0])
    assert differing(crm, files, "E-")[0] == []
    held = crm.parties(["icp_score", "icp_tier", "icp_reason_1"], "E-")["E-00001"]
    assert held == {"icp_score": "", "icp_tier": "not_scored", "icp_reason_1": ""}


def test_accounts_that_are_not_in_the_crm_are_left_out_and_no_nameless_one_is_made(crm, command, leads, tmp_path):
    frame = accounts(leads, "F-", 10)
    crm.create([(key, "known") for key in frame["account_id"].iloc[:7]])
    codes = pd.DataFrame({"Code": sorted(crm.parties([], "F-")), "Name": "known"})
    codes.to_csv(tmp_path / "codes.csv", index=False)
    before = crm.count()
    files = written(
        command, leads, tmp_path, frame, "known", "delivery.known_keys=codes.csv", "delivery.known_column=Code"
    )
    for file in files:
        crm.load(file)
    assert crm.count() == before
    assert differing(crm, files, "F-")[0] == []
    left = pd.read_csv(tmp_path / "known/tryton/not_in_crm.csv")
    assert left["account_key"].tolist() == ["F-00007", "F-00008", "F-00009"]


FAULTS = {
    "a decimal comma": ("icp_score", "12,5"),
    "three decimals": ("icp_score", "12.555"),
    "a number too long": ("icp_score", "123456"),
    "not a number": ("icp_score", "nan"),
    "another's word for empty": ("icp_score", "#N/A"),
    "an apostrophe before a number": ("icp_score_change", "'-3.25"),
    "a grade there is not": ("icp_tier", "E"),
    "a date by day": ("icp_score_date", "23/11/2026"),
    "a text too long": ("icp_reason_1", "x" * 300),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_crm_itself_refuses_what_the_list_never_holds(crm, fault):
    """Tests of the cells show that none of these is ever written; here, that the judge is strict."""
    column, cell = FAULTS[fault]
    crm.create([(f"G-{list(FAULTS).index(fault)}", "fault")])
    with pytest.raises(Refused):
        crm.load_text(f'id,{column}\nG-{list(FAULTS).index(fault)},"{cell}"\n')


def test_digits_as_a_key_would_overwrite_another_account(crm, command, leads, tmp_path):
    """Why a list refuses them: the importer takes them for the number of a record."""
    crm.create([("H-1", "first"), ("H-2", "second")])
    found = crm.party("search_read", [("code", "=", "H-1")], 0, None, None, ["id"])
    number = found[0]["id"]
    crm.load_text(f"id,icp_profile\n{number},overwritten\n")
    assert crm.parties(["icp_profile"], "H-")["H-1"]["icp_profile"] == "overwritten"
    frame = accounts(leads, "", 3).assign(account_id=["1", "2", "3"])
    frame.to_csv(tmp_path / "digits.csv", index=False)
    ended = command(
        "score", *leads.reading, "accounts.path=digits.csv", f"model={leads.bundle}", "output=out", "delivery=tryton"
    )
    ended.refused("ICP602", "row 1: '1'", "key_prefix")
    assert not (tmp_path / "out").exists()
