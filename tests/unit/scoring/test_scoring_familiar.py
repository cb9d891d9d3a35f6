"""Distance from the accounts learned on: what it flags, how seldom it flags ordinary accounts, and that it is data."""

import json

import numpy as np
import pytest

from icp.scoring import Familiarity, learn_familiarity

CATEGORICAL = np.array([False, False, False, True])
EQUAL = np.ones(4)


def accounts(n, seed, size=1.0, cells=True):
    """Employees, revenue that goes with them, an unrelated number, and a sector; a tenth not known."""
    rng = np.random.default_rng(seed)
    employees = rng.lognormal(4.0, 1.3, n) * size
    revenue = employees * rng.lognormal(11.0, 0.4, n)
    sector = rng.choice(5, n, p=[0.4, 0.3, 0.2, 0.07, 0.03]).astype(float)
    X = np.column_stack([employees, revenue, rng.normal(0.2, 0.1, n), sector])
    if cells:
        X[rng.random(X.shape) < 0.1] = np.nan
    return X


def far(familiar, X, unseen=None):
    return float((familiar.distance(X, unseen) > familiar.far).mean())


@pytest.mark.parametrize("n", [60, 200, 1000, 5000])
def test_about_one_in_a_hundred_ordinary_accounts_is_far_at_any_size(n):
    runs = 60 if n < 1000 else 20
    shares = [
        far(learn_familiarity(accounts(n, seed), CATEGORICAL, EQUAL), accounts(2000, 10_000 + seed))
        for seed in range(runs)
    ]
    assert 0.005 <= np.mean(shares) <= 0.02


def test_wrong_units_are_far():
    familiar = learn_familiarity(accounts(2000, 0), CATEGORICAL, EQUAL)
    for column in (0, 1, 2):
        X = accounts(1000, 1, cells=False)
        X[:, column] *= 1000.0
        assert far(familiar, X) > 0.8


def test_numbers_that_do_not_go_together_are_far_though_each_is_usual():
    X = accounts(2000, 0, cells=False)
    familiar = learn_familiarity(X, CATEGORICAL, EQUAL)
    order = np.argsort(X[:, 0])
    swapped = X.copy()
    swapped[order[:400], 1] = X[order[-400:], 1]
    assert far(familiar, swapped[order[:400]]) > 0.8
    assert far(familiar, X) < 0.02


def test_a_value_never_seen_counts_and_a_cell_that_is_not_known_does_not():
    familiar = learn_familiarity(accounts(2000, 0, cells=False), CATEGORICAL, EQUAL)
    X = accounts(500, 1, cells=False)
    X[:, 3] = np.nan
    unseen = np.zeros(X.shape, dtype=bool)
    unseen[:, 3] = True
    assert (familiar.distance(X, unseen) > familiar.distance(X)).all()
    assert (familiar.distance(np.full((3, 4), np.nan)) == 0.0).all()


def test_a_trait_that_moves_the_score_counts_more():
    X = accounts(2000, 0, cells=False)
    strange = X[:1].copy()
    strange[0, 2] = 50.0
    heavy = learn_familiarity(X, CATEGORICAL, np.array([0.0, 0.0, 1.0, 0.0])).distance(strange)
    light = learn_familiarity(X, CATEGORICAL, np.array([1.0, 0.0, 0.0, 0.0])).distance(strange)
    assert heavy[0] > 2.0 * light[0] > 0.0


def test_a_row_is_judged_by_itself_and_plain_data_gives_the_same_bits():
    X = accounts(3000, 0)
    familiar = learn_familiarity(X, CATEGORICAL, EQUAL)
    again = Familiarity.from_dict(json.loads(json.dumps(familiar.to_dict())))
    whole = again.distance(X)
    assert np.array_equal(whole, familiar.distance(X))
    shuffled = np.random.default_rng(1).permutation(len(X))
    assert np.array_equal(familiar.distance(X[shuffled]), whole[shuffled])
    assert np.array_equal(np.concatenate([familiar.distance(X[i : i + 7]) for i in range(0, 70, 7)]), whole[:70])


@pytest.mark.parametrize("columns", ["all equal", "all missing", "two values"])
def test_columns_without_spread_do_no_harm(columns):
    X = accounts(300, 0, cells=False)
    X[:, 2] = {"all equal": 1.0, "all missing": np.nan, "two values": 0.0}[columns]
    if columns == "two values":
        X[:3, 2] = 1.0
    familiar = learn_familiarity(X, CATEGORICAL, EQUAL)
    assert np.isfinite(familiar.distance(X)).all()
    assert far(familiar, X) <= 0.03
