"""The command writes the page of the version it was asked for."""

from __future__ import annotations

import icp
from trained_models import inside


def test_the_command_draws_the_stored_card_and_its_findings(leads, tmp_path):
    with inside(leads.folder):
        cfg = icp.load_config("report", ["model=models:/leads@champion", f"output={tmp_path / 'out'}"])
        result = icp.report.run(cfg)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    bundle = icp.IdealCustomerModel.load(leads.bundle).bundle_
    assert bundle.version in page
    assert bundle.card["findings"] and all(finding["code"] in page for finding in bundle.card["findings"])
    assert page == (leads.folder / "out" / "leads" / "report.html").read_text("utf-8")
    assert result.findings == ()
    assert result.summary().endswith("report.html")
