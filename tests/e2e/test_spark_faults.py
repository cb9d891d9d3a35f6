"""engine=spark when it is killed half way."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from commands import contents

pytestmark = [
    pytest.mark.spark,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("java") is None, reason="no Java on this machine (tests/services.sh installs it)"),
]
pyspark = pytest.importorskip("pyspark", reason="pyspark is not installed (icp[test])")

SPARK = ("engine=spark", "spark.master='local[2]'")


def many(leads, path, n_rows):
    """The accounts over and over, each time with ids of their own."""
    table = leads.accounts.drop(columns=["best"])
    with path.open("w", encoding="utf-8") as file:
        for start in range(0, n_rows, len(table)):
            table.assign(account_id=[f"A-{i:07d}" for i in range(start, start + len(table))]).to_csv(
                file, index=False, header=not start
            )
    return (*leads.reading, f"accounts.path={path}", f"model={leads.bundle}", "delivery=generic")


def kill_once_seen(given, folder, seen):
    """Start a run, and kill it and its executors when a file of such a name has something in it."""
    run = subprocess.Popen(
        [sys.executable, "-m", "icp.score", *given, *SPARK, "output=out"],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    before, deadline = set((folder / "out").glob(".partial-*")), time.monotonic() + 240

    def begun():
        mine = set((folder / "out").glob(".partial-*")) - before
        return any(file.stat().st_size for stage in mine for file in stage.glob(seen))

    try:
        while not begun() and run.poll() is None and time.monotonic() < deadline:
            time.sleep(0.001)
    except FileNotFoundError:  # Spark has moved it since it was named
        pass
    os.killpg(run.pid, signal.SIGKILL)
    assert run.wait(timeout=30) == -signal.SIGKILL
    assert [name for name in contents(folder / "out") if not name.startswith(".partial-")] == []
    assert any((folder / "out").glob(".partial-*"))


def test_killed_half_way_leaves_no_file_and_the_next_run_the_same_bytes(command, process, leads, tmp_path):
    """Killed while executors write their parts, and again while this process puts them into one file; one Spark less
    to start than with a run after each kill, and the last run has the remains of two to clear."""
    given = many(leads, tmp_path / "many.csv", 24_000)
    for seen in (".scratch/parts/**/part-*.parquet", "scores.csv"):
        kill_once_seen(given, tmp_path, seen)
    again = process("score", *given, *SPARK, "output=out")
    assert again.code == 0, again.err
    assert command("score", *given, "output=undisturbed").code == 0
    left, undisturbed = contents(tmp_path / "out"), contents(tmp_path / "undisturbed")
    assert set(left) == set(undisturbed)  # and nothing of the runs that were killed
    assert {name for name in left if left[name] != undisturbed[name]} == {"config.yaml"}
