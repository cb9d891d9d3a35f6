"""Levels as numbers, and trees on such numbers as trees on sets of levels."""

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from icp.scoring import PropensityClassifier
from icp.scoring._classifier import _learn_linear
from icp.scoring._forest import Forest
from icp.scoring._growing import plain_text
from icp.scoring._level_numbers import learn_numbers, others_numbers
from icp.scoring._linear import draw_curves

COLUMNS = np.array([0, 2])


def rows(seed, n=500, levels=70, missing=0.1):
    """A column of many levels, a number, a column of few levels; the first decides most."""
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.integers(levels, size=n), rng.normal(size=n), rng.integers(3, size=n)]).astype(float)
    y = (rng.normal(size=levels)[X[:, 0].astype(int)] + X[:, 1] + rng.normal(size=n) > 0.5).astype(float)
    X[rng.random(X.shape) < missing] = np.nan
    return X, y


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.3]), st.sampled_from([1, 5, 33, 70]))
def test_a_booster_on_sets_says_what_the_booster_on_numbers_says(seed, missing, levels):
    X, y = rows(seed, levels=levels, missing=missing)
    numbers = learn_numbers(X[:400], y[:400], COLUMNS, np.array([levels, 3]))
    told = {"objective": "binary", "num_leaves": 8, "num_threads": 1, "verbosity": -1, "min_data_in_leaf": 5}
    booster = lightgbm.train(told, lightgbm.Dataset(numbers.encode(X), y), 10)
    text = numbers.as_sets(plain_text(booster.model_to_string()))
    asked = X.copy()
    asked[:20, 0], asked[20:40, 2], asked[40:60, 0] = levels + 5, np.nan, -1
    expected = booster.predict(numbers.encode(asked), raw_score=True)
    assert booster.num_feature() == 5
    forest = Forest((text,))
    np.testing.assert_array_equal(forest.margin(asked), expected)
    np.testing.assert_allclose(forest.contributions(asked).sum(axis=1) + forest.base, expected, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(lightgbm.Booster(model_str=text).predict(asked, raw_score=True), expected)


def test_rates_are_shrunken_towards_the_rate_of_all():
    X = np.array([[0.0], [0.0], [1.0], [np.nan]])
    y = np.array([1.0, 1.0, 0.0, 0.0])
    (table,) = learn_numbers(X, y, np.array([0]), np.array([3])).rates.values()
    np.testing.assert_allclose(table, [(2 + 5) / 12, 5 / 11, 5 / 10, 5 / 11])


def test_shares_count_the_rows_of_a_level():
    X = np.array([[0.0], [0.0], [1.0], [np.nan]])
    numbers = learn_numbers(X, np.array([1.0, 1.0, 0.0, 0.0]), np.array([0]), np.array([3]))
    np.testing.assert_array_equal(numbers.shares[0], [0.5, 0.25, 0, 0.25])
    np.testing.assert_array_equal(numbers.encode(np.array([[1.0], [2.0], [9.0]]))[:, 1], [0.25, 0, 0.25])


def test_a_level_that_is_common_is_told_from_one_that_is_rare_with_the_same_rate():
    rng = np.random.default_rng(0)
    levels = np.where(rng.random(4000) < 0.5, rng.integers(3, size=4000), 3 + rng.integers(40, size=4000))
    y = (rng.random(4000) < 0.3).astype(float)
    X = levels[:, None].astype(float)
    numbers = learn_numbers(X, y, np.array([0]), np.array([43]))
    told = {"objective": "binary", "num_leaves": 2, "num_threads": 1, "verbosity": -1}
    common = (levels < 3).astype(float)  # what the trees are to find, whatever the rates
    booster = lightgbm.train(told, lightgbm.Dataset(numbers.encode(X), common), 1)
    (tree,) = booster.dump_model()["tree_info"]
    assert tree["tree_structure"]["split_feature"] == 1
    forest = Forest((numbers.as_sets(plain_text(booster.model_to_string())),))
    assert len(set(forest.margin(np.arange(3.0)[:, None]))) == 1
    assert forest.margin(np.array([[0.0]])) > forest.margin(np.array([[7.0]]))


def test_no_row_has_a_say_in_its_own_rate():
    X, y = rows(0)
    fold = np.arange(len(y)) % 5
    expected = others_numbers(X, y, COLUMNS, np.array([70, 3]), fold)
    for row in (0, 1, 7):
        turned = y.copy()
        turned[row] = 1 - turned[row]
        changed = others_numbers(X, turned, COLUMNS, np.array([70, 3]), fold)
        np.testing.assert_array_equal(changed[fold == fold[row]], expected[fold == fold[row]])
        assert (changed != expected).any()
    np.testing.assert_array_equal(expected[:, 1], X[:, 1])
    np.testing.assert_array_equal(expected[:, 3:], learn_numbers(X, y, COLUMNS, np.array([70, 3])).encode(X)[:, 3:])


def test_levels_that_say_nothing_do_not_pass_for_a_signal():
    rng = np.random.default_rng(3)
    X = rng.integers(400, size=(2000, 3)).astype(float)
    y = (rng.random(2000) < 0.3).astype(int)
    classifier = PropensityClassifier(categorical=[True] * 3, max_trees=60).fit(X[:1500], y[:1500])
    assert classifier.mode_ == "blend"
    margin = classifier.decision_function(X[1500:])
    assert margin.std() < 0.1
    assert margin.mean() == pytest.approx(np.log(0.3 / 0.7), abs=0.2)


def test_where_a_booster_begins_knows_nothing_of_the_rows_it_is_judged_by():
    X, y = rows(1, levels=20)
    categorical = np.array([True, False, True])
    folds = [np.arange(len(y)) % 5, np.arange(len(y)) // 100]
    curves = draw_curves(X, categorical, coarse=False)
    _, held_out, without = _learn_linear(X, y, folds, curves, "linear")
    turned = y.copy()
    swapped = [np.flatnonzero((folds[1] == 3) & (y == label))[0] for label in (0, 1)]
    turned[swapped] = 1 - y[swapped]
    _, _, changed = _learn_linear(X, turned, folds, curves, "linear")
    assert len(without) == 5
    np.testing.assert_allclose(changed[3], without[3], atol=1e-6)
    assert all(np.abs(changed[k] - without[k]).max() > 1e-3 for k in (0, 1, 2, 4))
    assert np.corrcoef(held_out, without[0])[0, 1] > 0.9


def test_folds_that_coincide_leave_rates_without_a_say():
    X, y = rows(2, n=50, levels=3)
    encoded = others_numbers(X, y, COLUMNS, np.array([3, 3]), np.zeros(50))
    assert set(encoded[:, 0]) == {0.5}
