"""The command writes the page of the version it was asked for."""

from __future__ import annotations

import icp
from trained_models import inside, without_examples


def test_the_command_draws_the_stored_card_and_its_findings(leads, tmp_path):
    with inside(leads.folder):
        cfg = icp.load_config("report", ["model=models:/leads@champion", f"output={tmp_path / 'out'}"])
        result = icp.report.run(cfg)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    bundle = icp.IdealCustomerModel.load(leads.bundle).bundle_
    assert bundle.version in page
    assert bundle.card["findings"] and all(finding["code"] in page for finding in bundle.card["findings"])
    (registered,) = (leads.folder / "mlruns" / "artifacts").rglob("report.html")
    assert page == registered.read_text("utf-8")
    local = (leads.folder / "out" / "leads" / "report.html").read_text("utf-8")
    assert page == without_examples(local)
    assert local.count("Typical examples") == len(bundle.profiles.profiles) > 0 == page.count("Typical examples")
    for name in ("briefs.json", "briefs.csv"):
        assert (tmp_path / "out" / name).read_bytes() == (leads.folder / "out" / "leads" / name).read_bytes()
    assert result.findings == ()
    assert result.summary().endswith("report.html")
