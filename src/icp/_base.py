"""The base of the index profile, where it is more than a part of the accounts: a market file, or the window before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from icp._progress import step
from icp.accounts import read_market
from icp.config import RunConfig
from icp.errors import ConfigError, TableError, did_you_mean
from icp.labels import is_dated, make_labels, window_days
from icp.options import BASES
from icp.tables import AccountTable, BaseTable, DatedTable, account_mask

__all__ = ["MIN_BASE", "check_base", "read_base"]

MIN_BASE = 10
"""Fewest accounts that anything is compared with."""


def check_base(run: RunConfig) -> None:
    """Whether the base can be had, before a long table is read.

    Parameters
    ----------
    run : RunConfig
        Resolved configuration.

    Raises
    ------
    ConfigError
        It is neither a word nor a file (``ICP241``), or takes dates or a column that are not there (``ICP242``).
    """
    choice, dated = run.profiles.base, is_dated(run.labels)
    if choice not in BASES and not Path(choice).is_file():
        words = ", ".join(BASES)
        action = f"{did_you_mean(choice, BASES)}Give one of {words}, or the path of a CSV or Parquet file."
        raise ConfigError.one("ICP241", f"profiles.base is '{choice}', and there is no such file.", action)
    if choice == "worked" and not dated and not run.accounts.worked:
        message = "profiles.base=worked, and nothing says which accounts sales worked."
        raise ConfigError.one("ICP242", message, "Name the column with accounts.worked=, or choose another base.")
    if choice == "previous" and (not dated or run.accounts.observed_at):
        message = "profiles.base=previous compares with the window before, which takes dated outcomes and one as_of."
        action = "Use labels=won, revenue or rfm without accounts.observed_at, or choose another base."
        raise ConfigError.one("ICP242", message, action)


def read_base(
    run: RunConfig,
    accounts: AccountTable,
    events: DatedTable | None,
    outcomes: DatedTable | None,
    as_of: pd.Timestamp | None,
) -> BaseTable | None:
    """The base, where it is a market file or the window before.

    Parameters
    ----------
    run : RunConfig
        Resolved configuration.
    accounts : AccountTable
        As read.
    events, outcomes : DatedTable or None
        Dated history.
    as_of : Timestamp or None
        Date of the picture.

    Returns
    -------
    BaseTable or None
        None where it is a part of the accounts.

    Raises
    ------
    TableError
        The file cannot be read (``ICP100`` to ``ICP112``), shares no column, or holds too few accounts (``ICP243``).
    """
    choice = run.profiles.base
    if choice not in BASES:
        with step("reading the base"):
            reading = replace(run.accounts, missing_values=[*run.accounts.missing_values, *accounts.placeholders])
            base = read_market(choice, reading, accounts.columns, as_of)
    elif choice == "previous":
        assert as_of is not None  # noqa: S101 - dated labels have a date
        with step("labelling the best customers of the window before"):
            base = _window_before(run, accounts, events, outcomes, as_of)
    else:
        return None
    if len(base.accounts) < MIN_BASE:
        message = f"the base, {base.name}, holds {len(base.accounts)} accounts: too few to compare with."
        raise TableError.one("ICP243", message, f"At least {MIN_BASE} are needed; choose another profiles.base.")
    return base


def _window_before(
    run: RunConfig,
    accounts: AccountTable,
    events: DatedTable | None,
    outcomes: DatedTable | None,
    as_of: pd.Timestamp,
) -> BaseTable:
    """The best customers by the same definition, one window earlier."""
    days = window_days(run.labels.window)
    then = as_of - pd.Timedelta(days=days)
    try:
        labels = make_labels(run.labels, replace(accounts, as_of=then), outcomes, as_of=then, events=events)
    except TableError as error:
        message = f"nothing is known of the {days} days before {as_of:%Y-%m-%d}: {error.problems[0].message}"
        raise TableError.one("ICP243", message, "Bring older outcomes, or choose another profiles.base.") from None
    best = (labels.label == 1).to_numpy()
    return BaseTable(f"the best customers of the {days} days before", account_mask(accounts, best), labels.as_of[best])
