"""Readers that others wrote see the lists as they are meant: frictionless, simple-salesforce, jsforce."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
from pathlib import Path

import pyarrow as pa
import pytest
from made_lists import scores, write

from icp.delivery import target, target_names

ROOT = Path(__file__).resolve().parents[3]
NODE = Path(os.environ.get("ICP_NODE_MODULES", ROOT / ".venv" / "node" / "node_modules"))
LOADABLE = [name for name in target_names() if not target(name).view_only]
TEXTS = ["Größe: 50 % mehr, laut Bericht", "plain", "R and D, twice; 'quoted'", "東京, 大阪", "x" * 255, None]


def mixed(n=24):
    """Rows with every kind of cell: umlauts, commas, full length, nothing, no score."""
    return scores(
        [f"A-{i:03d}" for i in range(n)],
        reason_1=[TEXTS[i % len(TEXTS)] for i in range(n)],
        talking_point=[TEXTS[(i + 1) % len(TEXTS)] for i in range(n)],
        status=["too_little_data" if i % 7 == 3 else "scored" for i in range(n)],
        as_of=["2026-03-31" if i % 5 else None for i in range(n)],
    )


def with_notes(table):
    notes = ["=1+1", "Ça va \U0001f600", 'He said "no" | <b>', "a\nb", "-3.25", "#N/A", ""]
    return table.append_column("account:note", pa.array([notes[i % len(notes)] for i in range(len(table))]))


@pytest.mark.parametrize("name", LOADABLE)
@pytest.mark.parametrize("options", [{}, {"max_rows": 7, "line_ending": "CRLF"}, {"more": ["note", "expected_value"]}])
def test_frictionless_finds_nothing_wrong(name, options, tmp_path):
    frictionless = pytest.importorskip("frictionless", reason="frictionless is not installed (icp[test])")
    table = with_notes(mixed()) if "more" in options else mixed()
    folder = write(table, tmp_path, name, known=[f"A-{i:03d}" for i in range(2, 30)], **options).folder
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert report.valid, report.flatten(["title", "rowNumber", "fieldName", "note"])
    listed = {Path(task.place).name for task in report.tasks}
    assert listed == {file.name for file in folder.glob("scores.*")}
    assert sum(task.stats["rows"] for task in report.tasks) == 28


FAULTS = {
    "a number with a comma": (b"97.50", b"97,50"),
    "a value there is not": (b",A,", b",E,"),
    "a formula": (b"plain", b"=HYPERLINK(1)"),
    "a date by day": (b"2026-03-31", b"31.03.2026"),
    "the same key twice": (b"A-001", b"A-002"),
    "an empty key": (b"A-001", b""),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_frictionless_finds_what_is_put_in_afterwards(fault, tmp_path):
    """The schema is strict: with the file's hash set right, the cell alone is found."""
    frictionless = pytest.importorskip("frictionless", reason="frictionless is not installed (icp[test])")
    folder = write(mixed(), tmp_path).folder
    (file,) = folder.glob("scores.*")
    before, after = FAULTS[fault]
    file.write_bytes(file.read_bytes().replace(before, after, 1))
    assert not frictionless.validate(str(folder / "datapackage.json")).valid
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    del package["resources"][0]["hash"], package["resources"][0]["bytes"]
    (folder / "datapackage.json").write_text(json.dumps(package), "utf-8")
    assert not frictionless.validate(str(folder / "datapackage.json")).valid


def chunks(tmp_path, **options):
    table = with_notes(mixed(60))
    folder = write(table, tmp_path, "salesforce", max_rows=17, more=["note"], **options).folder
    files = sorted(folder.glob("scores.*"))
    assert len(files) == 4
    return files


def rows_of(text):
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("line_ending", ["LF", "CRLF"])
def test_the_splitter_of_simple_salesforce_reads_every_chunk_the_same_way(line_ending, tmp_path):
    bulk2 = pytest.importorskip("simple_salesforce.bulk2", reason="simple-salesforce is not installed (icp[test])")
    ending = bulk2.LineEnding(line_ending)
    for file in chunks(tmp_path, line_ending=line_ending):
        header, *rows = rows_of(file.read_bytes().decode("utf-8"))
        text = file.read_bytes().decode("utf-8")
        parts = list(bulk2._split_csv(records=text, max_records=5, line_ending=ending))
        assert [n for n, _ in parts] == [5] * (len(rows) // 5) + [len(rows) % 5] * (len(rows) % 5 > 0)
        again = [rows_of(part) for _, part in parts]
        assert all(part[0] == header for part in again)
        assert [row for part in again for row in part[1:]] == rows
        whole = list(bulk2._split_csv(filename=str(file), line_ending=ending))
        assert "".join(part for _, part in whole) == text


@pytest.mark.parametrize("line_ending", ["LF", "CRLF"])
def test_the_parser_of_jsforce_reads_every_chunk_the_same_way(line_ending, tmp_path):
    if shutil.which("node") is None or not (NODE / "jsforce").is_dir():
        pytest.skip("no Node with jsforce on this machine (tests/services.sh installs it where npm is)")
    files = chunks(tmp_path, line_ending=line_ending)
    code = (
        "const {parseCSV} = require(process.argv[1]); const fs = require('fs');"
        "console.log(JSON.stringify(process.argv.slice(2).map(f => parseCSV(fs.readFileSync(f, 'utf8')))))"
    )
    done = subprocess.run(
        ["node", "-e", code, str(NODE / "jsforce" / "lib" / "csv.js"), *map(str, files)],
        capture_output=True, text=True, encoding="utf-8", check=True, timeout=120,
    )  # fmt: skip
    for file, seen in zip(files, json.loads(done.stdout), strict=True):
        assert seen == list(csv.DictReader(io.StringIO(file.read_bytes().decode("utf-8"), newline="")))
