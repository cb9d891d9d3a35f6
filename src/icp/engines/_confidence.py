"""How far a score can be relied on for one account, and what it is worth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from icp.bundle import Bundle
from icp.scoring import sum_margin

__all__ = ["MOST_KNOWN", "confidence", "expected_value", "trust"]

MOST_KNOWN = 0.8
"""Confidence is high at best from this share of the importance on, and low below :data:`HALF_KNOWN`."""

HALF_KNOWN = 0.5


def trust(
    bundle: Bundle, values: NDArray[np.float64], unseen: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.object_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Confidence of each account, and which are far from what was learned on.

    ``low`` where less than half of what matters to the model is known, where the account lies further from the training
    accounts than 99 % of accounts like them do, or where sales never worked accounts like it; ``medium`` where less
    than 80 % is known or it lies further than 95 % do; else ``high``. A linear score gives ``medium`` at best, rates
    of coarse groups and a model without signal ``low``.

    Parameters
    ----------
    bundle : Bundle
        The model.
    values : ndarray of float64, shape (n, n_traits)
        Encoded rows.
    unseen : ndarray of bool, shape (n, n_traits), default=None
        Cells whose value no training row had, so that their trait is not known.

    Returns
    -------
    words : ndarray of str, shape (n,)
        ``high``, ``medium`` or ``low``.
    far : ndarray of bool, shape (n,)
        Further from the training accounts than 99 % of accounts like them.
    extrapolated : ndarray of bool, shape (n,)
        Unlike any account that sales worked.
    """
    weight = np.asarray(bundle.importance)
    total = float(weight.sum())
    known = np.isfinite(values).astype(np.float64)
    share = sum_margin(0.0, known * (weight / total)) if total > 0 else np.zeros(len(known))
    far, unusual = np.zeros(len(values), dtype=bool), np.zeros(len(values), dtype=bool)
    if bundle.familiarity is not None:
        distance = bundle.familiarity.distance(values, unseen)
        far, unusual = distance > bundle.familiarity.far, distance > bundle.familiarity.unusual
    extrapolated = np.zeros(len(values), dtype=bool)
    if bundle.worked_region is not None:
        extrapolated = bundle.worked_region.outside(values) & np.isfinite(values).any(axis=1)
    best = "medium" if bundle.mode == "linear" else "high"
    words = np.where((share >= MOST_KNOWN) & ~unusual, best, "medium").astype(object)
    words[(share < HALF_KNOWN) | far | extrapolated] = "low"
    if bundle.mode == "rates" or not bundle.signal:
        words[:] = "low"
    return words, far, extrapolated


def confidence(bundle: Bundle, values: NDArray[np.float64]) -> NDArray[np.object_]:
    """The words of :func:`trust` alone.

    Parameters
    ----------
    bundle : Bundle
        The model.
    values : ndarray of float64, shape (n, n_traits)
        Encoded rows.

    Returns
    -------
    ndarray of str, shape (n,)
        ``high``, ``medium`` or ``low``.
    """
    return trust(bundle, values)[0]


def expected_value(
    bundle: Bundle, index: NDArray[np.int64], values: NDArray[np.float64], propensity: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    """Propensity times the amount a best customer like this one brings.

    Parameters
    ----------
    bundle : Bundle
        With an amount model where one beat the mean amounts of the profiles, see ``value`` in the card.
    index : ndarray of int64, shape (n,)
        Profile of each account; -1 for none.
    values : ndarray of float64, shape (n, n_traits)
        Encoded rows.
    propensity : ndarray of float64, shape (n,)
        As written.

    Returns
    -------
    ndarray of float64, shape (n,), or None
        In the unit of the amounts, two decimals; None without amounts.
    """
    if not bundle.amounts:
        return None
    overall = bundle.amounts[""]
    if bundle.amount_model is None:
        by_profile = [bundle.amounts.get(profile.id, overall) for profile in bundle.profiles.profiles]
        amount = np.array([*by_profile, overall])[index]
    else:
        known = np.isfinite(values).any(axis=1)
        amount = np.where(known, bundle.amount_model.predict(values), overall)
    return np.asarray(np.round(propensity * amount, 2))
