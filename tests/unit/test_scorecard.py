"""The scorecard command: a ledger as lists and teams fill it, measured against what was planted."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import sqlalchemy as sa

import icp
from benchmarks.claims._sales_world import a_list
from icp._command import main
from icp._proving import proof, trial_accounts
from icp.errors import ConfigError, TableError
from icp.lists import assign_arms, holdout_lift, score_band
from icp.outcomes import FollowRules, Ledger, follow
from icp.simulation import SalesTeam, simulate_sales

RULES = FollowRules(agreed_days=5, window_days=60, until=pd.Timestamp("2026-07-15"))


NOTHING = pd.DataFrame({"account_id": [], "at": pd.to_datetime([]), "kind": [], "code": [], "message": [], "note": [],
                        "amount": []})  # fmt: skip


def listed(n=900, seed=0, share=0.3):
    """Accounts with arms, of which a tenth are government agencies."""
    rows = a_list(n, seed, teams=("north", "south"))
    rows["percentile"] = rows["propensity"].rank(pct=True) * 100
    rows["band"] = score_band(rows["percentile"])
    held = assign_arms(rows["account_id"].tolist(), rows["band"], campaign="spring", share=share).held
    rows["arm"] = np.where(held, "held_out", "treated")
    rows["campaign"], rows["reason_1"], rows["watch_out"] = "spring", "Fits well.", "Is small."
    rng = np.random.default_rng(seed)
    rows["industry"] = np.where(rng.random(n) < 0.1, "government", rng.choice(["retail", "software", "wood"], n))
    return rows


def fill(folder, rows, seed=0, **team):
    """The list and what came back, in the ledger of a folder; the accounts as a CSV."""
    ledger = Ledger(f"sqlite:///{folder}/icp.db")
    columns = ["account_id", "tier", "propensity", "percentile", "band", "arm", "reason_1", "watch_out"]
    table = pa.Table.from_pandas(rows[columns], preserve_index=False)
    given = {"target": "generic", "model_version": "leads-1", "as_of": "2026-03-31"}
    run_id = rows["run_id"].iloc[0]
    ledger.append([table], campaign="spring", run_id=run_id, **given)
    with ledger._engine.begin() as connection:
        day = datetime.fromisoformat(rows["delivered_at"].iloc[0]).replace(tzinfo=UTC)
        connection.execute(sa.update(ledger._lists).where(ledger._lists.c.run_id == run_id).values(delivered_at=day))
    misfit = pd.Series((rows["industry"] == "government").to_numpy(), index=rows["account_id"])
    run = simulate_sales(rows, rows, SalesTeam(effort=1.0, **team), misfit=misfit, seed=seed)
    for name in ("activities", "dispositions", "outcomes"):
        ledger.load(name, getattr(run, name))
    ledger.close()
    rows[["account_id", "industry"]].to_csv(folder / "accounts.csv", index=False)
    return run


LINE = (
    "ledger.url=sqlite:///icp.db",
    "scorecard.window=60d",
    "scorecard.until=2026-07-15",
    "scorecard.accounts=accounts.csv",
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fill(tmp_path, listed())
    return tmp_path


def ran(*overrides):
    return icp.scorecard.run(icp.load_config("scorecard", [*LINE, *overrides]))


def test_the_command_writes_the_page_and_its_tables_and_says_what_to_decide(folder, capsys):
    with pytest.raises(SystemExit) as left:
        main("scorecard", LINE)
    out = capsys.readouterr().out
    assert left.value.code == 0, out
    assert "The lists add" in out and "decide: Leave accounts with industry government off" in out
    written = {path.name for path in Path("out/scorecard").iterdir()}
    assert {"meeting.html", "adoption.csv", "marketing.csv", "sales.csv", "proof.csv", "labels.csv", "exclude.csv",
            "goals.yaml", "findings.json", "proposed_exclusions.csv", "answers.csv"} <= written  # fmt: skip
    page = Path("out/scorecard/meeting.html").read_text()
    assert "rejected by sales: industry is government" in page
    assert page.count("http") == page.count("http-equiv") + page.count("http://www.w3.org/2000/svg")


def test_the_same_ledger_gives_the_same_bytes(folder):
    ran("output=one"), ran("output=two")
    for name in ("meeting.html", "proof.csv", "adoption.csv", "marketing.csv"):
        assert (folder / "one" / name).read_bytes() == (folder / "two" / name).read_bytes()


def test_planted_effects_are_measured(folder):
    tables = ran().meeting.tables
    whole = tables["proof"].iloc[0]
    rows = listed()
    held = rows[rows["arm"] == "held_out"]
    assert whole["verdict"] == "adds" and whole["n_held_out"] == len(held)
    assert whole["low"] < 0.8 * rows["propensity"].mean() < whole["high"] + 0.1
    assert whole["money_low"] > 0
    assert tables["adoption"].loc[0, ["n", "worked"]].tolist() == [900 - len(held)] * 2
    assert tables["misfits"].loc[0, "value"] == "government"
    assert set(tables["adoption"]["part"]) == {"all", "list", "team", "week"}
    assert set(tables["disagreements"]["what"]) == {"A, rejected", "low tier, won"}
    assert len(tables["decisions"]) == 3


def test_an_exclusion_is_proposed_accepted_by_a_person_and_kept_off_the_next_list(folder):
    assert not ran().meeting.tables["exclude"]["reason"].str.contains("industry").any()
    sheet = pd.read_csv("out/scorecard/proposed_exclusions.csv", dtype=str, keep_default_na=False)
    sheet.loc[0, ["accept", "by"]] = ["yes", ""]
    sheet.to_csv("signed.csv", index=False)
    nobody = ran("scorecard.accepted=signed.csv", "output=nobody").meeting.tables["exclude"]
    assert not nobody["reason"].str.contains("industry").any()
    sheet.loc[0, "by"] = "Ada"
    sheet.to_csv("signed.csv", index=False)
    tables = ran("scorecard.accepted=signed.csv", "output=signed").meeting.tables
    asked = "Leave accounts with industry government off the next list?"
    assert asked in pd.read_csv("nobody/decisions.csv")["decision"].tolist()
    assert asked not in tables["decisions"]["decision"].tolist(), "Ada has decided"
    exclude = tables["exclude"]
    kept = exclude[exclude["reason"] == "industry is government, accepted by Ada"]["account_id"]
    there = pd.read_csv("accounts.csv").query("industry == 'government'")["account_id"]
    assert set(kept) == set(there)
    other = sheet.loc[[0]].assign(accept="No", by="Bo")
    pd.concat([sheet, sheet.loc[[0]]]).to_csv("signed.csv", index=False)  # the same answer twice is one
    assert ran("scorecard.accepted=signed.csv", "output=twice").meeting.tables["exclude"].equals(exclude)
    pd.concat([sheet, other]).to_csv("signed.csv", index=False)
    with pytest.raises(TableError, match=r"ICP636 .*government: yes by Ada, no by Bo"):
        ran("scorecard.accepted=signed.csv", "output=both")
    assert not Path("both/exclude.csv").exists()


def test_a_sheet_that_was_emptied_says_how_to_go_on(folder):
    ran()
    Path("out/scorecard/proposed_exclusions.csv").write_text("a,b\n1,2\n")
    with pytest.raises(TableError, match=r"ICP102 .*move this one away"):
        ran()
    with pytest.raises(ConfigError, match=r"ICP216 .*scorecard\.window is '-5d'"):
        ran("scorecard.window=-5d")


def test_what_reps_said_is_answered_with_the_tier_of_the_newer_version(folder):
    rows = listed()
    rows.assign(tier=np.where(rows["industry"] == "government", "D", rows["tier"])).to_csv("scores.csv", index=False)
    told = ran("scorecard.scores=scores.csv").meeting.tables["answers"].set_index("account_id")
    agencies = told[told["said"] == "not the kind of company we sell to"]
    assert len(agencies) > 30
    assert (agencies["tier_after"] == "D").all()


def test_without_a_hold_out_it_says_not_yet(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fill(tmp_path, listed(200, share=0.0))
    found = ran()
    assert found.meeting.tables["proof"].loc[0, "verdict"] == "not yet"
    assert "Not yet: whether the lists add anything is not known" in found.summary()


def test_where_listed_accounts_are_worked_and_others_not_nothing_is_told(folder):
    whole = ran().meeting.tables["proof"].iloc[0]
    assert whole["worked_treated"] > 0.5 > whole["worked_held_out"]
    assert "ICP765" not in Path("out/scorecard/findings.json").read_text()


def test_before_the_windows_are_over_it_says_when(folder):
    whole = ran("scorecard.until=2026-04-20").meeting.tables["proof"].iloc[0]
    assert (whole["verdict"], whole["n_held_out"], whole["known_on"]) == ("not yet", 0, "2026-05-31")


def test_a_list_that_costs_wins_ends_with_3(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = listed(1500)
    fill(tmp_path, rows.assign(arm=np.where(rows["arm"] == "treated", "held_out", "treated")))
    with Ledger("sqlite:///icp.db")._engine.begin() as connection:  # the arms were mixed up on delivery
        connection.execute(
            sa.text("update icp_deliveries set arm = case arm when 'treated' then 'held_out' else 'treated' end")
        )
    with pytest.raises(SystemExit) as left:
        main("scorecard", LINE)
    assert left.value.code == 3
    told = Path("out/scorecard/findings.json").read_text()
    assert "ICP758" in told and "ICP765" in told, "who was held out was worked, who was listed was not"


def test_goals_without_names_and_rows_of_strangers_are_told(folder):
    ran("output=first")
    ledger = Ledger("sqlite:///icp.db")
    ledger.load("outcomes", pd.DataFrame({"account_id": ["stranger"], "at": pd.Timestamp("2026-05-01"), "kind": "Won"}))
    ledger.close()
    told = {one.code: one for one in ran("scorecard.goals=first/goals.yaml", "output=second").findings}
    assert {"ICP755", "ICP756"} <= set(told)
    assert told["ICP756"].evidence == {"outcomes": 1}


def test_rows_that_are_all_older_than_the_list_are_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = listed(200)
    fill(tmp_path, rows)
    assert "ICP624" not in {one.code for one in ran().findings}
    with Ledger("sqlite:///icp.db")._engine.begin() as connection:
        for table in ("activities", "dispositions", "outcomes"):  # a year too early, as a wrong year in an export is
            connection.execute(sa.text(f"update icp_{table} set at = '2025' || substr(at, 5)"))
    told = {one.code: one for one in ran().findings}
    assert told["ICP624"].severity == "warning" and "older than their first list" in told["ICP624"].message


def test_a_day_to_come_of_a_stranger_ends_no_window_and_one_of_a_listed_account_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = listed(200)
    fill(tmp_path, rows)
    line = ("scorecard.until=null", "scorecard.accounts=null")
    before = ran(*line)
    ahead = pd.Timestamp.now().normalize() + pd.Timedelta(days=300)
    for account, told in (("stranger", False), (rows["account_id"].iloc[0], True)):
        ledger = Ledger("sqlite:///icp.db")
        ledger.load("activities", pd.DataFrame({"account_id": [account], "at": ahead, "kind": "call"}))
        ledger.close()
        after = ran(*line)
        assert (after.meeting.facts["as_of"] == before.meeting.facts["as_of"]) is not told
        assert ("ICP621" in {one.code for one in after.findings}) is told


def test_a_ledger_that_is_not_there_is_told_and_not_made(folder):
    with pytest.raises(ConfigError, match=r"ICP701  there is no ledger nowhere/icp\.db"):
        ran("ledger.url=sqlite:///nowhere/icp.db")
    assert not Path("nowhere").exists()


def test_a_window_that_cannot_be_read_is_told_by_its_own_name(folder):
    with pytest.raises(ConfigError, match=r"ICP216  scorecard\.window is '0d'"):
        ran("scorecard.window=0d")


def test_what_cannot_be_measured_is_refused(folder):
    with pytest.raises(ConfigError, match="ICP754"):
        ran("campaign=autumn")
    with pytest.raises(ConfigError, match="ICP754"):
        ran("scorecard.since=2027-01-01")
    with pytest.raises(ConfigError, match="ICP754"):
        ran("scorecard.until=2026-03-01")


def test_adoption_by_person_is_not_on_the_page_unless_asked(folder):
    assert "rep" not in set(ran().meeting.tables["adoption"]["part"])
    assert "rep" in set(ran("scorecard.per_person=true").meeting.tables["adoption"]["part"])


def test_a_message_whose_text_was_edited_is_one_part_of_the_proof():
    rows = listed(400, share=0.5).assign(message_id=["checkout", "", "", ""] * 100, message=list("abcd") * 100)
    later = listed(400, seed=1, share=0.5).assign(message_id="checkout", message="Put otherwise.",
                                                 delivered_at="2026-05-01", run_id="second")  # fmt: skip
    later["account_id"] = "B" + later["account_id"]
    table = proof(follow(pd.concat([rows, later]), NOTHING, NOTHING, NOTHING, RULES), 60, pd.Timestamp("2026-07-15"))
    by_message = table[table["part"] == "message"].set_index("value")
    assert by_message.index.tolist() == ["b", "c", "checkout", "d"]
    assert by_message.loc["checkout", ["n_treated", "n_held_out"]].sum() == 500
    assert by_message["words"].tolist() == ["", "", "Put otherwise.", ""]


def test_parts_are_held_to_wider_intervals_and_the_whole_is_not():
    rows = listed(1200, share=0.3)
    run = simulate_sales(rows, rows, SalesTeam(effort=1.0))
    followed = follow(rows, run.activities, run.dispositions, run.outcomes, RULES)
    table = proof(followed, 60, pd.Timestamp("2026-07-15")).set_index("value")
    tier = followed[followed["tier"] == "A"]
    assert table["confidence"].tolist() == [0.95] + [1 - 0.05 / 4] * 4
    told = holdout_lift(tier["arm"] == "held_out", tier["won"], tier["band"], 1 - 0.05 / 4)
    assert table.loc["A", ["low", "high"]].tolist() == [told["low"], told["high"]]
    alone = proof(followed[followed["tier"] == "A"], 60, pd.Timestamp("2026-07-15")).iloc[0]
    assert alone["money_low"] > table.loc["A", "money_low"] and alone["detectable"] < table.loc["A", "detectable"]


def test_an_account_of_two_lists_is_one_account_of_the_trial():
    rows = listed(50)
    twice = pd.concat([rows, rows.assign(run_id="second", delivered_at="2026-05-01")])
    followed = follow(twice, NOTHING, NOTHING, NOTHING, RULES)
    assert len(trial_accounts(followed)) == 50
    assert proof(followed, 60, pd.Timestamp("2026-07-15")).loc[0, "n_treated"] == 35


def test_what_came_back_of_earlier_lists_is_not_called_astray(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fill(tmp_path, listed(120))
    later = listed(120, seed=1)
    later["account_id"] = "later-" + later["account_id"]
    fill(tmp_path, later.assign(run_id="later", delivered_at="2026-05-20"))
    line = ("scorecard.accounts=null", "scorecard.since=2026-05-01")
    assert [one.code for one in ran(*line).findings if one.code == "ICP756"] == []
    assert ran("scorecard.accounts=null").meeting.facts["n_lists"] == 2
