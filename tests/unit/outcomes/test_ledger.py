"""The ledger: whole or not at all, twice is once; on SQLite, and the arms of a campaign on PostgreSQL too."""

import sqlite3

import pyarrow as pa
import pytest

from icp.errors import ConfigError, TableError
from icp.outcomes import Ledger, _migrate, check_entries


def scores(n):
    columns = {
        "account_id": [f"A-{i}" for i in range(n)],
        "status": ["scored"] * n,
        "tier": ["A"] * n,
        "propensity": [0.5] * n,
        "percentile": [99.0] * n,
        "reason_1": ["Because it fits."] * n,
        "as_of": ["2026-03-31"] * n,
        "model_version": ["icp-abc"] * n,
    }
    return pa.table(columns)


def enter(ledger, table, campaign="spring"):
    """A list, in parts of two rows."""
    parts = [table.slice(start, 2) for start in range(0, len(table), 2)]
    given = {"run_id": "r1", "target": "generic", "model_version": "icp-abc", "as_of": "2026-03-31"}
    return ledger.append(parts, campaign=campaign, **given)


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger(f"sqlite:///{tmp_path}/deep/folder/icp.db")
    yield ledger
    ledger.close()


def test_a_list_is_remembered_with_every_account(ledger):
    assert enter(ledger, scores(3))
    rows = ledger.deliveries("spring")
    assert list(rows["account_id"]) == ["A-0", "A-1", "A-2"]
    assert list(rows["tier"]) == ["A"] * 3
    assert ledger.lists()["n_rows"].tolist() == [3]


def test_the_same_list_twice_changes_nothing(ledger):
    enter(ledger, scores(3))
    before = ledger.deliveries("spring")
    assert not enter(ledger, scores(3))
    assert ledger.deliveries("spring").equals(before)
    assert len(ledger.lists()) == 1


def test_a_list_that_cannot_be_entered_whole_leaves_no_trace(ledger):
    ids = pa.array(["A-0", "A-1", None], pa.string())
    nameless = scores(3).set_column(0, "account_id", ids)
    with pytest.raises(ConfigError, match="ICP701"):
        enter(ledger, nameless)
    assert ledger.deliveries("spring").empty
    assert ledger.lists().empty


def test_repeated_and_overlong_ids_are_refused_together():
    with pytest.raises(TableError) as refused:
        check_entries(lambda: [pa.array(["A-0", "x" * 201]), pa.array(["A-0"])])
    assert [(problem.code, problem.n_rows) for problem in refused.value.problems] == [("ICP702", 2), ("ICP702", 1)]
    assert [problem.examples for problem in refused.value.problems] == [("A-0",), ("x" * 60,)]


def test_campaigns_do_not_mix(ledger):
    enter(ledger, scores(3))
    enter(ledger, scores(2), "autumn")
    assert len(ledger.deliveries("autumn")) == 2


@pytest.mark.parametrize(
    "url", ["nonsense", "sqlite:////proc/none/x.db", "postgresql+psycopg://u:secret@127.0.0.1:1/x"]
)
def test_an_unusable_address_is_one_block_without_its_password(url):
    with pytest.raises(ConfigError, match="ICP701") as caught:
        Ledger(url)
    assert "secret" not in str(caught.value)
    assert ("PGPASSFILE" in str(caught.value)) == url.startswith("postgresql")


def test_a_damaged_ledger_is_told_with_what_to_do(tmp_path):
    url, file = f"sqlite:///{tmp_path}/icp.db", tmp_path / "icp.db"
    Ledger(url).close()
    with sqlite3.connect(file) as direct:
        direct.execute("DROP TABLE icp_outcomes")
        direct.execute("ALTER TABLE icp_deliveries DROP COLUMN tier")
    ledger = Ledger(url)
    for read in (lambda: ledger.deliveries("spring"), lambda: ledger.returned("outcomes")):
        with pytest.raises(ConfigError, match=r"ICP701 .* is missing.* from a backup"):
            read()
    ledger.close()
    file.write_text("hello" * 500)
    with pytest.raises(ConfigError, match=r"ICP701 .* is damaged.* from a backup"):
        Ledger(url)


def test_a_ledger_that_another_process_holds_is_told_as_that(tmp_path, monkeypatch):
    monkeypatch.setattr(_migrate, "_WAIT_SECONDS", 0.1)
    url = f"sqlite:///{tmp_path}/icp.db"
    ledger = Ledger(url)
    other = sqlite3.connect(tmp_path / "icp.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    for asked in (lambda: enter(ledger, scores(2)), ledger.lists, lambda: Ledger(url)):
        with pytest.raises(ConfigError, match=r"ICP701 .*another process has held it.*Wait until"):
            asked()
    other.execute("ROLLBACK")
    other.close()
    assert enter(ledger, scores(2))
    ledger.close()


def test_postgresql_is_quoted_where_it_refuses(postgres_url):
    with pytest.raises(ConfigError, match="refused") as closed:
        Ledger("postgresql+psycopg://u:secret@127.0.0.1:1/x")
    assert "secret" not in str(closed.value)
    with pytest.raises(ConfigError, match='database "nowhere" does not exist'):
        Ledger(postgres_url.rsplit("/", 1)[0] + "/nowhere")


def test_an_old_name_of_postgresql_is_told_how_it_is_written():
    with pytest.raises(ConfigError, match=r"postgresql\+psycopg://role@host"):
        Ledger("postgres://u:secret@127.0.0.1/x")


def test_a_ledger_of_an_earlier_version_gets_the_columns_it_lacks(tmp_path):
    url = f"sqlite:///{tmp_path}/old.db"
    old = sqlite3.connect(tmp_path / "old.db")
    old.execute(
        "CREATE TABLE icp_lists (campaign TEXT, run_id TEXT, delivered_at TEXT, target TEXT, model_version TEXT,"
        " as_of TEXT, n_rows INTEGER, PRIMARY KEY (campaign, run_id))"
    )
    old.execute(
        "CREATE TABLE icp_deliveries (campaign TEXT, run_id TEXT, account_id TEXT, status TEXT, tier TEXT,"
        " fit_tier TEXT, engagement_level TEXT, profile_id TEXT, reason_1 TEXT, reason_2 TEXT, reason_3 TEXT,"
        " watch_out TEXT, talking_point TEXT, confidence TEXT, propensity REAL, percentile REAL, expected_value REAL,"
        " arm TEXT, PRIMARY KEY (campaign, run_id, account_id))"
    )
    old.execute("INSERT INTO icp_deliveries (campaign, run_id, account_id, tier) VALUES ('spring', 'r0', 'A-0', 'A')")
    old.commit()
    old.close()
    ledger = Ledger(url)
    try:
        assert ledger.arms("spring") == {"A-0": False}
        assert enter(ledger, scores(3).append_column("band", pa.array([9, 8, 7])))
        assert sorted(ledger.deliveries("spring")["band"].dropna()) == [7, 8, 9]
    finally:
        ledger.close()


def test_arms_of_a_campaign(ledger):
    table = scores(4).append_column("arm", pa.array(["held_out", "treated", None, None]))
    enter(ledger, table.append_column("left_out", pa.array(["held_out", None, "low_confidence", None])))
    assert ledger.arms("spring") == {"A-0": True, "A-1": False, "A-3": False}
    assert ledger.arms("autumn") == {}


def test_whoever_had_no_slot_on_a_call_list_with_a_hold_out_has_no_arm(ledger):
    table = scores(5).append_column("arm", pa.array(["held_out", "treated", None, None, None]))
    table = table.append_column("left_out", pa.array(["held_out", None, None, None, None]))
    table = table.append_column("rep", pa.array([None, "Ann", "Bob", None, None], pa.string()))
    given = {"run_id": "r2", "target": "generic", "model_version": "icp-abc", "as_of": "2026-03-31"}
    ledger.append([table], campaign="spring", holdout={"share": 0.2}, **given)
    assert ledger.arms("spring") == {"A-0": True, "A-1": False, "A-2": False}
    assert ledger.drawn("spring") == {"A-0", "A-1"} and ledger.drawn("spring", but="r2") == set()
    enter(ledger, scores(5).slice(4))  # delivered on a list without a hold-out
    assert ledger.arms("spring")["A-4"] is False and "A-3" not in ledger.arms("spring")


@pytest.mark.postgres
def test_a_call_list_with_arms_on_a_server(postgres_url):
    ledger = Ledger(postgres_url)
    try:
        table = scores(3).append_column("arm", pa.array(["held_out", "treated", None]))
        for name, cells in (
            ("left_out", ["held_out", None, None]),
            ("rep", [None, "Ann", "Bob"]),
            ("week", [None, "1", "2"]),
        ):
            table = table.append_column(name, pa.array(cells, pa.string()))
        assert enter(ledger, table, "on a server") and not enter(ledger, table, "on a server")
        assert ledger.arms("on a server") == {"A-0": True, "A-1": False, "A-2": False}
        assert ledger.deliveries("on a server")["rep"].tolist()[1:] == ["Ann", "Bob"]
    finally:
        ledger.close()
