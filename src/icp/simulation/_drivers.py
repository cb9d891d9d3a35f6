"""What really drives the chance to become a best customer: additive effects in log-odds, each of named columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from icp.simulation._companies import CATEGORIES, Companies, category_weights
from icp.simulation._draws import Mask, Numbers

__all__ = ["DRIVERS", "Driver", "effects", "fit_intercept", "propensity"]


@dataclass(frozen=True)
class Driver:
    """One planted driver.

    Parameters
    ----------
    name : str
        Its column in the truth table is ``effect_<name>``.
    columns : tuple of str
        Columns of the accounts table it is a function of; ``"events"`` for the events table.
    side : {"fit", "engagement"}
        Who they are, or what they did.
    text : str
        What it does, in words.
    """

    name: str
    columns: tuple[str, ...]
    side: str
    text: str


_BY_PROFILE = ("industry", "ownership", "crm_system", "cloud_setup", "online_shop")

DRIVERS = (
    *(Driver(name, (name,), "fit", f"{name}: values typical of the planted profiles raise it") for name in _BY_PROFILE),
    Driver("lead_source", ("lead_source",), "fit", "referrals and website raise it, bought lists lower it"),
    Driver("revenue_growth", ("revenue_growth",), "fit", "growth raises it, levelling off at both ends"),
    Driver("has_data_team", ("has_data_team",), "fit", "a data team raises it"),
    Driver(
        "size_and_shop", ("employees", "online_shop"), "fit",
        "interaction: with a hosted, open-source or custom shop small companies are better, otherwise large ones",
    ),
    Driver("interest", ("events",), "engagement", "recent events raise it, demos and replies most (half-life 45 days)"),
    Driver("season", ("created_on",), "fit", "with drift, accounts created late are better"),
)  # fmt: skip
"""Every planted driver, in the order of the truth table."""

_CATEGORY_WEIGHT = 0.55
_LIMIT = 1.6
_SOURCES = {"referral": 0.55, "website": 0.2, "partner": 0.1, "webinar": 0.1, "trade fair": -0.1, "bought list": -0.4}
_SHOPS = ("hosted shop", "open-source shop", "custom shop")


def effects(companies: Companies, shown: Numbers, n_profiles: int, signal: float, drift: float) -> pd.DataFrame:
    """What each driver adds to the log-odds of each account, over the average account.

    Parameters
    ----------
    companies : Companies
        The truth about them.
    shown : ndarray of float64, shape (n,)
        Interest shown, see :func:`icp.simulation._events.interest_shown`.
    n_profiles : int
        Planted profiles.
    signal : float
        Factor on every effect but that of drift.
    drift : float
        Rise of the log-odds from the first account to the last.

    Returns
    -------
    DataFrame, shape (n, n_drivers)
        Columns centred at 0.
    """
    frame = companies.frame
    table = {name: frame[name].map(_level_effects(name, n_profiles)).to_numpy(dtype=np.float64) for name in _BY_PROFILE}
    table["lead_source"] = frame["lead_source"].map(_SOURCES).to_numpy(dtype=np.float64)
    growth = frame["revenue_growth"].to_numpy(dtype=np.float64)
    table["revenue_growth"] = 0.45 * np.clip((growth - 8) / 15, -1.5, 1.5)
    table["has_data_team"] = np.where(frame["has_data_team"] == "yes", 0.5, 0.0)
    size = np.clip((np.log10(frame["employees"].to_numpy(dtype=np.float64)) - 2.1) / 0.6, -1.5, 1.5)
    table["size_and_shop"] = 0.5 * np.where(frame["online_shop"].isin(_SHOPS), -size, size)
    table["interest"] = 0.75 * np.clip(np.log1p(shown) - 1.0, -1.0, 2.0)
    centred = pd.DataFrame({name: signal * (values - values.mean()) for name, values in table.items()})
    centred["season"] = drift * (companies.age - companies.age.mean())
    return centred


def _level_effects(name: str, n_profiles: int) -> dict[str, float]:
    """How much more often each level occurs in the planted profiles than elsewhere, as a log ratio within limits."""
    planted = np.mean([category_weights(name, k + 1) for k in range(max(n_profiles, 1))], axis=0)
    ratio = np.log(planted / category_weights(name, 0))
    weight = _CATEGORY_WEIGHT * (1 + 0.15 * max(n_profiles - 3, 0))
    values = weight * np.clip(ratio, -_LIMIT, _LIMIT)
    return dict(zip(CATEGORIES[name], values.tolist(), strict=True))


def propensity(log_odds: Numbers) -> Numbers:
    """The logistic function.

    Parameters
    ----------
    log_odds : ndarray of float64, shape (n,)
        Any finite values.

    Returns
    -------
    ndarray of float64, shape (n,)
        Between 0 and 1.
    """
    return 1.0 / (1.0 + np.exp(-log_odds))


def fit_intercept(total: Numbers, eligible: Mask, base_rate: float) -> float:
    """The intercept at which the mean propensity of the eligible accounts is the base rate, by bisection.

    Parameters
    ----------
    total : ndarray of float64, shape (n,)
        Sum of the effects.
    eligible : ndarray of bool, shape (n,)
        Accounts that could become best customers.
    base_rate : float in (0, 1)
        The mean wanted.

    Returns
    -------
    float
        Log-odds, to 2 ** -40.
    """
    low, high = -60.0, 60.0
    while high - low > 2.0**-40:
        middle = (low + high) / 2
        if propensity(total[eligible] + middle).mean() < base_rate:
            low = middle
        else:
            high = middle
    return (low + high) / 2
