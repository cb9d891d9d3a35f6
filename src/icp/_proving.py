"""What the lists added: arms compared by intention to treat, in conversions and in money, or when it will be known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from icp._statistics import normal_score
from icp.lists import HELD_OUT, TREATED, holdout_lift, needed_accounts, smallest_difference
from icp.tables import Finding

__all__ = ["proof", "proof_findings", "trial_accounts"]

_ERROR = 0.05
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
        Rows of accounts with an arm, and ``touched``: whether sales tried them, given or not.
    """
    trial = rows[rows["arm"].isin([HELD_OUT, TREATED])].sort_values("delivered_at", kind="stable")
    trial = trial.assign(touched=trial["first_at"].notna())
    keys = ["campaign", "account_id"]
    later = trial.groupby(keys).agg(won=("won", "any"), amount=("amount", "sum"), touched=("touched", "any"))
    first = trial.drop_duplicates(keys).drop(columns=["won", "amount", "touched"])
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
        ``part, value`` (of messages the id, else the text), ``words`` (the text of a message with an id, as delivered
        last), ``n_treated, n_held_out, rate_treated, rate_held_out, difference, low, high, detectable, money,
        money_low, money_high`` (per account), ``confidence`` of the intervals, ``verdict`` (``adds``, ``harms`` or
        ``not yet``), ``worked_treated`` and ``worked_held_out`` (shares of the accounts whose agreed time is over), and
        ``known_on``, the day when it will be known; empty where more accounts are needed than the
        pace of lists brings in ten years.

    Notes
    -----
    The whole is looked at once, at 5 %. Of ``k`` parts, each is held to ``5 % / k`` (Bonferroni: the parts are the
    same accounts cut in other ways, so nothing may be supposed of how they hang together): all their intervals hold
    the truth together in 95 of 100 cases, and a verdict is given where the interval lies on one side of 0.
    """
    trial = trial_accounts(rows)
    parts = list(
        _parts(trial.assign(message_key=trial["message_id"].where(trial["message_id"] != "", trial["message"])))
    )
    error = _ERROR / max(1, len(parts))
    found = [_part("all", "", trial, window_days, today, _ERROR)]
    found += [_part(part, value, group, window_days, today, error) for part, value, group in parts]
    return pd.DataFrame(found)


def proof_findings(rows: pd.DataFrame, table: pd.DataFrame) -> list[Finding]:
    """Lists that cost wins, and lists of which it is not shown that they change whom sales works.

    Parameters
    ----------
    rows : DataFrame
        Of :func:`icp.outcomes.follow`.
    table : DataFrame
        Of :func:`proof`.

    Returns
    -------
    list of Finding
        ``ICP758`` and ``ICP765``.
    """
    found, whole = [], table.iloc[0]
    if whole["verdict"] == "harms":
        message = f"accounts on the lists are won less often than those held out: {whole['difference']:+.1%}."
        found.append(Finding("ICP758", "issue", message))
    due = trial_accounts(rows).query("due")
    held = (due["arm"] == HELD_OUT).to_numpy()
    told = holdout_lift(held, due["touched"].to_numpy(), due["band"].to_numpy(), 1.0 - _ERROR)
    if due["touched"].any() and held.sum() >= _LEAST and told["low"] is not None and told["low"] <= 0:
        held_out, listed = (f"{told[rate]:.0%}" for rate in ("rate_held_out", "rate_treated"))
        between = f"95 % interval of the difference: {told['low']:+.0%} to {told['high']:+.0%}"
        message = f"sales worked {held_out} of the accounts held out and {listed} of those on the lists ({between}): "
        message += "lists that do not change whom sales works can show no lift."
        found.append(Finding("ICP765", "warning", message, n_rows=int((held & due["touched"]).sum())))
    return found


def _parts(trial: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Parts with enough accounts in both arms; nothing here looks at what came of them."""
    for part, column in (("tier", "tier"), ("profile", "profile_id"), ("message", "message_key")):
        for value, group in trial[trial[column] != ""].groupby(column, sort=True):
            if group["arm"].value_counts().reindex([HELD_OUT, TREATED]).fillna(0).min() >= _LEAST:
                yield part, str(value), group


def _part(
    part: str, value: str, trial: pd.DataFrame, window_days: int, today: pd.Timestamp, error: float
) -> dict[str, Any]:
    over = trial[trial["over"]]
    held = (over["arm"] == HELD_OUT).to_numpy()
    told = holdout_lift(held, over["won"].to_numpy(), over["band"].to_numpy(), 1.0 - error)
    n_treated, n_held = int(told["n_treated"] or 0), int(told["n_held_out"] or 0)
    rate = told["rate_held_out"] if told["rate_held_out"] else float(trial["propensity"].mean()) if len(trial) else 0.0
    rate = min(max(float(rate or 0.0), 0.001), 0.999)
    money, money_low, money_high = _money(over["amount"].to_numpy(float), held, over["band"].to_numpy(), error)
    verdict = _verdict(told)
    known = _known_on(trial, told, rate, window_days, today, error) if verdict == "not yet" else ""
    worked = trial[trial["due"]].groupby("arm")["touched"].mean()
    words = str(trial["message"].iloc[-1]) if part == "message" and (trial["message_id"] == value).any() else ""
    return {
        "part": part, "value": value, "words": words, "n_treated": n_treated, "n_held_out": n_held,
        "rate_treated": told["rate_treated"], "rate_held_out": told["rate_held_out"],
        "difference": told["difference"], "low": told["low"], "high": told["high"],
        "detectable": smallest_difference(rate, n_treated, n_held, error=error),
        "money": money, "money_low": money_low, "money_high": money_high, "confidence": 1.0 - error,
        "verdict": verdict, "known_on": known,
        "worked_treated": worked.get(TREATED), "worked_held_out": worked.get(HELD_OUT),
    }  # fmt: skip


def _verdict(told: dict[str, Any]) -> str:
    if told["low"] is None:
        return "not yet"
    return "adds" if told["low"] > 0 else "harms" if told["high"] < 0 else "not yet"


def _known_on(
    trial: pd.DataFrame, told: dict[str, Any], rate: float, window_days: int, today: pd.Timestamp, error: float
) -> str:
    """The day when windows are over, and, where so many accounts cannot show what was seen, when enough will be."""
    if trial.empty or trial["arm"].nunique() < 2:
        return ""
    last = trial["delivered_at"].max() + pd.Timedelta(days=window_days)
    if not trial["over"].any():
        return str(last.date())
    share = float((trial["arm"] == HELD_OUT).mean())
    effect = abs(told["difference"]) if told["difference"] else 0.2 * rate
    needed = needed_accounts(rate, min(max(effect, 1e-4), 1.0 - rate - 1e-6), share, error=error)
    days = max(1, (today - trial["delivered_at"].min()).days)
    if needed is None or needed <= len(trial):
        return str(last.date()) if last > today else ""
    more = (needed - len(trial)) * days / len(trial)
    return str((max(today, last) + pd.Timedelta(days=int(more) + 1)).date()) if more < 3650 else ""


def _money(amount: np.ndarray, held: np.ndarray, band: np.ndarray, error: float) -> tuple[float, float, float]:
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
    half = normal_score(1.0 - error / 2.0) * float(np.sqrt(variance)) / weight
    return float(total / weight), float(total / weight - half), float(total / weight + half)
