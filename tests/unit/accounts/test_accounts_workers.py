"""A score is of accounts, not of the people who work them."""

import pyarrow as pa
import pytest

from icp.accounts import RawTable, infer_columns
from icp.options import AccountOptions


def column(name, **options):
    cells = pa.table({name: pa.array(["Ann", "Bob", "Cem"] * 100)})
    raw = RawTable(cells, "x.csv", "csv", ",", "utf-8", ".", ())
    return infer_columns(raw, AccountOptions(**options))[0]


@pytest.mark.parametrize("name", ["owner", "sales_agent", "Account Manager", "LeadOwner", "sdr_id", "Sales Rep"])
def test_a_column_that_names_who_works_the_account_is_left_out_and_says_why(name):
    found = column(name)
    assert found.role == "ignored"
    assert "who works the account" in found.reason


@pytest.mark.parametrize("name", ["ownership", "homeowner_type", "agent_count_band", "manager_type", "reply"])
def test_names_that_only_sound_alike_stay_traits(name):
    assert column(name).role == "trait"


def test_declaring_the_column_brings_it_back():
    assert column("owner", categorical=["owner"]).role == "trait"
