"""Killed a few times at random moments, as ``python -m benchmarks.faults`` does it hundreds of times."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_every_command_survives_a_few_kills(tmp_path):
    """In a process of its own, as it forks what it kills."""
    given = ["--kills", "3", "--train", "2", "--only", "again", "score", "feedback", "promote", "--work", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.faults", *given],
        cwd=ROOT, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split("|") for line in done.stdout.splitlines()[2:]]
    assert [int(row[4]) for row in rows] == [2, 3, 3, 3]
    assert [row[7].strip() for row in rows] == ["0"] * 4
