"""The as-of date and the window after it."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from icp._days import as_day
from icp.errors import ConfigError
from icp.options import LabelOptions
from icp.tables import AccountTable, DatedTable, Finding

__all__ = ["choose_as_of", "is_dated", "last_known", "window_days"]

_LENGTH = re.compile(r"\s*(\d{1,6})\s*(?:(d|w|m|y)|(d)ays?|(w)eeks?|(m)onths?|(y)ears?)?\s*")
_DAYS = {"d": 1.0, "w": 7.0, "m": 365.25 / 12, "y": 365.25}
_MOST_DAYS = 36_525


def window_days(window: Any, key: str = "labels.window") -> int:
    """Length of the prediction window.

    Parameters
    ----------
    window : str or int
        Days as a number, or a number with ``d``, ``w``, ``m`` or ``y``.
    key : str, default="labels.window"
        Where it stands, for messages.

    Returns
    -------
    int
        Days; a month is a twelfth of 365.25.

    Raises
    ------
    ConfigError
        It is not such a length, or not between a day and a century (``ICP216``).

    Examples
    --------
    >>> window_days("180d"), window_days("26w"), window_days("6m"), window_days(90)
    (180, 182, 183, 90)
    """
    match = None if isinstance(window, bool) else _LENGTH.fullmatch(str(window).lower())
    unit = next((letter for letter in match.groups()[1:] if letter), "d") if match else "d"
    days = round(int(match[1]) * _DAYS[unit]) if match else 0
    if not 1 <= days <= _MOST_DAYS:
        raise ConfigError.one(
            "ICP216", f"{key} is '{window}'.", "Write it as days, weeks, months or years: 180d, 26w, 6m, 1y."
        )
    return days


def is_dated(options: LabelOptions) -> bool:
    """Whether the recipe reads dated outcomes.

    Parameters
    ----------
    options : LabelOptions
        The definition.

    Returns
    -------
    bool
        False for ``flag`` and ``customers``, and for ``revenue`` from a column.
    """
    return options.recipe not in ("flag", "customers") and not (options.recipe == "revenue" and options.column)


def last_known(*dates: pd.Series | None) -> pd.Timestamp | None:
    """The latest of all dates.

    Parameters
    ----------
    *dates : Series of datetime64 or None
        Any number of them.

    Returns
    -------
    Timestamp or None
        None where there is no date at all.
    """
    found = [series.max() for series in dates if series is not None and series.notna().any()]
    return max(found) if found else None


def choose_as_of(
    options: LabelOptions,
    accounts: AccountTable,
    events: DatedTable | None,
    outcomes: DatedTable | None,
    as_of: Any = None,
) -> tuple[pd.Timestamp | None, Finding | None]:
    """The date the picture is frozen at.

    Parameters
    ----------
    options : LabelOptions
        The definition of best.
    accounts : AccountTable
        Accounts.
    events, outcomes : DatedTable or None
        Dated rows.
    as_of : Timestamp, str or None, default=None
        What the user asked for; it wins.

    Returns
    -------
    as_of : Timestamp or None
        Without a wish: for a recipe over dated outcomes the last outcome's day minus the window; else the date of the
        accounts or of the last event, the later of the two; else that of the last outcome; None where nothing is dated.
        Where rows carry their own date, the date of the accounts.
    finding : Finding or None
        Says so when it was chosen for the user (``ICP226``).

    Raises
    ------
    ConfigError
        ``as_of`` is not a date (``ICP219``).
    """
    if as_of is not None and not pd.isna(as_of):
        return _read(as_of), None
    if is_dated(options) and accounts.observed_at is None and outcomes is not None and len(outcomes):
        days = window_days(options.window)
        last = outcomes.frame["at"].max().normalize()
        chosen = last - pd.Timedelta(days=days)
        message = (
            f"as_of is not given: {chosen:%Y-%m-%d} was taken, {days} days before the last outcome on {last:%Y-%m-%d}."
        )
    else:
        chosen = _latest(accounts, events, outcomes)
        if chosen is None:
            return None, None
        message = f"as_of is not given: {chosen:%Y-%m-%d}, the latest date in the data, was taken."
    evidence = {"as_of": f"{chosen:%Y-%m-%d}"}
    return chosen, Finding("ICP226", "note", message, evidence=evidence)


def _latest(accounts: AccountTable, events: DatedTable | None, outcomes: DatedTable | None) -> pd.Timestamp | None:
    """The date of the picture, from what it shows."""
    if accounts.observed_at is not None and accounts.as_of is not None:
        return accounts.as_of
    last_event = None if events is None else last_known(events.frame["at"])
    shown = [date for date in (accounts.as_of, last_event) if date is not None]
    if shown:
        return max(shown)
    return None if outcomes is None else last_known(outcomes.frame["at"])


def _read(as_of: pd.Timestamp | str) -> pd.Timestamp:
    """A wish as a date without a time zone."""
    try:
        return pd.Timestamp(np.datetime64(as_day(as_of), "us"))
    except ConfigError:
        raise ConfigError.one("ICP219", f"as_of is '{as_of}'.", "Write it as 2025-06-30.") from None
