"""What ``validate`` looks at: every table, what each column was taken for, and every problem at once."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from icp._inputs import Inputs, read_inputs
from icp._sources import as_of_date, read_history
from icp.accounts import column_report, read_accounts, read_dated
from icp.checks import looks_sensitive, sufficiency
from icp.config import RunConfig
from icp.errors import ICPError, NotEnoughDataError, Problem, TableError
from icp.labels import label_columns
from icp.model import audit, know, left_out
from icp.options import TraitOptions
from icp.tables import AccountTable, DatedTable, Definition, Finding, LabelTable

__all__ = ["Validation", "validate"]


@dataclass(frozen=True)
class Validation:
    """What was read and found.

    Parameters
    ----------
    columns : DataFrame, one row per column
        See :func:`icp.accounts.column_report`.
    findings : tuple of Finding
        Of reading, labelling and the checks.
    lines : tuple of str
        The tables in words.
    definition : Definition or None, default=None
        What best means, for the sheet on which both teams sign it; None where the options do not say.
    """

    columns: pd.DataFrame
    findings: tuple[Finding, ...]
    lines: tuple[str, ...]
    definition: Definition | None = None


def validate(config: RunConfig) -> Validation:
    """Read every table of a run, label the accounts where the run says how, and check them.

    Parameters
    ----------
    config : RunConfig
        Resolved configuration.

    Returns
    -------
    Validation
        Columns, findings, and the tables in words.

    Raises
    ------
    ICPError
        Tables cannot be read; the problems of all of them at once.
    """
    if config.labels.recipe == "flag" and not config.labels.column:
        return _without_labels(config)
    try:
        inputs = read_inputs(config)
    except ICPError as error:
        raise _with_other_problems(config, error) from None
    checked, out = _check(config, inputs)
    findings = [*inputs.accounts.findings, *inputs.labels.findings, *checked]
    findings += looks_sensitive(inputs.accounts.columns)
    definition = inputs.labels.definition
    labelled = (
        f"best customers: {definition.text}: {definition.n_attained:,} best, {definition.n_attrited:,} not, "
        f"{definition.n_unlabelled:,} of which nothing is said"
    )
    lines = [_accounts_line(inputs.accounts, out)]
    lines += [f"{table.name}: {len(table):,} rows" for table in (inputs.events, inputs.outcomes) if table is not None]
    return Validation(column_report(inputs.accounts, out), tuple(findings), (*lines, labelled), definition)


def _without_labels(config: RunConfig) -> Validation:
    """The tables alone, when nobody has said yet who is best."""
    try:
        tables = [table for table in read_history(config) if table is not None]
        accounts = read_accounts(config.accounts, as_of=as_of_date(config))
    except ICPError as error:
        raise _with_other_problems(config, error) from None
    message = "labels.column is not set: how many best customers there are, and leakage, were not looked at."
    findings = [*accounts.findings, *(finding for table in tables for finding in table.findings)]
    findings += looks_sensitive(accounts.columns)
    findings.append(Finding("ICP123", "note", message))
    lines = [_accounts_line(accounts), *(f"{table.name}: {len(table):,} rows" for table in tables)]
    return Validation(column_report(accounts), tuple(findings), tuple(lines))


def _check(config: RunConfig, inputs: Inputs) -> tuple[list[Finding], dict[str, str]]:
    """Enough best customers, and nothing that gives the answer away; and why columns are left out for it."""
    label = inputs.labels.label.to_numpy(dtype=np.float64)
    try:
        _, found = sufficiency(int((label == 1).sum()), int((label == 0).sum()))
    except NotEnoughDataError as error:
        return _refusals(error), {}
    tables = (inputs.accounts, inputs.labels, inputs.events, inputs.outcomes)
    columns = inputs.accounts.columns
    try:
        known, suspects = know(*tables, config.traits)
    except NotEnoughDataError as error:
        quarantined, suspects = _audited(tables, config.traits)
        return [*found, *suspects, *_refusals(error)], left_out(columns, (), quarantined) if quarantined else {}
    return [*found, *suspects], left_out(columns, known.traits.traits, known.quarantined)


def _audited(
    tables: tuple[AccountTable, LabelTable, DatedTable | None, DatedTable | None], options: TraitOptions
) -> tuple[frozenset[str], list[Finding]]:
    """What the audit says where it leaves nothing to learn from."""
    try:
        seen = audit(*tables, options)
    except NotEnoughDataError:
        return frozenset(), []
    return seen.quarantined, seen.findings


def _refusals(error: NotEnoughDataError) -> list[Finding]:
    """What would stop a training run, as findings."""
    return [Finding(item.code, "issue", item.message, "refused", n_rows=item.n_rows) for item in error.problems]


def _with_other_problems(config: RunConfig, error: ICPError) -> ICPError:
    """The error that stopped the reading, with the problems of the tables that were not reached."""
    text, numeric = label_columns(config.labels)
    readers: list[Callable[[], object]] = []
    if config.accounts.source != "derived":
        readers.append(
            lambda: read_accounts(config.accounts, as_of=as_of_date(config), label_text=text, label_numeric=numeric)
        )
    if config.events.source != "none":
        readers.append(lambda: read_dated("events", config.events))
    if config.outcomes.source != "none":
        readers.append(lambda: read_dated("outcomes", config.outcomes))
    errors = {error.block(): error}
    for read in readers:
        try:
            read()
        except ICPError as other:
            errors.setdefault(other.block(), other)
    if len(errors) == 1:
        return error
    problems: list[Problem] = [problem for other in errors.values() for problem in other.problems]
    titles = "; ".join(other.title.rstrip(".") for other in errors.values())
    return TableError(f"{len(errors)} tables have problems: {titles}", problems)


def _accounts_line(accounts: AccountTable, left_out: Collection[str] = ()) -> str:
    used = sum(column.is_trait and column.name not in left_out for column in accounts.columns)
    as_of = "" if accounts.as_of is None else f", as of {accounts.as_of.date()}"
    return (
        f"accounts: {len(accounts):,} rows, {len(accounts.columns)} columns, {used} of them usable as traits "
        f"({accounts.source}{as_of})"
    )
