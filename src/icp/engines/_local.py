"""The local engine: one process over a table in memory, batch by batch through the core."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from icp._csv import csv_bytes
from icp._progress import step
from icp.accounts import RawTable, account_ids, conform, parse_column
from icp.bundle import Bundle
from icp.engines._core import (
    DATED_PREFIX,
    ID_COLUMN,
    TOLERANCE,
    BatchNotes,
    ScoringContext,
    score_batch,
)
from icp.errors import Problem, TableError
from icp.options import AccountOptions
from icp.tables import Column, DatedTable, Finding
from icp.traits import dated_values

__all__ = ["BATCH_ROWS", "ScoredTable", "batches", "prepare", "score_table", "to_text", "write_scores"]

BATCH_ROWS = 20_000
_DECIMALS = {"propensity": 6, "percentile": 2, "expected_value": 2} | dict.fromkeys(
    ("margin_before", "data", "model", "calibration", "margin_after"), 12
)


@dataclass(frozen=True)
class ScoredTable:
    """Scores of a whole table.

    Parameters
    ----------
    table : Table
        One row per input row, with ``SCORE_COLUMNS``.
    findings : tuple of Finding
        What scoring found.
    tally : ndarray of int64 or None, default=None
        Where traits and scores lie, for :func:`icp.checks.drift`.
    """

    table: pa.Table
    findings: tuple[Finding, ...]
    tally: np.ndarray | None = None

    def frame(self) -> pd.DataFrame:
        """The scores as pandas sees them.

        Returns
        -------
        DataFrame, shape (n_accounts, n_columns)
            Indexed by ``account_id``, in input order.
        """
        return self.table.to_pandas().set_index("account_id")


def prepare(
    raw: RawTable,
    bundle: Bundle,
    options: AccountOptions,
    *,
    events: DatedTable | None = None,
    outcomes: DatedTable | None = None,
    as_of: pd.Timestamp | None = None,
    verify_all: bool = False,
) -> tuple[pa.Table, ScoringContext, tuple[Finding, ...]]:
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

    Returns
    -------
    table : Table
        For :func:`score_table`.
    context : ScoringContext
        For :func:`score_table`.
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
    columns, found = conform(raw, wanted, options)
    ids, id_findings = account_ids(raw, options)
    own_dates = _own_dates(raw, columns, bundle)
    picture = picture_date(bundle, as_of, own_dates, events, outcomes)
    table = raw.table.select([column.name for column in columns]).append_column(
        ID_COLUMN, pa.array(ids.to_numpy(dtype=object), pa.string())
    )
    dated = [j for j, trait in enumerate(bundle.traits) if trait.rule.startswith(("events:", "outcomes:"))]
    if dated:
        as_ofs = np.where(np.isnat(own_dates), picture, own_dates)
        values = dated_values(events, outcomes, ids, as_ofs, bundle.traits)
        for j in dated:
            table = table.append_column(DATED_PREFIX + bundle.traits[j].name, pa.array(values[:, j]))
    missing = tuple(dict.fromkeys((*bundle.missing_values, *options.missing_values)))
    history = [finding for given in (events, outcomes) if given is not None for finding in given.findings]
    findings = (*model_findings(bundle, as_of), *raw.findings, *history, *found, *id_findings)
    return table, ScoringContext(bundle, columns, missing, picture, verify_all), findings


def score_table(table: pa.Table, context: ScoringContext, batch_rows: int = BATCH_ROWS) -> ScoredTable:
    """Score a whole table through the core.

    Parameters
    ----------
    table : Table
        From :func:`prepare`.
    context : ScoringContext
        From :func:`prepare`.
    batch_rows : int, default=20000
        Rows per batch; changes no score.

    Returns
    -------
    ScoredTable
        In input order.
    """
    scored: list[pa.RecordBatch] = []
    notes: list[BatchNotes] = []
    with step(f"scoring {len(table):,} accounts") as advance:
        for batch in batches(table, batch_rows):
            result, note = score_batch(batch, context)
            scored.append(result)
            notes.append(note)
            advance(sum(map(len, scored)) / max(len(table), 1))
    tallies = [note.tally for note in notes if note.tally is not None]
    tally = np.sum(tallies, axis=0) if tallies else None
    return ScoredTable(pa.Table.from_batches(scored), run_findings(notes, len(table)), tally)


def to_text(table: pa.Table) -> pa.Table:
    """Scores as the text of ``scores.csv``: fixed decimals, no exponent.

    Parameters
    ----------
    table : Table
        As scored.

    Returns
    -------
    Table
        Text columns only.
    """
    columns = {}
    for name in table.column_names:
        column = table.column(name)
        if name in _DECIMALS:
            column = column.cast(pa.decimal128(24, _DECIMALS[name]))
        text = column.cast(pa.string())
        # Arrow writes a decimal as small as 0.0000001 with an exponent
        small = pa.compute.match_substring(text, "E")
        if name in _DECIMALS and pa.compute.any(small).as_py():
            plain = [None if cell is None else f"{cell:f}" for cell in column.to_pylist()]
            text = pa.compute.if_else(small, pa.chunked_array([pa.array(plain, pa.string())]), text)
        columns[name] = text
    return pa.table(columns)


def write_scores(table: pa.Table, file: Path) -> None:
    """Write scores as CSV or, by the file's ending, Parquet.

    Parameters
    ----------
    table : Table
        As scored.
    file : Path
        Ending in ``.csv`` or ``.parquet``.
    """
    if file.suffix == ".parquet":
        pq.write_table(table, file, compression="zstd")
    else:
        file.write_bytes(csv_bytes(to_text(table)))


def batches(table: pa.Table, batch_rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
    """Batches of exactly ``batch_rows`` rows (the last may be smaller); one empty batch for an empty table.

    Parameters
    ----------
    table : Table
        From :func:`prepare`.
    batch_rows : int, default=20000
        Rows per batch.

    Yields
    ------
    RecordBatch
        In order.
    """
    for start in range(0, max(len(table), 1), batch_rows):
        part = table.slice(start, batch_rows).combine_chunks()
        yield part.to_batches()[0] if len(part) else pa.RecordBatch.from_pylist([], schema=table.schema)


def model_findings(bundle: Bundle, as_of: pd.Timestamp | None) -> Iterator[Finding]:
    """What a list from this model, of this date, should not be used for."""
    if not bundle.signal:
        message = "the model found no signal: its order is no better than chance, and every row has confidence low."
        yield Finding("ICP405", "issue", message)
    if as_of is not None and bundle.as_of and as_of < pd.Timestamp(bundle.as_of):
        message = (
            f"as_of {as_of.date()} is earlier than the model's own date {bundle.as_of}: later dates were not read."
        )
        yield Finding("ICP406", "warning", message, evidence={"as_of": str(as_of.date()), "model": bundle.as_of})


def require_dated(bundle: Bundle, events: DatedTable | None, outcomes: DatedTable | None) -> None:
    """Refuse a run that lacks a dated table the model reads."""
    problems = []
    for name, given in (("events", events), ("outcomes", outcomes)):
        wanting = [trait.label for trait in bundle.traits if trait.rule.startswith(f"{name}:")]
        if wanting and given is None:
            message = f"the model has {len(wanting)} traits from {name}, and no {name} are given."
            action = f"Add {name}=csv {name}.path=... {name}.account_id=... {name}.at=..., as in training."
            problems.append(Problem("ICP401", message, action, examples=tuple(wanting)))
    if problems:
        raise TableError("The model cannot read this input.", problems)


def _own_dates(raw: RawTable, columns: tuple[Column, ...], bundle: Bundle) -> np.ndarray:
    own = [column for column in columns if column.role == "observed_at"]
    if not own:
        return np.full(len(raw.table), np.datetime64("NaT", "us"))
    return parse_column(raw.table.column(own[0].name), own[0], bundle.missing_values)[0].astype("datetime64[us]")


def picture_date(
    bundle: Bundle,
    as_of: pd.Timestamp | None,
    own_dates: np.ndarray,
    events: DatedTable | None,
    outcomes: DatedTable | None,
) -> np.datetime64:
    """The date asked for, else the latest of the model's own date and the dates in the data."""
    if as_of is not None:
        return as_of.to_datetime64().astype("datetime64[us]")
    dates = [np.datetime64(bundle.as_of, "us")] if bundle.as_of else []
    dates.extend(np.sort(own_dates[~np.isnat(own_dates)])[-1:])
    filled = [table for table in (events, outcomes) if table is not None and len(table)]
    dates += [table.frame["at"].max().to_datetime64().astype("datetime64[us]") for table in filled]
    known = [date for date in dates if date > np.datetime64(0, "us")]
    return max(known).astype("datetime64[D]").astype("datetime64[us]") if known else np.datetime64("NaT", "us")


def run_findings(notes: list[BatchNotes], n_rows: int) -> tuple[Finding, ...]:
    """What the notes of all batches come to."""
    findings = []
    totals: dict[str, int] = {}
    for note in notes:
        for name, count in note.n_unreadable.items():
            totals[name] = totals.get(name, 0) + count
    for name, count in totals.items():
        if count:
            share = count / n_rows
            severity = "issue" if share > 0.5 else "warning" if share > 0.05 else "note"
            message = f"{count:,} cells of column '{name}' could not be read as in training and count as not known."
            findings.append(Finding("ICP402", severity, message, "repaired", name, count))  # type: ignore[arg-type]
    without = sum(note.n_without_data for note in notes)
    if without:
        message = f"{without:,} accounts have no value in any column the model reads: they get the base rate."
        findings.append(Finding("ICP403", "warning", message, "noted", n_rows=without))
    findings += _far_findings(notes, n_rows)
    error = max((note.additivity_error for note in notes), default=0.0)
    if error > TOLERANCE:
        message = "the contributions do not add up to the model's own score, so no reasons were written."
        findings.append(Finding("ICP404", "issue", message, "refused", evidence={"max_error": error}))
    return tuple(findings)


def _far_findings(notes: list[BatchNotes], n_rows: int) -> Iterator[Finding]:
    """More accounts far from those learned on than accounts like them would show."""
    far = sum(note.n_far for note in notes)
    expected = 0.01 * n_rows
    if far >= 5 and far > expected + 4.0 * np.sqrt(expected):
        share = 100.0 * far / n_rows
        message = (
            f"{far:,} accounts ({share:.1f} %) lie further from those the model learned on than 99 % of accounts like "
            "them do: their confidence is low. Check units and columns; another population needs a model of its own."
        )
        severity = "warning" if share > 10.0 else "note"
        yield Finding("ICP407", severity, message, n_rows=far, evidence={"share": far / n_rows, "expected_share": 0.01})  # type: ignore[arg-type]
    extrapolated = sum(note.n_extrapolated for note in notes)
    if extrapolated:
        message = (
            f"{extrapolated:,} accounts are unlike any that sales worked: their score is extrapolated, their "
            "confidence low. Work a few of them at random to learn whether the score holds there."
        )
        yield Finding("ICP408", "note", message, n_rows=extrapolated)
