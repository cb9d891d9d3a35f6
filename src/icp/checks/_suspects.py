"""Every column of the accounts against the label, and what speaks against it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icp.checks._clues import Clue, column_clues
from icp.checks._evidence import N_FOLDS, ColumnEvidence, column_evidence
from icp.checks._late import changed_clue, companion_clue, known_clue, late_clue, late_dates
from icp.checks._order import number_clue, running_numbers
from icp.tables import AccountTable, Column, Trait, TraitTable

__all__ = ["Suspect", "cells_evidence", "folds", "suspects"]

MIN_COMPANION_AUC = 0.60
_SEED = 20260331
_WORKER = "its name says who works the account"


@dataclass
class Suspect:
    """What speaks against one column.

    Parameters
    ----------
    clues : list of Clue
        Each kind of evidence, the strongest first.
    evidence : ColumnEvidence or None
        What its cells alone say; None where too few are left to say anything.
    """

    clues: list[Clue] = field(default_factory=list)
    evidence: ColumnEvidence | None = None


def folds(best: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Folds with equal shares of best customers, the same for the same rows.

    Parameters
    ----------
    best : ndarray of bool, shape (n_accounts,)
        Best customers.

    Returns
    -------
    ndarray of int64, shape (n_accounts,)
        0 ... 4.
    """
    order = np.random.default_rng(_SEED).permutation(len(best))
    fold = np.empty(len(best), dtype=np.int64)
    for side in (True, False):
        members = order[best[order] == side]
        fold[members] = np.arange(len(members)) % N_FOLDS
    return fold


def suspects(
    accounts: AccountTable,
    traits: TraitTable,
    best: NDArray[np.bool_],
    fold: NDArray[np.int64],
    as_of: NDArray[np.datetime64],
    unlabelled: AccountTable | None,
    keep: Collection[str] = (),
) -> dict[str, Suspect]:
    """Every column that something speaks against.

    Parameters
    ----------
    accounts : AccountTable
        Labelled accounts.
    traits : TraitTable
        Their traits.
    best : ndarray of bool, shape (n_accounts,)
        Best customers.
    fold : ndarray of int64, shape (n_accounts,)
        As :func:`folds` gives them.
    as_of : ndarray of datetime64, shape (n_accounts,)
        NaT where undated.
    unlabelled : AccountTable or None
        Accounts whose outcome is open.
    keep : collection of str, default=()
        Columns that are known to be known in time, so that nothing speaks against those filled with them.

    Returns
    -------
    dict of str to Suspect
        By column.
    """
    measured = dict(_measured(accounts, traits, best, fold))
    clues = {name: column_clues(name, evidence) for name, evidence in measured.items()}
    for name, evidence, said in _set_aside(accounts, best, fold):
        measured[name], clues[name] = evidence, said
    for name, clue in _in_time(accounts, best, as_of, unlabelled):
        clues.setdefault(name, []).append(clue)
    found = {name: Suspect(said, measured.get(name)) for name, said in clues.items() if said}
    knowing = [*(name for name in found if name not in keep), *_declared(accounts)]
    for name, clue in _companions(accounts, measured, found, knowing):
        found[name] = Suspect([clue], measured[name])
    return found


def cells_evidence(
    column: Column, cells: pd.Series, best: NDArray[np.bool_], fold: NDArray[np.int64]
) -> ColumnEvidence:
    """What the cells of a column say that is no trait.

    Parameters
    ----------
    column : Column
        What it was taken for.
    cells : Series, shape (n_accounts,)
        Parsed.
    best : ndarray of bool, shape (n_accounts,)
        Best customers.
    fold : ndarray of int64, shape (n_accounts,)
        As :func:`folds` gives them.

    Returns
    -------
    ColumnEvidence
        Numbers and dates by ranges, everything else by value.
    """
    if column.kind == "numeric":
        return column_evidence(cells.to_numpy(dtype=np.float64), False, best, fold)
    if column.kind == "date":
        dates = cells.to_numpy("datetime64[D]")
        return column_evidence(np.where(np.isnat(dates), np.nan, dates.astype(np.float64)), False, best, fold)
    codes = pd.factorize(cells)[0].astype(np.float64)
    return column_evidence(np.where(codes < 0, np.nan, codes), True, best, fold)


def _measured(
    accounts: AccountTable, traits: TraitTable, best: NDArray[np.bool_], fold: NDArray[np.int64]
) -> Iterator[tuple[str, ColumnEvidence]]:
    """What each trait made from a column of the accounts says."""
    columns = {column.name for column in accounts.columns}
    for j, trait in enumerate(traits.traits):
        if _is_audited(trait, columns):
            values = np.ascontiguousarray(traits.values[:, j])
            yield trait.sources[0], column_evidence(values, trait.kind == "categorical", best, fold)


def _is_audited(trait: Trait, columns: Collection[str]) -> bool:
    return trait.rule in ("value", "age") and trait.sources[0] in columns


def _set_aside(
    accounts: AccountTable, best: NDArray[np.bool_], fold: NDArray[np.int64]
) -> Iterator[tuple[str, ColumnEvidence, list[Clue]]]:
    """Columns that reading set aside by itself, as ids or as the names of those who work the account."""
    for column in accounts.columns:
        if column.role != "ignored" or not (column.kind == "identifier" or _WORKER in column.reason):
            continue
        cells = accounts.frame[column.name]
        if column.kind == "identifier":
            evidence, said = _ids(column.name, cells, best, fold)
        else:
            evidence = cells_evidence(column, cells, best, fold)
            said = column_clues(column.name, evidence)
        if said:
            yield column.name, evidence, said


def _ids(
    name: str, cells: pd.Series, best: NDArray[np.bool_], fold: NDArray[np.int64]
) -> tuple[ColumnEvidence, list[Clue]]:
    """What ids say by being filled, or by their running number where they have one."""
    numbers = running_numbers(cells)
    evidence = column_evidence(np.where(cells.isna(), np.nan, 1.0) if numbers is None else numbers, False, best, fold)
    said = [clue for clue in column_clues(name, evidence) if clue.code == "ICP305"]
    number = None if said else number_clue(evidence)
    return evidence, said if number is None else [number]


def _in_time(
    accounts: AccountTable,
    best: NDArray[np.bool_],
    as_of: NDArray[np.datetime64],
    unlabelled: AccountTable | None,
) -> Iterator[tuple[str, Clue]]:
    """Columns seen to be filled when the outcome was known: by their dates, by open accounts, by a later table."""
    clues = [(name, late_clue(late, best)) for name, late in late_dates(accounts, as_of).items()]
    names = [column.name for column in accounts.columns if column.is_trait]
    if unlabelled is not None:
        clues += [
            (name, known_clue(accounts.frame[name].notna().to_numpy(), unlabelled.frame[name].notna().to_numpy()))
            for name in names
        ]
    if accounts.later is not None:
        clues += [
            (name, changed_clue(accounts.frame[name], accounts.later[name], best))
            for name in names
            if name in accounts.later
        ]
    yield from ((name, clue) for name, clue in clues if clue is not None)


def _declared(accounts: AccountTable) -> list[str]:
    return [column.name for column in accounts.columns if column.role == "known_after"]


def _companions(
    accounts: AccountTable,
    measured: Mapping[str, ColumnEvidence],
    found: Collection[str],
    knowing: Collection[str],
) -> list[tuple[str, Clue]]:
    """Columns that say something and are filled only where one is that knows the outcome."""
    filled = {name: accounts.frame[name].notna().to_numpy() for name in knowing}
    companions = []
    for name, evidence in measured.items():
        if name in found or evidence.auc_low < MIN_COMPANION_AUC:
            continue
        own = accounts.frame[name].notna().to_numpy()
        clues = (companion_clue(own, other, other_filled) for other, other_filled in filled.items())
        clue = next((clue for clue in clues if clue is not None), None)
        if clue is not None:
            companions.append((name, clue))
    return companions
