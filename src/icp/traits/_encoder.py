"""The estimator that learns which traits there are."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from icp._wording import column_words
from icp.errors import ConfigError, Problem, TableError
from icp.tables import OTHER_LEVEL, AccountTable, Column, DatedTable, Trait, TraitTable
from icp.traits._dated import dated_traits, dated_values, top_kinds
from icp.traits._encode import encode, fold

__all__ = ["MAX_LEVELS", "TraitEncoder"]

log = logging.getLogger(__name__)

_MONEY = re.compile(r"(.*\w) \(?(eur|usd|gbp|chf|jpy|cad|aud|sek|nok|dkk|pln|czk|inr|brl|cny)\)?", re.IGNORECASE)

MAX_LEVELS = 254
"""Most levels of one categorical trait, the pooled one included: what tree libraries take as native categories."""


class TraitEncoder(BaseEstimator):  # type: ignore[misc]
    """Learn which traits the accounts have, and give their values.

    Parameters
    ----------
    min_level : int, default=10
        A category value with fewer accounts joins the other rare ones; a kind of event with fewer accounts gets no
        trait of its own.
    half_life_days : float, default=45.0
        Age at which a dated row counts half.
    max_kinds : int, default=12
        Kinds of each dated table that get a trait of their own, most frequent first.

    Attributes
    ----------
    traits_ : tuple of Trait
        Columns in the order of the accounts table, then events, then outcomes. Left out are traits that tell next to
        no accounts apart: fewer than ``min_level`` differ from the rest (in small tables fewer than 1 %).

    Examples
    --------
    >>> frame = pd.DataFrame({"size": [3.0, 40.0]}, index=pd.Index(["A-1", "A-2"], name="account_id"))
    >>> accounts = AccountTable(frame, (Column("size", "trait", "numeric", "numbers"),), "demo", None)
    >>> as_of = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us]")
    >>> encoder = TraitEncoder().fit(accounts, as_of=as_of)
    >>> [trait.name for trait in encoder.traits_]
    ['size']
    >>> encoder.transform(accounts, as_of=as_of).values.tolist()
    [[3.0], [40.0]]
    """

    def __init__(self, min_level: int = 10, half_life_days: float = 45.0, max_kinds: int = 12) -> None:
        self.min_level = min_level
        self.half_life_days = half_life_days
        self.max_kinds = max_kinds

    def fit(
        self,
        accounts: AccountTable,
        events: DatedTable | None = None,
        outcomes: DatedTable | None = None,
        *,
        as_of: pd.Series,
        exclude: Collection[str] = (),
    ) -> TraitEncoder:
        """Learn the traits; rows later than an account's date have no say in them.

        Parameters
        ----------
        accounts : AccountTable
            Columns with the role ``trait`` or ``engagement`` are used.
        events, outcomes : DatedTable, default=None
            Dated history.
        as_of : Series of datetime64, shape (n_accounts,)
            Date of each row, same order as the accounts; NaT where undated.
        exclude : collection of str, default=()
            Columns (or ``events``, ``outcomes``) that may not be used.

        Returns
        -------
        TraitEncoder
            Itself.

        Raises
        ------
        ConfigError
            A parameter is out of range (``ICP231``).
        """
        self._check_parameters()
        dates = as_of.to_numpy("datetime64[us]")
        traits = [
            trait
            for column in accounts.columns
            if column.is_trait and column.name not in exclude and column.name in accounts.frame.columns
            for trait in [_column_trait(column, accounts.frame[column.name], self.min_level)]
        ]
        for table in (events, outcomes):
            if table is not None and table.name not in exclude:
                kinds = top_kinds(table, accounts.frame.index, dates, self.max_kinds, self.min_level)
                traits += dated_traits(table, kinds, self.half_life_days)
        traits = _unique_names(traits)
        values = _values(accounts, events, outcomes, dates, traits)
        varies = [_varies(values[:, j], self.min_level) for j in range(len(traits))]
        self.traits_ = tuple(trait for trait, kept in zip(traits, varies, strict=True) if kept)
        log.debug(
            "%d traits from %d accounts, %d constant ones left out",
            len(self.traits_),
            len(accounts),
            varies.count(False),
        )
        return self

    def transform(
        self,
        accounts: AccountTable,
        events: DatedTable | None = None,
        outcomes: DatedTable | None = None,
        *,
        as_of: pd.Series,
    ) -> TraitTable:
        """Values of the learned traits; each row by itself.

        Parameters
        ----------
        accounts : AccountTable
            Read by the same rules as at fitting.
        events, outcomes : DatedTable, default=None
            Needed when a trait is made from them.
        as_of : Series of datetime64, shape (n_accounts,)
            Date of each row.

        Returns
        -------
        TraitTable
            One row per account, one column per trait.

        Raises
        ------
        TableError
            Columns (``ICP102``) or dated tables (``ICP230``) that the traits read are missing.
        """
        check_is_fitted(self)
        values = _values(accounts, events, outcomes, as_of.to_numpy("datetime64[us]"), self.traits_)
        return TraitTable(values, self.traits_, accounts.frame.index)

    def _check_parameters(self) -> None:
        least = {"min_level": 1, "half_life_days": 1e-3, "max_kinds": 0}
        problems = [
            Problem("ICP231", f"traits.{name} is {value!r}.", f"It is a number from {low:g} up.")
            for name, low in least.items()
            for value in [getattr(self, name)]
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value < np.inf
        ]
        if problems:
            raise ConfigError("the trait options cannot be used", problems)


def _values(
    accounts: AccountTable,
    events: DatedTable | None,
    outcomes: DatedTable | None,
    as_of: NDArray[np.datetime64],
    traits: Collection[Trait],
) -> NDArray[np.float64]:
    traits = tuple(traits)
    frame = accounts.frame
    needed = list(dict.fromkeys(trait.sources[0] for trait in traits if trait.rule in ("value", "age")))
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        hint = "The traits were learned with it."
        problems = TableError.missing_columns(missing, [str(name) for name in frame.columns], hint)
        raise TableError.in_table("accounts", len(frame), accounts.source, problems)
    from_rows = any(trait.rule not in ("value", "age") for trait in traits)
    dated = dated_values(events, outcomes, frame.index, as_of, traits) if from_rows else None
    return encode(_Columns(frame, needed), as_of, traits, dated)


class _Columns(Mapping[str, Any]):
    """Columns of the accounts table as the parser of single cells would give them, one at a time; text stays Arrow."""

    def __init__(self, frame: pd.DataFrame, names: list[str]) -> None:
        self._frame, self._names = frame, names

    def __getitem__(self, name: str) -> Any:
        cells = self._frame[name]
        return cells.to_numpy() if cells.dtype.kind in "fiM" else cells.array

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _column_trait(column: Column, cells: pd.Series, min_level: int) -> Trait:
    """The trait that a column of the accounts table gives."""
    side: Literal["fit", "engagement"] = "engagement" if column.role == "engagement" else "fit"
    words = column_words(column.name)
    if column.kind == "date":
        return Trait(f"days_since_{column.name}", "numeric", side, words, (column.name,), rule="age", unit="days")
    trait = Trait(column.name, "numeric", side, words, (column.name,), unit=column.unit)
    if column.kind in ("categorical", "boolean"):
        return replace(trait, kind="categorical", unit="", levels=_levels(cells, min_level))
    measured = _MONEY.fullmatch(words)
    if measured and column.unit.upper() in ("", measured[2].upper()):
        return replace(trait, label=measured[1], unit=measured[2].upper())
    return trait


def _levels(cells: pd.Series, min_level: int) -> tuple[str, ...]:
    """Values with enough accounts, most frequent first, then by name; the rare ones share the last level.

    Spellings that differ by case or blanks only are one value, called as most accounts have it.
    """
    counts = cells.value_counts()
    table = pd.DataFrame({"level": [str(level) for level in counts.index], "n": counts.to_numpy()})
    table = table.sort_values(["n", "level"], ascending=[False, True])
    table["folded"] = table["level"].map(fold)
    table = table.groupby("folded", sort=False).agg({"level": "first", "n": "sum"}).reset_index()
    table = table.sort_values(["n", "level"], ascending=[False, True])
    own = table[(table["n"] >= min_level) & (table["folded"] != fold(OTHER_LEVEL))]["level"].tolist()
    if len(own) == len(table) <= MAX_LEVELS:
        return tuple(own)
    return (*own[: MAX_LEVELS - 1], OTHER_LEVEL)


def _unique_names(traits: list[Trait]) -> list[Trait]:
    """The same traits; a derived name that a column already bears gets a number."""
    taken = {trait.name for trait in traits if trait.rule == "value"}
    named = []
    for trait in traits:
        name, n = trait.name, 2
        while trait.rule != "value" and name in taken:
            name, n = f"{trait.name}_{n}", n + 1
        taken.add(name)
        named.append(replace(trait, name=name))
    return named


def _varies(values: NDArray[np.float64], min_level: int) -> bool:
    """Whether a trait tells enough accounts from the rest; not known counts as a value."""
    _, counts = np.unique(values, return_counts=True)
    n_rest = len(values) - int(counts.max(initial=0))
    return n_rest >= max(1, min(min_level, len(values) // 100))
