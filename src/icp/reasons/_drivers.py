"""Which traits the score leans on, with the rate of each group."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from icp._statistics import wilson
from icp.reasons._book import ReasonBook, TraitReasons
from icp.tables import TraitTable

__all__ = ["PER_POINT", "drivers"]

PER_POINT = 5
"""Fewest accounts behind a point: what is stored shows how contributions spread, and no account's own."""

_N_POINTS, _N_SPREAD = 120, 12
"""Points of a trait, and leading traits that have them: more are not read."""


def drivers(book: ReasonBook, traits: TraitTable, contributions: NDArray[np.float64]) -> list[dict[str, Any]]:
    """Traits by importance, each with its groups: how many accounts, how many best, what they contribute.

    Parameters
    ----------
    book : ReasonBook
        Groups and counts of the training accounts.
    traits : TraitTable
        Accounts whose contributions are given, traits in the order of the book.
    contributions : ndarray of float64, shape (n_accounts, n_traits)
        What each trait adds to the margin, in log-odds.

    Returns
    -------
    list of dict
        Keys ``trait, label, sources, side, importance`` (mean absolute contribution, in log-odds), ``share`` (of all
        importance), ``ordered`` (groups go from low to high values, those not known last) and ``groups``: a list of
        ``{group, n, best, rate, low, high, index, index_low, index_high, mean_contribution, points}`` for groups that
        hold accounts. ``low`` and ``high`` bound the rate (Wilson, 95 %); ``index`` is the rate where 100 is that of
        all training accounts; ``points``, of leading traits, are means of at least :data:`PER_POINT` neighbours by
        contribution. Most important first, ties by position.
    """
    importance = np.abs(contributions).mean(axis=0) if len(contributions) else np.zeros(len(book.traits))
    total = float(importance.sum())
    base = book.best / book.n
    order = np.argsort(-importance, kind="stable")
    return [
        {
            "trait": book.traits[j].trait,
            "label": book.traits[j].label,
            "sources": list(book.traits[j].sources),
            "side": book.traits[j].side,
            "importance": float(importance[j]),
            "share": float(importance[j]) / total if total > 0 else 0.0,
            "ordered": not book.traits[j].levels,
            "groups": _groups(book.traits[j], base, traits.values[:, j], contributions[:, j], spread=place < _N_SPREAD),
        }
        for place, j in enumerate(order.tolist())
    ]


def _groups(
    trait: TraitReasons,
    base: float,
    values: NDArray[np.float64],
    contribution: NDArray[np.float64],
    *,
    spread: bool,
) -> list[dict[str, Any]]:
    codes = trait.codes(np.ascontiguousarray(values))
    n = np.bincount(codes, minlength=len(trait.groups))
    sums = np.bincount(codes, weights=contribution, minlength=len(trait.groups))
    rows = []
    for g, name in enumerate(trait.groups):
        if not trait.n[g]:
            continue
        low, high = (float(bound) for bound in wilson(trait.best[g], trait.n[g]))
        rate = trait.best[g] / trait.n[g]
        rows.append(
            {
                "group": name,
                "n": trait.n[g],
                "best": trait.best[g],
                "rate": rate,
                "low": low,
                "high": high,
                "index": 100 * rate / base,
                "index_low": 100 * low / base,
                "index_high": 100 * high / base,
                "mean_contribution": float(sums[g] / n[g]) if n[g] else None,
                "points": _points(contribution[codes == g], len(codes)) if spread else [],
            }
        )
    return rows


def _points(contribution: NDArray[np.float64], n_all: int) -> list[float]:
    """How a group's contributions spread: means of neighbours, each of at least :data:`PER_POINT` accounts."""
    n = len(contribution)
    n_points = min(n // PER_POINT, max(1, round(_N_POINTS * n / max(n_all, 1))))
    if not n_points:
        return []
    parts = np.array_split(np.sort(contribution), n_points)
    return [round(float(part.mean()), 3) for part in parts]
