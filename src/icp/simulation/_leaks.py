"""Planted leaks: columns and rows that know the outcome, each visible in time, missingness, purity or name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icp.simulation._draws import Draws, Mask

__all__ = ["LEAKS", "Leak", "leak_kinds", "plant"]

Words = NDArray[np.object_]


@dataclass(frozen=True)
class Situation:
    """What a leak may look at.

    Parameters
    ----------
    best, worked : ndarray of bool, shape (n,)
        Who buys in the window, and who was worked.
    as_of : Timestamp
        Day the picture should have been frozen.
    """

    best: Mask
    worked: Mask
    as_of: pd.Timestamp


@dataclass(frozen=True)
class Leak:
    """One kind of leak.

    Parameters
    ----------
    kind : str
        Its name in ``simulation.leaks``.
    column : str
        Column of the accounts table it adds; ``""`` for the order of the rows, ``"events"`` for the events table.
    visible : str
        What gives it away: ``time``, ``missingness``, ``purity``, ``name`` or ``order``.
    text : str
        What happened, in words.
    """

    kind: str
    column: str
    visible: str
    text: str


def _dates_after(draws: Draws, situation: Situation, share: float, stray: float) -> Words:
    """Dates in the window for a share of the best and of the others, else empty."""
    n = len(situation.best)
    filled = draws.chance(np.where(situation.best, share, stray), n)
    days = situation.as_of + pd.to_timedelta(1 + np.floor(draws.uniform(n) * 180).astype(np.int64), unit="D")
    return np.where(filled, days.strftime("%Y-%m-%d").to_numpy(dtype=object), "")


def _contract_date(draws: Draws, situation: Situation) -> Words:
    return _dates_after(draws, situation, 0.92, 0.0)


def _last_contact(draws: Draws, situation: Situation) -> Words:
    """Everyone has one; it lies in the window for the best, before the as-of date for most others."""
    n = len(situation.best)
    late = draws.chance(np.where(situation.best, 0.95, 0.15), n)
    days = np.floor(draws.uniform(n) * np.where(late, 180, 400)).astype(np.int64)
    at = situation.as_of + pd.to_timedelta(np.where(late, 1 + days, -days), unit="D")
    return at.strftime("%Y-%m-%d").to_numpy(dtype=object)


def _status(draws: Draws, situation: Situation) -> Words:
    n = len(situation.best)
    before = np.array(["new", "working", "nurture", "recycled"], dtype=object)[draws.pick([30, 30, 25, 15], n)]
    return np.where(situation.best & draws.chance(0.85, n), "customer", before)


def _closing_note(draws: Draws, situation: Situation) -> Words:
    """A tag the agent sets when the talk is over; one in seven accounts has none."""
    n = len(situation.best)
    good = np.array(["will sign", "terms agreed", "in contact"], dtype=object)[draws.pick([55, 30, 15], n)]
    bad = np.array(["not interested", "number wrong", "in contact", "budget gone"], dtype=object)[
        draws.pick([40, 20, 25, 15], n)
    ]
    return np.where(draws.chance(0.15, n), "", np.where(situation.best, good, bad))


def _copy(draws: Draws, situation: Situation) -> Words:
    """The label itself, wrong in three of a hundred accounts."""
    return np.where(situation.best ^ draws.chance(0.03, len(situation.best)), "yes", "no").astype(object)


def _billing_town(draws: Draws, situation: Situation) -> Words:
    """Whatever stands in it, it is filled in for customers."""
    n = len(situation.best)
    town = np.array(["Ahrenfeld", "Brommund", "Dornstock", "Erlwick", "Kornheim", "Linnhafen"], dtype=object)
    filled = draws.chance(np.where(situation.best, 0.88, 0.04), n)
    return np.where(filled, town[draws.pick([1.0] * len(town), n)], "")


def _first_invoice(draws: Draws, situation: Situation) -> Words:
    n = len(situation.best)
    money = np.rint(10 ** (3.6 + 0.3 * draws.normal(n))).astype(np.int64).astype(str).astype(object)
    return np.where(situation.best & draws.chance(0.9, n), money, "0")


def _meetings(draws: Draws, situation: Situation) -> Words:
    """A counter that goes on counting after the as-of date."""
    rate = np.where(situation.best, 7.0, 1.2)
    return draws.poisson(rate).astype(str).astype(object)


def _other_score(draws: Draws, situation: Situation) -> Words:
    """The score of a vendor whose model has seen the outcome."""
    value = 50 + np.where(situation.best, 26.0, -6.0) + 12 * draws.normal(len(situation.best))
    return np.rint(np.clip(value, 0, 100)).astype(np.int64).astype(str).astype(object)


def _customer_number(draws: Draws, situation: Situation) -> Words:
    """Numbers from one counter: accounts get a new, higher one when they sign."""
    n = len(situation.best)
    old = 100_000 + np.arange(n) * 3 + np.floor(draws.uniform(n) * 3)
    new = 100_000 + 3 * n + np.floor(draws.uniform(n) * 3 * n * 0.1)
    number = np.where(situation.best & draws.chance(0.9, n), new, old)
    return number.astype(np.int64).astype(str).astype(object)


def _manager(draws: Draws, situation: Situation) -> Words:
    """Accounts that sign are handed to customer success."""
    n = len(situation.best)
    sales = np.array(["S-01", "S-02", "S-03", "S-04", "S-05"], dtype=object)[draws.pick([1.0] * 5, n)]
    success = np.array(["CS-01", "CS-02"], dtype=object)[draws.pick([1.0, 1.0], n)]
    return np.where(situation.best & draws.chance(0.85, n), success, sales)


_MAKERS: dict[str, tuple[Leak, Callable[[Draws, Situation], Words] | None]] = {
    leak.kind: (leak, maker)
    for leak, maker in (
        (Leak("contract_date", "contract_signed_on", "time", "filled in when the deal is signed"), _contract_date),
        (Leak("last_contact", "last_contact_on", "time", "overwritten by later contacts"), _last_contact),
        (Leak("status", "lead_status", "purity", "set to customer after the win"), _status),
        (Leak("closing_note", "closing_note", "purity", "set by the agent when the talk is over"), _closing_note),
        (Leak("label_copy", "is_client", "purity", "the label under three per cent of noise"), _copy),
        (Leak("billing_town", "billing_town", "missingness", "filled in for customers only"), _billing_town),
        (Leak("first_invoice", "first_invoice_eur", "purity", "0 until there is an invoice"), _first_invoice),
        (Leak("meetings", "meetings_total", "time", "goes on counting after the as-of date"), _meetings),
        (Leak("other_score", "vendor_win_score", "name", "a model that has seen the outcome"), _other_score),
        (Leak("customer_number", "customer_number", "time", "a new number is given at signing"), _customer_number),
        (Leak("manager", "account_manager", "purity", "accounts are handed over after the win"), _manager),
        (Leak("row_order", "", "order", "the file is sorted so that winners stand first"), None),
        (Leak("late_events", "events", "time", "events after the as-of date, mostly of winners"), None),
    )
}

LEAKS: dict[str, Leak] = {kind: leak for kind, (leak, _) in _MAKERS.items()}
"""Every kind of leak by name."""


def leak_kinds() -> tuple[str, ...]:
    """The kinds of leak that :class:`icp.options.SimulationOptions` may ask for.

    Returns
    -------
    tuple of str
        Names for ``simulation.leaks``.

    Examples
    --------
    >>> "contract_date" in leak_kinds() and len(leak_kinds()) >= 8
    True
    """
    return tuple(LEAKS)


def plant(draws: Draws, kinds: tuple[str, ...], best: Mask, worked: Mask, as_of: pd.Timestamp) -> dict[str, Words]:
    """The columns of the leaks asked for.

    Parameters
    ----------
    draws : Draws
        Source of randomness.
    kinds : tuple of str
        Names of :data:`LEAKS`.
    best, worked : ndarray of bool, shape (n,)
        Who buys in the window, and who was worked.
    as_of : Timestamp
        Day the picture should have been frozen.

    Returns
    -------
    dict of str to ndarray of object
        One text column per leak that is a column; the same whichever others are asked for.
    """
    situation = Situation(best & worked, worked, as_of)
    return {
        leak.column: maker(draws.fork(i), situation)
        for i, (kind, (leak, maker)) in enumerate(_MAKERS.items())
        if kind in kinds and maker is not None
    }
