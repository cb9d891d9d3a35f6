"""The models that are timed: what ``icp.train`` makes by default, and one booster of 31-leaf trees in its place."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.speed.data import CHUNK, LABEL, write_table

if TYPE_CHECKING:
    from icp.bundle import Bundle

N_TRAIN = 50_000
N_EXPLAIN = 20_000
FIRST_NEW = 100 * CHUNK
BIG = {"300 x 31": 300, "1000 x 31": 1000}
BOOSTER = {
    "objective": "binary",
    "num_leaves": 31,
    "min_data_in_leaf": 50,
    "seed": 1,
    "num_threads": 1,
    "verbosity": -1,
}


def prepare(work: Path) -> None:
    """Train once: ``default`` and ``300 x 31`` bundles, boosters as text, and rows to explain as a matrix."""
    if (work / "rows.npz").is_file():
        return
    import lightgbm

    from icp import bundle as bundles
    from icp.scoring._forest import Forest

    work.mkdir(parents=True, exist_ok=True)
    write_table(work / "train.csv", N_TRAIN, label=True)
    source = [f"accounts.path={work}/train.csv", "accounts.account_id=account_id", "tracking=none"]
    labels = ["labels=flag", f"labels.column={LABEL}", "labels.positive=yes"]
    if not (work / "train" / "bundle").is_dir():
        run("icp.train", ["accounts=csv", *source, *labels, f"output={work}/train"])
    bundle = bundles.read(work / "train" / "bundle")
    bundle.write(work / "default")
    X, known = _traits(work / "train.csv", bundle)
    words = [j for j, trait in enumerate(bundle.traits) if trait.kind == "categorical"]
    for name, n_trees in BIG.items():
        data = lightgbm.Dataset(X, known, categorical_feature=words, free_raw_data=False)
        booster = lightgbm.train({**BOOSTER, "learning_rate": 15.0 / n_trees}, data, n_trees)
        (work / f"{name}.txt").write_text(booster.model_to_string(), "utf-8")
        if name == "300 x 31":
            text = booster.model_to_string().partition("end of trees")[0] + "end of trees\n"
            score = replace(bundle.score, intercept=0.0, forest_weight=1.0, forest=Forest((text,)))
            replace(bundle, score=score).write(work / name)
    ordered = lightgbm.train({**BOOSTER, "learning_rate": 0.05}, lightgbm.Dataset(X, known), 300)
    (work / "300 x 31, codes as numbers.txt").write_text(ordered.model_to_string(), "utf-8")
    for i, text in enumerate(bundle.score.forest_texts):
        (work / f"default.{i:02d}.txt").write_text(text, "utf-8")
    write_table(work / "new.csv", N_EXPLAIN, start=FIRST_NEW)
    rows, _ = _traits(work / "new.csv", bundle)
    np.savez(work / "rows.npz", rows=rows)


def run(module: str, overrides: list[str]) -> None:
    """One of icp's commands; findings are no failure."""
    done = subprocess.run([sys.executable, "-m", module, *overrides], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3):
        raise RuntimeError(f"{module} ended with {done.returncode}: {done.stderr.strip()[-2000:]}")


def _traits(file: Path, bundle: Bundle) -> tuple[np.ndarray, np.ndarray]:
    """The rows of a file as the model encodes them, and their labels (all False without)."""
    from icp.engines._core import _encoded
    from icp.engines._frames import prepare_frame
    from icp.options import AccountOptions

    frame = pd.read_csv(file, dtype=str, keep_default_na=False)
    rows, context = prepare_frame(bundle, frame, AccountOptions(account_id="account_id"), None, None, None)
    values = np.concatenate([_encoded(batch, context)[0] for batch in rows.batches()])
    return np.ascontiguousarray(values), (frame[LABEL] == "yes").to_numpy() if LABEL in frame else np.zeros(
        len(frame), bool
    )
