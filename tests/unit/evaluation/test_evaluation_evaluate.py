"""Figures against scikit-learn, errors against a bootstrap, and the null; coverage is in ``tests/recovery``."""

import json

import numpy as np
import pytest
from scipy.special import expit
from sklearn import metrics as sk

from icp.errors import NotEnoughDataError
from icp.evaluation import evaluate, signal
from icp.evaluation._top import rank


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
    figures = evaluate(y, margin).metrics()
    assert figures["auc"] == pytest.approx(sk.roc_auc_score(y, margin), abs=1e-12)
    assert figures["average_precision"] == pytest.approx(sk.average_precision_score(y, margin), abs=1e-12)
    assert figures["log_loss"] == pytest.approx(sk.log_loss(y, expit(margin)), abs=1e-12)
    assert figures["brier"] == pytest.approx(sk.brier_score_loss(y, expit(margin)), abs=1e-12)
    assert figures["n_test"] == 1500


def test_lift_counts_ties_with_their_expected_value():
    y, margin = np.array([1.0] * 5 + [0.0] * 15), np.zeros(20)
    figures = evaluate(y, margin).metrics()
    assert figures["lift_at_10"] == pytest.approx(1.0)
    assert figures["capture_at_10"] == pytest.approx(0.1)
    assert figures["calibration_slope"] is None


def test_deciles_add_up_and_agree_with_the_headline():
    y, margin = simulated(1003, 1)
    result = evaluate(y, margin)
    rows = result.deciles()
    assert sum(row["n"] for row in rows) == 1003
    assert sum(row["best"] for row in rows) == pytest.approx(y.sum(), abs=0.1)
    assert rows[-1]["capture"] == pytest.approx(1.0)
    assert rows[0]["lift"] == pytest.approx(result.metrics()["lift_at_10"], rel=0.02)
    assert rows[0]["lift_low"] <= rows[0]["lift"] <= rows[0]["lift_high"]
    assert sum(row["n"] * row["mean_propensity"] for row in rows) == pytest.approx(expit(margin).sum())


def test_every_table_is_plain_json():
    y, margin = simulated(400, 2)
    result = evaluate(y, margin, amount=np.where(y > 0, 10.0, np.nan))
    tiers = np.where(margin > -1, "A", "B")
    for part in (result.metrics(), result.deciles(), result.calibration(), result.gain(), result.tiers(tiers)):
        json.dumps(part, allow_nan=False)
    assert result.gain()[0] == [0.0, 0.0] and result.gain()[-1] == [1.0, 1.0]
    assert [row["tier"] for row in result.tiers(tiers)] == ["A", "B"]
    assert result.metrics()["value_capture_at_10"] == pytest.approx(result.metrics()["capture_at_10"])


def test_calibration_slope_recovers_a_planted_stretch():
    y, margin = simulated(20_000, 3)
    figures = evaluate(y, 2 * margin).metrics()
    assert figures["calibration_slope_low"] < 0.5 < figures["calibration_slope_high"]
    straight = evaluate(y, margin - 1.0).metrics()
    assert straight["calibration_intercept"] == pytest.approx(1.0, abs=0.1)
    assert straight["calibration_slope"] == pytest.approx(1.0, abs=0.06)


def test_copies_of_a_row_do_not_narrow_the_intervals_when_grouped():
    y, margin = simulated(300, 4)
    alone = evaluate(y, margin).metrics()
    rows = np.repeat(np.arange(300), 5)
    grouped = evaluate(y[rows], margin[rows], groups=rows).metrics()
    naive = evaluate(y[rows], margin[rows]).metrics()

    def width(figures, name):
        return figures[f"{name}_high"] - figures[f"{name}_low"]

    for name in ("auc", "lift_at_10", "precision_at_10", "average_precision", "brier", "log_loss", "calibration_slope"):
        assert width(grouped, name) == pytest.approx(width(alone, name), rel=0.15)
        assert width(naive, name) < 0.6 * width(alone, name)


def test_errors_in_closed_form_are_those_of_a_bootstrap():
    y, margin = simulated(3000, 5)
    ranked = rank(margin.round(1), np.arange(3000))
    rng = np.random.default_rng(0)
    for start, end in ((0.0, 0.1), (0.3, 0.5)):
        draws = []
        for _ in range(400):
            rows = rng.integers(0, 3000, 3000)
            draws.append(rank(margin[rows].round(1), np.arange(3000)).captured(y[rows], start, end).value)
        found = ranked.captured(y, start, end)
        assert (found.high - found.low) / 3.92 == pytest.approx(np.std(draws), rel=0.12)


def test_a_perfect_order_still_has_an_interval():
    y, margin = np.repeat([1.0, 0.0], [20, 180]), np.arange(200.0)[::-1]
    figures = evaluate(y, margin).metrics()
    for name in ("auc", "capture_at_10", "precision_at_10", "average_precision"):
        assert figures[name] == 1.0
        assert 0.75 < figures[f"{name}_low"] < 0.9 and figures[f"{name}_high"] == pytest.approx(1.0)


def test_every_figure_of_a_few_rows_has_an_interval_around_it():
    for seed in range(40):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(2, 30))
        y = (np.arange(n) < rng.integers(1, n)).astype(float)
        figures = evaluate(
            y, rng.normal(size=n).round(int(rng.integers(0, 3))), amount=rng.exponential(size=n)
        ).metrics()
        for name in ("auc", "lift_at_10", "precision_at_10", "value_capture_at_10", "brier", "log_loss"):
            assert figures[f"{name}_low"] <= figures[name] + 1e-9 and figures[name] <= figures[f"{name}_high"] + 1e-9
        assert 0.0 <= figures["average_precision_low"] <= figures["average_precision_high"] <= 1.0


def test_noise_is_called_no_signal_and_a_planted_driver_is_called_one():
    y, margin = simulated(1500, 6)
    found = signal(evaluate(y, margin))
    assert found["signal"] is True
    lost = signal(evaluate(np.random.default_rng(0).permutation(y), margin))
    assert lost["signal"] is False
    assert str(lost["text"]).startswith("No signal")


def test_rows_judged_in_folds_must_be_further_from_chance_to_show_a_signal():
    y = np.repeat([1.0, 0.0], 200)
    margin = np.random.default_rng(11).normal(size=400) + 0.27 * y
    result = evaluate(y, margin)
    figures = result.metrics()
    assert figures["auc_low"] > 0.5 and signal(result)["signal"] is True
    told = signal(result, in_folds=True)
    assert told["signal"] is False and "judged in folds" in str(told["text"])
    assert signal(evaluate(y, margin + 0.5 * y), in_folds=True)["signal"] is True
    assert signal(evaluate(y, y), in_folds=True)["signal"] is True


def test_row_order_and_names_of_groups_change_no_figure():
    y, margin = simulated(500, 7)
    groups = np.arange(500) // 3
    figures = evaluate(y, margin, groups=groups).metrics()
    order = np.random.default_rng(0).permutation(500)
    again = evaluate(y[order], margin[order], groups=[f"g{i}" for i in groups[order]]).metrics()
    assert again == pytest.approx(figures, abs=1e-9)


def test_rows_without_both_kinds_are_refused():
    with pytest.raises(NotEnoughDataError, match="ICP334"):
        evaluate(np.zeros(10), np.arange(10.0))


@pytest.mark.parametrize(("y", "margin"), [([0, 1], [0.0]), ([0, 1], [0.0, np.nan]), ([0, 2], [0.0, 1.0])])
def test_unusable_arrays_are_refused(y, margin):
    with pytest.raises(ValueError, match=r"margin|0 and 1"):
        evaluate(y, margin)
