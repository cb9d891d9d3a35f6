"""The two commands as Python calls: what they give back and what they say."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import icp
from icp import IdealCustomerModel
from trained_models import inside


@pytest.fixture
def result(leads, tmp_path):
    with inside(leads.folder):
        cfg = icp.load_config("score", [*leads.reading, "accounts.path=accounts.csv", f"output={tmp_path / 'out'}"])
        cfg.model = "models:/leads@champion"
        return icp.score.run(cfg)


def test_scoring_gives_the_table_it_wrote(result):
    written = pd.read_csv(result.output / "scores.csv", index_col="account_id")
    assert list(result.scores.index) == list(written.index)
    assert (result.scores["propensity"] - written["propensity"]).abs().max() < 1e-9
    assert result.scores["tier"].tolist() == written["tier"].tolist()


def test_the_summary_shows_the_top_of_the_list_and_where_it_is(result):
    summary = result.summary()
    best = result.scores["percentile"].idxmax()
    assert best in summary
    assert str(result.output / "scores.csv") in summary
    assert len(summary.splitlines()) < 40


def test_the_model_gives_the_same_scores_as_the_command(result, leads):
    model = IdealCustomerModel.load(leads.bundle)
    scores = model.score_accounts(leads.accounts.set_index("account_id"))
    pd.testing.assert_frame_equal(scores, result.scores)


def test_settings_of_a_run_are_written_beside_its_files(result):
    text = (result.output / "config.yaml").read_text("utf-8")
    assert "account_id: account_id" in text and "models:/leads@champion" in text


def test_an_older_list_in_the_same_folder_is_pointed_out(leads, tmp_path):
    def score(delivery):
        with inside(leads.folder):
            settings = [*leads.reading, "accounts.path=accounts.csv", f"output={tmp_path}", f"delivery={delivery}"]
            return icp.score.run(icp.load_config("score", [*settings, "model=models:/leads@champion"])).summary()

    assert "careful" not in score("generic")
    assert "careful" not in score("none") + score("salesforce")
    manifest = tmp_path / "generic" / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "run_id": "another"}))
    told = score("none")
    assert f"careful: {tmp_path / 'generic'} holds an older list" in told and "salesforce" not in told
