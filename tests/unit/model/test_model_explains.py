"""What a fitted model promises of its scores: they add up, fit is fit only, reasons point the way they say."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from icp import IdealCustomerModel
from icp.accounts import read_dated
from icp.engines import score_table
from icp.engines._frames import prepare_frame
from icp.options import DatedOptions
from trained_models import inside


def history(folder):
    with inside(folder):
        events = read_dated("events", DatedOptions("csv", "events.csv", account_id="account_id", at="at", kind="kind"))
        options = DatedOptions(
            "csv", "outcomes.csv", account_id="account_id", at="at", kind="stage", amount="amount_eur"
        )
        return {"events": events, "outcomes": read_dated("outcomes", options)}


@pytest.fixture(scope="module", params=["leads", "dated", "observed"])
def served(request):
    """A model, its accounts as text, and the history it needs."""
    trained = request.getfixturevalue(request.param)
    accounts = trained.accounts.set_index("account_id")
    return (
        IdealCustomerModel.load(trained.bundle),
        accounts,
        {} if request.param == "leads" else history(trained.folder),
    )


def test_contributions_add_up_to_the_log_odds_of_the_propensity_for_every_row(served):
    model, accounts, given = served
    accounts = accounts.copy()
    accounts.iloc[5] = ""
    if model.bundle_.account_source["observed_at"]:
        accounts.iloc[5, accounts.columns.get_loc("seen_on")] = "2026-01-05"
    explained, scores = model.explain_accounts(accounts, **given), model.score_accounts(accounts, **given)
    traits = [trait.name for trait in model.bundle_.traits]
    assert list(explained.columns) == ["base", *traits, "margin"]
    np.testing.assert_allclose(explained["base"] + explained[traits].sum(axis=1), explained["margin"], atol=1e-9)
    assert list(explained.index) == list(scores.index)
    np.testing.assert_allclose(1 / (1 + np.exp(-explained["margin"])), scores["propensity"], atol=5.1e-7)


def test_contributions_equal_the_boosters_own_prediction_for_every_row(served):
    model, accounts, given = served
    rows, context = prepare_frame(model.bundle_, accounts, None, given.get("events"), given.get("outcomes"), None)
    scored = score_table(rows.table(), replace(context, verify_all=True))
    assert not [finding for finding in scored.findings if finding.code == "ICP404"]
    assert scored.frame()["reason_1"].notna().mean() > 0.5


def test_what_they_did_changes_no_fit(leads):
    model, accounts = IdealCustomerModel.load(leads.bundle), leads.accounts.set_index("account_id")
    changed = accounts.assign(webinar_visits=accounts["webinar_visits"].to_numpy()[::-1])
    before, after = model.score_accounts(accounts), model.score_accounts(changed)
    kept = ["fit_tier", "profile_id", "profile", "talking_point"]
    pd.testing.assert_frame_equal(after[kept], before[kept])
    assert (after["engagement_level"] != before["engagement_level"]).any()
    assert (after["propensity"] != before["propensity"]).any()
    fit = [trait.name for trait in model.bundle_.traits if trait.side == "fit"]
    pd.testing.assert_frame_equal(
        model.explain_accounts(changed)[fit], model.explain_accounts(accounts)[fit], check_exact=True
    )


def test_events_change_no_fit(dated):
    model, accounts = IdealCustomerModel.load(dated.bundle), dated.accounts.set_index("account_id")
    given = history(dated.folder)
    events = given["events"]
    turned = events.frame.assign(account_id=events.frame["account_id"].to_numpy()[::-1])
    other = {**given, "events": replace(events, frame=turned)}
    before, after = model.score_accounts(accounts, **given), model.score_accounts(accounts, **other)
    assert (before["fit_tier"] == after["fit_tier"]).all()
    assert (before["propensity"] != after["propensity"]).any()


def test_reasons_speak_of_traits_that_point_their_way(served):
    model, accounts, given = served
    part = accounts.iloc[:150]
    explained, scores = model.explain_accounts(part, **given), model.score_accounts(part, **given)
    speaks = 0
    for column, sign in {"reason_1": 1, "reason_2": 1, "reason_3": 1, "watch_out": -1}.items():
        for row, text in scores[column].dropna().items():
            starts = [trait for trait in model.bundle_.traits if text.lower().startswith(trait.label.lower()[:12])]
            if starts:
                speaks += 1
                assert max(sign * explained.loc[row, trait.name] for trait in starts) > 0, (row, column, text)
    assert speaks > 100


def test_an_empty_table_gives_an_empty_answer(leads):
    model, accounts = IdealCustomerModel.load(leads.bundle), leads.accounts.set_index("account_id")
    assert len(model.score_accounts(accounts.iloc[:0])) == 0
    assert len(model.explain_accounts(accounts.iloc[:0])) == 0


def test_a_loaded_model_knows_its_evidence(leads):
    model = IdealCustomerModel.load(leads.bundle)
    written = json.loads((leads.bundle.parent / "metrics.json").read_text("utf-8"))
    findings = json.loads((leads.bundle.parent / "findings.json").read_text("utf-8"))
    assert model.metrics_ == written
    assert [finding.to_dict() for finding in model.findings_] == findings
    assert set(model.profiles_.frame()["profile_id"]) == {profile.id for profile in model.profiles_.profiles}
