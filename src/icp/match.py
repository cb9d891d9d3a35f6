"""``python -m icp.match``: the account of each lead in a list that came without ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icp._outcome import Outcome

if TYPE_CHECKING:
    import pandas as pd

    from icp.tables import Finding

__all__ = ["MatchResult", "run"]


@dataclass(frozen=True)
class MatchResult(Outcome):
    """What was found.

    Parameters
    ----------
    output : Path
        Folder with ``leads.csv``.
    matches : DataFrame, shape (n_leads, 6)
        As :func:`icp.match_accounts` gives them, in the order of the leads.
    counts : mapping of str to int
        Leads with each outcome.
    findings : tuple of Finding
        ``ICP207`` where a column of domains holds none, ``ICP744`` where it is not clear which account is meant,
        ``ICP749`` for cells that a spreadsheet would run.
    """

    output: Path
    matches: pd.DataFrame
    counts: Mapping[str, int]
    findings: tuple[Finding, ...]

    def summary(self) -> str:
        """How many leads have an account, and where the table is.

        Returns
        -------
        str
            A few lines for the terminal.
        """
        told = ", ".join(f"{n:,} {outcome}" for outcome, n in self.counts.items())
        lines = [
            f"{len(self.matches):,} leads: {told}",
            *(f"{one.severity} {one.code}: {one.message}" for one in self.findings),
        ]
        return "\n".join([*lines, f"leads: {self.output / 'leads.csv'}"])


def run(cfg: Any) -> MatchResult:
    """Read, match, write.

    Parameters
    ----------
    cfg : config
        From ``icp.load_config("match", overrides)``.

    Returns
    -------
    MatchResult
        What was found.

    Raises
    ------
    ConfigError
        ``leads.path`` is not set, a source cannot be read so, or the method cannot be used (``ICP746`` to ``ICP748``).
    TableError
        A table cannot be read, a column is missing, or ids of accounts repeat.
    """
    from icp._leads import match_leads
    from icp.config import resolve

    config = resolve(cfg)
    matches, findings = match_leads(config)
    counts = {outcome: int((matches["outcome"] == outcome).sum()) for outcome in ("matched", "ambiguous", "none")}
    return MatchResult(Path(config.output), matches, counts, findings)


if __name__ == "__main__":
    from icp._command import main

    main("match")
