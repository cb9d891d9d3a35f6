"""From a definition to labels."""

from __future__ import annotations

import logging
import math
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icp.errors import ConfigError, ICPError, Problem, TableError, did_you_mean
from icp.labels._customers import customers
from icp.labels._dates import is_dated, window_days
from icp.labels._recipes import RECIPES, Marks, flag, money_column, revenue_column
from icp.labels._signoff import check_signoff, definition_sha, read_signoff, stored_options
from icp.labels._window import open_window
from icp.labels._worked import leave_unworked_out, worked_accounts
from icp.options import LabelOptions
from icp.tables import AccountTable, DatedTable, Definition, LabelTable

__all__ = ["definition_problems", "label_columns", "make_labels"]

log = logging.getLogger(__name__)

_IN_COLUMN = ("flag", "customers")
_RECIPE_NAMES = (*_IN_COLUMN, *RECIPES)


def label_columns(options: LabelOptions) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Columns of the accounts table that a definition reads.

    Parameters
    ----------
    options : LabelOptions
        The definition.

    Returns
    -------
    text, numeric : tuple of str
        Columns to be read as text and as numbers; never traits.

    Examples
    --------
    >>> label_columns(LabelOptions(column="Converted"))
    (('Converted',), ())
    """
    text = (options.column,) if options.recipe in _IN_COLUMN and options.column else ()
    numeric = [options.column] if options.recipe == "revenue" and options.column else []
    if isinstance(options.amount, str) and options.amount not in numeric:
        numeric.append(options.amount)
    return text, tuple(numeric)


def definition_problems(options: LabelOptions) -> list[Problem]:
    """What is wrong with a definition by itself, before any table is read.

    Parameters
    ----------
    options : LabelOptions
        The definition.

    Returns
    -------
    list of Problem
        Of its options (``ICP210``, ``ICP211``, ``ICP216``, ``ICP233``) and its sign-off (``ICP316``); empty when all is
        well.

    Examples
    --------
    >>> [problem.code for problem in definition_problems(LabelOptions(window="soon", signoff="nowhere.yaml"))]
    ['ICP210', 'ICP216', 'ICP316']
    """
    problems = []
    if options.recipe not in _RECIPE_NAMES:
        near = did_you_mean(options.recipe, _RECIPE_NAMES)
        action = f"{near}Choose one of {', '.join(_RECIPE_NAMES)}."
        problems.append(Problem("ICP211", f"labels.recipe is '{options.recipe}'.", action))
    if options.recipe in _IN_COLUMN and not options.column:
        action = (
            "Set it to the column of the accounts table that says who is best, for example labels.column=Converted."
        )
        problems.append(Problem("ICP210", "labels.column is not set.", action))
    try:
        window_days(options.window)
    except ICPError as error:
        problems += error.problems
    if not _is_number(options.top_share) or not 0.0 < options.top_share < 1.0:
        action = "It is a share between 0 and 1, for example 0.2."
        problems.append(Problem("ICP233", f"labels.top_share is {options.top_share!r}.", action))
    if options.amount is not None and not isinstance(options.amount, str) and not _is_number(options.amount):
        action = "It is a number (least revenue) or the name of a column."
        problems.append(Problem("ICP233", f"labels.amount is {options.amount!r}.", action))
    elif _is_number(options.amount) and options.recipe != "revenue":
        action = "Only labels=revenue takes a number; for expected value give the name of a column."
        problems.append(Problem("ICP233", f"labels.amount is {options.amount!r}.", action))
    try:
        check_signoff(options.signoff)
    except ConfigError as error:
        problems += error.problems
    return problems


def make_labels(
    options: LabelOptions,
    accounts: AccountTable,
    outcomes: DatedTable | None = None,
    *,
    as_of: pd.Timestamp | None,
    events: DatedTable | None = None,
) -> LabelTable:
    """Say of every account whether it is best, is not, or cannot be told.

    Parameters
    ----------
    options : LabelOptions
        The definition.
    accounts : AccountTable
        Read with the columns of :func:`label_columns`.
    outcomes : DatedTable, default=None
        Dated outcomes, for the recipes that read them.
    as_of : Timestamp or None
        As from :func:`icp.labels.choose_as_of`; rows with a date of their own use that.
    events : DatedTable, default=None
        With outcomes, they show which accounts that are known by id only were there at the as-of date.

    Returns
    -------
    LabelTable
        Same rows as the accounts.

    Raises
    ------
    ConfigError
        The definition cannot be used (``ICP210`` to ``ICP219``, ``ICP232``, ``ICP233``, ``ICP316``).
    TableError
        The tables do not hold what it reads (``ICP102``, ``ICP225``, ``ICP227``, ``ICP234``).

    Examples
    --------
    >>> from icp.tables import Column
    >>> frame = pd.DataFrame({"Converted": ["1", "0", "1"]}, index=pd.Index(["A-1", "A-2", "A-3"], name="account_id"))
    >>> accounts = AccountTable(frame, (Column("Converted", "label", "categorical", "asked for"),), "demo", None)
    >>> labels = make_labels(LabelOptions(column="Converted", positive=1), accounts, as_of=None)
    >>> labels.label.tolist(), labels.definition.text
    ([1.0, 0.0, 1.0], 'Converted is 1')
    """
    _check(options, accounts)
    dates = _dates(accounts, as_of)
    days = None
    touched: NDArray[np.bool_] | None = None
    if is_dated(options):
        window = open_window(options, accounts, outcomes, events, dates)
        days, touched = window.days, window.count(window.past) > 0
        marks = RECIPES[options.recipe](options, window, outcomes)  # type: ignore[arg-type]
        findings = (*window.findings, *marks.findings)
    else:
        in_column = {"flag": flag, "customers": customers}.get(options.recipe, revenue_column)
        marks = in_column(options, accounts)
        findings = marks.findings
    index, unworked = accounts.frame.index, None
    worked = worked_accounts(accounts)
    if worked is not None:
        may = marks.eligible if days is not None else np.ones(len(accounts), dtype=bool)
        label, unworked, found = leave_unworked_out(marks.label, may, worked)
        marks, findings = replace(marks, label=label), (*findings, *found)
    definition = _definition(options, marks, as_of, days)
    signoff, said = read_signoff(options.signoff, definition)
    definition = replace(definition, signoff=signoff)
    log.info("%s: %d best, %d not", definition.text, definition.n_attained, definition.n_attrited)
    return LabelTable(
        pd.Series(marks.label, index, name="label"),
        pd.Series(_amounts(options, accounts, marks), index, name="amount"),
        dates,
        definition,
        (*findings, *said),
        None if unworked is None else pd.Series(unworked, index, name="unworked"),
        pd.Series(marks.eligible, index, name="eligible"),
        _who_was_worked(worked, touched, index),
    )


def _who_was_worked(
    worked: NDArray[np.bool_] | None, touched: NDArray[np.bool_] | None, index: pd.Index
) -> pd.Series | None:
    """By the column that says so, else by the outcomes in the window."""
    said = touched if worked is None else worked
    return None if said is None else pd.Series(said, index, name="worked")


def _dates(accounts: AccountTable, as_of: pd.Timestamp | None) -> pd.Series:
    """As-of date of each row: its own, else the common one."""
    common = np.datetime64("NaT", "us") if as_of is None else np.datetime64(as_of, "us")
    dates = np.full(len(accounts), common, dtype="datetime64[us]")
    if accounts.observed_at is not None:
        own = accounts.observed_at.to_numpy("datetime64[us]")
        dates = np.where(np.isnat(own), dates, own)
    return pd.Series(dates, accounts.frame.index, name="as_of")


def _amounts(options: LabelOptions, accounts: AccountTable, marks: Marks) -> NDArray[np.float64]:
    """Money of the best customers; NaN for the others."""
    amount = money_column(accounts, options.amount) if isinstance(options.amount, str) else marks.amount
    return np.where(marks.label == 1.0, amount, np.nan)


def _definition(options: LabelOptions, marks: Marks, as_of: pd.Timestamp | None, days: int | None) -> Definition:
    base = int((marks.label == 0.0).sum())
    unlabelled = int(np.isnan(marks.label).sum())
    if options.recipe == "customers":
        base, unlabelled = 0, base + unlabelled
    return Definition(
        recipe=options.recipe,
        version=str(options.definition_version),
        text=marks.text,
        parameters=stored_options(options),
        as_of="" if as_of is None else f"{as_of:%Y-%m-%d}",
        window_days=days,
        n_eligible=int(marks.eligible.sum()),
        n_attained=int((marks.label == 1.0).sum()),
        n_attrited=base,
        n_unlabelled=unlabelled,
        sha256=definition_sha(options),
    )


def _check(options: LabelOptions, accounts: AccountTable) -> None:
    """Everything that is wrong with the options, at once; then whether their columns are there."""
    problems = definition_problems(options)
    if problems:
        raise ConfigError("the definition of best cannot be used", problems)
    available = [str(name) for name in accounts.frame.columns]
    text, numeric = label_columns(options)
    missing = [name for name in (*text, *numeric) if name not in available]
    if missing:
        hint = "Set labels.column and labels.amount to columns of the accounts table."
        found = TableError.missing_columns(missing, available, hint)
        raise TableError.in_table("accounts", len(accounts), accounts.source, found)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
