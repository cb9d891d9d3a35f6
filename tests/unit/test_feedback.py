"""The feedback command: exit codes, what it says, and what it writes."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd
import pytest

import icp
from icp._command import main
from icp.errors import ConfigError, DeliveryError, TableError

sys.path.insert(0, str(Path(__file__).parent / "delivery"))
from made_lists import scores, write


@pytest.fixture
def folder(tmp_path):
    return write(scores([f"A-{i:03d}" for i in range(9)]), tmp_path, "salesforce").folder


@pytest.fixture
def readback(folder, tmp_path):
    rows = pd.concat([pd.read_csv(file, dtype=str, keep_default_na=False) for file in folder.glob("scores.*.csv")])
    rows = rows.replace("#N/A", "").assign(Name="Company")
    rows.to_csv(tmp_path / "crm.csv", index=False, sep=";")
    return tmp_path / "crm.csv"


def ran(*overrides):
    return icp.feedback.run(icp.load_config("feedback", list(overrides)))


def code(*overrides):
    with pytest.raises(SystemExit) as left:
        main("feedback", overrides)
    return left.value.code


def test_a_list_as_it_was_written_is_fine(folder, capsys):
    assert code("action=check", f"manifest={folder / 'manifest.json'}") == 0
    assert "9 accounts in 1 file: as it was written" in capsys.readouterr().out


def test_an_altered_file_ends_with_3_and_says_what_was_done(folder, capsys):
    file = next(folder.glob("scores.*.csv"))
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"97.50", b"97.5"))
    assert code("action=check", f"manifest={folder}") == 3
    said = capsys.readouterr().out
    assert "ICP742" in said and "byte-order mark" in said and "lost zeros" in said and "do not load it" in said


def test_a_missing_and_a_strange_file_are_told(folder):
    file = next(folder.glob("scores.*.csv"))
    file.rename(folder / "scores.copy.csv")
    found = ran("action=check", f"manifest={folder}")
    assert [finding.code for finding in found.findings] == ["ICP742", "ICP742"]
    assert "missing" in found.summary() and "scores.copy.csv" in found.summary()


def test_a_faithful_read_back_has_no_findings(folder, readback, tmp_path):
    found = ran("action=reconcile", f"manifest={folder}", f"readback={readback}", f"output={tmp_path / 'out'}")
    assert found.findings == () and "9 of 9 accounts came back as they were sent" in found.summary()
    assert pd.read_csv(tmp_path / "out" / "reconcile.csv").empty


def test_a_load_that_stopped_marks_of_html_and_a_second_record_are_named(folder, readback, tmp_path):
    rows = pd.read_csv(readback, sep=";", dtype=str, keep_default_na=False)
    given = ("action=reconcile", f"manifest={folder}", f"readback={readback}", f"output={tmp_path / 'out'}")
    rows[:6].to_csv(readback, index=False)
    stopped = ran(*given)
    assert [finding.code for finding in stopped.findings] == ["ICP743", "ICP614"]
    assert "the last 3 accounts of the list lack it, all after A-005: the load stopped midway." in stopped.summary()
    pd.concat([rows, rows[4:5].assign(Name="Twin")]).to_csv(readback, index=False)
    assert "doubled: 1 key stands in more than one record, e.g. A-004." in ran(*given).summary()


def test_differences_end_with_3_and_are_written(folder, readback, tmp_path, capsys):
    rows = pd.read_csv(readback, sep=";", dtype=str, keep_default_na=False)
    rows.loc[2, "ICP_Score__c"] = "0.00"
    rows.loc[3, "ICP_Reason_1__c"] = rows.loc[3, "ICP_Reason_1__c"][:30]
    rows.drop(index=5).to_csv(readback, index=False)
    given = ("action=reconcile", f"manifest={folder}", f"readback={readback}", f"output={tmp_path / 'out'}")
    assert code(*given) == 3
    said = capsys.readouterr().out
    assert "missing: 1 account of the list is not" in said and "zeroed: 1 number became 0" in said
    assert "cut: 1 text was cut" in said and "A-005" in said
    written = pd.read_csv(tmp_path / "out" / "reconcile.csv", dtype=str, keep_default_na=False)
    assert written["difference"].tolist() == ["missing", "zeroed", "cut"]
    assert written.loc[1, ["account_key", "column", "sent", "found"]].tolist() == ["A-002", "score", "97.50", "0.00"]


def test_what_is_wrong_is_one_block(folder, tmp_path, capsys):
    assert code("action=reconcile") == 2
    said = capsys.readouterr().err
    assert "'manifest'" in said and "'readback'" in said and "Traceback" not in said
    assert code("action=check", f"manifest={tmp_path / 'none' / 'manifest.json'}") == 2
    assert "ICP608" in capsys.readouterr().err
    assert code("action=check", f"manifest={folder.parent}") == 2
    assert f"'{folder.as_posix()}' holds one." in capsys.readouterr().err
    with pytest.raises(TableError, match=r"ICP100.*Check readback\."):
        ran("action=reconcile", f"manifest={folder}", f"readback={tmp_path / 'none.csv'}")
    (tmp_path / "odd.csv").write_text("Konto,Name\nA-001,x\n")
    with pytest.raises(DeliveryError, match="ICP741"):
        ran("action=reconcile", f"manifest={folder}", f"readback={tmp_path / 'odd.csv'}")
    (tmp_path / "keyless.csv").write_text("run_id,tier\nx,A\n")
    with pytest.raises(DeliveryError, match="ICP741") as refused_too:
        ran("action=reconcile", f"manifest={folder}", f"readback={tmp_path / 'keyless.csv'}")
    assert "Did you mean" not in str(refused_too.value)
    for action in ("promote", "foo"):
        with pytest.raises(ConfigError, match=r"ICP003.*Allowed: check, reconcile, load, erase, forget\."):
            ran(f"action={action}")
    with pytest.raises(ConfigError, match=r"ICP003.*Allowed: promote, rollback, show, register\."):
        icp.promote.run(icp.load_config("promote", ["action=check"]))


def test_a_list_to_look_at_is_not_one_to_load(tmp_path):
    folder = write(scores(["A-001"]), tmp_path, "spreadsheet").folder
    with pytest.raises(DeliveryError, match="ICP608"):
        ran("action=check", f"manifest={folder}")


DAMAGES = {
    "mark and semicolons": (lambda content: b"\xef\xbb\xbf" + content.replace(b",", b";"), "byte-order mark"),
    "cut short": (lambda content: content[: len(content) * 2 // 3], "rows, and had 9"),
    "deleted": (None, "is missing"),
    "UTF-16": (lambda content: content.decode().encode("utf-16"), "saved as UTF-16"),
    "UTF-16 without a mark": (lambda content: content.decode().encode("utf-16-be"), "saved as UTF-16"),
    "a value": (lambda content: content.replace(b"97.50", b"12.50"), "other values"),
}


def damage(folder, kind):
    file = next(folder.glob("scores.*.csv"))
    if DAMAGES[kind][0] is None:
        file.unlink()
    else:
        file.write_bytes(DAMAGES[kind][0](file.read_bytes()))
    return DAMAGES[kind][1]


def refused(capsys, *words):
    told = capsys.readouterr()
    assert all(word in told.err for word in words), told.err
    assert "Traceback" not in told.err and "\0" not in told.err + told.out
    return told.err


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_list_is_told_the_same_way_by_check_and_reconcile(folder, readback, tmp_path, capsys, kind):
    words = damage(folder, kind)
    assert code("action=check", f"manifest={folder}") == 3
    said = capsys.readouterr().out
    assert words in said and "\0" not in said
    given = ("action=reconcile", f"manifest={folder}", f"readback={readback}", f"output={tmp_path / 'out'}")
    assert code(*given) == 2
    refused(capsys, "ICP742", words)
    assert not (tmp_path / "out").exists()


def no_rows(manifest):
    return json.dumps({**manifest, "rows": 7})


def other_rows(manifest):
    entry = {**manifest["files"][0], "rows": 8}
    return json.dumps({**manifest, "rows": 8, "files": [entry]})


def elsewhere(manifest):
    return json.dumps({**manifest, "files": [{**manifest["files"][0], "name": "../other.csv"}]})


MANIFESTS = ("{}", "[1]", "not JSON", "", "null", no_rows, other_rows, elsewhere)


@pytest.mark.parametrize("content", MANIFESTS, ids=lambda given: getattr(given, "__name__", str(given)))
def test_a_damaged_manifest_is_called_one(folder, readback, tmp_path, capsys, content):
    file = folder / "manifest.json"
    file.write_text(content(json.loads(file.read_text())) if callable(content) else content)
    for given in (("action=check",), ("action=reconcile", f"readback={readback}", f"output={tmp_path / 'out'}")):
        assert code(*given, f"manifest={folder}") == 2
        refused(capsys, "ICP608", "is damaged")
