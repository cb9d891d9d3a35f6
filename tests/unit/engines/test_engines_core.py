"""The batch core: pure, the same from several threads, honest when its reasons do not add up."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from icp.accounts import RawTable
from icp.bundle import read
from icp.engines import prepare, score_batch, score_frame, score_table, to_text
from icp.errors import TableError
from icp.options import AccountOptions


@pytest.fixture(scope="module")
def prepared(leads):
    cells = pa.Table.from_pandas(leads.accounts.iloc[:200], preserve_index=False)
    raw = RawTable(cells, "accounts.csv", "csv", ",", "utf-8", None, ())
    rows, context, _ = prepare(raw, read(leads.bundle), AccountOptions(account_id="account_id"))
    return rows.table(), context


@dataclass(frozen=True)
class OffBy:
    """A score whose own margin is not the sum of its contributions."""

    score: object
    error: float

    @property
    def base(self):
        return self.score.base

    def contributions(self, X):
        return self.score.contributions(X)

    def check_margin(self, X):
        return self.score.check_margin(X) + self.error


def test_contributions_that_do_not_add_up_give_scores_without_reasons_and_an_issue(prepared):
    table, context = prepared
    off = replace(context, bundle=replace(context.bundle, score=OffBy(context.bundle.score, 1e-4)))
    right, wrong = score_table(table, context), score_table(table, off)
    assert [(finding.code, finding.severity) for finding in wrong.findings] == [("ICP404", "issue")]
    assert wrong.frame()[["reason_1", "reason_2", "reason_3", "watch_out"]].isna().all().all()
    assert wrong.frame()["propensity"].equals(right.frame()["propensity"])
    assert right.frame()["reason_1"].notna().any()


def test_a_difference_of_rounding_is_no_issue(prepared):
    table, context = prepared
    off = replace(context, bundle=replace(context.bundle, score=OffBy(context.bundle.score, 1e-8)))
    assert score_table(table, off).findings == ()


def test_batches_scored_from_several_threads_are_the_same(prepared):
    table, context = prepared
    batches = [table.slice(start, 25).combine_chunks().to_batches()[0] for start in range(0, 200, 25)]
    with ThreadPoolExecutor(4) as pool:
        side_by_side = list(pool.map(lambda batch: score_batch(batch, context)[0], batches * 2))
    one_by_one = [score_batch(batch, context)[0] for batch in batches]
    assert all(one.equals(two) for one, two in zip(one_by_one * 2, side_by_side, strict=True))


def test_a_batch_is_left_as_it_was(prepared):
    table, context = prepared
    before = table.to_pandas()
    score_table(table, context, 50)
    pd.testing.assert_frame_equal(table.to_pandas(), before)


def test_numbers_are_written_without_exponent_and_with_fixed_decimals():
    table = pa.table({"propensity": [0.000001, 1.0, 0.5], "expected_value": [1e15, 0.0, None], "tier": ["A", None, ""]})
    text = to_text(table).to_pydict()
    assert text["propensity"] == ["0.000001", "1.000000", "0.500000"]
    assert text["expected_value"] == ["1000000000000000.00", "0.00", None]


def test_history_that_the_model_reads_and_nobody_gives_is_asked_for(dated):
    with pytest.raises(TableError) as refused:
        score_frame(read(dated.bundle), dated.accounts.set_index("account_id"))
    assert [problem.code for problem in refused.value.problems] == ["ICP401", "ICP401"]
    assert "events=csv" in str(refused.value) and "outcomes=csv" in str(refused.value)


def test_parsed_numbers_and_cells_as_text_get_the_same_scores(leads):
    bundle, text = read(leads.bundle), leads.accounts.set_index("account_id").iloc[:50]
    numbers = text.assign(
        employees=pd.to_numeric(text["employees"]), webinar_visits=pd.to_numeric(text["webinar_visits"]).astype("Int64")
    )
    dates = numbers.assign(created_on=pd.to_datetime(text["created_on"]))
    pd.testing.assert_frame_equal(score_frame(bundle, dates), score_frame(bundle, text))


def test_a_table_keeps_its_own_index_as_ids(leads):
    bundle, frame = read(leads.bundle), leads.accounts.drop(columns=["account_id"]).iloc[:4]
    frame.index = [7, 8, 9, 10]
    assert score_frame(bundle, frame).index.tolist() == ["7", "8", "9", "10"]
    assert np.isfinite(score_frame(bundle, frame)["propensity"]).all()


def test_a_model_without_signal_says_so_at_every_scoring(leads):
    raw = RawTable(pa.Table.from_pandas(leads.accounts.iloc[:5]), "accounts.csv", "csv", ",", "utf-8", None, ())
    bundle, options = read(leads.bundle), AccountOptions(account_id="account_id")
    assert "ICP405" not in {finding.code for finding in prepare(raw, bundle, options)[2]}
    found = {finding.code: finding.severity for finding in prepare(raw, replace(bundle, signal=False), options)[2]}
    assert found["ICP405"] == "issue"


def test_a_date_before_the_models_own_is_said(leads):
    raw = RawTable(pa.Table.from_pandas(leads.accounts.iloc[:5]), "accounts.csv", "csv", ",", "utf-8", None, ())
    bundle, options = replace(read(leads.bundle), as_of="2026-03-31"), AccountOptions(account_id="account_id")
    for as_of, said in (("2020-01-01", True), ("2026-03-31", False), ("2027-01-01", False)):
        findings = prepare(raw, bundle, options, as_of=pd.Timestamp(as_of))[2]
        assert ("ICP406" in {finding.code for finding in findings}) is said
        assert "ICP226" not in {finding.code for finding in findings}
    (told,) = (one for one in prepare(raw, bundle, options)[2] if one.code == "ICP226")
    assert "2026-03-31, the date of the model, was taken" in told.message and told.severity == "note"
