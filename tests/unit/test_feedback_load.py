"""What sales did, from exports into the ledger by the command; and out of it again."""

import sqlite3
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

import icp
from icp.errors import ConfigError, TableError
from icp.outcomes import Ledger

sys.path.insert(0, str(Path(__file__).parent / "delivery"))
from made_lists import scores, write


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    calls = {
        "Task": ["T1", "T2"],
        "Firma": ["A-1", "A-2"],
        "Datum": ["01.04.2026", "17.04.2026"],
        "Art": ["call", "mail"],
    }
    pd.DataFrame(calls).to_csv("calls.csv", sep=";", index=False)
    said = {
        "Firma": ["A-1", "A-2"],
        "Datum": ["2026-04-02"] * 2,
        "Code": ["Kein Bedarf", "wrong_fit"],
        "Text": ["", "ämtlich"],
    }
    pd.DataFrame(said).to_csv("said.csv", index=False, encoding="cp1252")
    deals = {"Firma": ["A-1"], "Datum": ["2026-05-02"], "Stufe": ["Won"], "Betrag": ["1.234,50"]}
    pd.DataFrame(deals).to_csv("deals.csv", sep=";", index=False)
    return tmp_path


LINE = (
    *("activities=csv", "activities.path=calls.csv", "activities.account_id=Firma", "activities.at=Datum"),
    *("activities.kind=Art", "activities.record_id=Task"),
    *("dispositions=csv", "dispositions.path=said.csv", "dispositions.account_id=Firma", "dispositions.at=Datum"),
    *("dispositions.kind=Code", "dispositions.note=Text"),
    *("outcomes=csv", "outcomes.path=deals.csv", "outcomes.account_id=Firma", "outcomes.at=Datum"),
    *("outcomes.kind=Stufe", "outcomes.amount=Betrag", "outcomes.decimal=','"),
)
MAPPED = (*LINE, "dispositions.codes=['Kein Bedarf=no_interest']")


def ran(*overrides):
    return icp.feedback.run(icp.load_config("feedback", list(overrides)))


def test_three_exports_are_loaded_once_however_often(folder):
    assert ran("action=load", *MAPPED).summary().splitlines()[0] == "activities: 2 new, 0 changed, 0 as before"
    again = ran("action=load", *MAPPED).summary()
    assert "dispositions: 0 new, 0 changed, 2 as before" in again
    assert "outcomes: 0 new, 0 changed, 1 as before" in again
    assert "ICP613  2 dispositions without a record id" in again and "ICP613  1 outcomes without" in again
    assert again.count("ICP613") == 2
    ledger = Ledger("sqlite:///ledger/icp.db")
    said, deals = ledger.returned("dispositions"), ledger.returned("outcomes")
    calls = ledger.returned("activities")
    ledger.close()
    assert said.sort_values("account_id")[["account_id", "code", "note"]].fillna("").to_numpy().tolist() == [
        ["A-1", "no_interest", ""],
        ["A-2", "wrong_fit", "ämtlich"],
    ]
    assert deals["amount"].tolist() == [1234.5]
    assert calls["at"].dt.strftime("%Y-%m-%d").tolist() == ["2026-04-01", "2026-04-17"]


def test_an_unknown_code_stops_everything_and_nothing_is_loaded(folder):
    with pytest.raises(TableError, match="ICP750  'Kein Bedarf'"):
        ran("action=load", *LINE)
    ledger = Ledger("sqlite:///ledger/icp.db")
    assert ledger.returned("activities").empty
    ledger.close()


def test_one_account_is_erased_by_command(folder):
    ran("action=load", *MAPPED)
    assert ran("action=erase", "account=A-1").summary() == (
        "removed: 0 of deliveries, 1 of activities, 1 of dispositions, 1 of outcomes"
    )
    assert "1 of erased accounts left out" in ran("action=load", *MAPPED).summary()
    assert "1 of dispositions" in ran("action=forget", "before=2026-05-01").summary()


def test_what_is_missing_is_said(folder):
    with pytest.raises(ConfigError, match="no table"):
        ran("action=load")
    with pytest.raises(ConfigError, match="account"):
        ran("action=erase")


def loaded(name, text, *more):
    Path(f"{name}.csv").write_text(text)
    kind = {"activities": "kind", "dispositions": "code", "outcomes": "stage"}[name]
    line = (
        f"{name}=csv",
        f"{name}.path={name}.csv",
        f"{name}.account_id=account",
        f"{name}.at=on",
        f"{name}.kind={kind}",
    )
    return {finding.code: finding for finding in ran("action=load", *line, *more).findings}


@pytest.mark.parametrize("cell", ["46114", "1775088000000", "soon", ""])
def test_dates_that_nothing_reads_stop_the_load(folder, cell):
    with pytest.raises(TableError, match="ICP618  no row has a readable date in 'on'"):
        loaded("activities", f"account,on,kind\nA-1,{cell},call\nA-2,{cell},mail\n")


def test_a_column_without_ids_stops_the_load(folder):
    with pytest.raises(TableError, match="ICP618  no row has an id in 'account'"):
        loaded("outcomes", "account,on,stage\n,2026-04-02,Won\n")


def test_a_row_left_out_among_others_is_counted_only(folder):
    found = loaded("activities", "account,on,kind\nA-1,soon,call\nA-2,2026-04-02,mail\n")
    assert found["ICP120"].n_rows == 1 and "ICP618" not in found


def test_dispositions_without_a_code_are_counted(folder):
    assert loaded("dispositions", "account,on,code\nA-1,2026-04-02,\nA-2,2026-04-02,meeting\n")["ICP619"].n_rows == 1
    assert "ICP619" not in loaded("dispositions", "account,on,code\nA-1,2026-04-02,meeting\n")


def test_rows_that_a_later_row_replaces_are_told(folder):
    rows = "account,on,kind\nA-1,2026-04-02,call\nA-1,2026-04-05,mail\nA-2,2026-04-02,mail\n"
    found = loaded("activities", rows, "activities.record_id=account")["ICP620"]
    assert found.n_rows == 1 and "'A-1'" in found.message
    twice = "account,on,kind\nA-1,2026-04-02,call\nA-1,2026-04-02,call\n"
    assert "ICP620" not in loaded("activities", twice, "activities.record_id=account"), "a row that stands there twice"


def test_rows_that_say_the_same_word_for_word_are_told(folder):
    rows = "account,on,code\nA-1,2026-04-02,meeting\nA-1,2026-04-02,meeting\nA-2,2026-04-02,meeting\n"
    found = loaded("dispositions", rows)
    assert found["ICP625"].n_rows == 1 and "'A-1'" in found["ICP625"].message
    assert "ICP625" not in loaded("dispositions", rows.replace("02,meeting\nA-2", "03,meeting\nA-2"))
    deals = "account,on,stage\nA-1,2026-04-02,Won\nA-1,2026-04-02,Won\n"
    assert loaded("outcomes", deals)["ICP626"].severity == "warning"
    named = "account,on,stage,id\nA-1,2026-04-02,Won,1\nA-1,2026-04-02,Won,2\n"
    assert "ICP626" not in loaded("outcomes", named, "outcomes.record_id=id")
    calls = deals.replace("stage", "kind")
    assert not {"ICP625", "ICP626"} & set(loaded("activities", calls)), "two calls of a day are two"


def test_a_day_to_come_does_not_empty_the_ledger(folder):
    ran("action=load", *MAPPED)
    with pytest.raises(ConfigError, match="ICP627"):
        ran("action=forget", "before=2999-01-01")
    ledger = Ledger("sqlite:///ledger/icp.db")
    assert len(ledger.returned("activities")) == 2
    ledger.close()
    assert "2 of activities" in ran("action=forget", "before=2026-11-01").summary()


def test_days_to_come_are_told(folder):
    found = loaded("activities", "account,on,kind\nA-1,2999-04-02,call\nA-2,2020-04-02,mail\n")["ICP621"]
    assert found.n_rows == 1 and "2999-04-02" in found.message
    assert "ICP621" not in loaded("activities", "account,on,kind\nA-2,2020-04-02,mail\n")


def test_a_ledger_without_lists_and_ids_of_no_list_are_told(folder):
    one = "account,on,kind\nA-1,2020-04-02,call\n"
    assert "holds no list" in loaded("activities", one)["ICP622"].message
    ledger = Ledger("sqlite:///ledger/icp.db")
    listed = pa.table({"account_id": ["A-1"], "status": ["scored"]})
    ledger.append([listed], campaign="c", run_id="r", target="csv", model_version="1", as_of=None)
    assert ledger.delivered(["A-9"] * 600 + ["A-1"]) and not ledger.delivered(["A-9"])
    ledger.close()
    assert "ICP622" not in loaded("activities", one)
    assert (
        "no list holds any of these accounts, e.g. 'B-1'"
        in loaded("activities", one.replace("A", "B"))["ICP622"].message
    )


def test_an_account_that_is_not_there_is_told_when_erased(folder):
    ran("action=load", *MAPPED)
    assert [one.code for one in ran("action=erase", "account=A-7").findings] == ["ICP623"]
    assert ran("action=erase", "account=A-1").findings == ()


@pytest.mark.parametrize("line", [["action=erase", "account=A-1"], ["action=forget", "before=2024-01-01"]])
def test_nothing_is_erased_from_a_ledger_that_is_not_there(folder, line):
    with pytest.raises(ConfigError, match="there is no ledger"):
        ran(*line, "ledger.url=sqlite:///nowhere/icp.db")
    assert not Path("nowhere").exists()


def test_a_database_that_refuses_is_told_in_one_block(folder):
    ran("action=load", *MAPPED)
    with sqlite3.connect("ledger/icp.db") as connection:
        connection.execute("drop table icp_outcomes")
    with pytest.raises(ConfigError, match="ICP701"):
        ran("action=load", *MAPPED)
    with pytest.raises(ConfigError, match="ICP701"):
        ran("action=erase", "account=A-1")


def test_a_deal_is_known_by_its_own_id_when_it_moves_to_another_day(folder):
    deal = "id,account,on,stage\nD1,A-1,2020-04-02,Won\n"
    assert "ICP613" not in loaded("outcomes", deal, "outcomes.record_id=id")
    loaded("outcomes", deal.replace("04-02", "05-09"), "outcomes.record_id=id")
    ledger = Ledger("sqlite:///ledger/icp.db")
    deals = ledger.returned("outcomes")
    ledger.close()
    assert deals["at"].dt.strftime("%m-%d").tolist() == ["05-09"], "one deal, on its new day"


def test_the_prefix_that_a_list_put_before_ids_is_taken_off(folder):
    sent = write(scores(["1", "2"]), folder, "generic", key_prefix="A-").folder
    Path("calls.csv").write_text("account,on,kind\nA-1,2020-04-02,call\n2,2020-04-03,mail\n")
    line = ("activities=csv", "activities.path=calls.csv", "activities.account_id=account", "activities.at=on")
    ran("action=load", *line, "activities.kind=kind", f"manifest={sent / 'manifest.json'}")
    ledger = Ledger("sqlite:///ledger/icp.db")
    assert sorted(ledger.returned("activities")["account_id"]) == ["1", "2"]
    ledger.close()
