"""Accounts that are best customers already: they are told, and left off the lists where that is asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import icp
from icp._already import LabelCells, already_best, definition_options
from icp.accounts import RawTable
from icp.bundle import read
from icp.options import LabelOptions
from icp.tables import DatedTable
from trained_models import inside

OFF = "rules.customers=leave_off"


def score(trained, folder, *more, table="accounts.csv"):
    settings = [*trained.reading, f"accounts.path={table}", f"model={trained.bundle}", f"output={folder / 'out'}"]
    with inside(trained.folder):
        return icp.score.run(icp.load_config("score", [*settings, "tracking=none", *more]))


def keys(result):
    return set(pd.read_csv(next((result.output / "generic").glob("scores.*.csv")), dtype=str)["account_key"])


def told(result):
    return {finding.code: finding for finding in result.findings if finding.code in ("ICP766", "ICP767")}


@pytest.fixture(scope="module")
def best(leads):
    table = leads.accounts
    return set(table["account_id"][table["best"] == "yes"])


def test_without_a_list_it_is_a_note_and_with_one_a_warning(leads, best, tmp_path):
    alone = told(score(leads, tmp_path))["ICP766"]
    assert (alone.severity, alone.n_rows) == ("note", len(best))
    result = score(leads, tmp_path, "delivery=generic")
    found = told(result)["ICP766"]
    assert found.severity == "warning" and best < keys(result)
    assert found.message == (
        f"{len(best):,} of 1,200 accounts are best customers already ('best' is yes), and the lists hold them too; "
        "rules.customers=leave_off leaves them off."
    )


def test_they_are_left_off_the_lists_with_the_reason_but_for_those_that_a_person_puts_on(leads, best, tmp_path):
    wanted = sorted(best)[0]
    (tmp_path / "include.csv").write_text(f"account_id,reason\n{wanted},upsell\n", "utf-8")
    result = score(leads, tmp_path, "delivery=generic", OFF, f"rules.include=[{tmp_path / 'include.csv'}]")
    assert keys(result) & best == {wanted} and len(keys(result)) == 1200 - len(best) + 1
    off = pd.read_csv(result.output / "lists" / "left_off.csv", dtype=str)
    assert set(off["account_id"]) == best - {wanted} and set(off["reason"]) == {"already a best customer"}
    assert told(result)["ICP766"].severity == "note" and len(result.scores) == 1200
    assert f"left off the lists: {len(best) - 1:,} excluded; each with its reason: " in result.summary()


def test_a_winner_of_the_past_is_left_off_and_one_of_later_is_not(dated, tmp_path):
    outcomes = pd.read_csv(dated.folder / "outcomes.csv", dtype=str)
    won = outcomes[outcomes["stage"] == "Won"]
    before = set(won["account_id"][won["at"] <= "2026-03-31"])
    later = set(won["account_id"]) - before
    result = score(dated, tmp_path, "delivery=generic", OFF, "as_of=2026-03-31", table="dated.csv")
    assert before and later and keys(result).isdisjoint(before) and later < keys(result)
    found = told(result)["ICP766"]
    assert (found.n_rows, found.severity) == (len(before), "note")
    assert "(an outcome Won up to 2026-03-31); they are left off the lists." in found.message


def test_a_table_that_does_not_show_it_is_told_only_where_that_matters(leads, tmp_path):
    leads.accounts.drop(columns=["best"]).to_csv(tmp_path / "new.csv", index=False)
    assert told(score(leads, tmp_path, "delivery=generic", table=tmp_path / "new.csv")) == {}
    result = score(leads, tmp_path, "delivery=generic", OFF, table=tmp_path / "new.csv")
    assert "the accounts have no column 'best'" in told(result)["ICP767"].message and len(keys(result)) == 1200


def look(bundle, cells, **parameters):
    """Who is best in a table of one column besides the id, by another definition."""
    definition = {"parameters": {"recipe": "flag", "column": "stage", "positive": None, **parameters}}
    other = replace(bundle, card={**bundle.card, "definition": definition})
    table = pa.table({"id": [f"A-{i}" for i in range(len(cells))], "stage": cells})
    raw = RawTable(table, "a test", "csv", None, None, None, ())
    options = definition_options(other)
    return already_best(options, LabelCells.of(raw, "id", options.column), None, np.datetime64("NaT"))


@pytest.mark.parametrize(
    ("cells", "parameters", "best"),
    [
        (["Won", " won ", "Lost", "", None, "Won"], {}, ["A-0", "A-1", "A-5"]),
        (["Gold", "gold", "Silver "], {"positive": ["Gold", "Silver"]}, ["A-0", "A-2"]),
        ([1.0, 0.0, None, 1.0], {"positive": 1}, ["A-0", "A-3"]),
        ([True, False], {"positive": "yes", "recipe": "customers"}, ["A-0"]),
        (["new", "open"], {"positive": "Won"}, []),
    ],
)
def test_cells_are_read_as_the_label_was(leads, cells, parameters, best):
    assert look(read(leads.bundle), cells, **parameters).ids.to_pylist() == best


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        ({"recipe": "won"}, "no outcomes"),
        ({"recipe": "revenue"}, "can be best again"),
        ({"recipe": "flag", "column": "elsewhere"}, "no column 'elsewhere'"),
    ],
)
def test_what_shows_nobody_says_why(leads, parameters, why):
    seen = look(read(leads.bundle), ["Won"], **parameters)
    assert (seen.how, len(seen.ids)) == ("", 0) and why in seen.why_not


def test_outcomes_without_a_lost_one_show_all_the_same_who_won():
    rows = pd.DataFrame({"account_id": ["A-1"], "at": [pd.Timestamp("2026-01-02")], "kind": ["Won"]})
    options = LabelOptions(recipe="won", positive="Won", negative=["Lost"])
    outcomes = DatedTable("outcomes", rows, "a test", True, False)
    seen = already_best(options, None, outcomes, np.datetime64("NaT"))
    assert seen.ids.to_pylist() == ["A-1"]
