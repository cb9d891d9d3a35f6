"""What sales did, from exports into the ledger by the command; and out of it again."""

import pandas as pd
import pytest

import icp
from icp.errors import ConfigError, TableError
from icp.outcomes import Ledger


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
