"""What accounts did: visits, opened mails, webinars, replies, calls, demos, more of them where interest is high."""

from __future__ import annotations

import numpy as np
import pandas as pd

from icp.simulation._draws import Codes, Draws, Mask, Numbers

__all__ = ["HALF_LIFE_DAYS", "KINDS", "draw_events", "interest_shown"]

KINDS: dict[str, tuple[float, float, float]] = {
    "visit": (40.0, 0.0, 1.0),
    "email_open": (34.0, -0.2, 0.4),
    "webinar": (8.0, 0.3, 1.5),
    "reply": (5.0, 0.8, 2.5),
    "call": (7.0, 0.4, 1.5),
    "demo": (1.5, 1.2, 4.0),
}
"""Kind of event: weight, how its weight grows with interest (log), how much interest it shows."""

HALF_LIFE_DAYS = 45.0
_DAYS = 420
_RATE = 3.4


def draw_events(draws: Draws, interest: Numbers, known_days: Codes, as_of: pd.Timestamp) -> pd.DataFrame:
    """Draw the events of the 420 days up to the as-of date.

    Parameters
    ----------
    draws : Draws
        Source of randomness.
    interest : ndarray of float64, shape (n,)
        How interested each account is, about standard normal.
    known_days : ndarray of int64, shape (n,)
        Days since the account was created; nothing happened earlier.
    as_of : Timestamp
        Last possible day.

    Returns
    -------
    DataFrame
        ``row`` (of the account), ``at`` (day), ``kind`` (text); sorted by day, then account.
    """
    span = np.minimum(known_days, _DAYS)
    count = draws.poisson(_RATE * np.sqrt(span / _DAYS) * np.exp(np.clip(0.75 * interest, -3.0, 2.6)))
    row = np.repeat(np.arange(len(interest)), count)
    hot = interest[row]
    weights = np.array([weight for weight, _, _ in KINDS.values()])
    slope = np.array([growth for _, growth, _ in KINDS.values()])
    kind = draws.pick(weights * np.exp(np.clip(hot, -2.5, 2.5)[:, None] * slope), len(row))
    back = np.floor(span[row] * draws.uniform(len(row)) ** np.exp(np.clip(0.3 * hot, -0.6, 0.8))).astype(np.int64)
    at = as_of - pd.to_timedelta(back, unit="D")
    kept = _office_days(draws, at)
    row, kind, at = row[kept], kind[kept], at[kept]
    order = np.lexsort((kind, row, at.to_numpy()))
    names = np.array(list(KINDS), dtype=object)
    return pd.DataFrame({"row": row[order], "at": at[order], "kind": names[kind[order]]})


def _office_days(draws: Draws, day: pd.DatetimeIndex) -> Mask:
    """Which events take place: one in five at weekends, half in August and around Christmas."""
    weekend = np.where(day.day_of_week >= 5, 0.2, 1.0)
    quiet = np.where((day.month == 8) | ((day.month == 12) & (day.day > 20)), 0.5, 1.0)
    return draws.chance(weekend * quiet, len(day))


def interest_shown(events: pd.DataFrame, n: int, as_of: pd.Timestamp) -> Numbers:
    """Interest an account has shown, weighted by half-life: a demo counts more than an opened mail.

    Parameters
    ----------
    events : DataFrame
        As :func:`draw_events` gives it.
    n : int
        Number of accounts.
    as_of : Timestamp
        Events later than this do not count.

    Returns
    -------
    ndarray of float64, shape (n,)
        Sum over events of ``weight * 2 ** (-days / 45)``.
    """
    seen = events[events["at"] <= as_of]
    days = (as_of - seen["at"]).dt.days.to_numpy()
    weight = seen["kind"].map({name: shown for name, (_, _, shown) in KINDS.items()}).to_numpy(dtype=np.float64)
    weighted = weight * 2.0 ** (-days / HALF_LIFE_DAYS)
    return np.asarray(np.bincount(seen["row"].to_numpy(), weighted, minlength=n), dtype=np.float64)
