"""What every command that learns or judges does first: read accounts, events and outcomes, and make the labels."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd

from icp._base import check_base, read_base
from icp._progress import step
from icp._sources import as_of_date, read_history
from icp.accounts import check_accounts, check_dated, derive_accounts, read_accounts
from icp.checks import sufficiency
from icp.config import RunConfig, resolve
from icp.errors import ConfigError, ICPError, Problem
from icp.labels import choose_as_of, definition_problems, label_columns, make_labels
from icp.options import LabelOptions
from icp.tables import AccountTable, BaseTable, DatedTable, Finding, LabelTable

__all__ = ["Inputs", "fingerprint", "of_second", "read_inputs"]


@dataclass(frozen=True)
class Inputs:
    """The tables a model is made from.

    Parameters
    ----------
    accounts : AccountTable
        One row per account.
    events, outcomes : DatedTable or None
        Dated history.
    labels : LabelTable
        Same rows as the accounts.
    versus : LabelTable or None, default=None
        The same rows by the second definition, where there is one.
    base : BaseTable or None, default=None
        What the index profile compares with, where that is a market file or the window before.
    """

    accounts: AccountTable
    events: DatedTable | None
    outcomes: DatedTable | None
    labels: LabelTable
    versus: LabelTable | None = None
    base: BaseTable | None = None


def read_inputs(cfg: RunConfig) -> Inputs:
    """Read the accounts, events and outcomes of a configuration, and label the accounts.

    Parameters
    ----------
    cfg : RunConfig
        From :func:`icp.load_config`.

    Returns
    -------
    Inputs
        ``accounts``, ``labels``, ``events`` and ``outcomes``, ready for :meth:`icp.IdealCustomerModel.fit`; with a
        second definition ``versus``, its labels. What either definition reads is a trait of neither.

    Raises
    ------
    TableError, ConfigError
        As the reading and labelling stages say.

    Examples
    --------
    >>> inputs = read_inputs(icp.load_config("train"))
    >>> len(inputs.accounts), int(inputs.labels.label.sum())
    (5000, 357)
    """
    run = resolve(cfg)
    _check_definitions(run)
    check_base(run)
    given = as_of_date(run)
    events, outcomes = read_history(run)
    definitions = (run.labels,) if run.versus.recipe == "none" else (run.labels, run.versus)
    label_text, label_numeric = _columns_of_labels(definitions)
    with step("reading accounts"):
        if run.accounts.source == "derived":
            accounts = derive_accounts(*(table for table in (events, outcomes) if table is not None))
        else:
            accounts = read_accounts(run.accounts, as_of=given, label_text=label_text, label_numeric=label_numeric)
    check_accounts(accounts)
    for table in (events, outcomes):
        if table is not None:
            check_dated(table)
    as_of, finding = _earliest([choose_as_of(one, accounts, events, outcomes, given) for one in definitions])
    accounts = replace(accounts, as_of=as_of, findings=(*accounts.findings, *([finding] if finding else [])))
    for table in (events, outcomes):
        if table is not None:
            accounts = replace(accounts, findings=(*accounts.findings, *table.findings))
    with step("labelling best customers"):
        labels = make_labels(run.labels, accounts, outcomes, as_of=as_of, events=events)
    versus = None
    if len(definitions) == 2:
        versus = _second_labels(run.versus, accounts, outcomes, events, as_of)
    return Inputs(accounts, events, outcomes, labels, versus, read_base(run, accounts, events, outcomes, as_of))


def _check_definitions(run: RunConfig) -> None:
    """What is wrong with the definitions is said before a long table is read."""
    problems = definition_problems(run.labels)
    if run.versus.recipe != "none":
        problems += [_of_versus(one) for one in definition_problems(run.versus)]
    if problems:
        raise ConfigError("the definition of best cannot be used", problems)


def _columns_of_labels(definitions: tuple[LabelOptions, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Columns that any of the definitions reads, as text and as numbers."""
    read = [label_columns(one) for one in definitions]
    text, numeric = (tuple(dict.fromkeys(name for part in parts for name in part)) for parts in zip(*read, strict=True))
    both = [name for name in text if name in numeric]
    if both:
        raise ConfigError.one(
            "ICP346", f"column '{both[0]}' is read as values by one definition of best and as amounts by the other.",
            "Give one of them a copy of the column under another name.", column=both[0],
        )  # fmt: skip
    return text, numeric


def _earliest(
    chosen: list[tuple[pd.Timestamp | None, Finding | None]],
) -> tuple[pd.Timestamp | None, Finding | None]:
    """The first of the dates, so that the windows of all definitions are over, with what was said of it."""
    dated = [(as_of, finding) for as_of, finding in chosen if as_of is not None]
    first = min((as_of for as_of, _ in dated), default=None)
    return next(((as_of, finding) for as_of, finding in dated if as_of == first), chosen[0])


def _second_labels(
    options: LabelOptions,
    accounts: AccountTable,
    outcomes: DatedTable | None,
    events: DatedTable | None,
    as_of: pd.Timestamp | None,
) -> LabelTable:
    """Labels by the second definition, enough of them to learn from; everything said of it names ``versus``."""
    try:
        with step("labelling best customers by the second definition"):
            labels = make_labels(options, accounts, outcomes, as_of=as_of, events=events)
            _, few = sufficiency(int((labels.label == 1).sum()), int((labels.label == 0).sum()), labels.findings)
    except ICPError as error:
        problems = [_of_versus(one) for one in error.problems]
        raise type(error)("the second definition of best cannot be used", problems) from None
    return replace(labels, findings=of_second((*labels.findings, *few)))


def of_second(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings of the second definition, told apart from those of the first.

    Parameters
    ----------
    findings : iterable of Finding
        As a stage said them.

    Returns
    -------
    tuple of Finding
        Each starts with "Second definition"; keys are those of ``versus``.
    """
    return tuple(replace(one, message=f"Second definition: {_versus(one.message)}") for one in findings)


def _of_versus(problem: Problem) -> Problem:
    return replace(problem, message=_versus(problem.message), action=_versus(problem.action))


def _versus(text: str) -> str:
    """Keys of ``labels`` as those of ``versus``."""
    return re.sub(r"\blabels(?=[.=]\w)", "versus", text)


def fingerprint(inputs: Inputs) -> str:
    """Hash of everything that was read, the same for the same rows.

    Parameters
    ----------
    inputs : Inputs
        As read.

    Returns
    -------
    str
        sha256, hexadecimal.
    """
    digest = hashlib.sha256()
    frames = [inputs.accounts.frame, inputs.labels.label.to_frame()]
    frames += [table.frame for table in (inputs.events, inputs.outcomes) if table is not None]
    frames += [inputs.base.accounts.frame] if inputs.base is not None else []
    for frame in frames:
        digest.update("\x1f".join(map(str, frame.columns)).encode())
        digest.update(pd.util.hash_pandas_object(frame, index=True).to_numpy().tobytes())
    return digest.hexdigest()
