"""Slots of reps: who may take which account, and the best accounts that fit.

Limits are nested: a rep lies in a territory, a territory in a team (or the other way round), everything in the whole. A
set of accounts fits when no limit is passed, counting for each the accounts that only those inside it may take; such
sets are the independent sets of a laminar matroid, so taking accounts from the best down is optimal (Edmonds 1971).
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from icp.lists._limits import Limit, gathered, nested, worked_as_one

__all__ = ["Slots"]

Ints = NDArray[np.int64]


class Slots:
    """The tree of limits.

    Parameters
    ----------
    limits : sequence of Limit
        A territory or team in which no rep works is worked as one.
    weeks : int, default=1
        Weeks the list is for; each has the same slots, but for limits of their own.

    Attributes
    ----------
    reps : tuple of Limit
        Who works, in the order of the tree.
    uneven : bool
        Whether weeks differ.
    caps : list of ndarray of int64, shape (weeks, n_nodes)
        Most accounts of every node in each week, by level.
    tree : list of ndarray of int64, shape (n_reps,)
        The node that each rep lies in, by level.

    Raises
    ------
    TableError
        A rep comes twice, or territories and teams overlap without one holding the other (``ICP732``).
    """

    def __init__(self, limits: Sequence[Limit], weeks: int = 1) -> None:
        self.weeks = weeks
        named = gathered(limits, weeks)
        groups = [(one, slots) for one, slots in named if not one.rep]
        work = [*((one, slots) for one, slots in named if one.rep), *worked_as_one(named)]
        reps = [one for one, _ in work]
        self._levels = nested(reps, [one for one, _ in groups])
        order = sorted(range(len(reps)), key=lambda i: (*[getattr(reps[i], level) for level in self._levels[::-1]], i))
        self.reps = tuple(reps[i] for i in order)
        self.tree, self._names = self._tree()
        self.caps = self._bounds(np.array([np.maximum(work[i][1], 0) for i in order]).reshape(-1, weeks), groups)
        self.uneven = any((cap != cap[0]).any() for cap in self.caps)
        self._limits = [cap.sum(axis=0) for cap in self.caps]

    @property
    def rep_numbers(self) -> dict[str, int]:
        """Number of each rep."""
        return self._names[0]

    @property
    def territory_numbers(self) -> dict[str, int]:
        """Number of each territory that somebody works in."""
        if "territory" not in self._levels:
            return {}
        return {name: i for name, i in self._names[1 + self._levels.index("territory")].items() if name}

    def place(self, rep: Ints, territory: Ints) -> tuple[Ints, Ints]:
        """Where in the tree accounts hang: with their rep, their territory, or the whole.

        Parameters
        ----------
        rep, territory : ndarray of int64, shape (n_accounts,)
            Numbers; -1 for none.

        Returns
        -------
        level, node : ndarray of int64, shape (n_accounts,)
            As :meth:`take` wants them.
        """
        level = np.full(len(rep), len(self.tree) - 1, dtype=np.int64)
        node = np.zeros(len(rep), dtype=np.int64)
        here = territory >= 0
        if here.any():
            level[here], node[here] = 1 + self._levels.index("territory"), territory[here]
        owned = rep >= 0
        level[owned], node[owned] = 0, rep[owned]
        return level, node

    def room(self, share: float = 0.0) -> tuple[list[Ints], list[Ints]]:
        """Slots of every node of the tree over all weeks, and those of them that are for exploration.

        Parameters
        ----------
        share : float in [0, 1), default=0.0
            Share for exploration.

        Returns
        -------
        all, exploration : list of ndarray of int64
            By level.
        """
        full = [limit.copy() for limit in self._limits]
        for depth in range(len(full) - 1):
            full[depth + 1] = np.minimum(full[depth + 1], self._inside(depth, full[depth]))
        ends = np.floor(share * np.cumsum(full[0]) + 0.5).astype(np.int64)
        explore = [np.diff(ends, prepend=0)]
        for depth in range(len(full) - 1):
            own = np.floor(share * full[depth + 1] + 0.5).astype(np.int64)
            explore.append(np.minimum(self._inside(depth, explore[depth]), own))
        return full, explore

    def by_week(self) -> list[int]:
        """Accounts that fit each week.

        Returns
        -------
        list of int
            One per week.
        """
        return [int(n) for n in self.caps[-1][:, 0]]

    def by_rep(self) -> Ints:
        """Slots of each rep over all weeks.

        Returns
        -------
        ndarray of int64, shape (n_reps,)
            In the order of ``reps``.
        """
        return self._limits[0]

    def explored(self, share: float) -> list[Ints]:
        """Slots for exploration of every node in each week.

        Parameters
        ----------
        share : float in [0, 1)
            Share for exploration.

        Returns
        -------
        list of ndarray of int64, shape (weeks, n_nodes)
            By level; a rep's weeks have their share together.
        """
        ends = np.floor(share * np.cumsum(self.caps[0].T) + 0.5).astype(np.int64)
        explore = [np.diff(ends, prepend=0).reshape(-1, self.weeks).T]
        for depth in range(len(self.caps) - 1):
            own = np.floor(share * self.caps[depth + 1] + 0.5).astype(np.int64)
            inside = np.array([self._inside(depth, week) for week in explore[depth]])
            explore.append(np.minimum(inside, own))
        return explore

    def used(self, level: Ints, node: Ints) -> list[Ints]:
        """How many accounts hang at or below every node.

        Parameters
        ----------
        level, node : ndarray of int64, shape (n_chosen,)
            From :meth:`place`.

        Returns
        -------
        list of ndarray of int64
            By level.
        """
        counts: list[Ints] = []
        for depth, limit in enumerate(self._limits):
            here = np.bincount(node[level == depth], minlength=len(limit)).astype(np.int64)
            counts.append(here + self._inside(depth - 1, counts[-1]) if depth else here)
        return counts

    def take(self, order: Ints, level: Ints, node: Ints, room: Sequence[Ints]) -> Ints:
        """The best accounts that fit.

        Parameters
        ----------
        order : ndarray of int64, shape (n_candidates,)
            Accounts, the best first.
        level, node : ndarray of int64, shape (n_accounts,)
            Where accounts hang.
        room : sequence of ndarray of int64
            Slots of every node, by level.

        Returns
        -------
        ndarray of int64, shape (n_chosen,)
            In the order given.
        """
        depth_of = level[order]
        kept = np.empty(0, dtype=np.int64)  # places in the order
        at = np.empty(0, dtype=np.int64)
        for depth, slots in enumerate(room):
            new = np.flatnonzero(depth_of == depth)
            at = self._up(depth - 1)[at] if depth else at
            if len(new):
                kept, at = np.concatenate([kept, new]), np.concatenate([at, node[order[new]]])
                if len(kept) > len(new):
                    again = np.argsort(kept, kind="stable")
                    kept, at = kept[again], at[again]
            fits = _place_in_group(at, len(slots)) < slots[at]
            kept, at = kept[fits], at[fits]
        return order[kept]

    def deal(self, chosen: Ints, level: Ints, node: Ints, worth: NDArray[np.float64]) -> Ints:
        """Give chosen accounts to reps, so that those of a territory get equal worth for a slot.

        Accounts of a rep go there; the others, from the worthiest down, each to the rep with the least worth for a slot
        among those who may take it and have room.

        Parameters
        ----------
        chosen : ndarray of int64, shape (n_chosen,)
            From :meth:`take`.
        level, node : ndarray of int64, shape (n_accounts,)
            Where accounts hang.
        worth : ndarray of float64, shape (n_accounts,)
            Not below 0.

        Returns
        -------
        ndarray of int64, shape (n_chosen,)
            Number of the rep.
        """
        levels, nodes, values = level[chosen], node[chosen], worth[chosen]
        given = np.where(levels == 0, nodes, -1)
        owned = given[levels == 0]
        load = np.bincount(owned, weights=values[levels == 0], minlength=len(self.reps)).tolist()
        paths = self._paths(owned)
        for depth in range(1, len(self.tree)):
            here = np.flatnonzero(levels == depth)
            here = here[np.lexsort((-values[here], nodes[here]))]
            for rows in np.split(here, np.flatnonzero(np.diff(nodes[here])) + 1):
                if len(rows):
                    reps = np.flatnonzero(self.tree[depth] == nodes[rows[0]]).tolist()
                    given[rows] = self._deal_among(reps, values[rows].tolist(), load, paths)
        return given

    def _paths(self, owned: Ints) -> list[list[tuple[list[int], int]]]:
        """For each rep the limits that may bind: slots left at every node of a level, and the rep's node in it.

        A node with as many slots as those inside it have together is full only when they are.
        """
        full = self.room()[0]
        paths: list[list[tuple[list[int], int]]] = [[] for _ in self.reps]
        for depth, (places, slots) in enumerate(zip(self.tree, full, strict=True)):
            left = (slots - np.bincount(places[owned], minlength=len(slots))).tolist()
            binds = slots < self._inside(depth - 1, full[depth - 1]) if depth else np.ones(len(slots), dtype=bool)
            for rep in np.flatnonzero(binds[places]).tolist():
                paths[rep].append((left, int(places[rep])))
        return paths

    def _deal_among(
        self, reps: list[int], values: list[float], load: list[float], paths: list[list[tuple[list[int], int]]]
    ) -> list[int]:
        """The rep of each account, the worthiest first; counts in ``load`` and in the slots of ``paths``."""
        slots = np.maximum(1, self.by_rep()).tolist()
        waiting = [(load[rep] / slots[rep], rep) for rep in reps]
        heapq.heapify(waiting)
        given = []
        for value in values:
            while True:
                rep = waiting[0][1]
                for left, node in paths[rep]:
                    if left[node] <= 0:
                        heapq.heappop(waiting)
                        break
                else:
                    break
            given.append(rep)
            load[rep] += value
            for left, node in paths[rep]:
                left[node] -= 1
            heapq.heapreplace(waiting, (load[rep] / slots[rep], rep))
        return given

    def weekly(self, reps: Ints) -> Ints:
        """The week of each chosen account: no limit is passed in any week.

        Parameters
        ----------
        reps : ndarray of int64, shape (n_chosen,)
            From :meth:`deal`, the best accounts first.

        Returns
        -------
        ndarray of int64, shape (n_chosen,)
            From 0; accounts are spread evenly, a rep's best ones first.
        """
        order = np.argsort(reps, kind="stable")  # reps of a territory, and of a team, lie side by side
        turns = np.sort(np.arange(len(reps)) % self.weeks + self.weeks * reps[order], kind="stable")
        week = np.empty(len(reps), dtype=np.int64)
        week[order] = turns % self.weeks
        return week

    def _tree(self) -> tuple[list[Ints], list[dict[str, int]]]:
        """For every level the node each rep lies in, and the number of each name."""
        nodes, names = [np.arange(len(self.reps))], [{one.rep: i for i, one in enumerate(self.reps)}]
        for level in self._levels:
            found = {name: i for i, name in enumerate(dict.fromkeys(getattr(one, level) for one in self.reps))}
            nodes.append(np.array([found[getattr(one, level)] for one in self.reps], dtype=np.int64))
            names.append(found)
        return [*nodes, np.zeros(len(self.reps), dtype=np.int64)], [*names, {"": 0}]

    def _bounds(self, reps: Ints, groups: Sequence[tuple[Limit, Ints]]) -> list[Ints]:
        """Slots of every node in each week: no more than those inside it have together."""
        bounds = [reps.T.copy()]
        for depth, level in enumerate([*self._levels, ""], start=1):
            bound = np.zeros((self.weeks, len(self._names[depth])), dtype=np.int64)
            np.add.at(bound.T, self.tree[depth][self._first(depth - 1)], bounds[-1].T)
            for one, slots in groups if level else ():
                name = getattr(one, level)
                if name in self._names[depth] and name and (level == "territory" or not one.territory):
                    column = bound[:, self._names[depth][name]]
                    np.minimum(column, slots, out=column, where=slots >= 0)
            bounds.append(bound)
        return bounds

    def _first(self, depth: int) -> Ints:
        """The first rep of each node of a level."""
        return np.unique(self.tree[depth], return_index=True)[1]

    def _up(self, depth: int) -> Ints:
        """Node of the next level that each node of a level lies in."""
        above = np.zeros(len(self._limits[depth]), dtype=np.int64)
        above[self.tree[depth]] = self.tree[depth + 1]
        return above

    def _inside(self, depth: int, counts: Ints) -> Ints:
        """Sums over the nodes of a level that lie in each node of the next."""
        above = np.zeros(len(self._limits[depth + 1]), dtype=np.int64)
        np.add.at(above, self._up(depth), counts)
        return above


def _place_in_group(group: Ints, n: int) -> Ints:
    """How many rows before it each row has in its group."""
    if n == 1:
        return np.arange(len(group))
    small = group.astype(np.uint16) if n <= 2**16 else group  # numpy sorts these by radix
    order = np.argsort(small, kind="stable")
    counts = np.bincount(group, minlength=n)
    place = np.empty(len(group), dtype=np.int64)
    place[order] = np.arange(len(group)) - np.repeat(np.cumsum(counts) - counts, counts)
    return place
