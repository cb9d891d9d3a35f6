"""Amounts of best customers: the mean is right, nothing is invented where nothing is to be learned."""

import json

import numpy as np
import pytest

from icp.scoring import AmountModel, learn_amounts

NUMBERS = np.array([False, False])


def customers(n, seed, slope=1.0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2))
    return X, np.exp(9.0 + slope * X[:, 0] + rng.normal(0.0, 0.8, n))


def test_predictions_have_the_mean_of_new_amounts_in_each_fifth():
    model = learn_amounts(*customers(3000, 0), NUMBERS)
    X, amount = customers(50_000, 1)
    predicted = model.predict(X)
    for fifth in np.array_split(np.argsort(predicted), 5):
        assert predicted[fifth].mean() == pytest.approx(amount[fifth].mean(), rel=0.12)


def test_without_a_relation_every_account_gets_about_the_mean():
    means = []
    for seed in range(10):
        X, amount = customers(200, seed, slope=0.0)
        predicted = learn_amounts(X, amount, NUMBERS).predict(X)
        means.append(predicted.mean() / amount.mean())
        assert predicted.std() < 0.25 * predicted.mean()
    assert np.mean(means) == pytest.approx(1.0, abs=0.03)


def test_no_amount_beyond_those_seen_is_predicted():
    X, amount = customers(500, 0)
    predicted = learn_amounts(X, amount, NUMBERS).predict(np.array([[1e6, 0.0], [-1e6, 0.0]]))
    assert predicted.max() < 2.0 * amount.max()
    assert predicted.min() > 0.0


def test_amounts_of_nothing_lower_the_mean():
    X, amount = customers(1000, 0, slope=0.0)
    amount[::2] = 0.0
    assert learn_amounts(X, amount, NUMBERS).predict(X).mean() == pytest.approx(amount.mean(), rel=0.05)


def test_plain_data_gives_the_same_bits():
    X, amount = customers(300, 0)
    model = learn_amounts(X, amount, NUMBERS)
    again = AmountModel.from_dict(json.loads(json.dumps(model.to_dict())))
    assert np.array_equal(again.predict(X), model.predict(X))
    assert np.array_equal(model.predict(X[3:4]), model.predict(X)[3:4])
