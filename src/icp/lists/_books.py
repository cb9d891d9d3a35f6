"""Slots as they fill up: over all weeks together where these are alike, week by week where they differ.

Where weeks differ, sums over weeks are not enough: two reps who are both there in one week only may have room each, and
not together. A set of accounts fits when each can be sent to a rep and week with no limit passed; such sets are the
independent sets of the union of one matroid per week, so taking accounts from the best down, and sending earlier ones
elsewhere where that makes room (an augmenting path, Ford and Fulkerson 1956), is optimal.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from icp.lists._slots import Slots

__all__ = ["EvenBook", "WeeklyBook"]

Ints = NDArray[np.int64]
Place = tuple[Ints, Ints]
Kind = tuple[int, int]
"""Level and node that accounts of a class hang at."""
Vertex = tuple[int, int, int]
"""Level, node and week; the level of accounts' classes is below 0 (-1 - level), their week -1."""


class EvenBook:
    """Slots of weeks that are alike.

    Parameters
    ----------
    slots : Slots
        Of the reps.
    place : (ndarray, ndarray)
        Where accounts hang, from :meth:`Slots.place`.
    """

    def __init__(self, slots: Slots, place: Place) -> None:
        self._slots, self._place = slots, place
        self._room, self._taken = slots.room()[0], np.empty(0, dtype=np.int64)

    def reserve(self, share: float) -> None:
        """Keep a share of the slots back for exploration; 0 gives them free.

        Parameters
        ----------
        share : float in [0, 1)
            Of the slots.
        """
        full, explored = self._slots.room(share)
        self._room = [some - gone for some, gone in zip(full, explored, strict=True)] if share else full

    def widen(self, share: float) -> None:
        """Only what is left counts, and as if a share of the accounts taken from now on were not there.

        Parameters
        ----------
        share : float in [0, 1)
            Of the accounts.
        """
        self._room = [np.ceil(one / (1.0 - share) - 1e-9).astype(np.int64) for one in self._left()]
        self._taken = self._taken[:0]

    def take(self, order: Ints) -> Ints:
        """The best accounts that fit beside those taken before.

        Parameters
        ----------
        order : ndarray of int64, shape (n_candidates,)
            Accounts, the best first.

        Returns
        -------
        ndarray of int64, shape (n_chosen,)
            In the order given.
        """
        found = self._slots.take(order, *self._place, self._left())
        self._taken = np.concatenate([self._taken, found])
        return found

    def deal(self, chosen: Ints, worth: NDArray[np.float64]) -> tuple[Ints, Ints]:
        """Rep and week of each account that was taken, fairly.

        Parameters
        ----------
        chosen : ndarray of int64, shape (n_chosen,)
            All that were taken, in the order in which a rep works them.
        worth : ndarray of float64, shape (n_accounts,)
            Not below 0.

        Returns
        -------
        reps, weeks : ndarray of int64, shape (n_chosen,)
            Numbers.
        """
        reps = self._slots.deal(chosen, *self._place, worth)
        return reps, self._slots.weekly(reps)

    def _left(self) -> list[Ints]:
        level, node = self._place
        used = self._slots.used(level[self._taken], node[self._taken])
        return [np.maximum(some - gone, 0) for some, gone in zip(self._room, used, strict=True)]


class WeeklyBook:
    """Slots of weeks that differ; the methods are those of :class:`EvenBook`.

    Parameters
    ----------
    slots : Slots
        Of the reps.
    place : (ndarray, ndarray)
        Where accounts hang, from :meth:`Slots.place`.
    """

    def __init__(self, slots: Slots, place: Place) -> None:
        self._slots, self._tree = slots, slots.tree
        self._level, self._node = place
        self._parents = [np.zeros(cap.shape[1], dtype=np.int64) for cap in slots.caps[:-1]]
        self._inner: list[dict[int, list[int]]] = []
        for depth, parents in enumerate(self._parents):
            parents[self._tree[depth]] = self._tree[depth + 1]
            self._inner.append({i: np.flatnonzero(parents == i).tolist() for i in np.unique(parents).tolist()})
        self._routes: dict[Kind, Ints] = {}
        self._through: dict[tuple[int, int], dict[int, Kind]] = {}
        self._inside: dict[Kind, Ints] = {}
        self._slots_of = np.maximum(1, slots.by_rep())
        self._empty(slots.caps)

    def _empty(self, caps: Sequence[Ints]) -> None:
        self._flow = [np.zeros_like(cap) for cap in caps]
        self._routes.clear()
        self._through.clear()
        self._numbers: dict[Kind, int] = {}
        self._limit(caps)

    def _limit(self, caps: Sequence[Ints]) -> None:
        self._caps, self._full, self._dead = list(caps), set[Kind](), set[Vertex]()
        self._open = np.zeros((len(self._slots.reps), self._slots.weeks), dtype=bool)
        for week in range(self._slots.weeks):
            self._look(week)

    def _look(self, week: int) -> None:
        """Which reps have room at every level in a week."""
        rooms = [
            (flow[week] < cap[week])[nodes] for flow, cap, nodes in zip(self._flow, self._caps, self._tree, strict=True)
        ]
        self._open[:, week] = np.logical_and.reduce(rooms)
        # work for the slots there are; reps without room in any week come last
        self._load = np.where(self._open.any(axis=1), self._flow[0].sum(axis=0) / self._slots_of, np.inf)

    def reserve(self, share: float) -> None:
        """Keep a share of the slots back for exploration, as far as they are free; 0 gives them free.

        Parameters
        ----------
        share : float in [0, 1)
            Of the slots.
        """
        parts = zip(self._slots.caps, self._slots.explored(share), self._flow, strict=True)
        self._limit([np.maximum(cap - gone, flow) if share else cap for cap, gone, flow in parts])

    def widen(self, share: float) -> None:
        """Only what is left counts, and as if a share of the accounts taken from now on were not there.

        Parameters
        ----------
        share : float in [0, 1)
            Of the accounts.
        """
        left = [np.maximum(cap - flow, 0) for cap, flow in zip(self._caps, self._flow, strict=True)]
        self._empty([np.ceil(one / (1.0 - share) - 1e-9).astype(np.int64) for one in left])

    def take(self, order: Ints) -> Ints:
        """The best accounts that fit beside those taken before.

        Parameters
        ----------
        order : ndarray of int64, shape (n_candidates,)
            Accounts, the best first.

        Returns
        -------
        ndarray of int64, shape (n_chosen,)
            In the order given.
        """
        kept = []
        for place, row in enumerate(zip(self._level[order].tolist(), self._node[order].tolist(), strict=True)):
            if row in self._full:
                continue
            if self._send(row) or self._make_room(row):
                kept.append(place)
            else:
                self._full.add(row)  # nothing that is taken later makes room again
        return order[kept]

    def deal(self, chosen: Ints, worth: NDArray[np.float64]) -> tuple[Ints, Ints]:
        """Rep and week of each account that was taken; reps that share accounts get equal worth for a slot.

        Parameters
        ----------
        chosen : ndarray of int64, shape (n_chosen,)
            All that were taken, in the order in which a rep works them.
        worth : ndarray of float64, shape (n_accounts,)
            Not below 0.

        Returns
        -------
        reps, weeks : ndarray of int64, shape (n_chosen,)
            Numbers; a rep's first ones come in the first weeks.
        """
        levels, nodes, values = self._level[chosen], self._node[chosen], worth[chosen]
        reps, load = np.full(len(chosen), -1, dtype=np.int64), [0.0] * len(self._slots.reps)
        for kind in sorted(self._routes):
            rows = np.flatnonzero((levels == kind[0]) & (nodes == kind[1]))
            reps[rows] = self._deal_among(self._routes[kind].sum(axis=1).tolist(), values[rows].tolist(), load)
        weeks = np.empty(len(chosen), dtype=np.int64)
        for rep in np.unique(reps).tolist():
            weeks[reps == rep] = np.repeat(np.arange(self._slots.weeks), self._flow[0][:, rep])
        return reps, weeks

    def _deal_among(self, left: list[int], values: list[float], load: list[float]) -> list[int]:
        """The rep of each account, so many for each rep, to whom has the least worth for a slot; counts in ``load``."""
        slots = self._slots_of.tolist()
        waiting = [(load[rep] / slots[rep], rep) for rep, n in enumerate(left) if n]
        heapq.heapify(waiting)
        given = []
        for value in values:
            rep = waiting[0][1]
            given.append(rep)
            left[rep] -= 1
            load[rep] += value
            if left[rep]:
                heapq.heapreplace(waiting, (load[rep] / slots[rep], rep))
            else:
                heapq.heappop(waiting)
        return given

    def _reps(self, kind: Kind) -> Ints:
        if kind not in self._inside:
            self._inside[kind] = np.flatnonzero(self._tree[kind[0]] == kind[1])
        return self._inside[kind]

    def _route(self, kind: Kind, rep: int, week: int, more: int) -> None:
        """Count accounts of a class that go to a rep in a week."""
        if kind not in self._routes:
            self._routes[kind] = np.zeros((len(self._slots.reps), self._slots.weeks), dtype=np.int64)
            self._numbers[kind] = len(self._numbers)
        routes, through = self._routes[kind], self._through.setdefault((rep, week), {})
        routes[rep, week] += more
        if routes[rep, week]:
            through[self._numbers[kind]] = kind
        else:
            through.pop(self._numbers[kind], None)

    def _send(self, kind: Kind) -> bool:
        """Send an account to the rep, and in the week, with the least work for the slots there are."""
        reps = self._reps(kind)
        rep = int(reps[np.argmin(self._load[reps])])
        done, most = self._flow[0][:, rep].tolist(), self._caps[0][:, rep].tolist()
        weeks = [week for week, free in enumerate(self._open[rep].tolist()) if free]
        if not weeks:
            return False
        week = min(weeks, key=lambda one: done[one] / most[one])
        self._route(kind, rep, week, 1)
        full = False
        for flow, cap, nodes in zip(self._flow, self._caps, self._tree, strict=True):
            node = nodes[rep]
            flow[week, node] += 1
            full |= bool(flow[week, node] >= cap[week, node])
        self._load[rep] = (sum(done) + 1) / self._slots_of[rep]
        if full:  # otherwise who has room is as before
            self._look(week)
        return True

    def _make_room(self, kind: Kind) -> bool:
        """Send an account somewhere by sending others elsewhere; whether there is a way."""
        start: Vertex = (-1 - kind[0], kind[1], -1)
        came: dict[Vertex, Vertex] = {start: start}
        waiting = deque([start])
        while waiting:
            here = waiting.popleft()
            if here[0] == len(self._caps) - 1 and self._flow[-1][here[2], 0] < self._caps[-1][here[2], 0]:
                self._flow[-1][here[2], 0] += 1
                self._along(here, came)
                return True
            for there in self._next(here):
                if there not in came and there not in self._dead:
                    came[there] = here
                    waiting.append(there)
        self._dead.update(came)  # no way leads out of these, and none that is found later passes them
        return False

    def _next(self, here: Vertex) -> list[Vertex]:
        """Where one account more at a vertex could go, or which other could go elsewhere for it."""
        depth, node, week = here
        if depth < 0:
            return [(0, rep, w) for rep in self._reps((-1 - depth, node)).tolist() for w in range(self._slots.weeks)]
        found: list[Vertex] = []
        if depth < len(self._parents) and self._flow[depth][week, node] < self._caps[depth][week, node]:
            found.append((depth + 1, int(self._parents[depth][node]), week))
        if depth == 0:
            return found + [
                (-1 - level, at, -1) for _, (level, at) in sorted(self._through.get((node, week), {}).items())
            ]
        inside = self._inner[depth - 1].get(node, [])
        return found + [(depth - 1, one, week) for one in inside if self._flow[depth - 1][week, one] > 0]

    def _along(self, end: Vertex, came: dict[Vertex, Vertex]) -> None:
        """Move one account along a path found."""
        here = end
        while (before := came[here]) != here:
            (a, i, v), (b, j, w) = before, here
            if a < 0:
                self._route((-1 - a, i), j, w, 1)
            elif b < 0:
                self._route((-1 - b, j), i, v, -1)
            elif b > a:
                self._flow[a][v, i] += 1
            else:
                self._flow[b][w, j] -= 1
            here = before
        for week in range(self._slots.weeks):
            self._look(week)
