"""Limits of reps, territories and teams: what each may work in which week, and how they lie in one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from icp.errors import Problem, TableError

__all__ = ["Limit", "gathered", "nested", "worked_as_one"]


@dataclass(frozen=True)
class Limit:
    """Most accounts a week of a rep, or of a territory or team together.

    Parameters
    ----------
    slots : int
        Accounts a week.
    rep, territory, team : str, default=""
        With a rep: that rep's, who works there; without: the limit of all of the territory, or of the team.
    week : int or None, default=None
        The week, from 0, that it is for; None: every week that has no limit of its own.
    """

    slots: int
    rep: str = ""
    territory: str = ""
    team: str = ""
    week: int | None = None


Named = tuple[Limit, NDArray[np.int64]]
"""A limit, and what it is in each week; -1 where it says nothing."""


def gathered(limits: Sequence[Limit], weeks: int) -> list[Named]:
    """The limits of one rep, territory or team together.

    Parameters
    ----------
    limits : sequence of Limit
        One for all weeks, for some, or both.
    weeks : int
        Of the list.

    Returns
    -------
    list of (Limit, ndarray of int64, shape (weeks,))
        In the order they first come; of several of a group for one week the least. A rep's that comes twice for a week
        stays two, to be refused.
    """
    found: dict[tuple[str, str, str, int], dict[int | None, int]] = {}
    for one in limits:
        for copy in range(len(limits)):
            rows = found.setdefault((one.rep, one.territory, one.team, copy), {})
            if one.week not in rows or not one.rep:
                rows[one.week] = min(one.slots, rows.get(one.week, one.slots))
                break
    made = []
    for (rep, territory, team, _), rows in found.items():
        slots = np.array([rows.get(week, rows.get(None, -1)) for week in range(weeks)], dtype=np.int64)
        made.append((Limit(rows.get(None, 0), rep, territory, team), slots))
    return made


def worked_as_one(limits: Sequence[Named]) -> list[Named]:
    """Territories and teams in which no rep works.

    Parameters
    ----------
    limits : sequence of (Limit, ndarray)
        From :func:`gathered`.

    Returns
    -------
    list of (Limit, ndarray)
        As reps.
    """
    reps = [one for one, _ in limits if one.rep]
    territories, teams = {one.territory for one in reps}, {one.team for one in reps}
    teams |= {one.team for one, _ in limits if one.territory}
    return [
        (Limit(one.slots, one.territory or one.team, one.territory, one.team), slots)
        for one, slots in limits
        if not one.rep and (one.territory not in territories if one.territory else one.team not in teams)
    ]


def nested(reps: Sequence[Limit], groups: Sequence[Limit]) -> list[str]:
    """Levels between a rep and the whole, the inner one first.

    Parameters
    ----------
    reps, groups : sequence of Limit
        Who works, and what limits them.

    Returns
    -------
    list of str
        Of ``territory`` and ``team``.

    Raises
    ------
    TableError
        ``ICP732``.
    """
    problems = []
    names = [one.rep for one in reps]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        message = "a rep comes more than once, for a week twice or in two places."
        action = "Keep one row per rep and week, always with the same territory and team."
        problems.append(Problem("ICP732", message, action, "rep", len(twice), tuple(twice[:3])))
    used = [level for level in ("territory", "team") if any(getattr(one, level) for one in reps)]
    if all(one.territory for one in groups):
        used = [level for level in used if level != "team"]  # without limits of their own, teams are names
    if len(used) == 2:
        teams_of: dict[str, set[str]] = {}
        territories_of: dict[str, set[str]] = {}
        for one in reps:
            teams_of.setdefault(one.territory, set()).add(one.team)
            territories_of.setdefault(one.team, set()).add(one.territory)
        split = [name or "(none)" for name, teams in sorted(teams_of.items()) if len(teams) > 1]
        if split and all(len(places) == 1 for places in territories_of.values()):
            used = ["team", "territory"]
        elif split:
            message = "territories and teams overlap and neither holds the other, so limits of both cannot be kept."
            action = "Put each territory into one team, or leave the limits of teams out."
            problems.append(Problem("ICP732", message, action, "team", len(split), tuple(split[:3])))
    if problems:
        raise TableError("The slots of the reps cannot be used.", problems)
    return used
