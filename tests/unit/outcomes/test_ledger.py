"""The ledger: whole or not at all, twice is once, on SQLite."""

import pyarrow as pa
import pytest

from icp.errors import ConfigError, TableError
from icp.outcomes import Ledger, check_entries


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
