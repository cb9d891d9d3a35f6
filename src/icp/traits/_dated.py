"""Traits from dated rows: which there are, and their values for any account on any date."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icp._history import DAY, History, Span, history, microseconds
from icp.errors import TableError
from icp.tables import DatedTable, Trait

__all__ = ["MONEY_DAYS", "WINDOW_DAYS", "check_rule", "dated_traits", "dated_values", "top_kinds"]

WINDOW_DAYS = (30, 90, 365)
"""Windows of the counts, in days."""

MONEY_DAYS = 365
"""Window of the amounts and of the active days."""

_DETAIL = re.compile(r"[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?")
_MOST_DAYS = 100_000

_NOUN = {"events": "events", "outcomes": "orders or deals"}
_ONE = {"events": "event", "outcomes": "order or deal"}


def dated_traits(table: DatedTable, kinds: Sequence[str], half_life_days: float) -> list[Trait]:
    """Every trait that a dated table can give.

    Parameters
    ----------
    table : DatedTable
        Events (side ``engagement``) or outcomes (side ``fit``).
    kinds : sequence of str
        Kinds that get a trait of their own.
    half_life_days : float
        Age at which a row counts half; written into the rules.

    Returns
    -------
    list of Trait
        Counts, recency, tenure, active days, amounts, kinds, in that order.
    """
    what, many, one = table.name, _NOUN[table.name], _ONE[table.name]
    side: Literal["fit", "engagement"] = "engagement" if what == "events" else "fit"
    life = f"{half_life_days:.12g}"
    parts = [
        (f"count:{days}", f"{what}_last_{days}_days", f"{many} in the last {days} days", "") for days in WINDOW_DAYS
    ]
    parts += [
        (f"decayed:{life}", f"{what}_decayed", f"recent {many}", ""),
        ("recency", f"days_since_last_{what[:-1]}", f"last {one}", "days"),
        ("tenure", f"days_since_first_{what[:-1]}", f"first {one}", "days"),
        (f"days:{MONEY_DAYS}", f"{what}_active_days", f"days with {many} in the last {MONEY_DAYS} days", ""),
    ]
    if table.has_amount:
        parts += [
            (f"amount_sum:{MONEY_DAYS}", f"{what}_amount", f"amount of {many} in the last {MONEY_DAYS} days", ""),
            (
                f"amount_mean:{MONEY_DAYS}",
                f"{what}_mean_amount",
                f"amount per {one} in the last {MONEY_DAYS} days",
                "",
            ),
        ]
    parts += [(f"kind:{life}:{kind}", f"{what}_kind_{kind}", _kind_words(what, kind), "") for kind in kinds]
    return [Trait(name, "numeric", side, label, (what,), f"{what}:{rule}", unit) for rule, name, label, unit in parts]


def _kind_words(what: str, kind: str) -> str:
    return f"recent {kind} events" if what == "events" else f"recent {_NOUN[what]} ({kind})"


def top_kinds(table: DatedTable, ids: pd.Index, as_of: NDArray[np.datetime64], n: int, min_accounts: int) -> list[str]:
    """The most frequent kinds among rows that some account's traits may look at.

    Parameters
    ----------
    table : DatedTable
        Events or outcomes.
    ids : Index of str, shape (n_accounts,)
        Accounts.
    as_of : ndarray of datetime64, shape (n_accounts,)
        Rows later than their account's (latest) date are not counted.
    n : int
        Most kinds.
    min_accounts : int
        Fewest different accounts with such a row.

    Returns
    -------
    list of str
        Most rows first, then by name.
    """
    if not table.has_kind:
        return []
    past = history(table.frame, ids)
    latest = np.full(int(past.code.max(initial=-1)) + 1, np.iinfo(np.int64).min)
    np.maximum.at(latest, past.code, microseconds(as_of))
    seen = past.where((past.at <= latest[past.owner]) & (past.kind != ""))
    counts = pd.DataFrame({"kind": seen.kind, "owner": seen.owner}).groupby("kind")["owner"].agg(["size", "nunique"])
    counts = counts[counts["nunique"] >= min_accounts].reset_index()
    return [str(kind) for kind in counts.sort_values(["size", "kind"], ascending=[False, True])["kind"].head(n)]


def check_rule(rule: str) -> None:
    """Refuse a rule by which no trait is made.

    Parameters
    ----------
    rule : str
        As in :attr:`icp.tables.Trait.rule`.

    Raises
    ------
    ValueError
        Its words or numbers are none of ours.
    """
    if rule in ("value", "age"):
        return
    table, _, rest = rule.partition(":")
    name, _, detail = rest.partition(":")
    number, colon, kind = detail.partition(":")
    alone, halved = name in ("recency", "tenure"), name in ("decayed", "kind")
    sound = table in _NOUN and name in _RULES and (bool(colon and kind) if name == "kind" else not colon)
    if not sound or (rest != name if alone else not _DETAIL.fullmatch(number)):
        raise ValueError("a rule is one of those that traits are made by")
    if not alone and not (float(number) > 0 if halved else number.isdecimal() and 0 < int(number) <= _MOST_DAYS):
        raise ValueError("a rule looks back over days")


def dated_values(
    events: DatedTable | None,
    outcomes: DatedTable | None,
    ids: pd.Index,
    as_of: NDArray[np.datetime64],
    traits: Sequence[Trait],
) -> NDArray[np.float64]:
    """Values of the traits made from dated tables, each account as seen on its own date.

    Parameters
    ----------
    events, outcomes : DatedTable or None
        Dated rows in any order; rows later than an account's date are never read.
    ids : Index of str, shape (n_accounts,)
        Accounts, repeats allowed.
    as_of : ndarray of datetime64, shape (n_accounts,)
        Date of each row; NaT makes all its dated traits NaN.
    traits : sequence of Trait
        All traits of a model.

    Returns
    -------
    ndarray of float64, shape (n_accounts, n_traits)
        NaN in the columns of other traits.

    Raises
    ------
    TableError
        A trait reads a table that is not given (``ICP230``).
    """
    values = np.full((len(ids), len(traits)), np.nan)
    until = microseconds(as_of)
    undated = np.isnat(np.asarray(as_of).astype("datetime64[us]"))
    for name, table in (("events", events), ("outcomes", outcomes)):
        mine = [j for j, trait in enumerate(traits) if trait.rule.startswith(f"{name}:")]
        if not mine:
            continue
        if table is None:
            raise TableError.one(
                "ICP230", f"the model has {len(mine)} traits from {name}, and no {name} are given.",
                f"Set {name}.path, or train a model without {name}.",
            )  # fmt: skip
        view = _View(history(table.frame, ids), until)
        for j in mine:
            values[:, j] = view.value(traits[j].rule.split(":", 1)[1])
    values[undated] = np.nan
    return values


@dataclass
class _View:
    """The history of the accounts as each is seen on its own date; runs of rows are found once per window."""

    past: History
    until: NDArray[np.int64]
    spans: dict[int | None, Span] = field(default_factory=dict)

    def value(self, rule: str) -> NDArray[np.float64]:
        """One column: the rule without its table."""
        name, _, detail = rule.partition(":")
        return _RULES[name](self, detail)

    def span(self, days: int | None = None) -> Span:
        """Rows up to the as-of date, at most ``days`` old."""
        if days not in self.spans:
            after = None if days is None else self.until - days * DAY
            self.spans[days] = self.past.span(after, self.until)
        return self.spans[days]

    def count(self, detail: str) -> NDArray[np.float64]:
        return self.span(int(detail)).count.astype(np.float64)

    def decayed(self, detail: str) -> NDArray[np.float64]:
        return self.past.decayed(self.span(), self.until, float(detail))

    def kind(self, detail: str) -> NDArray[np.float64]:
        life, _, kind = detail.partition(":")
        past = self.past.where(self.past.kind == kind)
        return past.decayed(past.span(None, self.until), self.until, float(life))

    def recency(self, detail: str) -> NDArray[np.float64]:
        return self._age(self.span().stop - 1)

    def tenure(self, detail: str) -> NDArray[np.float64]:
        return self._age(self.span().start)

    def _age(self, position: NDArray[np.int64]) -> NDArray[np.float64]:
        """Days from the dated row at a position to the as-of date; NaN for accounts without rows."""
        days = np.full(len(self.until), np.nan)
        some = self.span().count > 0
        days[some] = (self.until[some] - self.past.at[position[some]]) / DAY
        return days

    def days(self, detail: str) -> NDArray[np.float64]:
        return self.past.days(self.span(int(detail))).astype(np.float64)

    def amount_sum(self, detail: str) -> NDArray[np.float64]:
        span, total, n_known = self._money(int(detail))
        return np.where((span.count > 0) & (n_known == 0), np.nan, total)

    def amount_mean(self, detail: str) -> NDArray[np.float64]:
        _, total, n_known = self._money(int(detail))
        return np.where(n_known > 0, total / np.maximum(n_known, 1.0), np.nan)

    def _money(self, days: int) -> tuple[Span, NDArray[np.float64], NDArray[np.float64]]:
        """Runs of a window, sum of the known amounts, and how many are known."""
        span, known = self.span(days), np.isfinite(self.past.amount)
        total = self.past.total(span, np.where(known, self.past.amount, 0.0))
        return span, total, self.past.total(span, known.astype(np.float64))


_RULES: dict[str, Callable[[_View, str], NDArray[np.float64]]] = {
    "count": _View.count,
    "decayed": _View.decayed,
    "kind": _View.kind,
    "recency": _View.recency,
    "tenure": _View.tenure,
    "days": _View.days,
    "amount_sum": _View.amount_sum,
    "amount_mean": _View.amount_mean,
}
