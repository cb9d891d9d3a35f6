"""Whether low confidence finds the accounts a score knows nothing about, on simulated CRMs whose truth is known.

Usage: python benchmarks/claims/confidence.py [--runs N] [--accounts N]

Each run learns from one simulated CRM and scores another of the same population: as it is, and with the accounts of
another population put in for a half of it (values no account had, other sizes, money in thousandths). Printed, as mean
and range over the runs: the share that gets ``low``, and for the mixed list the AUC and the log loss in excess of the
true propensities' own, of the accounts with confidence high or medium and of those with low.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

import icp
from icp.options import SimulationOptions

MODEL = (
    *("accounts=csv", "accounts.account_id=account_id", "accounts.name_column=name", "accounts.ignore=[website,owner]"),
    *("outcomes=csv", "outcomes.account_id=account_id", "outcomes.at=at", "outcomes.kind=stage"),
    *("labels=won", "labels.positive=Won", "as_of=2026-03-31", "tracking=none", "backtest.order=rows"),
    *("backtest.n_bootstrap=50", "profiles.n_resamples=4", "scoring.max_trees=150"),
)


def times(*names: str, by: float) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """The table with numbers of other size."""

    def change(cells: pd.DataFrame) -> pd.DataFrame:
        scaled = {name: pd.to_numeric(cells[name], errors="coerce").mul(by).round(0) for name in names}
        return cells.assign(**{name: column.map("{:.0f}".format).replace("nan", "") for name, column in scaled.items()})

    return change


def abroad(cells: pd.DataFrame) -> pd.DataFrame:
    """The table as of another country, with its cities, industries and systems."""
    names = ("country", "city", "industry", "crm_system", "cloud_setup", "online_shop")
    return cells.assign(**{name: "Elsewhere " + name for name in names})


POPULATIONS: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "same": lambda cells: cells,
    "another country": abroad,
    "30 times the size": times("employees", "annual_revenue_eur", "n_locations", "open_positions", by=30.0),
    "revenue x 1000": times("annual_revenue_eur", by=1000.0),
}


def run(seed: int, n: int, folder: Path) -> list[dict[str, float | str]]:
    """One simulated CRM to learn from, one to score."""
    learned = icp.simulate_crm(SimulationOptions(n_accounts=n, dirt=0.5), seed)
    learned.write(folder)
    paths = [f"accounts.path={folder}/accounts.csv", f"outcomes.path={folder}/outcomes.csv"]
    cfg = icp.load_config("train", [*MODEL, *paths])
    inputs = icp.read_inputs(cfg)
    stages = {part: getattr(cfg, part) for part in ("traits", "profiles", "scoring", "reasons", "backtest")}
    model = icp.IdealCustomerModel("claim", **stages)
    model.fit(inputs.accounts, inputs.labels, outcomes=inputs.outcomes, reading=cfg.accounts)
    fresh = icp.simulate_crm(SimulationOptions(n_accounts=n, dirt=0.5), 10_000 + seed)
    fresh.write(folder)
    outcomes = icp.read_inputs(cfg).outcomes
    truth = fresh.truth
    use = (truth["eligible"] & (truth["duplicate_of"] == "")).to_numpy()
    half = np.random.default_rng(seed).random(n) < 0.5
    rows = []
    for name, change in POPULATIONS.items():
        cells = fresh.accounts.copy()
        cells[half] = change(cells[half].copy())
        scores = model.score_accounts(cells.set_index("account_id"), outcomes=outcomes, as_of="2026-03-31")
        low = (scores["confidence"] == "low").to_numpy()
        found = {"population": name, "low": float(low[use & half].mean()), "of": int((use & half).sum())}
        for word, inside in (("known", use & ~low), ("low", use & low)):
            found[f"n_{word}"] = int(inside.sum())
            found[f"auc_{word}"], found[f"excess_{word}"] = quality(scores["propensity"], truth, inside)
        rows.append(found)
    return rows


def quality(propensity: pd.Series, truth: pd.DataFrame, inside: np.ndarray) -> tuple[float, float]:
    """AUC, and log loss above that of the true propensities; not a number where too few became best."""
    best, true = truth["best"].to_numpy()[inside], truth["propensity"].to_numpy()[inside]
    given = np.clip(propensity.to_numpy()[inside], 1e-6, 1 - 1e-6)
    if best.sum() < 5:
        return np.nan, np.nan
    excess = np.mean(true * np.log(true / given) + (1 - true) * np.log((1 - true) / (1 - given)))
    return float(roc_auc_score(best, given)), float(excess)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--accounts", type=int, default=4000)
    asked = parser.parse_args()
    rows = []
    for seed in range(asked.runs):
        with tempfile.TemporaryDirectory() as folder:
            rows += run(seed, asked.accounts, Path(folder))
    table = pd.DataFrame(rows)
    print(f"{asked.runs} runs of {asked.accounts:,} accounts learned from and as many scored; mean (least to most)")
    print("| half the list is | of that half low | AUC others | AUC low | excess loss others | excess loss low |")
    print("| --- " * 6 + "|")
    for name, part in table.groupby("population", sort=False):
        cells = [spread(part[key]) for key in ("low", "auc_known", "auc_low", "excess_known", "excess_low")]
        print(f"| {name} | " + " | ".join(cells) + " |")


def spread(values: pd.Series) -> str:
    """Mean and range of the runs that have a figure."""
    return f"{values.mean():.3f} ({values.min():.3f} to {values.max():.3f})" if values.notna().any() else "too few"


if __name__ == "__main__":
    main()
