"""Was the list used: what is counted, and what an obedient, an ignoring and a picking team look like."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.claims._sales_world import a_list, worked
from icp.errors import ConfigError
from icp.outcomes import FollowRules, adoption, concordance, follow, rate_gap, worked_by_tier

EMPTY = pd.DataFrame({"record_id": [], "account_id": [], "at": pd.to_datetime([]), "kind": [], "code": [], "rep": [],
                      "team": [], "message": [], "note": [], "amount": []})  # fmt: skip


def test_counts_are_those_of_a_list_counted_by_hand():
    listed = pd.DataFrame(
        {"account_id": list("abcde"), "delivered_at": "2026-04-01 09:30", "propensity": [0.5, 0.4, 0.3, 0.2, 0.1],
         "run_id": "r", "tier": list("AABBB"), "message": "m1", "arm": ["treated"] * 4 + ["held_out"]}
    )  # fmt: skip
    touched = pd.DataFrame(
        {"account_id": list("acce"), "at": pd.to_datetime(["2026-04-01", "2026-04-20", "2026-04-21", "2026-04-02"]),
         "message": ["m1", "", "m1", ""]}
    )  # fmt: skip
    said = pd.DataFrame(
        {"account_id": list("bd"), "at": pd.Timestamp("2026-04-03"), "code": ["not_contacted", "bad_data"],
         "message": "", "note": ""}
    )  # fmt: skip
    rules = FollowRules(agreed_days=5, until=pd.Timestamp("2026-05-01"))
    rows = follow(listed, touched, said, EMPTY, rules).set_index("account_id")
    assert rows["worked"].to_dict() == {"a": True, "b": False, "c": True, "d": True, "e": False}
    assert rows["days_to_first"].fillna(-1).to_dict() == {"a": 0, "b": -1, "c": 19, "d": 2, "e": 1}
    found = adoption(rows.reset_index()).iloc[0]
    assert (found["n"], found["due"], found["worked"], found["worked_in_time"]) == (4, 4, 3, 2)
    assert (found["messages"], found["message_rate"], found["median_days"]) == (3, 2 / 3, 2.0)
    assert worked_by_tier(rows.reset_index())["worked_in_time"].tolist() == [1, 1]


def test_a_list_whose_agreed_time_is_not_over_is_not_due():
    listed = a_list(30)
    rows = follow(listed, EMPTY, EMPTY, EMPTY, FollowRules(until=pd.Timestamp("2026-04-04")))
    assert adoption(rows).loc[0, ["n", "due"]].tolist() == [30, 0]
    assert np.isnan(adoption(rows).loc[0, "worked_rate"])


def test_a_call_list_counts_its_slots_from_their_weeks():
    listed = a_list(4).assign(rep=["r", "r", "r", None], week=["2026-04-06", "2026-04-13", "3", None])
    rows = follow(listed.assign(delivered_at="2026-04-02"), EMPTY, EMPTY, EMPTY)
    assert rows["given"].tolist() == [True, True, True, False]
    assert rows["delivered_at"].dt.strftime("%m-%d").tolist()[:3] == ["04-06", "04-13", "04-16"]


def test_without_a_message_of_its_own_the_talking_point_is_the_message():
    listed = a_list(2).assign(message=None, talking_point=["Say this.", ""])
    touched = EMPTY.reindex(range(1)).assign(account_id="A-0", at=pd.Timestamp("2026-04-02"), message="Say this.")
    rows = follow(listed, touched, EMPTY, EMPTY)
    assert rows["message_used"].tolist() == [True, False]


def test_a_message_is_one_message_by_its_id_whatever_its_text_was():
    older, newer = a_list(4), a_list(4, at="2026-05-01")
    older = older.assign(message_id="checkout", message="Say this.")
    newer = newer.assign(message_id=["checkout", "checkout", "other", ""], message="Say it otherwise.")
    touched = EMPTY.reindex(range(4)).assign(
        account_id=newer["account_id"], at=pd.Timestamp("2026-05-02"),
        message=["checkout", "Say this.", "Say this.", "Say it otherwise."],
    )  # fmt: skip
    rows = follow(pd.concat([older, newer]), touched, EMPTY, EMPTY)
    assert rows["message_used"].tolist() == [False] * 4 + [True, True, False, True]


def test_work_belongs_to_the_last_list_that_held_the_account():
    listed = pd.concat([a_list(3), a_list(3, at="2026-05-01")])
    touched = EMPTY.reindex(range(2)).assign(
        account_id="A-0", at=pd.to_datetime(["2026-03-30", "2026-05-02"]), message=""
    )
    rows = follow(listed, touched, EMPTY, EMPTY)
    assert rows.loc[rows["worked"], ["run_id", "account_id"]].to_numpy().tolist() == [["list of 2026-05-01", "A-0"]]


def test_reps_who_ignore_follow_or_pick_are_told_apart():
    holds, values = [], {"obedient": [], "ignoring": []}
    for seed in range(60):
        for style, found in values.items():
            value, low, high, _ = concordance(worked(a_list(150, seed), seed, style=style)[0])
            found.append(value)
            if style == "ignoring":
                holds.append(low <= 0 <= high)
    assert min(values["obedient"]) > 0.99
    assert np.mean(holds) >= 0.85
    assert abs(np.mean(values["ignoring"])) < 0.03
    listed = a_list(300).assign(appeal=lambda rows: -rows["propensity"])
    picked, _ = worked(listed, style="picking", effort=0.5)
    assert concordance(picked)[2] < -0.9
    assert adoption(picked).loc[0, "override_rate"] == 1.0
    assert adoption(worked(a_list(300), effort=0.5)[0]).loc[0, "override_rate"] == 0.0


def test_a_perfect_order_of_few_accounts_has_a_wide_interval():
    value, low, high, n = concordance(worked(a_list(12, reps=1), effort=0.5, days=30)[0])
    assert (value, high, n) == (1.0, 1.0, 6)
    assert low < 0.5


def test_dropped_records_and_late_work_are_seen():
    whole, half = worked(a_list(400))[0], worked(a_list(400), dropped=0.5)[0]
    assert half["worked"].sum() < 0.9 * whole["worked"].sum()
    assert adoption(worked(a_list(400), late=4.0)[0]).loc[0, "median_days"] > adoption(whole).loc[0, "median_days"] + 2


def test_a_person_is_never_measured_unless_switched_on():
    rows = worked(a_list(60))[0]
    with pytest.raises(ConfigError, match="ICP752"):
        adoption(rows, ["rep"])
    assert len(adoption(rows, ["rep"], per_person=True)) == 3
    assert "rep" not in adoption(rows, ["run_id", "team", "week"]).columns


def test_a_gap_between_teams_has_its_interval():
    found = rate_gap(56, 70, 48, 80)  # Newcombe 1998, table II, contrast (a)
    assert [round(value, 4) for value in found] == [0.2, 0.0524, 0.3339]


def test_less_effort_changes_nothing_but_who_is_worked():
    listed = a_list(200)
    full, half = worked(listed, effort=1.0)[1].truth, worked(listed, effort=0.5)[1].truth
    both = half["worked"]
    assert full.loc[both, "won"].equals(half.loc[both, "won"])
    assert half["worked"].sum() == pytest.approx(100, abs=2)


def test_an_unknown_style_is_refused_by_name():
    with pytest.raises(ConfigError, match="Did you mean 'obedient'"):
        worked(a_list(10), style="obediant")
