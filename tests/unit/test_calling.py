"""Call lists from the command: what sales operations types, what reps read, who is left off and why."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import icp
from icp._list_findings import near_ids
from icp._rules import CALL_LIST_COLUMNS
from icp.errors import ConfigError, DeliveryError, TableError
from icp.outcomes import Ledger
from trained_models import inside


def score(leads, folder, *more):
    """A run in its own folder, with its own ledger."""
    ledger = f"ledger.url=sqlite:///{folder}/icp.db"
    settings = [*leads.reading, "accounts.path=accounts.csv", "model=models:/leads@champion", ledger]
    with inside(leads.folder):
        return icp.score.run(icp.load_config("score", [*settings, f"output={folder / 'out'}", *more]))


def read(result, name):
    return pd.read_csv(result.output / name, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def tables(leads, tmp_path_factory):
    """What sales operations keeps, with a separator and marks of a spreadsheet."""
    folder = tmp_path_factory.mktemp("ops")
    ids = sorted(leads.accounts["account_id"])
    places = pd.DataFrame(
        {"account_id": ids, "region": np.where(np.arange(len(ids)) % 2, "north", "south"), "owner": ""}
    )
    places.loc[:19, "owner"] = "Ann"
    places.loc[1190:, "region"] = "east"
    places.to_csv(folder / "places.csv", index=False)
    reps = "rep;slots;territory;team\nAnn;10;north;field\nBob;10;north;field\nCleo;20;south;field\n"
    (folder / "reps.csv").write_bytes(b"\xef\xbb\xbf" + reps.replace("\n", "\r\n").encode())
    pd.DataFrame({"account_id": ids[20:120], "reason": "open opportunity"}).to_csv(folder / "open.csv", index=False)
    pd.DataFrame({"account_id": [*ids[100:160], "unknown-1"]}).to_csv(folder / "do-not-contact.csv", index=False)
    pd.DataFrame({"account_id": ids[200:203], "reason": "=asked for a call"}).to_csv(folder / "asked.csv", index=False)
    (folder / "actions.csv").write_text("tier,next_action\nA,demo\nB,mail first\nC,invite\nD,leave\nnot_scored,ask\n")
    rng = np.random.default_rng(0)
    pd.DataFrame({"account_id": ids, "best": rng.integers(0, 2, len(ids))}).to_csv(folder / "known.csv", index=False)
    return folder


def asked(tables):
    return (
        f"call_list.reps={tables / 'reps.csv'}",
        f"call_list.accounts={tables / 'places.csv'}",
        "call_list.territory=region",
        f"call_list.actions={tables / 'actions.csv'}",
        "call_list.explore=0.1",
        f"rules.outcomes={tables / 'known.csv'}",
        f"rules.exclude=[{tables / 'open.csv'},{tables / 'do-not-contact.csv'}]",
        f"rules.include=[{tables / 'asked.csv'}]",
    )


@pytest.fixture(scope="module")
def called(leads, tables, tmp_path_factory):
    folder = tmp_path_factory.mktemp("called")
    return folder, score(leads, folder, *asked(tables), "delivery=generic", "campaign=spring")


def test_the_call_list_has_the_columns_that_names_may_not_take(called):
    assert set(read(called[1], "lists/call_list.csv").columns) == CALL_LIST_COLUMNS


def test_reps_read_the_columns_they_know_an_account_by(leads, tables, tmp_path):
    places = pd.read_csv(tables / "places.csv", dtype=str, keep_default_na=False)
    places.assign(company="=Firm " + places["account_id"]).to_csv(tmp_path / "places.csv", index=False)
    named = [f"call_list.accounts={tmp_path / 'places.csv'}", "call_list.show=[company]"]
    result = score(leads, tmp_path, *asked(tables), *named)
    listed = read(result, "lists/call_list.csv")
    assert list(listed.columns[3:5]) == ["account_id", "company"]
    assert (listed["company"] == "Firm " + listed["account_id"]).all()  # no formula: told as ICP745
    assert any(one.code == "ICP745" and one.column == "company" for one in result.findings)


@pytest.mark.parametrize(
    ("overrides", "code"),
    [
        (["call_list.show=[tier]"], "ICP764"),
        (["call_list.show=[town]"], "ICP102"),
        (["call_list.accounts=null", "call_list.show=[company]"], "ICP764"),
    ],
)
def test_columns_that_cannot_be_shown_are_refused(leads, tables, tmp_path, overrides, code):
    with pytest.raises(TableError) as told:
        score(leads, tmp_path, *asked(tables), *overrides)
    assert code in {problem.code for problem in told.value.problems}


def test_no_rep_gets_more_than_the_slots_and_everyone_calls_in_the_own_territory(called, tables):
    _, result = called
    listed = read(result, "lists/call_list.csv")
    places = pd.read_csv(tables / "places.csv", dtype=str, keep_default_na=False).set_index("account_id")
    assert listed["rep"].value_counts().to_dict() == {"Cleo": 20, "Ann": 10, "Bob": 10}
    owners = places.loc[listed["account_id"], "owner"].to_numpy()
    assert (listed["rep"][owners == "Ann"] == "Ann").all()
    by_place = listed[owners == ""]
    assert (by_place["territory"][by_place["rep"] == "Cleo"] == "south").all() and not (
        by_place["territory"] == "east"
    ).any()
    for _, part in listed.groupby(["week", "rep"]):
        assert part["rank"].astype(int).tolist() == list(range(1, len(part) + 1))
    assert set(listed["week"]) == {"2026-04-06"} or len(set(listed["week"])) == 1


def test_excluded_and_little_known_accounts_are_off_the_list_each_with_its_reason(called):
    _, result = called
    off = read(result, "lists/left_off.csv").set_index("account_id")
    listed = set(read(result, "lists/call_list.csv")["account_id"])
    assert not listed & set(off.index)
    counts = off.loc[off["why"] == "excluded", "reason"].value_counts().to_dict()
    assert counts == {"open opportunity": 80, "open opportunity; do not contact": 20, "do not contact": 40}
    low = result.scores.index[result.scores["confidence"] == "low"]
    assert set(low) <= set(off.index)
    assert set(off["why"]) <= {"excluded", "low_confidence", "no_rep"} and (off["why"] == "no_rep").any()


def test_overrides_exploration_and_next_actions_are_told(called):
    _, result = called
    listed = read(result, "lists/call_list.csv")
    forced = listed[listed["slot"] == "override"]
    assert (forced["override"] == "asked for a call").all() and len(forced) == 3
    for _, one in listed.groupby("rep"):
        assert (one["slot"] == "override").tolist() == sorted(one["slot"] == "override", reverse=True)
    assert (listed["slot"] == "exploration").sum() == 4
    words = {"A": "demo", "B": "mail first", "C": "invite", "D": "leave"}
    assert listed["next_action"].tolist() == [words[tier] for tier in listed["tier"]]
    top = result.scores.loc[listed["account_id"][listed["slot"] == "top"], "propensity"]
    outside = result.scores.loc[listed["account_id"][listed["slot"] == "exploration"], "propensity"]
    assert top.min() > outside.median()


def test_each_rule_has_its_measured_lift(called, tables):
    _, result = called
    rules = read(result, "lists/rules.csv").set_index("reason")
    assert rules["n"].to_dict() == {"open opportunity": "80", "open opportunity; do not contact": "20",
                                    "do not contact": "40", "asked for a call": "3"}  # fmt: skip
    known = pd.read_csv(tables / "known.csv", index_col="account_id")["best"]
    ids = sorted(known.index)
    rate = known[ids[20:100]].mean()
    others = known.drop([*ids[20:160], *ids[200:203]]).mean()
    row = rules.loc["open opportunity"]
    assert float(row["rate"]) == pytest.approx(rate, abs=1e-4)
    assert float(row["lift"]) == pytest.approx(rate / others, abs=0.01)
    assert float(row["low"]) < float(row["lift"]) < float(row["high"])


def test_the_ledger_knows_rep_week_and_slot_and_the_crm_lacks_the_excluded(called):
    folder, result = called
    ledger = Ledger(f"sqlite:///{folder}/icp.db")
    rows = ledger.deliveries("spring").set_index("account_id")
    ledger.close()
    listed = read(result, "lists/call_list.csv").set_index("account_id")
    for name in ("rep", "week", "slot", "next_action"):
        assert rows[name].dropna().to_dict() == listed[name].to_dict()
    files = sorted((result.output / "generic").glob("scores.*.csv"))
    delivered = set(pd.concat([pd.read_csv(file, dtype=str) for file in files])["account_key"])
    assert delivered == set(rows.index[rows["left_out"].isna()])
    assert rows["left_out"].dropna().str.startswith("excluded: ").all() and rows["left_out"].notna().sum() == 140


def test_what_there_is_to_say_is_said(called):
    _, result = called
    assert "40 accounts in 40 slots of 3 reps, 1 week" in result.summary()
    told = {finding.code: finding for finding in result.findings}
    assert "unknown-1" in told["ICP733"].message and told["ICP733"].severity == "warning"
    assert "warning ICP733" in result.summary() and "ICP737" not in told
    off = read(result, "lists/left_off.csv").set_index("account_id")
    places = off.loc[off["why"] == "no_rep", "reason"].value_counts()
    assert told["ICP734"].n_rows == places.sum() > 0 and places.index.tolist() == ["east"]
    assert told["ICP734"].message.endswith(f"in which nobody works: 'east' ({places['east']:,}).")
    assert told["ICP745"].severity == "warning" and told["ICP745"].column == "reason" and told["ICP745"].n_rows == 3
    assert "'=asked for a call' becomes 'asked for a call'" in told["ICP745"].message


def test_the_summary_and_weeks_csv_say_how_many_are_expected_to_convert(called, leads, tables, tmp_path):
    _, result = called
    listed = read(result, "lists/call_list.csv")
    whole = listed["propensity"].astype(float).sum()
    weeks = read(result, "lists/weeks.csv").set_index("week")
    row = weeks.loc["all"]
    assert float(row["expected"]) == pytest.approx(whole, abs=0.06)
    assert 0 <= int(row["low"]) < whole < int(row["high"]) <= 40
    said = f"expected conversions: {float(row['expected']):.1f} ({row['low']} to {row['high']}) of 40, in brackets"
    assert said in result.summary() and "by week:" not in result.summary()
    longer = score(leads, tmp_path, *asked(tables), "call_list.weeks=8")
    weeks, listed = read(longer, "lists/weeks.csv"), read(longer, "lists/call_list.csv")
    assert weeks["week"].tolist() == [*sorted(set(listed["week"])), "all"]
    assert weeks["slots"].tolist() == ["40"] * 8 + ["320"]
    assert weeks["filled"].tolist() == [*listed["week"].value_counts().sort_index().astype(str), str(len(listed))]
    sums = listed["propensity"].astype(float).groupby(listed["week"]).sum()
    assert weeks["expected"][:8].astype(float).to_numpy() == pytest.approx(sums.to_numpy(), abs=0.06)
    first = weeks.iloc[0]
    assert f"by week: {first['week']} {first['expected']} ({first['low']} to {first['high']})," in longer.summary()
    assert "and 2 more in weeks.csv" in longer.summary()


def test_the_crm_file_has_the_actions_of_the_company_too(called):
    _, result = called
    folder = result.output / "generic"
    rows = pd.concat([pd.read_csv(file, dtype=str) for file in sorted(folder.glob("scores.*.csv"))])
    words = {"A": "demo", "B": "mail first", "C": "invite", "D": "leave", "not_scored": "ask"}
    worked_as = rows["tier"].mask((rows["tier"] == "A") & (rows["confidence"] == "low"), "B")
    assert rows["next_action"].tolist() == worked_as.map(words).tolist() and set(rows["tier"]) >= set("ABCD")
    fields = {field["name"]: field for field in json.loads((folder / "fields.json").read_text())}
    assert fields["next_action"]["options"] == list(words.values())


def test_actions_reach_the_crm_without_a_call_list_and_a_tier_they_lack_is_told(leads, tmp_path):
    (tmp_path / "actions.csv").write_text("tier,next_action\nA,call & write\nB,mail\nC,\n")
    result = score(leads, tmp_path, f"call_list.actions={tmp_path / 'actions.csv'}", "delivery=hubspot")
    rows = pd.concat(
        [pd.read_csv(file, dtype=str) for file in sorted((result.output / "hubspot").glob("scores.*.csv"))]
    )
    head = next(name for name in rows if name.lower().replace(" ", "_").endswith("next_action"))
    assert set(rows[head].dropna()) == {"call and write", "mail"}
    told = {finding.code: finding.message for finding in result.findings}
    assert "'C', 'D', 'not_scored': it is empty in the CRM file" in told["ICP737"]
    assert "'call & write' becomes 'call and write'" in told["ICP745"]


def test_ids_of_rules_that_no_account_has_are_told_with_the_one_that_was_meant(leads, tables, tmp_path):
    ids = sorted(leads.accounts["account_id"])
    wrong = [ids[5].lower(), ids[7].replace("-0", "-O"), f"{ids[9]}x", "somebody else", ids[11]]
    for name in ("off.csv", "on.csv"):
        (tmp_path / name).write_text("\n".join(["account_id", *wrong]) + "\n")
    reps = f"call_list.reps={tables / 'reps.csv'}"
    asks = (f"rules.exclude=[{tmp_path / 'off.csv'}]", f"rules.include=[{tmp_path / 'on.csv'}]")
    said = score(leads, tmp_path, reps, *asks).summary()
    for file in ("off.csv", "on.csv"):
        line = next(one for one in said.splitlines() if file in one)
        assert line.startswith("warning ICP733: ") and "names 5 accounts, 4 not among those scored" in line
        for given, meant in zip(wrong, (ids[5], ids[7], ids[9]), strict=False):
            assert f"'{given}' (did you mean '{meant}'?)" in line
        assert line.endswith("and 1 more.")
    (tmp_path / "one.csv").write_text("account_id\nsomebody else\n")
    said = score(leads, tmp_path, f"rules.exclude=[{tmp_path / 'one.csv'}]").summary()
    assert "names 1 account, none among those scored: 'somebody else'." in said


def test_a_wrong_id_near_several_is_not_guessed():
    known = {f"A-0000{i}" for i in range(10)}
    assert near_ids(["A-0000X", "A-0000l", "zzz"], known) == {"A-0000l": "A-00001"}


def test_tiers_without_an_action_and_actions_without_a_tier_are_told(leads, tables, tmp_path):
    (tmp_path / "actions.csv").write_text("tier,next_action\na,demo\nB,\nC,invite\nD,leave\n")
    reps, actions = f"call_list.reps={tables / 'reps.csv'}", f"call_list.actions={tmp_path / 'actions.csv'}"
    result = score(leads, tmp_path, reps, actions)
    listed = read(result, "lists/call_list.csv")
    blank = listed[listed["next_action"] == ""]
    found = [one for one in result.findings if one.code == "ICP737"]
    assert [one.severity for one in found] == ["warning", "warning"] and found[0].n_rows == len(blank) > 0
    named = [tier for tier in "AB" if (listed["tier"] == tier).any()]
    assert set(blank["tier"]) == set(named)
    assert f"no next action for tier {', '.join(map(repr, named))}:" in found[0].message
    assert "names tier 'a'" in found[1].message and "Did you mean 'A'?" in found[1].message
    assert "warning ICP737" in result.summary()


def test_the_same_run_gives_the_same_list(called, leads, tables, tmp_path):
    _, result = called
    again = score(leads, tmp_path, *asked(tables), "delivery=generic", "campaign=spring")
    for name in ("call_list.csv", "left_off.csv", "reps.csv", "rules.csv", "weeks.csv"):
        assert (again.output / "lists" / name).read_bytes() == (result.output / "lists" / name).read_bytes()


def test_a_hold_out_of_a_call_list_is_of_those_who_would_be_called(leads, tables, tmp_path):
    result = score(leads, tmp_path, *asked(tables)[:3], "campaign=spring", "holdout.share=0.2")
    arms = read(result, "analyst/holdout.csv")
    listed = read(result, "lists/call_list.csv")
    held = set(arms["account_id"][arms["arm"] == "held_out"])
    assert len(held) == 10 and len(arms) == 50 and len(listed) == 40
    assert not held & set(listed["account_id"])
    treated = set(arms["account_id"][arms["arm"] == "treated"])
    assert len(treated & set(listed["account_id"])) >= 36
    text = "".join((result.output / "lists" / name).read_text("utf-8") for name in ("call_list.csv", "left_off.csv"))
    assert "held" not in text and not any(f"\n{name}," in text for name in held)


def test_a_call_list_with_a_hold_out_made_again_is_the_same_to_the_byte(leads, tables, tmp_path):
    asks = (*asked(tables), "delivery=generic", "campaign=spring", "holdout.share=0.2")

    def files(result):
        found = sorted(file for file in result.output.rglob("*") if file.is_file())
        return {str(file.relative_to(result.output)): file.read_bytes() for file in found}

    first = score(leads, tmp_path, *asks)
    before = files(first)
    again = score(leads, tmp_path, *asks)
    assert files(again) == before
    assert "had this list already" in again.summary() and again.findings == first.findings
    assert again.summary().replace("had this list already", "entered") == first.summary()


def test_treated_accounts_are_those_that_somebody_calls(leads, tables, tmp_path):
    result = score(leads, tmp_path, *asked(tables), "campaign=spring", "holdout.share=0.2", "call_list.explore=0.3")
    arms, listed = read(result, "analyst/holdout.csv"), read(result, "lists/call_list.csv").set_index("account_id")
    treated = set(arms["account_id"][arms["arm"] == "treated"])
    called = set(listed.index[listed["slot"] != "override"])
    n_top = int((listed["slot"] == "top").sum())
    n_chance = int((listed["slot"] == "exploration").sum())
    assert n_top == 25 and n_chance == 12  # 40 slots, 3 for overrides
    assert abs(len(arms) - n_top / 0.8) <= 2
    late = treated - called
    assert len(late) <= 3
    assert (f"{len(late):,} treated accounts find no free slot" in result.summary()) == bool(late)


def test_wrong_tables_are_refused_together_and_nothing_is_written(leads, tmp_path):
    (tmp_path / "reps.csv").write_text("rep,slots\nAnn,many\n")
    (tmp_path / "off.csv").write_text("id,reason\nA,b\n")
    with pytest.raises(TableError) as refused:
        score(
            leads,
            tmp_path,
            f"call_list.reps={tmp_path / 'reps.csv'}",
            f"rules.exclude=[{tmp_path / 'off.csv'},{tmp_path / 'none.csv'}]",
        )
    problems = refused.value.problems
    assert [problem.code for problem in problems] == ["ICP102", "ICP100", "ICP731"]
    assert problems[0].action.endswith(f"Call it so in the first line of '{tmp_path / 'off.csv'}'.")
    assert problems[1].action == "Check rules.exclude."
    assert not (tmp_path / "out").exists()


def test_a_place_that_is_named_and_not_there_is_refused_though_the_other_one_is(leads, tables, tmp_path):
    reps, places = f"call_list.reps={tables / 'reps.csv'}", f"call_list.accounts={tables / 'places.csv'}"
    with pytest.raises(TableError, match=r"ICP102  column 'regoin' is missing\.  Did you mean 'region'\?"):
        score(leads, tmp_path, reps, places, "call_list.territory=regoin")


def test_what_tables_say_twice_is_told_or_refused(leads, tables, tmp_path):
    ids = sorted(leads.accounts["account_id"])
    last = ids[-1]  # nobody works in its territory
    (tmp_path / "asked.csv").write_text(f"account_id,reason\n{ids[30]},fair\n{last},fair\n{ids[5]},fair\n")
    places = (tables / "places.csv").read_text()
    (tmp_path / "places.csv").write_text(f"{places}{ids[0]},south,Ann\n{ids[1]},north,\n")
    asks = [one for one in asked(tables) if "include" not in one and "accounts=" not in one]
    more = (f"rules.include=[{tmp_path / 'asked.csv'}]", f"call_list.accounts={tmp_path / 'places.csv'}")
    result = score(leads, tmp_path, *asks, *more, "delivery=generic", "campaign=spring")
    told = {finding.code: finding.message for finding in result.findings}
    assert told["ICP762"] == (
        f"1 account is in rules.include and in rules.exclude, and so on no list: '{ids[30]}' (open opportunity)."
    )
    assert told["ICP736"] == (
        f"1 account that rules put on the call list is not on it: '{last}' (nobody works in 'east')."
    )
    same = read(result, "lists/call_list.csv")
    assert ids[5] in same["account_id"].tolist() and not {ids[30], last} & set(same["account_id"])
    assert "ICP763" not in told  # the same place twice is no matter
    (tmp_path / "places.csv").write_text(f"{places}{ids[0]},north,Ann\n{ids[40]},south,Ann\n{ids[41]},south,\n")
    (tmp_path / "actions.csv").write_text("tier,next_action\nA,ring\nA,mail\n")
    with pytest.raises(TableError, match="more than one next action"):
        score(leads, tmp_path, *asks, *more, f"call_list.actions={tmp_path / 'actions.csv'}")
    again = score(leads, tmp_path / "again", *asks, *more, "delivery=generic", "campaign=spring")
    said = next(finding for finding in again.findings if finding.code == "ICP763")
    assert said.n_rows == 2 and f"'{ids[0]}', '{ids[41]}'" in said.message and said.column == "region"


def test_a_file_that_names_nobody_is_fine(leads, tmp_path):
    (tmp_path / "off.csv").write_text("account_id,reason\n")
    result = score(leads, tmp_path, f"rules.exclude=[{tmp_path / 'off.csv'}]")
    assert read(result, "lists/left_off.csv").empty and len(read(result, "lists/rules.csv")) == 0


WEEKS = ["2026-03-02", "2026-03-09", "2026-03-16"]
YEAR = """rep,slots,territory,team,week
Ann,10,north,field,
Ann,0,,,2026-03-09
Bob,10,north,field,
Bob,16,,,2026-03-16
Cleo,20,south,field,
,25,,field,2026-03-02
"""


def test_weeks_with_slots_of_their_own_and_a_list_made_again_after_the_table_grew(leads, tables, tmp_path):
    reps, more = tmp_path / "reps.csv", (f"call_list.accounts={tables / 'places.csv'}", "call_list.territory=region")
    asks = (f"call_list.reps={reps}", *more, "call_list.weeks=3", "campaign=spring", "delivery=generic")
    reps.write_text(YEAR)
    first = score(leads, tmp_path / "first", *asks)
    listed, weeks = read(first, "lists/call_list.csv"), read(first, "lists/weeks.csv")
    assert sorted(set(listed["week"])) == WEEKS == weeks["week"].tolist()[:3]
    assert weeks["slots"].tolist() == weeks["filled"].tolist() == ["25", "30", "46", "101"]
    per = listed.groupby(["rep", "week"]).size()
    assert per["Bob"].to_dict() == {WEEKS[0]: per["Bob", WEEKS[0]], WEEKS[1]: 10, WEEKS[2]: 16}
    assert ("Ann", WEEKS[1]) not in per and per["Ann", WEEKS[2]] == 10 and per["Cleo", WEEKS[2]] == 20
    assert per[:, WEEKS[0]].sum() == 25 and per[:, WEEKS[0]].max() <= 20
    assert read(first, "lists/reps.csv").set_index("rep")["slots"].to_dict() == {"Ann": "20", "Bob": "36", "Cleo": "60"}
    assert "101 accounts in 101 slots of 3 reps, 3 weeks" in first.summary()
    reps.write_text(YEAR + "Ann,3,,,2026-06-01\nDora,30,north,field,2026-06-01\n,40,,field,2026-06-01\n")
    again = score(leads, tmp_path / "again", *asks)
    for file in sorted((first.output / "lists").iterdir()):
        assert (again.output / "lists" / file.name).read_bytes() == file.read_bytes()


@pytest.mark.parametrize(
    ("week", "code", "says"),
    [
        ("2026-04-08", "ICP759", "The week of 2026-04-08 starts on 2026-04-06."),
        ("06/04/2026", "ICP759", "Write its Monday"),
        ("06.04.2026", "ICP759", "The week of 06.04.2026 starts on 2026-04-06."),
        ("2", "ICP759", "holds numbers, and this list's weeks have dates"),
        ("2026-06-01", "ICP761", "rows with an empty week"),
    ],
)
def test_a_week_that_is_none_of_a_list_is_refused(leads, tmp_path, week, code, says):
    (tmp_path / "reps.csv").write_text(f"rep,slots,week\nAnn,5,{week}\n")
    with pytest.raises(TableError) as refused:
        score(leads, tmp_path, f"call_list.reps={tmp_path / 'reps.csv'}")
    assert {problem.code for problem in refused.value.problems} == {code} and says in str(refused.value)
    assert not (tmp_path / "out").exists()


def test_a_table_whose_weeks_are_all_of_another_year_is_told(leads, tmp_path):
    (tmp_path / "reps.csv").write_text("rep,slots,week\nAnn,5,\nAnn,0,2025-04-07\n")
    result = score(leads, tmp_path, f"call_list.reps={tmp_path / 'reps.csv'}")
    assert "2025-04-07" in {finding.code: finding.message for finding in result.findings}["ICP760"]
    assert len(read(result, "lists/call_list.csv")) == 5


@pytest.mark.parametrize("given", ["call_list.weeks=2", "rules.outcomes=x.csv"])
def test_keys_of_a_list_that_nobody_asked_for_are_told(given):
    with pytest.raises(ConfigError, match="ICP008"):
        icp.load_config("score", [given])


@pytest.mark.parametrize("more", [(), ("delivery=spreadsheet",)], ids=["no delivery", "spreadsheet"])
def test_an_id_that_a_spreadsheet_would_run_is_refused_before_anything_is_written(leads, tables, tmp_path, more):
    rows = pd.read_csv(leads.folder / "accounts.csv", dtype=str, keep_default_na=False)
    rows.loc[7, "account_id"] = "=1+1"
    rows.to_csv(tmp_path / "accounts.csv", index=False)
    given = (f"accounts.path={tmp_path / 'accounts.csv'}", *more)
    with pytest.raises(DeliveryError, match=r"ICP602.*'=1[+]1'"):
        score(leads, tmp_path, *given, f"call_list.reps={tables / 'reps.csv'}")
    assert not (tmp_path / "out").exists()
    assert score(leads, tmp_path, *given).output.is_dir()
