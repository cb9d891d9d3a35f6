"""What to make of accounts that sales never worked, on simulated CRMs whose true propensities are known.

In each simulated CRM sales works the two in five accounts that look good to a rep. Ways to learn from that: with the
unworked accounts as "not best" (what a table of outcomes says when nobody asks); from the worked ones alone, the
others unlabelled (``accounts.worked``); and from the worked ones weighted by 1 / P(worked), cross-fitted and limited to
3 and 10 times the mean. AUC is against who would have become best if worked, excess log loss is above that of the true
propensities; differences are paired, within one CRM.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.metrics import roc_auc_score

import icp
from benchmarks.claims._protocol import ClaimRow, mean_row
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


def run(n_runs: int, seed: int, n: int = 5000) -> list[ClaimRow]:
    """Ranking and calibration against the truth; a CRM costs half a minute, so there are 1 in 100 as many."""
    rows = []
    for i in range(max(3, n_runs // 100)):
        with tempfile.TemporaryDirectory() as folder:
            rows += one_run(1000 * seed + i, n, Path(folder))
    table = pd.DataFrame(rows).set_index(["way", "seed"])
    worked = table.loc[NAIVE, "labelled"].mean()
    setting = f"{n:,} accounts, about {round(worked, -2):,.0f} worked"
    found = []
    for way in (way for way in table.index.unique("way") if way != NAIVE):
        target = {"least": 0.0} if way == WORKED else {}
        gained = table.loc[way] - table.loc[NAIVE]
        for where in ("all", "unworked"):
            told = f"{way}; {where} accounts, less the same where {NAIVE}"
            found.append(mean_row(f"AUC, {told}", "0 or more", setting, gained[f"AUC {where}"], **target))
            saved = -gained[f"excess loss {where}"]
            found.append(mean_row(f"excess log loss saved, {told}", "0 or more", setting, saved, **target))
        if way != WORKED:
            gap = table.loc[way, "AUC all"] - table.loc[WORKED, "AUC all"]
            found.append(mean_row(f"AUC, {way}; all accounts, less the same unweighted", "unknown", setting, gap))
    return [*found, *_extrapolated(table.loc[WORKED], setting)]


def _extrapolated(part: pd.DataFrame, setting: str) -> list[ClaimRow]:
    """What is told of unworked accounts that look like none that were worked."""
    share = part["share of unworked extrapolated"]
    worse = (part["excess loss extrapolated"] - part["excess loss unworked"]).dropna()
    rows = [mean_row("unworked accounts called extrapolated", "unknown", setting, share, percent=True)]
    if len(worse) > 1:
        claim = "excess log loss of extrapolated accounts, less that of all unworked"
        rows.append(mean_row(claim, "above 0", setting, worse, least=0.0))
    return rows


def one_run(seed: int, n: int, folder: Path) -> list[dict[str, float | str]]:
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
