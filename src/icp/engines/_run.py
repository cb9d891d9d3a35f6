"""The local engine's run: batches scored side by side on the cores there are, given back in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from typing import Literal, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa

from icp._progress import step
from icp._stored import read_batches
from icp.engines._core import TOLERANCE, BatchNotes, ScoringContext, score_batch
from icp.engines._rows import BATCH_ROWS
from icp.engines._write import best_rows
from icp.tables import Finding

__all__ = ["ScoredTable", "ScoringRun", "in_order", "score_table"]

TOP = 10
Given = TypeVar("Given")
Made = TypeVar("Made")


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


class ScoringRun:
    """What adds up over the batches of a run.

    Parameters
    ----------
    context : ScoringContext
        Model and reading rules.
    n_rows : int
        Rows there are.

    Attributes
    ----------
    tally : ndarray of int64 or None
        Where traits and scores lie, for :func:`icp.checks.drift`.
    tiers : dict of str to int
        Accounts in each tier.
    as_of : str or None
        Date of the first row's picture.
    """

    def __init__(self, context: ScoringContext, n_rows: int) -> None:
        self.context, self.n_rows = context, n_rows
        self.tally: np.ndarray | None = None
        self.tiers = dict.fromkeys("ABCD", 0)
        self._tops: list[pa.RecordBatch] = []
        self.as_of: str | None = None
        self._unreadable: dict[str, int] = {}
        self._late: dict[str, int] = {}
        self._error = 0.0
        self._n_without_data = self._n_far = self._n_extrapolated = 0

    def over(
        self, given: Iterable[Given], made: Callable[[Given], pa.RecordBatch], then: Callable[[pa.RecordBatch], Made]
    ) -> Iterator[tuple[pa.RecordBatch, Made]]:
        """Score batch after batch; at any time a few of them are in memory.

        Parameters
        ----------
        given : iterable
            What batches are made from.
        made : callable
            Makes a batch for the core.
        then : callable
            What else to do with scored rows on the cores there are.

        Yields
        ------
        scored : RecordBatch
            In the order of ``given``.
        done : object
            What ``then`` gave.
        """

        def work(one: Given) -> tuple[pa.RecordBatch, BatchNotes, Made]:
            scored, notes = score_batch(made(one), self.context)
            return scored, notes, then(scored)

        n_done = 0
        with step(f"scoring {self.n_rows:,} accounts", self.n_rows) as advance:
            for scored, notes, done in in_order(given, work):
                self._add(scored, notes)
                yield scored, done
                n_done += len(scored)
                advance(n_done / max(self.n_rows, 1))

    def note(self, notes: BatchNotes) -> None:
        """Add what a batch noted.

        Parameters
        ----------
        notes : BatchNotes
            From the core.
        """
        for counted, new in ((self._unreadable, notes.n_unreadable), (self._late, notes.n_late)):
            for name, count in new.items():
                counted[name] = counted.get(name, 0) + count
        self._error = max(self._error, notes.additivity_error)
        self._n_without_data += notes.n_without_data
        self._n_far += notes.n_far
        self._n_extrapolated += notes.n_extrapolated
        if notes.tally is not None:
            self.tally = notes.tally if self.tally is None else self.tally + notes.tally

    def findings(self) -> tuple[Finding, ...]:
        """What scoring found, when it is over.

        Returns
        -------
        tuple of Finding
            ``ICP132``, ``ICP402`` to ``ICP408``.
        """
        findings = []
        for name, count in self._unreadable.items():
            if count:
                share = count / self.n_rows
                severity = "issue" if share > 0.5 else "warning" if share > 0.05 else "note"
                message = f"{count:,} cells of column '{name}' could not be read as in training and count as not known."
                findings.append(Finding("ICP402", severity, message, "repaired", name, count))  # type: ignore[arg-type]
        findings += _late_findings(self._late, self.n_rows, self.as_of)
        if self._n_without_data:
            n = self._n_without_data
            message = f"{n:,} accounts have no value in any column the model reads: they get the base rate."
            findings.append(Finding("ICP403", "warning", message, "noted", n_rows=n))
        findings += _far_findings(self._n_far, self._n_extrapolated, self.n_rows)
        if self._error > TOLERANCE:
            message = "the contributions do not add up to the model's own score, so no reasons were written."
            findings.append(Finding("ICP404", "issue", message, "refused", evidence={"max_error": self._error}))
        return tuple(findings)

    def best(self) -> pd.DataFrame:
        """The ten best rows, the earlier first where they tie.

        Returns
        -------
        DataFrame
            Indexed by ``account_id``.
        """
        tops = pa.Table.from_batches(self._tops).combine_chunks().to_batches()
        return (best_rows(tops[0], TOP) if tops else self._tops[0]).to_pandas().set_index("account_id")

    def keep_best(self, scored: pa.RecordBatch) -> None:
        """Remember the best of some rows.

        Parameters
        ----------
        scored : RecordBatch
            As scored; later in the input than those remembered before.
        """
        self._tops.append(best_rows(scored, TOP))

    def _add(self, scored: pa.RecordBatch, notes: BatchNotes) -> None:
        self.note(notes)
        for letter, count in _counts(scored.column("tier")).items():
            self.tiers[letter] = self.tiers.get(letter, 0) + count
        if not self._tops and len(scored):
            self.as_of = scored.column("as_of")[0].as_py()
        self.keep_best(scored)


def _late_findings(late: Mapping[str, int], n_rows: int, as_of: str | None) -> Iterator[Finding]:
    for name, count in late.items():
        if count:
            message = (
                f"{count:,} dates of '{name}' lie after the date of the picture ({as_of}) and count as not known: "
                "give as_of=, the day of the export."
            )
            severity: Literal["note", "warning"] = "warning" if count > 0.05 * n_rows else "note"
            yield Finding("ICP132", severity, message, "repaired", name, count)


def score_table(table: pa.Table, context: ScoringContext, batch_rows: int = BATCH_ROWS) -> ScoredTable:
    """Score a whole table through the core.

    Parameters
    ----------
    table : Table
        From :meth:`AccountRows.table`.
    context : ScoringContext
        From :func:`prepare`.
    batch_rows : int, default=10000
        Rows per batch; changes no score.

    Returns
    -------
    ScoredTable
        In input order.
    """
    run = ScoringRun(context, len(table))
    batches = read_batches(table, table.column_names, batch_rows)
    scored = [batch for batch, _ in run.over(batches, lambda batch: batch, lambda _: None)]
    return ScoredTable(pa.Table.from_batches(scored), run.findings(), run.tally)


def in_order(given: Iterable[Given], work: Callable[[Given], Made]) -> Iterator[Made]:
    """Work on what is given side by side, with results in the order given and few of them at a time.

    Arrow and the compiled kernel let go of the interpreter, so threads are enough. What is given is read on the calling
    thread while others work.

    Parameters
    ----------
    given : iterable
        Read as work gets done, never far ahead.
    work : callable
        What to do with each.

    Yields
    ------
    object
        What ``work`` gave.
    """
    n_workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    rest = iter(given)
    first = list(islice(rest, 2))
    if len(first) < 2:
        yield from map(work, first)
        return
    waiting: deque[Future[Made]] = deque()
    with ThreadPoolExecutor(n_workers) as pool:
        try:
            for one in chain(first, rest):
                waiting.append(pool.submit(work, one))
                if len(waiting) > n_workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _counts(words: pa.Array) -> Mapping[str, int]:
    return {entry["values"]: entry["counts"] for entry in words.value_counts().to_pylist()}


def _far_findings(far: int, extrapolated: int, n_rows: int) -> Iterator[Finding]:
    """More accounts far from those learned on than accounts like them would show."""
    expected = 0.01 * n_rows
    if far >= 5 and far > expected + 4.0 * np.sqrt(expected):
        share = 100.0 * far / n_rows
        message = (
            f"{far:,} accounts ({share:.1f} %) lie further from those the model learned on than 99 % of accounts like "
            "them do: their confidence is low. Check units and columns; another population needs a model of its own."
        )
        severity = "warning" if share > 10.0 else "note"
        yield Finding("ICP407", severity, message, n_rows=far, evidence={"share": far / n_rows, "expected_share": 0.01})  # type: ignore[arg-type]
    if extrapolated:
        message = (
            f"{extrapolated:,} accounts are unlike any that sales worked: their score is extrapolated, their "
            "confidence low. Work a few of them at random to learn whether the score holds there."
        )
        yield Finding("ICP408", "note", message, n_rows=extrapolated)
