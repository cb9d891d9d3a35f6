"""What a rehearsal shows: figures per block and together, paired comparisons, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from icp._version import __version__
from icp.evaluation import calibration_curve, decile_rows, gain_curve, measure, signal_in
from icp.labels import DefinitionComparison
from icp.model._backtest import Rehearsal
from icp.model._backtest_findings import backtest_findings
from icp.model._measurements import PROBABILITY, Measurements, flat, train_rate
from icp.tables import Finding, LabelTable

__all__ = ["BacktestTables", "backtest_tables"]

_ESTIMANDS = {
    "pictures": "accounts at a later date, scored by a model that knew neither them nor anything of that time",
    "column": "later accounts, scored by a model that knew only earlier ones",
    "rows": "later accounts, scored by a model that knew only earlier ones",
    "random": "accounts like these, drawn from the same time; a later time may differ",
}
_BASIC = ("lift_at_10", "capture_at_10", "precision_at_10", "auc", "average_precision", "log_loss", "brier")
_COMPARED = ("lift_at_10", "capture_at_10", "auc")


@dataclass(frozen=True)
class BacktestTables:
    """Everything a backtest says, as plain values.

    Parameters
    ----------
    metrics : dict
        As ``metrics.json``.
    blocks, deciles, baselines, calibration : list of dict
        As the files of these names.
    findings : tuple of Finding
        Of every stage.
    card : dict
        What the report is drawn from.
    comparison : DefinitionComparison or None, default=None
        With a second definition, where the two differ.
    """

    metrics: dict[str, Any]
    blocks: list[dict[str, Any]]
    deciles: list[dict[str, Any]]
    baselines: list[dict[str, Any]]
    calibration: list[dict[str, Any]]
    findings: tuple[Finding, ...]
    card: dict[str, Any]
    comparison: DefinitionComparison | None = None


def backtest_tables(
    found: Rehearsal, labels: LabelTable, *, name: str, capacity: int | None, n_bootstrap: int, seed: int
) -> BacktestTables:
    """Measure a rehearsal.

    Parameters
    ----------
    found : Rehearsal
        Margins of every judged row.
    labels : LabelTable
        For the definition.
    name : str
        For the report.
    capacity : int or None
        Accounts really worked per list; with as many as every list holds, no figures at capacity are given.
    n_bootstrap, seed : int
        Resamples behind every interval, and what decides them.

    Returns
    -------
    BacktestTables
        Figures, tables, findings and card.
    """
    sizes = [len(block.span.rows) for block in found.blocks]
    asked, capacity = capacity, None if capacity is not None and capacity >= max(sizes) else capacity
    amount = found.known.amount[found.rows]
    money = amount if np.nansum(amount) > 0 else None
    probable = frozenset(found.margins) - {key for key in found.margins if key.startswith("today")}
    measured = measure(
        found.margins, found.y, found.block, found.unit, money=money, probability=probable, capacity=capacity,
        n_bootstrap=n_bootstrap, seed=seed,
    )  # fmt: skip
    figures = list(_BASIC) + (["value_at_10", "value_capture_at_10"] if money is not None else [])
    if capacity is not None:
        figures += [figure.replace("_10", "_capacity") for figure in figures if figure.endswith("_at_10")]
    view = Measurements(found, measured, tuple(figures))
    blocks = [_block_row(view, i) for i in view.everything]
    baselines = _baselines(view)
    metrics = _metrics(view, blocks)
    verdict = signal_in(metrics, in_folds=found.order == "random")
    findings = (*found.findings, *backtest_findings(view, metrics, baselines, verdict, asked))
    margin = found.margins["score"]
    deciles, calibration = [], []
    for title, chosen in _sets(view):
        inside = np.isin(found.block, chosen)
        deciles += [{"block": title, **row} for row in decile_rows(measured, "score", chosen, margin, found.block)]
        curve = calibration_curve(margin[inside], found.y[inside], found.unit[inside])
        calibration += [{"block": title, **row} for row in curve]
    card = _card(view, labels, metrics, verdict, name) | {
        "blocks": blocks, "baselines": baselines,
        "deciles": [row for row in deciles if row["block"] == "all"],
        "calibration": [row for row in calibration if row["block"] == "all"],
    }  # fmt: skip
    return BacktestTables(metrics, blocks, deciles, baselines, calibration, findings, card)


def _metrics(view: Measurements, blocks: list[dict[str, Any]]) -> dict[str, Any]:
    """The keys of training, pooled over all blocks, and the parts below."""
    found = view.found
    metrics = view.of(view.everything)
    metrics |= {
        "split": found.order,
        "estimand": _ESTIMANDS[found.order],
        "gap_days": found.gap_days,
        "n_train": max(block.n_train for block in found.blocks),
        "n_best": int(found.known.y.sum()),
        "train_base_rate": train_rate(found, found.blocks),
        "n_blocks": len(found.blocks),
        "capacity": view.measured.capacity,
        "blocks": blocks,
    }
    if view.sealed:
        metrics["sealed"] = view.of(view.sealed)
        metrics["open"] = view.of(view.open) if view.open else None
    if "random" in found.margins:
        metrics["random"] = {**view.of(view.everything, "random"), "n_train": found.n_random}
        compared = [figure for figure in view.figures if not figure.startswith("value")]
        metrics["forward_less_random"] = view.less("random", view.everything, compared)
    metrics["choice"] = _choice(view)
    return metrics


def _block_row(view: Measurements, i: int) -> dict[str, Any]:
    block = view.found.blocks[i]
    row = {
        "block": block.span.name, "sealed": block.sealed, "first": block.span.first, "last": block.span.last,
        "n_train": block.n_train, "train_base_rate": train_rate(view.found, [block]),
        "simple_rule": _rules(view.found, i),
    }  # fmt: skip
    return row | view.of([i])


def _rules(found: Rehearsal, i: int) -> str:
    """Trait of the simple rule of a block; several where its parts differ."""
    before = sum(len(block.parts) for block in found.blocks[:i])
    return "; ".join(dict.fromkeys(found.rules[before : before + len(found.blocks[i].parts)]))


def _sets(view: Measurements) -> list[tuple[str, list[int]]]:
    single = [(view.found.blocks[i].span.name, [i]) for i in view.everything]
    return [("all", view.everything), *single]


def _baselines(view: Measurements) -> list[dict[str, Any]]:
    """Every list on the same rows, and how much the score is better, all blocks together and the sealed one."""
    rows = []
    sets = [("all", view.everything)]
    sets += [
        (title, chosen) for title, chosen in (("open", view.open), ("sealed", view.sealed)) if chosen and view.sealed
    ]
    for title, chosen in sets:
        for name in view.found.margins:
            if name == "random":
                continue
            label = {"base": "no order (the overall rate)", "rule": "simple rule"}.get(name, name)
            row = {"block": title, "list": label, **_only_figures(view.of(chosen, name))}
            if name != "score":
                probable = () if name.startswith("today") else PROBABILITY
                compared = [f for f in view.figures if f in (*_COMPARED, *probable) or "capacity" in f or "value" in f]
                row |= {f"score_less_{key}": value for key, value in view.less(name, chosen, compared).items()}
            rows.append(row)
    return rows


def _only_figures(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if not key.startswith("calibration")}


def _choice(view: Measurements) -> dict[str, Any] | None:
    """The list to work, chosen on the open blocks and judged on the sealed one; None with nothing to choose on."""
    if not view.open or not view.sealed:
        return None
    chosen, best = "score", 0.0
    for name in view.found.margins:
        if name in ("score", "base", "random"):
            continue
        ahead = view.measured.difference(name, "score", view.key, view.open)
        if (ahead.low or 0.0) > 0 and (ahead.value or 0.0) > best:
            chosen, best = name, ahead.value or 0.0
    return {"list": chosen, "by": view.key, **flat("sealed_lift", view.measured.figure(chosen, view.key, view.sealed))}


def _card(
    view: Measurements, labels: LabelTable, metrics: dict[str, Any], verdict: dict[str, Any], name: str
) -> dict[str, Any]:
    found = view.found
    gains = {
        key: gain_curve(margin, found.y, found.block)
        for key, margin in found.margins.items()
        if key not in ("base", "random")
    }
    return {
        "name": name,
        "package_version": __version__,
        "as_of": labels.definition.as_of,
        "definition": labels.definition.to_dict(),
        "order": found.order,
        "metrics": metrics,
        "verdict": {"signal": bool(verdict["signal"]), "text": str(verdict["text"])},
        "gains": gains,
        "quarantined": sorted(found.known.quarantined),
        "n_traits": len(found.known.traits.traits),
    }
