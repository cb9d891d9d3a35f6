"""Drift as the score command tells it: found where planted, none where nothing changed, whatever the batches."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import icp
from icp._watching import watch_run
from icp.accounts import RawTable
from icp.bundle import read
from icp.checks import drift
from icp.engines import ScoringRun, prepare, score_table
from icp.options import AccountOptions
from icp.tables import DatedTable
from trained_models import inside


def score(leads, frame: pd.DataFrame, tmp_path):
    frame.to_csv(tmp_path / "accounts.csv", index=False)
    with inside(leads.folder):
        more = [f"accounts.path={tmp_path / 'accounts.csv'}", f"output={tmp_path / 'out'}", f"model={leads.bundle}"]
        return icp.score.run(icp.load_config("score", [*leads.reading, *more]))


def drift_codes(result) -> list[tuple[str, str | None, str]]:
    return [(f.code, f.column, f.severity) for f in result.findings if f.code.startswith("ICP41")]


def test_the_accounts_learned_from_have_not_drifted(leads, tmp_path):
    result = score(leads, leads.accounts, tmp_path)
    assert drift_codes(result) == []
    table = pd.read_csv(tmp_path / "out" / "drift.csv")
    assert table["name"].tolist() == [*(trait.name for trait in read(leads.bundle).traits), "score"]
    assert set(table["verdict"]) == {"steady"} and (table["limit"].dropna() >= 0.1).all()
    assert "drift: none" in result.summary()


def test_planted_shifts_are_told_by_the_command(leads, tmp_path):
    frame = leads.accounts.copy()
    frame["employees"] = [f"{1000 * float(cell.replace(',', ''))}" if cell else "" for cell in frame["employees"]]
    frame["industry"] = ""
    frame.loc[frame.index % 5 == 0, "country"] = "Neverland"
    result = score(leads, frame, tmp_path)
    assert {("ICP414", "employees", "issue"), ("ICP412", "industry", "issue")} <= set(drift_codes(result))
    assert ("ICP413", "country", "warning") in drift_codes(result)
    written = json.loads((tmp_path / "out" / "findings.json").read_text("utf-8"))
    assert {"ICP412", "ICP413", "ICP414"} <= {finding["code"] for finding in written}
    assert "drift: " in result.summary() and "industry (emptied)" in result.summary()


def test_few_rows_are_said_to_be_too_few(leads, tmp_path):
    result = score(leads, leads.accounts.iloc[:49], tmp_path)
    assert drift_codes(result) == [("ICP410", None, "note")]
    assert "too few rows to watch" in result.summary()


@pytest.fixture(scope="module")
def prepared(leads):
    cells = pa.Table.from_pandas(leads.accounts, preserve_index=False)
    raw = RawTable(cells, "accounts.csv", "csv", ",", "utf-8", None, ())
    rows, context, _ = prepare(raw, read(leads.bundle), AccountOptions(account_id="account_id"))
    return rows.table(), context


def test_batches_and_order_change_no_tally(prepared):
    table, context = prepared
    whole = score_table(table, context)
    order = pa.array(np.random.default_rng(0).permutation(len(table)))
    parts = score_table(table.take(order), context, batch_rows=97)
    assert np.array_equal(whole.tally, parts.tally) and whole.tally[0] == len(table)


def test_a_model_made_before_says_that_nothing_is_watched(prepared):
    table, context = prepared
    older = replace(context, bundle=replace(context.bundle, watch=None))
    scored = score_table(table, older)
    found = drift(None, scored.tally)
    assert scored.tally is None and [finding.code for finding in found.findings] == ["ICP410"]
    assert scored.table.drop(["model_version"]).equals(score_table(table, context).table.drop(["model_version"]))


def test_traits_from_dated_tables_are_watched(dated):
    names = {watch.name for watch in read(dated.bundle).watch.traits if not watch.column}
    assert any(name.startswith("events_") for name in names) and any(name.startswith("outcomes_") for name in names)


def later_outcomes(dated, best_share: float) -> DatedTable:
    """Outcomes in the window after the one the model learned from."""
    ids = dated.accounts["account_id"].to_numpy(dtype=object)
    best = np.arange(len(ids)) < best_share * len(ids)
    at = pd.Timestamp("2026-03-31") + pd.to_timedelta(np.arange(len(ids)) % 300 + 61, unit="D")
    frame = pd.DataFrame({"account_id": ids, "at": at, "kind": np.where(best, "Won", "Lost"), "amount": 1.0})
    return DatedTable("outcomes", frame.sort_values("at").reset_index(drop=True), "later.csv", True, True)


@pytest.mark.parametrize(("share", "codes"), [(0.9, ["ICP416"]), (None, [])])
def test_the_rate_of_best_customers_is_watched_once_a_new_window_is_over(dated, share, codes):
    outcomes = later_outcomes(dated, 0.5 if share is None else share)
    cells = pa.Table.from_pandas(dated.accounts, preserve_index=False)
    raw = RawTable(cells, "accounts.csv", "csv", ",", "utf-8", None, ())
    events = later_outcomes(dated, 0.5)
    as_of = pd.Timestamp("2027-01-20" if share else "2026-09-20")  # a whole window of 180 days after 2026-03-31, or not
    given = {"events": replace(events, name="events"), "outcomes": outcomes, "as_of": as_of}
    rows, context, _ = prepare(raw, read(dated.bundle), AccountOptions(account_id="account_id"), **given)
    run = ScoringRun(context, len(rows))
    assert sum(len(scored) for scored, _ in run.over(rows.cells(), rows.complete, len)) == len(rows)
    found = watch_run(run, rows.ids, outcomes)
    assert [finding.code for finding in found.findings if finding.code == "ICP416"] == codes
    assert ("best customers" in found.frame()["name"].tolist()) == bool(share)
