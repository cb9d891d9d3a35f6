"""Index profile, messages and briefs of a fitted model, and typical best customers as examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icp._evidence import Statistic
from icp.messages import BoundMessage, Briefs, Library, MessageBook, bind, binding_findings, build_briefs, name_problems
from icp.model._base import Base, Pool
from icp.model._known import Known
from icp.options import MessageOptions, ProfileOptions
from icp.profiles import IndexProfile, ProfileSet, index_profile
from icp.tables import Definition, Finding

__all__ = ["EXAMPLE_COLUMNS", "Told", "examples_of", "tell"]

EXAMPLE_COLUMNS = ("profile_id", "profile", "rank", "account_id", "name", "typicality", "traits")
"""Columns of ``examples.csv``; the name only where it is asked for."""

_N_DRIVERS = 5
_N_TRAITS = 3


@dataclass(frozen=True)
class Told:
    """What is said of the profiles, and on what evidence.

    Parameters
    ----------
    index : IndexProfile
        Counts of every group of every trait.
    book : MessageBook or None
        Messages that are delivered; None without a library.
    briefs : Briefs
        One for all best customers, one for each profile.
    findings : tuple of Finding
        Messages that are not delivered.
    """

    index: IndexProfile
    book: MessageBook | None
    briefs: Briefs
    findings: tuple[Finding, ...]


def tell(
    known: Known,
    profiles: ProfileSet,
    base: Base,
    pool: Pool | None,
    contributions: NDArray[np.float64],
    definition: Definition,
    library: Library | None,
    options: ProfileOptions,
) -> Told:
    """Count, bind the messages, write the briefs.

    Parameters
    ----------
    known : Known
        Labelled rows.
    profiles : ProfileSet
        Their profiles.
    base : Base
        What is compared with.
    pool : Pool or None
        Accounts among which more can be found.
    contributions : ndarray of float64, shape (n_labelled, n_traits)
        What each trait adds to the score of each row.
    definition : Definition
        What best means.
    library : Library or None
        The company's own messages.
    options : ProfileOptions
        False-discovery rate and coverage.

    Returns
    -------
    Told
        For the bundle and its card.
    """
    accounts = known.accounts
    index = index_profile(
        known.profiled().rows(known.y == 1),
        base.table,
        base_name=base.name,
        profiles=profiles,
        unworked=None if pool is None else pool.table,
        as_of="" if accounts.as_of is None else f"{accounts.as_of:%Y-%m-%d}",
        options=options,
    )
    statistics, ids = index.statistics(), profiles.names
    book: MessageBook | None = None
    bound: tuple[BoundMessage, ...] = ()
    findings: tuple[Finding, ...] = ()
    if library is not None:
        book, bound = bind(library, statistics, ids)
        findings = binding_findings(library, bound, name_problems(library, statistics, ids))
    counts = {key: n for (key, _), n in zip(index.whom, index.n_unworked, strict=False)}
    briefs = build_briefs(
        statistics,
        profiles.profiles_json(),
        bound,
        definition=definition.to_dict(),
        unworked=None if pool is None else (pool.name, counts),
        drivers=_drivers(known, profiles, contributions),
    )
    return Told(index, book, briefs, findings)


def _drivers(
    known: Known, profiles: ProfileSet, contributions: NDArray[np.float64]
) -> dict[str, list[Mapping[str, Any]]]:
    """The traits that raise the score of each profile's best customers most, in log-odds over the average account."""
    best = known.y == 1
    at, _ = profiles.assign(known.profiled().rows(best).values)
    centred = contributions[best] - contributions.mean(axis=0)
    rows = {"": np.ones(len(at), dtype=bool)} | {one.id: at == i for i, one in enumerate(profiles.profiles)}
    found: dict[str, list[Mapping[str, Any]]] = {}
    for key, part in rows.items():
        mean = centred[part].mean(axis=0) if part.any() else np.zeros(contributions.shape[1])
        order = [j for j in np.argsort(-mean, kind="stable")[:_N_DRIVERS].tolist() if mean[j] > 0]
        traits = known.traits.traits
        found[key] = [
            {"trait": traits[j].name, "label": traits[j].label, "mean_contribution": round(float(mean[j]), 6)}
            for j in order
        ]
    return found


def examples_of(
    known: Known, profiles: ProfileSet, statistics: tuple[Statistic, ...], options: MessageOptions
) -> pd.DataFrame:
    """The most typical best customers of each profile, for the eyes of those who may see accounts.

    Parameters
    ----------
    known : Known
        Labelled rows.
    profiles : ProfileSet
        Their profiles.
    statistics : tuple of Statistic
        Of the index profile, for the traits an example shows.
    options : MessageOptions
        How many, and whether with names.

    Returns
    -------
    DataFrame
        Columns :data:`EXAMPLE_COLUMNS`, without the name unless it is asked for and known; most typical first.
    """
    best = known.profiled().rows(known.y == 1)
    at, typicality = profiles.assign(best.values)
    names = None if known.accounts.names is None else known.accounts.names[known.y == 1]
    found = []
    for i, profile in enumerate(profiles.profiles):
        rows = np.flatnonzero(at == i)
        rows = rows[np.argsort(-typicality[rows], kind="stable")]
        order = rows[~best.account_id[rows].duplicated()][: options.examples]
        telling = [one for one in statistics if one.profile_id == profile.id and one.over and one.group.is_telling]
        telling.sort(key=lambda one: -one.information)
        for rank, row in enumerate(order.tolist(), 1):
            shown = [one.words for one in telling if one.group.holds(best.values[[row], one.column])[0]]
            found.append(
                {
                    "profile_id": profile.id,
                    "profile": profile.name,
                    "rank": rank,
                    "account_id": best.account_id[row],
                    "name": None if names is None else names.iloc[row],
                    "typicality": round(float(typicality[row]), 2),
                    "traits": "; ".join(shown[:_N_TRAITS]),
                }
            )
    table = pd.DataFrame(found, columns=list(EXAMPLE_COLUMNS))
    return table if options.names and names is not None else table.drop(columns="name")
