"""The first pass of Spark over the accounts: how many there are, in which order, and how their cells are written."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from icp._progress import step
from icp._version import __version__
from icp.accounts import RawTable, conform, empty_ids_error, missing_columns
from icp.engines._spark_source import Source, is_utf8, open_source
from icp.engines._spark_worker import CORRUPT, FILE, NOTE, ROW, START, latest, look, sample
from icp.errors import ConfigError, Problem, TableError
from icp.options import AccountOptions
from icp.tables import Column, Finding

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from icp.bundle import Bundle

__all__ = ["Looked", "latest_date", "look_at", "read_columns"]

SAMPLE_ROWS = 200_000
"""Rows that decide how a column is written: those that :func:`icp.accounts.conform` looks at in a table of any size."""

_REPLACED_BY = "cp1252"


@dataclass(frozen=True)
class Looked:
    """Accounts in Spark, kept there, with what is known of all of them.

    Parameters
    ----------
    source : Source
        As finally opened.
    frame : DataFrame
        The columns that are read; kept in the memory and on the disks of the executors.
    plan : mapping
        What workers are told: ``fields``, ``id``, ``csv``, ``header``, ``parts``.
    n : int
        Rows.
    id_marks : mapping of str to int
        What ids look like, as :func:`icp.accounts.id_faults` counts it.
    order : tuple of int
        Partitions in the order of the input.
    """

    source: Source
    frame: DataFrame
    plan: Mapping[str, Any]
    n: int
    id_marks: Mapping[str, int]
    order: tuple[int, ...]


def look_at(
    spark: SparkSession, source: Source, options: AccountOptions, bundle: Bundle, more: Sequence[str] = ()
) -> Looked:
    """Count the rows of every partition, and refuse what cannot be scored.

    Parameters
    ----------
    spark : SparkSession
        Where.
    source : Source
        The accounts; a CSV is opened again where cells turn out to hold line ends, or letters of another encoding.
    options : AccountOptions
        Where the ids are.
    bundle : Bundle
        The model.
    more : sequence of str, default=()
        Further columns that are wanted.

    Returns
    -------
    Looked
        To be unpersisted in the end.

    Raises
    ------
    TableError
        Columns are missing (``ICP102``), files of a folder have different headers (``ICP107``), rows have other lengths
        (``ICP108``), there are none (``ICP101``), ids are empty (``ICP103``).
    ConfigError
        Workers have another version of ``icp`` (``ICP422``).
    """
    with step("looking at the accounts in Spark"):
        while True:
            frame, plan = _selected(source, options, bundle, more)
            frame = frame.persist()
            seen = [
                json.loads(row[0])
                for row in frame.mapInArrow(partial(look, text=json.dumps(plan)), f"{NOTE} string").collect()
            ]
            again = _opened_otherwise(spark, source, options, seen)
            if again is None:
                break
            frame.unpersist()
            source = again
    try:
        _refuse(source, options, seen)
        parts, order = _parts(seen, blank_ends=source.header is not None and options.account_id is not None)
        n = sum(keep for _, keep in parts.values())
        _refuse_rows(source, options, bundle, seen, parts, n)
    except Exception:
        frame.unpersist()
        raise
    marks = sum((Counter(part["id_marks"]) for part in seen), Counter())
    return Looked(source, frame, {**plan, "parts": {str(k): v for k, v in parts.items()}}, n, marks, order)


def read_columns(
    looked: Looked, options: AccountOptions, bundle: Bundle
) -> tuple[tuple[Column, ...], tuple[Finding, ...]]:
    """The model's columns as these accounts write them, decided on the rows the local engine decides it on.

    Parameters
    ----------
    looked : Looked
        The accounts.
    options : AccountOptions
        How to read them.
    bundle : Bundle
        The model.

    Returns
    -------
    columns : tuple of Column
        As :func:`icp.accounts.conform` gives them.
    findings : tuple of Finding
        As well.
    """
    wanted = _wanted(looked.source, bundle)
    fields = looked.source.fields
    sampled = [fields[column.name] for column in wanted if column.kind in ("numeric", "date", "boolean")]
    rows = pa.table({ROW: pa.array([], pa.int64())})
    every = max(1, -(-looked.n // SAMPLE_ROWS))
    if sampled:
        plan = json.dumps({**looked.plan, "step": every, "sampled": sampled})
        frame = looked.frame.select(*sampled).schema.add(ROW, "long")
        rows = looked.frame.mapInArrow(partial(sample, text=plan), frame).toArrow().sort_by(ROW)
    empty = pa.nulls(len(rows), pa.string())
    cells = {name: rows.column(field) if field in rows.column_names else empty for name, field in fields.items()}
    header = looked.source.header
    kind: Any = looked.source.kind
    raw = RawTable(pa.table(cells), looked.source.shown, kind, header.separator if header else None,
                   header.encoding if header else None, options.decimal)  # fmt: skip
    fitted, found = conform(raw, wanted, options)
    return fitted, tuple(_of_all(one, every, looked.n) for one in found)


def _of_all(finding: Finding, every: int, n: int) -> Finding:
    """A finding about looked-at rows, as one about the whole table."""
    return finding if finding.n_rows is None else replace(finding, n_rows=min(finding.n_rows * every, n))


def latest_date(looked: Looked, columns: Sequence[Column], bundle: Bundle) -> Iterator[np.datetime64]:
    """The latest of the rows' own dates in each partition, looked for when it is asked for.

    Parameters
    ----------
    looked : Looked
        The accounts.
    columns : sequence of Column
        As :func:`read_columns` gives them.
    bundle : Bundle
        The model.

    Yields
    ------
    datetime64[us]
        None where there is no such column.
    """
    own = next((column for column in columns if column.role == "observed_at"), None)
    if own is None:
        return
    asked = [looked.source.fields[own.name], own.to_dict()]
    plan = json.dumps({**looked.plan, "observed_at": asked, "missing_values": list(bundle.missing_values)})
    rows = looked.frame.mapInArrow(partial(latest, text=plan), f"{ROW} long").collect()
    yield from (np.datetime64(row[0], "us") for row in rows if row[0] is not None)


def _wanted(source: Source, bundle: Bundle) -> list[Column]:
    """Columns of the model that are read: a date of the row's own only where there is one."""
    return [column for column in bundle.columns if column.role != "observed_at" or column.name in source.names]


def _selected(
    source: Source, options: AccountOptions, bundle: Bundle, more: Sequence[str]
) -> tuple[DataFrame, dict[str, Any]]:
    """The part of the source that is read, and how workers find their way in it."""
    fields = source.fields
    names = dict.fromkeys(
        [*([options.account_id] if options.account_id else []), *(c.name for c in _wanted(source, bundle)), *more]
    )
    used = {name: fields[name] for name in names if name in fields} or {source.names[0]: "c0"}
    header = None
    if source.header is not None:
        written = dict(zip(fields.values(), source.header.cells, strict=True))
        header = {field: written[field] for field in used.values()}
    extra = [CORRUPT] if source.header is not None else []
    plan = {
        "fields": used, "id": fields.get(options.account_id or ""), "csv": source.header is not None, "header": header,
        "dated": False, "more": list(more),
    }  # fmt: skip
    return source.frame.select(*used.values(), *extra, FILE, START), plan


def _opened_otherwise(
    spark: SparkSession, source: Source, options: AccountOptions, seen: list[dict[str, Any]]
) -> Source | None:
    """The CSV opened in another way, where what was seen calls for it; None where it stands."""
    if source.header is None:
        return None
    if any(part["n_ragged"] for part in seen) and not source.multiline:
        return open_source(spark, options, replace(source, multiline=True))
    guessed = options.encoding is None and source.header.encoding == "utf-8"
    if guessed and any(part["replaced"] for part in seen) and not is_utf8(spark, options):
        return open_source(spark, options, replace(source, header=replace(source.header, encoding=_REPLACED_BY)))
    return None


def _parts(seen: list[dict[str, Any]], *, blank_ends: bool) -> tuple[dict[int, tuple[int, int]], tuple[int, ...]]:
    """First row and rows kept of every partition, and the order of partitions: by file, by place in it."""
    order = sorted(seen, key=lambda part: (part["file"], part["start"], part["part"]))
    kept = [part["n"] for part in order]
    if blank_ends:
        after: str | None = None
        for i in range(len(order) - 1, -1, -1):
            if not kept[i]:
                continue
            if order[i]["file"] != after:
                kept[i] -= order[i]["n_blank_end"]
                after = order[i]["file"] if kept[i] else after
    starts = np.concatenate([[0], np.cumsum(kept)])
    parts = {part["part"]: (int(start), int(n)) for part, start, n in zip(order, starts, kept, strict=False)}
    return parts, tuple(part["part"] for part in order)


def _refuse(source: Source, options: AccountOptions, seen: list[dict[str, Any]]) -> None:
    """Versions, headers and rows that do not go together."""
    versions = {part["version"] for part in seen} - {__version__}
    if versions:
        message = f"Spark's workers have icp {', '.join(sorted(versions))}, this process has {__version__}."
        raise ConfigError.one("ICP422", message, "Install the same version in both places.")
    other = sorted({part["file"] for part in seen if part["other_header"]})
    if other:
        problem = Problem(
            "ICP107", "the files of this folder do not have the same header.",
            "Export them alike, or score them one by one.", examples=tuple(name.rsplit("/", 1)[-1] for name in other),
        )  # fmt: skip
        raise TableError.in_table("accounts", sum(part["n"] for part in seen), source.shown, [problem])
    ragged = sum(part["n_ragged"] for part in seen)
    if ragged:
        texts = tuple(f"'{text}'" for part in seen for text in part["ragged"])
        problem = Problem(
            "ICP108", f"rows do not have the {len(source.names)} cells of the header.",
            "Put quotes around cells that hold the separator, or set accounts.separator.",
            n_rows=ragged, examples=texts,
        )  # fmt: skip
        raise TableError(f"Table 'accounts', file {source.shown}: rows of different length", [problem])


def _refuse_rows(
    source: Source,
    options: AccountOptions,
    bundle: Bundle,
    seen: list[dict[str, Any]],
    parts: Mapping[int, tuple[int, int]],
    n: int,
) -> None:
    """No rows, missing columns, rows without an id."""
    if not n:
        message = f"'{source.shown}' for table 'accounts' has no rows."
        raise TableError.one("ICP101", message, "Check the query or the export.")
    wanted = [
        *(column.name for column in _wanted(source, bundle)),
        *([options.account_id] if options.account_id else []),
    ]
    problems = missing_columns(wanted, source.names, "accounts")
    if problems:
        raise TableError.in_table("accounts", n, source.shown, problems)
    empty = sorted(
        parts[part["part"]][0] + row for part in seen for row in part["empty"] if row < parts[part["part"]][1]
    )
    n_empty = sum(part["n_empty"] - (part["n"] - parts[part["part"]][1]) for part in seen)
    if options.account_id and n_empty > 0:
        raise empty_ids_error(options.account_id, n, source.shown, n_empty, empty[:3])
