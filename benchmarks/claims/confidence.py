"""Whether low confidence finds the accounts a score knows nothing about, on simulated CRMs whose truth is known.

Each run learns from one simulated CRM and scores another of the same population: as it is, and with the accounts of
another population put in for a half of it (values no account had, other sizes, money in thousandths). Shares are of
that half; AUC is against who truly became best, excess log loss is above that of the true propensities.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

import icp
from benchmarks.claims._protocol import ClaimRow, mean_row
from icp.options import SimulationOptions

MODEL = (
    *("accounts=csv", "accounts.account_id=account_id", "accounts.name_column=name", "accounts.ignore=[website,owner]"),
    *("outcomes=csv", "outcomes.account_id=account_id", "outcomes.at=at", "outcomes.kind=stage"),
    *("labels=won", "labels.positive=Won", "as_of=2026-03-31", "tracking=none", "backtest.order=rows"),
    *("backtest.n_bootstrap=50", "profiles.n_resamples=4", "scoring.max_trees=150"),
)

SHIFTED = 0.8
"""Least share of an unknown population that is to be called low."""


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


def run(n_runs: int, seed: int, n: int = 4000) -> list[ClaimRow]:
    """Share called low, and how good the others' scores are; there are 1 in 100 as many runs."""
    rows = []
    for i in range(max(3, n_runs // 100)):
        with tempfile.TemporaryDirectory() as folder:
            rows += one_run(1000 * seed + i, n, Path(folder))
    found = []
    for name, part in pd.DataFrame(rows).groupby("population", sort=False):
        setting = f"{n:,} accounts learned from, {n:,} scored, half of them: {name}"
        same = name == "same"
        target = {"most": 0.03} if same else {"least": SHIFTED}
        truth = "known population" if same else "unknown population"
        found.append(mean_row("confidence is low", truth, setting, part["low"], percent=True, **target))
        auc = part["auc_known"]
        found.append(mean_row("AUC of accounts with confidence medium or high", "unknown", setting, auc))
        worse = (part["excess_low"] - part["excess_known"]).dropna()
        if len(worse) > 1 and not same:
            claim = "excess log loss of accounts with confidence low, less that of the others"
            found.append(mean_row(claim, "above 0", setting, worse, least=0.0))
    return found


def one_run(seed: int, n: int, folder: Path) -> list[dict[str, float | str]]:
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
