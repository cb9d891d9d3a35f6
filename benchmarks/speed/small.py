"""What small jobs cost: one account from Python, and a command from start to finish."""

from __future__ import annotations

import compileall
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.speed.flow import icp_score, table
from benchmarks.speed.process import measure


def run(work: Path, rounds: int) -> dict[str, Any]:
    """Processor seconds of one account, and of a list of 100 beside importing pandas."""
    import icp

    compileall.compile_dir(Path(icp.__file__).parent, quiet=1)  # as pip leaves a package, whatever the environment says
    model = icp.IdealCustomerModel.load(work / "default")
    one = pd.read_csv(table(100, work), dtype=str, keep_default_na=False).iloc[0].to_dict()
    row = np.load(work / "rows.npz")["rows"][:1]
    found: dict[str, Any] = {
        "one_account": _median_of(lambda: model.score_account(one)),
        "one_row": _median_of(lambda: model.bundle_.score.contributions(row)),
        "score": [],
        "pandas": [],
    }
    for _ in range(rounds):
        found["score"].append(icp_score(table(100, work), work / "default", work / "out").cpu)
        found["pandas"].append(measure([sys.executable, "-c", "import pandas"]).cpu)
    return found


def _median_of(work: Any, times: int = 50) -> float:
    work()
    each = []
    for _ in range(times):
        started = time.process_time()
        work()
        each.append(time.process_time() - started)
    return median(each)
