"""Killed at any moment: nothing half-written under a final name, and the next run writes the same bytes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest
from commands import contents


@pytest.fixture
def many(leads, tmp_path):
    """3,600 accounts, so that writing takes a while."""
    table = leads.accounts.drop(columns=["best"])
    parts = [table.assign(account_id=table["account_id"] + f"-{i}") for i in range(3)]
    pd.concat(parts).to_csv(tmp_path / "many.csv", index=False)
    return (*leads.reading, "accounts.path=many.csv", f"model={leads.bundle}", "delivery=generic", "campaign=spring")


def started(arguments, folder, moment, stdout=subprocess.DEVNULL):
    """A scoring run, once ``moment()`` is true."""
    run = subprocess.Popen(
        [sys.executable, "-m", "icp.score", *arguments, "output=out"],
        cwd=folder, stdout=stdout, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 240
    while not moment() and run.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    return run


def killed(arguments, folder, moment):
    """Start a scoring run and kill it, without a chance to tidy up, as soon as ``moment()`` is true."""
    run = started(arguments, folder, moment)
    os.killpg(run.pid, signal.SIGKILL)
    return run.wait(timeout=30)


def test_a_run_that_is_told_to_stop_cleans_up_and_says_so_in_its_line(many, tmp_path):
    """As ``timeout`` does it: SIGTERM to the process, and at once to its whole group."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out/scores.csv").write_text("of last week")
    asked = (*many, "summary=json", "tracking=none")
    run = started(asked, tmp_path, lambda: any((tmp_path / "out").glob(".partial-*/*")), subprocess.PIPE)
    run.terminate()
    os.killpg(run.pid, signal.SIGTERM)
    (line,) = run.communicate(timeout=60)[0].splitlines()
    assert run.returncode == 143
    said = json.loads(line)
    assert (said["exit_code"], said["status"], said["problems"]) == (143, "terminated", [])
    assert contents(tmp_path / "out") == {"scores.csv": b"of last week"}
    assert [item.name for item in (tmp_path / "out").iterdir()] == ["scores.csv"]


@pytest.mark.slow
def test_killed_while_writing_leaves_the_old_list_and_no_new_one(many, tmp_path, command):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/scores.csv").write_text("of last week")
    code = killed(many, tmp_path, lambda: any((tmp_path / "out").glob(".partial-*/scores.csv")))
    assert code == -signal.SIGKILL
    left = {name: data for name, data in contents(tmp_path / "out").items() if not name.startswith(".partial-")}
    assert left == {"scores.csv": b"of last week"}
    after = command("score", *many, "output=out")
    assert after.code == 0, after.err
    assert "entered" in after.out
    assert not any((tmp_path / "out").glob(".partial-*"))
    again = command("score", *many, "output=other")
    assert "had this list already" in again.out
    one, two = contents(tmp_path / "out"), contents(tmp_path / "other")
    same = {name for name in two if name != "config.yaml"}
    assert {name: one[name] for name in same} == {name: two[name] for name in same}
