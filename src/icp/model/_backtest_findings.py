"""What follows from a backtest, as findings."""

from __future__ import annotations

from typing import Any

import numpy as np

from icp.evaluation import signal_in
from icp.model._measurements import Measurements, flat, train_rate
from icp.tables import Finding

__all__ = ["backtest_findings"]

FEW_WINNERS = 30
"""Fewer different best customers than this in the sealed block, and its figures are said to be rough."""

GAP_LIFT, GAP_AUC = 0.2, 0.03
"""Random rows flatter by so much of the later lift, or so much AUC, before it is a finding."""


def backtest_findings(
    view: Measurements,
    metrics: dict[str, Any],
    baselines: list[dict[str, Any]],
    verdict: dict[str, Any],
    capacity: int | None,
) -> list[Finding]:
    found, findings = view.found, []
    if not verdict["signal"]:
        keys = ("auc", "auc_low", "auc_high", "lift_at_10", "lift_at_10_low", "lift_at_10_high")
        evidence = {key: metrics[key] for key in keys}
        findings.append(Finding("ICP321", "issue", str(verdict["text"]), evidence=evidence))
    if found.order == "random":
        message = "folds were drawn at random: these figures say nothing about later accounts."
        findings.append(Finding("ICP322", "note", message))
    if found.dates is not None and not found.dates.named:
        column = found.dates.column
        message = f"blocks are in the order of '{column}', the latest date that rows carry."
        findings.append(Finding("ICP324", "note", message, column=column))
    if found.dropped:
        message = f"{len(found.dropped)} blocks could not be judged: {'; '.join(found.dropped)}."
        findings.append(Finding("ICP338", "note", message, evidence={"blocks": list(found.dropped)}))
    findings += _gap_finding(metrics)
    findings += _sealed_findings(view, metrics)
    if verdict["signal"]:
        findings += [
            finding for row in baselines if row["block"] == "all" for finding in _beaten(row, view.key, metrics)
        ]
    if capacity is not None:
        findings += _capacity_finding(view, capacity)
    return findings


def _gap_finding(metrics: dict[str, Any]) -> list[Finding]:
    """Rows held out at random flatter the score."""
    if "random" not in metrics:
        return []
    gap, random = metrics["forward_less_random"], metrics["random"]
    if not signal_in(random, in_folds=True)["signal"]:
        return []
    lift, auc = -(gap["lift_at_10"] or 0.0), -(gap["auc"] or 0.0)
    wide = lift > GAP_LIFT * (metrics["lift_at_10"] or 0.0) and (gap["lift_at_10_high"] or 0.0) < 0
    wide |= auc > GAP_AUC and (gap["auc_high"] or 0.0) < 0
    if not wide:
        return []
    message = (
        f"rows held out at random promise a lift of {random['lift_at_10']:.1f} (AUC {random['auc']:.2f}); the same "
        f"accounts, judged by models that knew only earlier ones, gave {metrics['lift_at_10']:.1f} "
        f"(AUC {metrics['auc']:.2f}): believe the latter, and look for columns that were filled in later, or for "
        "change over time."
    )
    evidence = {key: value for key, value in gap.items() if key.startswith(("lift_at_10", "auc"))}
    return [Finding("ICP328", "warning", message, evidence=evidence)]


def _sealed_findings(view: Measurements, metrics: dict[str, Any]) -> list[Finding]:
    """Too few wins to say much, another rate than before, or a score that fades."""
    if not view.sealed:
        return []
    sealed, findings = metrics["sealed"], []
    if sealed["n_winners"] < FEW_WINNERS:
        message = (
            f"the sealed block rests on {sealed['n_winners']} best customers: read its intervals, not its figures."
        )
        findings.append(Finding("ICP339", "warning", message, evidence={"n_winners": sealed["n_winners"]}))
    last = view.found.blocks[view.sealed[0]]
    before, after = train_rate(view.found, [last]), float(sealed["base_rate"])
    error = np.sqrt(before * (1.0 - before) * (1.0 / sealed["n_test"] + 1.0 / last.n_train))
    if abs(after - before) > max(4.0 * error, 0.25 * min(before, 1.0 - before)):
        message = (
            f"the share of best customers moved from {100 * before:.1f} % in the rows learned from to "
            f"{100 * after:.1f} % in the sealed block: the propensities belong to the mix learned from."
        )
        findings.append(Finding("ICP325", "warning", message, evidence={"before": before, "after": after}))
    if view.open:
        change = view.measured.difference("score", "score", "auc", view.sealed, view.open)
        if (change.high or 0.0) < 0:
            message = (
                f"the score is weaker in the sealed block (AUC {sealed['auc']:.2f}) than before "
                f"({metrics['open']['auc']:.2f}): it may be fading, so expect no more than the sealed figures."
            )
            findings.append(Finding("ICP340", "warning", message, evidence=flat("auc_change", change)))
    return findings


def _beaten(row: dict[str, Any], key: str, metrics: dict[str, Any]) -> list[Finding]:
    """A simple list that is as good as the score, or better."""
    if row["list"] in ("score", "no order (the overall rate)"):
        return []
    low, high, auc_low = (row.get(f"score_less_{name}") for name in (f"{key}_low", f"{key}_high", "auc_low"))
    what = f"'{row['list']}'"
    numbers = f"lift {row[key]:.1f} against {metrics[key]:.1f}"
    evidence = {name: value for name, value in row.items() if name.startswith("score_less")}
    if (high or 0.0) < 0:
        message = f"{what} orders these accounts better than the score ({numbers}): use it instead."
        return [Finding("ICP329", "issue", message, evidence=evidence)]
    if (row.get("score_less_auc_high") or 0.0) < 0:
        message = (
            f"over the whole list {what} orders these accounts better than the score (AUC {row['auc']:.2f} against "
            f"{metrics['auc']:.2f}); at the top the lift is {row[key]:.1f} against {metrics[key]:.1f}."
        )
        return [Finding("ICP329", "warning", message, evidence=evidence)]
    if (low or 0.0) <= 0 and (auc_low or 0.0) <= 0:
        message = f"the score is not clearly better than {what} ({numbers})."
        return [Finding("ICP329", "warning", message, evidence=evidence)]
    return []


def _capacity_finding(view: Measurements, capacity: int) -> list[Finding]:
    """A capacity that works whole lists, whose order then decides nothing."""
    sizes = {block.span.name: len(block.span.rows) for block in view.found.blocks}
    whole = [name for name, size in sizes.items() if capacity >= size]
    if not whole:
        return []
    if len(whole) == len(sizes):
        message = (
            f"backtest.capacity={capacity} works every account: the longest list holds {max(sizes.values()):,}. No "
            "figures at capacity are given, and lists are compared in their best tenth. Give the number really worked."
        )
    else:
        message = (
            f"backtest.capacity={capacity} works every account of block {', '.join(whole)}, where the order then "
            "decides nothing: figures at capacity are mixed with those of no order."
        )
    return [Finding("ICP342", "warning", message, evidence={"capacity": capacity, "accounts": sizes})]
