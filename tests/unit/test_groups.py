"""Ranges that a person would name: round, true of every value in them, and worth a sentence."""

import itertools
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from icp._groups import Group, level_words, make_ranges, round_edges, unknown_words
from icp._range_words import ANY
from icp.tables import OTHER_LEVEL, Trait


def trait(rule="value", unit="", label="x"):
    return Trait("x", "numeric", "fit", label, ("x",), rule, unit)


def ranges(values, rule="value", unit="", n_ranges=6):
    return make_ranges(trait(rule, unit), np.asarray(values, dtype=float), n_ranges, 20)


def test_edges_are_round():
    rng = np.random.default_rng(0)
    assert round_edges(np.arange(1.0, 1001.0), 5, 50) == (200.0, 400.0, 600.0, 800.0)
    for edge in round_edges(np.exp(rng.normal(5, 1.5, 5000)), 5, 250):
        assert len(f"{edge:.6g}".replace(".", "").strip("0")) <= 2


def test_whole_numbers_part_at_whole_numbers():
    counts = np.random.default_rng(0).poisson(8, 2000).astype(float)
    assert all(edge == round(edge) for edge in round_edges(counts, 6, 20))


@given(
    st.lists(st.floats(-1e9, 1e9) | st.integers(0, 4).map(float), min_size=1, max_size=300),
    st.sampled_from(["value", "age", "events:recency", "events:decayed:45", "events:count:90"]),
)
def test_any_numbers_part_into_named_ranges_that_hold_enough(cells, rule):
    found = ranges(cells, rule)
    assert list(found.edges) == sorted(set(found.edges))
    assert len(found.names) == len(found.edges) + 1 <= 7
    assert len(found.above) == len(found.below) == len(found.edges)
    assert all(found.names)
    sizes = np.bincount(np.searchsorted(np.array(found.edges), cells, side="right"), minlength=len(found.names))
    assert not found.edges or sizes.min() >= 20


def test_no_two_ranges_of_whole_numbers_seem_to_share_one():
    numbers = np.concatenate([np.arange(1.0, 40_000.0, 7.0), np.arange(1.0, 9_000.0, 3.0)])
    names = ranges(numbers).names
    ends = [re.findall(r"[\d,]+", name) for name in names[1:]]
    assert any(int(end.replace(",", "")) > 10_000 for _, end in ends[:-1])
    for (*_, end), (start, *_) in itertools.pairwise(ends):
        assert int(start.replace(",", "")) == int(end.replace(",", "")) + 1


def test_few_whole_numbers_part_one_by_one_and_one_more_does_not():
    assert round_edges(np.repeat(np.arange(7.0), 50), 6, 20) == (1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
    assert len(round_edges(np.repeat(np.arange(8.0), 50), 6, 20)) < 7


def test_a_range_may_hold_exactly_the_fewest_values_and_no_fewer():
    values = np.r_[np.zeros(20), np.ones(20), np.full(20, 2.0)]
    assert round_edges(values, 6, 20) == (1.0, 2.0)
    assert round_edges(values, 6, 21) == ()


def test_zeros_stand_apart_where_they_fill_a_range_of_their_own():
    others = np.linspace(0.2, 0.9, 80)
    assert round_edges(np.r_[np.zeros(20), others], 5, 5)[0] == ANY
    assert round_edges(np.r_[np.zeros(19), others], 5, 5)[0] > 0.05
    assert ANY not in round_edges(np.r_[[-1.0], np.zeros(40), others], 5, 5)


def test_many_zeros_stand_apart_from_the_rest():
    rng = np.random.default_rng(1)
    assert ranges(np.r_[np.zeros(950), rng.poisson(20, 50)], n_ranges=2).names == ("0", "1 or more")
    assert ranges(np.r_[np.zeros(950), rng.poisson(20, 50)], "events:count:90", n_ranges=2).names == (
        "none",
        "1 or more",
    )
    amounts = ranges(np.r_[np.zeros(900), rng.uniform(0.1, 9, 100)], unit="€")
    assert (amounts.names[0], amounts.below[0], amounts.above[0]) == ("€0", "€0", "more than €0")
    assert amounts.edges[0] < 0.1


def test_zero_and_one_are_no_and_yes_where_they_are_all_there_is():
    assert ranges(np.tile([0, 1], 50)).names == ("no", "yes")
    assert ranges(np.tile([0, 1, 2], 50)).names == ("0", "1", "2")
    assert ranges(np.tile([0, 1], 50), "events:count:90").names == ("none", "1")


@pytest.mark.parametrize(
    ("days", "names"),
    [
        (np.linspace(0, 30000, 3000), ("less than 10 years ago", "70 or more years ago")),
        (np.linspace(300, 900, 3000), ("less than 1 year ago", "27 or more months ago")),
        (np.linspace(1, 90, 3000), ("less than 14 days ago", "75 or more days ago")),
    ],
)
def test_ages_are_told_in_the_unit_people_take(days, names):
    found = ranges(days, "age", "days").names
    assert (found[0], found[-1]) == names
    assert all(re.fullmatch(r"\d+ to \d+ (days|months|years) ago", name) for name in found[1:-1]), found


def test_a_count_that_fades_is_told_by_its_place_among_accounts():
    rng = np.random.default_rng(2)
    values = np.where(rng.random(3000) < 0.4, 0.0, rng.exponential(2, 3000))
    found = ranges(values, "events:kind:45:demo")
    assert found.names[0] == "none on record"
    for edge, above in zip(found.edges[1:], found.above[1:], strict=True):
        share = float(re.fullmatch(r"top (\d+) % of accounts", above)[1])
        assert share == pytest.approx(100 * np.mean(values >= edge), abs=0.51)
    assert len(set(found.names)) == len(found.names)


def test_none_of_a_fading_count_is_a_range_only_where_there_are_zeros():
    full = ranges(np.arange(1.0, 401.0), "events:kind:45:demo", n_ranges=4)
    assert full.edges == (100.0, 200.0, 300.0)
    some = ranges(np.r_[np.zeros(100), np.linspace(0.01, 0.9, 300)], "events:kind:45:demo", n_ranges=4)
    assert some.names[0] == "none on record" and 0.0 < some.edges[0] < 0.01
    assert [int((np.r_[np.zeros(100), np.linspace(0.01, 0.9, 300)] < edge).sum()) for edge in some.edges] == [
        100, 199, 299,
    ]  # fmt: skip


def test_a_tiny_rest_of_an_old_event_is_not_none():
    found = ranges(np.r_[np.zeros(500), np.linspace(1, 3, 500)], "events:decayed:45")
    assert np.searchsorted(np.array(found.edges), 2.0**-60, side="right") == 1


def test_no_numbers_are_one_range():
    assert ranges([]).names == ("any value",)
    assert ranges([3.0] * 50).names == ("any value",)


@pytest.mark.parametrize(
    ("group", "held"),
    [
        (Group("missing", "not known"), [False, False, False, True]),
        (Group("level", "Steel", code=2), [False, True, False, False]),
        (Group("range", "2 to 4", low=2.0, high=5.0), [False, True, False, False]),
        (Group("range", "under 2", high=2.0), [True, False, False, False]),
        (Group("range", "2 or more", low=2.0), [False, True, True, False]),
    ],
)
def test_a_group_holds_its_lower_end_and_not_its_upper_one(group, held):
    assert group.holds(np.array([-7.0, 2.0, 5.0, np.nan])).tolist() == held


def test_levels_and_missing_values_have_words():
    assert level_words(OTHER_LEVEL) == "one of the less common values"
    assert level_words("R&D | Tools.") == "R and D Tools"
    assert level_words("b76ef37428e6799c421989521c0e5077") == "b76ef374..."
    assert level_words("Telecommunications equipment") == "Telecommunications equipment"
    assert level_words("\U0001f600") == "a value without readable letters"
    assert unknown_words(trait("events:recency")) == "none on record"
    assert unknown_words(trait()) == "not known"


def test_a_range_of_a_fading_count_is_named_by_both_of_its_ends():
    trait = Trait("visits", "numeric", "engagement", "recent visits", ("visits",), rule="events:decayed:visit")
    names = make_ranges(trait, np.arange(1.0, 1001.0), 4, 20).names
    assert names == (
        "lowest 25 % of accounts",
        "lowest 25 % to 50 % of accounts",
        "top 25 % to 50 % of accounts",
        "top 25 % of accounts",
    )
