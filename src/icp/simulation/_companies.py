"""Companies as they really are: traits drawn from planted profiles and from a background of everybody else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from icp.simulation._draws import Codes, Draws, Numbers
from icp.simulation._words import company_names, people_names, place_names, websites

__all__ = ["CATEGORIES", "MAX_PROFILES", "Companies", "category_weights", "draw_companies", "draw_reps"]

CATEGORIES: dict[str, dict[str, float]] = {
    "industry": {
        "Software": 2.5, "Manufacturing": 3.5, "Retail": 3.5, "Logistics": 8, "Health care": 10, "Construction": 15,
        "Financial services": 7, "Consulting": 12, "Education": 10, "Hospitality": 10, "Energy": 3,
        "Food and drink": 3, "Media": 3, "Public services": 9.5,
    },
    "country": {
        "Germany": 34, "Austria": 12, "Switzerland": 11, "France": 12, "Netherlands": 10, "Belgium": 7, "Italy": 8,
        "Spain": 6,
    },
    "ownership": {
        "founder-led": 17, "family-owned": 19, "investor-backed": 7, "listed": 15, "cooperative": 21,
        "state-owned": 21,
    },
    "crm_system": {
        "no CRM": 33, "spreadsheets": 33, "hosted suite": 7, "open source": 7, "industry package": 7,
        "built in-house": 13,
    },
    "cloud_setup": {
        "on premises": 39, "public cloud": 10, "private cloud": 26, "hybrid": 11, "hosted by partner": 14,
    },
    "online_shop": {
        "no shop": 40, "hosted shop": 7, "open-source shop": 15, "custom shop": 13, "marketplace only": 25,
    },
    "lead_source": {
        "trade fair": 18, "website": 24, "referral": 12, "partner": 10, "bought list": 26, "webinar": 10,
    },
}  # fmt: skip
"""Levels of every category with their weight in the background."""

MAX_PROFILES = 6
_PROFILE_SHARE = 0.55
_REST = 0.12


@dataclass(frozen=True)
class _Archetype:
    """What the companies of one planted profile have in common."""

    levels: Mapping[str, tuple[tuple[str, float], ...]]
    log10_employees: float
    founded: float
    growth: float
    data_team: float


def _archetype(industry: str, ownership: str, crm: str, cloud: str, shop: str, *numbers: float) -> _Archetype:
    """An archetype whose levels are written ``"first/second"``: about two thirds have the first."""
    texts = {"industry": industry, "ownership": ownership, "crm_system": crm, "cloud_setup": cloud, "online_shop": shop}
    levels = {}
    for name, text in texts.items():
        first, _, second = text.partition("/")
        levels[name] = ((first, 0.70), (second, 0.18)) if second else ((first, 1 - _REST),)
    return _Archetype(levels, *numbers)


_ARCHETYPES = (
    _archetype(
        "Software/Media", "investor-backed/founder-led", "hosted suite", "public cloud", "no shop", 2.1, 2013, 24, 0.8
    ),
    _archetype(
        "Manufacturing/Energy", "family-owned/listed", "industry package", "hybrid/on premises", "no shop",
        3.0, 1968, 5, 0.55,
    ),
    _archetype(
        "Retail/Food and drink", "founder-led/family-owned", "open source", "hosted by partner", "hosted shop",
        1.5, 2004, 13, 0.25,
    ),
    _archetype(
        "Health care/Public services", "cooperative/state-owned", "built in-house", "private cloud", "marketplace only",
        2.6, 1985, 3, 0.4,
    ),
    _archetype(
        "Financial services/Consulting", "listed", "built in-house/hosted suite", "private cloud/hybrid", "custom shop",
        2.9, 1992, 8, 0.7,
    ),
    _archetype(
        "Logistics/Hospitality", "family-owned", "spreadsheets", "on premises", "open-source shop", 1.8, 1998, 10, 0.1
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Companies:
    """What is true of every company, before anyone types it into a CRM.

    Parameters
    ----------
    frame : DataFrame, shape (n, n_columns)
        Numbers as numbers, dates as datetime64, categories as text; index 0...n-1.
    profile : ndarray of int64, shape (n,)
        0 for none, else the number of the planted profile.
    age : ndarray of float64, shape (n,)
        When the account was created: 0 first, 1 last.
    """

    frame: pd.DataFrame
    profile: Codes
    age: Numbers


def category_weights(name: str, profile: int) -> Numbers:
    """Probabilities of the levels of a category in one profile.

    Parameters
    ----------
    name : str
        One of :data:`CATEGORIES`.
    profile : int
        0 for the background.

    Returns
    -------
    ndarray of float64, shape (n_levels,)
        Summing to 1.
    """
    background = np.array(list(CATEGORIES[name].values()), dtype=np.float64)
    background /= background.sum()
    if profile == 0 or name not in _ARCHETYPES[profile - 1].levels:
        return background
    weights = _REST * background
    levels = list(CATEGORIES[name])
    for level, share in _ARCHETYPES[profile - 1].levels[name]:
        weights[levels.index(level)] += share
    return weights / weights.sum()


def draw_companies(draws: Draws, n: int, n_profiles: int, drift: float, as_of: pd.Timestamp) -> Companies:
    """Draw companies.

    Parameters
    ----------
    draws : Draws
        Source of randomness.
    n : int
        How many.
    n_profiles : int
        Planted profiles; 0 gives background only.
    drift : float
        How much the mix changes from the first account created to the last.
    as_of : Timestamp
        No account is created later.

    Returns
    -------
    Companies
        In order of creation.
    """
    age = np.sort(draws.uniform(n)) ** 0.7
    late = drift * (age - 0.5)
    profile = _draw_profiles(draws, n_profiles, late)
    codes = {name: _draw_category(draws, name, profile, late) for name in CATEGORIES}
    frame = pd.DataFrame({name: np.array(list(CATEGORIES[name]), dtype=object)[code] for name, code in codes.items()})
    stem, frame["name"] = company_names(draws, codes["industry"], frame["country"].to_numpy(dtype=object))
    frame["website"] = websites(stem)
    frame["city"] = place_names(draws, n)
    _add_numbers(draws, frame, profile, late)
    frame["owner"] = np.array([f"R-{i + 1:02d}" for i in range(_N_REPS)], dtype=object)[draws.pick([1.0] * _N_REPS, n)]
    day = _workday(as_of - pd.to_timedelta(((1 - age) * 2190 + 30).astype(np.int64), unit="D"))
    frame["created_on"] = day
    return Companies(frame, profile, age)


def _draw_profiles(draws: Draws, n_profiles: int, late: Numbers) -> Codes:
    """Which profile a company belongs to; with drift, odd profiles grow and even ones shrink."""
    n = len(late)
    if n_profiles == 0:
        return np.zeros(n, dtype=np.int64)
    sizes = 1.0 + 0.1 * np.arange(n_profiles)
    turn = np.where(np.arange(n_profiles) % 2 == 0, 1.5, -1.5)
    weights = sizes * np.exp(late[:, None] * turn)
    weights *= _PROFILE_SHARE / weights.sum(axis=1, keepdims=True)
    return draws.pick(np.column_stack([np.full(n, 1 - _PROFILE_SHARE), weights]), n)


def _draw_category(draws: Draws, name: str, profile: Codes, late: Numbers) -> Codes:
    """Codes of one category; with drift, the levels at the front of the list become rarer."""
    table = np.array([category_weights(name, k) for k in range(MAX_PROFILES + 1)])
    slope = np.linspace(-1.0, 1.0, table.shape[1])
    return draws.pick(table[profile] * np.exp(late[:, None] * slope), len(profile))


def _add_numbers(draws: Draws, frame: pd.DataFrame, profile: Codes, late: Numbers) -> None:
    """Size, money, growth, age and team: normal around the archetype, wider in the background."""
    n = len(frame)
    kinds = _ARCHETYPES
    size = np.array([1.9, *(kind.log10_employees for kind in kinds)])[profile]
    log10_employees = size + np.where(profile == 0, 0.6, 0.22) * draws.normal(n) + 0.5 * late
    frame["employees"] = np.maximum(np.rint(10**log10_employees), 2.0)
    revenue = 10 ** (log10_employees + 5.15 + 0.22 * draws.normal(n))
    frame["annual_revenue_eur"] = np.maximum(np.rint(revenue / 1e4) * 1e4, 1e4)
    growth = np.array([6.0, *(kind.growth for kind in kinds)])[profile]
    frame["revenue_growth"] = np.round(growth + np.where(profile == 0, 11.0, 7.0) * draws.normal(n) + 8 * late, 1)
    frame["n_locations"] = 1.0 + draws.poisson(np.maximum(log10_employees - 0.8, 0.1) ** 2)
    frame["open_positions"] = draws.poisson(np.minimum(10**log10_employees / 40 * draws.uniform(n), 60.0)).astype(float)
    year = np.array([1995.0, *(kind.founded for kind in kinds)])[profile]
    year = np.clip(year + np.where(profile == 0, 14.0, 5.0) * draws.normal(n), 1890, 2023)
    months = np.floor((year - 1890) * 12).astype(np.int64)
    first = np.datetime64("1890-01") + months
    frame["founded_on"] = (first.astype("datetime64[D]") + (draws.uniform(n) * 28).astype(np.int64)).astype(
        "datetime64[s]"
    )
    team = np.array([0.3, *(kind.data_team for kind in kinds)])[profile]
    frame["has_data_team"] = np.where(draws.chance(team, n), "yes", "no").astype(object)


def _workday(days: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """The Friday before, for days at a weekend."""
    return days - pd.to_timedelta(np.maximum(days.day_of_week.to_numpy() - 4, 0), unit="D")


_N_REPS = 12
_TERRITORIES = ("North", "East", "South", "West")


def draw_reps(as_of: pd.Timestamp) -> pd.DataFrame:
    """The sales reps and their territories.

    Parameters
    ----------
    as_of : Timestamp
        Nobody joined later.

    Returns
    -------
    DataFrame, shape (12, 5)
        ``rep_id, name, territory, joined_on, calls_per_week``, all text.
    """
    number = np.arange(_N_REPS)
    joined = as_of - pd.to_timedelta(200 + number * 137, unit="D")
    return pd.DataFrame(
        {
            "rep_id": [f"R-{i + 1:02d}" for i in number],
            "name": people_names(_N_REPS),
            "territory": [_TERRITORIES[i % len(_TERRITORIES)] for i in number],
            "joined_on": joined.strftime("%Y-%m-%d"),
            "calls_per_week": [str(30 + 5 * (i % 4)) for i in number],
        }
    )
