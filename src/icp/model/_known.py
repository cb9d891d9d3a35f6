"""The labelled accounts as numbers, without what gives the answer away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icp._progress import step
from icp.checks import grouped_rows, leakage
from icp.errors import NotEnoughDataError
from icp.model._judge import row_groups
from icp.options import TraitOptions
from icp.tables import AccountTable, DatedTable, Finding, LabelTable, TraitTable, account_mask
from icp.traits import TraitEncoder

__all__ = ["Known", "audit", "encode_known", "know"]

MIN_PROFILE_TRAITS = 3
"""With fewer columns than this in the accounts table, profiles look at purchase history too."""


@dataclass(frozen=True)
class Known:
    """What can be learned from.

    Parameters
    ----------
    accounts : AccountTable
        Accounts whose label is known.
    traits : TraitTable
        The same rows as numbers.
    y : ndarray of float64, shape (n_labelled,)
        1 best, 0 not.
    amount : ndarray of float64, shape (n_labelled,)
        Money a best customer brought; NaN where unknown.
    groups : ndarray of int64, shape (n_labelled,)
        Rows of one group stay on one side of a split.
    quarantined : frozenset of str
        Columns left out by the leakage audit.
    undated_label : bool
        Whether the label is a flag without a date.
    as_of : ndarray of datetime64, shape (n_labelled,)
        Date of each row's picture; NaT where undated.
    window_days : int or None
        Length of the label's window.
    unworked : ndarray of float64, shape (n_unworked, n_traits), default=None
        Traits of accounts that nobody worked; None where nothing says who was worked.
    encoder : TraitEncoder, default=None
        That made the traits.
    """

    accounts: AccountTable
    traits: TraitTable
    y: NDArray[np.float64]
    amount: NDArray[np.float64]
    groups: NDArray[np.int64]
    quarantined: frozenset[str]
    undated_label: bool
    as_of: NDArray[np.datetime64]
    window_days: int | None
    unworked: NDArray[np.float64] | None = None
    encoder: TraitEncoder | None = None

    @property
    def profile_traits(self) -> NDArray[np.bool_]:
        """Traits that profiles are made of: who the accounts are, shape (n_traits,).

        What they bought before says the same thing many times over (counts by span and kind, recency, amounts) and
        would outweigh the rest, so it is used only where the accounts table itself says little.
        """
        own = np.array([trait.rule in ("value", "age") for trait in self.traits.traits], dtype=bool)
        who = ~self.traits.engagement & own
        return who if who.sum() >= MIN_PROFILE_TRAITS else ~self.traits.engagement

    def profiled(self) -> TraitTable:
        """The labelled accounts with the traits that profiles are made of.

        Returns
        -------
        TraitTable
            Fewer columns, same rows.
        """
        return self.of_profiles(self.traits)

    def of_profiles(self, table: TraitTable) -> TraitTable:
        """Any accounts with the traits that profiles are made of.

        Parameters
        ----------
        table : TraitTable
            With all traits.

        Returns
        -------
        TraitTable
            Fewer columns, same rows.
        """
        keep = self.profile_traits
        if keep.all():
            return table
        traits = tuple(trait for trait, kept in zip(table.traits, keep, strict=True) if kept)
        return TraitTable(np.ascontiguousarray(table.values[:, keep]), traits, table.account_id)


@dataclass(frozen=True)
class Audited:
    """What the leakage audit saw, all columns still in.

    Parameters
    ----------
    encoder : TraitEncoder
        Of every column.
    traits : TraitTable
        The labelled accounts.
    quarantined : frozenset of str
        Columns to leave out.
    findings : list of Finding
        What speaks against them, and what else was seen.
    """

    encoder: TraitEncoder
    traits: TraitTable
    quarantined: frozenset[str]
    findings: list[Finding]


def know(
    accounts: AccountTable,
    labels: LabelTable,
    events: DatedTable | None,
    outcomes: DatedTable | None,
    options: TraitOptions,
    *,
    learn_from: NDArray[np.bool_] | None = None,
) -> tuple[Known, list[Finding]]:
    """Labelled rows as traits, audited for leakage.

    Parameters
    ----------
    accounts, labels, events, outcomes, options, learn_from : as for :func:`audit`
        The tables, and what may be learned from.

    Returns
    -------
    Known
        What can be learned from.
    list of Finding
        Of the leakage audit, and of rows that belong together.

    Raises
    ------
    NotEnoughDataError
        No column is left (``ICP203``).
    """
    keep = labels.label.notna().to_numpy()
    known, y = account_mask(accounts, keep), labels.label.to_numpy()[keep].astype(float)
    with step("turning accounts into traits"):
        seen = audit(accounts, labels, events, outcomes, options, learn_from=learn_from)
        encoder, table = seen.encoder, seen.traits
        if seen.quarantined:
            part = None if learn_from is None else learn_from[keep]
            encoder, table = encode_known(known, events, outcomes, labels.as_of[keep], options, seen.quarantined, part)
        unworked = None
        if labels.unworked is not None and labels.unworked.any():
            pool = labels.unworked.to_numpy()
            others = account_mask(accounts, pool)
            unworked = encoder.transform(others, events, outcomes, as_of=labels.as_of[pool]).values
    groups = row_groups(known, table)
    found = [*seen.findings, *grouped_rows(groups, by_parent=known.parents is not None)]
    return Known(
        accounts=known,
        traits=table,
        y=y,
        amount=labels.amount.to_numpy(dtype=np.float64)[keep],
        groups=groups,
        quarantined=seen.quarantined,
        undated_label=labels.definition.window_days is None,
        as_of=labels.as_of[keep].to_numpy("datetime64[us]"),
        window_days=labels.definition.window_days,
        unworked=unworked,
        encoder=encoder,
    ), found


def audit(
    accounts: AccountTable,
    labels: LabelTable,
    events: DatedTable | None,
    outcomes: DatedTable | None,
    options: TraitOptions,
    *,
    learn_from: NDArray[np.bool_] | None = None,
) -> Audited:
    """The leakage audit of all columns.

    Parameters
    ----------
    accounts : AccountTable
        All accounts.
    labels : LabelTable
        Same rows.
    events, outcomes : DatedTable or None
        Dated history.
    options : TraitOptions
        How accounts become traits.
    learn_from : ndarray of bool, shape (n_accounts,), default=None
        Rows that may say which traits there are and that are audited; None means all that are labelled.

    Returns
    -------
    Audited
        Traits of every column, and which of them to leave out.

    Raises
    ------
    NotEnoughDataError
        No column is there to begin with (``ICP203``).
    """
    keep = labels.label.notna().to_numpy()
    known, as_of = account_mask(accounts, keep), labels.as_of[keep]
    seen = np.ones(len(as_of), dtype=bool) if learn_from is None else learn_from[keep]
    encoder, table = encode_known(known, events, outcomes, as_of, options, frozenset(), seen)
    undated = labels.definition.window_days is None
    quarantined, found = leakage(
        known if seen.all() else account_mask(known, seen),
        table if seen.all() else table.rows(seen),
        labels.label.to_numpy()[keep][seen].astype(float),
        keep=options.keep,
        as_of=as_of[seen],
        events=events,
        unlabelled=account_mask(accounts, ~keep) if undated else None,
    )
    return Audited(encoder, table, quarantined, found)


def encode_known(
    accounts: AccountTable,
    events: DatedTable | None,
    outcomes: DatedTable | None,
    as_of: pd.Series,
    options: TraitOptions,
    exclude: frozenset[str],
    seen: NDArray[np.bool_] | None = None,
) -> tuple[TraitEncoder, TraitTable]:
    """Labelled rows as traits.

    Parameters
    ----------
    accounts : AccountTable
        Labelled accounts.
    events, outcomes : DatedTable or None
        Dated history.
    as_of : Series of datetime64, shape (n_labelled,)
        Date of each row's picture.
    options : TraitOptions
        How accounts become traits.
    exclude : frozenset of str
        Columns, or ``events`` and ``outcomes``, that are left out.
    seen : ndarray of bool, shape (n_labelled,), default=None
        Rows that may say which traits there are; None means all.

    Returns
    -------
    encoder : TraitEncoder
        That made them.
    traits : TraitTable
        Of the same rows.

    Raises
    ------
    NotEnoughDataError
        No column is left (``ICP203``).
    """
    encoder = TraitEncoder(options.min_level, options.half_life_days, options.max_kinds)
    part, at = (accounts, as_of) if seen is None or seen.all() else (account_mask(accounts, seen), as_of[seen])
    encoder.fit(part, events, outcomes, as_of=at, exclude=exclude)
    if not encoder.traits_:
        raise NotEnoughDataError.one(
            "ICP203",
            "no column is left that a score could learn from.",
            "Look at 'python -m icp.validate' with the same settings; it says what each column was taken for.",
        )
    return encoder, encoder.transform(accounts, events, outcomes, as_of=as_of)
