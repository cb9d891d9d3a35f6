"""Slots: never passed, filled as well as they can be, shared fairly, in time."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from icp.errors import TableError
from icp.lists import OVERRIDE, Limit, Slots, candidates, draw, plan_calls


def random_case(rng):
    """Reps in territories in teams, limits on some of each, accounts of reps, of territories, and of nobody."""
    n_reps, n_accounts = int(rng.integers(1, 6)), int(rng.integers(1, 15))
    territories = [f"T{rng.integers(0, 3)}" for _ in range(n_reps)]
    if rng.random() < 0.5:  # territories in teams
        teams = {name: f"K{rng.integers(0, 2)}" for name in territories}
        reps = [Limit(int(rng.integers(0, 4)), f"R{i}", t, teams[t]) for i, t in enumerate(territories)]
    else:  # teams in territories
        reps = [
            Limit(int(rng.integers(0, 4)), f"R{i}", t, f"{t}-{rng.integers(0, 2)}") for i, t in enumerate(territories)
        ]
    groups = [
        Limit(int(rng.integers(0, 5)), territory=name) for name in dict.fromkeys(territories) if rng.random() < 0.5
    ]
    groups += [Limit(int(rng.integers(0, 5)), team=name) for name in {one.team for one in reps} if rng.random() < 0.5]
    limits = [*reps, *groups]
    slots = Slots([limits[i] for i in rng.permutation(len(limits))], int(rng.integers(1, 3)))
    numbers = slots.territory_numbers
    rep = np.where(rng.random(n_accounts) < 0.3, rng.integers(0, n_reps, n_accounts), -1)
    names = rng.choice([*numbers, ""], n_accounts)
    territory = np.array([numbers.get(name, -1) for name in names])
    worth = np.round(rng.exponential(2.0, n_accounts), 1)  # with ties
    return slots, groups, rep, territory, worth


def uneven_case(rng):
    """As before, with limits of single weeks; all limits, each with its week."""
    slots, groups, rep, territory, worth = random_case(rng)
    weeks = int(rng.integers(2, 4))
    limits = [*slots.reps, *groups]
    kept = [one for one in limits if rng.random() < 0.8]
    single = [replace(one, slots=int(rng.integers(0, 4)), week=w)
              for one in limits for w in range(weeks) if rng.random() < 0.5]  # fmt: skip
    for one in slots.reps:
        if one.rep not in {other.rep for other in (*kept, *single)}:
            kept.append(one)
    return Slots([*kept, *single], weeks), [*kept, *single], rep, territory, worth


def most(limits, one, week):
    """What a limit is in a week, None where it says nothing."""
    same = [o for o in limits if (o.rep, o.territory, o.team) == (one.rep, one.territory, one.team)]
    own = [o.slots for o in same if o.week == week] or [o.slots for o in same if o.week is None]
    return min(own) if own else None


def most_worth(slots, groups, rep, territory, worth, limits=None):
    """The exact optimum: which account goes to which rep in which week."""
    numbers = slots.territory_numbers
    triples = [
        (a, r, w)
        for a in range(len(worth))
        for r, one in enumerate(slots.reps)
        for w in range(slots.weeks)
        if (rep[a] == r) or (rep[a] < 0 and (territory[a] < 0 or numbers.get(one.territory) == territory[a]))
    ]
    if not triples:
        return 0.0
    rows, ends = [], []

    def at_most(holds, limit):
        rows.append([float(holds(*triple)) for triple in triples])
        ends.append(limit)

    for a in range(len(worth)):
        at_most(lambda b, r, w, a=a: a == b, 1)
    for week in range(slots.weeks):
        for i, one in enumerate(slots.reps):
            own = one.slots if limits is None else most(limits, one, week) or 0
            at_most(lambda a, r, w, i=i, week=week: r == i and w == week, own)
        for one in groups:
            own = one.slots if limits is None else most(limits, one, week)
            if own is None:
                continue
            at_most(
                lambda a, r, w, one=one, week=week: (
                    w == week
                    and (slots.reps[r].territory == one.territory if one.territory else slots.reps[r].team == one.team)
                ),
                own,
            )
    found = milp(
        -np.array([worth[a] for a, _, _ in triples]),
        constraints=LinearConstraint(np.array(rows), -np.inf, ends),
        integrality=np.ones(len(triples)),
        bounds=Bounds(0, 1),
    )
    assert found.success
    return -found.fun


def within_limits(slots, groups, plan, rep, territory, limits=None):
    per = Counter(zip(plan.reps.tolist(), plan.weeks.tolist(), strict=True))
    for (r, week), count in per.items():
        assert count <= (slots.reps[r].slots if limits is None else most(limits, slots.reps[r], week) or 0)
    for one in groups:
        level = "territory" if one.territory else "team"
        for week in range(slots.weeks):
            inside = [r for r, w in zip(plan.reps, plan.weeks, strict=True)
                      if w == week and getattr(slots.reps[r], level) == getattr(one, level)]  # fmt: skip
            own = one.slots if limits is None else most(limits, one, week)
            assert own is None or len(inside) <= own
    for row, r in zip(plan.rows, plan.reps, strict=True):
        if rep[row] >= 0:
            assert r == rep[row]
        elif territory[row] >= 0:
            assert slots.territory_numbers[slots.reps[r].territory] == territory[row]


@pytest.mark.parametrize("seed", range(200))
def test_the_list_is_the_exact_optimum_and_passes_no_limit(seed):
    slots, groups, rep, territory, worth = random_case(np.random.default_rng(seed))
    plan = plan_calls(worth, slots, slots.place(rep, territory), np.ones(len(worth), dtype=bool))
    within_limits(slots, groups, plan, rep, territory)
    assert len(set(plan.rows.tolist())) == len(plan.rows)
    assert worth[plan.rows].sum() == pytest.approx(most_worth(slots, groups, rep, territory, worth))


@pytest.mark.parametrize("seed", range(200))
def test_weeks_that_differ_are_filled_as_well_as_they_can_be_and_pass_no_limit(seed):
    slots, limits, rep, territory, worth = uneven_case(np.random.default_rng(5000 + seed))
    groups = [one for one in limits if not one.rep]
    plan = plan_calls(worth, slots, slots.place(rep, territory), np.ones(len(worth), dtype=bool))
    within_limits(slots, groups, plan, rep, territory, limits)
    assert len(set(plan.rows.tolist())) == len(plan.rows)
    assert worth[plan.rows].sum() == pytest.approx(most_worth(slots, groups, rep, territory, worth, limits))


@pytest.mark.parametrize("seed", range(60))
def test_overrides_and_exploration_pass_no_limit_of_a_week_either(seed):
    rng = np.random.default_rng(6000 + seed)
    slots, limits, rep, territory, worth = uneven_case(rng)
    forced, eligible = rng.random(len(worth)) < 0.2, rng.random(len(worth)) < 0.8
    place, chance = slots.place(rep, territory), draw([f"A-{i}" for i in range(len(worth))], seed, "spring")
    plan = plan_calls(worth, slots, place, eligible, forced=forced, explore=0.3, chance=chance)
    within_limits(slots, [one for one in limits if not one.rep], plan, rep, territory, limits)
    assert eligible[plan.rows].all()
    assert len(plan.rows) == len(plan_calls(worth, slots, place, eligible).rows)


def test_two_reps_of_one_week_do_not_fill_the_slots_of_another():
    limits = [Limit(5, "A", "north", week=0), Limit(5, "B", "north", week=0), Limit(5, "C", "north", week=1)]
    slots = Slots([*limits, Limit(5, territory="north")], 2)
    rep = np.repeat([0, 1, -1], [5, 5, 5])
    worth = np.arange(15, 0, -1.0)
    plan = plan_calls(worth, slots, slots.place(rep, np.full(15, 0)), np.ones(15, dtype=bool))
    assert slots.by_week() == [5, 5]
    assert sorted(plan.rows.tolist()) == [0, 1, 2, 3, 4, 10, 11, 12, 13, 14]
    assert plan.weeks[np.argsort(plan.rows)].tolist() == [0] * 5 + [1] * 5


def test_the_flow_and_the_sums_choose_the_same_where_weeks_are_alike(monkeypatch):
    for seed in range(40):
        slots, _, rep, territory, worth = random_case(np.random.default_rng(seed))
        place, every = slots.place(rep, territory), np.ones(len(worth), dtype=bool)
        sums = plan_calls(worth, slots, place, every)
        monkeypatch.setattr(slots, "uneven", True)
        flow = plan_calls(worth, slots, place, every)
        assert sorted(worth[flow.rows]) == sorted(worth[sums.rows])


def test_a_rep_away_for_a_week_has_the_best_in_the_weeks_that_are_left():
    slots = Slots([Limit(3, "A"), Limit(0, "A", week=1), Limit(2, "B"), Limit(4, "B", week=2)], 3)
    plan = plan_calls(np.arange(30, 0, -1.0), slots, slots.place(np.full(30, -1), np.full(30, -1)), np.ones(30, bool))
    assert Counter(zip(plan.reps.tolist(), plan.weeks.tolist(), strict=True)) == {
        (0, 0): 3, (0, 2): 3, (1, 0): 2, (1, 1): 2, (1, 2): 4,
    }  # fmt: skip
    first, last = (plan.rows[(plan.reps == 0) & (plan.weeks == week)] for week in (0, 2))
    assert first.max() < last.min() and sorted(plan.rows.tolist()) == list(range(14))


@pytest.mark.parametrize("more", [[], [Limit(1, "A", week=1)]], ids=["even", "uneven"])
def test_overrides_are_the_first_calls_however_little_they_are_worth(more):
    slots = Slots([Limit(3, "A"), Limit(3, "B"), *more], 3)
    worth, forced = np.arange(40, 0, -1.0), np.arange(40) >= 36
    place = slots.place(np.full(40, -1), np.full(40, -1))
    plan = plan_calls(
        worth,
        slots,
        place,
        np.ones(40, dtype=bool),
        forced=forced,
        explore=0.2,
        chance=draw(map(str, range(40)), 0, ""),
    )
    for rep in (0, 1):
        kinds = plan.kinds[plan.reps == rep].tolist()
        assert OVERRIDE in kinds and kinds == sorted(kinds, key=lambda kind: kind != OVERRIDE)
        others = worth[plan.rows[(plan.reps == rep) & (plan.kinds != OVERRIDE)]]
        assert (np.diff(others) < 0).all()
    assert sorted(plan.rows[plan.kinds == OVERRIDE].tolist()) == [36, 37, 38, 39]


@pytest.mark.parametrize("seed", range(60))
def test_overrides_and_exploration_pass_no_limit_either(seed):
    rng = np.random.default_rng(1000 + seed)
    slots, groups, rep, territory, worth = random_case(rng)
    forced, eligible = rng.random(len(worth)) < 0.2, rng.random(len(worth)) < 0.8
    place = slots.place(rep, territory)
    chance = draw([f"A-{i}" for i in range(len(worth))], seed, "spring")
    plan = plan_calls(worth, slots, place, eligible, forced=forced, explore=0.3, chance=chance)
    within_limits(slots, groups, plan, rep, territory)
    assert eligible[plan.rows].all()
    kinds = dict(zip(plan.rows.tolist(), plan.kinds, strict=True))
    assert all(forced[row] for row, kind in kinds.items() if kind == "override")
    alone = plan_calls(worth, slots, place, eligible)
    assert len(plan.rows) == len(alone.rows)  # no slot stays free that could be filled


def test_a_share_of_the_slots_goes_to_accounts_outside_the_top_by_chance():
    worth = np.linspace(1.0, 0.0, 500)
    slots = Slots([Limit(10, f"R{i}") for i in range(4)])
    place = slots.place(np.full(500, -1), np.full(500, -1))
    ids = [f"A-{i}" for i in range(500)]
    plans = [
        plan_calls(worth, slots, place, np.ones(500, dtype=bool), explore=0.1, chance=draw(ids, seed, "s"))
        for seed in (0, 0, 1)
    ]
    explored = [set(plan.rows[plan.kinds == "exploration"].tolist()) for plan in plans]
    assert [len(rows) for rows in explored] == [4, 4, 4]
    assert explored[0] == explored[1] != explored[2]
    assert set(plans[0].rows[plans[0].kinds == "top"].tolist()) == set(range(36))
    assert min(explored[0]) >= 36
    per_rep = Counter(plans[0].reps[plans[0].kinds == "exploration"].tolist())
    assert sum(Counter(plans[0].reps.tolist()).values()) == 40 and sum(per_rep.values()) == 4


def test_ties_go_to_the_earlier_row():
    slots = Slots([Limit(3, "R")])
    plan = plan_calls(np.ones(10), slots, slots.place(np.full(10, -1), np.full(10, -1)), np.ones(10, dtype=bool))
    assert plan.rows.tolist() == [0, 1, 2] and plan.ranks.tolist() == [1, 2, 3]


def test_reps_of_a_territory_get_equal_worth_for_a_slot():
    rng = np.random.default_rng(2)
    worth = rng.lognormal(0.0, 1.0, 2000)
    slots = Slots(
        [
            Limit(20, "full", "north"),
            Limit(20, "time", "north"),
            Limit(10, "half", "north"),
            Limit(20, "other", "south"),
        ]
    )
    north = slots.territory_numbers["north"]
    plan = plan_calls(worth, slots, slots.place(np.full(2000, -1), np.full(2000, north)), np.ones(2000, dtype=bool))
    per_slot = {one.rep: worth[plan.rows[plan.reps == i]].sum() / one.slots for i, one in enumerate(slots.reps)}
    assert per_slot.pop("other") == 0.0
    assert max(per_slot.values()) / min(per_slot.values()) < 1.02


def test_a_territory_or_team_without_reps_is_worked_as_one():
    slots = Slots(
        [Limit(5, territory="north"), Limit(3, "Ann", "south"), Limit(2, territory="south"), Limit(4, team="desk")]
    )
    assert {one.rep: one.slots for one in slots.reps} == {"north": 5, "Ann": 3, "desk": 4}
    assert int(slots.room()[0][-1][0]) == 5 + 2 + 4


def test_what_limits_cannot_be_is_told_at_once():
    crossing = [
        Limit(1, "A", "n", "x"),
        Limit(1, "B", "n", "y"),
        Limit(1, "C", "s", "x"),
        Limit(1, team="x"),
        Limit(1, "A"),
    ]
    with pytest.raises(TableError) as refused:
        Slots(crossing)
    assert [problem.code for problem in refused.value.problems] == ["ICP732", "ICP732"]
    Slots(crossing[:3])  # teams without limits are only names


def test_candidates_fill_the_slots_once_the_share_is_held_out():
    slots = Slots([Limit(9, f"R{i}", f"T{i % 2}") for i in range(4)])
    place = slots.place(np.full(300, -1), np.arange(300) % 2)
    found = candidates(np.linspace(1, 0, 300), slots, place, np.ones(300, dtype=bool), 0.1)
    assert found.sum() == 40 and found[:40].all()


def test_a_hundred_thousand_accounts_for_two_hundred_reps_take_less_than_ten_sorts():
    rng = np.random.default_rng(3)
    n = 100_000
    worth = rng.lognormal(0.0, 1.0, n)
    limits = [Limit(50, f"R{i}", f"T{i % 20}", f"K{i % 5}") for i in range(200)]
    limits += [Limit(400, territory="T3"), Limit(1900, team="K1")]
    rep = np.where(rng.random(n) < 0.3, rng.integers(0, 200, n), -1)
    territory = np.where(rng.random(n) < 0.9, rng.integers(0, 20, n), -1)

    def sort():
        np.argsort(-worth, kind="stable")

    def plan():
        slots = Slots(limits)
        plan_calls(worth, slots, slots.place(rep, territory), np.ones(n, dtype=bool))

    def least(work):
        times = []
        for _ in range(5):
            start = time.process_time()
            work()
            times.append(time.process_time() - start)
        return min(times)

    assert least(plan) < 10 * least(sort)
