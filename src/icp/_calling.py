"""Call lists as reps read them: who, when, what to do, and why; and what the rules were worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from icp._capacity import weekly_limits
from icp._csv import csv_bytes
from icp._rules import ListTables
from icp._statistics import wilson
from icp.config import RunConfig
from icp.delivery import NEXT_ACTION
from icp.errors import TableError
from icp.lists import EXPLORATION, CallPlan, Expected, Slots, candidates, draw, expected_conversions, plan_calls

__all__ = ["CallBook", "rule_file"]

_SHOWN = ("tier", "profile", "propensity", "expected_value", "reason_1", "reason_2", "reason_3", "watch_out")
_SHOWN_WEEKS = 6
Bools = NDArray[np.bool_]
Words = NDArray[np.object_]


class CallBook:
    """Everything a call list is made of.

    Parameters
    ----------
    config : RunConfig
        Of the run.
    tables : ListTables
        What sales operations keeps.
    scores : DataFrame
        Scored accounts, in the order of their ids.
    calibration : sequence of mapping, default=()
        Stated and observed rates of the model.

    Attributes
    ----------
    slots : Slots
        Of the reps.
    findings : tuple of Finding
        What there is to say of the slots.
    territory : list of str, length n_accounts
        Of each account; empty where it has none.
    nobody : ndarray of bool, shape (n_accounts,)
        Accounts of a territory in which nobody works.

    Raises
    ------
    TableError
        Slots that cannot be kept (``ICP732``), or that the list's weeks lack (``ICP759``, ``ICP761``), or no expected
        values to go by (``ICP735``).
    """

    def __init__(
        self,
        config: RunConfig,
        tables: ListTables,
        scores: pd.DataFrame,
        calibration: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self._config, self._tables, self._scores, self._calibration = config, tables, scores, calibration
        limits, self.findings = weekly_limits(tables.reps, self._weeks())
        self.slots = Slots(limits, config.call_list.weeks)
        ids, numbers = scores["account_id"].tolist(), self.slots.territory_numbers
        territory = [tables.territory.get(name, "") for name in ids]
        rep = np.array([self.slots.rep_numbers.get(tables.owner.get(name, ""), -1) for name in ids], dtype=np.int64)
        place = np.array([numbers.get(name, -1) for name in territory], dtype=np.int64)
        named = np.array([bool(name) for name in territory], dtype=bool)
        self.nobody: Bools = named & (place < 0) & (rep < 0) & bool(numbers)
        self.territory, self._place = territory, self.slots.place(rep, place)
        self._worth, self.order = _worth(scores, config.call_list.order)

    def in_reach(self, eligible: Bools, forced: Bools, share: float) -> Bools:
        """Accounts that would be called for their worth if a share of them were not held out.

        Parameters
        ----------
        eligible : ndarray of bool, shape (n_accounts,)
            Who may be called and held out.
        forced : ndarray of bool, shape (n_accounts,)
            Who is called whatever happens.
        share : float
            Share to be held out.

        Returns
        -------
        ndarray of bool, shape (n_accounts,)
            Those of whom a hold-out learns something.
        """
        able, explore = ~self.nobody, self._config.call_list.explore
        return candidates(
            self._worth, self.slots, self._place, eligible & able, share, forced=forced & able, explore=explore
        )

    def plan(self, eligible: Bools, forced: Bools) -> CallPlan:
        """Fill the slots.

        Parameters
        ----------
        eligible : ndarray of bool, shape (n_accounts,)
            Who may be called.
        forced : ndarray of bool, shape (n_accounts,)
            Who is to be called.

        Returns
        -------
        CallPlan
            In the order of week, rep and rank.
        """
        calls, run = self._config.call_list, self._config
        chance = draw(self._scores["account_id"], run.seed, run.campaign or "") if calls.explore else None
        able = eligible & ~self.nobody
        return plan_calls(
            self._worth, self.slots, self._place, able, forced=forced & able, explore=calls.explore, chance=chance
        )

    def columns(self, plan: CallPlan) -> dict[str, pa.Array]:
        """What the ledger keeps of it.

        Parameters
        ----------
        plan : CallPlan
            From :meth:`plan`.

        Returns
        -------
        dict of str to Array of string, shape (n_accounts,)
            ``rep, week, slot, next_action``; null for accounts that are not on the list.
        """
        told = {name: np.full(len(self._scores), None, dtype=object) for name in ("rep", "week", "slot", "next_action")}
        told["rep"][plan.rows] = [self.slots.reps[i].rep for i in plan.reps]
        told["week"][plan.rows] = [self._weeks()[i] for i in plan.weeks]
        told["slot"][plan.rows] = plan.kinds
        actions = self._tables.actions or NEXT_ACTION
        on_list = self._scores.iloc[plan.rows]
        little = (on_list["tier"] == "A") & (on_list["confidence"] == "low")
        told["next_action"][plan.rows] = [actions.get(tier, "") for tier in on_list["tier"].mask(little, "B")]
        return {name: pa.array(column, pa.string()) for name, column in told.items()}

    def files(self, plan: CallPlan, columns: Mapping[str, pa.Array]) -> dict[str, bytes]:
        """``call_list.csv``, ``reps.csv`` and ``weeks.csv``.

        Parameters
        ----------
        plan : CallPlan
            From :meth:`plan`.
        columns : mapping of str to Array
            From :meth:`columns`.

        Returns
        -------
        dict of str to bytes
            By name.
        """
        rows = self._scores.iloc[plan.rows]
        listed = {name: column.take(pa.array(plan.rows)) for name, column in columns.items()}
        why = [self._tables.included.get(name) for name in rows["account_id"]]
        table = {
            **{name: listed[name] for name in ("week", "rep")},
            "rank": pa.array(plan.ranks).cast(pa.string()),
            "account_id": pa.array(rows["account_id"], pa.string()),
            **{
                name: pa.array([cells.get(account) for account in rows["account_id"]], pa.string())
                for name, cells in self._tables.shown.items()
            },
            "territory": pa.array([self.territory[i] or None for i in plan.rows], pa.string()),
            **{name: listed[name] for name in ("next_action", "slot")},
            "override": pa.array(why, pa.string()),
            **{name: _text(rows[name]) for name in (*_SHOWN, "talking_point")},
        }
        made = {"call_list": pa.table(table), "reps": self._by_rep(plan), "weeks": self._by_week(plan)}
        return {f"{name}.csv": csv_bytes(content) for name, content in made.items()}

    def notes(self, plan: CallPlan) -> list[str]:
        """What there is to say of it.

        Parameters
        ----------
        plan : CallPlan
            From :meth:`plan`.

        Returns
        -------
        list of str
            For the summary.
        """
        n_slots = sum(self.slots.by_week())
        reps = "1 rep" if len(self.slots.reps) == 1 else f"{len(self.slots.reps):,} reps"
        weeks = "1 week" if self.slots.weeks == 1 else f"{self.slots.weeks} weeks"
        explored = int((plan.kinds == EXPLORATION).sum())
        by = self.order.replace("_", " ")
        line = f"call list: {len(plan.rows):,} accounts in {n_slots:,} slots of {reps}, {weeks}"
        return [
            f"{line}, by {by}" + (f"; {explored:,} of them exploration" if explored else ""),
            *self._promises(plan),
        ]

    def _promises(self, plan: CallPlan) -> list[str]:
        """How many of them the score expects to convert."""
        whole = self._expected(plan.rows)
        if not whole.n:
            return []
        without = len(plan.rows) - whole.n
        more = "" if whole.low is None else ", in brackets where it ends in 95 of 100 such lists"
        lines = [
            f"expected conversions: {whole.text()} of {whole.n:,}{more}, whoever calls"
            + (f"; {without:,} more have no score" if without else "")
        ]
        if self.slots.weeks > 1:
            told = [
                f"{name} {one.text()}" for name, one in zip(self._weeks(), self._expected_by_week(plan), strict=True)
            ]
            rest = "" if len(told) <= _SHOWN_WEEKS else f" and {len(told) - _SHOWN_WEEKS} more in weeks.csv"
            lines.append(f"by week: {', '.join(told[:_SHOWN_WEEKS])}{rest}")
        return lines

    def _expected(self, rows: NDArray[np.int64]) -> Expected:
        p = self._scores["propensity"].to_numpy(dtype=np.float64)[rows]
        return expected_conversions(p, self._calibration)

    def _expected_by_week(self, plan: CallPlan) -> list[Expected]:
        return [self._expected(plan.rows[plan.weeks == week]) for week in range(self.slots.weeks)]

    def _by_week(self, plan: CallPlan) -> pa.Table:
        """What each week holds and promises; last the whole list."""
        slots = self.slots.by_week()
        filled = np.bincount(plan.weeks, minlength=self.slots.weeks).tolist()
        told = [*self._expected_by_week(plan), self._expected(plan.rows)]
        ends = ([one.low for one in told], [one.high for one in told])
        return pa.table(
            {
                "week": pa.array([*self._weeks(), "all"], pa.string()),
                "slots": pa.array([*slots, sum(slots)]).cast(pa.string()),
                "filled": pa.array([*filled, sum(filled)]).cast(pa.string()),
                "expected": pa.array([f"{one.value:.1f}" for one in told], pa.string()),
                "low": pa.array(ends[0], pa.int64()).cast(pa.string()),
                "high": pa.array(ends[1], pa.int64()).cast(pa.string()),
            }
        )

    def _by_rep(self, plan: CallPlan) -> pa.Table:
        """Whether slots are filled, and worth shared, evenly."""
        n = len(self.slots.reps)
        filled = np.bincount(plan.reps, minlength=n)
        worth = np.bincount(plan.reps, weights=self._worth[plan.rows], minlength=n)
        explored = np.bincount(plan.reps[plan.kinds == EXPLORATION], minlength=n)
        slots = self.slots.by_rep().tolist()
        per_slot = [f"{worth[i] / slots[i]:.4f}" if slots[i] else None for i in range(n)]
        return pa.table(
            {
                **{name: pa.array([getattr(one, name) or None for one in self.slots.reps], pa.string()) for name in
                   ("rep", "territory", "team")},
                "slots": pa.array(slots).cast(pa.string()),
                "filled": pa.array(filled).cast(pa.string()),
                "exploration": pa.array(explored).cast(pa.string()),
                "worth": pa.array([f"{value:.4f}" for value in worth], pa.string()),
                "worth_per_slot": pa.array(per_slot, pa.string()),
            }
        )  # fmt: skip

    def _weeks(self) -> list[str]:
        """The Mondays after the picture; numbers where it has no date."""
        given = self._scores["as_of"].dropna()
        if given.empty:
            return [str(i + 1) for i in range(self._config.call_list.weeks)]
        first = date.fromisoformat(max(given))
        first += timedelta(days=7 - first.weekday())
        return [(first + timedelta(weeks=i)).isoformat() for i in range(self._config.call_list.weeks)]


def rule_file(tables: ListTables, scores: pd.DataFrame) -> bytes:
    """What each rule was worth: the rate of the accounts it names, beside that of those no rule names.

    Parameters
    ----------
    tables : ListTables
        Rules, and outcomes where they are known.
    scores : DataFrame
        Scored accounts.

    Returns
    -------
    bytes
        ``rules.csv``.
    """
    ids = scores["account_id"].tolist()
    propensity = scores["propensity"].to_numpy(dtype=np.float64)
    ruled = [name in tables.excluded or name in tables.included for name in ids]
    rest = [tables.best[name] for name, by_rule in zip(ids, ruled, strict=True) if not by_rule and name in tables.best]
    rows = []
    for kind, rules in (("exclude", tables.excluded), ("include", tables.included)):
        for reason in dict.fromkeys(rules.values()):
            named = np.array([rules.get(name) == reason for name in ids], dtype=bool)
            rows.append({"rule": kind, "reason": reason} | _worth_of(named, ids, propensity, tables.best, rest))
    names = (
        "rule",
        "reason",
        "n",
        "expected_rate",
        "n_outcomes",
        "n_best",
        "rate",
        "rate_others",
        "lift",
        "low",
        "high",
    )
    return csv_bytes(pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}))


def _worth_of(
    named: Bools, ids: list[str], propensity: NDArray[np.float64], best: Mapping[str, bool], rest: list[bool]
) -> dict[str, str]:
    known = [best[ids[i]] for i in np.flatnonzero(named) if ids[i] in best]
    told = {"n": str(int(named.sum())), "n_outcomes": str(len(known)), "n_best": str(sum(known))}
    if named.any():
        told["expected_rate"] = f"{float(propensity[named].mean()):.4f}"
    if known:
        told["rate"] = f"{sum(known) / len(known):.4f}"
    if known and sum(rest):
        others = sum(rest) / len(rest)
        low, high = wilson(sum(known), len(known))
        told["rate_others"] = f"{others:.4f}"
        lifts = (sum(known) / len(known) / others, float(low) / others, float(high) / others)
        told |= {name: f"{lift:.2f}" for name, lift in zip(("lift", "low", "high"), lifts, strict=True)}
    return told


def _worth(scores: pd.DataFrame, order: str) -> tuple[NDArray[np.float64], str]:
    """What each account is worth, and by what."""
    values = scores["expected_value"].to_numpy(dtype=np.float64)
    missing = int(np.isnan(values).sum())
    if order == "auto":
        order = "propensity" if missing else "expected_value"
    if order == "expected_value" and missing:
        raise TableError.one(
            "ICP735", "accounts have no expected value, and call_list.order=expected_value.",
            "Train with amounts, or use call_list.order=propensity.", n_rows=missing,
        )  # fmt: skip
    chosen = values if order == "expected_value" else scores["propensity"].to_numpy(dtype=np.float64)
    return np.maximum(np.nan_to_num(chosen), 0.0), order


def _text(column: pd.Series) -> pa.Array:
    if column.dtype.kind == "f":
        digits = 2 if column.name == "expected_value" else 4
        cells: Iterable[str | None] = (None if np.isnan(value) else f"{value:.{digits}f}" for value in column)
        return pa.array(list(cells), pa.string())
    return pa.array([None if pd.isna(value) else str(value) for value in column], pa.string())
