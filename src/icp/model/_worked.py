"""Selective working: which accounts the score can speak of when sales worked only some."""

from __future__ import annotations

from typing import Any

import numpy as np

from icp.bundle import Bundle
from icp.model._known import Known
from icp.scoring import WorkedRegion, learn_worked

__all__ = ["worked_evidence", "worked_region"]

MIN_EACH = 50
"""With fewer worked or fewer other accounts nothing is said of where sales worked."""


def worked_region(known: Known) -> WorkedRegion | None:
    """The accounts among which sales worked some.

    Parameters
    ----------
    known : Known
        Worked accounts with their label, and the traits of the others.

    Returns
    -------
    WorkedRegion or None
        None where nothing says who was worked, or too few were, or too few were not.
    """
    if known.unworked is None or min(len(known.y), len(known.unworked)) < MIN_EACH:
        return None
    X = np.concatenate([known.traits.values, known.unworked])
    return learn_worked(X, np.arange(len(X)) < len(known.y), known.traits.categorical)


def worked_evidence(bundle: Bundle, known: Known) -> dict[str, Any]:
    """How many accounts were not worked, and of how many of them the score can only be extrapolated.

    Parameters
    ----------
    bundle : Bundle
        The fitted model.
    known : Known
        What it was learned from.

    Returns
    -------
    dict
        For the card: ``n_worked, n_unworked`` and, where the region was learned, ``n_extrapolated``; empty where
        nothing says who was worked.
    """
    if known.unworked is None:
        return {}
    facts = {"n_worked": len(known.y), "n_unworked": len(known.unworked)}
    if bundle.worked_region is not None:
        facts["n_extrapolated"] = int(bundle.worked_region.outside(known.unworked).sum())
    return facts
