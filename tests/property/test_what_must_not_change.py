"""What has nothing to do with who the accounts are changes no score: order, names, ids, units, repeats, noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

import icp
from planted_customers import customers, train
from trained_models import inside

READING = ("accounts=csv", "accounts.account_id=account_id")
COLUMNS = {"sector": "Branche", "region": "Gebiet (Süd/Nord)", "contract": "c", "staff": "Köpfe", "share": "s1",
           "noise": "n"}  # fmt: skip


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return customers(0)


@pytest.fixture(scope="module")
def home(table, tmp_path_factory) -> Path:
    """A folder with a model of the table."""
    folder = tmp_path_factory.mktemp("home")
    learned(folder, table)
    return folder


@pytest.fixture(scope="module")
def base(table, home) -> pd.DataFrame:
    """Its scores."""
    return scored(home, table)


def learned(folder, table, *more) -> pd.DataFrame:
    """A model of the table, and its scores of the same accounts."""
    train(folder, table, "a", "backtest.order=random", "tracking=none", *more)
    return scored(folder, table, *more)


def scored(folder, table, *more) -> pd.DataFrame:
    """Scores of a table by the model in the folder."""
    table.drop(columns=["kind", "best"], errors="ignore").to_csv(folder / "again.csv", index=False)
    settings = [*READING, "accounts.path=again.csv", "model=out/a/bundle", "output=out/again", "tracking=none", *more]
    with inside(folder):
        icp.score.run(icp.load_config("score", settings))
        return pd.read_csv(folder / "out" / "again" / "scores.csv", dtype=str, keep_default_na=False).set_index(
            "account_id"
        )


TEXTS = ["propensity", "percentile", "tier", "profile", "reason_1", "reason_2", "watch_out"]


def test_a_row_scores_the_same_wherever_it_stands_and_alone(table, home, base):
    mixed = scored(home, table.sample(frac=1.0, random_state=1))
    assert mixed.loc[base.index].equals(base)
    alone = scored(home, table.iloc[[5]])
    assert alone[TEXTS].equals(base[TEXTS].loc[alone.index])


def test_columns_in_another_order_and_columns_unknown_to_the_model_change_nothing(table, home, base):
    other = table[table.columns[::-1]].assign(new_column=range(len(table)))
    assert scored(home, other)[TEXTS].equals(base[TEXTS])


def test_other_ids_change_no_score(table, base, tmp_path):
    renamed = table.assign(account_id=[f"Z{9000 + 7 * i}" for i in range(len(table))])
    found = learned(tmp_path, renamed)
    assert found[TEXTS].to_numpy().tolist() == base.loc[table["account_id"], TEXTS].to_numpy().tolist()


def test_columns_of_another_name_change_names_only(table, base, tmp_path):
    found = learned(tmp_path, table.rename(columns=COLUMNS))
    for column in ("propensity", "percentile", "tier", "confidence"):
        assert found[column].tolist() == base.loc[found.index, column].tolist()


def test_columns_in_another_order_while_learning_change_scores_little(table, base, tmp_path):
    found = learned(tmp_path, table[["account_id", *sorted(set(table.columns) - {"account_id"}, reverse=True)]])
    assert agree(found, base) > 0.97


def test_another_unit_changes_scores_little(table, base, tmp_path):
    found = learned(tmp_path, table.assign(staff=table["staff"] * 1000, share=table["share"] / 100))
    assert agree(found, base) > 0.97


def test_rows_learned_from_in_another_order_change_scores_little(table, base, tmp_path):
    found = learned(tmp_path, table.sample(frac=1.0, random_state=2))
    assert agree(found, base) > 0.95


def test_columns_of_noise_cost_little(table, base, tmp_path):
    rng = np.random.default_rng(3)
    noise = {f"extra_{j}": np.round(rng.normal(size=len(table)), 3) for j in range(10)}
    found = learned(tmp_path, table.assign(**noise))
    best = table.set_index("account_id")["best"] == "yes"
    assert auc(found, best) > auc(base, best) - 0.03


def test_rows_that_repeat_are_one_case_and_not_two(table, home, tmp_path):
    twice = pd.concat([table, table.assign(account_id="X" + table["account_id"])], ignore_index=True)
    train(tmp_path, twice, "a", "backtest.order=random", "tracking=none")
    metrics = pd.read_json(tmp_path / "out" / "a" / "metrics.json", typ="series")
    once = pd.read_json(home / "out" / "a" / "metrics.json", typ="series")
    assert metrics["auc"] < once["auc"] + 0.03  # a copy on the other side of the split would be known by heart


def agree(a: pd.DataFrame, b: pd.DataFrame) -> float:
    """Rank correlation of two lists of the same accounts."""
    return float(spearmanr(a["propensity"].astype(float), b.loc[a.index, "propensity"].astype(float)).statistic)


def auc(scores: pd.DataFrame, best: pd.Series) -> float:
    """Of the scores."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(best.loc[scores.index], scores["propensity"].astype(float)))
