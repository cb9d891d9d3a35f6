"""What the lists added: arms compared by intention to treat, in conversions and in money, or when it will be known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from icp._statistics import normal_score
from icp.lists import HELD_OUT, TREATED, holdout_lift, needed_accounts, smallest_difference

__all__ = ["proof", "trial_accounts"]

_LEAST = 20
"""Accounts of either arm in a part that is looked at by itself."""


def trial_accounts(rows: pd.DataFrame) -> pd.DataFrame:
    """Accounts of a hold-out, once each: by their first list, with whatever became of them since.

    Parameters
    ----------
    rows : DataFrame
        Of :func:`icp.outcomes.follow`.

    Returns
    -------
    DataFrame
        Rows of accounts with an arm.
    """
    trial = rows[rows["arm"].isin([HELD_OUT, TREATED])].sort_values("delivered_at", kind="stable")
    keys = ["campaign", "account_id"]
    later = trial.groupby(keys).agg(won=("won", "any"), amount=("amount", "sum"))
    first = trial.drop_duplicates(keys).drop(columns=["won", "amount"])
    return first.join(later, on=keys)


def proof(rows: pd.DataFrame, window_days: int, today: pd.Timestamp) -> pd.DataFrame:
    """What the lists added, in all and by tier, profile and message.

    Parameters
    ----------
    rows : DataFrame
        Of :func:`icp.outcomes.follow`.
    window_days : int
        Prediction window.
    today : Timestamp
        Last day that counts.

    Returns
    -------
    DataFrame, one row per part
        ``part, value, n_treated, n_held_out, rate_treated, rate_held_out, difference, low, high, detectable, money,
        money_low, money_high`` (per account), ``verdict`` (``adds``, ``harms`` or ``not yet``) and ``known_on``, the
        day when it will be known; empty where more accounts are needed than the pace of lists brings in ten years.
    """
    trial = trial_accounts(rows)
    found = [_part("all", "", trial, window_days, today)]
    for part, column in (("tier", "tier"), ("profile", "profile_id"), ("message", "message")):
        for value, group in trial[trial[column] != ""].groupby(column, sort=True):
            if group["arm"].value_counts().reindex([HELD_OUT, TREATED]).fillna(0).min() >= _LEAST:
                found.append(_part(part, str(value), group, window_days, today))
    return pd.DataFrame(found)


def _part(part: str, value: str, trial: pd.DataFrame, window_days: int, today: pd.Timestamp) -> dict[str, Any]:
    over = trial[trial["over"]]
    held = (over["arm"] == HELD_OUT).to_numpy()
    told = holdout_lift(held, over["won"].to_numpy(), over["band"].to_numpy())
    n_treated, n_held = int(told["n_treated"] or 0), int(told["n_held_out"] or 0)
    rate = told["rate_held_out"] if told["rate_held_out"] else float(trial["propensity"].mean()) if len(trial) else 0.0
    rate = min(max(float(rate or 0.0), 0.001), 0.999)
    money, money_low, money_high = _money(over["amount"].to_numpy(float), held, over["band"].to_numpy())
    verdict = _verdict(told)
    known = _known_on(trial, told, rate, window_days, today) if verdict == "not yet" else ""
    return {
        "part": part, "value": value, "n_treated": n_treated, "n_held_out": n_held,
        "rate_treated": told["rate_treated"], "rate_held_out": told["rate_held_out"],
        "difference": told["difference"], "low": told["low"], "high": told["high"],
        "detectable": smallest_difference(rate, n_treated, n_held),
        "money": money, "money_low": money_low, "money_high": money_high, "verdict": verdict, "known_on": known,
    }  # fmt: skip


def _verdict(told: dict[str, Any]) -> str:
    if told["low"] is None:
        return "not yet"
    return "adds" if told["low"] > 0 else "harms" if told["high"] < 0 else "not yet"


def _known_on(trial: pd.DataFrame, told: dict[str, Any], rate: float, window_days: int, today: pd.Timestamp) -> str:
    """The day when windows are over, and, where so many accounts cannot show what was seen, when enough will be."""
    if trial.empty or trial["arm"].nunique() < 2:
        return ""
    last = trial["delivered_at"].max() + pd.Timedelta(days=window_days)
    if not trial["over"].any():
        return str(last.date())
    share = float((trial["arm"] == HELD_OUT).mean())
    effect = abs(told["difference"]) if told["difference"] else 0.2 * rate
    needed = needed_accounts(rate, min(max(effect, 1e-4), 1.0 - rate - 1e-6), share)
    days = max(1, (today - trial["delivered_at"].min()).days)
    if needed is None or needed <= len(trial):
        return str(last.date()) if last > today else ""
    more = (needed - len(trial)) * days / len(trial)
    return str((max(today, last) + pd.Timedelta(days=int(more) + 1)).date()) if more < 3650 else ""


def _money(amount: np.ndarray, held: np.ndarray, band: np.ndarray) -> tuple[float, float, float]:
    """Difference of the money per account inside bands, weighed as conversions are, with a normal interval."""
    total = weight = variance = 0.0
    for one in np.unique(band):
        a, b = amount[(band == one) & ~held], amount[(band == one) & held]
        if len(a) < 2 or len(b) < 2:
            continue
        w = len(a) * len(b) / (len(a) + len(b))
        total += w * (a.mean() - b.mean())
        variance += w**2 * (a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
        weight += w
    if weight == 0.0:
        return float("nan"), float("nan"), float("nan")
    half = normal_score(0.975) * float(np.sqrt(variance)) / weight
    return float(total / weight), float(total / weight - half), float(total / weight + half)
