"""Intervals of shares, and limits of chance, against scipy."""

import numpy as np
import pytest
from scipy.special import chdtri, ndtri
from scipy.stats import binom

from icp._statistics import chi_square_limit, normal_score, wilson


def test_the_interval_covers_the_true_share_about_as_often_as_it_says():
    for share in (0.03, 0.2, 0.5):
        hits = np.arange(121)
        low, high = wilson(hits, np.full(121, 120))
        covered = binom.pmf(hits, 120, share)[(low <= share) & (share <= high)].sum()
        assert 0.92 <= covered <= 0.99


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_the_ends_solve_the_score_equation(confidence):
    for end in wilson(17, 60, confidence):
        z = (17 / 60 - end) / np.sqrt(end * (1 - end) / 60)
        assert abs(z) == pytest.approx(ndtri(0.5 + confidence / 2))


def test_none_and_all_stay_between_0_and_1():
    low, high = wilson([0, 30], [30, 30])
    assert low[0] == 0.0 and high[1] == 1.0
    assert high[0] == pytest.approx(0.1135, abs=1e-4)


def test_a_share_lies_inside_its_own_interval():
    n = np.arange(1, 2000)
    for hits in (np.zeros(len(n)), n, n // 2):
        low, high = wilson(hits, n)
        assert (low >= 0).all() and (low <= hits / n).all() and (hits / n <= high).all() and (high <= 1).all()


@pytest.mark.parametrize("share", [0.3, 0.01, 1e-4, 1e-7])
def test_limits_of_chance_are_those_of_scipy(share):
    assert normal_score(share) == pytest.approx(float(ndtri(share)), rel=1e-14)
    for degrees in range(1, 40):
        assert chi_square_limit(degrees, share) == pytest.approx(float(chdtri(degrees, share)), rel=1e-12)
