import numpy as np
import pandas as pd
import pytest

from icp.accounts import account_ids, column_report, derive_accounts, read_accounts, read_dated, read_raw
from icp.errors import ConfigError, TableError
from icp.options import AccountOptions, DatedOptions


@pytest.fixture
def write(tmp_path):
    def writer(text: str, name: str = "t.csv") -> str:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return str(tmp_path / name)

    return writer


def codes(table) -> list[str]:
    return [finding.code for finding in table.findings]


def test_the_frame_keeps_rows_ids_and_types(write):
    text = "id,name,n,ok,day,sector\n007,A,1,yes,2024-01-02,x\n008,B,,no,,y\n009,C,3,yes,2024-01-03,x\n"
    table = read_accounts(AccountOptions(path=write(text), account_id="id", name_column="name"))
    assert table.frame.index.tolist() == ["007", "008", "009"]
    assert table.frame.index.name == "account_id"
    assert [str(kind) for kind in table.frame.dtypes] == ["str", "str", "float64", "str", "datetime64[us]", "str"]
    assert table.names.tolist() == ["A", "B", "C"]
    assert table.as_of == pd.Timestamp("2024-01-03")
    assert "ICP122" in codes(table)


def test_a_table_without_dates_has_no_as_of(write):
    assert read_accounts(AccountOptions(path=write("id,n\n1,2\n2,3\n"), account_id="id")).as_of is None


def test_without_an_id_column_rows_are_numbered(write):
    table = read_accounts(AccountOptions(path=write("n,m\n5,1\n6,2\n")))
    assert table.frame.index.tolist() == ["1", "2"]
    assert "ICP116" in codes(table)


def test_empty_ids_are_refused_and_located(write):
    with pytest.raises(TableError) as caught:
        read_accounts(AccountOptions(path=write("id,n\n1,2\n ,3\n"), account_id="id"))
    problem = caught.value.problems[0]
    assert (problem.code, problem.n_rows, problem.examples) == ("ICP103", 1, ("row 2",))


def test_repeated_ids_are_refused_unless_the_caller_takes_them(write):
    options = AccountOptions(path=write("id,n\n1,2\n1,3\n2,4\n"), account_id="id")
    with pytest.raises(TableError, match="ICP104"):
        read_accounts(options)
    assert len(read_accounts(options, unique_ids=False)) == 3
    _, findings = account_ids(read_raw(options, "accounts"), options)
    assert [(item.code, item.severity, item.n_rows) for item in findings] == [("ICP104", "issue", 2)]


def test_ids_damaged_by_a_spreadsheet_are_said(write):
    options = AccountOptions(path=write("id,n\n1.23E+05,2\n77.0,3\nA-1,4\n"), account_id="id")
    ids, findings = account_ids(read_raw(options, "accounts"), options)
    assert ids.tolist() == ["1.23E+05", "77.0", "A-1"]
    assert [(item.code, item.n_rows) for item in findings] == [("ICP115", 2)]


@pytest.mark.parametrize("word", ["Total", "Grand Total", "TOTALS:", "Gesamtergebnis", "Total général", "Summe"])
def test_a_line_of_totals_is_said(write, word):
    options = AccountOptions(
        path=write(f"id,n\nTotalEnergies,2\nSub-total AG,3\nSummers,4\n{word},9\n"), account_id="id"
    )
    ids, findings = account_ids(read_raw(options, "accounts"), options)
    assert len(ids) == 4
    assert [(item.code, item.severity, item.n_rows) for item in findings] == [("ICP134", "warning", 1)]


def test_rows_with_their_own_date_are_unique_per_date_and_cut_at_as_of(write):
    text = "id,seen,n,last\n1,2024-01-01,5,2023-12-01\n1,2024-02-01,6,2024-03-01\n2,2024-03-01,7,2024-02-01\n"
    options = AccountOptions(path=write(text), account_id="id", observed_at="seen")
    table = read_accounts(options)
    assert table.as_of == pd.Timestamp("2024-03-01")
    assert table.frame["last"].isna().tolist() == [False, True, False]
    assert "ICP121" in codes(table)
    early = read_accounts(options, as_of="2024-02-01")
    assert early.frame.index.tolist() == early.observed_at.index.tolist() == ["1", "1"]
    assert "ICP118" in codes(early)
    with pytest.raises(TableError, match="ICP118"):
        read_accounts(options, as_of="2020-01-01")


def test_a_row_without_its_date_is_refused(write):
    with pytest.raises(TableError, match="ICP117"):
        read_accounts(AccountOptions(path=write("id,seen\n1,2024-01-01\n2,\n"), account_id="id", observed_at="seen"))


def test_dates_after_a_given_as_of_are_hidden_and_said(write):
    text = "id,won_at\n1,2024-01-01\n2,2024-06-30 13:00\n3,2024-07-01\n"
    options = AccountOptions(path=write(text), account_id="id")
    table = read_accounts(options, as_of="2024-06-30")
    assert table.frame["won_at"].isna().tolist() == [False, False, True]
    assert table.as_of == pd.Timestamp("2024-06-30")
    assert [finding.n_rows for finding in table.findings if finding.code == "ICP121"] == [1]


def test_unreadable_cells_and_open_dates_are_findings(write):
    rows = "".join(f"{i},{i * 3},0{i % 9 + 1}/0{i % 8 + 1}/2024\n" for i in range(40))
    table = read_accounts(AccountOptions(path=write("id,n,d\n" + rows + "99,many,01/02/2024\n"), account_id="id"))
    assert [(item.code, item.column, item.n_rows) for item in table.findings if item.severity == "warning"] == [
        ("ICP111", "n", 1),
        ("ICP114", "d", None),
    ]


def test_the_report_has_a_line_per_column(write):
    report = column_report(read_accounts(AccountOptions(path=write("id,n,e\n1,2,\n2,5,\n"), account_id="id")))
    assert report["column"].tolist() == ["id", "n", "e"]
    assert report["used"].tolist() == ["no", "yes", "no"]
    assert report["missing_percent"].tolist() == [0.0, 0.0, 100.0]


def dated(path: str, **options) -> DatedOptions:
    return DatedOptions(**{"source": "csv", "path": path, "account_id": "id", "at": "at", **options})


def test_dated_rows_are_sorted_and_bad_ones_counted(write):
    text = (
        "id,at,what,q,p\n2,2024-02-01,b,2,1.5\n1,2024-01-01,a,1,2\n,2024-01-05,a,1,2\n1,soon,a,1,2\n3,2024-01-01,,x,2\n"
    )
    table = read_dated("outcomes", dated(write(text), kind="what", amount="q * p"))
    assert table.frame["account_id"].tolist() == ["1", "3", "2"]
    assert table.frame["kind"].tolist() == ["a", "", "b"]
    np.testing.assert_array_equal(table.frame["amount"], [2.0, np.nan, 3.0])
    assert [str(kind) for kind in table.frame.dtypes] == ["str", "datetime64[us]", "str", "float64"]
    lost = next(finding for finding in table.findings if finding.code == "ICP120")
    assert (lost.n_rows, lost.evidence["no_id"], lost.evidence["no_date"]) == (2, 1, 1)
    assert (table.has_kind, table.has_amount) == (True, True)


def test_a_column_whose_name_holds_a_star_is_not_a_product(write):
    table = read_dated("events", dated(write("id,at,q * p\n1,2024-01-01,5\n"), amount="q * p"))
    assert table.frame["amount"].tolist() == [5.0]


def test_without_kind_and_amount_both_are_empty(write):
    table = read_dated("events", dated(write("id,at\n1,2024-01-01\n")))
    assert table.frame["kind"].tolist() == [""]
    assert table.frame["amount"].isna().all()
    assert (table.has_kind, table.has_amount) == (False, False)


def test_every_missing_column_of_a_dated_table_is_named(write):
    with pytest.raises(TableError) as caught:
        read_dated("events", dated(write("id,when\n1,2024-01-01\n"), kind="k", amount="a * b"))
    assert [problem.column for problem in caught.value.problems] == ["at", "k", "a", "b"]


def test_a_dated_table_without_one_usable_row_is_refused(write):
    with pytest.raises(TableError, match="ICP119"):
        read_dated("events", dated(write("id,at\n1,soon\n")))


def test_a_dated_table_needs_its_columns_named():
    with pytest.raises(ConfigError, match=r"outcomes\.at is not set"):
        read_dated("outcomes", DatedOptions(source="csv", path="x.csv", account_id="id"))


def test_derived_accounts_are_the_sorted_ids(write):
    one = read_dated("events", dated(write("id,at\n9,2024-01-01\n10,2024-01-02\n", "a.csv")))
    two = read_dated("outcomes", dated(write("id,at\n9,2024-03-01\n1,2024-01-02\n", "b.csv")))
    accounts = derive_accounts(one, two)
    assert accounts.frame.index.tolist() == ["1", "10", "9"]
    assert accounts.as_of == pd.Timestamp("2024-03-01")
    assert accounts.columns == ()
