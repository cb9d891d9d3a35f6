"""Was the list used: worked rates, times, order, messages; by list, team and week, never by person unless asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icp._statistics import normal_score, wilson
from icp.errors import ConfigError

__all__ = ["adoption", "concordance", "rate_gap", "worked_by_tier"]

Floats = NDArray[np.float64]
_MOST = 400
"""Accounts of one queue whose pairs are compared; of a longer one, as many at even distances: time stays linear."""


def adoption(rows: pd.DataFrame, by: Sequence[str] = (), *, per_person: bool = False) -> pd.DataFrame:
    """How far lists were used, for each group.

    Parameters
    ----------
    rows : DataFrame
        Of :func:`icp.outcomes.follow`; accounts held out are left out.
    by : sequence of str, default=()
        Columns that make the groups, such as ``["run_id"]``, ``["team", "week"]``; none is everything together.
    per_person : bool, default=False
        Whether ``rep`` may be one of them: monitoring people backfires, so it must be switched on.

    Returns
    -------
    DataFrame, one row per group
        ``n`` given, ``due`` (the agreed time is over), ``worked_in_time`` with ``worked_rate, low, high`` of the due
        ones, ``median_days`` to first touch, ``concordance`` with its interval, ``override_rate`` (accounts worked
        though others stood higher), ``message_rate`` with its interval, of ``messages`` worked accounts with one.

    Raises
    ------
    ConfigError
        ``rep`` is asked for and ``per_person`` is off (``ICP752``).
    """
    if "rep" in by and not per_person:
        message = "adoption by person is switched off: lists are measured before people."
        raise ConfigError.one("ICP752", message, "Set scorecard.per_person=true where both leads agreed to it.")
    given = rows[rows["given"]]
    if not by:
        return pd.DataFrame([_measure(given)])
    found = [
        {**dict(zip(by, key if isinstance(key, tuple) else (key,), strict=True)), **_measure(part)}
        for key, part in given.groupby(list(by), sort=True)
    ]
    return pd.DataFrame(found)


def worked_by_tier(rows: pd.DataFrame) -> pd.DataFrame:
    """Share of the accounts of each tier that were worked inside the agreed time.

    Parameters
    ----------
    rows : DataFrame
        Of :func:`icp.outcomes.follow`.

    Returns
    -------
    DataFrame
        ``tier, due, worked_in_time, worked_rate, low, high``; A first.
    """
    due = rows[rows["given"] & rows["due"]]
    table = due.groupby("tier", sort=True)["in_time"].agg(["size", "sum"])
    table = table.rename(columns={"size": "due", "sum": "worked_in_time"}).reset_index()
    low, high = wilson(table["worked_in_time"], table["due"])
    return table.assign(worked_rate=table["worked_in_time"] / table["due"], low=low, high=high)


def concordance(rows: pd.DataFrame) -> tuple[float, float, float, int]:
    """How far the order of first touch agrees with the order of the list: 1 follows it, 0 ignores it.

    Of all pairs of accounts of one queue touched on different days, the share touched in the order of the list, less
    the share touched against it (Goodman and Kruskal's gamma). Days are all that most exports know: accounts of
    one day have no order, and are not compared.

    Parameters
    ----------
    rows : DataFrame
        Of :func:`icp.outcomes.follow`; a queue is what one rep got from one list in one week.

    Returns
    -------
    value, low, high : float
        With the 95 % interval over accounts; NaN where there is nothing to compare.
    n : int
        Accounts compared.
    """
    worked = rows[rows["worked"]]
    agree = total = 0.0
    parts, n_queues = [], 0
    for _, queue in worked.groupby(["run_id", "rep", "week"], sort=True):
        place = queue["position"].to_numpy(dtype=np.float64)
        day = queue["days_to_first"].to_numpy(dtype=np.float64)
        if len(place) > _MOST:
            kept = np.linspace(0, len(place) - 1, _MOST).astype(np.int64)
            place, day = place[kept], day[kept]
        sign = np.sign(place[:, None] - place) * np.sign(day[:, None] - day)
        p, q = sign.sum(axis=1), np.abs(sign).sum(axis=1)
        if q.sum() == 0:
            continue
        n_queues += 1
        agree += p.sum() / 2
        total += q.sum() / 2
        parts.append((p, q))
    if not total:
        return float("nan"), float("nan"), float("nan"), 0
    value = agree / total
    n = int(sum((q > 0).sum() for _, q in parts))
    return (*_gamma_interval(value, total, parts, n - n_queues), n)


def rate_gap(hits: int, n: int, other_hits: int, other_n: int) -> tuple[float, float, float]:
    """The difference of two rates.

    Parameters
    ----------
    hits, n : int
        Accounts worked, of so many, by one team.
    other_hits, other_n : int
        By the other.

    Returns
    -------
    difference, low, high : float
        First less second, with its 95 % interval (Newcombe 1998, method 10).

    Examples
    --------
    >>> [round(value, 3) for value in rate_gap(56, 70, 48, 80)]
    [0.2, 0.052, 0.334]
    """
    a, b = hits / n, other_hits / other_n
    (la, lb), (ha, hb) = wilson([hits, other_hits], [n, other_n])
    low = a - b - float(np.hypot(a - la, hb - b))
    return a - b, low, a - b + float(np.hypot(ha - a, b - lb))


def _measure(part: pd.DataFrame) -> dict[str, Any]:
    due = part[part["due"]]
    rate, low, high = _share(int(due["in_time"].sum()), len(due))
    value, below, above, compared = concordance(part)
    with_message = part[part["worked"] & (part["message"] != "")]
    used, used_low, used_high = _share(int(with_message["message_used"].sum()), len(with_message))
    return {
        "n": len(part), "due": len(due), "worked": int(part["worked"].sum()),
        "worked_in_time": int(due["in_time"].sum()),
        "worked_rate": rate, "low": low, "high": high, "median_days": float(part["days_to_first"].median()),
        "concordance": value, "concordance_low": below, "concordance_high": above, "compared": compared,
        "override_rate": _overrides(part),
        "messages": len(with_message), "message_rate": used, "message_low": used_low, "message_high": used_high,
    }  # fmt: skip


def _share(hits: int, n: int) -> tuple[float, float, float]:
    if not n:
        return float("nan"), float("nan"), float("nan")
    low, high = wilson(hits, n)
    return hits / n, float(low), float(high)


def _overrides(part: pd.DataFrame) -> float:
    """Share of the worked accounts that stand below the place where following the list would have ended."""
    if not part["worked"].any():
        return float("nan")
    place = part.groupby(["run_id", "rep", "week"])["position"].rank(method="first")
    limit = part.groupby(["run_id", "rep", "week"])["worked"].transform("sum")
    return float((place > limit)[part["worked"]].mean())


def _gamma_interval(
    value: float, total: float, parts: list[tuple[Floats, Floats]], n: int
) -> tuple[float, float, float]:
    """Symmetric in Fisher's z; a perfect order shows no variance, and has Wilson's interval for so many accounts."""
    z = normal_score(0.975)
    spread = float(np.sqrt(sum(float(((p - value * q) ** 2).sum()) for p, q in parts)) / total)
    if abs(value) > 1 - 1e-9 or spread == 0:
        low, high = wilson((1 + value) / 2 * max(n, 1), max(n, 1))
        return value, float(2 * low - 1), float(2 * high - 1)
    half = z * spread / (1 - value**2)
    centre = np.arctanh(value)
    return value, float(np.tanh(centre - half)), float(np.tanh(centre + half))
