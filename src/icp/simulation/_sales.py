"""A sales team that was given a list: reps who follow it, ignore it or pick; what they say; what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from icp.errors import ConfigError, did_you_mean
from icp.simulation._draws import Draws, Mask, Numbers

__all__ = ["STYLES", "SalesRun", "SalesTeam", "simulate_sales"]

STYLES = ("obedient", "ignoring", "picking")
"""Follows the order of the list; works it in any order; works what looks attractive first."""

_SAID = ("no_interest", "bad_timing", "not_reached", "bad_data", "competitor", "accepted")
_WEIGHTS = (0.34, 0.16, 0.24, 0.06, 0.03, 0.17)


@dataclass(frozen=True)
class SalesTeam:
    """How a team works.

    Parameters
    ----------
    style : str or mapping of str to str, default="obedient"
        One of :data:`STYLES`, for all reps or by rep.
    effort : float or mapping of str to float, default=0.7
        Share of what a rep was given that is worked.
    days : int, default=10
        Days over which a list is worked.
    late : float, default=1.0
        Days until the first touch.
    window_days : int, default=60
        Deals are won or lost within so many days of the first touch, and of delivery.
    message_use : float, default=0.7
        Share of touches that use the message of the list.
    message_effects : mapping of str to float, default={}
        What using a message adds to the log-odds of winning.
    alone : float, default=0.1
        Chance to win without any touch, as a part of the chance with one.
    rejects : float, default=0.93
        Share of planted misfits that a rep rejects as wrong fit.
    dropped : float, default=0.0
        Share of activities and dispositions that nobody recorded.
    says_nothing : float, default=0.1
        Share of touches without a disposition.
    """

    style: str | Mapping[str, str] = "obedient"
    effort: float | Mapping[str, float] = 0.7
    days: int = 10
    late: float = 1.0
    window_days: int = 60
    message_use: float = 0.7
    message_effects: Mapping[str, float] = field(default_factory=dict)
    alone: float = 0.1
    rejects: float = 0.93
    dropped: float = 0.0
    says_nothing: float = 0.1


@dataclass(frozen=True)
class SalesRun:
    """What a team did with a list, as its CRM would export it, and the truth behind it.

    Parameters
    ----------
    activities : DataFrame
        ``record_id, account_id, at, kind, rep, team, message``.
    dispositions : DataFrame
        ``record_id, account_id, at, code, rep, team, message, note``.
    outcomes : DataFrame
        ``record_id, account_id, at, kind, amount, message``.
    truth : DataFrame
        Same rows as the list: ``account_id, worked, place`` (in the order of work, from 0), ``chance, won, used``.
    """

    activities: pd.DataFrame
    dispositions: pd.DataFrame
    outcomes: pd.DataFrame
    truth: pd.DataFrame


def simulate_sales(
    delivered: pd.DataFrame,
    truth: pd.DataFrame,
    team: SalesTeam | None = None,
    *,
    misfit: pd.Series | None = None,
    seed: int = 0,
) -> SalesRun:
    """Let a team work a list.

    What an account would do is drawn apart from who is worked: less effort changes nothing else.

    Parameters
    ----------
    delivered : DataFrame
        One list: ``account_id, delivered_at, position``; ``rep, team, message, arm, appeal`` where there are any.
        Accounts whose arm is ``held_out`` are worked by nobody.
    truth : DataFrame
        ``account_id`` and ``propensity`` (the true chance if worked); ``amount`` where known.
    team : SalesTeam, default=None
        None is an obedient team.
    misfit : Series of bool, default=None
        Indexed by ``account_id``: accounts that never buy and are rejected.
    seed : int, default=0
        Same list and seed, same rows.

    Returns
    -------
    SalesRun
        Three tables and the truth.

    Raises
    ------
    ConfigError
        A style is not one of those there are (``ICP803``).

    Examples
    --------
    >>> ids = [f"A-{i}" for i in range(10)]
    >>> listed = pd.DataFrame({"account_id": ids, "delivered_at": "2026-04-01", "position": range(1, 11)})
    >>> run = simulate_sales(listed, pd.DataFrame({"account_id": ids, "propensity": 0.5}))
    >>> run.truth["worked"].sum()
    np.int64(7)
    """
    team = team or SalesTeam()
    rows = _with_columns(delivered)
    facts = truth.drop_duplicates("account_id").set_index("account_id").reindex(rows["account_id"])
    bad = np.zeros(len(rows), dtype=bool)
    if misfit is not None:
        bad = misfit.reindex(rows["account_id"]).fillna(False).to_numpy(dtype=bool)
    worked, place = _order(Draws(seed, 21), rows, team)
    used = worked & (rows["message"] != "").to_numpy() & Draws(seed, 22).chance(team.message_use, len(rows))
    chance = _chance(facts["propensity"].to_numpy(dtype=np.float64), rows, team, worked, used, bad)
    won = Draws(seed, 23).uniform(len(rows)) < chance
    touched = _touch_days(rows, team, worked, place)
    told = pd.DataFrame(
        {"account_id": rows["account_id"], "worked": worked, "place": place, "chance": chance, "won": won, "used": used}
    )
    activities = _activities(rows, team, worked, used, touched, seed)
    dispositions = _dispositions(rows, team, worked, used, won, bad, touched, seed)
    outcomes = _outcomes(rows, facts, team, worked, used, won, touched, seed)
    return SalesRun(activities, dispositions, outcomes, told)


def _with_columns(delivered: pd.DataFrame) -> pd.DataFrame:
    rows = delivered.reset_index(drop=True).copy()
    for name in ("rep", "team", "message", "arm"):
        rows[name] = rows[name].fillna("").astype(str) if name in rows else ""
    rows["delivered_at"] = pd.to_datetime(rows["delivered_at"], utc=True).dt.tz_localize(None).dt.normalize()
    return rows


def _of(value: object, rep: str) -> object:
    return value[rep] if isinstance(value, Mapping) else value


def _order(draws: Draws, rows: pd.DataFrame, team: SalesTeam) -> tuple[Mask, np.ndarray]:
    """Who is worked, and in which order by each rep."""
    n = len(rows)
    whim = draws.uniform(n)
    worked, place = np.zeros(n, dtype=bool), np.full(n, -1, dtype=np.int64)
    for rep, part in rows[rows["arm"] != "held_out"].groupby("rep", sort=True):
        style, effort = str(_of(team.style, str(rep))), float(_of(team.effort, str(rep)))  # type: ignore[arg-type]
        if style not in STYLES:
            hint = f"{did_you_mean(style, STYLES)}Allowed: {', '.join(STYLES)}."
            raise ConfigError.one("ICP803", f"there is no style of working '{style}'.", hint)
        index = part.index.to_numpy()
        key = part["position"].to_numpy(dtype=np.float64) if style == "obedient" else whim[index]
        if style == "picking":
            key = -part["appeal"].to_numpy(dtype=np.float64) if "appeal" in part else whim[index]
        chosen = index[np.argsort(key, kind="stable")][: round(effort * len(index))]
        worked[chosen] = True
        place[chosen] = np.arange(len(chosen))
    return worked, place


def _chance(p: Numbers, rows: pd.DataFrame, team: SalesTeam, worked: Mask, used: Mask, bad: Mask) -> Numbers:
    p = np.clip(p, 1e-9, 1 - 1e-9)
    effect = rows["message"].map(dict(team.message_effects)).fillna(0.0).to_numpy(dtype=np.float64)
    touched = 1.0 / (1.0 + (1.0 - p) / p * np.exp(-np.where(used, effect, 0.0)))
    return np.where(bad, 0.0, np.where(worked, touched, team.alone * p))


def _touch_days(rows: pd.DataFrame, team: SalesTeam, worked: Mask, place: np.ndarray) -> pd.Series:
    """The day of the first touch; the queue is spread evenly over the days of the team."""
    size = rows.assign(worked=worked).groupby("rep")["worked"].transform("sum").to_numpy(dtype=np.float64)
    day = np.floor(team.late + place * team.days / np.maximum(size, 1.0))
    return rows["delivered_at"] + pd.to_timedelta(np.where(worked, day, 0).astype(np.int64), unit="D")


def _ids(rows: pd.DataFrame, letter: str, seed: int) -> list[str]:
    day = rows["delivered_at"].dt.strftime("%y%m%d")
    return [f"{letter}-{at}-{seed}-{account}" for at, account in zip(day, rows["account_id"], strict=True)]


def _activities(
    rows: pd.DataFrame, team: SalesTeam, worked: Mask, used: Mask, touched: pd.Series, seed: int
) -> pd.DataFrame:
    draws = Draws(seed, 24)
    kept = worked & ~draws.chance(team.dropped, len(rows))
    kind = np.where(draws.chance(0.6, len(rows)), "call", "mail")
    made = pd.DataFrame(
        {
            "record_id": _ids(rows, "T", seed), "account_id": rows["account_id"], "at": touched, "kind": kind,
            "rep": rows["rep"], "team": rows["team"], "message": np.where(used, rows["message"], ""),
        }
    )  # fmt: skip
    return made[kept].reset_index(drop=True)


def _dispositions(
    rows: pd.DataFrame, team: SalesTeam, worked: Mask, used: Mask, won: Mask, bad: Mask, touched: pd.Series, seed: int
) -> pd.DataFrame:
    draws = Draws(seed, 25)
    n = len(rows)
    code = np.array(_SAID, dtype=object)[draws.pick(_WEIGHTS, n)]
    code[won] = "meeting"
    code[bad & draws.chance(team.rejects, n)] = "wrong_fit"
    silent, lost = draws.chance(team.says_nothing, n), draws.chance(team.dropped, n)
    untouched = ~worked & draws.chance(0.3, n) & (rows["arm"] != "held_out").to_numpy()
    code[~worked] = "not_contacted"
    at = touched + pd.to_timedelta(np.where(worked, 1, team.days), unit="D")
    note = np.where(code == "wrong_fit", "not the kind of company we sell to", "")
    made = pd.DataFrame(
        {
            "record_id": _ids(rows, "D", seed), "account_id": rows["account_id"], "at": at, "code": code,
            "rep": rows["rep"], "team": rows["team"], "message": np.where(used, rows["message"], ""), "note": note,
        }
    )  # fmt: skip
    return made[((worked & ~silent) | untouched) & ~lost].reset_index(drop=True)


def _outcomes(
    rows: pd.DataFrame, facts: pd.DataFrame, team: SalesTeam, worked: Mask, used: Mask, won: Mask, touched: pd.Series,
    seed: int,
) -> pd.DataFrame:  # fmt: skip
    draws = Draws(seed, 26)
    n = len(rows)
    amount = facts["amount"].to_numpy(dtype=np.float64) if "amount" in facts else np.full(n, np.nan)
    drawn = np.rint(10 ** (4.2 + 0.3 * draws.normal(n)) / 100) * 100
    amount = np.where(np.isfinite(amount), amount, drawn)
    left = np.maximum(team.window_days - (touched - rows["delivered_at"]).dt.days.to_numpy() - 1, 0)
    at = touched + pd.to_timedelta(1 + np.floor(draws.uniform(n) * left).astype(np.int64), unit="D")
    lost = worked & ~won & draws.chance(0.6, n)
    made = pd.DataFrame(
        {
            "record_id": _ids(rows, "O", seed), "account_id": rows["account_id"], "at": at,
            "kind": np.where(won, "Won", "Lost"), "amount": np.where(won, amount, np.nan),
            "message": np.where(used, rows["message"], ""),
        }
    )  # fmt: skip
    return made[won | lost].reset_index(drop=True)
