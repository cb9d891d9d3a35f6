"""What is learned from a list when accounts nobody contacted count as losses, and when nothing is said of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from benchmarks.claims._protocol import ClaimRow, mean_row
from benchmarks.claims._sales_world import a_list, worked
from icp.outcomes import FollowRules, labels_from
from icp.scoring import PropensityClassifier

Floats = NDArray[np.float64]
WEIGHTS = (0.9, 0.6, 0.4, 0.0)
APPEAL = (0.0, 0.3, -0.6, 0.9)
"""What makes an account win, and what a rep likes about it: not the same."""

LATER = FollowRules(window_days=60, until=pd.Timestamp("2027-04-01"))
"""Windows are over, and what was kept for later too."""


def rows(seeds: list[int], n: int = 3000) -> list[ClaimRow]:
    """Paired differences of both ways, on accounts of no list."""
    found = pd.DataFrame([_one(seed, n) for seed in seeds])
    setting = f"{n:,} accounts, four in ten worked by what reps like"
    told = "'not contacted' as a loss, less nothing said of it"
    return [
        mean_row(f"{told}: AUC against the true propensities", "below 0", setting, found["auc"], most=0.0),
        mean_row(f"{told}: log loss above that of the true propensities", "above 0", setting, found["excess"],
                 least=0.0),
        mean_row(f"{told}: mean promise less the true rate", "below 0", setting, found["rate"], most=0.0),
        mean_row("nothing said of 'not contacted': mean promise less the true rate", "0", setting, found["own"],
                 least=-0.03, most=0.03),
    ]  # fmt: skip


def labelled(seed: int, n: int) -> tuple[Floats, pd.DataFrame]:
    """Traits of the accounts of one list, and what came back of it as labels."""
    X, p, liked = _accounts(seed, n)
    listed = a_list(n, seed).assign(propensity=p)
    listed["position"] = pd.Series(-liked).groupby(listed["rep"]).rank(method="first")
    followed, _ = worked(listed, seed, rules=LATER, effort=0.4)
    labels = labels_from(followed).set_index("account_id").loc[listed["account_id"]]
    return X, labels.assign(won=followed.set_index("account_id")["won"])


def _one(seed: int, n: int) -> dict[str, Any]:
    X, labels = labelled(seed, n)
    new, p, _ = _accounts(seed + 500_000, 4000)
    told = labels["label"].to_numpy()
    given = {}
    for name, y in (("silent", told), ("loss", np.where(labels["worked"], told, labels["won"].astype(float)))):
        known = np.isfinite(y)
        classifier = PropensityClassifier(max_trees=100, random_state=0)
        given[name] = np.clip(expit(classifier.fit(X[known], y[known]).decision_function(new)), 1e-6, 1 - 1e-6)
    best = np.random.default_rng(seed).uniform(size=len(p)) < p
    auc = {name: roc_auc_score(best, one) for name, one in given.items()}
    cost = {name: float(-(p * np.log(one) + (1 - p) * np.log(1 - one)).mean()) for name, one in given.items()}
    return {
        "auc": auc["loss"] - auc["silent"],
        "excess": cost["loss"] - cost["silent"],
        "rate": float((given["loss"] - p).mean()),
        "own": float((given["silent"] - p).mean()),
    }


def _accounts(seed: int, n: int) -> tuple[Floats, Floats, Floats]:
    X = np.random.default_rng([seed, 5]).normal(size=(n, len(WEIGHTS)))
    return X, expit(-1.5 + X @ np.array(WEIGHTS)), X @ np.array(APPEAL)
