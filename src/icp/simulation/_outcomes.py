"""What sales made of the accounts: opportunities before the as-of date, and one per worked account after it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from icp.simulation._companies import Companies
from icp.simulation._draws import Codes, Draws, Mask, Numbers

__all__ = ["WINDOW_DAYS", "draw_history", "draw_results"]

WINDOW_DAYS = 180
_HISTORY_DAYS = 720
_REASONS = ("no interest", "not reached", "no budget", "price", "competitor", "timing")
_EARLY = (38.0, 24.0, 22.0, 0.0, 0.0, 16.0)
_LATE = (4.0, 0.0, 14.0, 34.0, 32.0, 16.0)
_OPEN_SHARE = 0.03
_QUOTED_SHARE = 0.23


def draw_history(draws: Draws, companies: Companies, customer: Mask, as_of: pd.Timestamp) -> pd.DataFrame:
    """Opportunities of the two years up to the as-of date: what made today's customers, and lost ones.

    Parameters
    ----------
    draws : Draws
        Source of randomness.
    companies : Companies
        The truth about them.
    customer : ndarray of bool, shape (n,)
        Accounts that are customers at the as-of date.
    as_of : Timestamp
        Last possible day.

    Returns
    -------
    DataFrame
        ``row, at, stage, amount, lost_reason``; unsorted.
    """
    n = len(customer)
    tried = draws.chance(0.3, n) | customer
    row = np.flatnonzero(tried)
    stage = np.where(customer[row], "Won", "Lost").astype(object)
    span = np.minimum((as_of - companies.frame["created_on"]).dt.days.to_numpy()[row], _HISTORY_DAYS)
    at = _closing_days(draws, as_of, -np.floor(draws.uniform(len(row)) * span).astype(np.int64), last=0)
    return _opportunities(draws, companies, row, stage, at)


def draw_results(draws: Draws, companies: Companies, best: Mask, worked: Mask, as_of: pd.Timestamp) -> pd.DataFrame:
    """One opportunity for each account that sales worked in the 180 days after the as-of date.

    Parameters
    ----------
    draws : Draws
        Source of randomness.
    companies : Companies
        The truth about them.
    best, worked : ndarray of bool, shape (n,)
        Who buys when worked, and who is worked.
    as_of : Timestamp
        The day before the window opens.

    Returns
    -------
    DataFrame
        ``row, at, stage, amount, lost_reason``; the last one is exactly 180 days after the as-of date.
    """
    row = np.flatnonzero(worked)
    stage = np.where(best[row], "Won", "Lost").astype(object)
    stage[draws.chance(_OPEN_SHARE, len(row))] = "Open"
    days = 1 + np.floor(draws.uniform(len(row)) * WINDOW_DAYS).astype(np.int64)
    at = _closing_days(draws, as_of, days, last=WINDOW_DAYS).to_numpy().copy()
    if len(at):
        at[-1] = (as_of + pd.Timedelta(days=WINDOW_DAYS)).to_datetime64()
    return _opportunities(draws, companies, row, stage, pd.DatetimeIndex(at))


def _closing_days(draws: Draws, as_of: pd.Timestamp, days: Codes, last: int) -> pd.DatetimeIndex:
    """Days that deals close: a fifth slips to the last two weeks of the quarter, weekends become the Friday before."""
    first = days.min() if len(days) else 0
    day = as_of + pd.to_timedelta(days, unit="D")
    left = ((day + pd.offsets.QuarterEnd(0)) - day).days.to_numpy()
    late = np.maximum(left - np.floor(draws.uniform(len(days)) * 14), 0).astype(np.int64)
    moved = days + np.where(draws.chance(0.2, len(days)), late, 0)
    day = as_of + pd.to_timedelta(np.minimum(moved, last), unit="D")
    weekend = np.maximum(day.day_of_week.to_numpy() - 4, 0)
    allowed = (day - as_of).days.to_numpy() - weekend >= first
    return day - pd.to_timedelta(np.where(allowed, weekend, 0), unit="D")


def _opportunities(
    draws: Draws, companies: Companies, row: Codes, stage: np.ndarray, at: pd.DatetimeIndex
) -> pd.DataFrame:
    """Amounts and reasons: every won deal has an amount, a lost one only when it came to a quote."""
    n = len(row)
    quoted = (stage != "Lost") | draws.chance(_QUOTED_SHARE, n)
    early, late = draws.pick(_EARLY, n), draws.pick(_LATE, n)
    reason = np.array(_REASONS, dtype=object)[np.where(quoted, late, early)]
    return pd.DataFrame(
        {
            "row": row,
            "at": at,
            "stage": stage,
            "amount": np.where(quoted, _amounts(draws, companies, row), np.nan),
            "lost_reason": np.where(stage == "Lost", reason, ""),
        }
    )


def _amounts(draws: Draws, companies: Companies, row: Codes) -> Numbers:
    """Deal sizes in euro: larger for larger companies, wide, rounded to hundreds."""
    size = np.log10(companies.frame["employees"].to_numpy(dtype=np.float64)[row]) - 2.0
    by_profile = np.array([0.0, 0.08, 0.15, -0.1, 0.05, 0.2, -0.05])[companies.profile[row]]
    return np.rint(10 ** (4.25 + 0.3 * size + by_profile + 0.22 * draws.normal(len(row))) / 100) * 100
