"""Accounts from a database, and the ledger in one: SQLite and a real PostgreSQL give what the files give."""

from __future__ import annotations

import pandas as pd
import pytest
import sqlalchemy as sa
from commands import contents

from icp.outcomes import Ledger


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request, tmp_path):
    """Address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/crm.db"
    server = request.getfixturevalue("postgres_url")
    name = "db_" + "".join(letter for letter in tmp_path.name if letter.isalnum()).lower()[-40:]
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"create database {name}"))
    engine.dispose()
    return server.rsplit("/", 1)[0] + f"/{name}"


def fill(database, table, frame):
    engine = sa.create_engine(database)
    frame.to_sql(table, engine, index=False)
    engine.dispose()


def from_csv(command, leads, *more):
    return command(
        "score", *leads.reading, f"accounts.path={leads.folder / 'accounts.csv'}", f"model={leads.bundle}", *more
    )


def test_accounts_from_a_database_get_the_scores_of_the_file(command, leads, database):
    accounts = leads.accounts.drop(columns=["best"])
    accounts["employees"] = pd.to_numeric(accounts["employees"])
    fill(database, "leads", accounts.replace("", None))
    expected = contents(from_csv(command, leads).folder / "out/score")["scores.csv"]
    query = "accounts.query='select * from leads order by account_id'"
    ended = command(
        "score", "accounts=sql", f"accounts.url='{database}'", query,
        "accounts.account_id=account_id", f"model={leads.bundle}", "output=sql",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    assert contents(ended.folder / "sql")["scores.csv"] == expected


def test_a_query_that_fails_or_finds_nothing_is_refused(command, leads, database):
    fill(database, "leads", leads.accounts.iloc[:3])
    for query in ("select * from nowhere", "select * from leads where 1 = 0", "delete from leads"):
        ended = command(
            "score", "accounts=sql", f"accounts.url='{database}'", f"accounts.query='{query}'",
            "accounts.account_id=account_id", f"model={leads.bundle}",
        )  # fmt: skip
        ended.refused("ICP")
        assert "sqlalchemy" not in ended.err.lower() and "psycopg" not in ended.err.replace("postgresql+psycopg", "")
        assert not (ended.folder / "out").exists()
    engine = sa.create_engine(database)
    assert len(pd.read_sql("select * from leads", engine)) == 3
    engine.dispose()


def test_a_campaign_is_entered_once_with_every_account(command, leads, database, tmp_path):
    for output, said in (("one", "entered"), ("two", "had this list already")):
        ended = from_csv(
            command, leads, "campaign='spring 26'", "delivery=generic", f"ledger.url='{database}'", f"output={output}"
        )
        assert ended.code == 0, ended.err
        assert f"campaign 'spring 26' {said}" in ended.out
    ledger = Ledger(database)
    lists, rows = ledger.lists(), ledger.deliveries("spring 26")
    ledger.close()
    assert lists["n_rows"].tolist() == [len(leads.accounts)]
    scores = ended.scores("two").set_index("account_id")
    assert sorted(rows["account_id"]) == sorted(scores.index)
    merged = scores.loc[rows["account_id"]]
    assert rows["tier"].tolist() == merged["tier"].tolist()
    assert rows["reason_1"].fillna("").tolist() == merged["reason_1"].tolist()
    assert lists["run_id"][0] in (tmp_path / "two/generic/manifest.json").read_text("utf-8")


def test_a_ledger_that_cannot_be_used_leaves_no_list_behind(command, leads):
    ended = from_csv(command, leads, "campaign=spring", "ledger.url='postgresql+psycopg://a:secret-word@127.0.0.1:9/x'")
    ended.refused("ICP701", "127.0.0.1")
    assert "secret-word" not in ended.err
    assert not (ended.folder / "out").exists()


def test_a_list_comes_back_and_is_measured_by_commands_alone(command, leads, database, tmp_path):
    ledger = f"ledger.url='{database}'"
    scored = from_csv(command, leads, "campaign=spring", "holdout.share=0.3", "delivery=generic", ledger, "output=one")
    assert scored.code == 0, scored.err
    listed = scored.scores("one")
    today = pd.Timestamp.now(tz="UTC").strftime("%Y-%m-%d")
    for name, column, words in (("calls", "kind", "call"), ("said", "code", "Wrong type"), ("deals", "stage", "Won")):
        part = listed.iloc[: 40 if name == "calls" else 12]
        pd.DataFrame({"account": part["account_id"], "day": today, column: words}).to_csv(tmp_path / f"{name}.csv")
    line = [
        *("activities=csv", "activities.path=calls.csv", "activities.account_id=account", "activities.at=day"),
        *("dispositions=csv", "dispositions.path=said.csv", "dispositions.account_id=account", "dispositions.at=day"),
        *("dispositions.kind=code", "dispositions.codes=['Wrong type=wrong_fit']"),
        *("outcomes=csv", "outcomes.path=deals.csv", "outcomes.account_id=account", "outcomes.at=day"),
        "outcomes.kind=stage",
    ]
    for said in ("activities: 40 new", "activities: 0 new, 0 changed, 40 as before"):
        loaded = command("feedback", "action=load", *line, ledger)
        assert loaded.code == 0, loaded.err
        assert said in loaded.out
    measured = command("scorecard", "campaign=spring", ledger, "output=card")
    assert measured.code == 0, measured.err
    adopted = pd.read_csv(tmp_path / "card/adoption.csv").query("part == 'all'").iloc[0]
    store = Ledger(database)
    arms = store.deliveries("spring").set_index("account_id")["arm"]
    store.close()
    treated = arms[arms == "treated"].index
    assert adopted["n"] == len(treated)
    assert adopted["worked"] == listed["account_id"].iloc[:40].isin(treated).sum()
    assert pd.read_csv(tmp_path / "card/proof.csv").loc[0, "verdict"] == "not yet"
    assert (tmp_path / "card/meeting.html").is_file()


RETURNED = {
    "activities": ("rep", "team", "message"), "dispositions": ("rep", "note"), "outcomes": ("amount",),
}  # fmt: skip


def came_back():
    """Three tables as a CRM's database holds them, with the types of its columns."""
    days = pd.to_datetime(["2026-04-01 09:30", "2026-04-02 10:00", None])
    calls = {"record_id": [1, 2, 3], "account_id": [17, 18, 19], "at": days, "kind": ["call", "mail", "call"],
             "rep": ["Ada", None, "Bo"], "team": "north", "message": ["checkout", None, ""]}  # fmt: skip
    said = {"record_id": ["D-1", "D-2", "D-3"], "account_id": ["17", "18", None], "at": days.date,
            "kind": ["Kein Bedarf", "meeting", "meeting"], "rep": "Ada",
            "note": ["\u00e4mtlich; 'quoted'", None, ""]}  # fmt: skip
    deals = {"account_id": [17, 17, 18], "at": days.date, "kind": ["Won", "Won", "Lost"], "amount": [99.5, 1e6, None]}
    return {name: pd.DataFrame(table) for name, table in
            (("activities", calls), ("dispositions", said), ("outcomes", deals))}  # fmt: skip


CODES = 'dispositions.codes=["Kein Bedarf=no_interest"]'


def load_line(name, table):
    columns = ["account_id", "at", "kind", *RETURNED[name], *(["record_id"] if "record_id" in table else [])]
    return [f"{name}.{column}={column}" for column in columns]


def loaded(command, database, ledger, *more, query="select * from crm_{}"):
    line = [CODES, f"ledger.url='{ledger}'"]
    for name, table in came_back().items():
        asked = query.format(name)
        line += [f"{name}=sql", f"{name}.url='{database}'", f"{name}.query='{asked}'", *load_line(name, table)]
    return command("feedback", "action=load", *line, *more)


def held(url):
    ledger = Ledger(url)
    tables = {name: ledger.returned(name).drop(columns="record_id") for name in RETURNED}
    ledger.close()
    return tables


def test_what_came_back_is_loaded_from_a_database_as_from_files_and_once(command, database, tmp_path):
    files = []
    for name, table in came_back().items():
        fill(database, f"crm_{name}", table)
        table.to_csv(tmp_path / f"{name}.csv", index=False)
        files += [f"{name}=csv", f"{name}.path={tmp_path}/{name}.csv", *load_line(name, table)]
    ledger, other = f"sqlite:///{tmp_path}/ledger.db", f"sqlite:///{tmp_path}/other.db"
    first, again = loaded(command, database, database), loaded(command, database, database)
    assert first.code == again.code == 0, first.err + again.err
    assert "activities: 2 new" in first.out and "activities: 0 new, 0 changed, 2 as before" in again.out
    assert "dispositions: 0 new, 0 changed, 2 as before" in again.out  # rows without a day or an id are left out
    assert "outcomes: 0 new, 0 changed, 2 as before" in again.out
    assert loaded(command, database, ledger).code == 0
    ended = command("feedback", "action=load", *files, CODES,
                    f"ledger.url='{other}'")  # fmt: skip
    assert ended.code == 0, ended.err
    for name, table in held(database).items():
        for from_elsewhere in (held(ledger)[name], held(other)[name]):
            pd.testing.assert_frame_equal(table, from_elsewhere, check_dtype=False)
    assert held(other)["outcomes"]["amount"].tolist() == [99.5, 1e6]


@pytest.mark.parametrize("name", list(RETURNED))
def test_a_database_that_cannot_be_read_shows_no_password_and_loads_nothing(command, name, tmp_path):
    ledger = f"sqlite:///{tmp_path}/ledger.db"
    for other, table in came_back().items():
        fill(f"sqlite:///{tmp_path}/crm.db", f"crm_{other}", table)
    away = f"{name}.url='postgresql+psycopg://ada:secret-word@127.0.0.1:9/crm'"
    ended = loaded(command, f"sqlite:///{tmp_path}/crm.db", ledger, away)
    ended.refused("ICP", "127.0.0.1")
    assert "secret-word" not in ended.err + ended.out
    ended = loaded(command, f"sqlite:///{tmp_path}/crm.db", ledger, f"{name}.query='delete from crm_{name}'")
    ended.refused("ICP")
    assert all(table.empty for table in held(ledger).values())
    engine = sa.create_engine(f"sqlite:///{tmp_path}/crm.db")
    assert len(pd.read_sql(f"select * from crm_{name}", engine)) == 3
    engine.dispose()
