"""The draws everything rests on."""

import numpy as np

from icp.simulation._draws import Draws


def test_same_key_same_draws_and_another_key_other_draws():
    assert np.array_equal(Draws(3, 1).uniform(50), Draws(3, 1).uniform(50))
    assert not np.array_equal(Draws(3, 1).uniform(50), Draws(3, 2).uniform(50))


def test_a_fork_does_not_depend_on_what_was_drawn_before():
    used = Draws(3, 1)
    used.uniform(10)
    assert np.array_equal(used.fork(4).uniform(5), Draws(3, 1).fork(4).uniform(5))


def test_draws_stay_the_same_from_release_to_release():
    assert Draws(0, 1).uniform(2).tolist() == [0.8897387912781343, 0.5571380502062263]


def test_normal_draws_have_mean_zero_and_variance_one():
    drawn = Draws(1, 1).normal(200_000)
    assert abs(drawn.mean()) < 0.01
    assert abs(drawn.std() - 1) < 0.01


def test_picks_follow_their_weights():
    codes = Draws(1, 2).pick([1, 0, 3], 40_000)
    share = np.bincount(codes, minlength=3) / 40_000
    assert share[1] == 0
    assert abs(share[2] - 0.75) < 0.01


def test_picks_may_have_weights_of_their_own_in_each_row():
    weights = np.array([[1.0, 0.0], [0.0, 1.0]] * 100)
    assert Draws(1, 3).pick(weights, 200).tolist() == [0, 1] * 100


def test_poisson_counts_have_the_mean_and_variance_of_their_rate():
    for rate in (0.3, 2.0, 40.0):
        counts = Draws(2, 1).poisson(np.full(40_000, rate))
        assert abs(counts.mean() / rate - 1) < 0.03
        assert abs(counts.var() / rate - 1) < 0.05


def test_poisson_of_rate_zero_is_zero():
    assert not Draws(2, 2).poisson(np.zeros(100)).any()


def test_order_is_a_permutation():
    assert sorted(Draws(2, 3).order(100).tolist()) == list(range(100))
