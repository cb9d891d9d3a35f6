"""Whether confidence keeps what it says: held-out accounts by the confidence they get."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit

from icp._statistics import wilson
from icp.bundle import Bundle
from icp.engines import confidence
from icp.model._judge import Judgement
from icp.model._known import Known

__all__ = ["confidence_evidence"]


def confidence_evidence(bundle: Bundle, known: Known, judgement: Judgement) -> dict[str, Any]:
    """The rule's limits, and expected against observed rates of held-out accounts by confidence.

    Parameters
    ----------
    bundle : Bundle
        The fitted model.
    known : Known
        Labelled rows.
    judgement : Judgement
        Held-out margins.

    Returns
    -------
    dict
        ``far`` and ``unusual`` (distances), and ``levels``: rows of ``confidence, n, best, rate, low, high``
        (Wilson, 95 %) and ``mean_propensity``, high first.
    """
    words = confidence(bundle, known.traits.values[judgement.rows])
    y, chance = known.y[judgement.rows], expit(judgement.margin)
    levels = []
    for word in ("high", "medium", "low"):
        inside = words == word
        n, best = int(inside.sum()), int(y[inside].sum())
        row: dict[str, Any] = {"confidence": word, "n": n, "best": best}
        if n:
            low, high = (float(end) for end in wilson(best, n))
            row |= {"rate": best / n, "low": low, "high": high, "mean_propensity": float(np.mean(chance[inside]))}
        levels.append(row)
    familiar = bundle.familiarity
    limits = {} if familiar is None else {"unusual": familiar.unusual, "far": familiar.far}
    return {**limits, "levels": levels}
