"""What is said of how a model was judged, and of the order of its rows in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from icp._samples import AMOUNTS, PROXIES, WORKED, samples_of
from icp.model._judge import Judgement
from icp.model._known import Known
from icp.model._learning import Learned
from icp.profiles import ProfileSet
from icp.tables import Finding, LabelTable

__all__ = ["sample_findings", "samples_taken", "time_findings", "verdict_findings"]

_AGAINST = {
    "stability": "not every one is found again when a fifth of the customers is left out",
    "size": "one holds too few best customers",
    "chance": "one population with the same values and correlations shows as much",
    "fewer": "fewer profiles explain as much",
}
"""Why a number of profiles does not hold, in words."""


def samples_taken(known: Known, labels: LabelTable) -> list[dict[str, Any]]:
    """Which steps of the training looked at a part of the rows.

    Parameters
    ----------
    known : Known
        What was learned from.
    labels : LabelTable
        Of all accounts.

    Returns
    -------
    list of dict
        As :func:`icp._samples.samples_of` gives them.
    """
    taken = {
        AMOUNTS: bool(np.nansum(known.amount) > 0),
        WORKED: labels.unworked is not None and bool(labels.unworked.any()),
        PROXIES: any(column.role == "sensitive" for column in known.accounts.columns),
    }
    skipped = [step for step, was in taken.items() if not was]
    return samples_of(len(known.y), int((known.y == 1).sum()), skipped)


def sample_findings(samples: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """That some steps looked at a part of the rows.

    Parameters
    ----------
    samples : sequence of mapping
        From :func:`samples_taken`.

    Returns
    -------
    list of Finding
        ``ICP205``, or none.
    """
    if not samples:
        return []
    said = "; ".join(
        f"{one['what']}: {one['rows']:,} of {one['of']:,} {'best customers' if one['of_best'] else 'accounts'}"
        for one in samples
    )
    message = f"steps that a part of the rows is enough for looked at a part: {said}. All else counts every row."
    return [Finding("ICP205", "note", message, evidence={"samples": [dict(one) for one in samples]})]


def verdict_findings(
    verdict: dict[str, Any], judgement: Judgement, profiles: ProfileSet, undated_label: bool, asked: int | None = None
) -> list[Finding]:
    """What the held-out rows showed, and how they were held out.

    Parameters
    ----------
    verdict : dict
        From :func:`icp.evaluation.signal`.
    judgement : Judgement
        On rows the model never saw.
    profiles : ProfileSet
        Of the best customers.
    undated_label : bool
        Whether the label is a flag without a date.
    asked : int, default=None
        How many profiles were asked for.

    Returns
    -------
    list of Finding
        ``ICP321`` to ``ICP324``, and ``ICP255``.
    """
    findings: list[Finding] = []
    if not verdict["signal"]:
        metrics = judgement.evaluation.metrics()
        evidence: dict[str, Any] = {
            key: metrics[key] for key in ("auc", "auc_low", "auc_high", "lift_at_10", "lift_at_10_low")
        }
        findings.append(Finding("ICP321", "issue", verdict["text"], "noted", evidence=evidence))
    if judgement.split.name == "random":
        why = "as asked"
        if judgement.only_random:
            why = "as no date orders them" if undated_label else "as all labels come from one window"
        message = f"rows were held out at random, {why}: nothing is said about how the score does later."
        findings.append(Finding("ICP322", "note", message))
    if judgement.dates is not None and not judgement.dates.named:
        message = f"rows were judged in the order of '{judgement.dates.column}', the latest date that rows carry."
        evidence = {"named_by_user": False, "change": "accounts.observed_at=<column> or backtest.order=random"}
        findings.append(Finding("ICP324", "note", message, column=judgement.dates.column, evidence=evidence))
    if not profiles.profiles and asked != 1:
        message = "no stable profiles: the best customers are described as one group."
        findings.append(Finding("ICP323", "note", message))
    if asked is not None and asked > 1:
        findings += _asked_profiles(profiles, asked)
    return findings


def _asked_profiles(profiles: ProfileSet, asked: int) -> list[Finding]:
    """What speaks against a number of profiles that was asked for."""
    seen = next((row for row in profiles.stability if row["k"] == asked), None)
    if seen is None:
        why = "no traits of the best customers go together, so there is nothing to group them by"
        return [Finding("ICP255", "warning", f"{asked} profiles were asked for: {why}.")]
    if not seen["refused_by"]:
        return []
    message = (
        f"{asked} profiles were asked for (profiles.n_profiles), and the data do not show them: "
        f"{_AGAINST[str(seen['refused_by'])]} (the least stable is found again by {100 * seen['stability']:.0f} %)."
    )
    return [Finding("ICP255", "warning", message, evidence=dict(seen))]


def time_findings(judgement: Judgement, learned: Learned, known: Known) -> list[Finding]:
    """What the order of the rows in time showed, and what was made of it.

    Parameters
    ----------
    judgement : Judgement
        With the order of the rows.
    learned : Learned
        The registered score.
    known : Known
        What it was learned from.

    Returns
    -------
    list of Finding
        ``ICP325`` a rate that moved, ``ICP371`` traits that mark a period.
    """
    findings: list[Finding] = []
    if judgement.rate_moved:
        before, after = judgement.train_base_rate, float(judgement.evaluation.metrics()["base_rate"] or 0.0)
        done = "the registered score has learned from the later rows too, and its traits explain their rate."
        if learned.rate_shift:
            done = (
                f"the registered score was moved by {learned.rate_shift:+.2f} log-odds to the rate of the newest rows."
            )
        message = (
            f"the share of best customers moved from {100 * before:.1f} % in the rows learned from to "
            f"{100 * after:.1f} % in the later rows: {done}"
        )
        evidence = {"before": before, "after": after, "rate_shift": round(learned.rate_shift, 6)}
        findings.append(Finding("ICP325", "warning", message, evidence=evidence))
    if learned.time_bound:
        named = [known.traits.traits[j].name for j in learned.time_bound]
        shown = ", ".join(f"'{name}'" for name in named[:5]) + (f" and {len(named) - 5} more" if len(named) > 5 else "")
        message = f"{shown} tell early rows from late ones: they count as a smooth line, not in the trees."
        findings.append(Finding("ICP371", "note", message, evidence={"traits": named}))
    return findings
