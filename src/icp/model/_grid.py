"""Fit against engagement: what held-out accounts of each cell A1...D3 became."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from icp._statistics import wilson
from icp.bundle import Bundle
from icp.model._judge import Judgement
from icp.model._known import Known
from icp.scoring import ScoreModel, sum_margin

__all__ = ["LEVELS", "engagement_sum", "grid_evidence"]

LEVELS = {"A": "1", "B": "2", "C": "3", "D": "3"}
"""Engagement level by the letter of its reference table."""

Floats = NDArray[np.float64]


def engagement_sum(score: ScoreModel, X: Floats, engagement: NDArray[np.bool_]) -> Floats:
    """What the engagement traits add to each row, without the cost of explaining every row.

    No part of the score uses a fit trait and an engagement trait together, so with the fit traits of all rows set to
    those of the first, margins differ by engagement alone; only the first row needs its contributions.

    Parameters
    ----------
    score : ScoreModel
        A score whose trees keep the two sides apart.
    X : ndarray of float64, shape (n, n_traits)
        Values and codes.
    engagement : ndarray of bool, shape (n_traits,)
        Traits of that side.

    Returns
    -------
    ndarray of float64, shape (n,)
        In log-odds; the sum of the contributions of these traits, but for rounding.
    """
    if not len(X):
        return np.zeros(0)
    same_fit = np.where(engagement, X, X[:1])
    margin = score.check_margin(same_fit)
    first = sum_margin(0.0, score.contributions(X[:1])[:, engagement])[0]
    return margin - margin[0] + first


def grid_evidence(bundle: Bundle, known: Known, judgement: Judgement) -> list[dict[str, Any]]:
    """Held-out accounts by fit tier and engagement level, both from models that never saw them.

    Parameters
    ----------
    bundle : Bundle
        The fitted model; its cut-offs make the cells.
    known : Known
        Labelled rows.
    judgement : Judgement
        Held-out margins, and the engagement part of each.

    Returns
    -------
    list of dict
        Rows of ``fit_tier, engagement_level, n, best, rate, low, high`` (Wilson, 95 %; None in an empty cell), A1
        first; empty without engagement traits and with a classifier of your own.
    """
    if judgement.engagement is None or bundle.engagement_reference is None:
        return []
    y = known.y[judgement.rows]
    fit = bundle.fit_reference.tier_of_margin(judgement.margin - judgement.engagement)
    letters = bundle.engagement_reference.tier_of_margin(judgement.engagement)
    level = np.array([LEVELS[str(letter)] for letter in letters])
    cells = []
    for tier in "ABCDEFGHIJ"[: len(bundle.fit_reference.tiers) + 1]:
        for digit in ("1", "2", "3"):
            inside = (fit == tier) & (level == digit)
            n, best = int(inside.sum()), int(y[inside].sum())
            low, high = (float(end) for end in wilson(best, n)) if n else (None, None)
            cell = {"fit_tier": tier, "engagement_level": digit, "n": n, "best": best}
            cells.append(cell | {"rate": best / n if n else None, "low": low, "high": high})
    return cells
