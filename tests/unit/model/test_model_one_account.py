"""One account for a service: what a CRM or a form may hand over, and how what is no account is refused."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from icp import IdealCustomerModel
from icp.errors import ConfigError, TableError


@pytest.fixture(scope="module")
def served(leads):
    """A model, and one account with the names of its columns."""
    return IdealCustomerModel.load(leads.bundle), leads.accounts.drop(columns="account_id").iloc[3].to_dict()


def codes(error: pytest.ExceptionInfo[TableError]) -> list[str]:
    return [problem.code for problem in error.value.problems]


@pytest.mark.parametrize("number", [17, 2**70])
def test_a_record_number_is_an_id(served, number):
    model, account = served
    assert model.score_account(account, number) == model.score_account(account, str(number))
    assert model.score_account(json.loads(json.dumps(account)), number)["account_id"] == str(number)


@pytest.mark.parametrize("wrong", [None, "", "  ", 1.5, True, ["a"]])
def test_what_is_no_id_is_refused(served, wrong):
    model, account = served
    with pytest.raises(TableError, match="neither text nor a whole number") as error:
        model.score_account(account, wrong)
    assert codes(error) == ["ICP130"]


@pytest.mark.parametrize("wrong", [None, "text", [1], pd.Series({"a": 1})])
def test_what_is_no_mapping_is_refused(served, wrong):
    model, _ = served
    with pytest.raises(TableError, match="not a mapping") as error:
        model.score_account(wrong)
    assert codes(error) == ["ICP130"]


def test_cells_that_hold_several_values_are_refused_all_at_once(served):
    model, account = served
    read = [column.name for column in model.bundle_.columns if column.name in account]
    nested = {**account, read[0]: [3, "Retail"], read[1]: {"id": 3}, read[2]: b"12", "not read": [1]}
    with pytest.raises(TableError) as error:
        model.score_account(nested)
    assert codes(error) == ["ICP130"] * 3
    assert [problem.column for problem in error.value.problems] == [read[i] for i in range(3)]


def test_a_number_too_long_for_any_column_is_read_as_its_text(served):
    model, account = served
    for column in model.bundle_.columns:
        if column.name in account:
            assert model.score_account({**account, column.name: 10**400}) == model.score_account(
                {**account, column.name: str(10**400)}
            )


def test_one_row_taken_out_of_a_table_is_refused_with_the_way_to_keep_it_one(leads):
    model, accounts = IdealCustomerModel.load(leads.bundle), leads.accounts.set_index("account_id")
    for ask in (model.score_accounts, model.explain_accounts):
        with pytest.raises(TableError, match=r"frame\.loc\[\[account_id\]\]") as error:
            ask(accounts.iloc[0])
        assert codes(error) == ["ICP131"]


@pytest.mark.parametrize("as_of", [20260331, "", "20260331", "03/04/2026", "2026", "yesterday", "2026-13-01", True])
def test_a_date_that_is_none_is_refused_and_not_guessed(served, as_of):
    model, account = served
    with pytest.raises(ConfigError, match="ICP003"):
        model.score_account(account, as_of=as_of)
    with pytest.raises(ConfigError, match="ICP003"):
        model.score_accounts(pd.DataFrame([account]), as_of=as_of)


def test_half_a_character_is_refused_where_it_stands(served):
    """JSON can write it, and nothing can read it."""
    model, account = served
    half = json.loads('"\\ud800"')
    name = next(column.name for column in model.bundle_.columns if column.name in account)
    with pytest.raises(TableError, match="holds half a character") as error:
        model.score_account({**account, name: half, "not read": half})
    assert [(problem.code, problem.column) for problem in error.value.problems] == [("ICP130", name)]
    with pytest.raises(TableError, match="'account_id' holds half a character") as error:
        model.score_account(account, half)
    assert codes(error) == ["ICP130"]
    table = pd.DataFrame([account, {**account, name: half}], dtype=object)
    for ask in (model.score_accounts, model.explain_accounts):
        with pytest.raises(TableError, match="holds half a character") as error:
            ask(table)
        assert [(one.code, one.column, one.n_rows) for one in error.value.problems] == [("ICP131", name, 1)]
    ids = pd.DataFrame([account], dtype=object, index=pd.Index([half], dtype=object))
    with pytest.raises(TableError, match="'account_id' holds half a character") as error:
        model.score_accounts(ids)
    assert codes(error) == ["ICP131"]
    without = {key: cell for key, cell in account.items() if key != name} | {half: "a key"}
    with pytest.raises(TableError, match="ICP102"):
        model.score_account(without)
