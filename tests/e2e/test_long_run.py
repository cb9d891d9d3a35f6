"""Scoring again and again in one process: what `python -m benchmarks.faults.long` measures with 500 runs, with few."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.faults.long import MOST_MIB, Held, grew

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="needs Linux's account of a process")
ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_forty_runs_in_one_process_add_no_memory_and_leave_no_file_open(leads, tmp_path):
    """By alias from the store, with a list, as a scheduler inside one process would."""
    line = [sys.executable, "-m", "benchmarks.faults.long", "--runs", "40", "--every", "10"]
    line += [*leads.reading, "accounts.path=accounts.csv", "model=models:/leads@champion"]
    line += ["delivery=generic", f"output={tmp_path / 'out'}"]
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}", "HOME": str(tmp_path)}
    env |= {"OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
    done = subprocess.run(line, cwd=leads.folder, env=env, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, (done.stdout, done.stderr[-3000:])
    assert done.stdout.splitlines()[-1].startswith("| 40 | ")


def held(runs, memory, files=8, threads=5):
    return Held(runs, memory, files, threads, 0.0)


def test_what_grows_is_said():
    assert grew([held(run, 300 + min(run, 10)) for run in range(40)]) == []
    assert grew([held(run, 300 + run * 0.5) for run in range(40)]) == ["memory grew from 311.5 to 318.5 MiB"]
    assert grew([held(run, 300, files=8 + run // 35) for run in range(40)]) == ["files grew from 8 to 9"]
    assert grew([held(run, 300, threads=run) for run in range(40)]) == ["threads grew from 20 to 39"]
    assert grew([held(run, 300, threads=5 + run // 5) for run in range(40)]) == ["threads grew from 9 to 12"]
    assert grew([held(run, 300, threads=5 + run // 35) for run in range(40)]) == []
    assert grew([held(run, 300 + run * MOST_MIB / 150) for run in range(500)]) == [
        "memory grew from 311.6 to 318.3 MiB"
    ]
