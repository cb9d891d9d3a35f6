"""Cut-offs that stay where they are from version to version, so that a tier means the same chance."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.special import expit

from icp.bundle import Bundle
from icp.scoring import ReferenceTable
from icp.tables import Definition, Finding

__all__ = ["cutoffs_card", "keep_cutoffs", "same_definition"]

_REFERENCES = ("reference", "fit_reference", "engagement_reference")
_LEVELS = "ABCDEFGHI"
_FAR = 1e299


def keep_cutoffs(
    bundle: Bundle, champion: Bundle | None, definition: Definition, cutoffs: str
) -> tuple[Bundle, str, list[Finding]]:
    """Cut tiers and levels where the champion cuts them.

    Parameters
    ----------
    bundle : Bundle
        New, cut at its own population.
    champion : Bundle or None
        Version in use.
    definition : Definition
        What best means now; cut-offs of another definition are never kept.
    cutoffs : {"keep", "reset"}
        ``scoring.cutoffs``.

    Returns
    -------
    bundle : Bundle
        With the champion's cut-offs, or as it was.
    origin : str
        Version whose population the cut-offs are from; empty where it is the bundle's own.
    findings : list of Finding
        What was kept (``ICP520``), or cut anew though there is a champion (``ICP521``).
    """
    if champion is None:
        return bundle, "", []
    why = _why_not(bundle, champion, definition, cutoffs)
    if why:
        message = f"tiers were cut anew, {why}: a tier may mean another chance than in {champion.version}."
        return bundle, "", [Finding("ICP521", "note", message)]
    tables: dict[str, Any] = {name: _kept(getattr(bundle, name), getattr(champion, name)) for name in _REFERENCES}
    if all(tables[name] == getattr(bundle, name) for name in _REFERENCES):
        return bundle, "", []
    origin = str(champion.card.get("cutoffs", {}).get("from") or champion.version)
    message = f"tiers keep the cut-offs of {origin}, so that each means the same chance as before."
    return replace(bundle, **tables), origin, [Finding("ICP520", "note", message, evidence={"from": origin})]


def cutoffs_card(bundle: Bundle, origin: str) -> dict[str, Any]:
    """The cut-offs as the model card tells them.

    Parameters
    ----------
    bundle : Bundle
        As it will serve.
    origin : str
        From :func:`keep_cutoffs`.

    Returns
    -------
    dict
        ``from``; ``tiers``, ``fit`` and ``engagement``: least margin of each, null where none or all reach it.
    """
    table = bundle.reference
    tiers = [
        {
            "tier": letter,
            "margin": _near(cut),
            "propensity": None if _near(cut) is None else round(float(expit(cut)), 6),
            "percentile": round(float(table.percentile([cut])[0]), 2),
            "share": round(float(share), 6),
        }
        for letter, cut, share in zip(_LEVELS, table.cutoffs, np.asarray(table.tiers), strict=False)
    ]
    engagement = bundle.engagement_reference
    return {
        "from": origin,
        "tiers": tiers,
        "fit": [_near(cut) for cut in bundle.fit_reference.cutoffs],
        "engagement": [] if engagement is None else [_near(cut) for cut in engagement.cutoffs],
    }


def same_definition(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    """Whether best means the same, whatever the date it is looked at.

    Parameters
    ----------
    ours, theirs : mapping
        As :meth:`icp.tables.Definition.to_dict` gives them.

    Returns
    -------
    bool
        True when recipe, version and every option that both know are equal.
    """
    options, others = (json.loads(json.dumps(dict(one["parameters"]), default=str)) for one in (ours, theirs))
    shared = options.keys() & others.keys()
    same = all(options[key] == others[key] for key in shared)
    return bool(same and ours["recipe"] == theirs["recipe"] and ours["version"] == theirs["version"])


def _near(cut: float) -> float | None:
    return None if abs(cut) > _FAR else float(cut)


def _why_not(bundle: Bundle, champion: Bundle, definition: Definition, cutoffs: str) -> str:
    """Why the champion's cut-offs cannot be kept; empty where they can."""
    if cutoffs == "reset":
        return "as asked (scoring.cutoffs=reset)"
    if champion.reference.tiers != bundle.reference.tiers:
        return "as scoring.tiers changed"
    if not same_definition(definition.to_dict(), champion.card["definition"]):
        return "as the definition of best changed"
    return ""


def _kept(table: ReferenceTable | None, earlier: ReferenceTable | None) -> ReferenceTable | None:
    if table is None or earlier is None:
        return table
    return table.keep_cutoffs(earlier)
