"""``python -m icp.report``: the report of any model version, drawn again from what its training stored."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icp._outcome import Outcome

if TYPE_CHECKING:
    from icp.reports import AccountList, VersionComparison
    from icp.tables import Finding

__all__ = ["ReportResult", "run"]


@dataclass(frozen=True)
class ReportResult(Outcome):
    """What a report run made.

    Parameters
    ----------
    output : Path
        Folder with ``report.html``, ``briefs.json`` and ``briefs.csv``.
    text : str
        The same first screen for a terminal.
    findings : tuple of Finding, default=()
        Always empty: drawing finds nothing new; what training found stands on the page.
    accounts : AccountList or None, default=None
        The best of ``report.scores``; None without it.
    versions : VersionComparison or None, default=None
        This version beside that of ``report.compare``; None without it.
    model_version : str, default=""
        The model, as in ``scores.csv``.
    """

    output: Path
    text: str
    findings: tuple[Finding, ...] = ()
    accounts: AccountList | None = None
    versions: VersionComparison | None = None
    model_version: str = ""

    def summary(self) -> str:
        """The verdict, the profiles, the next steps, and where the page is.

        Returns
        -------
        str
            A few lines for the terminal.
        """
        lines = [self.text]
        if self.accounts is not None:
            lines.append(self.accounts.sentence())
        if self.versions is not None:
            lines.append(self.versions.sentence())
        return "\n".join([*lines, f"report: {self.output / 'report.html'}"])


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
    from icp._reporting import listed_accounts, other_version, write_page
    from icp.bundle import read
    from icp.config import resolve
    from icp.reports import summary_text
    from icp.tracking import find_bundle

    config = resolve(cfg)
    bundle = read(find_bundle(config.model, config.tracking))
    accounts, versions = listed_accounts(config, bundle), other_version(config, bundle)
    findings = write_page(config, bundle, accounts, versions)
    said = summary_text(dict(bundle.card), findings, bundle.version)
    return ReportResult(Path(config.output), said, accounts=accounts, versions=versions, model_version=bundle.version)


if __name__ == "__main__":
    from icp._command import main

    main("report")
