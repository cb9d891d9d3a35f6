"""A table of accounts whose best customers are of planted kinds, for training again and again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from trained_models import inside

KINDS = {
    "exporter": {"sector": "Machinery", "region": "North", "contract": "Yearly", "staff": 800.0, "share": 70.0},
    "shop": {"sector": "Retail", "region": "South", "contract": "Monthly", "staff": 12.0, "share": 5.0},
    "clinic": {"sector": "Health", "region": "West", "contract": "Open", "staff": 120.0, "share": 30.0},
    "software": {"sector": "Software", "region": "East", "contract": "Trial", "staff": 50.0, "share": 90.0},
}
"""What each kind usually is."""

ALL = {"exporter": 70, "shop": 70, "clinic": 70}
QUICK = (
    "backtest.order=rows", "backtest.n_bootstrap=50", "scoring.max_trees=10", "profiles.n_resamples=4",
    "labels=flag", "labels.column=best", "labels.positive=yes", "name=planted",
)  # fmt: skip


def customers(seed: int, best: Mapping[str, int] = ALL, n_others: int = 400) -> pd.DataFrame:
    """Accounts: so many best customers of each kind, and others of no kind."""
    rng = np.random.default_rng(seed)
    kinds = np.repeat([*best, "none"], [*best.values(), n_others])
    usual = pd.DataFrame([KINDS.get(kind, {}) for kind in kinds])
    frame = pd.DataFrame({"account_id": [f"C-{i:04d}" for i in range(len(kinds))]})
    for name in ("sector", "region", "contract"):
        any_of = rng.choice([kind[name] for kind in KINDS.values()], len(kinds))
        own = usual[name].notna() & (rng.random(len(kinds)) < 0.85)
        frame[name] = np.where(own, usual[name], any_of)
    for name, spread in (("staff", 0.4), ("share", 0.2)):
        any_of = rng.choice([kind[name] for kind in KINDS.values()], len(kinds))
        middle = np.where(usual[name].notna(), usual[name], any_of)
        frame[name] = np.round(middle * np.exp(rng.normal(0, spread, len(kinds))), 2)
    frame["noise"] = np.round(rng.normal(size=len(kinds)), 3)
    frame["kind"] = kinds
    frame["best"] = np.where(kinds == "none", "no", "yes")
    return frame.iloc[rng.permutation(len(frame))].reset_index(drop=True)


def train(folder: Path, table: pd.DataFrame, output: str, *more: str):
    """Train on a table, with ids where it has them."""
    import icp

    file = folder / "planted.csv"
    table.drop(columns="kind", errors="ignore").to_csv(file, index=False)
    ids = ("accounts.account_id=account_id",) if "account_id" in table else ()
    reading = ("accounts=csv", f"accounts.path={file}", *ids)
    with inside(folder):
        return icp.train.run(icp.load_config("train", [*reading, *QUICK, f"output=out/{output}", *more]))
