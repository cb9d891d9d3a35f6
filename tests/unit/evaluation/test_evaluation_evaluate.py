"""Figures against scikit-learn, intervals against simulation, and the null."""

import json

import numpy as np
import pytest
from scipy.special import expit
from sklearn import metrics as sk

from icp.errors import NotEnoughDataError
from icp.evaluation import evaluate, signal


def simulated(n, seed, slope=1.0, ties=False):
    rng = np.random.default_rng(seed)
    margin = rng.normal(-1.5, 1.2, n)
    if ties:
        margin = margin.round(0)
    y = (rng.random(n) < expit(slope * margin)).astype(float)
    return y, margin


@pytest.mark.parametrize("ties", [False, True])
def test_point_figures_equal_scikit_learn(ties):
    y, margin = simulated(1500, 0, ties=ties)
    figures = evaluate(y, margin, n_bootstrap=20).metrics()
    assert figures["auc"] == pytest.approx(sk.roc_auc_score(y, margin), abs=1e-12)
    assert figures["average_precision"] == pytest.approx(sk.average_precision_score(y, margin), abs=1e-12)
    assert figures["log_loss"] == pytest.approx(sk.log_loss(y, expit(margin)), abs=1e-12)
    assert figures["brier"] == pytest.approx(sk.brier_score_loss(y, expit(margin)), abs=1e-12)
    assert figures["n_test"] == 1500


def test_lift_counts_ties_with_their_expected_value():
    y, margin = np.array([1.0] * 5 + [0.0] * 15), np.zeros(20)
    figures = evaluate(y, margin, n_bootstrap=50).metrics()
    assert figures["lift_at_10"] == pytest.approx(1.0)
    assert figures["capture_at_10"] == pytest.approx(0.1)
    assert figures["calibration_slope"] is None


def test_deciles_add_up_and_agree_with_the_headline():
    y, margin = simulated(1003, 1)
    result = evaluate(y, margin, n_bootstrap=50)
    rows = result.deciles()
    assert sum(row["n"] for row in rows) == 1003
    assert sum(row["best"] for row in rows) == pytest.approx(y.sum(), abs=0.1)
    assert rows[-1]["capture"] == pytest.approx(1.0)
    assert rows[0]["lift"] == pytest.approx(result.metrics()["lift_at_10"], rel=0.02)
    assert rows[0]["lift_low"] <= rows[0]["lift"] <= rows[0]["lift_high"]
    assert sum(row["n"] * row["mean_propensity"] for row in rows) == pytest.approx(expit(margin).sum())


def test_every_table_is_plain_json():
    y, margin = simulated(400, 2)
    result = evaluate(y, margin, n_bootstrap=20, amount=np.where(y > 0, 10.0, np.nan))
    tiers = np.where(margin > -1, "A", "B")
    for part in (result.metrics(), result.deciles(), result.calibration(), result.gain(), result.tiers(tiers)):
        json.dumps(part, allow_nan=False)
    assert result.gain()[0] == [0.0, 0.0] and result.gain()[-1] == [1.0, 1.0]
    assert [row["tier"] for row in result.tiers(tiers)] == ["A", "B"]
    assert result.metrics()["value_capture_at_10"] == pytest.approx(result.metrics()["capture_at_10"])


def test_calibration_slope_recovers_a_planted_stretch():
    y, margin = simulated(20_000, 3)
    figures = evaluate(y, 2 * margin, n_bootstrap=5).metrics()
    assert figures["calibration_slope_low"] < 0.5 < figures["calibration_slope_high"]
    straight = evaluate(y, margin - 1.0, n_bootstrap=5).metrics()
    assert straight["calibration_intercept"] == pytest.approx(1.0, abs=0.1)
    assert straight["calibration_slope"] == pytest.approx(1.0, abs=0.06)


def test_intervals_of_lift_auc_and_slope_hold_their_coverage():
    true_y, true_margin = simulated(400_000, 99)
    truth = evaluate(true_y, true_margin, n_bootstrap=1).metrics()
    names, hits, runs = ("lift_at_10", "auc", "calibration_slope"), np.zeros(3), 120
    target = [truth["lift_at_10"], truth["auc"], 1.0]
    for seed in range(runs):
        figures = evaluate(*simulated(900, seed), n_bootstrap=100, seed=seed).metrics()
        hits += [figures[f"{name}_low"] <= t <= figures[f"{name}_high"] for name, t in zip(names, target, strict=True)]
    # 120 runs: a true 95 % shows as 90 % or more in 99 of 100 trials
    assert ((hits / runs >= 0.90) & (hits / runs <= 0.995)).all(), dict(zip(names, hits / runs, strict=True))


def test_copies_of_a_row_do_not_narrow_the_intervals_when_grouped():
    y, margin = simulated(300, 4)
    alone = evaluate(y, margin, n_bootstrap=400).metrics()
    rows = np.repeat(np.arange(300), 5)
    grouped = evaluate(y[rows], margin[rows], groups=rows, n_bootstrap=400).metrics()
    naive = evaluate(y[rows], margin[rows], n_bootstrap=400).metrics()

    def width(figures, name):
        return figures[f"{name}_high"] - figures[f"{name}_low"]

    for name in ("auc", "lift_at_10", "calibration_slope"):
        assert width(grouped, name) == pytest.approx(width(alone, name), rel=0.15)
        assert width(naive, name) < 0.6 * width(alone, name)


def test_blockwise_bootstrap_agrees_with_a_bootstrap_of_single_rows():
    y, margin = simulated(6000, 5)
    blocks = evaluate(y, margin, n_bootstrap=300).metrics()
    rows = evaluate(y, margin, groups=np.arange(6000), n_bootstrap=300).metrics()
    assert blocks["lift_at_10"] == rows["lift_at_10"]
    for name in ("lift_at_10_low", "lift_at_10_high"):
        assert blocks[name] == pytest.approx(rows[name], abs=0.06)


def test_noise_is_called_no_signal_and_a_planted_driver_is_called_one():
    y, margin = simulated(1500, 6)
    found = signal(evaluate(y, margin, n_bootstrap=200))
    assert found["signal"] is True
    lost = signal(evaluate(np.random.default_rng(0).permutation(y), margin, n_bootstrap=200))
    assert lost["signal"] is False
    assert str(lost["text"]).startswith("No signal")


def test_same_seed_gives_the_same_figures():
    y, margin = simulated(500, 7)
    assert evaluate(y, margin, seed=3).metrics() == evaluate(y, margin, seed=3).metrics()


def test_rows_without_both_kinds_are_refused():
    with pytest.raises(NotEnoughDataError, match="ICP334"):
        evaluate(np.zeros(10), np.arange(10.0))


@pytest.mark.parametrize(("y", "margin"), [([0, 1], [0.0]), ([0, 1], [0.0, np.nan]), ([0, 2], [0.0, 1.0])])
def test_unusable_arrays_are_refused(y, margin):
    with pytest.raises(ValueError, match=r"margin|0 and 1"):
        evaluate(y, margin)
