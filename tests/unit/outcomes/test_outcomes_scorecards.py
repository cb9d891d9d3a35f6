"""Two scorecards: each moves with its own team's work, and not with the other's."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.claims._sales_world import a_list, worked
from icp.errors import ConfigError
from icp.outcomes import (
    FollowRules,
    Goals,
    goals_template,
    marketing_scorecard,
    observed_expected,
    read_goals,
    sales_scorecard,
    tier_precision,
)

N_RUNS = 30


def card(rows, team=marketing_scorecard, **more):
    return team(rows, **more).set_index("measure")


def test_the_interval_of_observed_to_expected_holds_the_truth():
    rng = np.random.default_rng(5)
    held = []
    for _ in range(600):
        p = rng.beta(1.0, 6.0, 250)
        _, low, high, _ = observed_expected(rng.random(250) < 0.8 * p, p)
        held.append(low <= 0.8 <= high)
    assert 0.93 <= np.mean(held) <= 0.975


@pytest.mark.slow
def test_a_worse_mix_leaves_observed_to_expected_of_sales_where_it_was():
    """All worked, so the truth is 1 whatever the mix; the share won falls."""
    inside, won = [], {0.0: [], -1.5: []}
    for seed in range(N_RUNS):
        for shift, shares in won.items():
            rows, _ = worked(a_list(250, seed, shift=shift), seed, effort=1.0)
            row = card(rows, sales_scorecard).loc["observed_to_expected"]
            inside.append((shift, row["low"] <= 1.0 <= row["high"]))
            shares.append(rows["won"].mean())
    held = pd.DataFrame(inside, columns=["shift", "held"]).groupby("shift")["held"].mean()
    assert held.between(0.85, 1.0).all(), held
    assert np.mean(won[-1.5]) < 0.5 * np.mean(won[0.0])


@pytest.mark.slow
@pytest.mark.parametrize("style", ["obedient", "ignoring"])
def test_half_the_effort_leaves_the_figures_of_marketing_where_they_were(style):
    """The same lists worked whole and by half: no figure of marketing moves on average; those of sales fall."""
    moved = {name: [] for name in ("acceptance", "precision_a", "precision_b", "capture_ab", "calibration")}
    fell = []
    for seed in range(N_RUNS):
        listed = a_list(300, seed)
        full, half = (worked(listed, seed, effort=effort, style=style)[0] for effort in (1.0, 0.5))
        cards = [card(rows) for rows in (full, half)]
        for name, found in moved.items():
            one, two = (made.loc[name] for made in cards)
            if two["n"] and np.isfinite(two["value"]):
                found.append(two["value"] - one["value"])
        fell.append(card(half, sales_scorecard)["value"] - card(full, sales_scorecard)["value"])
    for name, found in moved.items():
        assert len(found) > 0.5 * N_RUNS, name
        error = np.std(found) / len(found) ** 0.5
        assert abs(np.mean(found)) < 3.5 * error + 0.01, (name, np.mean(found), error)
    mean = pd.concat(fell, axis=1).mean(axis=1)
    assert mean["follow_up"] < -0.1
    assert mean["observed_to_expected"] < -0.1


def test_precision_of_a_tier_is_that_of_all_its_accounts_whichever_were_worked():
    """The better half of each tier was worked: the plain share won would promise too much."""
    listed = a_list(4000, 1)
    best = listed["propensity"] > listed.groupby("tier")["propensity"].transform("median")
    rows, _ = worked(listed, 1, effort=1.0)
    rows["worked"] &= best
    table = tier_precision(rows).set_index("tier")
    true = listed.groupby("tier")["propensity"].mean()
    plain = rows[rows["worked"]].groupby("tier")["won"].mean()
    assert ((table["low"] <= true) & (true <= table["high"])).all()
    assert plain["D"] > table.loc["D", "high"]


def test_goals_count_once_both_leads_have_agreed(tmp_path):
    sheet = tmp_path / "goals.yaml"
    sheet.write_text(goals_template())
    assert read_goals(sheet) == Goals(agreed_days=5)
    text = goals_template().replace("follow_up: null", "follow_up: 0.2").replace("freshness: null", "freshness: 0.5")
    sheet.write_text(text.replace("marketing: {by: null, date: null}", "marketing: {by: Ada, date: 2026-03-01}"))
    rows, _ = worked(a_list(200))
    assert card(rows, sales_scorecard, goals=read_goals(sheet)).loc["follow_up", "verdict"] == "no goal"
    sheet.write_text(sheet.read_text().replace("sales: {by: null, date: null}", "sales: {by: Bo, date: 2026-03-02}"))
    goals = read_goals(sheet)
    row = card(rows, sales_scorecard, goals=goals).loc["follow_up"]
    assert (goals.agreed_on, row["verdict"], row["goal_from"]) == ("2026-03-02", "met", "agreed 2026-03-02")
    assert card(rows, goals=goals).loc["freshness", "verdict"] == "missed"


def test_that_every_account_has_a_reason_is_counted_and_no_sample():
    rows, _ = worked(a_list(240))
    rows["reason_1"] = "Industry: Software."
    goals = Goals(marketing={"completeness": 1.0}, agreed_on="2026-03-02")
    assert card(rows, goals=goals).loc["completeness", ["value", "low", "verdict"]].tolist() == [1.0, 1.0, "met"]
    rows.loc[rows.index[rows["given"]][0], "reason_1"] = ""
    assert card(rows, goals=goals).loc["completeness", "verdict"] == "missed"


def test_without_goals_a_team_is_held_to_its_own_past():
    past, _ = worked(a_list(300, 1), 1, effort=1.0, days=4)
    rows, _ = worked(a_list(300, 2), 2, effort=0.3)
    row = card(rows, sales_scorecard, history=past).loc["follow_up"]
    assert (row["goal_from"], row["verdict"]) == ("own history", "missed")
    few = card(rows, sales_scorecard, history=past.head(10)).loc["follow_up"]
    assert few["verdict"] == "no goal"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("marketing: {acceptanse: 0.5}", "Did you mean 'acceptance'"),
        ("sales: {follow_up: often}", "'often'"),
        ("sales: {follow_up: 90}", "0.9 for 90 %"),
        ("sails: {}", "Did you mean 'sales'"),
        ("[1, 2", "cannot be read"),
        ("agreed: {sales: {by: x, date: soon}}", "2026-04-01"),
        ("agreed_days: -1", "whole days"),
    ],
)
def test_goals_that_are_none_are_refused_by_name(tmp_path, text, said):
    sheet = tmp_path / "goals.yaml"
    sheet.write_text(text)
    with pytest.raises(ConfigError, match="ICP753") as refused:
        read_goals(sheet)
    assert said in str(refused.value)


def test_what_is_not_over_is_not_yet():
    rules = FollowRules(window_days=60, until=pd.Timestamp("2026-04-20"))
    rows, _ = worked(a_list(100), rules=rules)
    assert card(rows).loc[["precision_a", "calibration"], "verdict"].tolist() == ["not yet"] * 2
    assert card(rows, sales_scorecard).loc["observed_to_expected", "verdict"] == "not yet"
