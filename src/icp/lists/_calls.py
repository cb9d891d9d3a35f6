"""A call list: the accounts of the most worth that fit the slots, with some by chance from outside the top."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from icp.lists._books import EvenBook, WeeklyBook
from icp.lists._slots import Slots

__all__ = ["EXPLORATION", "OVERRIDE", "TOP", "CallPlan", "candidates", "draw", "plan_calls"]

OVERRIDE, TOP, EXPLORATION = "override", "top", "exploration"
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class CallPlan:
    """Who calls whom, and when.

    Parameters
    ----------
    rows : ndarray of int64, shape (n_chosen,)
        Accounts on the list.
    reps, weeks, ranks : ndarray of int64, shape (n_chosen,)
        Number of the rep, week from 0, and place in the rep's week from 1.
    kinds : ndarray of str, shape (n_chosen,)
        ``override`` (a rule put it on), ``top`` or ``exploration``.
    """

    rows: Ints
    reps: Ints
    weeks: Ints
    ranks: Ints
    kinds: NDArray[np.object_]


def plan_calls(
    worth: NDArray[np.float64],
    slots: Slots,
    place: tuple[Ints, Ints],
    eligible: Bools,
    *,
    forced: Bools | None = None,
    explore: float = 0.0,
    chance: NDArray[np.uint64] | None = None,
) -> CallPlan:
    """Fill the slots.

    First the accounts that a rule puts on the list; then, in all slots but those for exploration, the accounts of the
    most worth (of equal ones the earlier row); what is still free goes to others by chance. Each step takes the best
    set that fits, given the steps before.

    Parameters
    ----------
    worth : ndarray of float64, shape (n_accounts,)
        Expected value, or probability; not below 0.
    slots : Slots
        Of the reps.
    place : (ndarray, ndarray)
        Where accounts hang, from :meth:`Slots.place`.
    eligible : ndarray of bool, shape (n_accounts,)
        Who may be called.
    forced : ndarray of bool, default=None
        Who is to be called whatever the worth, as long as there is room.
    explore : float in [0, 1), default=0.0
        Share of slots for accounts outside the top.
    chance : ndarray of uint64, default=None
        Order by chance, from :func:`draw`; needed with ``explore``.

    Returns
    -------
    CallPlan
        In the order of week, rep and rank; of a rep's accounts the overrides come first, then those of the most worth.
    """
    by_worth = np.argsort(-worth, kind="stable")
    by_worth = by_worth[eligible[by_worth]]
    book = _book(slots, place)
    free = eligible.copy()
    chosen: list[Ints] = []
    kinds: list[str] = []

    def fill(order: Ints, kind: str) -> None:
        found = book.take(order[free[order]])
        free[found] = False
        chosen.append(found)
        kinds.extend([kind] * len(found))

    if forced is not None and forced.any():
        fill(by_worth[forced[by_worth]], OVERRIDE)
    book.reserve(explore)
    fill(by_worth, TOP)
    if explore and chance is not None:
        book.reserve(0.0)
        by_chance = np.argsort(chance, kind="stable")
        fill(by_chance[eligible[by_chance]], EXPLORATION)
    return _in_order(np.concatenate(chosen), np.array(kinds, dtype=object), worth, book)


def candidates(
    worth: NDArray[np.float64],
    slots: Slots,
    place: tuple[Ints, Ints],
    eligible: Bools,
    share: float,
    *,
    forced: Bools | None = None,
    explore: float = 0.0,
) -> Bools:
    """Accounts that would be called for their worth if a share of them were not held out: those of whom a trial learns.

    They fill the slots that overrides and exploration leave.

    Parameters
    ----------
    worth : ndarray of float64, shape (n_accounts,)
        As in :func:`plan_calls`.
    slots : Slots
        Of the reps.
    place : (ndarray, ndarray)
        As in :func:`plan_calls`.
    eligible : ndarray of bool, shape (n_accounts,)
        Who may be called and held out.
    share : float in [0, 1)
        Share to be held out.
    forced : ndarray of bool, default=None
        Who is to be called whatever the worth, and is not among the eligible.
    explore : float in [0, 1), default=0.0
        Share of slots for accounts outside the top.

    Returns
    -------
    ndarray of bool, shape (n_accounts,)
        As many as fill the slots once the share is gone.
    """
    order, book = np.argsort(-worth, kind="stable"), _book(slots, place)
    if forced is not None:
        book.take(order[forced[order]])
    book.reserve(explore)
    book.widen(share)
    found = np.zeros(len(worth), dtype=bool)
    found[book.take(order[eligible[order]])] = True
    return found


def _book(slots: Slots, place: tuple[Ints, Ints]) -> EvenBook | WeeklyBook:
    return WeeklyBook(slots, place) if slots.uneven else EvenBook(slots, place)


def draw(ids: Sequence[str], seed: int, salt: str) -> NDArray[np.uint64]:
    """Accounts in an order by chance that is the same on every machine.

    Parameters
    ----------
    ids : sequence of str, shape (n_accounts,)
        Of the accounts.
    seed : int
        Another seed, another order.
    salt : str
        Such as the campaign.

    Returns
    -------
    ndarray of uint64, shape (n_accounts,)
        The first in order has the least number.
    """
    start = hashlib.blake2b(f"{seed}\x1f{salt}\x1f".encode(), digest_size=8, person=b"icp-explore")

    def number(name: str) -> int:
        one = start.copy()
        one.update(name.encode())
        return int.from_bytes(one.digest(), "big")

    return np.array([number(name) for name in ids], dtype=np.uint64)


def _in_order(
    rows: Ints, kinds: NDArray[np.object_], worth: NDArray[np.float64], book: EvenBook | WeeklyBook
) -> CallPlan:
    best = np.lexsort((rows, -worth[rows], kinds != OVERRIDE))  # a person asked for these: not in the last week
    rows, kinds = rows[best], kinds[best]
    reps, weeks = book.deal(rows, worth)
    order = np.lexsort((np.arange(len(rows)), reps, weeks))
    rows, kinds, reps, weeks = rows[order], kinds[order], reps[order], weeks[order]
    new = np.flatnonzero(np.diff(reps, prepend=-1) | np.diff(weeks, prepend=-1))
    starts = np.repeat(new, np.diff(np.append(new, len(rows))))
    return CallPlan(rows, reps, weeks, np.arange(len(rows)) - starts + 1, kinds)
