"""PropensityClassifier: planted truth, the null, and exact additivity."""

import json

import numpy as np
import pytest
from scipy.special import expit
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.utils.estimator_checks import parametrize_with_checks

from icp.errors import ConfigError, NotEnoughDataError
from icp.scoring import PropensityClassifier, ScoreModel, sum_margin

CATEGORICAL = np.array([False, False, False, True, False])


def planted(n, seed=0, strength=1.0, intercept=-1.0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 5))
    X[:, 2] = np.exp(2 * X[:, 2])
    X[:, 3] = rng.integers(0, 6, n)
    effect = np.array([0.0, 1.5, -1.0, 0.0, 0.5, 0.0])[X[:, 3].astype(int)]
    margin = intercept + strength * (X[:, 0] + 0.8 * (X[:, 1] > 0) * (X[:, 4] > 0) + effect)
    y = (rng.random(n) < expit(margin)).astype(int)
    X[rng.random(n) < 0.1, 0] = np.nan
    X[rng.random(n) < 0.1, 3] = np.nan
    return X, y, margin


@pytest.fixture(scope="module")
def fitted():
    X, y, _ = planted(2000)
    engagement = np.array([False, False, False, False, True])
    return PropensityClassifier(max_trees=40, categorical=CATEGORICAL, engagement=engagement).fit(X, y), X, y


@parametrize_with_checks([PropensityClassifier(max_trees=10)])
def test_scikit_learn_takes_it_for_a_classifier(estimator, check):
    check(estimator)


def test_contributions_add_up_to_the_boosters_own_margin(fitted):
    model = fitted[0].model_
    X = planted(700, seed=5)[0]
    X[:50] = np.nan
    X[50:60, 3] = 17.0
    total = sum_margin(model.base, model.contributions(X))
    assert model.forest_weight > 0
    assert np.abs(total - model.check_margin(X)).max() < 1e-9


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_contributions_of_a_row_do_not_depend_on_the_batch_or_the_threads(fitted, size):
    model = fitted[0].model_
    X = planted(1000, seed=6)[0]
    whole = model.contributions(X, n_threads=2)
    last = 1000 if size > 1 else 60
    parts = [model.contributions(X[i : i + size], n_threads=1) for i in range(0, last, size)]
    assert np.array_equal(np.vstack(parts), whole[:last])
    assert np.array_equal(model.contributions(np.asfortranarray(X)), whole)


def test_written_as_data_and_read_again_it_gives_the_same_bits(fitted):
    model, X, _ = fitted[0].model_, *fitted[1:]
    again = ScoreModel.from_dict(json.loads(json.dumps(model.to_dict())), model.forest_texts)
    assert again.base == model.base
    assert np.array_equal(again.contributions(X[:50]), model.contributions(X[:50]))
    assert np.array_equal(again.check_margin(X[:50]), model.check_margin(X[:50]))


def test_refit_on_the_same_rows_gives_the_same_model(fitted):
    first, X, y = fitted
    second = PropensityClassifier(**first.get_params()).fit(X, y)
    assert second.model_.forest_texts == first.model_.forest_texts
    assert second.model_.to_dict() == first.model_.to_dict()
    assert np.array_equal(second.oof_margin_, first.oof_margin_)


def test_stored_boosters_hold_no_range_of_the_training_values(fitted):
    _, X, _ = fitted
    for text in fitted[0].model_.forest_texts:
        assert repr(float(np.nanmax(X[:, 2]))) not in text
        assert "parameters" not in text


def test_no_tree_mixes_fit_and_engagement(fitted):
    model = fitted[0].model_
    X = planted(300, seed=7)[0]
    changed = X.copy()
    changed[:, 4] = np.random.default_rng(1).normal(size=300)
    before, after = model.contributions(X), model.contributions(changed)
    assert np.array_equal(before[:, :4], after[:, :4])
    assert not np.array_equal(before[:, 4], after[:, 4])


def test_margin_is_calibrated_and_ranks_nearly_as_well_as_the_truth():
    X, y, _ = planted(3000, seed=1)
    Xt, yt, truth = planted(6000, seed=2)
    score = PropensityClassifier(categorical=CATEGORICAL).fit(X, y)
    assert score.mode_ == "blend"
    margin = score.decision_function(Xt)
    # 10 % of two drivers are hidden from the model
    assert roc_auc_score(yt, margin) > roc_auc_score(yt, truth) - 0.03
    assert expit(margin).mean() == pytest.approx(yt.mean(), abs=0.02)
    assert log_loss(y, expit(score.oof_margin_)) == pytest.approx(log_loss(yt, expit(margin)), abs=0.03)


@pytest.mark.parametrize(("n", "mode"), [(150, "rates"), (400, "linear"), (1200, "blend")])
def test_amount_of_data_decides_the_mode_and_each_finds_the_planted_driver(n, mode):
    X, y, _ = planted(n, seed=3, intercept=-2.2)
    score = PropensityClassifier(max_trees=100, categorical=CATEGORICAL).fit(X, y)
    assert score.mode_ == mode
    Xt, yt, _ = planted(3000, seed=4, intercept=-2.2)
    assert roc_auc_score(yt, score.decision_function(Xt)) > 0.68
    total = sum_margin(score.model_.base, score.model_.contributions(Xt))
    assert np.abs(total - score.decision_function(Xt)).max() < 1e-9


@pytest.mark.parametrize("n", [150, 500, 2000])
def test_permuted_labels_collapse_towards_the_base_rate(n):
    X, y, _ = planted(n, seed=8, intercept=-2.0)
    y = np.random.default_rng(9).permutation(y)
    score = PropensityClassifier(categorical=CATEGORICAL).fit(X, y)
    p = score.predict_proba(planted(2000, seed=10)[0])[:, 1]
    assert p.mean() == pytest.approx(y.mean(), abs=0.03)
    assert p.std() < 0.05


def test_rows_of_one_group_do_not_inflate_the_held_out_margin():
    rng = np.random.default_rng(0)
    X = np.repeat(rng.normal(size=(200, 4)), 6, axis=0)
    y = np.repeat(rng.integers(0, 2, 200), 6)
    groups = np.repeat(np.arange(200), 6)
    apart = PropensityClassifier(max_trees=60).fit(X, y)
    together = PropensityClassifier(max_trees=60).fit(X, y, groups=groups)
    assert roc_auc_score(y, apart.oof_margin_) > 0.8
    assert roc_auc_score(y, together.oof_margin_) < 0.62


def test_curves_have_mean_zero_so_contributions_are_relative_to_the_average_account(fitted):
    classifier, X, _ = fitted
    assert np.abs(classifier.model_.linear.contributions(X).mean(axis=0)).max() < 1e-10


def test_unknown_value_adds_nothing_where_training_had_none():
    X, y, _ = planted(600, seed=11)
    X = np.nan_to_num(X)
    score = PropensityClassifier(categorical=CATEGORICAL).fit(X, y)
    assert np.array_equal(score.model_.linear.contributions(np.full((1, 5), np.nan)), np.zeros((1, 5)))


def test_one_class_is_refused_with_what_to_do():
    with pytest.raises(NotEnoughDataError, match="ICP354"):
        PropensityClassifier().fit(np.zeros((20, 2)), np.ones(20))


def test_all_wrong_settings_are_named_at_once():
    X, y, _ = planted(100)
    with pytest.raises(ConfigError, match=r"ICP353") as error:
        PropensityClassifier(n_folds=1, learning_rate=0, categorical=[True]).fit(X, y)
    assert "n_folds" in str(error.value) and "learning_rate" in str(error.value) and "categorical" in str(error.value)


def test_noise_columns_of_every_odd_shape_are_survived():
    X, y, _ = planted(900, seed=12)
    rare = np.zeros(900)
    rare[:3] = 5.0
    odd = np.column_stack([X, np.full(900, np.nan), np.full(900, 4.0), rare, np.full(900, 1e300)])
    mask = np.array([*CATEGORICAL, True, False, False, False])
    score = PropensityClassifier(max_trees=30, categorical=mask).fit(odd, y)
    assert np.isfinite(score.decision_function(odd)).all()
