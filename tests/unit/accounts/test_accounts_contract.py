"""The contract of the tables a model is learned from."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from icp import load_config
from icp._inputs import read_inputs
from icp.accounts import check_accounts, check_dated
from icp.errors import TableError
from icp.tables import AccountTable, Column, DatedTable


def said(check, table):
    with pytest.raises(TableError) as caught:
        check(table)
    assert {problem.code for problem in caught.value.problems} == {"ICP124"}
    return [problem.message for problem in caught.value.problems]


def accounts(**data):
    index = pd.Index(["A", "B", "C", "D"], dtype="str", name="account_id")
    kinds = {"size": "numeric", "founded": "date", "shop": "boolean", "sector": "categorical"}
    frame = pd.DataFrame(data, index=index)
    columns = tuple(Column(name, "trait", kind, "") for name, kind in kinds.items() if name in data)
    return AccountTable(frame, columns, "demo.csv", None)


def test_all_breaches_are_told_at_once_with_ids_and_without_cells():
    table = accounts(
        size=[1.0, np.inf, np.nan, 2.0],
        founded=["1999"] * 4,
        shop=pd.array(["yes", "maybe", None, "no"], dtype="str"),
        sector=[1, 2, 3, 4],
        surprise=[0.0] * 4,
    )
    assert sorted(said(check_accounts, table)) == [
        "column 'founded' is not of type datetime64.",
        "column 'sector' is not of type text.",
        "column 'shop' is neither yes nor no.",
        "column 'size' is infinite.",
        "column 'surprise' does not belong there.",
    ]
    with pytest.raises(TableError, match=r"is infinite. \(1 row, e.g. B\)"):
        check_accounts(table)


def test_ids_are_text_filled_and_unique():
    table = accounts(size=[1.0] * 4)
    twice = pd.Index(["A", "A", "", "D"], dtype="str", name="account_id")
    broken = AccountTable(table.frame.set_axis(twice), table.columns, "demo.csv", None)
    assert sorted(said(check_accounts, broken)) == ["column 'account_id' is empty.", "column 'account_id' repeats."]
    numbers = AccountTable(table.frame.set_axis(pd.Index([1, 2, 3, 4], name="account_id")), table.columns, "d", None)
    assert "column 'account_id' is not of type text." in said(check_accounts, numbers)


def test_ids_may_repeat_where_rows_have_their_own_date():
    table = accounts(size=[1.0] * 4)
    twice = pd.Index(["A", "A", "B", "D"], dtype="str", name="account_id")
    days = pd.Series(pd.date_range("2026-01-01", periods=4).as_unit("us"), index=twice)
    check_accounts(AccountTable(table.frame.set_axis(twice), table.columns, "demo.csv", None, days))


def test_dated_rows_are_sorted_dated_and_complete():
    frame = pd.DataFrame({
        "account_id": pd.array(["a", "", "c"], dtype="str"),
        "at": pd.to_datetime(["2026-01-03", "2026-01-01", None]),
        "kind": pd.array(["x"] * 3, dtype="str"),
        "amount": [1, 2, 3],
    })  # fmt: skip
    assert sorted(said(check_dated, DatedTable("events", frame, "demo.csv", True, True))) == [
        "column 'account_id' is empty.",
        "column 'amount' is not of type float64.",
        "column 'at' is missing.",
        "column 'at' is not sorted.",
    ]
    assert sorted(said(check_dated, DatedTable("events", frame[["account_id"]], "demo.csv", True, True)))[-3:] == [
        "column 'amount' is not there.",
        "column 'at' is not there.",
        "column 'kind' is not there.",
    ]


def test_what_the_readers_give_keeps_the_contract():
    inputs = read_inputs(load_config("train"))
    assert len(inputs.accounts) == 5000


def test_scoring_never_loads_it():
    code = "import sys, icp.score, icp._serving, icp.engines, icp.accounts; sys.exit('pandera' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_checking_loads_nothing_of_spark_and_sets_nothing_for_it():
    code = (
        "import os, sys; before = set(os.environ)\n"
        "from icp import load_config, read_inputs; read_inputs(load_config('train'))\n"
        "assert 'pandera' in sys.modules and set(os.environ) == before, set(os.environ) - before\n"
        "assert not [name for name in sys.modules if name.split('.')[0] == 'pyspark']"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
