from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pytest

from icp.reasons import additivity_error, check_additivity, model_contributions
from icp.reasons._explain import load_shap


def test_contributions_that_add_up_pass_and_others_are_refused():
    rng = np.random.default_rng(0)
    phi = rng.normal(size=(50, 4))
    margin = -2.0 + phi.sum(axis=1)
    assert check_additivity(margin, -2.0, phi) is None
    margin[7] += 0.001
    finding = check_additivity(margin, -2.0, phi)
    assert (finding.code, finding.severity, finding.action, finding.n_rows) == ("ICP404", "issue", "refused", 1)
    assert finding.evidence["max_error"] == pytest.approx(0.001)
    assert additivity_error(margin[:0], -2.0, phi[:0]) == 0.0


def test_a_margin_that_is_not_a_number_is_refused():
    finding = check_additivity(np.array([0.0, np.nan]), 0.0, np.zeros((2, 1)))
    assert finding is not None and finding.n_rows == 1 and finding.evidence["max_error"] is None


@pytest.mark.slow  # shap compiles its masks on first use
def test_any_models_contributions_add_up_to_its_margin():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(30, 5))
    X[rng.random(X.shape) < 0.1] = np.nan

    def margin(rows):
        filled = np.nan_to_num(rows)
        return filled[:, 0] * filled[:, 1] + np.sin(filled[:, 2])

    background = X[:20]
    phi = model_contributions(margin, X, background)
    assert additivity_error(margin(X), float(margin(background).mean()), phi) < 1e-9
    assert np.abs(phi[:, 3:]).max() < 1e-12
    assert np.array_equal(phi, model_contributions(margin, X, background))
    assert model_contributions(margin, X[:0], background).shape == (0, 5)


def test_lightgbm_contributions_are_those_of_shap():
    rng = np.random.default_rng(2)
    X = rng.normal(size=(300, 6))
    X[rng.random(X.shape) < 0.1] = np.nan
    y = (np.nan_to_num(X[:, 0]) * np.nan_to_num(X[:, 1]) + X[:, 2] > 0).astype(float)
    settings = {"objective": "binary", "num_leaves": 8, "verbose": -1, "num_threads": 1, "seed": 1}
    booster = lgb.train(settings, lgb.Dataset(X, y), 20)
    ours = booster.predict(X, pred_contrib=True)
    theirs = np.asarray(load_shap().TreeExplainer(booster)(X).values)
    theirs = theirs[..., -1] if theirs.ndim == 3 else theirs
    assert np.abs(ours[:, :-1] - theirs).max() < 1e-6
    assert check_additivity(booster.predict(X, raw_score=True), ours[0, -1], ours[:, :-1]) is None
