import json

import numpy as np
import pandas as pd
import pytest
from profiles_planted import noise, planted, table

from icp._groups import Group
from icp.options import ProfileOptions
from icp.profiles import ProfileClusterer, ProfileSet, _describe, _rules, describe
from icp.profiles._parts import ProfileTrait
from icp.tables import Trait, TraitTable


@pytest.fixture(scope="module")
def world():
    """300 best customers of 3 planted profiles among 3,000 accounts."""
    X, categorical, profile = planted(0, 3, 300)
    others, _, _ = planted(50, 6, 2700, separation=0.5, purity=0.1)
    base = table(np.vstack([X, others]), categorical)
    label = np.repeat([1.0, 0.0], [300, 2700])
    best = base.rows(label == 1)
    clusterer = ProfileClusterer(categorical=categorical).fit(best.values)
    amount = np.where(np.arange(300) % 10 == 0, np.nan, 100.0 * (1 + profile))
    found = describe(clusterer, best, base, label=label, amount=amount, evidence={"as_of": "2026-03-31"})
    return clusterer, best, base, label, amount, found


def test_every_number_on_a_card_is_the_count_it_says(world):
    clusterer, best, base, _, amount, found = world
    assert len(found.profiles) == 3
    for i, profile in enumerate(found.profiles):
        own = clusterer.labels_ == i
        assert profile.n == own.sum()
        assert profile.value == pytest.approx(np.nanmean(amount[own]))
        assert profile.traits
        for trait in profile.traits:
            n = trait.group.holds(best.values[own, trait.column]).sum()
            base_n = trait.group.holds(base.values[:, trait.column]).sum()
            assert (trait.n, trait.base_n) == (n, base_n)
            assert trait.index == pytest.approx(100 * (n / own.sum()) / (base_n / 3000), abs=0.06)
            assert trait.low <= trait.index <= trait.high
            assert trait.q <= 0.05


def test_the_rate_counts_the_accounts_that_serving_assigns(world):
    _, _, base, label, _, found = world
    index, _ = found.assign(base.values)
    for i, profile in enumerate(found.profiles):
        assert profile.rate == pytest.approx(label[index == i].mean())


def test_names_differ_and_pass_any_crm(world):
    names = [profile.name for profile in world[-1].profiles]
    assert len(set(names)) == 3
    for name in names:
        assert 0 < len(name) <= 80
        assert not set(name) & set('"|<>')


def test_a_name_says_what_most_of_the_profile_has_before_what_is_rarer_elsewhere():
    def trait(column, text, share, base_share):
        words = (f"c{column}", f"c{column}", column, Group("level", text, 0))
        return ProfileTrait(
            *words,
            round(100 * share),
            share,
            round(1000 * base_share),
            base_share,
            100 * share / base_share,
            101,
            999,
            0.0,
        )

    book = [(trait(0, "Harbour", 0.45, 0.01), 0), (trait(1, "Island", 0.6, 0.3), 1), (trait(2, "Mill", 0.5, 0.3), 2)]
    n = np.array([[50, 80, 70], [45, 60, 50]])
    counts = _describe._Counts(np.array([200, 100]), np.array([200, 100]), n, n, np.array([10, 300, 300]))
    assert _describe._names([book], counts) == ["Island, Mill"]
    assert _describe._names([book[:1]], counts) == ["Harbour"]


def test_a_rule_that_leaves_a_level_out_says_so_of_what_is_not_known():
    trait = Trait("source", "categorical", "fit", "source", ("source",), levels=("mail", "fair", "web"))
    codes = np.array([0.0, 1.0, 2.0, np.nan])
    for values, words in ((codes, "source is known but not fair"), (codes[:3], "source is not fair")):
        found = _rules._conditions(TraitTable(values[:, None], (trait,), pd.Index(range(len(values)))))
        assert words in [one["words"] for one in found]


def test_a_rule_finds_what_it_says_on_the_accounts_it_was_not_made_from(world):
    clusterer, best, base, _, _, found = world
    rules = [(i, profile.rule) for i, profile in enumerate(found.profiles) if profile.rule is not None]
    assert rules
    for i, rule in rules:
        holds = rule.holds(best.values)
        own = clusterer.labels_ == i
        assert len(rule.conditions) <= 3
        assert rule.coverage >= 0.6
        assert abs(holds[own].mean() - rule.coverage) < 0.2
        assert holds[own].mean() > holds[~own].mean() + 0.3
        assert 0 < rule.precision <= 1
        assert rule.rate_low <= rule.rate <= rule.rate_high
        assert rule.rate >= rule.precision
        assert 0 < rule.n < len(base.values) / 2


def test_of_very_many_accounts_a_part_makes_the_rules_and_all_others_judge_them(world, monkeypatch):
    clusterer, best, base, label, *_ = world
    monkeypatch.setattr(_rules, "_MAX_ROWS", 100)
    rules = [rule for rule in _rules.find_rules(best, clusterer.labels_, base, label, confidence=0.95) if rule]
    assert rules
    for rule in rules:
        held_out = int(base.rows(np.ones(len(base.values), dtype=bool)).values.shape[0] * 0.4)
        assert rule.coverage >= 0.6
        assert 0 < rule.n < 1.2 * held_out


def test_a_set_read_back_assigns_and_words_every_account_the_same(world):
    base, found = world[2], world[-1]
    text = json.dumps(found.to_dict(), allow_nan=False)
    again = ProfileSet.from_dict(json.loads(text))
    assert json.dumps(again.to_dict(), allow_nan=False) == text
    index, typicality = found.assign(base.values)
    other_index, other_typicality = again.assign(base.values)
    np.testing.assert_array_equal(index, other_index)
    np.testing.assert_array_equal(typicality, other_typicality)
    np.testing.assert_array_equal(found.talking_points(base.values, index), again.talking_points(base.values, index))
    assert again.profiles_json() == found.profiles_json()


def test_an_account_is_served_the_same_alone_and_in_a_crowd(world):
    base, found = world[2], world[-1]
    index, typicality = found.assign(base.values)
    points = found.talking_points(base.values, index)
    for i in range(0, 3000, 211):
        alone, alone_typicality = found.assign(base.values[i : i + 1])
        assert (alone[0], alone_typicality[0]) == (index[i], typicality[i])
        assert found.talking_points(base.values[i : i + 1], alone)[0] == points[i]


def test_about_one_best_customer_in_a_hundred_and_no_outlier_has_a_profile(world):
    clusterer, best, _, _, _, found = world
    index, typicality = found.assign(best.values)
    assert 1 <= (index == -1).sum() <= 4
    inside = index >= 0
    np.testing.assert_array_equal(index[inside], clusterer.labels_[inside])
    assert np.all(typicality[~inside] == 0)
    assert typicality.min() >= 0
    assert typicality.max() <= 1


def test_a_talking_point_names_a_trait_that_the_account_shows(world):
    _, _, base, _, _, found = world
    index, _ = found.assign(base.values)
    points = found.talking_points(base.values, index)
    assert (points[:300] != "").mean() > 0.95
    words = base.frame()
    for i in np.flatnonzero(points != "")[::50]:
        traits = found.profiles[index[i]].traits if index[i] >= 0 else found.overall
        said = next(trait for trait in traits if points[i].startswith(f"{trait.words}. "))
        assert said.index > 100
        assert said.group.holds(base.values[i : i + 1, said.column])[0]
        if said.group.kind == "level":
            assert words.iloc[i, said.column] == said.group.text
        assert len(points[i].encode()) <= 255


def test_another_base_changes_the_indexes_and_is_named(world):
    clusterer, best, base, _, _, found = world
    market = TraitTable(base.values[1000:], base.traits, base.account_id[1000:])
    other = describe(clusterer, best, market, base_name="the market file")
    assert other.profiles[0].traits[0].base_n != found.profiles[0].traits[0].base_n
    assert other.profiles_json()[0]["base"] == {"name": "the market file", "n": 2000}
    assert other.profiles[0].rate is None
    assert "of the market file." in other.talking_points(best.values, other.assign(best.values)[0])[0]


def test_profiles_json_holds_plain_numbers_and_the_frame_the_same_traits(world):
    found = world[-1]
    rows = json.loads(json.dumps(found.profiles_json(), allow_nan=False))
    keys = {
        "id",
        "name",
        "named_by",
        "former_names",
        "n",
        "share",
        "rule",
        "traits",
        "stability",
        "value",
        "rate",
        "base",
    }
    assert all(set(row) == keys for row in rows)
    assert [row["id"] for row in rows] == ["P1", "P2", "P3"]
    assert len(found.frame()) == sum(len(row["traits"]) for row in rows)
    assert [row["k"] for row in found.stability] == list(range(2, 8))


def test_without_profiles_the_set_still_says_what_sets_best_customers_apart():
    X, categorical = noise(3, 3000)
    rng = np.random.default_rng(0)
    label = (rng.random(3000) < np.where(X[:, 0] > 0, 0.15, 0.03)).astype(float)
    base = table(X, categorical)
    best = base.rows(label == 1)
    clusterer = ProfileClusterer(categorical=categorical).fit(best.values)
    found = describe(clusterer, best, base, label=label, options=ProfileOptions(fdr=0.01))
    assert found.profiles == ()
    assert {trait.trait for trait in found.overall} == {"t0"}
    again = ProfileSet.from_dict(json.loads(json.dumps(found.to_dict(), allow_nan=False)))
    index, typicality = again.assign(base.values)
    assert set(index) == {-1}
    assert not typicality.any()
    points = again.talking_points(base.values, index)
    assert all("best customers, " in point for point in points if point)
    assert any(points)
    assert again.frame().empty


def test_lengths_that_do_not_fit_are_refused_together(world):
    clusterer, best, base, _, _, _ = world
    with pytest.raises(ValueError, match=r"label has shape \(3,\).*amount has shape \(2,\)"):
        describe(clusterer, best, base, label=[0, 1, 1], amount=[1.0, 2.0])


def test_levels_that_could_harm_a_spreadsheet_are_made_safe():
    X, categorical, _ = planted(0, 3, 300)
    plain_table = table(X, categorical)
    nasty = tuple(
        type(trait)(**{**trait.__dict__, "levels": tuple(f'=cmd|"{level}"<b>' for level in trait.levels)})
        for trait in plain_table.traits
    )
    best = TraitTable(X, nasty, plain_table.account_id)
    others, _, _ = planted(50, 6, 900, separation=0.5, purity=0.1)
    base = TraitTable(np.vstack([X, others]), nasty, pd.Index([f"A-{i:05d}" for i in range(1200)]))
    found = describe(ProfileClusterer(categorical=categorical).fit(X), best, base)
    texts = [profile.name for profile in found.profiles] + list(found.talking_points(X, found.assign(X)[0]))
    texts += [profile.rule.text for profile in found.profiles if profile.rule]
    assert texts
    for text in texts:
        assert not set(text) & set('"|<>')
        assert not text.startswith(("=", "+", "-", "@"))
