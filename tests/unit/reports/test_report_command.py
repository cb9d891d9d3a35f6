"""The command writes the page of the version it was asked for."""

from types import SimpleNamespace

from report_cards import CARDS, FINDINGS


def test_the_command_draws_the_stored_card_and_its_findings(monkeypatch, tmp_path):
    from icp import bundle, config, report, tracking

    asked = []
    stored = SimpleNamespace(name="leads", version="leads-0123456789ab", card=CARDS["full"]() | {"findings": FINDINGS})
    options = SimpleNamespace(model="models:/leads@champion", output=str(tmp_path / "out"), tracking="local options")
    monkeypatch.setattr(config, "resolve", lambda cfg: options)
    monkeypatch.setattr(tracking, "find_bundle", lambda *where: asked.append(where) or tmp_path)
    monkeypatch.setattr(bundle, "read", lambda folder: stored)
    result = report.run(None)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert asked == [("models:/leads@champion", "local options")]
    assert "leads-0123456789ab" in page
    assert "ICP301" in page
    assert result.findings == ()
    assert result.summary().endswith("report.html")
