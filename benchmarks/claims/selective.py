"""What to make of accounts that sales never worked, on simulated CRMs whose true propensities are known.

Usage: python benchmarks/claims/selective.py [--runs N] [--accounts N]

In each simulated CRM sales works the two in five accounts that look good to a rep. Ways to learn from that: with the
unworked accounts as "not best" (what a table of outcomes says when nobody asks); from the worked ones alone, the
others unlabelled (``accounts.worked``); and from the worked ones weighted by 1 / P(worked), cross-fitted and limited to
3 and 10 times the mean. Printed, as mean over the runs: AUC against who would have become best if worked, among all
eligible accounts and among the unworked; log loss in excess of the true propensities' own; the paired difference in AUC
to the first way; and, for the second, the excess loss of unworked accounts that ``confidence`` calls extrapolated.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.metrics import roc_auc_score

import icp
from icp.model._known import know
from icp.model._worked import worked_region
from icp.options import SimulationOptions
from icp.scoring import PropensityClassifier

COMMON = (
    *("accounts=csv", "accounts.account_id=account_id", "accounts.name_column=name", "outcomes=csv"),
    *("outcomes.account_id=account_id", "outcomes.at=at", "outcomes.kind=stage", "labels=won", "labels.positive=Won"),
    *("as_of=2026-03-31", "tracking=none"),
)
NAIVE = "unworked are not best"
WORKED = "worked only, others unlabelled"
Floats = NDArray[np.float64]


def run(seed: int, n: int, folder: Path) -> list[dict[str, float | str]]:
    """Every way of learning on one simulated CRM."""
    crm = icp.simulate_crm(SimulationOptions(n_accounts=n, selective=True, dirt=0.5, base_rate=0.1), seed)
    crm.write(folder)
    crm.accounts.assign(worked=np.where(crm.truth["worked"], "yes", "no")).to_csv(folder / "accounts.csv", index=False)
    paths = [f"accounts.path={folder}/accounts.csv", f"outcomes.path={folder}/outcomes.csv"]
    given = icp.load_config("train", [*COMMON, *paths, "accounts.ignore=[website,owner]", "accounts.worked=worked"])
    inputs = icp.read_inputs(given)
    known, _ = know(inputs.accounts, inputs.labels, None, None, given.traits)
    pool = inputs.labels.unworked.to_numpy()
    worked_truth = crm.truth[inputs.labels.label.notna().to_numpy()]
    others_truth = crm.truth[pool]
    truth = pd.concat([worked_truth, others_truth])
    X = np.concatenate([known.traits.values, known.unworked])
    n_worked = len(known.y)
    worked = np.arange(len(X)) < n_worked
    new = PropensityClassifier(max_trees=200, categorical=known.traits.categorical)
    margins = {NAIVE: margin(new, X, np.concatenate([known.y, np.zeros(len(X) - n_worked)]), X)}
    margins[WORKED] = margin(new, X[worked], known.y, X)
    chance = expit(new.fit(X, worked.astype(float)).oof_margin_)[worked]
    for limit in (3.0, 10.0):
        weight = np.clip((1.0 / chance) / (1.0 / chance).mean(), 1.0 / limit, limit)
        copies = np.repeat(np.arange(n_worked), np.maximum(np.round(4.0 * weight / weight.mean()), 1).astype(int))
        name = f"worked, weighted up to {limit:.0f} times"
        margins[name] = margin(new, X[worked][copies], known.y[copies], X, copies)
    outside = worked_region(known).outside(X)
    use = (truth["eligible"] & (truth["duplicate_of"] == "")).to_numpy()
    return [
        {"seed": seed, "way": name, "labelled": n_worked, **figures(found, truth, use, ~worked, outside)}
        for name, found in margins.items()
    ]


def margin(new: PropensityClassifier, X: Floats, y: Floats, rows: Floats, groups: object = None) -> Floats:
    """Margins of rows by a classifier fitted on others; copies of a row stay in one fold."""
    return new.fit(X, y, groups=groups).decision_function(rows)


def figures(
    found: Floats, truth: pd.DataFrame, use: NDArray[np.bool_], unworked: NDArray[np.bool_], outside: NDArray[np.bool_]
) -> dict[str, float]:
    """Ranking and calibration against the truth."""
    best, true = truth["best"].to_numpy(), truth["propensity"].to_numpy()
    given = np.clip(expit(found), 1e-6, 1 - 1e-6)
    excess = true * np.log(true / given) + (1 - true) * np.log((1 - true) / (1 - given))
    out = use & unworked
    return {
        "AUC all": roc_auc_score(best[use], given[use]),
        "AUC unworked": roc_auc_score(best[out], given[out]),
        "excess loss all": float(excess[use].mean()),
        "excess loss unworked": float(excess[out].mean()),
        "share of unworked extrapolated": float(outside[out].mean()),
        "excess loss extrapolated": float(excess[out & outside].mean()),
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--accounts", type=int, default=5000)
    asked = parser.parse_args()
    rows = []
    for seed in range(asked.runs):
        with tempfile.TemporaryDirectory() as folder:
            rows += run(seed, asked.accounts, Path(folder))
    table = pd.DataFrame(rows)
    naive = table[table["way"] == NAIVE].set_index("seed")["AUC all"]
    table["gap"] = table["AUC all"] - table["seed"].map(naive)
    names = [name for name in table.columns if name not in ("seed", "way", "labelled", "gap")]
    print(f"{asked.runs} runs of {asked.accounts:,} accounts, {table['labelled'].mean():,.0f} worked on average")
    print("| way | " + " | ".join(names) + " | AUC less the first way's (95 %, paired) |")
    print("| --- " * (len(names) + 2) + "|")
    for way, part in table.groupby("way", sort=False):
        error = 1.96 * part["gap"].std(ddof=1) / np.sqrt(len(part)) if len(part) > 1 else np.nan
        gap = f"{part['gap'].mean():+.4f} ({part['gap'].mean() - error:+.4f} to {part['gap'].mean() + error:+.4f})"
        print(f"| {way} | " + " | ".join(f"{part[name].mean():.4f}" for name in names) + f" | {gap} |")


if __name__ == "__main__":
    main()
