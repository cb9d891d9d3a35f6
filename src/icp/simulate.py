"""``python -m icp.simulate``: a simulated CRM whose true profiles, drivers and leaks are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icp._outcome import Outcome

if TYPE_CHECKING:
    from icp.simulation import SimulatedCRM
    from icp.tables import Finding

__all__ = ["SimulateResult", "run"]


@dataclass(frozen=True)
class SimulateResult(Outcome):
    """What a simulation made: the folder it wrote, and the same as tables.

    Parameters
    ----------
    output : Path
        Folder with the CSV files and a README.
    crm : SimulatedCRM
        The same as tables, with the truth.
    findings : tuple of Finding, default=()
        Always empty.
    """

    output: Path
    crm: SimulatedCRM
    findings: tuple[Finding, ...] = ()

    @property
    def counts(self) -> Mapping[str, int]:
        """Rows of each table."""
        crm = self.crm
        return {"accounts": len(crm.accounts), "events": len(crm.events), "outcomes": len(crm.outcomes)}

    def summary(self) -> str:
        """How much was made, and where it is.

        Returns
        -------
        str
            Two lines for the terminal.
        """
        crm = self.crm
        n_best = int((crm.truth["best"] & crm.truth["worked"]).sum())
        return (
            f"{len(crm.accounts):,} accounts, {len(crm.events):,} events, {len(crm.outcomes):,} opportunities, "
            f"{n_best:,} best customers; planted: {crm.truth['profile'].max()} profiles, {len(crm.leaks)} leaks\n"
            f"{self.output / 'README.md'} says what the files are"
        )


def run(cfg: Any) -> SimulateResult:
    """Simulate a CRM and write it.

    Parameters
    ----------
    cfg : config
        From ``icp.load_config("simulate", overrides)``; ``simulation``, ``seed`` and ``output`` are read.

    Returns
    -------
    SimulateResult
        Where the files are, and the tables.
    """
    from icp._files import staged_folder
    from icp.config import resolve
    from icp.simulation import simulate

    config = resolve(cfg)
    crm = simulate(config.simulation, config.seed)
    with staged_folder(config.output) as stage:
        crm.write(stage)
    return SimulateResult(Path(config.output), crm)


if __name__ == "__main__":
    from icp._command import main

    main("simulate")
