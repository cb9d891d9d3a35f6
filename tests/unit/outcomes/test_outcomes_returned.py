"""What comes back: loaded once however often, every version kept, erased for good, on SQLite and PostgreSQL."""

import multiprocessing
import os
import signal
import sqlite3
import time
from datetime import datetime

import pandas as pd
import pyarrow as pa
import pytest
import sqlalchemy as sa

from icp.errors import ConfigError
from icp.outcomes import Ledger
from icp.outcomes._migrate import HEAD
from icp.outcomes._schema import RETURNED


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/icp.db"
    server = request.getfixturevalue("postgres_url")
    name = "ret_" + "".join(letter for letter in tmp_path.name if letter.isalnum()).lower()[-40:]
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"create database {name}"))
    engine.dispose()
    return server.rsplit("/", 1)[0] + f"/{name}"


@pytest.fixture
def ledger(url):
    ledger = Ledger(url)
    yield ledger
    ledger.close()


def deals(kinds, start=0):
    n = len(kinds)
    return pd.DataFrame(
        {
            "record_id": [f"O-{start + i}" for i in range(n)],
            "account_id": [f"A-{(start + i) % 7}" for i in range(n)],
            "at": pd.Timestamp("2026-04-01"),
            "kind": kinds,
            "amount": [100.0] * n,
        }
    )


def test_the_same_export_twice_is_once(ledger):
    first, again = ledger.load("outcomes", deals(["Won", "Open"])), ledger.load("outcomes", deals(["Won", "Open"]))
    assert (first.new, first.same, again.new, again.changed, again.same) == (2, 0, 0, 0, 2)
    assert len(ledger.returned("outcomes")) == 2


def test_a_record_that_changed_is_read_as_it_is_now_and_may_change_back(ledger):
    for kind in ("Open", "Won", "Open"):
        ledger.load("outcomes", deals([kind]))
        assert ledger.returned("outcomes")["kind"].tolist() == [kind]
    with ledger._reading() as connection:
        kept = connection.execute(sa.select(sa.func.count()).select_from(RETURNED["outcomes"])).scalar()
    assert kept == 3


def test_records_without_ids_are_known_by_what_they_say_and_two_calls_of_a_day_are_two(ledger):
    calls = pd.DataFrame({"account_id": ["A", "A", "B"], "at": pd.Timestamp("2026-04-01"), "kind": "call"})
    assert ledger.load("activities", calls).new == 3
    assert ledger.load("activities", calls).new == 0
    assert ledger.returned("activities")["account_id"].tolist().count("A") == 2


def nameless(kinds, amounts, at="2026-04-01"):
    return pd.DataFrame({"account_id": "A", "at": pd.Timestamp(at), "kind": kinds, "amount": amounts})


def test_deals_without_ids_are_loaded_once_in_any_order_and_a_corrected_amount_is_the_same_deal(ledger):
    first = nameless(["Won", "Won", "Lost"], [100.0, 250.0, None])
    assert ledger.load("outcomes", first).new == 3
    for again in (first, first.iloc[::-1].reset_index(drop=True)):
        done = ledger.load("outcomes", again)
        assert (done.new, done.changed, done.same) == (0, 0, 3)
    done = ledger.load("outcomes", nameless(["Won", "Won"], [100.0, 270.0]))
    assert (done.new, done.changed, done.same) == (0, 1, 1)
    assert sorted(ledger.returned("outcomes")["amount"].dropna()) == [100.0, 270.0]
    assert ledger.load("outcomes", nameless(["Won"], [270.0], "2026-04-02")).new == 1


def test_a_disposition_without_an_id_is_one_of_its_day_and_a_click_stands_beside_it(ledger):
    rows = pd.DataFrame({"account_id": ["A", "A", "B"], "at": pd.Timestamp("2026-04-01"),
                         "code": ["not_reached", "reason_wrong", "meeting"]})  # fmt: skip
    assert ledger.load("dispositions", rows).new == 3
    assert ledger.load("dispositions", rows).same == 3
    done = ledger.load("dispositions", rows.assign(code=["no_interest", "reason_wrong", "meeting"]))
    assert (done.new, done.changed, done.same) == (0, 1, 2)
    assert sorted(ledger.returned("dispositions")["code"]) == ["meeting", "no_interest", "reason_wrong"]


def test_a_disposition_said_twice_word_for_word_is_said_once(ledger):
    rows = pd.DataFrame({"account_id": "A", "at": pd.Timestamp("2026-04-01"),
                         "code": ["meeting", "meeting", "no_interest"], "rep": "Ann"})  # fmt: skip
    assert ledger.load("dispositions", rows).new == 2
    assert ledger.load("dispositions", rows.iloc[::-1].reset_index(drop=True)).same == 2
    assert sorted(ledger.returned("dispositions")["code"]) == ["meeting", "no_interest"]
    assert ledger.load("dispositions", rows.assign(record_id=["D-1", "D-2", "D-3"])).new == 3, "the CRM says which"


def test_rows_with_and_without_ids_are_told_apart_in_one_file(ledger):
    rows = deals(["Won", "Won", "Won"]).assign(record_id=["O-1", "", None])
    assert ledger.load("outcomes", rows).new == 3
    assert ledger.load("outcomes", rows).same == 3


def enter_list(ledger, ids, run_id="r1"):
    table = pa.table({"account_id": ids, "tier": ["A"] * len(ids)})
    given = {"target": "generic", "model_version": "m", "as_of": "2026-03-31"}
    ledger.append([table], campaign="spring", run_id=run_id, **given)


def test_an_erased_account_is_gone_everywhere_and_stays_gone(ledger, url, tmp_path):
    enter_list(ledger, ["secret-acme", "B"])
    rows = deals(["Won"]).assign(account_id="secret-acme")
    ledger.load("outcomes", rows)
    removed = ledger.erase("secret-acme")
    assert (removed["deliveries"], removed["outcomes"], removed["activities"]) == (1, 1, 0)
    assert ledger.deliveries("spring")["account_id"].tolist() == ["B"]
    back = ledger.load("outcomes", rows)
    assert (back.new, back.erased) == (0, 1)
    if url.startswith("sqlite"):
        ledger.close()
        assert b"secret-acme" not in (tmp_path / "icp.db").read_bytes()


def test_what_is_older_than_the_date_goes_and_nothing_else(ledger):
    enter_list(ledger, ["A"])
    old = deals(["Won", "Won"]).assign(at=[pd.Timestamp("2020-01-01"), pd.Timestamp("2026-01-01")])
    ledger.load("outcomes", old)
    assert ledger.forget(datetime(2021, 1, 1))["outcomes"] == 1
    assert len(ledger.returned("outcomes")) == 1
    assert len(ledger.deliveries("spring")) == 1
    assert ledger.forget(datetime(2999, 1, 1))["deliveries"] == 1
    assert ledger.lists().empty


def write_many(url, start, n):
    ledger = Ledger(url)
    for first in range(start, start + n, 500):
        ledger.load("outcomes", deals(["Won"] * 500, first))
    ledger.close()


def test_two_writers_at_once_lose_nothing_and_double_nothing(url):
    """Ten thousand each; half of them the same records."""
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_many, args=(url, start, 10_000)) for start in (0, 5_000)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(300)
    assert [writer.exitcode for writer in writers] == [0, 0]
    ledger = Ledger(url)
    found = ledger.returned("outcomes")
    with ledger._reading() as connection:
        stored = connection.execute(sa.select(sa.func.count()).select_from(RETURNED["outcomes"])).scalar()
    ledger.close()
    assert sorted(found["record_id"]) == sorted(f"O-{i}" for i in range(15_000))
    assert stored == 15_000


def load_forever(url):
    ledger = Ledger(url)
    for start in range(0, 1_000_000, 3_000):
        ledger.load("outcomes", deals(["Won"] * 3_000, start))


def test_killed_during_a_load_the_ledger_holds_whole_loads_only(url):
    Ledger(url).close()
    context = multiprocessing.get_context("spawn")
    for wait in (0.05, 0.13, 0.31):
        writer = context.Process(target=load_forever, args=(url,))
        writer.start()
        ledger = Ledger(url)
        begun = len(ledger.returned("outcomes"))
        until = time.monotonic() + 60
        while len(ledger.returned("outcomes")) == begun and time.monotonic() < until and begun == 0:
            time.sleep(0.02)
        time.sleep(wait)
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        found = ledger.returned("outcomes")
        ledger.close()
        assert len(found) % 3_000 == 0
        assert len(found) > 0
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            assert connection.execute("pragma integrity_check").fetchone() == ("ok",)


OLD = """
create table icp_lists (campaign varchar(200) not null, run_id varchar(36) not null, delivered_at timestamp not null,
 target varchar(40) not null, model_version varchar(200) not null, as_of varchar(10), n_rows integer not null,
 primary key (campaign, run_id));
create table icp_deliveries (campaign varchar(200) not null, run_id varchar(36) not null, account_id varchar(200)
 not null, status varchar(255), tier varchar(255), fit_tier varchar(255),
 engagement_level varchar(255), profile_id varchar(255), reason_1 varchar(255), reason_2 varchar(255),
 reason_3 varchar(255), watch_out varchar(255), talking_point varchar(255),
 confidence varchar(255), propensity float, percentile float, expected_value float, arm varchar(40),
 primary key (campaign, run_id, account_id));
insert into icp_lists values ('spring', 'r0', '2026-01-01 00:00:00', 'generic', 'm', '2025-12-31', 1);
insert into icp_deliveries (campaign, run_id, account_id, tier) values ('spring', 'r0', 'A-1', 'A')
"""


def test_a_ledger_from_before_there_were_versions_keeps_what_it_holds(url):
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in OLD.split(";"):
            connection.execute(sa.text(statement))
    engine.dispose()
    ledger = Ledger(url)
    assert ledger.deliveries("spring")["tier"].tolist() == ["A"]
    assert ledger.load("outcomes", deals(["Won"])).new == 1
    ledger.close()


def test_the_tables_after_all_steps_are_those_of_the_code(url):
    ledger = Ledger(url)
    inspector = sa.inspect(ledger._engine)
    for table in (ledger._lists, ledger._deliveries, *RETURNED.values()):
        there = {column["name"] for column in inspector.get_columns(table.name)}
        assert there == {column.name for column in table.columns}, table.name
    with ledger._reading() as connection:
        assert connection.execute(sa.text("select version_num from icp_ledger_version")).scalar() == HEAD
    ledger.close()


def test_a_ledger_of_a_later_version_is_refused(url):
    ledger = Ledger(url)
    with ledger._engine.begin() as connection:
        connection.execute(sa.text("update icp_ledger_version set version_num = '9999'"))
    ledger.close()
    with pytest.raises(ConfigError, match="ICP703"):
        Ledger(url)
