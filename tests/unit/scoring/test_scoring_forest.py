"""What the trees say, by every way of asking them."""

import sys

import lightgbm
import numpy as np
import pytest

from icp.scoring import _growing
from icp.scoring._forest import Forest
from icp.scoring._growing import ForestOptions, grow_forests
from icp.scoring._native import NativeBooster


@pytest.fixture(scope="module")
def grown():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 4))
    X[rng.random(X.shape) < 0.1] = np.nan
    y = np.nan_to_num(X[:, 0] * X[:, 1]) + rng.normal(size=600) > 0.5
    settings = {"objective": "binary", "num_leaves": 8, "num_threads": 1, "verbosity": -1}
    boosters = [lightgbm.train({**settings, "seed": seed, "bagging_fraction": 0.5, "bagging_freq": 1},
                               lightgbm.Dataset(X, y), 20) for seed in (1, 2)]  # fmt: skip
    return X, boosters, tuple(booster.model_to_string() for booster in boosters)


def test_contributions_without_numba_are_the_same(grown, monkeypatch):
    X, _, texts = grown
    fast = Forest(texts)
    expected, base = fast.contributions(X), fast.base
    assert fast._tables
    monkeypatch.setitem(sys.modules, "icp.trees", None)  # what importing it is like where numba is not installed
    slow = Forest(texts)
    np.testing.assert_allclose(slow.contributions(X), expected, rtol=0, atol=1e-9)
    assert slow.base == pytest.approx(base, abs=1e-9)
    assert not slow._tables


def test_the_library_predicts_what_its_package_predicts(grown):
    X, boosters, texts = grown
    theirs = np.mean([booster.predict(X, raw_score=True) for booster in boosters], axis=0)
    forest = Forest(texts)
    expected = forest.margin(X)
    np.testing.assert_allclose(expected, theirs, rtol=0, atol=1e-14)  # the trees of all are one sum
    for n_threads in (1, 2):
        np.testing.assert_array_equal(Forest(texts).margin(X, n_threads), expected)
    np.testing.assert_array_equal(Forest(texts).margin(X[:3]), expected[:3])
    np.testing.assert_array_equal([forest.margin(X[row : row + 1])[0] for row in range(100)], expected[:100])


def test_a_text_that_is_no_booster_is_refused():
    with pytest.raises(ValueError, match="LightGBM"):
        NativeBooster("not a booster")


def test_going_through_a_long_table_by_column_grows_the_same_trees(monkeypatch):
    rng = np.random.default_rng(4)
    X, fold = np.column_stack([rng.normal(size=(400, 3)), rng.integers(0, 6, 400)]), np.arange(400) % 2
    y = (X[:, 0] + (X[:, 3] > 2) + rng.normal(size=400) > 0).astype(float)
    options = ForestOptions(20, 4, 0.1, np.arange(4) == 3, np.zeros(4, dtype=bool), 0)
    folds, starts = [fold, fold[::-1].copy(), fold], [X[:, 0].copy()] * 3
    by_row = grow_forests(X, y, folds, 0.0, starts, options)
    monkeypatch.setattr(_growing, "_MANY_ROWS", 100)
    by_column = grow_forests(X, y, folds, 0.0, starts, options)
    assert "force_col_wise" in options.parameters(400)
    assert by_column[0] == by_row[0]
    np.testing.assert_array_equal(by_column[1], by_row[1])
