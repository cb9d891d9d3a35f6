"""A user's own scikit-learn estimator: fit, score, explain; never saved."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import icp
from icp._inputs import read_inputs
from icp.config import resolve
from icp.errors import BundleError
from icp.options import BacktestOptions, ProfileOptions
from trained_models import inside


@pytest.fixture(scope="module")
def own(leads):
    with inside(leads.folder):
        inputs = read_inputs(resolve(icp.load_config("train", [*leads.overrides])))
    classifier = make_pipeline(SimpleImputer(), LogisticRegression(max_iter=2000, C=0.1))
    model = icp.IdealCustomerModel(
        "mine",
        classifier=classifier,
        backtest=BacktestOptions(order="rows", n_bootstrap=100),
        profiles=ProfileOptions(n_resamples=5),
    )
    return model.fit(inputs.accounts, inputs.labels), leads.accounts.set_index("account_id").iloc[:20]


def test_it_is_judged_and_scores(own):
    model, accounts = own
    scores = model.score_accounts(accounts)
    assert model.metrics_["auc"] > 0.6
    assert scores["propensity"].between(0, 1).all() and scores["propensity"].nunique() > 10
    assert scores["model_version"].str.startswith("mine-").all()


def test_it_is_explained_by_contributions_that_add_up(own):
    model, accounts = own
    explained = model.explain_accounts(accounts)
    total = explained.drop(columns=["margin"]).sum(axis=1)
    np.testing.assert_allclose(total, explained["margin"], atol=1e-6)
    assert model.score_accounts(accounts)["reason_1"].notna().any()


def test_the_estimator_given_is_left_as_it_was(own):
    assert not hasattr(own[0].classifier[-1], "coef_")


def test_it_is_not_saved_and_leaves_no_folder(own, tmp_path):
    with pytest.raises(BundleError, match="ICP515"):
        own[0].save(tmp_path / "bundle")
    assert list(tmp_path.iterdir()) == []
