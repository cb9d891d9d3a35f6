"""What a hold-out can show, said before launch; and what it showed."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icp._statistics import normal_score, wilson

__all__ = ["HoldoutDesign", "design_holdout", "holdout_lift", "needed_accounts", "smallest_difference"]

Floats = NDArray[np.float64]
_ERROR, _POWER = 0.05, 0.8
_RELEVANT = 0.2
"""A rise of the rate that would matter, as a share of it, where nobody says which."""


@dataclass(frozen=True)
class HoldoutDesign:
    """A hold-out as it is launched.

    Parameters
    ----------
    campaign : str
        What it is for.
    share : float
        Share asked for.
    n_treated, n_held_out : int
        Accounts in each arm.
    expected_rate : float
        Rate of best customers that the score expects of them.
    smallest_difference : float or None
        Smallest difference between the rates of the arms that is found in 8 cases of 10; None where nothing below
        certainty would be.
    effect : float
        Difference that would matter.
    needed : int or None
        Accounts it takes to find ``effect`` in 8 cases of 10, both arms together; None where it cannot be, as a rate
        ends at 100 %.
    """

    campaign: str
    share: float
    n_treated: int
    n_held_out: int
    expected_rate: float
    smallest_difference: float | None
    effect: float
    needed: int | None

    def to_dict(self) -> dict[str, Any]:
        """The design as plain values.

        Returns
        -------
        dict
            With how it is analysed.
        """
        return {
            **vars(self),
            "error": _ERROR,
            "power": _POWER,
            "analysis": "intention to treat: rates of the arms inside score bands, by icp.lists.holdout_lift",
        }

    def text(self) -> str:
        """What to know before launch, in words.

        Returns
        -------
        str
            One line.
        """
        rate, effect = _points(self.expected_rate), _points(self.effect)
        shown = "no difference" if self.smallest_difference is None else f"+{_points(self.smallest_difference)} points"
        needed = "is more than there is room for" if self.needed is None else f"takes {self.needed:,} accounts"
        return (
            f"hold-out: {self.n_held_out:,} of {self.n_held_out + self.n_treated:,} accounts held out; expected rate "
            f"{rate} %; smallest difference found in 8 cases of 10: {shown}; +{effect} points {needed}"
        )


def design_holdout(
    propensity: ArrayLike, n_held: int, *, campaign: str, share: float, effect: float | None = None
) -> HoldoutDesign:
    """What a hold-out can show, from the scores of its accounts.

    Parameters
    ----------
    propensity : array-like of float, shape (n_accounts,)
        Of all accounts of the trial; their mean is the rate expected without the list.
    n_held : int
        How many of them are held out.
    campaign : str
        What it is for.
    share : float
        Share asked for.
    effect : float, default=None
        Difference that would matter; None takes a fifth of the expected rate.

    Returns
    -------
    HoldoutDesign
        For the summary, the ledger and the analyst's file.
    """
    scores = np.asarray(propensity, dtype=np.float64)
    rate = round(float(scores.mean()), 6) if len(scores) else 0.0
    n_treated = len(scores) - n_held
    wanted = effect if effect is not None else round(_RELEVANT * rate, 6)
    found = smallest_difference(rate, n_treated, n_held)
    seen = None if found is None else round(found, 6)
    return HoldoutDesign(campaign, share, n_treated, n_held, rate, seen, wanted, needed_accounts(rate, wanted, share))


def smallest_difference(
    rate: float, n_treated: int, n_held: int, power: float = _POWER, error: float = _ERROR
) -> float | None:
    """Smallest rise of a rate that a comparison of two arms finds.

    The difference ``d`` that solves ``d = z(0.975) sqrt(m (1 - m) (1/n1 + 1/n0)) + z(power) sqrt(p1 (1 - p1) / n1 +
    p0 (1 - p0) / n0)`` with ``p1 = p0 + d`` and ``m`` the rate of both arms together: the two-sided test of two
    proportions at 5 % (Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, 2003, chapter 4).

    Parameters
    ----------
    rate : float in [0, 1]
        Rate expected of the held-out arm.
    n_treated, n_held : int
        Accounts in each arm.
    power : float, default=0.8
        How often it is to be found.
    error : float in (0, 1), default=0.05
        How often one may be found where there is none; less for each of many comparisons.

    Returns
    -------
    float or None
        As a share of accounts; None where an arm is empty or no rise up to 100 % would be found.

    Examples
    --------
    >>> round(smallest_difference(0.05, 9000, 1000), 4)
    0.023
    """
    if n_treated < 1 or n_held < 1 or _needs(rate, 1.0 - rate, n_treated, n_held, power, error) > 1.0 - rate:
        return None
    low, high = 0.0, 1.0 - rate
    for _ in range(60):
        middle = (low + high) / 2.0
        enough = _needs(rate, middle, n_treated, n_held, power, error) <= middle
        low, high = (low, middle) if enough else (middle, high)
    return high


def needed_accounts(
    rate: float, effect: float, share: float, power: float = _POWER, error: float = _ERROR
) -> int | None:
    """Accounts of both arms that find a rise of the rate, by the formula of :func:`smallest_difference`.

    Parameters
    ----------
    rate : float in [0, 1]
        Rate expected of the held-out arm.
    effect : float
        Rise to be found.
    share : float in (0, 1)
        Share held out.
    power : float, default=0.8
        How often it is to be found.
    error : float in (0, 1), default=0.05
        As for :func:`smallest_difference`.

    Returns
    -------
    int or None
        None where the rate and the rise do not lie between 0 and 1.

    Examples
    --------
    >>> needed_accounts(0.05, 0.02, 0.1)
    12853
    """
    if effect <= 0.0 or rate + effect > 1.0 or not 0.0 < share < 1.0:
        return None
    per_account = _needs(rate, effect, 1.0 - share, share, power, error)
    return ceil((per_account / effect) ** 2)


def _needs(rate: float, rise: float, n_treated: float, n_held: float, power: float, error: float) -> float:
    """The right side of the equation; with shares for numbers, that for one account."""
    raised = min(rate + rise, 1.0)
    mixed = (n_treated * raised + n_held * rate) / (n_treated + n_held)
    null = mixed * (1.0 - mixed) * (1.0 / n_treated + 1.0 / n_held)
    true = raised * (1.0 - raised) / n_treated + rate * (1.0 - rate) / n_held
    return normal_score(1.0 - error / 2.0) * sqrt(max(null, 0.0)) + normal_score(power) * sqrt(max(true, 0.0))


def holdout_lift(
    held: ArrayLike, best: ArrayLike, bands: ArrayLike, confidence: float = 0.95
) -> dict[str, float | int | None]:
    """What the list added, by intention to treat: the difference between the arms' rates, inside score bands.

    Bands are weighed by Mantel and Haenszel (n1 n0 / n), so both arms' rates stand for the same mix of scores. The
    interval is put together from a Wilson interval of either rate, each with the number of accounts that has its
    variance over the bands (Yan and Su, Statistics in Biopharmaceutical Research 2, 2010; Newcombe, Statistics in
    Medicine 17, 1998, method 10). Whoever was on the list counts as treated, worked or not.

    Parameters
    ----------
    held : array-like of bool, shape (n_accounts,)
        Arm, from :func:`assign_arms`.
    best : array-like of bool, shape (n_accounts,)
        Whether the account became a best customer in the window, delivered or not.
    bands : array-like of int, shape (n_accounts,)
        From :func:`score_band`.
    confidence : float in (0, 1), default=0.95
        Coverage of the interval.

    Returns
    -------
    dict
        ``difference, low, high`` as shares of accounts (None where no band has both arms), ``rate_treated,
        rate_held_out`` and ``n_treated, n_held_out``.
    """
    out, won, band = np.asarray(held, bool), np.asarray(best, bool), np.asarray(bands)
    _, code = np.unique(band, return_inverse=True)
    size = int(code.max()) + 1 if len(code) else 0

    def per_band(rows: np.ndarray) -> np.ndarray:
        return np.bincount(code[rows], minlength=size).astype(np.float64)

    n = np.stack([per_band(~out), per_band(out)])
    wins = np.stack([per_band(~out & won), per_band(out & won)])
    told: dict[str, float | int | None] = {}
    for i, arm in enumerate(("treated", "held_out")):
        total = float(n[i].sum())
        told |= {f"n_{arm}": int(total), f"rate_{arm}": float(wins[i].sum()) / total if total else None}
    both = n.min(axis=0) > 0
    if not both.any():
        return {"difference": None, "low": None, "high": None, **told}
    n, wins = n[:, both], wins[:, both]
    weight = n[0] * n[1] / n.sum(axis=0)
    weight /= weight.sum()
    rate, low, high = (
        np.array(part) for part in zip(*map(_rate, wins, n, [weight] * 2, [confidence] * 2), strict=True)
    )
    return {
        "difference": float(rate[0] - rate[1]),
        "low": float(rate[0] - rate[1] - np.hypot(rate[0] - low[0], high[1] - rate[1])),
        "high": float(rate[0] - rate[1] + np.hypot(high[0] - rate[0], rate[1] - low[1])),
        **told,
    }


def _rate(wins: Floats, n: Floats, weight: Floats, confidence: float) -> tuple[float, float, float]:
    """A rate over bands, with the Wilson interval of as many accounts as have its variance."""
    rates = wins / n
    rate = float(weight @ rates)
    variance = float(weight**2 @ (rates * (1.0 - rates) / n))
    plain = 1.0 / float((weight**2 / n).sum())
    accounts = rate * (1.0 - rate) / variance if variance > 0.0 else plain
    low, high = wilson(rate * accounts, accounts, confidence)
    return rate, float(low), float(high)


def _points(share: float) -> str:
    return f"{100.0 * share:.1f}"
