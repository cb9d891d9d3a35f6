"""What an index profile compares best customers with: a part of the accounts, or a table of others."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from icp.errors import ConfigError
from icp.model._known import Known
from icp.options import BASES
from icp.tables import (
    OTHER_LEVEL,
    AccountTable,
    BaseTable,
    DatedTable,
    Finding,
    LabelTable,
    Trait,
    TraitTable,
    account_mask,
)

__all__ = ["KNOWN_NAME", "Base", "Pool", "choose_base", "unworked_pool"]

KNOWN_NAME = "all accounts with a known outcome"
_NAMES = {"eligible": "all eligible accounts", "worked": "accounts that sales worked"}


@dataclass(frozen=True)
class Base:
    """A population with the traits of profiles.

    Parameters
    ----------
    name : str
        What it is called in sentences.
    table : TraitTable
        Its accounts.
    findings : tuple of Finding, default=()
        What reading it found.
    """

    name: str
    table: TraitTable
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Pool:
    """Accounts of the table among which more of a profile can be found.

    Parameters
    ----------
    name : str
        What they are called in sentences.
    table : TraitTable
        With the traits of profiles.
    """

    name: str
    table: TraitTable


def choose_base(
    known: Known,
    accounts: AccountTable,
    labels: LabelTable,
    events: DatedTable | None,
    outcomes: DatedTable | None,
    choice: str,
    given: BaseTable | None,
) -> Base:
    """The base that was asked for.

    Parameters
    ----------
    known : Known
        Labelled rows, with the encoder that made their traits.
    accounts : AccountTable
        All accounts.
    labels : LabelTable
        Same rows.
    events, outcomes : DatedTable or None
        Dated history.
    choice : str
        ``profiles.base``.
    given : BaseTable or None
        From :func:`icp.read_inputs`, for a market file or the window before.

    Returns
    -------
    Base
        With the traits of profiles; traits it lacks are not known in any row.

    Raises
    ------
    ConfigError
        What it takes is not there (``ICP242``).
    """
    if choice == "known":
        return Base(KNOWN_NAME, known.profiled())
    if choice in _NAMES:
        mask = labels.eligible if choice == "eligible" else labels.worked
        if mask is None:
            message = f"profiles.base={choice}, and nothing says which accounts those are."
            action = "Name the column with accounts.worked=, or choose another base."
            raise ConfigError.one("ICP242", message, action)
        rows = mask.to_numpy(dtype=bool) | (labels.label == 1).to_numpy()
        return Base(_NAMES[choice], _encoded(known, account_mask(accounts, rows), events, outcomes, labels.as_of[rows]))
    if given is None:
        word = "is read with the accounts" if choice in BASES else "is a file"
        message = f"profiles.base='{choice}' {word}, and no base was given."
        raise ConfigError.one("ICP242", message, "Give fit(..., base=icp.read_inputs(cfg).base).")
    return _of_others(known, given, events, outcomes)


def unworked_pool(
    known: Known,
    accounts: AccountTable,
    labels: LabelTable,
    events: DatedTable | None,
    outcomes: DatedTable | None,
) -> Pool | None:
    """Accounts that nobody worked, where there are any and it is known; else those without a known outcome.

    Parameters
    ----------
    known, accounts, labels, events, outcomes : as for :func:`choose_base`
        The tables.

    Returns
    -------
    Pool or None
        None where there is no such account.
    """
    label = labels.label.to_numpy(dtype=np.float64)
    may = np.ones(len(label), dtype=bool)
    if labels.eligible is not None and labels.definition.window_days is not None:
        may = labels.eligible.to_numpy(dtype=bool)
    candidates = [("accounts without a known outcome", may & np.isnan(label))]
    if labels.worked is not None:
        nobody = may & ~labels.worked.to_numpy(dtype=bool) & (label != 1)
        candidates.insert(0, (_idle_name(accounts, labels), nobody))
    name, rows = next(((name, rows) for name, rows in candidates if rows.any()), ("", may & False))
    if not name:
        return None
    return Pool(name, _encoded(known, account_mask(accounts, rows), events, outcomes, labels.as_of[rows]))


def _idle_name(accounts: AccountTable, labels: LabelTable) -> str:
    """What accounts without any sign of work are called: a shop's customers order without anybody calling them."""
    if labels.definition.recipe in ("revenue", "rfm") and all(column.role != "worked" for column in accounts.columns):
        return "accounts that ordered nothing in the window"
    return "accounts that nobody worked"


def _encoded(
    known: Known,
    accounts: AccountTable,
    events: DatedTable | None,
    outcomes: DatedTable | None,
    as_of: pd.Series,
) -> TraitTable:
    assert known.encoder is not None  # noqa: S101 - made by know()
    return known.of_profiles(known.encoder.transform(accounts, events, outcomes, as_of=as_of))


def _of_others(known: Known, given: BaseTable, events: DatedTable | None, outcomes: DatedTable | None) -> Base:
    frame, traits = given.accounts.frame, known.traits.traits
    needed = {trait.sources[0]: trait for trait in traits if trait.rule in ("value", "age")}
    lacking = {name: _nothing(trait, frame.index) for name, trait in needed.items() if name not in frame.columns}
    accounts = replace(given.accounts, frame=frame.assign(**lacking))
    table = _encoded(known, accounts, events, outcomes, given.as_of)
    values, own = table.values.copy(), list(table.traits)
    for j, trait in enumerate(table.traits):
        if given.strangers and trait.rule not in ("value", "age"):
            values[:, j] = np.nan  # nobody wrote down what they did
        elif trait.kind == "categorical" and trait.rule == "value" and OTHER_LEVEL not in trait.levels:
            unseen = np.isnan(values[:, j]) & accounts.frame[trait.sources[0]].notna().to_numpy()
            if unseen.any():  # a level that no account learned from has is a level, not a gap
                values[unseen, j] = len(trait.levels)
                own[j] = replace(trait, levels=(*trait.levels, OTHER_LEVEL))
    return Base(given.name, TraitTable(values, tuple(own), table.account_id), given.findings)


def _nothing(trait: Trait, index: pd.Index) -> pd.Series:
    """A column of nothing, of the kind that the trait reads."""
    if trait.rule == "age":
        return pd.Series(np.datetime64("NaT", "us"), index)
    if trait.kind == "categorical":
        return pd.Series(np.nan, index, dtype="str")
    return pd.Series(np.nan, index)
