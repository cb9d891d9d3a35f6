"""The leakage audit: columns, rows and dates that know what they could not have known."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icp.checks._clues import column_clues, numbers_of
from icp.checks._copies import undeclared_groups
from icp.checks._evidence import column_evidence
from icp.checks._late import late_events, outlasting
from icp.checks._names import suspicious_words
from icp.checks._order import number_clue, row_order, running_numbers
from icp.checks._suspects import Suspect, cells_evidence, folds, suspects
from icp.errors import did_you_mean
from icp.tables import AccountTable, Column, DatedTable, Finding, TraitTable

__all__ = ["leakage"]

_NO_TRAIT = {
    "ignored": "accounts.ignore leaves out",
    "known_after": "accounts.known_after leaves out",
    "sensitive": "accounts.sensitive leaves out",
    "current_score": "is the score of today (accounts.current_score)",
    "worked": "says who was worked (accounts.worked)",
    "label": "says who is best",
    "id": "holds the ids",
}
"""What keeps a column from being a trait, by its role."""

log = logging.getLogger(__name__)


def leakage(
    accounts: AccountTable,
    traits: TraitTable,
    label: NDArray[np.float64],
    *,
    keep: Collection[str] = (),
    as_of: pd.Series | None = None,
    events: DatedTable | None = None,
    unlabelled: AccountTable | None = None,
) -> tuple[frozenset[str], list[Finding]]:
    """Columns that were probably filled in after the outcome was known.

    Every kind of evidence has its number. By itself, on accounts it was not learned from, the column ranks best
    customers too well (``ICP303``, or ``ICP308`` where its name says it is a score); some of its values give the answer
    away (``ICP304``); being filled or empty does (``ICP305``); time shows it, as dates of best customers lie after the
    as-of date, as only accounts whose outcome is known have it filled, or as a later table has other cells for best
    customers (``ICP306``); its running numbers part them from others (``ICP307``); it is filled only together with a
    suspect (``ICP309``). A name such as "status" or "probability" lowers what is needed; a name alone is never enough.

    Parameters
    ----------
    accounts : AccountTable
        Labelled accounts.
    traits : TraitTable
        Their traits, same rows.
    label : ndarray of float64, shape (n_accounts,)
        1 best, 0 not.
    keep : collection of str, default=()
        Columns that stay in whatever the audit finds (``traits.keep``); it is still said.
    as_of : Series of datetime64, shape (n_accounts,), default=None
        Date up to which each row may look; None where nothing is dated.
    events : DatedTable, default=None
        Dated rows, to say how many lie after the as-of date.
    unlabelled : AccountTable, default=None
        The accounts whose outcome is open, of the same source.

    Returns
    -------
    quarantined : frozenset of str
        Columns of the accounts table to leave out.
    findings : list of Finding
        ``ICP301`` per quarantined column (an issue; a note where no model reads the column anyway), ``ICP302`` per
        column kept on request (warning), both with the kinds of evidence in ``evidence["rules"]``; then what was seen
        of dates that outlast all others (``ICP306``), of the rows' order (``ICP307``), of a declared score
        (``ICP308``), of rows that may be parted (``ICP310``), of late events (``ICP311``), of columns declared as
        known after (``ICP312``), and of columns to keep that cannot be kept (``ICP208``).

    Notes
    -----
    Traits made from dated tables hold nothing later than the as-of date and are not audited.
    """
    best = np.asarray(label) == 1
    fold, days, kept = folds(best), _days(as_of, len(best)), frozenset(keep)
    found = suspects(accounts, traits, best, fold, days, unlabelled, kept)
    findings = [
        _finding(column, found[column.name], column.name in kept, len(best))
        for column in accounts.columns
        if column.name in found
    ]
    findings += outlasting(accounts, best, found)
    findings += _kept_in_vain(kept, {column.name: column.role for column in accounts.columns})
    findings += _about_tables(accounts, events, best, fold, days)
    quarantined = frozenset(found) - kept
    log.info("leakage audit: %d of %d columns quarantined", len(quarantined), len(accounts.columns))
    return quarantined, findings


def _kept_in_vain(kept: frozenset[str], roles: Mapping[str, str]) -> list[Finding]:
    """Columns that ``traits.keep`` names and the accounts do not have, or that another option makes no trait."""
    said = {
        name: f"traits.keep names '{name}', which is no column of the accounts. {did_you_mean(name, roles)}".rstrip()
        for name in sorted(kept.difference(roles))
    }
    said |= {
        name: f"traits.keep names '{name}', which {_NO_TRAIT[roles[name]]}: it is no trait all the same."
        for name in sorted(kept.intersection(roles))
        if roles[name] in _NO_TRAIT
    }
    return [Finding("ICP208", "warning", message, "noted", name) for name, message in said.items()]


def _days(as_of: pd.Series | None, n: int) -> NDArray[np.datetime64]:
    return np.full(n, "NaT", dtype="datetime64[us]") if as_of is None else as_of.to_numpy("datetime64[us]")


def _finding(column: Column, suspect: Suspect, kept: bool, n: int) -> Finding:
    """The column, every kind of evidence against it, and the override that keeps it."""
    name, named = column.name, suspicious_words(column.name)
    values: dict[str, Any] = {} if suspect.evidence is None else numbers_of(suspect.evidence)
    values["rules"] = [clue.code for clue in suspect.clues]
    values["suspicious_words"] = list(named)
    for clue in suspect.clues:
        values |= {key: value for key, value in clue.evidence.items() if key not in values}
    words = [f"{clue.words} ({clue.code})" for clue in suspect.clues]
    if named:
        words.append(f"its name speaks of '{named[0]}'")
    auc = "" if suspect.evidence is None else f"; AUC {suspect.evidence.auc:.2f}"
    what = f"column '{name}' looks as if it was filled in after the outcome was known: {', and '.join(words)}{auc}."
    if not column.is_trait:
        message = f"{what} No model reads it: {column.reason.rsplit('; ', 1)[-1]}."
        return Finding("ICP301", "note", message, "quarantined", name, n, values)
    if kept:
        return Finding("ICP302", "warning", f"{what} It was kept, as traits.keep names it.", "noted", name, n, values)
    message = f"{what} It was left out. If it is known before the sale, keep it with 'traits.keep=[\"{name}\"]'."
    return Finding("ICP301", "issue", message, "quarantined", name, n, values)


def _about_tables(
    accounts: AccountTable,
    events: DatedTable | None,
    best: NDArray[np.bool_],
    fold: NDArray[np.int64],
    as_of: NDArray[np.datetime64],
) -> Iterator[Finding]:
    """What was seen of rows, ids, events, and columns that are declared to be no traits."""
    order = row_order(best, fold)
    if order is not None:
        yield order
    declared = [column for column in accounts.columns if column.role == "id"]
    numbers = running_numbers(accounts.frame.index.to_series()) if declared else None
    clue = None if numbers is None else number_clue(column_evidence(numbers, False, best, fold))
    if clue is not None:
        message = f"the ids of '{declared[0].name}' know the outcome: {clue.words}. An id is never a trait."
        yield Finding("ICP307", "warning", message, "noted", declared[0].name, len(best), clue.evidence)
    yield from undeclared_groups(accounts, best)
    if events is not None:
        late = late_events(events, accounts.frame.index, as_of, best)
        if late is not None:
            yield late
    yield from _about_declared(accounts, best, fold)


def _about_declared(accounts: AccountTable, best: NDArray[np.bool_], fold: NDArray[np.int64]) -> Iterator[Finding]:
    """Columns declared as known after, with what they would have given away, and a declared score that saw the end."""
    measured = {
        column.name: (column.role, cells_evidence(column, accounts.frame[column.name], best, fold))
        for column in accounts.columns
        if column.role in ("known_after", "current_score")
        and column.kind in ("numeric", "categorical", "boolean", "date")
    }
    after = {name: evidence for name, (role, evidence) in measured.items() if role == "known_after"}
    if after:
        said = ", ".join(f"'{name}' (AUC {evidence.auc:.2f})" for name, evidence in after.items())
        values = {name: numbers_of(evidence) for name, evidence in after.items()}
        message = f"left out as declared in accounts.known_after: {said}."
        yield Finding("ICP312", "note", message, n_rows=len(best), evidence={"columns": values})
    for name, (role, evidence) in measured.items():
        clues = column_clues(name, evidence) if role == "current_score" else []
        if clues:
            message = (
                f"the score '{name}' seems to have seen the outcome: {clues[0].words} (AUC {evidence.auc:.2f}). It is "
                "never a trait; a comparison with it says nothing."
            )
            yield Finding("ICP308", "warning", message, "noted", name, len(best), numbers_of(evidence))
