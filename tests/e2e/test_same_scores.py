"""The same rows get the same scores: run again, trained again, in another order, in other batches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from commands import contents

import icp
from icp._sources import as_of_date, read_history, read_raw_accounts
from icp.bundle import read
from icp.config import resolve
from icp.engines import ScoringRun, prepare
from trained_models import DATED, inside, shared, train, write_crm

MODELS = ("leads", "dated", "observed")


@pytest.fixture(params=MODELS)
def trained(request):
    return request.getfixturevalue(request.param)


def scored(trained, *overrides, change=None, batch_rows=20_000):
    """Scores of the model's own accounts through the calls of the command, the source changed first."""
    with inside(trained.folder):
        source = next(text for text in trained.overrides if text.startswith("accounts.path="))
        config = resolve(icp.load_config("score", [*trained.reading, source, f"model={trained.bundle}", *overrides]))
        bundle = read(config.model)
        events, outcomes = read_history(config)
        raw = read_raw_accounts(config, events, outcomes)
        if change is not None:
            raw = replace(raw, table=change(raw.table))
        rows, context, _ = prepare(
            raw, bundle, config.accounts, events=events, outcomes=outcomes, as_of=as_of_date(config)
        )
    run = ScoringRun(context, len(rows))
    scored = [batch for batch, _ in run.over(rows.cells(batch_rows), rows.complete, len)]
    return pa.Table.from_batches(scored).to_pandas()


@pytest.fixture(scope="module")
def reference(request):
    kept = {}

    def get(trained):
        if trained.name not in kept:
            kept[trained.name] = scored(trained)
        return kept[trained.name]

    return get


@pytest.mark.parametrize(("batch_rows", "n_rows"), [(1, 60), (7, 300), (1000, None)])
def test_batch_size_changes_no_row(trained, reference, batch_rows, n_rows):
    expected = reference(trained).iloc[:n_rows]
    given = scored(trained, change=lambda table: table.slice(0, n_rows), batch_rows=batch_rows)
    pd.testing.assert_frame_equal(given, expected, check_exact=True)


def test_row_order_changes_no_row(trained, reference):
    order = np.random.default_rng(0).permutation(len(reference(trained)))
    shuffled = scored(trained, change=lambda table: table.take(pa.array(order)))
    expected = reference(trained).iloc[order].reset_index(drop=True)
    pd.testing.assert_frame_equal(shuffled, expected, check_exact=True)


def test_column_order_changes_no_row(trained, reference):
    def turn(table):
        return table.select(table.column_names[::-1])

    pd.testing.assert_frame_equal(scored(trained, change=turn), reference(trained), check_exact=True)


def test_the_rows_beside_a_row_change_nothing_of_it(trained, reference):
    half = scored(trained, change=lambda table: table.slice(3, 40), batch_rows=11)
    expected = reference(trained).iloc[3:43].reset_index(drop=True)
    pd.testing.assert_frame_equal(half, expected, check_exact=True)


@pytest.mark.parametrize("verify", ["reasons.verify=all", "seed=5"])
def test_settings_that_are_no_part_of_a_score_change_none(trained, reference, verify):
    pd.testing.assert_frame_equal(scored(trained, verify), reference(trained), check_exact=True)


def test_two_runs_write_the_same_bytes(command, leads, tmp_path):
    for output in ("one", "two"):
        ended = command(
            "score", *leads.reading, f"accounts.path={leads.folder / 'accounts.csv'}", f"model={leads.bundle}",
            f"output={output}", "delivery=generic",
        )  # fmt: skip
        assert ended.code == 0, ended.err
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    differing = {name for name in one if one[name] != two.get(name)} | set(two) - set(one)
    assert differing <= {"config.yaml"}


def test_training_again_gives_the_same_model_and_scores(dated, tmp_path_factory):
    def make(folder):
        write_crm(folder)
        train(folder, "dated", (*DATED, "tracking=none"))

    folder = shared(tmp_path_factory, "model-dated-again", make)
    first, again = contents(dated.folder / "out/dated"), contents(folder / "out/dated")
    assert first.keys() == again.keys()
    assert [name for name in first if first[name] != again[name]] == []


def test_parquet_scores_equal_the_csv(command, leads):
    place = f"accounts.path={leads.folder / 'accounts.csv'}"
    command("score", *leads.reading, place, f"model={leads.bundle}", "output=csv")
    ended = command("score", *leads.reading, place, f"model={leads.bundle}", "output=pq", "format=parquet")
    assert ended.code == 0, ended.err
    table = pd.read_parquet(ended.folder / "pq/scores.parquet")
    text = ended.scores("csv")
    assert list(table.columns) == list(text.columns)
    assert [f"{value:.6f}" for value in table["propensity"]] == text["propensity"].tolist()
    assert table["reason_1"].fillna("").tolist() == text["reason_1"].tolist()
