"""The speed benchmark counts all that ran, and sees every difference between the scores of two engines."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

sys.path.append(str(Path(__file__).parents[3]))

from benchmarks.speed import page
from benchmarks.speed.spark import compare

BUSY = "import time; t = time.process_time()\nwhile time.process_time() < t + 0.5: pass"
TEXT = 'account_id,propensity,reason_1\nb,0.500000,"two\nlines, and a comma"\na,0.250000,\n'
CELLS = pa.table({"account_id": ["b", "a", "c"], "propensity": [0.5, 0.25, None], "reason_1": ["x", None, ""]})


@pytest.mark.parametrize("wait", [True, False], ids=["a child", "an orphan"])
def test_processes_that_a_command_leaves_behind_are_counted_too(wait):
    """In a process of its own, as measuring makes it the parent of orphans."""
    leave = f"import subprocess, sys; one = subprocess.Popen([sys.executable, '-c', {BUSY!r}])" + wait * "; one.wait()"
    program = (
        f"import sys; from benchmarks.speed.process import measure; used = measure([sys.executable, '-c', {leave!r}])\n"
        "print(used.cpu, used.wall)"
    )
    root = Path(__file__).parents[3]
    told = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True).stdout
    cpu, wall = map(float, told.split())
    assert cpu > 0.5
    assert wall > (0.5 if wait else 0.0)


@pytest.mark.parametrize(
    ("change", "same_rows"),
    [
        (lambda text: text, True),
        (lambda text: "\n".join([(lines := text.split("\n"))[0], lines[3], *lines[1:3], ""]), True),
        (lambda text: text.replace("0.25", "0.26"), False),
        (lambda text: text.replace("comma", "colon"), False),
        (lambda text: text.replace("reason_1", "reason_2"), False),
        (lambda text: text + "c,0.1,x\n", False),
        (lambda text: text.partition("\na,")[0] + "\n", False),
    ],
    ids=["nothing", "order", "number", "word", "column", "row more", "row less"],
)
def test_every_difference_of_two_files_is_seen(tmp_path, change, same_rows):
    changed = change(TEXT)
    (tmp_path / "one.csv").write_text(TEXT, "utf-8")
    (tmp_path / "two.csv").write_text(changed, "utf-8")
    found = compare(tmp_path / "one.csv", tmp_path / "two.csv")
    assert (found["rows"], found["bytes"]) == (same_rows, changed == TEXT)


def test_parquet_is_compared_to_the_last_bit_and_whatever_its_files(tmp_path):
    pq.write_table(CELLS, tmp_path / "one.parquet")
    for name, cells in {"same": CELLS, "bit": CELLS.set_column(1, "propensity", [[0.5, 0.25 + 2**-54, None]])}.items():
        (tmp_path / name).mkdir()
        for i in range(2):
            pq.write_table(cells.slice(i * 2, 2), tmp_path / name / f"{i}.parquet")
    null = CELLS.set_column(2, "reason_1", [["x", None, None]])
    pq.write_table(null, tmp_path / "null.parquet")
    found = {
        name: compare(tmp_path / "one.parquet", tmp_path / name)["rows"] for name in ("same", "bit", "null.parquet")
    }
    assert found == {"same": True, "bit": False, "null.parquet": False}


def test_the_page_hides_no_difference(tmp_path):
    same = [{"rows": True, "bytes": True}, {"rows": True, "bytes": True}]
    entry = {
        "model": "default", "format": "csv", "rows": 1000, "load": [0.1, 2.0], "same": same,
        "local": [{"cpu": 1.0, "wall": 2.0}, {"cpu": 1.0, "wall": 2.0}],
        "spark": [{"cpu": 3.0, "wall": 3.0}, {"cpu": 5.0, "wall": 5.0}],
    }  # fmt: skip
    page.write({"spark": [entry]}, tmp_path / "page.md")
    assert "| 500 | 250 | 2.00 (1.50 to 2.50) | 4.00 (3.00 to 5.00) | identical, byte by byte |" in text_of(tmp_path)
    for field, says in {"bytes": "identical, **not byte by byte**", "rows": "**different**"}.items():
        page.write({"spark": [{**entry, "same": [*same, {**same[0], field: False}]}]}, tmp_path / "page.md")
        assert says in text_of(tmp_path)


def text_of(folder):
    return (folder / "page.md").read_text("utf-8")


def test_a_part_that_was_not_measured_stays_on_the_page(tmp_path):
    start = {"one_account": 0.005, "one_row": 0.002, "score": [1.2], "pandas": [0.4]}
    file = tmp_path / "speed.md"
    page.write({"start": start}, file)
    first = file.read_text("utf-8")
    page.write({}, file)
    assert file.read_text("utf-8") == first
    page.write({"start": {**start, "score": [0.8]}}, file)
    assert file.read_text("utf-8") == first.replace("1.20 processor", "0.80 processor").replace(
        "3 times", "2 times"
    ).replace("(3 to 3)", "(2 to 2)")
