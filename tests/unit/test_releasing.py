"""The release note: a list is worked, a meeting is held, and the next version answers what was proposed and said."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import icp
from icp._inputs import read_inputs
from icp._releasing import _reasons, read_to_answer, release_note
from icp.bundle import read
from icp.config import resolve
from icp.errors import ConfigError
from icp.outcomes import Ledger
from icp.simulation import SalesTeam, simulate_sales
from tests.trained_models import FLAG, inside, shared

QUICK = ("scoring.max_trees=20", "scoring.n_folds=2", "profiles.n_resamples=3", "backtest.n_bootstrap=20",
         "backtest.order=rows", "messages.examples=0", "accounts.sensitive=[country]")  # fmt: skip
PROPOSALS = """proposals:
- {id: used, kind: trait, column: crm_system, value: hosted suite, team: north, on: 2026-04-02}
- {id: leak, column: Order seats, team: north}
- {id: late, column: won_by, team: north}
- {id: private, column: country, team: south}
- {id: same, column: planet, team: south}
- {id: gone, column: company_cars, team: south}
- {id: noise, column: lucky_number, team: south}
- {id: off, column: industry, value: retail, team: south, on: 2026-04-09}
- {id: no, column: industry, value: Media, team: south}
- {id: open, column: ownership, value: family-owned, team: south}
- {id: typo, column: industri, value: Media, team: south}
"""
MEETING = ("ledger.url=sqlite:///icp.db", "scorecard.window=25d", "scorecard.until=2026-05-15",
           "scorecard.accounts=known.csv", "scorecard.proposals=[asked.yaml]", "output=out/meeting")  # fmt: skip


def deliver(accounts):
    """A list of the first 400 accounts by the first model, and what sales did with it."""
    listed = pd.read_csv("out/scores/scores.csv").sort_values("propensity", ascending=False).head(400)
    listed = listed.reset_index(drop=True).assign(rep="Ada", arm="treated", delivered_at="2026-04-01")
    ledger = Ledger("sqlite:///icp.db")
    texts = ["reason_1", "reason_2", "reason_3", "watch_out", "tier", "rep", "arm"]
    entry = listed[["account_id", *texts, "propensity", "percentile"]].copy()
    entry[texts] = entry[texts].astype(object).where(entry[texts].notna(), None)
    ledger.append([pa.Table.from_pandas(entry, preserve_index=False)], campaign="spring", run_id="april",
                  target="generic", model_version="leads-1", as_of="2026-03-31",
                  delivered_at=datetime(2026, 4, 1, tzinfo=UTC))  # fmt: skip
    misfit = (accounts["industry"].str.casefold() == "retail").set_axis(accounts["account_id"])
    team = SalesTeam(effort=0.9, days=8, window_days=25)
    done = simulate_sales(listed.assign(position=listed.index), listed, team, misfit=misfit, seed=1)
    for name in ("activities", "dispositions", "outcomes"):
        ledger.load(name, getattr(done, name))
    quiet = listed[~listed["account_id"].isin(done.dispositions["account_id"])]["account_id"].head(6)
    ledger.load("dispositions", pd.DataFrame({
        "record_id": [f"click-{i}" for i in range(len(quiet))], "account_id": quiet.to_numpy(),
        "at": pd.Timestamp("2026-04-20"), "code": "reason_wrong",
        "note": ["the CRM system is another one", *[""] * (len(quiet) - 1)], "rep": "Ada",
    }))  # fmt: skip
    ledger.close()


def play(leads):
    def make(folder: Path) -> None:
        with inside(folder):
            accounts = leads.accounts
            rng = np.random.default_rng(0)
            accounts["lucky_number"] = rng.integers(0, 5, len(accounts)).astype(str)
            accounts["order_seats"] = np.where(accounts["best"] == "yes", rng.integers(1, 40, len(accounts)), "")
            accounts["won_by"] = np.where(accounts["best"] == "yes", "Ada", "")
            accounts["planet"] = "Earth"
            accounts.to_csv("accounts.csv", index=False)
            accounts.drop(columns=["best", "won_by", "order_seats"]).to_csv("known.csv", index=False)
            Path("asked.yaml").write_text(PROPOSALS)
            reading = [*leads.reading, f"accounts.path={leads.folder}/accounts.csv", f"model={leads.bundle}"]
            line = [*reading, "output=out/scores", "delivery=none", "tracking=none"]
            icp.score.run(icp.load_config("score", line))
            deliver(accounts)
            icp.scorecard.run(icp.load_config("scorecard", [*MEETING]))
            sheet = pd.read_csv("out/meeting/proposed_exclusions.csv", dtype=str, keep_default_na=False)
            sheet.loc[sheet["value"].str.casefold() == "retail", ["accept", "by"]] = ["yes", "Bo"]
            sheet.loc[sheet["value"] == "Media", ["accept", "by"]] = ["No", "Bo"]
            sheet.to_csv("out/meeting/proposed_exclusions.csv", index=False, sep=";")  # as a spreadsheet saves it
            icp.scorecard.run(icp.load_config("scorecard", [*MEETING]))
            came = pd.read_csv("out/meeting/labels.csv").dropna(subset=["label"]).set_index("account_id")["label"]
            said = accounts["account_id"].map(came.map({1.0: "yes", 0.0: "no"}))
            accounts.assign(best=said.fillna(accounts["best"])).to_csv("accounts.csv", index=False)
            icp.train.run(icp.load_config("train", list(LINE)))

    return make


LINE = (*FLAG, *QUICK, "accounts.known_after=[won_by]", "release.meeting=out/meeting", "output=out/train")


@pytest.fixture(scope="module")
def folder(tmp_path_factory, leads):
    made = shared(tmp_path_factory, "release", play(leads))
    with inside(made):
        yield made


@pytest.fixture
def note(folder):
    return json.loads((folder / "out/train/release_note.json").read_text())


def test_no_proposal_is_left_without_an_answer_and_each_gets_its_own(note):
    answers = {row["id"]: row for row in note["proposals"]}
    assert {name: row["status"] for name, row in answers.items()} == {
        "used": "used", "leak": "left out", "late": "left out", "private": "left out", "same": "left out",
        "gone": "not in the data", "noise": "no signal", "off": "accepted", "no": "declined",
        "open": "waits for a person", "typo": "not in the data",
    }  # fmt: skip
    assert all(row["answer"] for row in answers.values())
    assert answers["used"]["group"] == "hosted suite" and 0 < answers["used"]["share"] < 1
    assert answers["used"]["low"] < answers["used"]["index"] < answers["used"]["high"]
    assert "after the outcome was known" in answers["leak"]["answer"] and "traits.keep" in answers["leak"]["answer"]
    assert "accounts.known_after" in answers["late"]["answer"]
    assert "sensitive" in answers["private"]["answer"]
    assert "every cell is 'Earth'" in answers["same"]["answer"]
    assert "Did you mean 'industry'" in answers["typo"]["answer"]


def test_what_counts_is_the_share_of_the_model_itself(note, folder):
    drivers = {row["trait"]: row["share"] for row in read(folder / "out/train/bundle").card["drivers"]}
    mine = next(row for row in note["proposals"] if row["id"] == "used")
    assert mine["share"] == pytest.approx(drivers["crm_system"])
    assert mine["rank"] == 1 + sum(share > drivers["crm_system"] for share in drivers.values())


def test_an_accepted_exclusion_says_who_and_how_many_accounts(note, folder):
    row = next(one for one in note["exclusions"] if one["status"] == "accepted")
    out = pd.read_csv(folder / "out/meeting/exclude.csv").set_index("account_id")["reason"]
    accepted = out.str.contains("accepted by Bo")
    n = int(accepted.sum())
    known = pd.read_csv(folder / "known.csv").set_index("account_id")
    retail = set(known.index[known["industry"].str.lower() == "retail"])
    assert retail <= set(out.index) and set(out.index[accepted]) == retail - set(out.index[out.str.contains("sales: ")])
    assert row["n_left_off"] == n > 100
    assert "south" in row["team"] and "what sales rejected" in row["team"]
    assert f"accepted: {n:,} accounts" in note["findings"][0]["did"]


def test_every_account_spoken_of_is_traced_to_the_ledger_with_its_tiers(folder):
    accounts = pd.read_csv(folder / "out/train/release_accounts.csv", dtype=str, keep_default_na=False)
    said = Ledger("sqlite:///icp.db").returned("dispositions").set_index("record_id")
    assert len(accounts) > 20 and set(accounts["run_id"]) == {"april"}
    assert (said.loc[accounts["record_id"], "account_id"].to_numpy() == accounts["account_id"].to_numpy()).all()
    assert set(accounts["tier_before"]) <= set("ABCD") and (accounts["tier_after"] != "").all()
    off = accounts[accounts["said"] == "not the kind of company we sell to"]
    assert len(off) > 10 and off["did"].str.startswith("left off the next lists").all()


def test_labels_that_came_back_are_counted_in_this_version(note, folder):
    labels = pd.read_csv(folder / "out/meeting/labels.csv")
    told = pd.DataFrame(note["labels"])
    assert told["n"].sum() == len(labels)
    known = told[told["label"].notna()]
    assert (known["n"] == known["n_learned"]).all() and known["n"].sum() == labels["label"].notna().sum()


def test_reasons_marked_wrong_name_the_trait_and_what_it_counted_before(folder, leads):
    config = resolve(icp.load_config("train", list(LINE)))
    model = icp.IdealCustomerModel.load("out/train/bundle")
    before = read(leads.bundle)
    rows = release_note(read_to_answer(config), model, read_inputs(config), before).content["reasons"]
    assert sum(row["n"] for row in rows) == 6
    crm = next(row for row in rows if row["reason"].lower() == "crm system")
    past = next(row for row in before.card["drivers"] if row["trait"] == "crm_system")
    assert crm["share_before"] == pytest.approx(past["share"]) and crm["share"] > 0


def test_an_account_without_a_reason_has_no_example_of_a_wrong_one(folder, leads):
    asked = read_to_answer(resolve(icp.load_config("train", list(LINE))))
    marked = asked.tables["answers"].query("code == 'reason_wrong'").assign(reason_1="", note="")
    (row,) = _reasons(replace(asked, tables={**asked.tables, "answers": marked}), read("out/train/bundle"), None)
    assert (row["reason"], row["n"], row["examples"], row["share"]) == ("", 6, [], None)


def test_what_is_registered_names_no_account_and_the_copy_in_the_output_does(folder):
    accounts = pd.read_csv("out/train/release_accounts.csv", dtype=str)["account_id"]
    registered = [path for path in Path("mlruns").rglob("*") if path.name in ("release_note.md", "report.html")]
    assert len(registered) >= 2
    assert not any(accounts.iloc[0] in path.read_text() for path in registered)
    assert not any(re.search(r"\bBo\b", path.read_text()) for path in registered)  # nor who signed
    assert accounts.iloc[0] in Path("out/train/release_note.md").read_text()
    assert accounts.iloc[0] in Path("out/train/report.html").read_text()
    assert not list(Path("mlruns").rglob("release_accounts.csv"))


def test_the_report_of_the_registered_version_holds_the_note(folder):
    icp.report.run(icp.load_config("report", ["model=models:/leads/1", "output=out/again"]))
    page = Path("out/again/report.html").read_text()
    assert 'id="release"' in page and "Accepted: " in page
    assert "The accounts have no column &#39;company_cars&#39;." in page and "It counts for" in page


def test_the_next_meeting_shows_what_was_answered(folder):
    Path("more.yaml").write_text(PROPOSALS + "- {id: new, column: n_locations, team: north}\n")
    line = [*MEETING[:-2], "scorecard.proposals=[more.yaml]", "scorecard.release=out/train", "output=out/next",
            "scorecard.accepted=out/meeting/proposed_exclusions.csv"]  # fmt: skip
    meeting = icp.scorecard.run(icp.load_config("scorecard", line)).meeting
    told = meeting.tables["answered"].set_index("id")["status"]
    assert told["off"] == "accepted" and told["new"] == "waits" and len(told) == 12
    page = Path("out/next/meeting.html").read_text()
    assert "Answered since the last meeting" in page and "Accepted: " in page


def test_a_line_without_a_name_or_a_plain_answer_does_not_count_and_says_so(folder):
    sheet = pd.read_csv("out/meeting/proposed_exclusions.csv", dtype=str, keep_default_na=False)
    sheet.loc[sheet["value"].str.casefold() == "retail", ["accept", "by"]] = ["yes", ""]
    sheet.loc[sheet["value"] == "Media", ["accept", "by"]] = ["perhaps", "Bo"]
    sheet.loc[sheet["column"] == "industri", ["accept", "by"]] = ["yes", "Bo"]
    sheet.to_csv("unsigned.csv", index=False)
    found = icp.scorecard.run(icp.load_config("scorecard", [*MEETING[:-1], "output=out/unsigned",
                                                            "scorecard.accepted=unsigned.csv"]))  # fmt: skip
    codes = {one.code: one.n_rows for one in found.findings}
    assert codes["ICP636"] == 2 and codes["ICP634"] == 1
    assert not found.meeting.tables["exclude"]["reason"].str.contains("accepted by").any()


def test_labels_left_lying_and_a_folder_that_is_none_are_said(folder, leads):
    elsewhere = resolve(icp.load_config("train", [*FLAG, "accounts.path=known.csv", "release.meeting=out/meeting"]))
    inputs = read_inputs(resolve(icp.load_config("train", list(LINE))))
    unlabelled = inputs.labels.label.where(
        ~inputs.labels.label.index.isin(pd.read_csv("out/meeting/labels.csv")["account_id"])
    )
    object.__setattr__(inputs.labels, "label", unlabelled)
    model = icp.IdealCustomerModel.load("out/train/bundle")
    found = release_note(read_to_answer(elsewhere), model, inputs, None).findings
    assert [one.code for one in found] == ["ICP632", "ICP635"]
    with pytest.raises(ConfigError, match=r"ICP633[\s\S]*meeting.json"):
        read_to_answer(resolve(icp.load_config("train", [*FLAG, "release.meeting=out/train"])))
