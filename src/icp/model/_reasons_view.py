"""Another view of the best customers: who is best for the same reasons."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from icp._progress import step
from icp._wording import column_words
from icp.model._known import Known
from icp.options import ProfileOptions
from icp.profiles import ProfileClusterer, ProfileSet
from icp.tables import Trait

__all__ = ["reasons_view"]

Floats = NDArray[np.float64]
_SHOWN = 4
_LEAST_SPREAD = 0.1
"""Of the spread of the column whose contributions vary most: what varies less does not tell best customers apart."""


def reasons_view(
    known: Known, contributions: Floats, profiles: ProfileSet, options: ProfileOptions, seed: int
) -> dict[str, Any] | None:
    """Groups of best customers that the score favours for the same reasons.

    They are clustered by the contributions of each source column that counts, by the same rule as profiles.
    An account is in a profile for what it is; here it is in a group for what of it counts.

    Parameters
    ----------
    known : Known
        All labelled rows.
    contributions : ndarray of float64, shape (n_accounts, n_traits)
        Of the same rows.
    profiles : ProfileSet
        Whose members are counted in each group.
    options : ProfileOptions
        ``view``, and how many, how stable.
    seed : int
        Of the clustering.

    Returns
    -------
    dict or None
        ``n`` (best customers), ``candidates`` as ``stability`` of the card, and ``groups``: ``id`` (R1 the largest),
        ``n``, ``share``, ``stability``, ``reasons`` (``label``, ``mean`` and ``mean_best`` in log-odds, those first by
        which the group stands out most) and ``profiles`` (``id``, ``name``, ``n``). None where it was not asked for.
    """
    if options.view != "reasons":
        return None
    best = known.y == 1
    labels, sums = _by_source(known.traits.traits, contributions[best])
    spread = sums.std(axis=0)
    with step("looking for best customers with the same reasons"):
        found = ProfileClusterer(
            max_profiles=options.max_profiles,
            min_size=options.min_size,
            n_resamples=options.n_resamples,
            stability=options.stability,
            random_state=seed,
        ).fit(sums[:, spread >= _LEAST_SPREAD * spread.max()])
    candidates = [candidate.to_dict() for candidate in found.candidates_]
    if found.n_profiles_ == 1:
        return {"n": len(sums), "candidates": candidates, "groups": []}
    members = _members(known, profiles, best)
    groups = [
        {
            "id": f"R{g + 1}",
            "n": int(rows.sum()),
            "share": float(rows.mean()),
            "stability": found.stability_[g],
            "reasons": _reasons(labels, sums[rows].mean(axis=0), sums.mean(axis=0)),
            "profiles": [{**told, "n": int((rows & own).sum())} for told, own in members],
        }
        for g, rows in enumerate(found.labels_ == g for g in range(found.n_profiles_))
    ]
    return {"n": len(sums), "candidates": candidates, "groups": groups}


def _by_source(traits: tuple[Trait, ...], contributions: Floats) -> tuple[list[str], Floats]:
    """Contributions of the traits of one source summed, and what to call it."""
    members: dict[tuple[str, ...], list[int]] = {}
    for j, trait in enumerate(traits):
        members.setdefault(tuple(trait.sources), []).append(j)
    labels = [
        traits[own[0]].label if len(own) == 1 else " and ".join(column_words(name) for name in sources)
        for sources, own in members.items()
    ]
    return labels, np.column_stack([contributions[:, own].sum(axis=1) for own in members.values()])


def _reasons(labels: list[str], own: Floats, every: Floats) -> list[dict[str, Any]]:
    """Where the group stands out most from all best customers."""
    order = np.argsort(-np.abs(own - every), kind="stable")[:_SHOWN]
    return [{"label": labels[j], "mean": float(own[j]), "mean_best": float(every[j])} for j in order.tolist()]


def _members(
    known: Known, profiles: ProfileSet, best: NDArray[np.bool_]
) -> list[tuple[dict[str, str], NDArray[np.bool_]]]:
    """Each profile with the best customers in it."""
    if not profiles.profiles:
        return []
    index = profiles.assign(known.profiled().rows(best).values)[0]
    return [({"id": one.id, "name": one.name}, index == i) for i, one in enumerate(profiles.profiles)]
