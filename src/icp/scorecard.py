"""``python -m icp.scorecard``: was the list used, did it work, what changes; the page for both leads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icp._outcome import Outcome

if TYPE_CHECKING:
    from icp._meeting import Meeting
    from icp.tables import Finding

__all__ = ["ScorecardResult", "run"]


@dataclass(frozen=True)
class ScorecardResult(Outcome):
    """What was measured.

    Parameters
    ----------
    output : Path
        Folder with ``meeting.html``, the CSV files and ``findings.json``.
    meeting : Meeting
        The same as tables.
    text : str
        The same for a terminal.
    """

    output: Path
    meeting: Meeting
    text: str

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What there is to say."""
        return self.meeting.findings

    def summary(self) -> str:
        """What was used, what worked, what to decide, and where the page is.

        Returns
        -------
        str
            A few lines for the terminal.
        """
        from icp.reports import findings_text

        found = findings_text([finding.to_dict() for finding in self.findings])
        return "\n".join([self.text, *([found] if found else []), f"page: {self.output / 'meeting.html'}"])


def run(cfg: Any) -> ScorecardResult:
    """Measure what the ledger holds, write the page and its tables.

    Parameters
    ----------
    cfg : config
        From ``icp.load_config("scorecard", overrides)``.

    Returns
    -------
    ScorecardResult
        The tables, and where they are.

    Raises
    ------
    ICPError
        There is nothing to measure, or a file named cannot be used.
    """
    from icp._meeting import meet
    from icp._outputs import write_meeting
    from icp.config import resolve

    config = resolve(cfg)
    meeting = meet(config)
    text = write_meeting(meeting.tables, meeting.facts, meeting.findings, meeting.release, config)
    return ScorecardResult(Path(config.output), meeting, text)


if __name__ == "__main__":
    from icp._command import main

    main("scorecard")
