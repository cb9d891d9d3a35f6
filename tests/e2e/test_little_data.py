"""Few best customers, columns without content, transactions only: what can be said is said, the rest is refused."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from trained_models import OUTCOMES

FLAG = (
    *("accounts=csv", "accounts.path=few.csv", "accounts.account_id=account_id", "tracking=none"),
    *("labels=flag", "labels.column=best", "labels.positive=yes", "backtest.order=random"),
    *("backtest.n_bootstrap=200", "scoring.max_trees=80", "profiles.n_resamples=5"),
)


@pytest.fixture
def few(command, leads, tmp_path):
    """Train with so many best customers and four times as many others."""

    def call(n_best, n_rest=None, change=None):
        table = leads.accounts
        best, rest = table[table["best"] == "yes"], table[table["best"] == "no"]
        table = pd.concat([best.iloc[:n_best], rest.iloc[: n_rest or 4 * n_best]]).sort_values("account_id")
        if change is not None:
            table = change(table)
        table.to_csv(tmp_path / "few.csv", index=False)
        return command("train", *FLAG)

    return call


def test_nine_best_customers_are_too_few(few, tmp_path):
    few(9).refused("ICP201", "9 best customers")
    assert not (tmp_path / "out").exists()


def test_nine_others_are_too_few(few):
    few(40, 9).refused("ICP201")


@pytest.mark.parametrize(("n_best", "mode"), [(25, "rates"), (80, "linear")])
def test_the_kind_of_model_follows_the_number_of_best_customers(few, command, tmp_path, n_best, mode):
    trained = few(n_best)
    assert trained.code in (0, 3), trained.err
    model = json.loads((tmp_path / "out/train/bundle/model.json").read_text("utf-8"))
    assert (model["mode"], model["n_forests"]) == (mode, 0)
    scored = command("score", *FLAG[:3], "model=out/train")
    assert scored.code == 0, scored.err
    confidence = set(scored.scores()["confidence"])
    assert confidence == {"low"} if mode == "rates" else "high" not in confidence
    assert scored.scores()["propensity"].astype(float).between(0, 1).all()
    assert scored.scores()["propensity"].nunique() > 5


def test_thirty_empty_columns_change_nothing_of_a_model(few, tmp_path):
    few(25)
    before = json.loads((tmp_path / "out/train/metrics.json").read_text("utf-8"))
    ended = few(25, change=lambda table: table.assign(**{f"empty {i}": "" for i in range(30)}))
    assert ended.code in (0, 3), ended.err
    assert json.loads((tmp_path / "out/train/metrics.json").read_text("utf-8")) == before


def test_a_table_of_empty_columns_alone_is_refused(few, tmp_path):
    few(25, change=lambda t: t.assign(**dict.fromkeys(t.columns.drop(["account_id", "best"]), ""))).refused("ICP203")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("change", ["ids", "label", "header", "one row"])
def test_tables_nothing_can_be_learned_from_are_refused(few, tmp_path, change):
    changes = {
        "ids": lambda table: pd.concat([table, table.iloc[:2]]),
        "label": lambda table: table.drop(columns=["best"]),
        "header": lambda table: table.iloc[:0],
        "one row": lambda table: table.iloc[:1],
    }
    says = {"ids": "repeats", "label": "'best' is missing", "header": "no rows", "one row": "ICP"}
    few(25, change=changes[change]).refused(says[change])
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("recipe", ["revenue", "rfm"])
def test_transactions_alone_make_a_model(command, leads, tmp_path, recipe):
    """Orders of 600 accounts over two years; some order often and keep ordering."""
    rng = np.random.default_rng(1)
    keen = rng.random(600) < 0.3
    rows = []
    for i in range(600):
        days = np.sort(rng.integers(0, 700, rng.poisson(14 if keen[i] else 3) + 1))
        rows += [(f"C-{i:04d}", day, "order", rng.lognormal(4 + 0.5 * keen[i], 0.6)) for day in days]
    orders = pd.DataFrame(rows, columns=["account_id", "day", "stage", "amount_eur"])
    orders["at"] = (np.datetime64("2024-01-01") + orders.pop("day").to_numpy().astype("timedelta64[D]")).astype(str)
    orders.round(2).to_csv(tmp_path / "outcomes.csv", index=False)
    arguments = ("accounts=derived", *OUTCOMES, f"labels={recipe}", "labels.window=180d", "as_of=2025-06-01")
    quick = ("tracking=none", "backtest.n_bootstrap=200", "scoring.max_trees=60", "profiles.n_resamples=5")
    trained = command("train", *arguments, *quick)
    assert trained.code == 0, trained.err
    metrics = json.loads((tmp_path / "out/train/metrics.json").read_text("utf-8"))
    assert metrics["auc"] > 0.75 and metrics["n_best"] > 40
    scored = command("score", "accounts=derived", *OUTCOMES, "as_of=2025-06-01", "model=out/train")
    assert scored.code == 0, scored.err
    scores = scored.scores().set_index("account_id")
    assert set(scores.index) <= {f"C-{i:04d}" for i in range(600)} and len(scores) > 400
    likely = scores["propensity"].astype(float).to_numpy()
    truly = np.array([keen[int(key[2:])] for key in scores.index])
    assert likely[truly].mean() > 2 * likely[~truly].mean()
