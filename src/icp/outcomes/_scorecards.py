"""Two scorecards, each against its own goals: the quality of lists given delivery; what was made of the mix received.

They are not to be set side by side. Marketing's figures are about accounts that were worked, so that they do not move
when sales works more or less; sales' figures are about what was received, so that they do not move when lists get
worse.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from icp._statistics import normal_score
from icp.outcomes._goals import Goals
from icp.outcomes._rates import Measured, median_days, observed_expected, share, weighted_rates

__all__ = ["LEAST_HISTORY", "marketing_scorecard", "sales_scorecard", "tier_precision"]

LEAST_HISTORY = 30
"""Accounts a figure of the past must rest on, to be a goal."""

_FEW = 10
_LESS, _BAND = ("freshness", "touch_days"), ("calibration",)
_WORDS = {
    "acceptance": "Accepted, of those judged",
    "precision_a": "Tier A won when worked",
    "precision_b": "Tier B won when worked",
    "capture_ab": "Of all wins to be had, in A and B",
    "calibration": "Won / promised, of those worked",
    "freshness": "Days from picture to list",
    "completeness": "With tier, score and a reason",
    "follow_up": "Worked inside the agreed time",
    "follow_up_a": "Tier A worked inside the agreed time",
    "touch_days": "Median days to first touch",
    "observed_to_expected": "Won / expected of the mix received",
    "dispositions": "Worked ones with a disposition",
    "messages": "Worked ones whose message was used",
}
_CHANGE = {
    "acceptance": "Read what was rejected, and propose exclusions; look at the profiles behind the rejections.",
    "precision_a": "Train again with the outcomes that came back; check the definition of best with sales.",
    "precision_b": "Train again with the outcomes that came back; check the definition of best with sales.",
    "capture_ab": "Look at won accounts of tiers C and D for traits the model does not know.",
    "calibration": "Train again; the promise of the score no longer fits.",
    "freshness": "Score nearer to the day of delivery.",
    "completeness": "Mend the columns that leave accounts without reasons.",
    "follow_up": "Give fewer accounts per week, or more time; keep the first hours of the list's week free.",
    "follow_up_a": "Work tier A first.",
    "touch_days": "Start on the day of delivery.",
    "observed_to_expected": "Look at which tiers and profiles fall behind, and at what winners were told.",
    "dispositions": "One code after each attempt: it is what the next list learns from.",
    "messages": "Say which messages do not work, so that they can be replaced.",
}


def marketing_scorecard(
    rows: pd.DataFrame, goals: Goals | None = None, history: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Quality of the lists, given that they were delivered and as far as they were worked.

    Parameters
    ----------
    rows : DataFrame
        Of :func:`icp.outcomes.follow`.
    goals : Goals, default=None
        Counted only where agreed.
    history : DataFrame, default=None
        Earlier rows: what marketing reached then is the goal where none is agreed.

    Returns
    -------
    DataFrame, one row per measure
        ``measure, words, value, low, high, n, goal, goal_from, verdict, change``; verdict is ``met``, ``missed``,
        ``open`` (the interval holds the goal), ``no goal`` or ``not yet``.
    """
    return _scorecard("marketing", rows, goals, history, _MARKETING)


def sales_scorecard(
    rows: pd.DataFrame, goals: Goals | None = None, history: pd.DataFrame | None = None
) -> pd.DataFrame:
    """What sales made of the mix it received.

    Parameters
    ----------
    rows, goals, history : as for :func:`marketing_scorecard`
        The same.

    Returns
    -------
    DataFrame
        As :func:`marketing_scorecard`.
    """
    return _scorecard("sales", rows, goals, history, _SALES)


def tier_precision(rows: pd.DataFrame) -> pd.DataFrame:
    """Share of the accounts of each tier that are won when worked, whichever of them were.

    Wins among the worked accounts whose window is over, divided by those promised, times the mean promise of the tier.

    Parameters
    ----------
    rows : DataFrame
        Of :func:`icp.outcomes.follow`.

    Returns
    -------
    DataFrame
        ``tier, delivered, worked, won, promised, precision, low, high``; worked and won where the window is over.
    """
    given = rows[rows["given"]]
    found = []
    for tier, part in given.groupby("tier", sort=True):
        seen = part[part["worked"] & part["over"]]
        ratio, low, high, n = observed_expected(seen["won"], seen["propensity"])
        promised = float(part["propensity"].mean())
        found.append(
            (tier, len(part), n, int(seen["won"].sum()), promised, *(promised * x for x in (ratio, low, high)))
        )
    columns = ["tier", "delivered", "worked", "won", "promised", "precision", "low", "high"]
    return pd.DataFrame(found, columns=columns).assign(high=lambda table: table["high"].clip(upper=1.0))


def _scorecard(
    team: str,
    rows: pd.DataFrame,
    goals: Goals | None,
    history: pd.DataFrame | None,
    measures: Mapping[str, Callable[[pd.DataFrame], Measured]],
) -> pd.DataFrame:
    agreed = getattr(goals, team) if goals is not None and goals.agreed_on else {}
    found = []
    for name, measure in measures.items():
        value, low, high, n = measure(rows)
        goal, source = agreed.get(name), f"agreed {goals.agreed_on}" if goals is not None else ""
        if goal is None:
            goal, source = _from_history(name, measure, history)
        found.append({
            "measure": name, "words": _WORDS[name], "value": value, "low": low, "high": high,
            "n": n, "goal": goal, "goal_from": source if goal is not None else "",
            "verdict": _verdict(name, low, high, n, goal), "change": _CHANGE[name],
        })  # fmt: skip
    return pd.DataFrame(found).astype({"goal": float})


def _from_history(
    name: str, measure: Callable[[pd.DataFrame], Measured], history: pd.DataFrame | None
) -> tuple[float | None, str]:
    if history is None or not len(history):
        return None, ""
    value, _, _, n = measure(history)
    if n < LEAST_HISTORY or not np.isfinite(value):
        return None, ""
    return (max(value, 1 / max(value, 1e-9)) if name in _BAND else value), "own history"


def _verdict(name: str, low: float, high: float, n: int, goal: float | None) -> str:
    if not n:
        return "not yet"
    if goal is None:
        return "no goal"
    if name in _BAND:
        least, most = 1 / max(goal, 1.0), max(goal, 1.0)
        if low >= least and high <= most:
            return "met"
        return "missed" if high < least or low > most else "open"
    if name in _LESS:
        low, high, goal = -high, -low, -goal
    return "met" if low >= goal else "missed" if high < goal else "open"


def _worked(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["given"] & rows["worked"] & rows["over"]]


def _acceptance(rows: pd.DataFrame) -> Measured:
    """Inside tiers, with the weight each has among all that was delivered: more or less work does not move it."""
    given = rows[rows["given"]]
    judged = given[given["accepted"].notna()].groupby("tier")["accepted"]
    return weighted_rates(judged.sum(), judged.count(), given.groupby("tier").size())


def _precision(tier: str) -> Callable[[pd.DataFrame], Measured]:
    def measure(rows: pd.DataFrame) -> Measured:
        table = tier_precision(rows[rows["tier"] == tier])
        if table.empty:
            return share(0, 0)
        row = table.iloc[0]
        return row["precision"], row["low"], row["high"], int(row["worked"])

    return measure


def _capture(rows: pd.DataFrame) -> Measured:
    """Wins to be had in A and B, of all to be had, were everything delivered worked.

    A tier of which few were worked counts with its promise, times what came of promises in all.
    """
    table, whole = tier_precision(rows), _calibration(rows)
    there = table["tier"].isin(["A", "B"])
    if not there.any() or there.all() or not table["won"].sum():
        return share(0, 0)
    few = (table["worked"] < _FEW).to_numpy()
    rate, low, high = (
        np.where(few, table["promised"] * end, table[name])
        for name, end in zip(("precision", "low", "high"), whole[:3], strict=True)
    )
    wins = table["delivered"].to_numpy() * rate
    # the variance of each tier's wins from its own interval; the share is a ratio of two sums
    error = table["delivered"].to_numpy() * (high - low) / (2 * normal_score(0.975))
    value = float(wins[there].sum() / wins.sum())
    slope = (there.to_numpy(float) - value) / wins.sum()
    spread = max(float(np.sqrt(((slope * error) ** 2).sum())), 1e-9)
    accounts = value * (1 - value) / spread**2 if 0 < value < 1 else float(table["worked"].sum())
    _, low_end, high_end, _ = share(value * accounts, accounts)
    return value, low_end, high_end, int(table["worked"].sum())


def _calibration(rows: pd.DataFrame) -> Measured:
    seen = _worked(rows)
    return observed_expected(seen["won"], seen["propensity"])


def _freshness(rows: pd.DataFrame) -> Measured:
    given = rows[rows["given"] & (rows["as_of"] != "")]
    days = (given["delivered_at"] - pd.to_datetime(given["as_of"])).dt.days
    return median_days(days.to_numpy(dtype=np.float64))


def _completeness(rows: pd.DataFrame) -> Measured:
    given = rows[rows["given"]]
    whole = (given["tier"] != "") & (given["reason_1"] != "") & given["propensity"].notna()
    value, _, _, n = share(int(whole.sum()), len(given))
    return value, value, value, n  # all of the lists are looked at, so chance has no part in it


def _follow_up(rows: pd.DataFrame) -> Measured:
    due = rows[rows["given"] & rows["due"]]
    return share(int(due["in_time"].sum()), len(due))


def _touch_days(rows: pd.DataFrame) -> Measured:
    return median_days(rows.loc[rows["given"] & rows["worked"], "days_to_first"].to_numpy(dtype=np.float64))


def _observed_to_expected(rows: pd.DataFrame) -> Measured:
    received = rows[rows["given"] & rows["over"]]
    return observed_expected(received["won"], received["propensity"])


def _said(rows: pd.DataFrame) -> Measured:
    seen = rows[rows["given"] & rows["worked"]]
    return share(int((seen["code"] != "").sum()), len(seen))


def _messages(rows: pd.DataFrame) -> Measured:
    seen = rows[rows["given"] & rows["worked"] & (rows["message"] != "")]
    return share(int(seen["message_used"].sum()), len(seen))


_MARKETING: dict[str, Callable[[pd.DataFrame], Measured]] = {
    "acceptance": _acceptance,
    "precision_a": _precision("A"),
    "precision_b": _precision("B"),
    "capture_ab": _capture,
    "calibration": _calibration,
    "freshness": _freshness,
    "completeness": _completeness,
}
_SALES: dict[str, Callable[[pd.DataFrame], Measured]] = {
    "follow_up": _follow_up,
    "follow_up_a": lambda rows: _follow_up(rows[rows["tier"] == "A"]),
    "touch_days": _touch_days,
    "observed_to_expected": _observed_to_expected,
    "dispositions": _said,
    "messages": _messages,
}
