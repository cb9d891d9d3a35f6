"""compare: paired differences hold their coverage, find what is there and nothing where nothing is."""

import numpy as np
import pytest

from icp.errors import NotEnoughDataError
from icp.evaluation import compare

FIGURES = ("auc", "log_loss", "brier", "lift_at_10")


def _rows(n, seed, noise_a=1.0, noise_b=1.0):
    """Labels, and two scores that see the truth through noise of their own."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(-1.5, 1.2, size=n)
    y = (rng.random(n) < 1 / (1 + np.exp(-truth))).astype(float)
    seen = [(truth + noise * rng.normal(size=n)) / (1 + noise**2 / 1.44) - 0.5 for noise in (noise_a, noise_b)]
    return y, *seen


def test_intervals_of_equally_good_scores_cover_zero_at_their_rate():
    missed = dict.fromkeys(FIGURES, 0)
    for seed in range(300):
        found = compare(*_rows(600, seed), n_bootstrap=100)
        for name in FIGURES:
            missed[name] += not found[name].low <= 0 <= found[name].high
    # 15 of 300 expected; 28 is beyond the 99.9 % quantile of that binomial
    assert max(missed.values()) <= 28
    assert min(missed.values()) >= 3


def test_a_clearly_better_score_is_shown_better():
    found = compare(*_rows(4000, 1, noise_a=2.0, noise_b=0.5))
    assert all(found[name].shown_better and not found[name].shown_worse for name in FIGURES)
    back = compare(*[_rows(4000, 1, noise_a=2.0, noise_b=0.5)[i] for i in (0, 2, 1)])
    assert all(back[name].shown_worse for name in FIGURES)
    assert back["auc"].difference == pytest.approx(-found["auc"].difference)


def test_equal_scores_differ_by_nothing():
    y, a, _ = _rows(500, 2)
    found = compare(y, a, a, amount=np.where(y > 0, 10.0, np.nan))
    assert all(one.difference == one.low == one.high == one.detectable == 0 for one in found)
    assert found.overlap_at_10 == 1.0
    assert found.more_best("auc", 0.01) == 0


def test_a_constant_score_ranks_at_chance_whatever_the_row_order():
    y, a, _ = _rows(900, 3)
    found = compare(y, np.zeros(900), a)
    order = np.random.default_rng(0).permutation(900)
    again = compare(y[order], np.zeros(900), a[order])
    assert found["auc"].a == 0.5
    assert found["lift_at_10"].a == pytest.approx(1.0)
    assert again.overlap_at_10 == pytest.approx(found.overlap_at_10)


def test_the_paired_bootstrap_is_that_of_rows_drawn_one_by_one():
    y, a, b = _rows(3000, 4, noise_b=0.6)
    found = compare(y, a, b, n_bootstrap=2000)["lift_at_10"]
    rng = np.random.default_rng(1)
    drawn = []
    for _ in range(2000):
        rows = rng.integers(0, 3000, 3000)
        lifts = [y[rows][np.argsort(-m[rows], kind="stable")[:300]].mean() / y[rows].mean() for m in (a, b)]
        drawn.append(lifts[1] - lifts[0])
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert abs(found.low - low) < 0.15 * (high - low)
    assert abs(found.high - high) < 0.15 * (high - low)


def test_amounts_are_compared_where_they_are_known():
    y, a, b = _rows(3000, 5, noise_a=3.0, noise_b=0.3)
    found = compare(y, a, b, amount=np.where(y > 0, 100.0, np.nan))
    assert found["value_capture_at_10"].shown_better
    assert found["value_capture_at_10"].b == pytest.approx(found["lift_at_10"].b / 10, rel=1e-9)


def test_rows_that_come_in_copies_widen_the_intervals():
    y, a, b = _rows(600, 6)
    single = compare(y, a, b)
    copies = [np.repeat(values, 4) for values in (y, a, b)]
    grouped = compare(*copies, groups=np.repeat(np.arange(600), 4))
    naive = compare(*copies)
    for name in FIGURES:
        width = grouped[name].high - grouped[name].low
        assert width == pytest.approx(single[name].high - single[name].low, rel=0.12)
        assert width > 1.7 * (naive[name].high - naive[name].low)


def test_a_difference_of_the_detectable_size_is_shown_in_8_of_10_cases():
    found = [compare(*_rows(1000, 1000 + i, noise_a=1.35, noise_b=0.7), n_bootstrap=20)["auc"] for i in range(150)]
    true, detectable = np.mean([(one.difference, one.detectable) for one in found], axis=0)
    assert true == pytest.approx(detectable, rel=0.06)  # the two scores are that far apart
    assert abs(np.mean([one.shown_better for one in found]) - 0.8) < 0.12


def test_best_customers_missing_grow_with_the_square_of_the_difference():
    found = compare(*_rows(1000, 1), n_bootstrap=20)
    assert found.more_best("auc", found["auc"].detectable) == 0
    assert found.more_best("auc", found["auc"].detectable / 2) == 3 * found.n_best
    assert found.more_best("auc", 0.0) is None


def test_rows_of_one_kind_are_refused():
    with pytest.raises(NotEnoughDataError, match="ICP334"):
        compare(np.zeros(10), np.arange(10.0), np.arange(10.0))
    with pytest.raises(ValueError, match="one length"):
        compare([1, 0], [1.0, 2.0], [1.0, np.nan])
