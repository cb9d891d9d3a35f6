"""The quality benchmark measures what it says: measures, ranks, regret, splits, and a page that hides no failure."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

sys.path.append(str(Path(__file__).parents[3]))

from benchmarks.quality import table
from benchmarks.quality.measures import MEASURES, measures, paired_interval
from benchmarks.quality.tasks import SETS, facts, load, prepare

ROOT = Path(__file__).parents[3]


@pytest.fixture
def ranked():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 400)
    return y, np.round(np.clip(0.3 * y + rng.uniform(0, 0.7, 400), 0.01, 0.99), 2)  # rounded: with ties


def test_measures_are_those_of_scikit_learn(ranked):
    found = measures(*ranked)
    assert found["auc"] == pytest.approx(roc_auc_score(*ranked))
    assert found["ap"] == pytest.approx(average_precision_score(*ranked))
    assert found["log_loss"] == pytest.approx(log_loss(*ranked))
    assert found["brier"] == pytest.approx(brier_score_loss(*ranked))


def test_lift_of_a_tie_is_that_of_the_average_order():
    y = np.array([1, 0, 0, 0, 0] * 4)
    assert measures(y, np.full(20, 0.2))["lift"] == pytest.approx(1.0)
    best_first = np.where(np.arange(20) == 0, 0.9, 0.1)  # room for two: one best customer, then a tie with 3 in 19
    assert measures(y, best_first)["lift"] == pytest.approx((1 + 3 / 19) / 2 / 0.2)


@pytest.mark.parametrize("name", list(MEASURES))
def test_a_resample_is_measured_like_its_repeated_rows(ranked, name):
    y, p = ranked
    weights = np.random.default_rng(1).integers(0, 4, len(y))
    assert MEASURES[name](y, p)(weights.astype(float)) == pytest.approx(
        MEASURES[name](np.repeat(y, weights), np.repeat(p, weights))()
    )


@pytest.mark.parametrize("name", ["auc", "log_loss"])
def test_the_interval_tells_a_better_list_from_the_same_list(ranked, name):
    y, p = ranked
    blurred = np.clip(p * 0.3 + np.random.default_rng(2).uniform(0, 0.7, len(y)), 0.01, 0.99)
    assert paired_interval(name, y, p, p) == (0, 0, 0)
    difference, low, high = paired_interval(name, y, p, blurred)
    assert 0 < low < difference < high


def figures(rows):
    frame = pd.DataFrame(rows, columns=["task", "contender", "auc", "log_loss"])
    return frame.assign(ap=frame["auc"], lift=frame["auc"], brier=0.1, seconds=1.0, cpu=np.nan)


TWO_SETS = [
    ("one", "icp", 0.80, 0.40),
    ("one", "EBM", 0.80, 0.30),
    ("one", "H2O", 0.70, 0.50),
    ("one", "FLAML", 0.99, 0.01),  # did not finish the second set
    ("two", "icp", 0.90, 0.20),
    ("two", "EBM", 0.60, 0.60),
    ("two", "H2O", 0.70, 0.30),
]


def test_ranks_are_averaged_over_sets_with_shared_ties():
    ranks = table.mean_ranks(figures(TWO_SETS))
    assert ranks["auc"].to_dict() == {"icp": 1.25, "EBM": 2.25, "H2O": 2.5}
    assert ranks["log_loss"].to_dict() == {"icp": 1.5, "EBM": 2.0, "H2O": 2.5}
    assert ranks.index[0] == "icp"


def test_regret_is_against_the_best_of_the_other_peers():
    regret = table.mean_regret(figures([row for row in TWO_SETS if row[1] != "FLAML"]))
    assert regret.loc["icp", "auc"] == pytest.approx((0.0 - 0.2) / 2)
    assert regret.loc["icp", "log_loss"] == pytest.approx((0.1 - 0.1) / 2)
    assert regret.loc["EBM", "auc"] == pytest.approx((-0.1 + 0.1) / 2)  # icp is not among the peers


@pytest.fixture
def cut(tmp_path):
    rows = pd.DataFrame(
        {
            "key": [f"k{i}" for i in range(40)],
            "size": ["?" if i == 3 else str(i) for i in range(40)],
            "kind": ["none" if i % 2 else "NA" for i in range(40)],
            "seen": [f"2026-01-{i % 20 + 1:02d}" for i in range(40)],
            "after": "x",
            "won": ["yes" if i % 4 == 0 else "no" for i in range(40)],
        }
    )
    rows.to_csv(tmp_path / "rows.csv", index=False)

    def make(**split):
        told = {"source": "rows.csv", "about": "a set", "id": "key", "label": "won", "positive": "yes", "split": split}
        told |= {"missing": ["?"], "drop": ["after"], "dates": {"seen": "%Y-%m-%d"}}
        spec = tmp_path / "small.json"
        spec.write_text(json.dumps(told))
        return prepare(spec, tmp_path, tmp_path / "tasks")

    return make


def test_a_random_split_keeps_the_rate_and_every_row_once(cut):
    X_train, y_train, X_test, y_test = load(cut(kind="random", test=0.3))
    assert (y_train.sum(), len(y_train), y_test.sum(), len(y_test)) == (7, 28, 3, 12)
    assert list(X_train) == ["size", "kind", "seen"]
    assert X_train["size"].dtype == float
    assert pd.concat([X_train, X_test])["size"].isna().sum() == 1
    assert set(pd.concat([X_train, X_test])["kind"]) == {"none", "NA"}  # only the words that are told are missing
    assert X_train["seen"].between(20454, 20473).all()


def test_a_forward_split_never_learns_from_a_later_row(cut):
    X_train, _, X_test, _ = load(cut(kind="forward", test=0.25, by="seen"))
    assert len(X_test) == 10
    assert X_train["seen"].max() <= X_test["seen"].min()


def test_the_page_ranks_who_ran_and_names_who_failed(cut, tmp_path):
    task = cut(kind="random", test=0.3)
    y = load(task)[3].to_numpy()
    results = tmp_path / "results"
    results.mkdir()
    for name, scores in (("icp", y * 0.6 + 0.2), ("EBM", 0.8 - y * 0.6)):
        pd.Series(scores, name="probability").to_csv(results / f"small.{name}.csv", index=False)
        (results / f"small.{name}.json").write_text(json.dumps({"contender": name, "task": "small", "seconds": 1}))
    failed = {"contender": "H2O", "task": "small", "failed": "no Java"}
    (results / "small.H2O.json").write_text(json.dumps(failed))
    found = table.collect([task], results)
    page = table.page([task], found)
    assert "small: no Java" in page
    assert "| icp better |" in page
    assert re.search(r"Not ranked, .*: .*H2O \(0 of 1\)", page)
    assert [row["contender"] for row in table.data(found)["ranks"]] == ["icp", "EBM"]


@pytest.mark.slow
def test_a_second_run_goes_on_where_the_first_was(cut, tmp_path):
    cut(kind="random", test=0.3)
    command = [
        sys.executable,
        "-m",
        "benchmarks.quality",
        "--sets",
        tmp_path,
        "--data",
        tmp_path,
        "--work",
        tmp_path / "w",
    ]
    command += ["--table", tmp_path / "page.md", "--contenders"]

    def lines(*names):
        done = subprocess.run([*map(str, command), *names], cwd=ROOT, capture_output=True, text=True, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    assert [(line["contender"], "failed" in line) for line in lines("logistic")] == [("logistic", False)]
    assert [line["contender"] for line in lines("logistic", "LightGBM")] == ["LightGBM"]
    assert [line["contender"] for line in lines("logistic", "--again", "logistic")] == ["logistic"]
    page = (tmp_path / "page.md").read_text("utf-8")
    assert page.count("| logistic |") == 3  # ranks, its set, its settings
    figures = json.loads((tmp_path / "w" / "figures.json").read_text("utf-8"))["figures"]
    assert {row["contender"] for row in figures} == {"logistic", "LightGBM"}


@pytest.mark.realdata
@pytest.mark.parametrize("spec", sorted(SETS.glob("*.json")), ids=lambda spec: spec.stem)
def test_every_set_is_cut_without_its_id_and_label(spec, real_data, tmp_path):
    task = prepare(spec, real_data, tmp_path)
    X_train, y_train, X_test, y_test = load(task)
    told = facts(task)
    assert {told["id"], told["label"]}.isdisjoint(X_train.columns)
    assert list(X_train) == list(X_test)
    assert 0.05 < y_train.mean() < 0.5
    assert len(X_test) / (len(X_train) + len(X_test)) == pytest.approx(told["split"]["test"], abs=0.001)
    assert len(y_test) == len(X_test)
