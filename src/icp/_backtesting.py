"""What ``backtest`` does: read, rehearse block by block, measure, and leave a folder behind."""

from __future__ import annotations

import pandas as pd

from icp._files import staged_folder, to_json
from icp._inputs import read_inputs
from icp._outputs import write_findings
from icp._progress import step
from icp.config import RunConfig, resolved_yaml
from icp.model import BacktestTables, backtest_tables, rehearse
from icp.reports import build_backtest_report

__all__ = ["backtest", "write_backtest"]


def backtest(config: RunConfig) -> BacktestTables:
    """Read the tables of a run and judge its definition and way of learning on later accounts.

    Parameters
    ----------
    config : RunConfig
        Resolved configuration.

    Returns
    -------
    BacktestTables
        Figures, tables, findings and card.

    Raises
    ------
    ICPError
        Tables cannot be read, or there is too little to judge on.
    """
    inputs = read_inputs(config)
    options = config.backtest
    found = rehearse(
        inputs.accounts,
        inputs.labels,
        (inputs.events, inputs.outcomes),
        definition=config.labels,
        traits=config.traits,
        scoring=config.scoring,
        options=options,
        seed=config.seed,
    )
    with step("measuring, with intervals"):
        return backtest_tables(
            found,
            inputs.labels,
            name=config.name,
            capacity=options.capacity,
            n_bootstrap=options.n_bootstrap,
            seed=config.seed,
        )


def write_backtest(tables: BacktestTables, config: RunConfig) -> None:
    """Write everything into ``output``, all or nothing.

    Parameters
    ----------
    tables : BacktestTables
        As measured.
    config : RunConfig
        Of the run.
    """
    findings = [finding.to_dict() for finding in tables.findings]
    with staged_folder(config.output) as stage, step("writing tables and report"):
        (stage / "metrics.json").write_text(to_json(tables.metrics), encoding="utf-8")
        for name in ("blocks", "deciles", "baselines", "calibration"):
            pd.DataFrame(getattr(tables, name)).to_csv(stage / f"{name}.csv", index=False, lineterminator="\n")
        write_findings(stage, findings)
        (stage / "config.yaml").write_text(resolved_yaml(config), encoding="utf-8")
        page = build_backtest_report(tables.card, findings, title=f"Backtest: {config.name}")
        (stage / "report.html").write_text(page, encoding="utf-8")
