"""TierAssigner and ReferenceTable."""

import json

import numpy as np
import pytest

from icp.errors import ConfigError
from icp.scoring import ReferenceTable, TierAssigner


def test_tiers_hold_the_shares_asked_for():
    margins = np.random.default_rng(0).normal(size=20_000)
    reference = TierAssigner().fit(margins).reference_
    letters, counts = np.unique(reference.tier(reference.percentile(margins)), return_counts=True)
    assert letters.tolist() == ["A", "B", "C", "D"]
    assert counts / 20_000 == pytest.approx([0.1, 0.2, 0.3, 0.4], abs=0.002)


def test_a_large_population_fits_a_small_table_without_moving_anyone_visibly():
    margins = np.random.default_rng(1).normal(size=50_000)
    reference = TierAssigner().fit(margins).reference_
    rank = 100 * (np.argsort(np.argsort(margins)) + 0.5) / 50_000
    assert len(reference.margins) <= 2001
    assert np.abs(reference.percentile(margins) - rank).max() < 0.06
    # the best and the worst account stay in the table: beyond it a percentile rises no further
    assert reference.margins[0] == margins.min() and reference.margins[-1] == margins.max()
    assert reference.percentile([-9.0, 9.0]).tolist() == pytest.approx([0.001, 99.999], abs=1e-12)


def test_equal_margins_share_the_middle_of_their_ranks():
    reference = TierAssigner().fit([0.0, 1.0, 1.0, 2.0]).reference_
    assert reference.percentile([0.0, 1.0, 2.0]).tolist() == [12.5, 50.0, 87.5]


def test_margins_beyond_the_population_stay_inside_0_to_100():
    reference = TierAssigner().fit(np.arange(10.0)).reference_
    assert reference.percentile([-99.0, 99.0]).tolist() == [5.0, 95.0]


def test_percentile_never_falls_when_the_margin_rises():
    reference = TierAssigner().fit(np.random.default_rng(2).exponential(size=9000).round(2)).reference_
    assert (np.diff(reference.percentile(np.linspace(-1, 12, 5000))) >= 0).all()


def test_cut_offs_belong_to_the_better_tier():
    reference = TierAssigner(tiers=(0.1, 0.2, 0.3)).fit([0.0]).reference_
    assert reference.tier([100, 90, 89.99, 70, 69.99, 40, 39.99, 0]).tolist() == list("AABBCCDD")


def test_reference_survives_json():
    reference = TierAssigner().fit(np.random.default_rng(3).normal(size=5000)).reference_
    assert ReferenceTable.from_dict(json.loads(json.dumps(reference.to_dict()))) == reference


@pytest.mark.parametrize("tiers", [[], [0.0, 0.5], [0.6, 0.6], [-0.1], [0.05] * 10])
def test_shares_that_are_no_shares_are_refused(tiers):
    with pytest.raises(ConfigError) as caught:
        TierAssigner(tiers=tiers).fit([0.0, 1.0])
    (problem,) = caught.value.problems
    assert problem.code == "ICP351" and problem.action.startswith("Give up to 9 shares above 0")


def test_nine_shares_that_make_up_all_are_cut():
    margins = np.arange(1000.0)
    assigner = TierAssigner(tiers=[0.2] + [0.1] * 8).fit(margins)
    letters, counts = np.unique(assigner.tier(assigner.percentile(margins)), return_counts=True)
    assert letters.tolist() == list("ABCDEFGHI") and counts.tolist() == [200] + [100] * 8


@pytest.mark.parametrize("margins", [[], [float("nan"), float("inf")]])
def test_an_empty_population_is_refused(margins):
    with pytest.raises(ConfigError) as caught:
        TierAssigner().fit(margins)
    assert [problem.code for problem in caught.value.problems] == ["ICP352"]


@pytest.mark.parametrize("seed", range(6))
def test_cutoffs_in_margin_give_the_tiers_of_the_percentiles_to_the_last_bit(seed):
    rng = np.random.default_rng(seed)
    margins = rng.normal(size=700 * (seed + 1)).round(int(rng.integers(1, 12)))
    reference = TierAssigner([(0.1, 0.2, 0.3), (0.05, 0.95), (0.333, 0.2)][seed % 3]).fit(margins).reference_
    near = np.concatenate([[np.nextafter(cut, -9e9), cut, np.nextafter(cut, 9e9)] for cut in reference.cutoffs])
    asked = np.concatenate([margins, rng.normal(size=20_000), [-50.0, 50.0], near])
    by_percentile = reference.tier(np.round(reference.percentile(asked), 2))
    assert reference.tier_of_margin(asked).tolist() == by_percentile.tolist()


def test_kept_cutoffs_leave_the_percentiles_alone():
    rng = np.random.default_rng(1)
    before = TierAssigner().fit(rng.normal(size=1000)).reference_
    after = TierAssigner().fit(rng.normal(0.5, 1.0, size=1000)).reference_
    kept = after.keep_cutoffs(before)
    asked = rng.normal(size=500)
    assert kept.tier_of_margin(asked).tolist() == before.tier_of_margin(asked).tolist()
    assert kept.percentile(asked).tolist() == after.percentile(asked).tolist()
    assert ReferenceTable.from_dict(json.loads(json.dumps(kept.to_dict()))) == kept


def test_tables_written_without_cutoffs_are_cut_at_their_own():
    table = TierAssigner().fit(np.random.default_rng(2).normal(size=300)).reference_
    written = {name: values for name, values in table.to_dict().items() if name != "cutoffs"}
    assert ReferenceTable.from_dict(written) == table


def test_a_tier_that_nobody_reaches_stays_empty():
    reference = TierAssigner().fit(np.zeros(50)).reference_
    assert set(reference.tier_of_margin([-3.0, 0.0, 3.0]).tolist()) == set(
        reference.tier(np.round(reference.percentile([-3.0, 0.0, 3.0]), 2)).tolist()
    )
