"""From scores to the folder that sales operations loads."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from icp._csv import csv_bytes, csv_rows
from icp._files import to_json
from icp.delivery._cells import cell_problems, key_problems
from icp.delivery._loading import loading_steps
from icp.delivery._salesforce import salesforce_files
from icp.delivery._targets import FIELDS, Target, target
from icp.errors import DeliveryError, Problem
from icp.options import DeliveryOptions

__all__ = ["Delivery", "check_keys", "deliver", "package"]

NEXT_ACTION = {"A": "call_now", "B": "research_first", "C": "nurture", "D": "hands_off", "not_scored": "research_first"}


@dataclass(frozen=True)
class Delivery:
    """A list ready to be written: checked, cut into files, with its side files.

    Parameters
    ----------
    target : Target
        Whose rules it keeps.
    files : mapping of str to bytes
        Relative name to content.
    manifest : mapping
        As in ``manifest.json``.
    rows : Table
        The list before it was cut, canonical column names.
    """

    target: Target
    files: Mapping[str, bytes]
    manifest: Mapping[str, Any]
    rows: pa.Table

    def write(self, folder: Path) -> Path:
        """Write the files into a sub-folder named after the target.

        Parameters
        ----------
        folder : Path
            Usually a stage, so that all files appear together.

        Returns
        -------
        Path
            The sub-folder.
        """
        place = folder / self.target.name
        for name, content in self.files.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(content)
        return place


def check_keys(account_id: pa.Array, options: DeliveryOptions) -> None:
    """Refuse ids that cannot be keys, before any work is done for them.

    Parameters
    ----------
    account_id : Array of str
        As read.
    options : DeliveryOptions
        Target and key prefix; nothing is checked for ``none``.

    Raises
    ------
    DeliveryError
        Ids the target would refuse or mistake (``ICP602``, ``ICP603``).
    """
    if options.target == "none":
        return
    rules = target(options.target)
    problems = key_problems(pc.binary_join_element_wise(options.key_prefix, account_id, ""))
    if problems:
        raise DeliveryError(f"The list cannot be written for {rules.title}.", problems)


def deliver(
    scores: pa.Table,
    options: DeliveryOptions,
    *,
    run_id: str,
    model_sha256: str,
    package_version: str,
    facts: Mapping[str, Any] | None = None,
) -> Delivery:
    """Check a scored table and package it for its target.

    Parameters
    ----------
    scores : Table
        With the columns of ``scores.csv``.
    options : DeliveryOptions
        Target, key prefix, chunk sizes, validity.
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
        Nothing is written yet.

    Raises
    ------
    DeliveryError
        Keys or cells the target would refuse or change (``ICP602`` to ``ICP605``); all at once.
    """
    rules = target(options.target)
    rows = _list_rows(scores, options, run_id)
    problems = key_problems(rows.column("account_key").combine_chunks())
    for field in FIELDS[1:]:
        problems += cell_problems(field, rows.column(field.name).combine_chunks())
    if options.line_ending not in ("LF", "CRLF"):
        problems.append(Problem("ICP605", f"line_ending={options.line_ending} is not known.", "Choose LF or CRLF."))
    if problems:
        raise DeliveryError(f"The list cannot be written for {rules.title}.", problems)
    return package(
        rows, rules, options, run_id=run_id, model_sha256=model_sha256, package_version=package_version, facts=facts
    )


def package(
    rows: pa.Table,
    rules: Target,
    options: DeliveryOptions,
    *,
    run_id: str,
    model_sha256: str,
    package_version: str,
    facts: Mapping[str, Any] | None = None,
) -> Delivery:
    """Cut checked rows into files and add the side files.

    Parameters
    ----------
    rows : Table
        Canonical columns, checked.
    rules : Target
        Of the system.
    options : DeliveryOptions
        As for :func:`deliver`.
    run_id, model_sha256, package_version : str
        As for :func:`deliver`.
    facts : mapping, default=None
        As for :func:`deliver`.

    Returns
    -------
    Delivery
        With manifest.
    """
    headed = rows.rename_columns(list(rules.headers))
    if rules.null:
        headed = pa.table([pc.fill_null(column, rules.null) for column in headed.columns], names=headed.column_names)
    line_end = "\r\n" if options.line_ending == "CRLF" else "\n"
    chunks = _chunks(headed, options.max_rows or rules.max_rows, options.max_bytes or rules.max_bytes, line_end)
    files: dict[str, bytes] = {}
    entries = []
    for i, (n_rows, content) in enumerate(chunks, start=1):
        name = f"scores.{rules.name}.{i:04d}-of-{len(chunks):04d}.csv"
        files[name] = content
        digest = hashlib.sha256(content).hexdigest()
        entries.append({"name": name, "sha256": digest, "bytes": len(content), "rows": n_rows})
    manifest = {
        "schema_version": 1,
        "target": rules.name,
        "run_id": run_id,
        "package_version": package_version,
        "model_version": _first(rows, "model_version"),
        "model_sha256": model_sha256,
        "as_of": _first(rows, "score_date"),
        "encoding": "utf-8",
        "line_ending": options.line_ending,
        "null": rules.null,
        "key_column": rules.headers[0],
        "key_prefix": options.key_prefix,
        "columns": list(rules.headers),
        "limits": rules.limits,
        "files": entries,
        "rows": len(rows),
        **_totals(rows),
        **(facts or {}),
    }
    if rules.name == "salesforce":
        files |= salesforce_files(rules)
    files["manifest.json"] = to_json(manifest).encode()
    files["LOADING.md"] = loading_steps(rules, manifest).encode()
    return Delivery(rules, files, manifest, rows)


def _list_rows(scores: pa.Table, options: DeliveryOptions, run_id: str) -> pa.Table:
    """The list under canonical names, sorted by key."""
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
    return pa.table(columns).sort_by("account_key")


def _later(dates: pa.ChunkedArray, days: int) -> pa.Array:
    as_days = dates.combine_chunks().cast(pa.date32()).cast(pa.int32())
    return pc.add(as_days, pa.scalar(days, pa.int32())).cast(pa.date32()).cast(pa.string())


def _chunks(table: pa.Table, max_rows: int, max_bytes: int, line_end: str) -> list[tuple[int, bytes]]:
    """Files of at most so many rows and bytes, cut at rows, each with the header."""
    header = csv_bytes(table.slice(0, 0), line_end)
    sizes = _row_bytes(table, line_end)
    ends = np.cumsum(sizes)
    chunks: list[tuple[int, bytes]] = []
    start = 0
    while start < len(table) or not chunks:
        before = ends[start - 1] if start else 0
        end = int(np.searchsorted(ends, before + max_bytes - len(header), side="right"))
        end = max(min(end, start + max_rows, len(table)), min(start + 1, len(table)))
        part = table.slice(start, end - start)
        chunks.append((len(part), header + csv_rows(part, line_end)))
        start = end
        if not len(table):
            break
    return chunks


def _row_bytes(table: pa.Table, line_end: str) -> np.ndarray:
    """Bytes of each row as CSV: an upper bound that counts quotes around every cell that has one or a comma."""
    total = np.full(len(table), len(table.columns) - 1 + len(line_end), dtype=np.int64)
    for column in table.columns:
        text = pc.fill_null(column, "")
        quotes = pc.count_substring(text, '"').to_numpy()
        special = pc.match_substring_regex(text, '[",\r\n ]').to_numpy()
        total += pc.binary_length(text).to_numpy() + quotes + 2 * special
    return total


def _first(rows: pa.Table, column: str) -> str | None:
    values = rows.column(column).drop_null()
    return values[0].as_py() if len(values) else None


def _totals(rows: pa.Table) -> dict[str, Any]:
    """Counts that let a read-back be checked without the file."""
    numbers = rows.column("score").drop_null().cast(pa.float64())
    counts = {
        name: {entry["values"]: entry["counts"] for entry in pc.value_counts(rows.column(name)).to_pylist()}
        for name in ("tier", "status", "confidence")
    }
    score = None
    if len(numbers):
        score = {"min": pc.min(numbers).as_py(), "max": pc.max(numbers).as_py()}
        score["mean"] = round(pc.mean(numbers).as_py(), 4)
    return {"counts": counts, "score": score}
