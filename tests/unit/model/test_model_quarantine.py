"""What the audit leaves out, and what the user brings back, stands in the card."""

from __future__ import annotations

import pandas as pd
import pytest

import icp
from icp.options import BacktestOptions, ProfileOptions, ScoringOptions, TraitOptions
from icp.reports import build_report


@pytest.fixture
def inputs(tmp_path):
    rows = range(240)
    frame = pd.DataFrame(
        {
            "id": [f"L-{i:03d}" for i in rows],
            "employees": [(i * 37) % 211 for i in rows],
            "sector": [("retail", "steel", "farming")[i % 3] for i in rows],
            "won": [int(i % 4 == 0) for i in rows],
            "close_reason": ["contract signed" if i % 4 == 0 else "no budget" for i in rows],
        }
    )
    frame.to_csv(tmp_path / "leads.csv", index=False)
    overrides = [f"accounts.path={tmp_path / 'leads.csv'}", "accounts.account_id=id", "labels.column=won"]
    return icp.read_inputs(icp.load_config("train", ["accounts=csv", "labels=flag", "labels.positive=1", *overrides]))


@pytest.mark.parametrize("keep, quarantined", [([], ["close_reason"]), (["close_reason"], [])])
def test_the_card_says_what_was_left_out_and_what_was_brought_back(inputs, keep, quarantined):
    model = icp.IdealCustomerModel(
        traits=TraitOptions(keep=keep),
        scoring=ScoringOptions(max_trees=10),
        profiles=ProfileOptions(n_resamples=4),
        backtest=BacktestOptions(n_bootstrap=20),
    ).fit(inputs.accounts, inputs.labels)
    card = model.bundle_.card
    assert (card["quarantined"], card["brought_back"]) == (quarantined, keep)
    used = {trait.name for trait in model.bundle_.traits}
    assert ("close_reason" in used) == bool(keep)
    page = build_report(card, [finding.to_dict() for finding in model.findings_])
    assert ("Used on request, although the leakage audit spoke against it: close_reason." in page) == bool(keep)
