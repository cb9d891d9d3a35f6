"""Arms: by hash inside score bands, the same on every machine; and what a hold-out can show."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from icp.lists import assign_arms, design_holdout, holdout_lift, needed_accounts, score_band, smallest_difference

IDS = [f"A-{i:04d}" for i in range(1000)]
BANDS = score_band(np.linspace(0.0, 100.0, 1000))


def held_ids(ids, bands, **more):
    arms = assign_arms(ids, bands, **{"campaign": "spring", "share": 0.15} | more)
    return {name for name, held in zip(ids, arms.held, strict=True) if held}


def test_every_band_holds_out_its_share():
    arms = assign_arms(IDS, BANDS, campaign="spring", share=0.15)
    assert (arms.n_held, arms.n_treated) == (150, 850)
    per_band = [int(arms.held[band == BANDS].sum()) for band in range(10)]
    assert max(per_band) - min(per_band) <= 1


@given(st.permutations(range(80)), st.sampled_from([0.05, 0.2, 0.5]))
def test_the_order_of_the_rows_plays_no_part(order, share):
    ids, bands = IDS[:80], [i % 7 for i in range(80)]
    turned = held_ids([ids[i] for i in order], [bands[i] for i in order], share=share)
    assert turned == held_ids(ids, bands, share=share)


def test_arms_are_the_same_on_every_machine():
    """Drawn once and written down: another processor, system or version of Python must give these."""
    assert sorted(held_ids(IDS[:20], [3] * 20, share=0.25)) == ["A-0006", "A-0008", "A-0010", "A-0013", "A-0018"]


def test_another_campaign_holds_others_out():
    spring, autumn = held_ids(IDS, BANDS), held_ids(IDS, BANDS, campaign="autumn")
    assert len(spring & autumn) < 50 and spring != autumn


def test_an_account_keeps_the_arm_of_its_first_list():
    first = assign_arms(IDS[:500], BANDS[:500], campaign="spring", share=0.2)
    fixed = dict(zip(IDS[:500], first.held.tolist(), strict=True))
    moved = np.roll(BANDS, 137)
    later = assign_arms(IDS, moved, campaign="spring", share=0.2, fixed=fixed)
    assert later.held[:500].tolist() == first.held.tolist() and later.kept == 500
    assert later.held[500:].any()


def test_nothing_is_held_out_of_nothing():
    assert assign_arms([], [], campaign="spring", share=0.5).n_held == 0
    assert assign_arms(IDS, BANDS, campaign="spring", share=0.0).n_held == 0


@pytest.mark.parametrize(("rate", "share"), [(0.05, 0.1), (0.3, 0.5), (0.01, 0.2)])
def test_the_smallest_difference_and_the_sample_it_takes_agree(rate, share):
    found = smallest_difference(rate, round(20_000 * (1 - share)), round(20_000 * share))
    assert needed_accounts(rate, found, share) == pytest.approx(20_000, rel=1e-6)


@pytest.mark.parametrize(("rate", "n_treated", "n_held"), [(0.05, 4000, 1000), (0.2, 500, 500)])
def test_the_smallest_difference_is_found_in_8_cases_of_10(rate, n_treated, n_held):
    rng = np.random.default_rng(5)
    found = smallest_difference(rate, n_treated, n_held)
    held = np.arange(n_treated + n_held) < n_held
    seen = 0
    for _ in range(400):
        best = rng.random(len(held)) < np.where(held, rate, rate + found)
        seen += holdout_lift(held, best, np.zeros(len(held)))["low"] > 0
    assert 0.74 <= seen / 400 <= 0.86


def test_what_cannot_be_seen_is_none():
    assert smallest_difference(0.05, 100, 0) is None
    assert smallest_difference(0.9, 5, 5) is None
    assert needed_accounts(0.95, 0.1, 0.1) is None


def test_the_design_says_all_before_launch():
    design = design_holdout(np.full(10_000, 0.05), 1000, campaign="spring", share=0.1, effect=0.02)
    assert design.needed == needed_accounts(0.05, 0.02, 0.1)
    assert design.smallest_difference == pytest.approx(smallest_difference(0.05, 9000, 1000), abs=1e-6)
    assert "1,000 of 10,000 accounts held out" in design.text() and "+2.3 points" in design.text()
    assert design_holdout(np.full(100, 0.05), 10, campaign="x", share=0.1).effect == pytest.approx(0.01)


def test_the_lift_of_one_band_is_the_difference_of_its_rates():
    held = np.repeat([True, False], [200, 800])
    best = np.concatenate([np.arange(200) < 20, np.arange(800) < 160])
    told = holdout_lift(held, best, np.zeros(1000))
    assert told["difference"] == pytest.approx(0.1) and told["rate_held_out"] == 0.1 and told["rate_treated"] == 0.2
    error = (0.1 * 0.9 / 200 + 0.2 * 0.8 / 800) ** 0.5
    assert told["high"] - told["low"] == pytest.approx(2 * 1.96 * error, rel=0.02)


def test_bands_without_both_arms_say_nothing():
    told = holdout_lift([True, True, False], [True, False, True], [0, 0, 1])
    assert told["difference"] is None and told["n_held_out"] == 2
