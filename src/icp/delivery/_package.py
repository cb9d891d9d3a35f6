"""From scores to the folder that sales operations loads."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from icp._csv import csv_header, csv_rows
from icp._files import to_json
from icp.delivery._cells import cell_problems, key_problems
from icp.delivery._loading import loading_steps
from icp.delivery._salesforce import salesforce_files
from icp.delivery._targets import FIELDS, Target, target
from icp.errors import DeliveryError, Problem
from icp.options import DeliveryOptions

__all__ = ["Delivery", "check_keys", "deliver"]

NEXT_ACTION = {"A": "call_now", "B": "research_first", "C": "nurture", "D": "hands_off", "not_scored": "research_first"}


@dataclass(frozen=True)
class Delivery:
    """A list as it was written.

    Parameters
    ----------
    target : Target
        Whose rules it keeps.
    folder : Path
        Sub-folder with its files.
    manifest : mapping
        As in ``manifest.json``.
    """

    target: Target
    folder: Path
    manifest: Mapping[str, Any]


def check_keys(ids: Callable[[], Iterable[pa.Array]], options: DeliveryOptions, folder: Path | None = None) -> None:
    """Refuse ids that cannot be keys, before any work is done for them.

    Parameters
    ----------
    ids : callable
        Gives batches of ids, as read.
    options : DeliveryOptions
        Target and key prefix; nothing is checked for ``none``.
    folder : Path, default=None
        Where keys go while repeats are looked for; None keeps them in memory.

    Raises
    ------
    DeliveryError
        Ids the target would refuse or mistake (``ICP602``, ``ICP603``).
    """
    if options.target == "none":
        return
    rules = target(options.target)

    def keys() -> Iterator[pa.Array]:
        return (pc.binary_join_element_wise(options.key_prefix, part, "") for part in ids())

    problems = key_problems(keys, folder)
    if problems:
        raise DeliveryError(f"The list cannot be written for {rules.title}.", problems)


def deliver(
    parts: Iterable[pa.Table],
    options: DeliveryOptions,
    folder: Path,
    *,
    run_id: str,
    model_sha256: str,
    package_version: str,
    facts: Mapping[str, Any] | None = None,
) -> Delivery:
    """Write scored rows for a target, into a sub-folder named after it.

    Parameters
    ----------
    parts : iterable of Table
        With the columns of ``scores.csv``, in the order of ``account_id``, which :func:`check_keys` has passed.
    options : DeliveryOptions
        Target, key prefix, chunk sizes, validity.
    folder : Path
        A stage, whose files appear together when all of them are written.
    run_id : str
        At most 36 characters; travels with every row.
    model_sha256 : str
        Content hash of the bundle.
    package_version : str
        Of icp.
    facts : mapping, default=None
        More keys for the manifest, such as ``definition_signed``.

    Returns
    -------
    Delivery
        What was written.

    Raises
    ------
    DeliveryError
        Cells the target would refuse or change (``ICP604``, ``ICP605``); all at once.
    """
    rules = target(options.target)
    place = folder / rules.name
    place.mkdir(parents=True)
    problems = _Problems()
    if options.line_ending not in ("LF", "CRLF"):
        problems.add(Problem("ICP605", f"line_ending={options.line_ending} is not known.", "Choose LF or CRLF."))
    files, totals = _Files(place, rules, options), _Totals()
    for part in parts:
        rows = _list_rows(part, options, run_id)
        for field in FIELDS[1:]:
            for problem in cell_problems(field, rows.column(field.name).combine_chunks()):
                problems.add(problem)
        files.add(rows)
        totals.add(rows)
    entries = files.close()
    problems.refuse(rules)
    manifest = {
        "schema_version": 1,
        "target": rules.name,
        "run_id": run_id,
        "package_version": package_version,
        "model_sha256": model_sha256,
        "encoding": "utf-8",
        "line_ending": options.line_ending,
        "null": rules.null,
        "key_column": rules.headers[0],
        "key_prefix": options.key_prefix,
        "columns": list(rules.headers),
        "limits": rules.limits,
        "files": entries,
        **totals.to_dict(),
        **(facts or {}),
    }
    side = salesforce_files(rules) if rules.name == "salesforce" else {}
    side |= {"manifest.json": to_json(manifest).encode(), "LOADING.md": loading_steps(rules, manifest).encode()}
    for name, content in side.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    return Delivery(rules, place, manifest)


class _Problems:
    """Problems of all parts, one for each thing that is wrong."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Problem] = {}

    def add(self, problem: Problem) -> None:
        key = (problem.code, problem.message)
        before = self._found.get(key)
        if before is not None:
            n_rows = (before.n_rows or 0) + (problem.n_rows or 0)
            problem = replace(problem, n_rows=n_rows, examples=(*before.examples, *problem.examples)[:3])
        self._found[key] = problem

    def refuse(self, rules: Target) -> None:
        if self._found:
            order = [field.name for field in FIELDS]
            found = sorted(self._found.values(), key=lambda one: order.index(one.column or order[-1]))
            raise DeliveryError(f"The list cannot be written for {rules.title}.", found)


class _Totals:
    """Counts that let a read-back be checked without the file."""

    def __init__(self) -> None:
        self._rows = self._n_scores = 0
        self._sum, self._least, self._most = Decimal(0), Decimal(100), Decimal(0)
        self._counts: dict[str, Counter[str]] = {name: Counter() for name in ("tier", "status", "confidence")}
        self._first: dict[str, str | None] = {"model_version": None, "score_date": None}

    def add(self, rows: pa.Table) -> None:
        self._rows += len(rows)
        for name, counts in self._counts.items():
            counts.update({one["values"]: one["counts"] for one in pc.value_counts(rows.column(name)).to_pylist()})
        for name, first in self._first.items():
            values = rows.column(name).drop_null()
            self._first[name] = values[0].as_py() if first is None and len(values) else first
        numbers = rows.column("score").drop_null().cast(pa.decimal128(24, 2))
        if len(numbers):
            self._n_scores += len(numbers)
            self._sum += pc.sum(numbers).as_py()
            self._least = min(self._least, pc.min(numbers).as_py())
            self._most = max(self._most, pc.max(numbers).as_py())

    def to_dict(self) -> dict[str, Any]:
        score = None
        if self._n_scores:
            score = {"min": float(self._least), "max": float(self._most)}
            score["mean"] = round(float(self._sum / self._n_scores), 4)
        return {
            "rows": self._rows,
            "model_version": self._first["model_version"],
            "as_of": self._first["score_date"],
            "counts": {name: dict(counts) for name, counts in self._counts.items()},
            "score": score,
        }


def _list_rows(scores: pa.Table, options: DeliveryOptions, run_id: str) -> pa.Table:
    """The list under canonical names."""
    n = len(scores)
    scored = pc.equal(scores.column("status"), "scored")
    tier = pc.if_else(scored, scores.column("tier"), "not_scored")
    low = pc.equal(scores.column("confidence"), "low")
    action = pa.array(NEXT_ACTION.values()).take(pc.index_in(tier, value_set=pa.array(NEXT_ACTION)))
    action = pc.if_else(pc.and_(low, pc.equal(action, "call_now")), "research_first", action)
    score = scores.column("percentile").cast(pa.decimal128(24, 2)).cast(pa.string())
    empty = pa.nulls(n, pa.string())
    date = scores.column("as_of")
    columns = {
        "account_key": pc.binary_join_element_wise(options.key_prefix, scores.column("account_id"), ""),
        "tier": tier,
        "score": pc.if_else(scored, score, pa.scalar(None, pa.string())),
        "score_change": empty,
        "tier_previous": empty,
        **{name: scores.column(name) for name in ("profile", "reason_1", "reason_2", "reason_3")},
        **{name: scores.column(name) for name in ("watch_out", "talking_point")},
        "next_action": action,
        **{name: scores.column(name) for name in ("confidence", "status")},
        "score_date": date,
        "valid_until": _later(date, options.valid_days),
        "model_version": scores.column("model_version"),
        "run_id": pa.array([run_id] * n, pa.string()),
    }
    return pa.table(columns)


def _later(dates: pa.ChunkedArray, days: int) -> pa.Array:
    as_days = dates.combine_chunks().cast(pa.date32()).cast(pa.int32())
    return pc.add(as_days, pa.scalar(days, pa.int32())).cast(pa.date32()).cast(pa.string())


class _Files:
    """The files of a list: of at most so many rows and bytes, cut at rows, each with the header."""

    def __init__(self, place: Path, rules: Target, options: DeliveryOptions) -> None:
        self._place, self._rules = place, rules
        self._line_end = "\r\n" if options.line_ending == "CRLF" else "\n"
        self._header = csv_header(rules.headers, self._line_end)
        self._max_rows = options.max_rows or rules.max_rows
        self._max_bytes = (options.max_bytes or rules.max_bytes) - len(self._header)
        self._entries: list[dict[str, Any]] = []
        self._open = _File(self._name(1), self._header)

    def add(self, rows: pa.Table) -> None:
        """Add checked rows under canonical names."""
        table = rows.rename_columns(list(self._rules.headers))
        if self._rules.null:
            filled = [pc.fill_null(column, self._rules.null) for column in table.columns]
            table = pa.table(filled, names=table.column_names)
        ends, start, before = np.cumsum(_row_bytes(table, self._line_end)), 0, 0
        while start < len(table):
            room = before + self._max_bytes - self._open.reserved
            end = int(np.searchsorted(ends, room, side="right"))
            end = min(end, start + self._max_rows - self._open.rows, len(table))
            if end <= start and self._open.rows:
                self._entries.append(self._open.close())
                self._open = _File(self._name(len(self._entries) + 1), self._header)
                continue
            end = max(end, start + 1)
            self._open.write(
                csv_rows(table.slice(start, end - start), self._line_end), end - start, ends[end - 1] - before
            )
            start, before = end, int(ends[end - 1])

    def close(self) -> list[dict[str, Any]]:
        """Give each file its name; what the manifest says of them."""
        self._entries.append(self._open.close())
        for i, entry in enumerate(self._entries, start=1):
            entry["name"] = f"scores.{self._rules.name}.{i:04d}-of-{len(self._entries):04d}.csv"
            self._name(i).rename(self._place / entry["name"])
        return self._entries

    def _name(self, i: int) -> Path:
        return self._place / f".{i}"  # until it is known how many there are


class _File:
    """One file while it is written, with its fingerprint."""

    def __init__(self, path: Path, header: bytes) -> None:
        self._file, self._digest, self._bytes = path.open("wb"), hashlib.sha256(), 0
        self.rows = self.reserved = 0
        self.write(header, 0, 0)

    def write(self, content: bytes, rows: int, reserved: int) -> None:
        self._file.write(content)
        self._digest.update(content)
        self._bytes, self.rows, self.reserved = self._bytes + len(content), self.rows + rows, self.reserved + reserved

    def close(self) -> dict[str, Any]:
        self._file.close()
        return {"name": "", "sha256": self._digest.hexdigest(), "bytes": self._bytes, "rows": self.rows}


def _row_bytes(table: pa.Table, line_end: str) -> np.ndarray:
    """Bytes of each row as CSV: an upper bound that counts quotes around every cell that has one or a comma."""
    total = np.full(len(table), len(table.columns) - 1 + len(line_end), dtype=np.int64)
    for column in table.columns:
        text = pc.fill_null(column, "")
        quotes = pc.count_substring(text, '"').to_numpy()
        special = pc.match_substring_regex(text, '[",\r\n ]').to_numpy()
        total += pc.binary_length(text).to_numpy() + quotes + 2 * special
    return total
