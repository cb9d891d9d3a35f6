"""What ``backtest`` does: read, rehearse block by block, measure, compare definitions, leave a folder behind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from icp._files import staged_folder, to_json
from icp._inputs import Inputs, of_second, read_inputs
from icp._outputs import write_findings
from icp._progress import step
from icp.config import RunConfig, resolved_yaml
from icp.labels import DefinitionComparison
from icp.model import BacktestTables, backtest_tables, check_gap, compare_held_out, rehearse
from icp.reports import build_backtest_report

__all__ = ["backtest", "write_backtest"]


def backtest(config: RunConfig) -> BacktestTables:
    """Judge the definition and way of learning of a run on later accounts, and compare a second definition.

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
    check_gap(config.backtest, config.labels)
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
        tables = backtest_tables(
            found,
            inputs.labels,
            name=config.name,
            capacity=options.capacity,
            n_bootstrap=options.n_bootstrap,
            seed=config.seed,
        )
    return _with_comparison(tables, inputs, config)


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
        if tables.comparison is not None:
            _write_comparison(stage, tables.comparison)
        write_findings(stage, findings)
        (stage / "config.yaml").write_text(resolved_yaml(config), encoding="utf-8")
        page = build_backtest_report(tables.card, findings, title=f"Backtest: {config.name}")
        (stage / "report.html").write_text(page, encoding="utf-8")


def _with_comparison(tables: BacktestTables, inputs: Inputs, config: RunConfig) -> BacktestTables:
    """The tables, with where a second definition differs if there is one."""
    if inputs.versus is None:
        return tables
    comparison, found = compare_held_out(
        inputs.accounts,
        inputs.labels,
        inputs.versus,
        (inputs.events, inputs.outcomes),
        traits=config.traits,
        scoring=config.scoring,
        options=config.backtest,
        seed=config.seed,
    )
    findings = (*tables.findings, *inputs.versus.findings, *of_second(found))
    card = tables.card | {"definitions": comparison.to_dict()}
    return replace(tables, card=card, findings=findings, comparison=comparison)


def _write_comparison(folder: Path, comparison: DefinitionComparison) -> None:
    """The figures without any account, and the accounts whose tier depends on the definition."""
    (folder / "definitions.json").write_text(to_json(comparison.to_dict()), encoding="utf-8")
    if comparison.changed is not None:
        labels = {name: comparison.changed[name].astype("Int64") for name in ("label_a", "label_b")}
        changed = comparison.changed.assign(**labels)
        changed.to_csv(folder / "definitions_changed.csv", lineterminator="\n", encoding="utf-8")
