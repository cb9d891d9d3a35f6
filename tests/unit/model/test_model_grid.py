"""Fit against engagement on accounts that the judged models never saw."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import icp
from icp import IdealCustomerModel
from icp.model._grid import engagement_sum
from icp.model._known import know
from icp.model._learning import Learner
from icp.options import BacktestOptions, ScoringOptions, TraitOptions
from icp.scoring import PropensityClassifier, sum_margin

QUICK = (
    *("accounts=csv", "accounts.account_id=id", "tracking=none", "labels=flag", "labels.column=best"),
    *("labels.positive=yes", "backtest.n_bootstrap=50", "backtest.n_folds=3", "profiles.n_resamples=2"),
    *("scoring.max_trees=30", "scoring.n_folds=2"),
)


def market(n: int = 1500) -> pd.DataFrame:
    """Accounts whose size and visits both decide, and which nothing else decides."""
    rng = np.random.default_rng(3)
    size, visits, noise = rng.normal(size=(3, n))
    best = rng.random(n) < expit(-1.6 + 1.3 * size + 1.3 * visits)
    columns = {"size": size, "visits": visits, "calls": noise, "growth": rng.normal(size=n)}
    return pd.DataFrame({"id": [f"a{i}" for i in range(n)], **columns, "best": np.where(best, "yes", "no")})


def inputs(folder, *overrides: str):
    market().to_csv(folder / "accounts.csv", index=False)
    cfg = icp.load_config("train", [*QUICK, f"accounts.path={folder}/accounts.csv", *overrides])
    return cfg, icp.read_inputs(cfg)


def fitted(folder, *overrides: str, classifier=None) -> IdealCustomerModel:
    cfg, read = inputs(folder, *overrides)
    stages = {part: getattr(cfg, part) for part in ("traits", "profiles", "scoring", "reasons", "backtest")}
    model = IdealCustomerModel("grid", classifier=classifier, **stages)
    return model.fit(read.accounts, read.labels, reading=cfg.accounts)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return fitted(tmp_path_factory.mktemp("grid"), "accounts.engagement=[visits,calls]")


@pytest.mark.parametrize("n", [60, 200, 1500])
def test_the_engagement_part_is_the_sum_of_its_contributions(n):
    rng = np.random.default_rng(n)
    X = np.column_stack([rng.normal(size=(n, 4)), rng.integers(0, 3, n)])
    X[rng.random(X.shape) < 0.1] = np.nan
    y = rng.random(n) < expit(-0.5 + np.nan_to_num(X[:, 0] * X[:, 1] + X[:, 2] * X[:, 3]))
    engagement = np.array([False, False, True, True, True])
    options = {"categorical": [False] * 4 + [True], "engagement": engagement, "max_trees": 30, "n_folds": 2}
    score = PropensityClassifier(**options).fit(X, y).model_
    exact = sum_margin(0.0, score.contributions(X)[:, engagement])
    assert engagement_sum(score, X, engagement) == pytest.approx(exact, abs=1e-6)
    assert engagement_sum(score, X[:0], engagement).shape == (0,)


def test_cells_hold_every_held_out_account_once(model):
    grid = model.bundle_.card["grid"]
    assert [f"{row['fit_tier']}{row['engagement_level']}" for row in grid] == [a + b for a in "ABCD" for b in "123"]
    assert sum(row["n"] for row in grid) == model.metrics_["n_test"]
    assert sum(row["best"] for row in grid) == model.judgement_.evaluation.y.sum()


def test_more_became_best_with_better_fit_and_with_more_engagement(model):
    rows = pd.DataFrame(model.bundle_.card["grid"])
    for side in ("fit_tier", "engagement_level"):
        rate = rows.groupby(side)["best"].sum() / rows.groupby(side)["n"].sum()
        assert rate.is_monotonic_decreasing
        assert rate.iloc[0] > 1.5 * rate.iloc[-1]


def test_a_row_is_placed_by_a_model_that_did_not_learn_from_it(tmp_path):
    _, read = inputs(tmp_path, "accounts.engagement=[visits,calls]", "backtest.order=random")
    known, _ = know(read.accounts, read.labels, None, None, TraitOptions())
    learner = Learner(ScoringOptions(max_trees=20, n_folds=2), 0)
    judgement = learner.judged(known, BacktestOptions(order="random", n_folds=2))
    engagement, start = known.traits.engagement, 0
    for train, test in judgement.split.folds:
        alone = PropensityClassifier(
            2, max_trees=20, categorical=known.traits.categorical, engagement=engagement, random_state=0
        ).fit(known.traits.values[train], known.y[train], groups=known.groups[train])
        exact = sum_margin(0.0, alone.model_.contributions(known.traits.values[test])[:, engagement])
        assert judgement.engagement[start : start + len(test)] == pytest.approx(exact, abs=1e-6)
        start += len(test)
    assert start == len(judgement.rows)


def test_without_engagement_or_with_a_classifier_of_ones_own_there_is_no_grid(tmp_path):
    assert fitted(tmp_path).bundle_.card["grid"] == []
    own = make_pipeline(StandardScaler(), LogisticRegression())
    assert fitted(tmp_path, "accounts.engagement=[visits,calls]", classifier=own).bundle_.card["grid"] == []
