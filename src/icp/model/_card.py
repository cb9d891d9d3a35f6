"""The evidence behind a model as plain JSON: what reports, notebooks and the model card are drawn from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from icp._version import __version__
from icp.bundle import Bundle
from icp.model._cutoffs import cutoffs_card
from icp.model._judge import Judgement
from icp.scoring import ScoreModel, TierAssigner
from icp.tables import AccountTable, Column, Finding, LabelTable, Trait

__all__ = ["build_card", "found_card", "left_out"]


def build_card(
    bundle: Bundle,
    accounts: AccountTable,
    labels: LabelTable,
    judgement: Judgement,
    verdict: dict[str, Any],
    *,
    quarantined: frozenset[str],
    cutoffs_from: str = "",
) -> dict[str, Any]:
    """Definition, data, quality, profiles and model in plain JSON; no cell of a real account.

    Parameters
    ----------
    bundle : Bundle
        The fitted model, its own card still empty.
    accounts : AccountTable
        All accounts read.
    labels : LabelTable
        Their labels.
    judgement : Judgement
        On rows the model never saw.
    verdict : dict
        ``signal`` and ``text``.
    quarantined : frozenset of str
        Columns that the leakage audit left out.
    cutoffs_from : str, default=""
        Version whose cut-offs were kept; empty where the bundle has its own.

    Returns
    -------
    dict
        See ``docs/reference/card.md`` for every key.
    """
    evaluation = judgement.evaluation
    y = labels.label.to_numpy(dtype=np.float64)
    out = left_out(accounts.columns, bundle.traits, quarantined)
    used = {name for trait in bundle.traits for name in trait.sources}
    tiers = bundle.reference if cutoffs_from else TierAssigner(bundle.reference.tiers).fit(judgement.margin).reference_
    return {
        "name": bundle.name,
        "package_version": __version__,
        "as_of": bundle.as_of,
        "definition": labels.definition.to_dict(),
        "data": {
            "n_accounts": len(accounts),
            "n_labelled": int(np.isfinite(y).sum()),
            "n_best": int((y == 1).sum()),
            "base_rate": bundle.base_rate,
            "source": accounts.source.replace("\\", "/").rsplit("/", 1)[-1],
            "columns": [
                {**_facts(column), "used": column.name in used, "left_out": out.get(column.name, "")}
                for column in accounts.columns
            ],
        },
        "deciles": evaluation.deciles(),
        "calibration": evaluation.calibration(),
        "gain": evaluation.gain(),
        "tiers": evaluation.tiers(tiers.tier_of_margin(judgement.margin)),
        "cutoffs": cutoffs_card(bundle, cutoffs_from),
        "profiles": bundle.profiles.profiles_json(),
        "base": {"name": bundle.profiles.base_name, "n": bundle.profiles.base_n},
        "stability": [dict(row) for row in bundle.profiles.stability],
        "model": _model_facts(bundle),
        "verdict": {"signal": bool(verdict["signal"]), "text": str(verdict["text"])},
    }


def left_out(columns: Sequence[Column], traits: Sequence[Trait], quarantined: Collection[str]) -> dict[str, str]:
    """Why columns that could be traits are in no trait.

    Parameters
    ----------
    columns : sequence of Column
        Of the accounts table.
    traits : sequence of Trait
        What the model reads.
    quarantined : collection of str
        Columns that the leakage audit left out.

    Returns
    -------
    dict of str to str
        The reason by column; nothing for columns that are used, or whose role says that they are not.
    """
    used = {name for trait in traits for name in trait.sources}
    return {
        column.name: "quarantined: it seems to give the answer away (ICP301)"
        if column.name in quarantined
        else "all but a few accounts have the same value, so there is nothing to learn"
        for column in columns
        if column.is_trait and column.name not in used
    }


def found_card(findings: Sequence[Finding], quarantined: Collection[str]) -> dict[str, Any]:
    """What the stages found, as the card tells it.

    Parameters
    ----------
    findings : sequence of Finding
        All.
    quarantined : collection of str
        Columns that the leakage audit left out.

    Returns
    -------
    dict
        Keys ``findings, quarantined, brought_back``.
    """
    return {
        "findings": [finding.to_dict() for finding in findings],
        "quarantined": sorted(quarantined),
        "brought_back": [str(finding.column) for finding in findings if finding.code == "ICP302"],
    }


def _facts(column: Column) -> dict[str, str]:
    return {"name": column.name, "role": column.role, "kind": column.kind, "reason": column.reason}


def _model_facts(bundle: Bundle) -> dict[str, Any]:
    facts: dict[str, Any] = {"mode": bundle.mode, "n_traits": len(bundle.traits)}
    facts["n_watched"] = 0 if bundle.watch is None else len(bundle.watch.traits)
    if isinstance(bundle.score, ScoreModel):
        score = bundle.score
        facts |= {"linear_weight": score.linear_weight, "forest_weight": score.forest_weight}
        facts["n_trees"] = score.n_trees
    return facts
