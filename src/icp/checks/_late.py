"""What was written after the as-of date: date cells, dated rows, and cells that a later table has otherwise."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icp._wording import percent
from icp.checks._clues import Clue
from icp.tables import AccountTable, DatedTable, Finding

__all__ = ["changed_clue", "companion_clue", "known_clue", "late_clue", "late_dates", "late_events", "outlasting"]

MIN_LATE = 5
MIN_RATIO = 2.0
MIN_RATIO_UNDATED = 3.0
MIN_OTHER_DATES = 2
MIN_CHANGED = 0.10
MIN_OPEN = 30
MIN_KNOWN = 0.9
MAX_ALONE = 0.05
_MIN_Z = 4.0

Mask = NDArray[np.bool_]


def late_dates(accounts: AccountTable, as_of: NDArray[np.datetime64]) -> dict[str, Mask]:
    """Which date cells lie after their row's as-of day, taken out when the table was read or not.

    Parameters
    ----------
    accounts : AccountTable
        Labelled accounts.
    as_of : ndarray of datetime64, shape (n_accounts,)
        NaT where undated.

    Returns
    -------
    dict of str to ndarray of bool, shape (n_accounts,)
        Columns with such a cell.
    """
    next_day = as_of.astype("datetime64[D]") + np.timedelta64(1, "D")
    found: dict[str, Mask] = {}
    for column in accounts.columns:
        if column.kind != "date" or not column.is_trait:
            continue
        late = accounts.frame[column.name].to_numpy() >= next_day
        if accounts.late is not None and column.name in accounts.late:
            late = late | accounts.late[column.name].to_numpy()
        if late.any():
            found[column.name] = late
    return found


def late_clue(late: Mask, best: Mask) -> Clue | None:
    """Dates after the as-of date, more among best customers than among others.

    Parameters
    ----------
    late, best : ndarray of bool, shape (n_accounts,)
        Cells after the as-of date; best customers.

    Returns
    -------
    Clue or None
        None where others have them about as often (a renewal due next year).
    """
    if not _more(late, best):
        return None
    of_best, of_others = late[best].mean(), late[~best].mean()
    words = (
        f"its dates lie after the as-of date for {percent(of_best)} of best customers and {percent(of_others)} of the "
        "others"
    )
    numbers = {"n": int(late.sum()), "of_best": round(float(of_best), 4), "of_others": round(float(of_others), 4)}
    return Clue("ICP306", words, {"after_as_of": numbers})


def changed_clue(now: pd.Series, later: pd.Series, best: Mask) -> Clue | None:
    """Cells that a later table of the same accounts has otherwise, more among best customers than among others.

    Parameters
    ----------
    now, later : Series, shape (n_accounts,)
        The column in the snapshot and in the later table, same rows.
    best : ndarray of bool, shape (n_accounts,)
        Best customers.

    Returns
    -------
    Clue or None
        None where it changes about as often for others.
    """
    changed = ~((now == later) | (now.isna() & later.isna())).fillna(False).to_numpy(dtype=bool)
    of_best, of_others = changed[best].mean(), changed[~best].mean()
    if of_best - of_others < MIN_CHANGED or not _more(changed, best):
        return None
    words = (
        f"in the later table it has changed for {percent(of_best)} of best customers and for {percent(of_others)} of "
        "the others"
    )
    numbers = {"n": int(changed.sum()), "of_best": round(float(of_best), 4), "of_others": round(float(of_others), 4)}
    return Clue("ICP306", words, {"changed_later": numbers})


def known_clue(filled: Mask, filled_open: Mask) -> Clue | None:
    """A column that is filled where the outcome is known and empty where it is still open.

    Parameters
    ----------
    filled : ndarray of bool, shape (n_labelled,)
        Cells of accounts with a label.
    filled_open : ndarray of bool, shape (n_unlabelled,)
        Cells of the others.

    Returns
    -------
    Clue or None
        None with fewer than 30 accounts on either side.
    """
    if min(len(filled), len(filled_open)) < MIN_OPEN or filled.mean() - filled_open.mean() < MIN_KNOWN:
        return None
    share, share_open = float(filled.mean()), float(filled_open.mean())
    words = (
        f"it is filled for {percent(share)} of the accounts whose outcome is known and for {percent(share_open)} of "
        f"the {len(filled_open):,} whose outcome is open"
    )
    numbers = {"of_known": round(share, 4), "of_open": round(share_open, 4), "n_open": len(filled_open)}
    return Clue("ICP306", words, {"filled_when_known": numbers})


def companion_clue(filled: Mask, other: str, other_filled: Mask) -> Clue | None:
    """A column that is filled only where one that knows the outcome is: the same hand filled it, at the same time.

    Parameters
    ----------
    filled : ndarray of bool, shape (n_accounts,)
        Its cells.
    other : str
        Name of the column that knows the outcome.
    other_filled : ndarray of bool, shape (n_accounts,)
        Cells of that column.

    Returns
    -------
    Clue or None
        None where either is filled (almost) everywhere, or the first stands alone in more than a few rows.
    """
    n_alone = int((filled & ~other_filled).sum())
    expected = filled.mean() * (~other_filled).sum()
    if expected < MIN_OPEN or n_alone > MAX_ALONE * expected:
        return None
    words = (
        f"it is filled in {int(filled.sum()):,} rows, in all but {n_alone:,} of them together with '{other}', which "
        "knows the outcome"
    )
    return Clue("ICP309", words, {"filled_with": {"column": other, "n": int(filled.sum()), "n_alone": n_alone}})


def late_events(events: DatedTable, index: pd.Index, as_of: NDArray[np.datetime64], best: Mask) -> Finding | None:
    """How many dated rows lie after the as-of date, and of whom.

    Parameters
    ----------
    events : DatedTable
        Dated rows; those after the as-of date are never read as traits.
    index : Index of str, shape (n_accounts,)
        Accounts.
    as_of : ndarray of datetime64, shape (n_accounts,)
        NaT where undated.
    best : ndarray of bool, shape (n_accounts,)
        Best customers.

    Returns
    -------
    Finding or None
        ``ICP311``: a warning where they are mostly of best customers, else a note; None without such rows.
    """
    day = pd.Series(as_of, index=index).groupby(level=0).max()
    until = events.frame["account_id"].map(day).to_numpy() + np.timedelta64(1, "D")
    after = events.frame["at"].to_numpy() >= until.astype("datetime64[D]")
    n_late = int(after.sum())
    if not n_late:
        return None
    late = index.isin(events.frame["account_id"][after].unique())
    of_best, of_others = float(late[best].mean()), float(late[~best].mean())
    evidence: dict[str, Any] = {"of_best": round(of_best, 4), "of_others": round(of_others, 4), "n_events": n_late}
    more = _more(late, best)
    message = (
        f"rows of {events.name} lie after the as-of date: {percent(of_best)} of best customers and "
        f"{percent(of_others)} of the others have some. They are never read as traits"
    )
    if more:
        message += "; a column of the accounts that counts them would give the answer away"
    return Finding("ICP311", "warning" if more else "note", f"{message}.", n_rows=n_late, evidence=evidence)


def outlasting(accounts: AccountTable, best: Mask, suspected: Collection[str]) -> Iterator[Finding]:
    """Date columns that go on after every other one ends, mostly for best customers.

    Parameters
    ----------
    accounts : AccountTable
        Labelled accounts, read without an as-of date.
    best : ndarray of bool, shape (n_accounts,)
        Best customers.
    suspected : collection of str
        Columns that other evidence speaks against.

    Yields
    ------
    Finding
        ``ICP306``, a warning: only an as-of date can tell. Nothing with fewer than two other date columns.
    """
    names = [column.name for column in accounts.columns if column.kind == "date" and column.is_trait]
    names = [name for name in names if name not in suspected and accounts.frame[name].notna().any()]
    if len(names) <= MIN_OTHER_DATES:
        return
    last = max(names, key=lambda name: accounts.frame[name].max())
    end = max(accounts.frame[name].max() for name in names if name != last)
    beyond = (accounts.frame[last] > end).to_numpy()
    if not _more(beyond, best, ratio=MIN_RATIO_UNDATED):
        return
    of_best, of_others = float(beyond[best].mean()), float(beyond[~best].mean())
    message = (
        f"dates of '{last}' go on after those of every other column end, for {percent(of_best)} of best customers and "
        f"{percent(of_others)} of the others. If it is overwritten after the outcome, set as_of to the day the score "
        "would have been needed, or name it in accounts.known_after."
    )
    evidence = {"of_best": round(of_best, 4), "of_others": round(of_others, 4)}
    yield Finding("ICP306", "warning", message, "noted", last, int(beyond.sum()), evidence)


def _more(hit: Mask, best: Mask, ratio: float = MIN_RATIO) -> bool:
    """Whether best customers are hit clearly more often: so many times as often, and far beyond chance."""
    n_best, n_rest = int(best.sum()), int((~best).sum())
    if not n_best or not n_rest or hit[best].sum() < MIN_LATE:
        return False
    of_best, of_others, of_all = hit[best].mean(), hit[~best].mean(), hit.mean()
    error = np.sqrt(max(of_all * (1 - of_all), 1e-12) * (1 / n_best + 1 / n_rest))
    return bool(of_best >= ratio * of_others and of_best - of_others >= _MIN_Z * error)
