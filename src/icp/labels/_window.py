"""The outcomes of every account before and inside its window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icp._history import DAY, History, history, microseconds
from icp.errors import ConfigError, Problem, TableError
from icp.labels._dates import last_known, window_days
from icp.options import LabelOptions
from icp.tables import AccountTable, DatedTable, Finding

__all__ = ["Window", "open_window"]

_SHORT = 0.1
_AS_OF_WORDS = "Set as_of=, or accounts.observed_at where each row has its own date."


@dataclass(frozen=True)
class Window:
    """Each account's outcomes, its as-of date and the end of its window.

    Parameters
    ----------
    past : History
        Outcomes of the accounts, sorted.
    start, end : ndarray of int64, shape (n_accounts,)
        Microseconds since 1970; rows in ``(start, end]`` are in the window.
    eligible : ndarray of bool, shape (n_accounts,)
        Whether the account could be seen at the as-of date.
    over : ndarray of bool, shape (n_accounts,)
        Whether the whole window lies in the past.
    days : int
        Length.
    words : str
        For the definition: ``"in the 180 days after 2026-03-31"``.
    findings : tuple of Finding
        What was noticed.
    """

    past: History
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    eligible: NDArray[np.bool_]
    over: NDArray[np.bool_]
    days: int
    words: str
    findings: tuple[Finding, ...]

    def count(self, rows: History) -> NDArray[np.int64]:
        """Rows inside each account's window.

        Parameters
        ----------
        rows : History
            ``past`` or a part of it.

        Returns
        -------
        ndarray of int64, shape (n_accounts,)
            0 without one.
        """
        return rows.span(self.start, self.end).count

    def money(self, rows: History) -> NDArray[np.float64]:
        """Sum of the known amounts inside each account's window, to a millionth.

        Parameters
        ----------
        rows : History
            ``past`` or a part of it.

        Returns
        -------
        ndarray of float64, shape (n_accounts,)
            0.0 without outcomes; NaN where no outcome has an amount.
        """
        span, known = rows.span(self.start, self.end), np.isfinite(rows.amount)
        n_known = rows.total(span, known.astype(np.float64))
        total = np.round(rows.total(span, np.where(known, rows.amount, 0.0)), 6)
        return np.where((span.count > 0) & (n_known == 0), np.nan, total)


def open_window(
    options: LabelOptions,
    accounts: AccountTable,
    outcomes: DatedTable | None,
    events: DatedTable | None,
    dates: pd.Series,
) -> Window:
    """Sort the outcomes and find each account's window.

    Parameters
    ----------
    options : LabelOptions
        The definition.
    accounts : AccountTable
        Accounts; those known by nothing but their id are eligible when an outcome or event had shown them.
    outcomes, events : DatedTable or None
        Dated rows.
    dates : Series of datetime64, shape (n_accounts,)
        As-of date of each row.

    Returns
    -------
    Window
        For the recipes.

    Raises
    ------
    ConfigError
        There are no outcomes (``ICP217``) or no as-of date (``ICP219``).
    TableError
        No outcome belongs to an account (``ICP225``), or none lies in a window (``ICP227``).
    """
    if outcomes is None or not len(outcomes):
        raise ConfigError.one(
            "ICP217", f"labels={options.recipe} reads dated outcomes, and there are none.",
            "Set outcomes=csv with outcomes.path, outcomes.account_id and outcomes.at, or choose labels=flag.",
        )  # fmt: skip
    if dates.isna().all():
        raise ConfigError.one(
            "ICP219", f"labels={options.recipe} needs an as-of date, and there is none.", _AS_OF_WORDS
        )
    ids, start = accounts.frame.index, microseconds(dates)
    days = window_days(options.window)
    undated = dates.isna().to_numpy()
    end = np.where(undated, start, start + days * DAY)
    past = history(outcomes.frame, ids)
    findings = _unmatched(outcomes, past)
    seen = ~undated
    if accounts.frame.shape[1] == 0:
        shown = past.span(None, start).count > 0
        if events is not None:
            shown |= history(events.frame, ids).span(None, start).count > 0
        seen &= shown
        findings += _count_finding(
            "ICP224", "accounts were first seen after the as-of date and are not eligible", ~seen
        )
    over, late = _over(accounts, outcomes, end, days)
    if not past.span(start, end).count.any():
        raise TableError.in_table("outcomes", len(outcomes), outcomes.source, [_no_outcome(outcomes, dates, days)])
    words = f"in the {days:,} days after {_date_words(accounts, dates)}"
    return Window(past, start, end, seen, over, days, words, (*findings, *late))


def _date_words(accounts: AccountTable, dates: pd.Series) -> str:
    if accounts.observed_at is not None:
        return "each row's own date"
    return f"{dates.dropna().iloc[0]:%Y-%m-%d}"


def _over(
    accounts: AccountTable, outcomes: DatedTable, end: NDArray[np.int64], days: int
) -> tuple[NDArray[np.bool_], list[Finding]]:
    """Whose window is over by the last known date; rows that share one as-of date are never cut."""
    last = last_known(outcomes.frame["at"], accounts.observed_at)
    last_us = int(np.datetime64(last, "us").astype(np.int64))
    if accounts.observed_at is not None:
        over = end <= last_us
        text = f"rows have a window that is not over by the last known date {last:%Y-%m-%d}; they are unlabelled"
        return over, _count_finding("ICP220", text, ~over)
    missing_days = (int(end.max()) - last_us) / DAY
    if missing_days <= max(_SHORT * days, 1.0):
        return np.ones(len(end), dtype=bool), []
    message = (
        f"the last outcome is of {last:%Y-%m-%d}, {missing_days:,.0f} days before the window of {days:,} days ends."
    )
    finding = Finding("ICP228", "warning", message, evidence={"days_missing": round(missing_days), "window_days": days})
    return np.ones(len(end), dtype=bool), [finding]


def _unmatched(outcomes: DatedTable, past: History) -> list[Finding]:
    """Outcomes whose account is not in the accounts table; an error when it is all of them."""
    n = len(outcomes) - len(past)
    if len(past):
        return _count_finding("ICP225", "outcomes belong to no account of the accounts table", n)
    examples = tuple(str(value) for value in outcomes.frame["account_id"].drop_duplicates().head(3))
    raise TableError.one(
        "ICP225", "no outcome belongs to an account of the accounts table.",
        "Check that outcomes.account_id and accounts.account_id hold the same ids.", n_rows=n, examples=examples,
    )  # fmt: skip


def _count_finding(code: str, text: str, mask: NDArray[np.bool_] | int) -> list[Finding]:
    """A note on some rows; nothing when there are none."""
    n = int(np.sum(mask))
    return [Finding(code, "note", f"{n:,} {text}.", n_rows=n)] if n else []


def _no_outcome(outcomes: DatedTable, dates: pd.Series, days: int) -> Problem:
    """Why the windows are empty: the dates on both sides."""
    at = outcomes.frame["at"]
    return Problem(
        "ICP227",
        f"no outcome of the accounts lies in the {days:,} days after the as-of date ({dates.min():%Y-%m-%d} to "
        f"{dates.max():%Y-%m-%d}); outcomes run from {at.min():%Y-%m-%d} to {at.max():%Y-%m-%d}.",
        "Set an earlier as_of, or another labels.window.",
    )
