"""The accounts as they stood at several as-of dates, one picture after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icp._history import DAY, microseconds
from icp.errors import ICPError
from icp.evaluation import picture_dates
from icp.labels import make_labels
from icp.options import LabelOptions
from icp.tables import AccountTable, Column, DatedTable, Finding, LabelTable, account_mask

__all__ = ["Pictures", "take_pictures"]

LOOK_BACK = 6
"""The oldest picture shows at least this part of a window of the past: a sixth."""

MAX_LATER = 0.01
"""A date column with more cells than this later than a picture was overwritten since, and is left out."""

MIN_HISTORY = 20
BORN_BEFORE = 0.98
"""A date column says when accounts came into the table if it is before their first event or outcome in so large a share
of at least so many accounts."""

Tables = tuple[DatedTable | None, DatedTable | None]


@dataclass(frozen=True)
class Pictures:
    """Accounts and labels at several dates, stacked oldest first.

    Parameters
    ----------
    accounts : AccountTable
        Rows of one account repeat its id; date cells later than the row's picture are not known.
    labels : LabelTable
        The same rows; ``as_of`` is the date of the picture, the definition that of the newest.
    judged : tuple of int
        Days since 1970 of the pictures that are judged, oldest first.
    findings : tuple of Finding
        What could not be wound back.
    """

    accounts: AccountTable
    labels: LabelTable
    judged: tuple[int, ...]
    findings: tuple[Finding, ...]


def take_pictures(
    accounts: AccountTable, labels: LabelTable, history: Tables, options: LabelOptions, *, gap_days: int, n_blocks: int
) -> Pictures | str:
    """The accounts at several dates, each with the label of its own window.

    Parameters
    ----------
    accounts : AccountTable
        As read.
    labels : LabelTable
        Of the newest picture.
    history : tuple of (DatedTable or None, DatedTable or None)
        Events and outcomes.
    options : LabelOptions
        The definition.
    gap_days : int
        Days between what is learned from and what is judged, at least the window.
    n_blocks : int
        Most pictures judged.

    Returns
    -------
    Pictures or str
        Why there are none, where history does not reach back far enough.
    """
    events, outcomes = history
    window = int(labels.definition.window_days or 0)
    newest = int(microseconds(labels.as_of)[0] // DAY)
    starts = [_start(table) for table in (outcomes, events) if table is not None and len(table)]
    days, judged = _dates(newest, max(starts), window, gap_days, n_blocks)
    if not judged:  # events that begin late are better than no pictures
        days, judged = _dates(newest, starts[0], window, gap_days, n_blocks)
    if not judged:
        return (
            f"outcomes reach back {newest - starts[0]:,} days before {_date(newest):%Y-%m-%d}; an older picture whose "
            f"window is over by then needs {gap_days + max(1, window // LOOK_BACK):,}"
        )
    born, born_by = _born(accounts, history)
    keep, left_out = _windable(accounts, born, days[0])
    there = {day: ~(born > np.datetime64(_date(day))) for day in days}
    parts = [_picture(accounts, labels, history, options, day, newest, keep, there[day]) for day in days]
    made = [part for part in parts if part is not None]
    stacked = _stack(accounts, labels, made, keep)
    findings = _findings(keep, left_out, int((~there[days[0]]).sum()), born_by)
    return Pictures(*stacked, tuple(judged), findings)


def _dates(newest: int, start: int, window: int, gap_days: int, n_blocks: int) -> tuple[list[int], list[int]]:
    """Days of the pictures and of the judged ones; a whole window of the past is shown where there is enough of it."""
    least = max(1, window // LOOK_BACK)
    look_back = min(window, max(least, newest - start - gap_days * n_blocks))
    return picture_dates(newest, start + look_back, gap_days, n_blocks)


def _start(table: DatedTable) -> int:
    """Day from which a dated table holds rows; a few stray ones before do not count."""
    return int(np.quantile(microseconds(table.frame["at"]) // DAY, 0.005, method="lower"))


def _picture(
    accounts: AccountTable,
    labels: LabelTable,
    history: Tables,
    options: LabelOptions,
    day: int,
    newest: int,
    keep: Sequence[Column],
    there: NDArray[np.bool_],
) -> tuple[pd.DataFrame, NDArray[np.bool_], pd.DataFrame] | None:
    """Cells and labels of the accounts that were there at one date; None where no outcome lies in its window."""
    date, labelled = _date(day), labels
    if day != newest:
        try:
            events, outcomes = history
            labelled = make_labels(options, replace(accounts, as_of=date), outcomes, as_of=date, events=events)
        except ICPError as error:
            if {problem.code for problem in error.problems} != {"ICP227"}:
                raise
            return None
    frame = accounts.frame[there].copy()
    for column in keep:
        if column.kind == "date":
            frame[column.name] = frame[column.name].where(frame[column.name] <= date)
    known = pd.DataFrame({"label": labelled.label, "amount": labelled.amount, "as_of": labelled.as_of})[there]
    return frame, there, known


def _stack(
    accounts: AccountTable,
    labels: LabelTable,
    made: Sequence[tuple[pd.DataFrame, NDArray[np.bool_], pd.DataFrame]],
    keep: Sequence[Column],
) -> tuple[AccountTable, LabelTable]:
    frame = pd.concat([part[0] for part in made])
    known = pd.concat([part[2] for part in made])
    parts = [account_mask(accounts, there) for _, there, _ in made]
    kept = {column.name for column in keep}
    columns = tuple(
        column if column.name in kept or column.kind != "date" or not column.is_trait else _out(column)
        for column in accounts.columns
    )

    def together(name: str) -> Any:
        series = [getattr(part, name) for part in parts]
        return None if series[0] is None else pd.concat(series)

    stacked = replace(
        accounts, frame=frame, columns=columns, names=together("names"), parents=together("parents"), observed_at=None
    )
    return stacked, replace(labels, label=known["label"], amount=known["amount"], as_of=known["as_of"], unworked=None)


def _out(column: Column) -> Column:
    return replace(column, role="ignored", reason="holds dates later than the older pictures")


def _born(accounts: AccountTable, history: Tables) -> tuple[NDArray[np.datetime64], tuple[str, ...]]:
    """From when on each account was in the table (NaT: always), and the columns that say it.

    A date column says so when it is before the account's first event or outcome nearly everywhere: a creation date
    is, a last visit or a closing date is not.
    """
    frames = [table.frame[["account_id", "at"]] for table in history if table is not None]
    first = pd.concat(frames).groupby("account_id")["at"].min() if frames else pd.Series(dtype="datetime64[us]")
    begun = first.reindex(accounts.frame.index).to_numpy("datetime64[us]")
    born, names = np.full(len(accounts), np.datetime64("NaT", "us")), []
    for column in accounts.columns:
        if column.kind != "date" or not column.is_trait:
            continue
        cells = accounts.frame[column.name].to_numpy("datetime64[us]")
        both = ~np.isnat(cells) & ~np.isnat(begun)
        if both.sum() >= MIN_HISTORY and (cells[both] < begun[both]).mean() >= BORN_BEFORE:
            names.append(column.name)
            born = np.fmax(born, cells)
    return born, tuple(names)


def _windable(accounts: AccountTable, born: NDArray[np.datetime64], oldest: int) -> tuple[list[Column], list[str]]:
    """Trait columns that can be used in the oldest picture, and the names of those that cannot."""
    date = _date(oldest)
    there = ~(born > np.datetime64(date))
    keep, left_out = [], []
    for column in accounts.columns:
        if not column.is_trait:
            continue
        cells = accounts.frame.loc[there, column.name] if column.kind == "date" else None
        if cells is not None and len(cells) and (cells > date).mean() > MAX_LATER:
            left_out.append(column.name)
        else:
            keep.append(column)
    return keep, left_out


def _findings(
    keep: Sequence[Column], left_out: Sequence[str], n_absent: int, born_by: Sequence[str]
) -> tuple[Finding, ...]:
    findings = []
    fixed = [column.name for column in keep if column.kind != "date"]
    if fixed:
        message = (
            f"{len(fixed)} columns of the accounts table were used in every picture as they are now: only dated "
            "history and date columns can be wound back. Where one was overwritten since, earlier blocks look too good."
        )
        findings.append(Finding("ICP326", "note", message, evidence={"columns": fixed}))
    for name in left_out:
        message = f"column '{name}' holds dates later than the older pictures and was left out of the backtest."
        findings.append(Finding("ICP327", "warning", message, "quarantined", column=name))
    if n_absent:
        message = f"{n_absent:,} accounts are not in the oldest picture: {' or '.join(born_by)} is later."
        findings.append(Finding("ICP327", "note", message, n_rows=n_absent))
    return tuple(findings)


def _date(day: int) -> pd.Timestamp:
    return pd.Timestamp(np.datetime64(day, "D").astype("datetime64[us]"))
