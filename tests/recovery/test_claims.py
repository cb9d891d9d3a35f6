"""Small versions of ``python -m benchmarks.claims``: the same code, fewer runs, seeds fixed.

Bounds are those a right method passes with room to spare (four standard errors); an interval a fifth too narrow fails.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from benchmarks.claims import (
    briefs,
    confidence,
    gate,
    holdout,
    identity,
    index,
    intervals,
    loop,
    null,
    profiles,
    promise,
    rates,
    same_reasons,
)
from benchmarks.claims.__main__ import PAGE, main, names, sections
from benchmarks.claims._protocol import ClaimRow, mean_row, share_row
from benchmarks.claims._ranking import World


def pooled(rows: list[ClaimRow]) -> dict[str, float]:
    """Mean over settings, by claim."""
    figures = defaultdict(list)
    for row in rows:
        figures[row.claim.split(":")[0]].append(row.figure)
    return {claim: sum(values) / len(values) for claim, values in figures.items()}


@pytest.mark.slow
def test_intervals_of_held_out_figures_hold_the_truth_in_95_of_100():
    worlds = (World(1000, 50), World(600, 200), World(1000, 100, ties=True), World(1000, 200, repeats=4))
    found = pooled(intervals.run(150, 11, worlds))
    assert found.keys() == set(intervals.FIGURES.values())
    assert {claim: share for claim, share in found.items() if not 0.92 <= share <= 0.98} == {}


def test_labels_dealt_at_random_show_no_lift_and_no_signal():
    found = pooled(null.given(100, 12, (World(600, 50), World(600, 200, ties=True), World(800, 100, repeats=4))))
    assert min(found.values()) >= 0.91
    assert found["the interval of the lift holds 1"] <= 0.99


@pytest.mark.slow
def test_scores_learned_from_labels_dealt_at_random_show_no_signal_in_folds():
    assert null.learned(40, 12, 400, 120).figure >= 0.9


def test_intervals_of_the_index_hold_the_truth_and_noise_is_not_distinctive():
    *covered, noise, false = index.run(100, 13)
    assert all(0.92 <= row.figure <= 0.98 for row in covered)
    assert noise.figure <= 0.15
    assert false.figure <= 0.10


def test_intervals_of_rates_hold_the_truth():
    assert all(row.met for row in rates.run(500, 14))


def test_what_a_call_list_promises_comes_whether_or_not_the_score_has_the_right_shape():
    few = ((600, 0.2, 500, 40, False), (2_000, 0.1, 5_000, 100, True))
    straight, wide, bent, wider = promise.run(100, 19, few)
    assert straight.met and bent.met
    assert wide.figure < 2.0 < wider.figure < 4.0


def test_a_holdout_finds_nothing_where_nothing_was_added_and_holds_the_planted_lift():
    null, covered, apart, other = holdout.run(800, 16, ((1_500, 0.08, 0.2, 2.5),))
    assert 0.02 <= null.figure <= 0.08
    assert covered.figure >= 0.92
    assert apart.met and other.met


@pytest.mark.slow
def test_planted_profiles_are_found_and_none_elsewhere():
    found = profiles.run(0, 15, sizes=(300,))
    assert [row.runs for row in found] == [6] * 5
    assert all(row.figure >= 0.8 for row in found), [row.line() for row in found]


@pytest.mark.slow
def test_briefs_and_cards_hardly_ever_name_a_trait_without_effect(tmp_path):
    found = [briefs.claims(tmp_path, 1500, seed) for seed in (19, 20)]
    for place in ("best", "brief", "card"):
        claims = [false for one in found for false in one[place]]
        assert len(claims) >= 20 and sum(claims) <= 0.1 * len(claims), (place, sum(claims), len(claims))
    assert not any(briefs.claims(tmp_path, 1500, 19, signal=0.0).values())


def test_customers_are_grouped_by_reasons_where_groups_are_planted_and_nowhere_else():
    rng = np.random.default_rng(21)
    assert [same_reasons.groups_in(make(rng, 150), 0) for make in same_reasons.WITHOUT.values()] == [0, 0, 0, 0]
    right = [same_reasons.groups_in(same_reasons.planted(rng, 300, k), 0) == k for k in (2, 3, 4)]
    assert sum(right) >= 2  # the claim is 8 in 10


@pytest.mark.slow
def test_profiles_keep_their_ids_and_planted_changes_are_named_right():
    kept, _ = identity._bootstrap(3, 18, (3,))
    assert kept.runs == 3 and kept.figure >= 0.95, kept.line()
    for name in ("a profile is born", "a profile is retired", "a profile is retired as another is born"):
        (row,) = identity._named(name, 2, 18, (3,))
        assert row.figure == 1.0, row.line()


def test_a_figure_outside_its_target_is_said_to_be_missed():
    row = share_row("a", "b", "c", [True] * 90 + [False] * 10, least=0.93, most=0.97)
    assert row.met is False
    assert row.line() == "| a | b | c | 100 | 90.0 % (82.6 % to 94.5 %) | 93.0 % to 97.0 % | **no** |"


def test_a_mean_share_of_two_runs_has_the_wide_interval_of_student():
    row = mean_row("a", "b", "c", [0.01, 0.03], percent=True, most=0.03)
    assert row.line() == "| a | b | c | 2 | 2.0 % (-10.7 % to 14.7 %) | at most 3.0 % | yes |"


@pytest.mark.slow
def test_the_gate_refuses_worse_models_and_lets_better_ones_through():
    found = gate.run(0, 16)
    assert {row.runs for row in found} == {4}
    assert [row.figure for row in found if row.claim.startswith("worse")] == [0.0, 0.0]
    assert [row.figure >= 0.75 for row in found if row.claim.startswith("better")] == [True]


@pytest.mark.slow
def test_accounts_of_another_country_get_low_confidence_and_others_do_not(tmp_path):
    share = {row["population"]: row["low"] for row in confidence.one_run(17, 1500, tmp_path)}
    assert share["same"] <= 0.06
    assert share["another country"] >= 0.9


def test_one_claim_is_run_again_and_the_others_stay(tmp_path, capsys):
    page = tmp_path / "docs" / "claims.md"
    page.parent.mkdir()
    page.write_text(PAGE.read_text("utf-8"), "utf-8")
    before = sections(page.read_text("utf-8"))
    assert main(["--runs", "300", "--only", "rates", "--output", str(page)]) in (0, 3)
    after = sections(page.read_text("utf-8"))
    assert list(after) == list(before)
    assert {name for name in after if after[name] != before[name]} == {"rates"}
    assert "--runs 300" in capsys.readouterr().out


def test_every_claim_has_its_section_with_a_thousand_runs_or_its_own_number():
    written = sections(PAGE.read_text("utf-8"))
    assert sorted(written) == names()
    assert all(re.search(r"^\| .+ \| .+ \| .+ \| [\d,]+ \| ", text, re.M) for text in written.values())


def test_a_claim_is_a_module_with_a_docstring_and_run():
    for name in names():
        text = (Path(intervals.__file__).parent / f"{name}.py").read_text("utf-8")
        assert text.startswith('"""') and "\ndef run(" in text


@pytest.mark.slow
def test_what_sales_did_is_told_from_what_it_was_given():
    found = {row.claim: row for row in loop.run(60, 18)}
    assert len(found) == 20
    assert [row.line() for row in found.values() if row.met is False and not row.claim.startswith("half")] == []
