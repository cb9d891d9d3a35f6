"""The local engine: how a source is to be read for a model, decided over the whole of it before a row is scored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from icp._stored import read_batches
from icp.accounts import RawTable, check_ids, conform
from icp.bundle import Bundle
from icp.engines._core import ScoringContext
from icp.engines._rows import AccountRows, own_dates
from icp.errors import Problem, TableError
from icp.messages import MessageBook
from icp.options import AccountOptions
from icp.tables import Column, DatedTable, Finding

__all__ = ["model_findings", "picture_date", "prepare", "require_dated"]


def prepare(
    raw: RawTable,
    bundle: Bundle,
    options: AccountOptions,
    *,
    events: DatedTable | None = None,
    outcomes: DatedTable | None = None,
    as_of: pd.Timestamp | None = None,
    verify_all: bool = False,
    folder: Path | None = None,
    messages: MessageBook | None = None,
    findings: bool = True,
) -> tuple[AccountRows, ScoringContext, tuple[Finding, ...]]:
    """Everything the core needs of a source: its cells, its ids, its dated traits, and how to read it.

    Parameters
    ----------
    raw : RawTable
        Accounts as read, not parsed.
    bundle : Bundle
        The model.
    options : AccountOptions
        Where the ids are.
    events, outcomes : DatedTable, default=None
        Dated history; needed when the model has traits from it.
    as_of : Timestamp, default=None
        Date of the picture; default the latest of the model's own and the dates in the data.
    verify_all : bool, default=False
        Check the contributions of every row.
    folder : Path, default=None
        Where ids go while repeats are looked for; None keeps them in memory.
    messages : MessageBook, default=None
        Messages in place of those the model holds.
    findings : bool, default=True
        Whether to look for what changes no score and is only told.

    Returns
    -------
    rows : AccountRows
        To be scored.
    context : ScoringContext
        For :class:`ScoringRun`.
    findings : tuple of Finding
        About reading, ids and columns.

    Raises
    ------
    TableError
        Columns or dated tables that the model reads are missing.
    """
    require_dated(bundle, events, outcomes)
    present = set(raw.table.column_names)
    wanted = [column for column in bundle.columns if column.role != "observed_at" or column.name in present]
    columns, found = conform(raw, wanted, options, findings=findings)
    id_findings = check_ids(raw, options, folder, findings=findings)
    picture = picture_date(bundle, as_of, _own_dates(raw, columns, bundle), (events, outcomes))
    rows = AccountRows(raw, bundle, options, columns, picture, events, outcomes)
    missing = tuple(dict.fromkeys((*bundle.missing_values, *options.missing_values)))
    history = [finding for given in (events, outcomes) if given is not None for finding in given.findings]
    told = (*model_findings(bundle, as_of, picture), *raw.findings, *history, *found, *id_findings)
    return rows, ScoringContext(bundle, columns, missing, picture, verify_all, messages), told


def model_findings(bundle: Bundle, as_of: pd.Timestamp | None, picture: np.datetime64) -> Iterator[Finding]:
    """What a list from this model, of this date, should not be used for."""
    if not bundle.signal:
        message = "the model found no signal: its order is no better than chance, and every row has confidence low."
        yield Finding("ICP405", "issue", message)
    if as_of is None and not np.isnat(picture):
        chosen = f"{pd.Timestamp(picture):%Y-%m-%d}"
        whose = "the date of the model" if chosen == bundle.as_of else "the latest date in the data"
        message = (
            f"as_of is not given: {chosen}, {whose}, was taken. A list of today needs as_of=, the day of the export."
        )
        yield Finding("ICP226", "note", message, evidence={"as_of": chosen})
    if as_of is not None and bundle.as_of and as_of < pd.Timestamp(bundle.as_of):
        message = (
            f"as_of {as_of.date()} is earlier than the model's own date {bundle.as_of}: later dates were not read."
        )
        yield Finding("ICP406", "warning", message, evidence={"as_of": str(as_of.date()), "model": bundle.as_of})


def require_dated(bundle: Bundle, events: DatedTable | None, outcomes: DatedTable | None) -> None:
    """Refuse a run that lacks a dated table the model reads."""
    problems = []
    for name, given in (("events", events), ("outcomes", outcomes)):
        dated = [bundle.traits[j] for j in bundle.dated_traits]
        wanting = [trait.label for trait in dated if trait.rule.startswith(f"{name}:")]
        if wanting and given is None:
            message = f"the model has {len(wanting)} traits from {name}, and no {name} are given."
            action = f"Add {name}=csv {name}.path=... {name}.account_id=... {name}.at=..., as in training."
            problems.append(Problem("ICP401", message, action, examples=tuple(wanting)))
    if problems:
        raise TableError("The model cannot read this input.", problems)


def _own_dates(raw: RawTable, columns: tuple[Column, ...], bundle: Bundle) -> Iterator[np.datetime64]:
    """The latest of the rows' own dates in each batch."""
    observed = [column.name for column in columns if column.role == "observed_at"]
    for batch in read_batches(raw.table, observed) if observed else ():
        own = own_dates(batch, columns, bundle)
        yield from np.sort(own[~np.isnat(own)])[-1:]


def picture_date(
    bundle: Bundle,
    as_of: pd.Timestamp | None,
    own: Iterable[np.datetime64],
    history: Sequence[DatedTable | None],
) -> np.datetime64:
    """The date asked for, else the latest of the model's own date and the dates in the data."""
    if as_of is not None:
        return as_of.to_datetime64().astype("datetime64[us]")
    dates: list[np.datetime64] = [np.datetime64(bundle.as_of, "us")] if bundle.as_of else []
    dates.extend(own)
    filled = [table for table in history if table is not None and len(table)]
    dates += [table.frame["at"].max().to_datetime64().astype("datetime64[us]") for table in filled]
    known = [date for date in dates if date > np.datetime64(0, "us")]
    return max(known).astype("datetime64[D]").astype("datetime64[us]") if known else np.datetime64("NaT", "us")
