"""Lists measured together: figures agree with those of one list, differences are paired, intervals cover."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from icp.evaluation import calibration_curve, decile_rows, evaluate, gain_curve, measure
from icp.evaluation._lists import share_interval


def draw(n, seed=0, strength=1.0, rate=-2.0):
    rng = np.random.default_rng(seed)
    margin = rate + strength * rng.normal(size=n)
    return (rng.random(n) < expit(margin)).astype(float), margin


def one(y, margin, **more):
    return measure({"score": margin}, y, np.zeros(len(y), int), np.arange(len(y)), **{"n_bootstrap": 50, **more})


def test_figures_are_those_of_scikit_learn_and_of_evaluate():
    y, margin = draw(3000)
    found = one(y, margin, probability=frozenset({"score"}))
    own = evaluate(y, margin).metrics()
    assert found.figure("score", "auc", [0]).value == pytest.approx(roc_auc_score(y, margin))
    assert found.figure("score", "average_precision", [0]).value == pytest.approx(average_precision_score(y, margin))
    assert found.figure("score", "log_loss", [0]).value == pytest.approx(log_loss(y, expit(margin)))
    assert found.figure("score", "brier", [0]).value == pytest.approx(brier_score_loss(y, expit(margin)))
    for name in ("lift_at_10", "capture_at_10", "precision_at_10", "base_rate"):
        assert found.figure("score", name, [0]).value == pytest.approx(own[name])


def test_blocks_are_ranked_each_by_itself():
    y = np.array([1.0, 0.0, 0.0, 1.0])
    margin, block = np.array([1.0, 0.0, 10.0, 11.0]), np.array([0, 0, 1, 1])
    found = measure({"score": margin}, y, block, np.arange(4), n_bootstrap=20)
    assert found.figure("score", "auc", [0, 1]).value == 1.0
    assert gain_curve(margin, y, block)[25] == [0.5, 1.0]


def test_equal_margins_are_no_order_at_all():
    y, _ = draw(500)
    found = one(y, np.zeros(500))
    assert found.figure("score", "lift_at_10", [0]).value == pytest.approx(1.0)
    assert found.figure("score", "auc", [0]).value == pytest.approx(0.5)


def test_capacity_and_value_are_those_of_the_accounts_worked():
    y = np.array([1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0])
    money = np.array([5.0, np.nan, 7.0, np.nan, np.nan, 100.0, 9.0, np.nan, np.nan, np.nan])
    found = one(y, -np.arange(10.0), money=money, capacity=3)
    assert found.figure("score", "precision_at_capacity", [0]).value == pytest.approx(2 / 3)
    assert found.figure("score", "lift_at_capacity", [0]).value == pytest.approx((2 / 3) / 0.3)
    assert found.figure("score", "value_at_capacity", [0]).value == pytest.approx(12.0)
    assert found.figure("score", "value_capture_at_capacity", [0]).value == pytest.approx(12 / 112)
    assert found.figure("score", "value_at_10", [0]).value == pytest.approx(5.0)


def test_deciles_add_up():
    y, margin = draw(1003)
    rows = decile_rows(one(y, margin), "score", [0], margin, np.zeros(1003, int))
    assert sum(row["best"] for row in rows) == pytest.approx(y.sum(), abs=0.1)
    assert rows[-1]["capture"] == pytest.approx(1.0)
    assert sum(row["mean_propensity"] for row in rows) / 10 == pytest.approx(expit(margin).mean())


def test_a_list_less_itself_is_nothing_and_a_better_one_is_better():
    y, margin = draw(2000)
    noisy = margin + np.random.default_rng(5).normal(size=2000) * 2
    found = measure({"a": margin, "b": margin, "c": noisy}, y, np.zeros(2000, int), np.arange(2000), n_bootstrap=200)
    same = found.difference("a", "b", "auc", [0])
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)
    better = found.difference("a", "c", "auc", [0])
    assert better.low > 0
    alone = [found.figure(name, "auc", [0]) for name in "ac"]
    assert better.high - better.low < sum(end.high - end.low for end in alone)


def test_copies_of_rows_widen_no_interval_and_narrow_none():
    y, margin = draw(400)
    alone = one(y, margin, n_bootstrap=400).figure("score", "lift_at_10", [0])
    three = measure({"score": np.tile(margin, 3)}, np.tile(y, 3), np.repeat(np.arange(3), 400),
                    np.tile(np.arange(400), 3), n_bootstrap=400).figure("score", "lift_at_10", [0, 1, 2])  # fmt: skip
    assert three.value == pytest.approx(alone.value)
    assert three.high - three.low == pytest.approx(alone.high - alone.low, rel=0.1)


def test_few_wins_never_give_an_interval_without_width():
    y = np.zeros(200)
    y[[50, 90, 120, 150, 199]] = 1
    lift = one(y, -np.arange(200.0)).figure("score", "lift_at_10", [0])
    assert lift.value == 0.0 and lift.high > 2.0


@pytest.mark.slow
def test_intervals_and_differences_cover():
    """200 draws of 500 accounts in two pictures; truth from 200,000."""
    rng = np.random.default_rng(1)

    def sample(n):
        who = rng.normal(size=n)
        margins, ys = [], []
        for _ in range(2):  # the same accounts twice, their outcomes alike
            margin = -2.0 + who + 0.5 * rng.normal(size=n)
            margins.append(margin)
            ys.append((rng.random(n) < expit(margin)).astype(float))
        score = np.concatenate(margins)
        other = score + rng.normal(size=2 * n)
        return {"a": score, "b": other}, np.concatenate(ys), np.repeat([0, 1], n), np.tile(np.arange(n), 2)

    large = measure(*sample(200_000), n_bootstrap=1)
    figures = ("lift_at_10", "auc")
    truth = {figure: [large.figure(name, figure, [0, 1]).value for name in "ab"] for figure in figures}
    hits = {(figure, kind): 0 for figure in figures for kind in ("alone", "difference")}
    for i in range(200):
        found = measure(*sample(500), n_bootstrap=200, seed=i)
        for figure, (a, b) in truth.items():
            alone, paired = found.figure("a", figure, [0, 1]), found.difference("a", "b", figure, [0, 1])
            hits[figure, "alone"] += alone.low <= a <= alone.high
            hits[figure, "difference"] += paired.low <= a - b <= paired.high
    for figure in figures:
        assert 0.91 <= hits[figure, "alone"] / 200 <= 0.99, figure
        assert 0.90 <= hits[figure, "difference"] / 200 <= 0.99, figure


def test_the_calibration_curve_counts_accounts_not_copies():
    y, margin = draw(2000)
    once = calibration_curve(margin, y, np.arange(2000))
    twice = calibration_curve(np.tile(margin, 2), np.tile(y, 2), np.tile(np.arange(2000), 2))
    for a, b in zip(once, twice, strict=True):
        assert b["n"] == 2 * a["n"]
        assert (b["observed"], b["low"], b["high"]) == pytest.approx((a["observed"], a["low"], a["high"]), abs=0.01)


@pytest.mark.parametrize("most", [3, 7, 30, 35, 101, 196, 4321])
def test_the_interval_of_all_or_nothing_holds_its_own_value(most):
    low, high = share_interval(1.0, 0.0, most)
    assert low < high == 1.0
    low, high = share_interval(0.0, 0.0, most)
    assert low == 0.0 < high


@pytest.mark.parametrize("n", range(40, 60))
def test_who_works_every_account_captures_all(n):
    y = (np.arange(n) % 3 == 0).astype(float)
    found = one(y, -np.arange(float(n)), capacity=n).figure("score", "capture_at_capacity", [0])
    assert found.low <= found.value <= found.high <= 1.0 + 1e-12 and found.value == pytest.approx(1.0)
