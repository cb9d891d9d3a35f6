"""What ``icp.train`` takes as the table grows: the command as typed, profiles, report and judging included."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.speed.data import LABEL, write_table
from benchmarks.speed.process import measure

ROWS = [50_000, 200_000, 1_000_000]


def run(work: Path, lengths: list[int]) -> list[dict[str, Any]]:
    """One entry per length: processor seconds, seconds, peak memory, and how well the score ranks."""
    work.mkdir(parents=True, exist_ok=True)
    found = []
    for n_rows in lengths:
        file, out = work / f"train.{n_rows}.csv", work / f"train.{n_rows}"
        if not file.is_file():
            write_table(file, n_rows, label=True)
        source = ["accounts=csv", f"accounts.path={file}", "accounts.account_id=account_id"]
        labels = ["labels=flag", f"labels.column={LABEL}", "labels.positive=yes"]
        command = [sys.executable, "-m", "icp.train", *source, *labels, f"output={out}", "tracking=none"]
        used = measure(command, ok=(0, 3))
        metrics = json.loads((out / "metrics.json").read_text("utf-8"))
        entry = {"rows": n_rows, "cpu": used.cpu, "wall": used.wall, "peak_mb": used.peak_mb, "auc": metrics["auc"]}
        found.append(entry)
        print(json.dumps(entry), flush=True)
    return found
