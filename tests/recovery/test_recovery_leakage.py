"""Planted leaks are found in simulated CRMs, honest columns are left alone there and in public data."""

from __future__ import annotations

import pytest

import icp
from benchmarks.claims.leakage import audited, simulated
from icp.model import audit
from icp.options import TraitOptions
from icp.simulation import leak_kinds


@pytest.mark.parametrize("seed, scenario", [(0, "dated"), (1, "flag"), (2, "dated")])
def test_every_planted_leak_is_found_by_evidence_of_its_own(seed, scenario):
    run = audited(simulated(leak_kinds(), seed), scenario)
    kinds = [kind for kind in leak_kinds() if (kind, scenario) != ("late_events", "flag")]
    assert [kind for kind in kinds if not run.names(kind)] == []


@pytest.mark.parametrize("seed", [3, 4])
def test_of_weakened_leaks_nine_in_ten_are_found(seed):
    run = audited(simulated(leak_kinds(), seed), "dated", weak=True)
    assert sum(run.names(kind) for kind in leak_kinds()) >= 0.9 * len(leak_kinds())


@pytest.mark.parametrize("seed", [10, 11, 12])
@pytest.mark.parametrize(
    "signal, scenario, shuffle", [(1.0, "dated", False), (1.0, "flag", True), (0.0, "flag", False)]
)
def test_nothing_is_suspected_where_nothing_leaks(seed, signal, scenario, shuffle):
    assert audited(simulated((), seed, signal=signal), scenario, shuffle=shuffle).quarantined == frozenset()


LEADS = (
    *("accounts.path=x_education_leads/Leads.csv", 'accounts.account_id="Prospect ID"'),
    *("accounts.missing_values=[Select]", "labels.column=Converted", "labels.positive=1"),
)
BANK = (
    *("accounts.path=uci_bank_marketing/bank-additional-full.csv.gz", "accounts.missing_values=[unknown]"),
    *("labels.column=y", "labels.positive=yes"),
)
DEALS = (
    *("accounts.path=maven_crm_sales/sales_pipeline.csv", "accounts.account_id=opportunity_id"),
    *("labels.column=deal_stage", "labels.positive=Won", "labels.negative=Lost"),
)
CAMPAIGN = (
    *("accounts.path=customer_personality/marketing_campaign.csv", "accounts.account_id=ID"),
    *("labels.column=Response", "labels.positive=1"),
)
MAY_GO_EITHER_WAY = {"Last Activity", "Last Notable Activity"} | {
    f"Asymmetrique {kind} {what}" for kind in ("Activity", "Profile") for what in ("Index", "Score")
}


@pytest.mark.realdata
@pytest.mark.parametrize(
    "overrides, leaks",
    [
        (LEADS, {"Tags", "Lead Quality", "Lead Profile"}),
        (BANK, {"duration"}),
        (DEALS, {"close_value", "close_date"}),
        (CAMPAIGN, set()),
    ],
    ids=["leads", "bank", "deals", "campaign"],
)
def test_known_leaks_of_public_data_are_found_and_nothing_else(real_data, overrides, leaks):
    there = [text.replace(".path=", f".path={real_data}/") for text in overrides]
    inputs = icp.read_inputs(icp.load_config("validate", ["accounts=csv", "labels=flag", *there]))
    seen = audit(inputs.accounts, inputs.labels, None, None, TraitOptions())
    quarantined, findings = seen.quarantined, seen.findings
    assert quarantined - MAY_GO_EITHER_WAY == leaks
    assert all(finding.evidence["rules"] for finding in findings if finding.code == "ICP301")
