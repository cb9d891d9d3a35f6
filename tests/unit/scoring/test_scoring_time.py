"""Rows in time: traits that mark a period stay out of the trees, and a rate that moved is met."""

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.metrics import roc_auc_score

from icp.scoring import PropensityClassifier
from icp.scoring._time import is_time, marks_time, recent_shift

NUMBERS = np.zeros(3, dtype=bool)


def economy(n=4000, seed=0):
    """A rate that follows an indicator; the indicator rises with time, and goes on to rise in the rows to come."""
    rng = np.random.default_rng(seed)
    order = np.arange(n, dtype=float)
    indicator = np.floor(order / 200) + 0.01 * rng.normal(size=n)
    X = np.column_stack([rng.normal(size=n), indicator, rng.normal(size=n)])
    y = (rng.random(n) < expit(-3.5 + X[:, 0] + 0.12 * indicator)).astype(int)
    return X, y, order


def test_a_trait_that_follows_time_is_told_from_one_that_does_not():
    X, _, order = economy()
    assert marks_time(X, NUMBERS, order).tolist() == [False, True, False]


def test_levels_of_one_period_mark_time_and_levels_of_all_do_not():
    n = 2000
    rng = np.random.default_rng(1)
    order = rng.permutation(n).astype(float)
    X = np.column_stack([np.floor(order / 250), rng.integers(0, 30, n), np.full(n, np.nan)])
    assert marks_time(X, np.array([True, True, True]), order).tolist() == [True, False, False]


@pytest.mark.parametrize("order", [np.full(1000, np.nan), np.zeros(1000), np.arange(1000.0) * np.nan])
def test_without_an_order_nothing_marks_time(order):
    assert not marks_time(np.arange(3000.0).reshape(1000, 3), NUMBERS, order).any()


def test_noise_marks_time_in_no_draw():
    rng = np.random.default_rng(2)
    marked = [marks_time(rng.normal(size=(400, 3)), NUMBERS, np.arange(400.0)).any() for _ in range(50)]
    assert not any(marked)


def test_trees_do_not_use_what_marks_time_and_later_rows_are_ranked_better():
    X, y, order = economy(6000)
    early, late = slice(0, 4000), slice(4000, None)
    known = PropensityClassifier(max_trees=150).fit(X[early], y[early], order=order[early])
    blind = PropensityClassifier(max_trees=150).fit(X[early], y[early])
    assert known.mode_ == "blend"
    moved = X[late].copy()
    moved[:, 1] = 0.0
    forest = known.model_.forest
    assert np.array_equal(forest.contributions(X[late]), forest.contributions(moved))
    assert not blind.marks_time_.any()
    auc = [roc_auc_score(y[late], score.decision_function(X[late])) for score in (known, blind)]
    assert auc[0] > auc[1] - 0.002


def test_a_rate_that_the_traits_do_not_explain_is_met():
    rng = np.random.default_rng(3)
    n = 5000
    X = rng.normal(size=(n, 3))
    jump = np.where(np.arange(n) >= 4000, 1.2, 0.0)
    y = (rng.random(n) < expit(-2.0 + X[:, 0] + jump)).astype(int)
    order = np.arange(n, dtype=float)
    moved = PropensityClassifier(max_trees=60).fit(X, y, order=order)
    assert 0.6 < moved.rate_shift_ < 1.2
    newest = slice(4000, None)
    assert expit(moved.oof_margin_[newest]).mean() == pytest.approx(y[newest].mean(), abs=0.002)
    still = PropensityClassifier(max_trees=60, follow_rate=False).fit(X, y, order=order)
    assert still.rate_shift_ == 0.0
    assert moved.decision_function(X[:5]) == pytest.approx(still.decision_function(X[:5]) + moved.rate_shift_)


def test_a_steady_rate_moves_nothing():
    rng = np.random.default_rng(4)
    shifts = []
    for _ in range(100):
        margin = logit(0.1) + rng.normal(size=2000)
        shifts.append(recent_shift(margin, (rng.random(2000) < expit(margin)).astype(float), np.arange(2000.0)))
    assert not any(shifts)


def test_the_date_of_a_row_is_not_drawn_on_into_the_future():
    """A rate that rose once: the line may say so of these rows, but ranks no later row by its date alone."""
    rng = np.random.default_rng(7)
    order = np.arange(4000, dtype=float)
    X = np.column_stack([4000.0 - order, rng.normal(size=4000)])
    y = (rng.random(4000) < expit(-2.0 + order / 2000 + X[:, 1])).astype(int)
    numbers = np.zeros(2, dtype=bool)
    assert is_time(X, numbers, order).tolist() == [True, False]
    fitted = PropensityClassifier(max_trees=40).fit(X[:3000], y[:3000], order=order[:3000])
    later = X[3000:].copy()
    later[:, 1] = 0.0
    assert np.ptp(fitted.decision_function(later)) == pytest.approx(0.0, abs=1e-9)
    freely = PropensityClassifier(max_trees=40).fit(X[:3000], y[:3000])
    assert np.ptp(freely.decision_function(later)) > 0.1


def test_what_only_leans_on_time_may_be_drawn_on():
    X, _, order = economy()
    assert not is_time(np.column_stack([X[:, 0], order + 2000 * X[:, 2]]), np.zeros(2, dtype=bool), order).any()
