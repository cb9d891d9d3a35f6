"""What comes back is learned from: censored, never of accounts nobody contacted; misfits are told."""

import inspect
import json
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

import icp
from benchmarks.claims._sales_world import a_list, worked
from icp.errors import ConfigError
from icp.options import ReturnOptions, ScorecardOptions
from icp.outcomes import (
    FollowRules,
    _codes,
    answers,
    follow,
    judged_accounts,
    labels_from,
    misfit_needed,
    misfits,
    standing,
)


def test_accounts_nobody_contacted_have_no_label_whatever_became_of_them():
    rows, run = worked(a_list(500), effort=0.4, alone=0.8)
    labels = labels_from(rows).set_index("account_id")["label"]
    untouched = run.truth.set_index("account_id").query("not worked")
    assert untouched["won"].sum() > 20
    assert labels[untouched.index].isna().all()
    assert labels.isin([0.0, 1.0]).sum() > 100


def test_nothing_makes_them_a_loss_on_the_way_into_a_training_run(tmp_path):
    rows, run = worked(a_list(400), effort=0.4, alone=0.8)
    labels = labels_from(rows).assign(size=np.arange(400) % 90)
    labels.to_csv(tmp_path / "accounts.csv", index=False, float_format="%.6g")
    untouched = ~run.truth.set_index("account_id")["worked"][labels["account_id"]].to_numpy()
    line = ["accounts=csv", f"accounts.path={tmp_path}/accounts.csv", "accounts.account_id=account_id", "labels=flag",
            "labels.column=label", "labels.positive=1", "accounts.ignore=[why]", "tracking=none"]  # fmt: skip
    for more in ([], ["accounts.worked=worked"]):  # also where the column that says who was worked is forgotten
        known = icp.read_inputs(icp.load_config("train", [*line, *more])).labels.label
        assert known[untouched].isna().all()
        assert known.notna().sum() == labels["label"].notna().sum() > 100


def test_no_option_changes_what_they_count_as():
    assert list(inspect.signature(labels_from).parameters) == ["rows"]
    loop = {*vars(ScorecardOptions()), *vars(FollowRules()), *vars(ReturnOptions())}
    assert not [name for name in loop if "contact" in name or "untouched" in name or "label" in name]


def test_a_code_file_that_gives_them_a_label_is_refused(monkeypatch, tmp_path):
    codes = json.loads(files("icp.outcomes").joinpath("codes.json").read_text("utf-8"))
    codes["not_contacted"]["label"] = 0
    (tmp_path / "codes.json").write_text(json.dumps(codes))
    monkeypatch.setattr(_codes, "files", lambda _: tmp_path)
    _codes.disposition_codes.cache_clear()
    with pytest.raises(ConfigError, match="'not_contacted' has a label"):
        _codes.disposition_codes()
    _codes.disposition_codes.cache_clear()


def test_labels_are_the_truth_of_worked_accounts_and_wait_for_the_window():
    listed = a_list(400)
    rows, run = worked(listed, effort=1.0)
    labels = labels_from(rows).set_index("account_id")
    truth = run.truth.set_index("account_id")["won"]
    known = labels["label"].dropna()
    assert (known == truth[known.index]).all()
    assert known.mean() == pytest.approx(truth.mean(), abs=0.2)
    open_rules = FollowRules(window_days=60, until=pd.Timestamp("2026-04-25"))
    early = labels_from(worked(listed, effort=1.0, rules=open_rules)[0])
    assert early["label"].isna().all()
    assert set(early["why"]) == {"its window is not over"}


def test_labels_of_worked_accounts_teach_the_rate_there_is():
    """Leaving out what was never reached would teach too high a rate, as winners were all reached."""
    rows, run = worked(a_list(3000), effort=1.0)
    later = worked(a_list(3000), effort=1.0, rules=FollowRules(window_days=60, until=pd.Timestamp("2027-07-01")))[0]
    labels = labels_from(later)["label"]
    assert labels.mean() == pytest.approx(run.truth["won"].mean(), rel=0.12)
    assert (labels_from(rows)["why"] == "kept for later").sum() > 100
    assert (labels_from(later)["why"] == "kept for later").sum() == 0


def planted(n, seed, share=0.1):
    """A tenth of the accounts are government agencies, which sales rejects."""
    rng = np.random.default_rng(seed)
    listed = a_list(n, seed)
    traits = pd.DataFrame(
        {"industry": np.where(rng.random(n) < share, "government", rng.choice(list("abcdef"), n)),
         "country": rng.choice(list("uvwxyz"), n), "employees": np.rint(np.exp(rng.normal(4, 1, n)))},
        index=pd.Index(listed["account_id"], name="account_id"),
    )  # fmt: skip
    return listed, traits


def test_a_planted_misfit_is_the_top_finding_after_as_many_dispositions_as_are_said():
    needed = misfit_needed(0.0, 0.1, 7 + 6 + 5, rate=0.93)
    assert 30 <= needed <= 200
    first = []
    for seed in range(40):
        listed, traits = planted(2 * needed, seed)
        rows, _ = worked(listed, seed, effort=1.0, misfit=traits["industry"] == "government")
        found = misfits(judged_accounts(rows).head(needed), traits)
        first.append(len(found) > 0 and found.loc[0, "value"] == "government")
    assert np.mean(first) >= 0.7


def test_the_finding_says_so_many_of_so_many():
    listed, traits = planted(400, 1)
    rows, _ = worked(listed, 1, effort=1.0, misfit=traits["industry"] == "government")
    top = misfits(judged_accounts(rows), traits).iloc[0]
    said = rows[rows["accepted"].notna()]
    there = said[said["account_id"].map(traits["industry"]) == "government"]
    assert top["judged"] == len(there)
    assert top["rejected"] == (there["code"] == "wrong_fit").sum()
    assert top["words"] == f"rejected by sales: industry is government, {top['rejected']} of {top['judged']}"


def test_nothing_is_found_where_rejections_are_dealt_at_random():
    rng = np.random.default_rng(3)
    wrong = 0
    for seed in range(40):
        _, traits = planted(300, seed)
        rejected = pd.Series(rng.random(300) < 0.15, index=traits.index)
        wrong += len(misfits(rejected, traits)) > 0
    assert wrong <= 6


def test_what_sales_said_stands_until_its_days_are_over():
    rows, _ = worked(a_list(300), effort=1.0)
    rows = rows.assign(code=np.where(np.arange(300) < 3, ["competitor", "bad_timing", "bad_data"] * 100, "meeting"))
    rows["code_at"] = pd.Timestamp("2026-04-20")
    now = standing(rows, pd.Timestamp("2026-05-01"))
    assert now["effect"].tolist() == ["exclude", "snooze", "fix"]
    assert standing(rows, pd.Timestamp("2027-01-01"))["effect"].tolist() == ["exclude", "fix"]


def test_later_counts_from_the_day_it_was_said_not_from_the_first_call():
    listed = a_list(2).assign(delivered_at="2026-04-01")
    ids = listed["account_id"].tolist()
    calls = pd.DataFrame({"account_id": ids, "at": pd.to_datetime("2026-04-02"), "kind": "call", "message": ""})
    said = {"account_id": ids, "at": pd.to_datetime(["2026-04-02 09:00", "2026-06-20 15:00"]), "code": "bad_timing"}
    rows = follow(listed, calls, pd.DataFrame({**said, "message": "", "note": ""}), calls.iloc[:0])
    assert standing(rows, pd.Timestamp("2026-06-20"))["until"].dt.date.astype(str).tolist() == [
        "2026-07-01",
        "2026-09-18",
    ]
    assert standing(rows, pd.Timestamp("2026-07-02"))["account_id"].tolist() == ids[1:]


def test_everything_reps_said_is_answered_with_the_tier_before_and_after():
    listed, traits = planted(400, 2)
    rows, _ = worked(listed, 2, effort=1.0, misfit=traits["industry"] == "government")
    before = listed.set_index("account_id")["tier"]
    after = before.where(traits["industry"] != "government", "D")
    left_out = pd.Series("industry is government", index=traits.index[traits["industry"] == "government"])
    told = answers(rows, before, after, left_out).set_index("account_id")
    refused = rows[rows["code"].isin(["wrong_fit", "competitor", "bad_data"])]["account_id"]
    assert set(refused) == set(told.index)
    assert (told["tier_after"] == after[told.index]).all()
    assert (told.loc[told.index.isin(left_out.index), "did"] == "left out: industry is government").all()
