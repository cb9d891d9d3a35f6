"""Contributions per processor second: icp's pattern tables beside other explainers, round after round."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

ROWS = {
    "icp": 20_000,
    "predict": 20_000,
    "woodelf": 20_000,
    "pred_contrib": 400,
    "shap.TreeExplainer": 400,
    "shapash": 400,
}
MODELS = ("300 x 31", "300 x 31, codes as numbers", "1000 x 31", "default")
REQUIRES = ("shap", "shapash", "woodelf_explainer", "lightgbm", "setuptools")


def applies(name: str, model: str) -> bool:
    """Woodelf refuses categories; shapash takes one booster."""
    return not (name == "woodelf" and model != "300 x 31, codes as numbers") and not (
        name == "shapash" and model == "default"
    )


def run(work: Path, rounds: int, peers: Path | None) -> list[dict[str, Any]]:
    """One entry per model and explainer: seconds per row of each round, or why there are none."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for number in range(rounds):
        for model in MODELS:
            for name in ROWS:
                if not applies(name, model):
                    continue
                entry = found.setdefault((model, name), {"model": model, "explainer": name, "per_row": [], "build": []})
                if "failed" not in entry:
                    _measure(entry, work, peers)
                    print(number + 1, json.dumps(entry), flush=True)
    return list(found.values())


def ratio(entries: list[dict[str, Any]], model: str, name: str, base: str = "icp") -> tuple[float, float, float]:
    """How many times the processor seconds of ``base`` a row takes: median, least and most over the rounds."""
    by = {entry["explainer"]: entry["per_row"] for entry in entries if entry["model"] == model}
    each = [theirs / ours for theirs, ours in zip(by[name], by[base], strict=True)]
    return median(each), min(each), max(each)


def _measure(entry: dict[str, Any], work: Path, peers: Path | None) -> None:
    name = entry["explainer"]
    own = name in ("icp", "predict", "pred_contrib")
    python = sys.executable if own or peers is None else str(peers / "bin" / "python")
    command = [python, "-m", "benchmarks.speed.contender", name, entry["model"], str(work), str(ROWS[name])]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    if done.returncode:
        entry["failed"] = (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1][:300]
        return
    said = json.loads(done.stdout.strip().splitlines()[-1])
    entry["per_row"].append(said["seconds"] / ROWS[name])
    entry["build"].append(said["build"])
    entry["difference"] = max(said.get("difference", 0.0), entry.get("difference", 0.0))
