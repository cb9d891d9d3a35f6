"""What peers predicted on an earlier day, kept with the code: a changed ``icp`` is judged without hours of search.

``recorded/NAME.parquet`` holds the probabilities that a peer gave the test rows of every set, in their order, and no
cell of the data; ``recorded/runs.json`` the result files, with a hash of the cut set. What was recorded on other rows
is not used.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pandas as pd

FOLDER = Path(__file__).parent / "recorded"


def restore(tasks: list[Path], results: Path, names: list[str]) -> None:
    """Put recorded results where there are none of these contenders.

    Parameters
    ----------
    tasks : list of Path
        Task folders.
    results : Path
        Folder of the result files.
    names : list of str
        Contenders.
    """
    runs = json.loads((FOLDER / "runs.json").read_text("utf-8")) if (FOLDER / "runs.json").is_file() else {}
    for name in names:
        kept = FOLDER / f"{name}.parquet"
        frame = pd.read_parquet(kept) if kept.is_file() else None
        for task in tasks:
            run, file = runs.get(f"{task.name}.{name}"), results / f"{task.name}.{name}"
            if (
                frame is None
                or run is None
                or file.with_name(f"{file.name}.json").is_file()
                or run["rows"] != rows(task)
            ):
                continue
            mine = frame.loc[frame["task"] == task.name, "probability"].astype("float64")
            mine.to_csv(file.with_name(f"{file.name}.csv"), index=False)
            told = {key: value for key, value in run.items() if key != "rows"}
            file.with_name(f"{file.name}.json").write_text(json.dumps(told) + "\n", "utf-8")


def record(tasks: list[Path], results: Path, names: list[str]) -> None:
    """Keep the results that are there, of these contenders.

    Parameters
    ----------
    tasks : list of Path
        Task folders.
    results : Path
        Folder of the result files.
    names : list of str
        Contenders.
    """
    FOLDER.mkdir(exist_ok=True)
    runs: dict[str, Any] = {}
    if (FOLDER / "runs.json").is_file():
        runs = json.loads((FOLDER / "runs.json").read_text("utf-8"))
    for name in names:
        parts = []
        for task in tasks:
            file = results / f"{task.name}.{name}.csv"
            if not file.is_file():
                continue
            told = json.loads(file.with_suffix(".json").read_text("utf-8"))
            runs[f"{task.name}.{name}"] = {**told, "rows": rows(task)}
            probability = pd.read_csv(file)["probability"].astype("float32")
            parts.append(
                pd.DataFrame({"task": pd.Categorical([task.name] * len(probability)), "probability": probability})
            )
        if parts:
            frame = pd.concat([part.astype({"task": str}) for part in parts], ignore_index=True)
            frame.to_parquet(FOLDER / f"{name}.parquet", index=False, compression="zstd")
    (FOLDER / "runs.json").write_text(json.dumps(dict(sorted(runs.items())), indent=1) + "\n", "utf-8")


def rows(task: Path) -> str:
    """Hash of a cut set: of its training and its test rows."""
    both = (task / "train.csv").read_bytes() + (task / "test.csv").read_bytes()
    return hashlib.sha256(both).hexdigest()[:16]
