"""``python -m icp.backtest``: a definition and a way of scoring judged on later accounts, with nothing registered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icp._outcome import Outcome

if TYPE_CHECKING:
    from icp.model import BacktestTables
    from icp.tables import Finding

__all__ = ["BacktestResult", "run"]


@dataclass(frozen=True)
class BacktestResult(Outcome):
    """What judging on later accounts showed.

    Parameters
    ----------
    output : Path
        Folder with the figures, tables, findings and report.
    tables : BacktestTables
        The same as plain values.
    """

    output: Path
    tables: BacktestTables

    @property
    def metrics(self) -> dict[str, Any]:
        """As ``metrics.json``."""
        return self.tables.metrics

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything the stages found."""
        return self.tables.findings

    @property
    def counts(self) -> Mapping[str, int]:
        """Accounts learned from and judged on."""
        found = ("n_train", "n_test", "n_best")
        return {key: int(self.metrics[key]) for key in found if self.metrics.get(key) is not None}

    def summary(self) -> str:
        """How far the list beats chance on later accounts, each block, what it was compared with, and where things are.

        Returns
        -------
        str
            A few lines for the terminal.
        """
        from icp.reports import backtest_text, findings_text

        found = [finding.to_dict() for finding in self.findings]
        lines = [backtest_text(self.tables.card)]
        lines += [findings_text(found)] if findings_text(found) else []
        lines.append(f"report: {self.output / 'report.html'}   figures: {self.output / 'metrics.json'}")
        if self.tables.comparison is not None:
            lines.append(f"accounts whose tier depends on the definition: {self.output / 'definitions_changed.csv'}")
        return "\n".join(lines)


def run(cfg: Any) -> BacktestResult:
    """Read, label, learn and judge block by block, write; no model is kept.

    Parameters
    ----------
    cfg : config
        From ``icp.load_config("backtest", overrides)``.

    Returns
    -------
    BacktestResult
        The figures, and where everything is.

    Raises
    ------
    ICPError
        Tables cannot be read, or there is too little to judge on.
    """
    from icp._backtesting import backtest, write_backtest
    from icp._hold import held_folder
    from icp.config import resolve

    config = resolve(cfg)
    with held_folder(config.output):
        tables = backtest(config)
        write_backtest(tables, config)
    return BacktestResult(Path(config.output), tables)


if __name__ == "__main__":
    from icp._command import main

    main("backtest")
