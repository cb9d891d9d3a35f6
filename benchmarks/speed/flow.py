"""Whole flows, CSV in and CSV with three reasons out: icp beside the usual ways, and beside the floors.

Every flow is timed as a process at two lengths, turn by turn; the slope is what a further row costs, without what
starting costs (icp looks through the first 200,000 rows for formats). The slow ways are timed on parts (their slope is
a straight line) and said to be.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.speed.data import write_table
from benchmarks.speed.models import FIRST_NEW
from benchmarks.speed.process import Used, measure

FLOWS = Path(__file__).parent / "flows"
LENGTHS = {
    "icp.score, default model": (200_000, 600_000),
    "icp.score, 300 x 31": (200_000, 600_000),
    "scoring without reasons, default model": (200_000, 600_000),
    "scoring without reasons, 300 x 31": (200_000, 600_000),
    "CSV in, CSV out": (200_000, 600_000),
    "usual: pipeline, TreeExplainer, loop": (500, 2_000),
    "careful: codes, pred_contrib": (1_000, 4_000),
}


def run(work: Path, rounds: int) -> list[dict[str, Any]]:
    """One entry per flow: processor seconds at both lengths, round by round."""
    for flow in ("usual", "vectorised"):
        if not (work / f"{flow}.model").is_file():
            measure(
                [sys.executable, str(FLOWS / f"{flow}.py"), "fit", str(work / "train.csv"), str(work / f"{flow}.model")]
            )
    found = [{"flow": name, "lengths": lengths, "short": [], "long": []} for name, lengths in LENGTHS.items()]
    for number in range(rounds):
        for entry in found:
            for part, n_rows in zip(("short", "long"), entry["lengths"], strict=True):
                entry[part].append(one(entry["flow"], n_rows, work).cpu)
            print(number + 1, json.dumps(entry), flush=True)
    return found


def one(flow: str, n_rows: int, work: Path) -> Used:
    """One flow over so many new accounts."""
    new, out = table(n_rows, work), work / "out"
    if flow.startswith("icp.score"):
        model = flow.partition(", ")[2].removesuffix(" model")
        return icp_score(new, work / model, out)
    if flow.startswith("scoring"):
        model = flow.partition(", ")[2].removesuffix(" model")
        return measure([sys.executable, str(FLOWS / "without_reasons.py"), str(work / model), str(new), f"{out}.csv"])
    if flow.startswith("CSV"):
        return measure([sys.executable, str(FLOWS / "csv_only.py"), str(new), f"{out}.csv"])
    script = "usual" if flow.startswith("usual") else "vectorised"
    return measure(
        [sys.executable, str(FLOWS / f"{script}.py"), "score", str(work / f"{script}.model"), str(new), f"{out}.csv"]
    )


def icp_score(new: Path, model: Path, out: Path) -> Used:
    """The command as typed."""
    source = ["accounts=csv", f"accounts.path={new}", "accounts.account_id=account_id"]
    return measure(
        [sys.executable, "-m", "icp.score", *source, f"model={model}", f"output={out}", "tracking=none"], ok=(0, 3)
    )


def table(n_rows: int, work: Path) -> Path:
    """A file of so many accounts that no model has seen."""
    file = work / f"new.{n_rows}.csv"
    if not file.is_file():
        write_table(file, n_rows, start=FIRST_NEW)
    return file


def per_row(entry: dict[str, Any]) -> list[float]:
    """Processor seconds of a further row, per round."""
    short, long = entry["lengths"]
    return [(b - a) / (long - short) for a, b in zip(entry["short"], entry["long"], strict=True)]
