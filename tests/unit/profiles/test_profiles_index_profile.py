"""The index profile: counts a hand would count, another base another answer, intervals that hold the truth."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from profiles_planted import noise, planted, table

from icp.errors import NotEnoughDataError
from icp.profiles import INDEX_COLUMNS, IndexProfile, ProfileClusterer, describe, index_profile
from icp.reports import Figure
from icp.tables import OTHER_LEVEL, Trait, TraitTable


@pytest.fixture(scope="module")
def world():
    """300 best customers of 3 planted profiles among 3,000 accounts, and 500 that nobody worked."""
    X, categorical, _ = planted(0, 3, 300)
    others, _, _ = planted(50, 6, 2700, separation=0.5, purity=0.1)
    base = table(np.vstack([X, others]), categorical)
    best = base.rows(np.arange(3000) < 300)
    clusterer = ProfileClusterer(categorical=categorical).fit(best.values)
    profiles = describe(clusterer, best, base, base_name="the market")
    unworked = table(planted(7, 3, 500)[0], categorical, prefix="U")
    found = index_profile(best, base, base_name="the market", profiles=profiles, unworked=unworked, as_of="2026-03-31")
    return clusterer, best, base, unworked, profiles, found


def test_every_number_is_the_count_of_a_hand(world):
    clusterer, best, base, unworked, profiles, found = world
    at, _ = profiles.assign(unworked.values)
    for one in found.statistics():
        position = next((i for i, profile in enumerate(profiles.profiles) if profile.id == one.profile_id), None)
        own = np.ones(300, dtype=bool) if position is None else clusterer.labels_ == position
        nobody = np.ones(500, dtype=bool) if position is None else at == position
        n = int(one.group.holds(best.values[own, one.column]).sum())
        base_n = int(one.group.holds(base.values[:, one.column]).sum())
        assert (one.n, one.n_best, one.base_n, one.n_base) == (n, own.sum(), base_n, 3000)
        assert one.unworked == one.group.holds(unworked.values[nobody, one.column]).sum()
        assert one.share == pytest.approx(n / own.sum())
        assert (one.base, one.as_of) == ("the market", "2026-03-31")
        if base_n:
            assert one.penetration == pytest.approx(n / base_n)
            assert one.index == pytest.approx(100 * (n / own.sum()) / (base_n / 3000), abs=0.06)
            assert one.low <= one.index <= (np.inf if one.high is None else one.high)


def test_it_says_of_profiles_what_their_cards_say(world):
    *_, profiles, found = world
    by_key = {(one.profile_id, one.trait, one.group.text): one for one in found.statistics()}
    cards = [("", trait) for trait in profiles.overall]
    cards += [(profile.id, trait) for profile in profiles.profiles for trait in profile.traits]
    assert len(cards) > 30
    for profile_id, trait in cards:
        one = by_key[profile_id, trait.trait, trait.group.text]
        told = (trait.n, trait.share, trait.base_n, trait.base_share, trait.index, trait.low, trait.q)
        assert (one.n, one.share, one.base_n, one.base_share, one.index, one.low, one.q) == told
        assert one.over == (trait.index > 100)


def test_groups_part_the_accounts_and_information_adds_up(world):
    found = world[-1]
    frame = found.frame()
    assert list(frame.columns) == list(INDEX_COLUMNS)
    for _, rows in frame.groupby(["profile_id", "trait"]):
        assert rows["n"].sum() == rows["n_best"].iloc[0]
        assert rows["base_n"].sum() == 3000
        assert rows["information_value"].nunique() == 1
        assert rows["information"].sum() == pytest.approx(rows["information_value"].iloc[0])
    assert set(frame["kind"]) == {"level", "range", "missing"}


def test_it_is_kept_as_counts_and_read_back_to_the_same_numbers(world):
    found = world[-1]
    text = json.dumps(found.to_dict(), allow_nan=False)
    again = IndexProfile.from_dict(json.loads(text))
    assert again == found
    assert json.dumps(again.to_dict(), allow_nan=False) == text
    pd.testing.assert_frame_equal(again.frame(), found.frame())


def test_another_base_changes_the_answer_and_is_named(world):
    _, best, base, _, profiles, found = world
    others = index_profile(best, base.rows(np.arange(3000) >= 1500), base_name="newer accounts", profiles=profiles)
    one, two = found.frame(), others.frame()
    assert set(two["base"]) == {"newer accounts"}
    assert two["penetration"].isna().all()  # none of them is a best customer
    assert (one["index"] - two["index"]).abs().max() > 5


def test_a_trait_of_which_the_base_knows_nothing_is_left_out(world):
    _, best, base, _, _, found = world
    values = base.values.copy()
    values[:, 3] = np.nan
    blind = index_profile(best, TraitTable(values, base.traits, base.account_id))
    assert "t3" in set(found.frame()["trait"])
    assert set(found.frame()["trait"]) - set(blind.frame()["trait"]) == {"t3"}


def test_a_level_of_the_base_alone_is_a_group_and_not_a_gap():
    sector = Trait("sector", "categorical", "fit", "sector", ("sector",), levels=("Retail", "Media"))
    best = TraitTable(np.repeat([0.0, 1.0], 20)[:, None], (sector,), pd.Index([f"B-{i}" for i in range(40)]))
    wider = Trait("sector", "categorical", "fit", "sector", ("sector",), levels=("Retail", "Media", OTHER_LEVEL))
    codes = np.repeat([0.0, 1.0, 2.0], [100, 100, 200])[:, None]
    market = TraitTable(codes, (wider,), pd.Index([f"M-{i}" for i in range(400)]))
    rows = index_profile(best, market).frame().set_index("group")
    assert rows["base_n"].to_dict() == {"Retail": 100, "Media": 100, OTHER_LEVEL: 200}
    assert rows.loc[OTHER_LEVEL, ["n", "index"]].tolist() == [0, 0.0]
    assert rows.loc["Retail", "index"] == 200.0


def test_a_plot_gives_its_numbers(world):
    found = world[-1]
    figure = found.plot("P1")
    assert isinstance(figure, Figure)
    told = figure.frame()
    rows = found.frame().query("profile_id == 'P1' and distinctive")
    assert len(told) == len(rows)
    assert set(zip(told["group"], told["index"], strict=True)) == set(zip(rows["group"], rows["index"], strict=True))
    assert (told["low"] > 100).tolist() == sorted(told["low"] > 100, reverse=True)
    assert "<svg" in found._repr_html_()
    with pytest.raises(KeyError, match="P9"):
        found.plot("P9")


def test_too_few_best_customers_and_an_empty_base_are_refused(world):
    _, best, base, *_ = world
    with pytest.raises(NotEnoughDataError, match="ICP240"):
        index_profile(best.rows(np.arange(300) < 9), base)
    with pytest.raises(NotEnoughDataError, match="ICP212"):
        index_profile(best, base.rows(np.zeros(3000, dtype=bool)))


def test_noise_is_not_called_distinctive_more_often_than_the_rate_allows():
    any_found = 0
    for seed in range(40):
        X, categorical = noise(seed, 600)
        accounts = table(X, categorical)
        best = np.random.default_rng(1000 + seed).random(600) < 0.2
        any_found += any(one.distinctive for one in index_profile(accounts.rows(best), accounts).statistics())
    assert any_found <= 6  # 5 % of 40, and four standard errors


@pytest.mark.parametrize("inside", [True, False])
def test_intervals_hold_the_truth_in_93_to_97_of_100(inside):
    """Thirty traits of four groups; the base holds the best customers, or is a market list of its own."""
    rng = np.random.default_rng(21)
    best_share, rest_share = np.array([0.5, 0.3, 0.15, 0.05]), np.array([0.2, 0.4, 0.3, 0.1])
    part = 150 / 1500 if inside else 0.0
    truth = 100 * best_share / (part * best_share + (1 - part) * rest_share)
    traits = tuple(Trait(f"t{j}", "categorical", "fit", f"t{j}", (f"t{j}",), levels=tuple("abcd")) for j in range(30))
    ids, covered = pd.Index([f"A-{i}" for i in range(1500)]), []
    for _ in range(40):
        best = rng.choice(4, (150, 30), p=best_share).astype(float)
        rest = rng.choice(4, (1350, 30), p=rest_share).astype(float)
        base, names = (np.vstack([best, rest]), ids) if inside else (rest, ids[150:])
        found = index_profile(TraitTable(best, traits, ids[:150]), TraitTable(base, traits, names))
        covered += [one.low <= t <= one.high for one, t in zip(found.statistics(), np.tile(truth, 30), strict=True)]
    assert 0.93 <= np.mean(covered) <= 0.97
