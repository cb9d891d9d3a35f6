"""A second definition of best: read at one date, scored without its own labels, told apart from the first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from icp import load_config, read_inputs
from icp.errors import ConfigError, NotEnoughDataError
from icp.model import compare_held_out
from icp.options import BacktestOptions, ScoringOptions, TraitOptions
from icp.reports import definitions_section

QUICK = {"traits": TraitOptions(), "scoring": ScoringOptions(max_trees=40), "options": BacktestOptions(), "seed": 0}


@pytest.fixture
def tables(tmp_path):
    """800 accounts of which nothing tells who is best; "a" and "b" are best by a coin each, "a" is open for some."""
    rng = np.random.default_rng(7)
    n = 800
    ids = np.array([f"L-{i:04d}" for i in range(n)])
    frame = pd.DataFrame({"id": ids, **{f"x{j}": rng.normal(size=n).round(6) for j in range(10)},
                          "a": rng.choice(["1", "0"], n), "b": rng.choice(["1", "0"], n)})  # fmt: skip
    frame.loc[::8, "a"] = ""
    frame.to_csv(tmp_path / "accounts.csv", index=False)
    day = pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 365, 3000), "D")
    deals = pd.DataFrame({"id": rng.choice(ids, 3000), "at": day, "stage": rng.choice(["Won", "Lost"], 3000),
                          "eur": rng.lognormal(5, 1, 3000).round()})  # fmt: skip
    deals.loc[0, "at"] = pd.Timestamp("2025-12-31")
    deals.to_csv(tmp_path / "deals.csv", index=False)
    csv = ("accounts=csv", f"accounts.path='{tmp_path}/accounts.csv'", "accounts.account_id=id", "outcomes=csv",
           f"outcomes.path='{tmp_path}/deals.csv'", "outcomes.account_id=id", "outcomes.at=at")  # fmt: skip
    dated = ("outcomes.kind=stage", "outcomes.amount=eur")

    def read(*overrides):
        return read_inputs(load_config("backtest", [*csv, *dated, *overrides]))

    return read


FLAGS = ("labels=flag", "labels.column=a", "labels.positive=1", "versus=flag", "versus.column=b", "versus.positive=1")


def compared(inputs):
    return compare_held_out(inputs.accounts, inputs.labels, inputs.versus, (inputs.events, inputs.outcomes), **QUICK)


def test_without_a_second_definition_nothing_changes(tables):
    assert tables(*FLAGS[:3]).versus is None


def test_columns_of_both_definitions_are_traits_of_neither(tables):
    inputs = tables(*FLAGS)
    assert {column.role for column in inputs.accounts.columns if column.name in ("a", "b")} == {"label"}
    assert inputs.versus.label.isin([0, 1]).all() and inputs.labels.label.isna().sum() == 100


def test_no_account_is_placed_by_a_score_that_learned_from_its_label_and_open_ones_are_placed_too(tables):
    found, _ = compared(tables(*FLAGS))
    assert found.to_dict()["n_scored"] == 800 and (found.changed["label_a"].isna()).any()
    for side in ("a", "b"):
        known = found.changed[found.changed[f"label_{side}"].notna()]
        assert len(known) > 300
        assert abs(roc_auc_score(known[f"label_{side}"], known[f"percentile_{side}"]) - 0.5) < 0.1


def test_each_score_is_judged_by_its_own_definition_on_accounts_whose_label_it_had_not_seen(tables):
    inputs = tables(*FLAGS)
    rng = np.random.default_rng(8)
    both = inputs.accounts.frame["x0"].to_numpy(dtype=float) + inputs.accounts.frame["x1"].to_numpy(dtype=float)
    chance = 1 / (1 + np.exp(-1.6 * both))
    label = pd.Series((rng.random(len(chance)) < chance).astype(float), inputs.versus.label.index)
    found, told = compared(replace(inputs, versus=replace(inputs.versus, label=label)))
    a, b = found.judged["a"], found.judged["b"]
    assert (a["n_test"], b["n_test"], b["n_best"]) == (700, 800, int(label.sum()))
    assert not a["signal"] and b["signal"] and not any(finding.code == "ICP321" for finding in told)
    assert a["auc_low"] < 0.5 < a["auc_high"] and 0.75 < b["auc_low"] < b["auc"] < b["auc_high"]
    assert b["lift_at_10_low"] < b["lift_at_10"] < b["lift_at_10_high"]
    assert found.to_dict()["judged"]["b"]["auc"] == b["auc"] and f"B lift {b['lift_at_10']:.1f}" in found.text()
    section = definitions_section(found.to_dict())
    assert "Each score by its own definition" in section and f'<td class="num">{b["auc"]:.2f}</td>' in section


def test_a_second_score_that_ranks_no_better_than_chance_is_a_finding(tables):
    found, told = compared(tables(*FLAGS))
    assert not found.judged["b"]["signal"] and "B lift" in found.text() and found.text().endswith("no signal.")
    assert [finding.code for finding in told if finding.severity == "warning"] == ["ICP321"]
    assert found.judged["b"]["split"] == "random" and found.judged["b"]["auc_low"] < 0.5


def test_a_definition_beside_itself_moves_no_account(tables):
    inputs = tables(*FLAGS[:3], "versus=flag", "versus.column=a", "versus.positive=1")
    found, _ = compared(inputs)
    assert found.changed.empty and found.overlap["jaccard"] == 1.0 and found.ranking["spearman"] == pytest.approx(1.0)


@pytest.mark.parametrize(("first", "second"), [("90d", "180d"), ("180d", "90d")])
def test_both_are_taken_at_the_earlier_date_when_none_is_given(tables, first, second):
    inputs = tables(
        "labels=won", "labels.positive=Won", f"labels.window={first}", "versus=rfm", f"versus.window={second}"
    )
    assert inputs.labels.definition.as_of == inputs.versus.definition.as_of == "2025-07-04"
    assert (inputs.labels.definition.window_days, inputs.versus.definition.window_days) == (
        int(first[:-1]),
        int(second[:-1]),
    )
    assert [finding.code for finding in inputs.accounts.findings].count("ICP226") == 1
    assert not any(finding.code == "ICP228" for finding in (*inputs.labels.findings, *inputs.versus.findings))


def test_a_window_that_is_not_over_at_the_given_date_is_told_of_the_second(tables):
    inputs = tables("as_of=2025-09-30", "labels=won", "labels.positive=Won", "labels.window=90d", "versus=rfm")
    assert not any(finding.code == "ICP228" for finding in inputs.labels.findings)
    (told,) = [finding for finding in inputs.versus.findings if finding.code == "ICP228"]
    assert told.message.startswith("Second definition: ")


def test_a_column_cannot_be_values_and_amounts_at_once(tables):
    with pytest.raises(ConfigError, match="column 'a'") as caught:
        tables(*FLAGS[:3], "versus=revenue", "versus.column=a")
    assert [problem.code for problem in caught.value.problems] == ["ICP346"]


def test_too_few_best_by_the_second_definition_are_told_with_its_keys(tables):
    with pytest.raises(NotEnoughDataError, match="second definition") as caught:
        tables(*FLAGS[:3], "versus=revenue", "versus.top_share=0.005")
    assert caught.value.problems[0].code == "ICP201" and "versus.top_share" in caught.value.problems[0].action
    assert "labels." not in str(caught.value)
