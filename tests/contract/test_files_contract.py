"""The files other programs read: their names, columns, keys and values are a contract."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import icp
from icp._outputs import EVIDENCE, LOCAL
from trained_models import inside

SCORES = [
    "account_id", "status", "propensity", "percentile", "tier", "fit_tier", "engagement_level", "profile_id", "profile",
    "reason_1", "reason_2", "reason_3", "watch_out", "talking_point", "confidence", "expected_value", "as_of",
    "model_version",
]  # fmt: skip
METRICS = {
    "auc", "average_precision", "log_loss", "brier", "calibration_slope", "base_rate", "n_train", "n_test", "n_best",
    "split", "estimand", "lift_at_10", "lift_at_10_low", "lift_at_10_high",
}  # fmt: skip
FINDING = {"code", "severity", "column", "n_rows", "message", "evidence", "action"}
PROFILE = {"id", "name", "n", "rule", "traits", "base"}


@pytest.fixture(params=["leads", "dated", "observed"])
def trained(request):
    return request.getfixturevalue(request.param)


def loaded(trained, name):
    return json.loads((trained.bundle.parent / name).read_text("utf-8"))


@pytest.fixture(scope="module")
def scored(leads, tmp_path_factory):
    output = tmp_path_factory.mktemp("contract")
    with inside(leads.folder):
        cfg = icp.load_config("score", [*leads.reading, "accounts.path=accounts.csv", f"model={leads.bundle}"])
        cfg.output = str(output)
        icp.score.run(cfg)
    return pd.read_csv(output / "scores.csv", dtype=str, keep_default_na=False), leads


def test_scores_have_one_row_per_input_row_and_the_columns_of_the_contract(scored):
    scores, leads = scored
    assert list(scores.columns)[: len(SCORES)] == SCORES
    assert scores["account_id"].tolist() == leads.accounts["account_id"].tolist()


def test_cells_of_scores_have_the_values_of_the_contract(scored):
    scores, _ = scored
    assert set(scores["status"]) <= {"scored", "too_little_data"}
    assert set(scores["tier"]) == set(scores["fit_tier"]) == set("ABCD")
    assert set(scores["engagement_level"]) == set("123")
    assert set(scores["confidence"]) <= {"high", "medium", "low"}
    assert scores["propensity"].str.fullmatch(r"0\.\d{6}").all()
    assert scores["percentile"].str.fullmatch(r"\d{1,3}\.\d{2}").all()
    assert scores["model_version"].str.fullmatch(r"leads-[0-9a-f]{12}").all()
    assert scores["model_version"].nunique() == 1


def test_tiers_follow_the_percentile_and_the_percentile_the_propensity(scored):
    scores, _ = scored
    percentile, propensity = scores["percentile"].astype(float), scores["propensity"].astype(float)
    assert percentile.between(0, 100).all()
    by_propensity = pd.DataFrame({"x": propensity, "y": percentile}).sort_values(["x", "y"])
    assert by_propensity["y"].is_monotonic_increasing
    lowest = percentile.groupby(scores["tier"]).min()
    assert lowest["A"] >= 90 and lowest["B"] >= 70 and lowest["C"] >= 40
    assert 0.05 < (scores["tier"] == "A").mean() < 0.2


def test_texts_for_people_are_safe_cells(scored):
    scores, _ = scored
    for name in ("profile", "reason_1", "reason_2", "reason_3", "watch_out", "talking_point"):
        texts = scores.loc[scores[name] != "", name]
        assert (texts.str.len() <= 255).all()
        assert not texts.str.contains(r'["|<>\r\n\t]|^[=+\-@\']|\\$').any()
        assert not texts.str.contains("because|cause", case=False).any()
    assert (scores["reason_1"] != "").mean() > 0.5
    third = scores["reason_3"] != ""
    assert (scores.loc[third, "reason_2"] != "").all(), "fewer reasons leave the last ones empty"


def test_metrics_are_those_of_the_contract(trained):
    metrics = loaded(trained, "metrics.json")
    assert metrics.keys() >= METRICS
    assert metrics["split"] in ("column", "rows", "random")
    assert 0 < metrics["n_best"] < metrics["n_train"] + metrics["n_test"]
    assert metrics["lift_at_10_low"] <= metrics["lift_at_10"] <= metrics["lift_at_10_high"]


def test_findings_are_those_of_the_contract(trained):
    found = loaded(trained, "findings.json")
    assert found
    for item in found:
        assert item.keys() == FINDING
        assert item["severity"] in ("note", "warning", "issue")
        assert item["action"] in ("quarantined", "repaired", "refused", "noted")
        assert item["code"].startswith("ICP") and item["message"]


def test_profiles_are_those_of_the_contract(trained):
    for profile in loaded(trained, "profiles.json"):
        assert profile.keys() >= PROFILE
        assert profile["base"].keys() >= {"name", "n"}
        for trait in profile["traits"]:
            assert trait["low"] <= trait["index"] <= trait["high"]


def test_a_training_run_leaves_every_file_and_no_other(trained):
    left = {path.name for path in trained.bundle.parent.iterdir()}
    assert left == {
        "briefs.csv", "briefs.json", "bundle", "calibration.csv", "config.yaml", "deciles.csv", "drivers.csv",
        "examples.csv", "figures", "findings.json", "gate.json", "index.csv", "metrics.json",
        "profile_changes.csv", "profile_changes.json", "profile_migration.csv",
        "profile_rules.json", "profile_rules.sql", "profiles.json", "release_note.json", "release_note.md",
        "report.html", "run.json", "tiers.csv",
    }  # fmt: skip
    assert left | {"release_accounts.csv"} == {*EVIDENCE, *LOCAL, "bundle"}
