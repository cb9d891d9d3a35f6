"""``python -m icp.backtest`` from a shell: a folder of tables and a page, an honest code, the same bytes twice."""

import json

import numpy as np
import pandas as pd
import pytest
from commands import contents

TABLES = {"blocks.csv", "deciles.csv", "baselines.csv", "calibration.csv"}
FILES = {*TABLES, "metrics.json", "findings.json", "config.yaml", "report.html"}
QUICK = ("scoring.max_trees=10", "scoring.n_folds=2", "backtest.n_bootstrap=50")


@pytest.fixture
def leads(tmp_path):
    def write(signal):
        rng = np.random.default_rng(0)
        x = rng.normal(size=(600, 2))
        best = rng.random(600) < 1 / (1 + np.exp(1.0 - signal * x[:, 0]))
        day = pd.Timestamp("2025-01-01") + pd.to_timedelta(np.arange(600) // 2, "D")
        frame = pd.DataFrame({"id": [f"L-{i}" for i in range(600)], "size": x[:, 0], "age": x[:, 1], "seen": day,
                              "grade": np.where(x[:, 1] > 0, "A", "B"), "won": best.astype(int)})  # fmt: skip
        frame.to_csv(tmp_path / "leads.csv", index=False)
        return ("accounts=csv", "accounts.path=leads.csv", "accounts.account_id=id", "accounts.observed_at=seen",
                "accounts.current_score=[grade]", "labels.column=won", "labels.positive=1", *QUICK)  # fmt: skip

    return write


def test_later_accounts_are_judged_and_nothing_is_registered(command, tmp_path, leads):
    line = (*leads(1.5), "backtest.capacity=20", "output=out")
    ended = command("backtest", *line)
    assert ended.code == 0, ended.err
    assert set(contents(tmp_path / "out")) == FILES
    assert {path.name for path in tmp_path.iterdir()} == {"leads.csv", "out"}
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text("utf-8"))
    assert metrics["split"] == "column" and metrics["n_blocks"] == 4
    for part in (metrics, metrics["sealed"], metrics["open"], metrics["random"]):
        assert part["lift_at_10_low"] < part["lift_at_10"] < part["lift_at_10_high"]
        assert part["lift_at_capacity"] > 1.0
    blocks = pd.read_csv(tmp_path / "out" / "blocks.csv")
    assert blocks["sealed"].tolist() == [False, False, False, True]
    assert (pd.to_datetime(blocks["first"])[1:].to_numpy() > pd.to_datetime(blocks["last"])[:-1].to_numpy()).all()
    lists = pd.read_csv(tmp_path / "out" / "baselines.csv")
    assert set(lists["list"]) == {"score", "simple rule", "today: grade", "no order (the overall rate)"}
    said = ended.out
    assert "sealed" in said and "Against today's score (grade)" in said and "Rows held out at random" in said
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "http:" not in page.replace("http://www.w3.org/2000/svg", "") and "L-17" not in page
    for title in ("Lift in the top 10 %, block by block", "Best customers found", "Later accounts against random rows"):
        assert f"The numbers behind “{title}”" in page
    first = contents(tmp_path / "out")
    assert command("backtest", *line).code == 0
    assert contents(tmp_path / "out") == first


def test_noise_ends_with_three_and_no_signal(command, tmp_path, leads):
    ended = command("backtest", *leads(0.0), "output=out")
    assert ended.code == 3
    assert "No signal" in ended.out and "issue ICP321" in ended.out


def test_overrides_of_training_are_taken_and_what_does_not_apply_is_said(command, tmp_path, leads):
    line = (*leads(1.5), "backtest.n_blocks=1", "tracking=none", "profiles.n_resamples=4", "output=out")
    ended = command("backtest", *line)
    assert ended.code in (0, 3) and "backtest does not use: tracking=none, profiles.n_resamples=4" in ended.err
    assert not (tmp_path / "mlruns").exists()


def test_a_gap_that_cannot_be_used_is_refused_and_nothing_is_left(command, tmp_path, leads):
    ended = command("backtest", *leads(1.0), "backtest.gap=soon", "output=out")
    ended.refused("ICP336", "backtest.gap is 'soon'")
    assert {path.name for path in tmp_path.iterdir()} == {"leads.csv"}


def with_paid(folder, line):
    """A column that calls some of the won leads best, as the second definition."""
    table = pd.read_csv(folder / "leads.csv")
    table["paid"] = np.where((table["won"] == 1) & (table["age"] > 0), "yes", "no")
    table.to_csv(folder / "leads.csv", index=False)
    return (*line, "versus=flag", "versus.column=paid")


def test_a_second_definition_is_compared_and_the_accounts_to_talk_about_are_listed(command, tmp_path, leads):
    line = (*with_paid(tmp_path, leads(1.5)), "backtest.n_blocks=2", "output=out")
    ended = command("backtest", *line)
    assert ended.code in (0, 3), ended.err
    assert set(contents(tmp_path / "out")) == FILES | {"definitions.json", "definitions_changed.csv"}
    table = pd.read_csv(tmp_path / "leads.csv")
    won, paid = table["won"] == 1, table["paid"] == "yes"
    found = json.loads((tmp_path / "out" / "definitions.json").read_text("utf-8"))
    overlap = found["overlap"]
    assert (overlap["n_both"], overlap["n_only_a"], overlap["n_only_b"]) == (paid.sum(), (won & ~paid).sum(), 0)
    assert found["ranking"]["low"] < found["ranking"]["spearman"] < found["ranking"]["high"] < 1
    for judged in found["judged"].values():
        assert judged["split"] == "column" and judged["auc_low"] < judged["auc"] < judged["auc_high"]
    changed = pd.read_csv(tmp_path / "out" / "definitions_changed.csv")
    assert 0 < len(changed) == found["n_changed"] < found["n_scored"] == 600
    assert (changed["tier_a"] != changed["tier_b"]).all() and changed["difference"].abs().is_monotonic_decreasing
    of = table.set_index("id").loc[changed["account_id"]]
    assert (of["won"].to_numpy() == changed["label_a"]).all()
    assert ((of["paid"] == "yes").to_numpy() == (changed["label_b"] == 1)).all()
    assert f"\n  The tier of {len(changed):,} of 600 accounts depends on the definition.\n" in ended.out
    assert ended.out.count("Not signed by both teams") == 2 and "definitions_changed.csv" in ended.out
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "the newest by date" in page and "Each score by its own definition" in ended.out
    assert page.count('id="definitions"') == page.count('href="#definitions"') == 1
    assert not any(account in page for account in changed["account_id"])
    first = contents(tmp_path / "out")
    assert command("backtest", *line).code == ended.code
    assert contents(tmp_path / "out") == first


def test_what_is_wrong_with_the_second_definition_names_its_keys(command, tmp_path, leads):
    ended = command("backtest", *with_paid(tmp_path, leads(1.0)), "versus.positive=maybe", "output=out")
    ended.refused("ICP214", "versus.positive")
    assert {path.name for path in tmp_path.iterdir()} == {"leads.csv"}
