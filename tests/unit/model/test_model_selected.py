"""From the table to the report: a declared column is no trait and shows who gets selected; two definitions compared."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import icp
from icp.labels import make_labels
from icp.model import compare_fitted
from icp.options import LabelOptions, ProfileOptions, ScoringOptions
from trained_models import inside

QUICK = ["scoring.max_trees=20", "profiles.n_resamples=3", "backtest.n_bootstrap=50", "tracking=none"]


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """1,000 accounts of two groups; group f looks smaller on paper and becomes best as often."""
    rng = np.random.default_rng(4)
    n = 1000
    women = rng.random(n) < 0.5
    best = rng.random(n) < 0.2
    frame = pd.DataFrame(
        {
            "id": [f"L-{i:04d}" for i in range(n)],
            "gender": np.where(women, "f", "m"),
            "turnover": np.round(rng.lognormal(3 + 0.6 * best - 0.6 * women, 0.5), 2),
            "sector": rng.choice(["retail", "steel", "farming"], n),
            "employees": rng.lognormal(4, 1, n).round(),
            "sites": rng.poisson(9, n),
            "won": best.astype(int),
            "paid": (best & (rng.random(n) < 0.7)).astype(int),
        }
    )
    folder = tmp_path_factory.mktemp("selected")
    frame.to_csv(folder / "leads.csv", index=False)
    return folder


def settings(*more: str) -> list[str]:
    read = ["accounts=csv", "accounts.path=leads.csv", "accounts.account_id=id", "accounts.ignore=[paid]"]
    return [*read, "labels=flag", "labels.column=won", "labels.positive=1", *QUICK, *more]


def test_a_declared_column_is_no_trait_and_the_report_shows_who_gets_selected(table):
    with inside(table):
        result = icp.train.run(
            icp.load_config("train", settings("accounts.sensitive=[gender]", f"output={table / 'out'}"))
        )
    assert "gender" not in {trait.name for trait in result.model.bundle_.traits}
    card = json.loads((result.output / "bundle" / "card.json").read_text("utf-8"))
    (shown,) = card["selection"]
    assert shown["column"] == "gender" and {row["group"] for row in shown["groups"]} == {"f", "m"}
    assert sum(row["n"] for row in shown["groups"]) == card["metrics"]["n_test"]
    assert [f.column for f in result.findings if f.code == "ICP314"] == ["gender"]
    least = json.loads((result.output / "metrics.json").read_text("utf-8"))["selection_ratio_min"]
    assert least == min(row["ab_ratio"] for row in shown["groups"]) < 0.8
    (told,) = [f for f in result.findings if f.code == "ICP320"]
    assert shown["proxy"]["alone"]["traits"] == ["turnover"] and "'turnover' tells who is" in told.message
    page = (result.output / "report.html").read_text("utf-8")
    assert "Given away by other traits: turnover alone tells" in page
    assert "Who gets selected" in page and "Not signed by both teams" in page
    assert (result.output / "figures" / "selection_01.svg").exists()
    with inside(table):
        pd.read_csv("leads.csv").drop(columns=["gender"]).to_csv("new.csv", index=False)
        read = ["accounts=csv", "accounts.path=new.csv", "accounts.account_id=id"]
        more = ["model=out/bundle", f"output={table / 'score'}", "delivery=generic"]
        scored = icp.score.run(icp.load_config("score", [*read, *more]))
    manifest = json.loads((scored.output / "generic" / "manifest.json").read_text("utf-8"))
    assert manifest["definition_signed"] is False and manifest["definition_sha"] == card["definition"]["sha256"]


def test_validate_names_it_and_writes_a_sheet_that_training_takes(table):
    with inside(table):
        told = icp.validate.run(icp.load_config("validate", [*settings()[:7], "output=look"]))
        assert [f.evidence["columns"] for f in told.findings if f.code == "ICP313"] == [{"gender": "sex or gender"}]
        sheet = told.output / "signoff.yaml"
        assert told.summary().endswith(f"to be signed by both teams: {sheet}")
        text = sheet.read_text("utf-8").replace('name: ""', "name: N. N.").replace('date: ""', "date: 2026-03-02")
        sheet.write_text(text, encoding="utf-8")
        again = icp.validate.run(icp.load_config("validate", [*settings()[:7], "output=look"]))
        assert again.summary().endswith(f"kept, as somebody filled it in: {sheet}")
        assert sheet.read_text("utf-8") == text
        inputs = icp.read_inputs(icp.load_config("train", settings("labels.signoff=look/signoff.yaml")))
    assert inputs.labels.definition.signoff == {"signed": True, "marketing": "2026-03-02", "sales": "2026-03-02"}


def test_two_definitions_are_fitted_and_compared_on_the_same_accounts(table):
    with inside(table):
        options = icp.load_config("train", [text for text in settings() if "ignore" not in text]).accounts
        options.ignore = []
        accounts = icp.read_accounts(options, label_text=("won", "paid"))
    won, paid = (make_labels(LabelOptions(column=name, positive=1), accounts, as_of=None) for name in ("won", "paid"))
    quick = {"scoring": ScoringOptions(max_trees=20), "profiles": ProfileOptions(n_resamples=3)}
    models = [icp.IdealCustomerModel(name, **quick) for name in ("won", "paid")]
    found = compare_fitted(*models, accounts, won, paid)
    assert found.overlap["n_only_b"] == 0 and 0.5 < found.overlap["jaccard"] < 0.9
    assert 0.5 < found.ranking["low"] < found.ranking["spearman"] < 1
    assert 0 < len(found.changed) < 1000 and found.to_dict()["n_changed"] == len(found.changed)
