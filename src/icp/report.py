"""``python -m icp.report``: the report of any model version, drawn again from what its training stored."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from icp.tables import Finding

__all__ = ["ReportResult", "run"]


@dataclass(frozen=True)
class ReportResult:
    """What a report run made.

    Parameters
    ----------
    output : Path
        Folder with ``report.html``, ``briefs.json`` and ``briefs.csv``.
    text : str
        The same first screen for a terminal.
    findings : tuple of Finding, default=()
        Always empty: drawing finds nothing new; what training found stands on the page.
    """

    output: Path
    text: str
    findings: tuple[Finding, ...] = ()

    def summary(self) -> str:
        """The verdict, the profiles, the next steps, and where the page is.

        Returns
        -------
        str
            A few lines for the terminal.
        """
        return f"{self.text}\nreport: {self.output / 'report.html'}"


def run(cfg: Any) -> ReportResult:
    """Find the model, read its card and what the gate decided, write the page.

    Parameters
    ----------
    cfg : config
        From ``icp.load_config("report", overrides)``.

    Returns
    -------
    ReportResult
        Where the page is, and what it says.
    """
    from icp._files import staged_folder
    from icp._outputs import write_briefs
    from icp.bundle import read
    from icp.config import resolve
    from icp.reports import build_report, summary_text
    from icp.tracking import find_bundle, find_gate, find_profile_changes

    config = resolve(cfg)
    bundle = read(find_bundle(config.model, config.tracking))
    gate = find_gate(config.model, config.tracking)
    changes = find_profile_changes(config.model, config.tracking) or {}
    card, findings = dict(bundle.card), [*bundle.card.get("findings", []), *changes.get("findings", [])]
    title = f"Best customers: {bundle.name}"
    page = build_report(card, findings, title=title, model_version=bundle.version, gate=gate, changes=changes)
    with staged_folder(config.output) as stage:
        (stage / "report.html").write_text(page, encoding="utf-8")
        write_briefs(stage, card)
    return ReportResult(Path(config.output), summary_text(card, findings, bundle.version))


if __name__ == "__main__":
    from icp._command import main

    main("report")
