"""One explainer over one model, timed in a process of its own: prints a line of JSON.

Usage: python -m benchmarks.speed.contender EXPLAINER MODEL WORK N_ROWS
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Explain = Callable[[np.ndarray], np.ndarray | None]


def texts(work: Path, model: str) -> list[str]:
    """The boosters of a model; their margins are averaged."""
    files = sorted(work.glob("default.*.txt")) if model == "default" else [work / f"{model}.txt"]
    return [file.read_text("utf-8") for file in files]


def icp(models: list[str], n_columns: int) -> Explain:
    """Pattern tables, made before the clock starts; their making is told apart."""
    from icp.trees import PatternTables, read_trees

    tables = [PatternTables(read_trees(text), n_columns) for text in models]
    return lambda X: sum(table.contributions(X, n_threads=1) for table in tables) / len(tables)


def pred_contrib(models: list[str], n_columns: int) -> Explain:
    """LightGBM's own."""
    boosters = [_booster(text) for text in models]
    return lambda X: sum(b.predict(X, pred_contrib=True, num_threads=1)[:, :-1] for b in boosters) / len(boosters)


def tree_explainer(models: list[str], n_columns: int) -> Explain:
    """shap.TreeExplainer, as its users call it."""
    import shap

    explainers = [shap.TreeExplainer(_booster(text)) for text in models]
    return lambda X: sum(np.asarray(explainer(X).values) for explainer in explainers) / len(explainers)


def woodelf(models: list[str], n_columns: int) -> Explain:
    """Path-dependent Woodelf; refuses categorical splits."""
    from woodelf import WoodelfExplainer

    explainers = [WoodelfExplainer(_booster(text)) for text in models]
    return lambda X: sum(np.asarray(explainer.shap_values(_frame(X))) for explainer in explainers) / len(explainers)


def shapash(models: list[str], n_columns: int) -> Explain:
    """Compile, and the three largest contributions as a table."""
    from shapash import SmartExplainer

    (text,) = models
    model = _booster(text)

    def explain(X: np.ndarray) -> None:
        told = SmartExplainer(model=model)
        told.compile(x=_frame(X))
        told.to_pandas(max_contrib=3)

    return explain


def predict(models: list[str], n_columns: int) -> Explain:
    """No contributions: LightGBM's margin, as the floor that scoring without reasons pays."""
    boosters = [_booster(text) for text in models]
    return lambda X: sum(b.predict(X, raw_score=True, num_threads=1) for b in boosters) / len(boosters)


EXPLAINERS: dict[str, Callable[[list[str], int], Explain]] = {
    "icp": icp,
    "pred_contrib": pred_contrib,
    "shap.TreeExplainer": tree_explainer,
    "woodelf": woodelf,
    "shapash": shapash,
    "predict": predict,
}


def main() -> None:
    name, model, work, n_rows = sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])
    X = np.load(work / "rows.npz")["rows"]
    X = np.ascontiguousarray(X[np.arange(n_rows) % len(X)])
    models = texts(work, model)
    made = time.process_time()
    explain = EXPLAINERS[name](models, X.shape[1])
    explain(X[:20])  # compiles, loads, warms up
    build = time.process_time() - made
    started = time.process_time()
    found = explain(X)
    seconds = time.process_time() - started
    said: dict[str, Any] = {"seconds": seconds, "build": build}
    if found is not None and found.ndim == 2:
        reference = pred_contrib(models, X.shape[1])(X[:200])
        said["difference"] = float(np.abs(found[:200] - reference).max())
    print(json.dumps(said))


def _booster(text: str) -> Any:
    import lightgbm

    return lightgbm.Booster(model_str=text)


def _frame(X: np.ndarray) -> Any:
    import pandas as pd

    return pd.DataFrame(X, columns=[f"Column_{j}" for j in range(X.shape[1])])


if __name__ == "__main__":
    main()
