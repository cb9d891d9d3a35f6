"""Which profile of today is which profile of before: kept, split, merged, born or retired."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from numpy.typing import NDArray

from icp.profiles._space import nearest

if TYPE_CHECKING:
    from icp.profiles._book import ProfileSet
    from icp.profiles._index_profile import IndexProfile

__all__ = ["Event", "Former", "Link", "next_ids", "trace"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Event = Literal["kept", "split", "merged", "born", "retired"]

MOST = 0.5
"""Share of a profile's accounts that makes it the successor, or the source, of another."""

_ALIVE = 0.5
_FAR = 0.5


@dataclass(frozen=True)
class Former:
    """Profiles of an earlier version, and what today's accounts are to them.

    Parameters
    ----------
    labels : ndarray of int64, shape (n_accounts,)
        Nearest former profile of each of today's best customers.
    shares : ndarray of float64, shape (n_former,)
        Share of the former best customers that each profile held.
    counts : ndarray of int64, shape (n_former, n_groups), default=None
        Former best customers of each profile in each group of each trait; None where nobody kept them.
    sizes : ndarray of int64, shape (n_former,), default=None
        Former best customers of each profile.
    inside : ndarray of bool, shape (n_groups, n_accounts), default=None
        Which of today's accounts are in each group.
    """

    labels: Ints
    shares: Floats
    counts: Ints | None = None
    sizes: Ints | None = None
    inside: Bools | None = None

    @classmethod
    def of(cls, profiles: ProfileSet, index: IndexProfile | None, values: Floats) -> Self:
        """The accounts of today as an earlier version sees them.

        Parameters
        ----------
        profiles : ProfileSet
            Of the earlier version.
        index : IndexProfile or None
            Its counts; traits of which nothing is known today are left out.
        values : ndarray of float64, shape (n_accounts, n_traits)
            Today's best customers with the traits of the earlier profiles.

        Returns
        -------
        Former
            For :func:`trace`.
        """
        labels = nearest(profiles.space.project(values), profiles.centres)[0]
        shares = np.array([profile.share for profile in profiles.profiles])
        if index is None:
            return cls(labels, shares)
        seen = [g for g, (j, *_) in enumerate(index.groups) if np.isfinite(values[:, j]).any()]
        rows = [index.groups[g][3].holds(values[:, index.groups[g][0]]) for g in seen]
        inside = np.array(rows, dtype=bool).reshape(len(seen), len(values))
        counts = np.array(index.n[1:], dtype=np.int64)[:, seen]
        return cls(labels, shares, counts, np.array(index.n_best[1:], dtype=np.int64), inside)


@dataclass(frozen=True)
class Link:
    """What became of a former profile, or where a profile of today comes from.

    Parameters
    ----------
    event : {"kept", "split", "merged", "born", "retired"}
        ``split``: one of several parts of a former profile; ``merged``: one of several sources of a profile.
    former, now : int or None
        Positions; None for ``born`` and ``retired``.
    n : int
        Accounts of today that belong to both; to the one there is where there is one only.
    share_of_former, share_of_now : float or None
        Share of the accounts of each that the other has; None where there is no other.
    carries_id : bool
        Whether the profile of today bears the id of the former one.
    """

    event: Event
    former: int | None
    now: int | None
    n: int
    share_of_former: float | None = None
    share_of_now: float | None = None
    carries_id: bool = False


def trace(former: Former, labels: Ints, n_profiles: int) -> tuple[Link, ...]:
    """Follow profiles from an earlier version to today, by the accounts of today.

    Parameters
    ----------
    former : Former
        Where the accounts stood with the earlier version's own parameters.
    labels : ndarray of int64, shape (n_accounts,)
        Profile of each account today.
    n_profiles : int
        Profiles of today.

    Returns
    -------
    tuple of Link
        Profiles of today in order, then what was retired. Each former profile passes its id on to one profile at most,
        so that the sum of Jaccard similarities is greatest (Kuhn 1955).

    Notes
    -----
    The shares that make a successor are those of MONIC (Spiliopoulou et al. 2006). Two former strangers can lie near
    the same former centre, so a part counts as split from a profile, and not as born, only where profile and parts
    together look more like the former profile than without the part: by the counts of the former best customers in
    every group of every trait, squared differences of shares, less what chance adds to them.
    """
    table = _table(former.labels, labels, len(former.shares), n_profiles)
    edges = _edges(former, table, labels)
    carried = _carried(edges, table)
    links: list[Link] = []
    for now in range(n_profiles):
        sources = np.flatnonzero(edges[:, now]).tolist()
        links += [_link(old, now, edges, table, carried) for old in sources]
        if not sources:
            links.append(Link("born", None, now, int(table[:, now].sum())))
    gone = np.flatnonzero(~edges.any(axis=1)).tolist()
    return (*links, *(Link("retired", old, None, int(table[old].sum())) for old in gone))


def next_ids(used: Iterable[str], n: int) -> list[str]:
    """Ids that no profile had before.

    Parameters
    ----------
    used : iterable of str
        Ids that were given, retired ones too.
    n : int
        How many are needed.

    Returns
    -------
    list of str
        Such as ``P4``, counted on from the highest.

    Examples
    --------
    >>> next_ids(["P1", "P3"], 2), next_ids([], 1)
    (['P4', 'P5'], ['P1'])
    """
    last = max((int(key[1:]) for key in used), default=0)
    return [f"P{last + i}" for i in range(1, n + 1)]


def _table(before: Ints, after: Ints, n_before: int, n_after: int) -> Ints:
    return np.bincount(before * n_after + after, minlength=n_before * n_after).reshape(n_before, n_after)


def _edges(former: Former, table: Ints, labels: Ints) -> Bools:
    """Which profile of today continues which former one: it is made of it mostly, or holds most of it."""
    of_former = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    of_now = table / np.maximum(table.sum(axis=0), 1)
    alive = table.sum(axis=1) >= _ALIVE * former.shares * max(int(table.sum()), 1)
    edges = np.asarray(((of_now >= MOST) | ((of_former >= MOST) & alive[:, None])) & (table > 0), dtype=bool)
    if former.counts is not None:
        looks = _Looks(former, labels, table.shape)
        for old, row in enumerate(edges):
            edges[old] = np.isin(np.arange(len(row)), looks.parts_of(old, np.flatnonzero(row).tolist()))
    return edges


class _Looks:
    """How far accounts of today look from a former profile, by how many of them are in each group."""

    def __init__(self, former: Former, labels: Ints, shape: tuple[int, ...]) -> None:
        assert former.counts is not None and former.sizes is not None and former.inside is not None  # noqa: S101
        self.counts, self.sizes = former.counts, former.sizes
        cells = former.labels * shape[1] + labels
        self.cells = np.stack([former.inside[:, cells == cell].sum(axis=1) for cell in range(shape[0] * shape[1])])
        self.cells = self.cells.reshape(*shape, -1)
        self.n = np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)
        self.far = [_FAR * self._nearest(old) for old in range(shape[0])]

    def parts_of(self, old: int, candidates: list[int]) -> list[int]:
        """The candidates that together look most like the former profile; none where all look like strangers."""
        others = [now for now in range(self.n.shape[1]) if now not in candidates]
        tried = [part for size in range(1, len(candidates) + 1) for part in combinations(candidates, size)]
        if not tried:
            return []
        found = [self._apart(old, *self._together(old, [*others, *part])) for part in tried]
        best = int(np.argmin(found))
        return list(tried[best]) if found[best] <= self.far[old] else []

    def _nearest(self, old: int) -> float:
        """How far the former profile was from the one most like it; infinite where it was alone."""
        others = [i for i in range(len(self.counts)) if i != old]
        return min((self._apart(old, self.counts[i], int(self.sizes[i])) for i in others), default=float("inf"))

    def _together(self, old: int, now: list[int]) -> tuple[Ints, int]:
        return self.cells[old, now].sum(axis=0), int(self.n[old, now].sum())

    def _apart(self, old: int, counts: Ints, size: int) -> float:
        """Squared distance between shares of groups, less its expectation where both are draws from one population."""
        p, q = self.counts[old] / max(self.sizes[old], 1), counts / max(size, 1)
        chance = p * (1 - p) / max(self.sizes[old] - 1, 1) + q * (1 - q) / max(size - 1, 1)
        return float(((p - q) ** 2 - chance).sum())


def _carried(edges: Bools, table: Ints) -> set[tuple[int, int]]:
    """Pairs in which the id passes on: the assignment of greatest Jaccard similarity."""
    from scipy.optimize import linear_sum_assignment

    union = table.sum(axis=1, keepdims=True) + table.sum(axis=0) - table
    jaccard = np.where(edges, table / np.maximum(union, 1), 0.0)
    rows, columns = linear_sum_assignment(jaccard, maximize=True)
    return {(old, now) for old, now in zip(rows.tolist(), columns.tolist(), strict=True) if edges[old, now]}


def _link(old: int, now: int, edges: Bools, table: Ints, carried: set[tuple[int, int]]) -> Link:
    n = int(table[old, now])
    event: Event = "kept"
    if edges[:, now].sum() > 1:
        event = "merged"
    elif edges[old].sum() > 1:
        event = "split"
    shares = n / int(table[old].sum()), n / int(table[:, now].sum())
    return Link(event, old, now, n, *shares, carries_id=(old, now) in carried)
