"""Money in the top of a list: exact figures, ties, and a paired interval that covers."""

import numpy as np
import pytest

from icp.evaluation import paired_gain, value_capture


def test_the_two_orders_are_counted_as_by_hand():
    propensity, expected = np.array([0.9, 0.8, 0.1, 0.1]), np.array([1.0, 2.0, 3.0, 0.5])
    amount = np.array([10.0, 0.0, 30.0, 0.0])
    found = value_capture(propensity, expected, amount, share=0.25, n_bootstrap=50)
    assert (found["by_propensity"], found["by_value"], found["difference"]) == (0.25, 0.75, 0.5)


def test_equal_rows_share_their_place():
    amount = np.array([10.0, 0.0, 0.0, 0.0])
    found = value_capture(np.zeros(4), np.arange(4.0), amount, share=0.5, n_bootstrap=50)
    assert (found["by_propensity"], found["by_value"]) == (0.5, 0.0)


@pytest.mark.slow
def test_the_interval_of_the_difference_covers_nothing_when_there_is_nothing():
    covered = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        amount = np.where(rng.random(400) < 0.3, rng.lognormal(3.0, 0.5, 400), 0.0)
        found = value_capture(rng.random(400), rng.random(400), amount, n_bootstrap=200, seed=seed)
        covered.append(found["difference_low"] <= 0.0 <= found["difference_high"])
    assert 0.90 <= np.mean(covered) <= 0.99


def test_a_smaller_loss_shows():
    rng = np.random.default_rng(0)
    shared = rng.normal(size=200)
    found = paired_gain(shared, shared + rng.normal(0.2, 0.1, 200))
    assert found["high"] < 0.0
    assert found["n"] == 200
