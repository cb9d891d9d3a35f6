"""Accounts from a database, row by row from the server."""

import datetime
import decimal

import pytest
import sqlalchemy as sa

from icp.accounts import _sql as reader
from icp.accounts import read_accounts, read_raw
from icp.errors import TableError
from icp.options import AccountOptions

ROWS = [
    (
        f"A-{n:03d}",
        n * 10,
        decimal.Decimal("1.50") * n if n % 4 else None,
        n % 3 == 0,
        datetime.date(2020, 1, 1 + n % 28),
    )
    for n in range(250)
]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request, tmp_path):
    address = f"sqlite:///{tmp_path}/crm.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    engine = sa.create_engine(address)
    columns = (
        sa.Column("id", sa.Text), sa.Column("seats", sa.Integer), sa.Column("revenue", sa.Numeric(12, 2)),
        sa.Column("partner", sa.Boolean), sa.Column("founded", sa.Date),
    )  # fmt: skip
    table = sa.Table("leads", sa.MetaData(), *columns)
    names = [column.name for column in columns]
    with engine.begin() as connection:
        table.drop(connection, checkfirst=True)
        table.create(connection)
        connection.execute(table.insert(), [dict(zip(names, row, strict=True)) for row in ROWS])
    engine.dispose()
    return address


def options(url, query="SELECT * FROM leads ORDER BY id"):
    return AccountOptions(source="sql", url=url, query=query, account_id="id")


@pytest.mark.parametrize("at_a_time", [50_000, 7])
def test_a_table_of_a_database_is_read_with_its_types(url, monkeypatch, at_a_time):
    monkeypatch.setattr(reader, "_ROWS_AT_A_TIME", at_a_time)
    table = read_accounts(options(url))
    kinds = {column.name: column.kind for column in table.columns}
    assert kinds == {
        "id": "identifier", "seats": "numeric", "revenue": "numeric", "founded": "date",
        "partner": "boolean" if "postgresql" in url else "numeric",
    }  # fmt: skip
    assert table.frame.index.tolist() == [row[0] for row in ROWS]
    assert table.frame["seats"].tolist() == [row[1] for row in ROWS]
    assert table.frame["revenue"].isna().tolist() == [row[2] is None for row in ROWS]
    assert table.frame["revenue"].fillna(0).tolist() == [float(row[2] or 0) for row in ROWS]
    answers = [("no", "yes"), (0.0, 1.0)]["sqlite" in url]  # SQLite has no booleans
    assert table.frame["partner"].tolist() == [answers[row[3]] for row in ROWS]
    assert table.frame["founded"].dt.date.tolist() == [row[4] for row in ROWS]


def test_nothing_can_be_written(url):
    with pytest.raises(TableError) as caught:
        read_raw(options(url, "WITH gone AS (DELETE FROM leads RETURNING id) SELECT * FROM gone"), "accounts")
    assert caught.value.problems[0].code == "ICP109"
    assert read_raw(options(url), "accounts").table.num_rows == 250


def test_a_table_that_is_not_there_is_named_without_the_cursor(url):
    with pytest.raises(TableError) as caught:
        read_raw(options(url, "SELECT * FROM leds"), "accounts")
    (problem,) = caught.value.problems
    assert "refuses the query" in problem.message
    assert "leds" in problem.message
    assert "CURSOR" not in problem.message
    assert problem.action == "Check accounts.query."


def test_who_is_not_let_in_is_told_where_the_password_is_read():
    with pytest.raises(TableError) as caught:
        read_raw(options("postgresql+psycopg://sales:geheim@127.0.0.1:1/crm"), "accounts")
    (problem,) = caught.value.problems
    assert "sales:***@127.0.0.1:1/crm cannot be reached for table 'accounts'" in problem.message
    assert "~/.pgpass" in problem.action


@pytest.mark.parametrize(("start", "told"), [("postgres", "postgresql+psycopg://"), ("snow", "Check accounts.url.")])
def test_an_address_of_no_known_kind_says_how_one_is_written(start, told):
    with pytest.raises(TableError) as caught:
        read_raw(options(f"{start}://sales:geheim@127.0.0.1:1/crm"), "accounts")
    assert told in caught.value.problems[0].action
    assert "geheim" not in str(caught.value)


def test_parts_whose_types_do_not_go_together_are_text(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "_ROWS_AT_A_TIME", 2)
    query = "SELECT 1 AS a, NULL AS b UNION ALL SELECT 2, NULL UNION ALL SELECT 'x', 2.5 UNION ALL SELECT NULL, 3"
    cells = read_raw(options("sqlite://", query), "accounts").table
    assert cells.column("a").to_pylist() == ["1", "2", "x", None]
    assert cells.column("b").to_pylist() == [None, None, 2.5, 3.0]


def test_a_query_without_rows_is_refused_by_name(url):
    with pytest.raises(TableError, match="has no rows"):
        read_raw(options(url, "SELECT * FROM leads WHERE seats < 0"), "accounts")


def test_a_database_file_that_is_not_there_is_not_made(tmp_path):
    options = AccountOptions(source="sql", url=f"sqlite:///{tmp_path}/nowhere.db", query="SELECT * FROM accounts")
    with pytest.raises(TableError, match="no database file"):
        read_accounts(options)
    assert not list(tmp_path.iterdir())
