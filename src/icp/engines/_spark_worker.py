"""What runs inside Spark's Python workers: each function takes a partition's Arrow batches and gives Arrow batches.

What a worker is told comes as data: JSON text, and the bytes of the bundle's files. Spark pickles only the names of
these functions, so the workers need ``icp`` of the same version. Columns are called ``c0``, ``c1``, ... on the way, so
that no name of the user's can mean something to Spark.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from icp._version import __version__
from icp.accounts import batch_ids, id_faults, parse_column, plain_cells
from icp.bundle import Bundle, from_files
from icp.engines._core import DATED_PREFIX, ID_COLUMN, SCORE_COLUMNS, BatchNotes, ScoringContext, score_batch
from icp.engines._rows import own_dates
from icp.messages import MessageBook
from icp.options import AccountOptions
from icp.tables import Column, DatedTable
from icp.traits import dated_values

__all__ = [
    "CORRUPT",
    "FILE",
    "ID",
    "MORE",
    "NOTE",
    "NUMBERS",
    "ROW",
    "START",
    "latest",
    "look",
    "number",
    "sample",
    "score",
]

FILE, START, CORRUPT = "icp_file", "icp_start", "icp_corrupt"
ROW, ID, NOTE, MORE = "icp_row", "icp_id", "icp_note", "icp_more"
NUMBERS = ("propensity", "percentile", "expected_value")
"""Columns of the scores that are numbers; the others are text."""

Batches = Iterator[pa.RecordBatch]
Plan = Mapping[str, Any]
_SCORES = pa.schema(
    [
        *(pa.field(name, pa.float64() if name in NUMBERS else pa.string()) for name in SCORE_COLUMNS),
        pa.field(ROW, pa.int64()),
        pa.field(NOTE, pa.string()),
    ]
)
_FEW = 3
_REPLACED = "\ufffd"


def look(batches: Batches, text: str) -> Batches:
    """What there is to know of a partition before anything is decided for the whole table.

    Parameters
    ----------
    batches : iterator of RecordBatch
        Cells of the partition.
    text : str
        The plan as JSON: ``fields``, ``header``, ``csv``, ``id``.

    Yields
    ------
    RecordBatch
        One row: JSON with where the partition lies, its rows, and what is wrong with them.
    """
    plan = json.loads(text)
    seen: dict[str, Any] = {
        "version": __version__, "part": _partition(), "file": "", "start": 0, "n": 0, "n_blank_end": 0, "n_empty": 0,
        "empty": [], "id_marks": {}, "n_ragged": 0, "ragged": [], "replaced": False, "other_header": False,
    }  # fmt: skip
    for batch, header in _without_header(batches, plan):
        if header is not None:
            seen |= {"other_header": _differs(header, plan)}
        if not len(batch):
            continue
        seen |= {"file": batch.column(FILE)[0].as_py(), "start": batch.column(START)[0].as_py()}
        if plan["csv"]:
            _look_at_text(batch, plan, seen)
        if plan["id"]:
            _look_at_ids(batch, plan, seen)
        seen["n"] += len(batch)
    yield pa.RecordBatch.from_pydict({NOTE: pa.array([json.dumps(seen)])})


def sample(batches: Batches, text: str) -> Batches:
    """Every so manieth row of the whole table, for deciding how its cells are written.

    Parameters
    ----------
    batches : iterator of RecordBatch
        Cells of the partition.
    text : str
        The plan as JSON: with ``parts``, ``step``, and ``sampled``, the fields wanted.

    Yields
    ------
    RecordBatch
        The fields wanted and the row's number.
    """
    plan = json.loads(text)
    for rows, batch in _numbered(batches, plan):
        taken = pa.array(np.flatnonzero(rows % plan["step"] == 0))
        columns = {field: batch.column(field).take(taken) for field in plan["sampled"]}
        yield pa.RecordBatch.from_pydict({**columns, ROW: pa.array(rows).take(taken)})


def latest(batches: Batches, text: str) -> Batches:
    """The latest of the rows' own dates.

    Parameters
    ----------
    batches : iterator of RecordBatch
        Cells of the partition.
    text : str
        The plan as JSON: with ``observed_at``, the field and its column, and ``missing_values`` of the model.

    Yields
    ------
    RecordBatch
        One row: microseconds since 1970; null where no row has a date.
    """
    plan = json.loads(text)
    field, column = plan["observed_at"]
    found = []
    for _, batch in _numbered(batches, plan):
        dates = parse_column(batch.column(field), Column(**column), plan["missing_values"])[0].astype("datetime64[us]")
        found += [int(date) for date in np.sort(dates[~np.isnat(dates)])[-1:].astype(np.int64)]
    yield pa.RecordBatch.from_pydict({ROW: pa.array([max(found, default=None)], pa.int64())})


def number(batches: Batches, text: str) -> Batches:
    """Rows with their number and id, for a join with dated history.

    Parameters
    ----------
    batches : iterator of RecordBatch
        Cells of the partition.
    text : str
        The plan as JSON: with ``parts``.

    Yields
    ------
    RecordBatch
        The fields, the id, the row's number.
    """
    plan = json.loads(text)
    for rows, batch in _numbered(batches, plan):
        columns = {field: batch.column(field) for field in plan["fields"].values()}
        yield pa.RecordBatch.from_pydict({**columns, ID: _ids(batch, rows, plan), ROW: pa.array(rows)})


def score(batches: Batches, shared: Any, text: str) -> Batches:
    """Scores of a partition, and as a last row what there was to note.

    Parameters
    ----------
    batches : iterator of RecordBatch
        Cells of the partition; with the plan's ``dated`` also id, row number and histories.
    shared : Broadcast of mapping of str to bytes
        The bundle's files.
    text : str
        The plan as JSON.

    Yields
    ------
    RecordBatch
        Scores with row numbers; the last one has nothing but the note.
    """
    plan = json.loads(text)
    context = _context(_bundle(plan["content_hash"], shared), plan)
    schema = pa.schema([*_SCORES, *(pa.field(f"{MORE}{i}", pa.string()) for i in range(len(plan["more"])))])
    notes: list[BatchNotes] = []
    n_rows = 0
    for rows, batch in _joined(batches) if plan["dated"] else _numbered(batches, plan):
        if not len(batch):
            continue
        ids = batch.column(ID) if plan["dated"] else _ids(batch, rows, plan)
        columns = {column.name: batch.column(plan["fields"][column.name]) for column in context.columns}
        cells = pa.RecordBatch.from_pydict({**columns, ID_COLUMN: ids})
        if plan["dated"]:
            cells = _with_history(cells, batch, context)
        scored, note = score_batch(cells, context)
        notes.append(note)
        n_rows += len(batch)
        arrays = [scored.column(name).cast(_SCORES.field(name).type) for name in SCORE_COLUMNS]
        further = [plain_cells(batch.column(plan["fields"][name])) for name in plan["more"]]
        yield pa.RecordBatch.from_arrays(
            [*arrays, pa.array(rows), pa.nulls(len(batch), pa.string()), *further], schema=schema
        )
    last = [pa.nulls(1, field.type) for field in schema]
    last[_SCORES.get_field_index(NOTE)] = pa.array([_note_text(notes, n_rows)])
    yield pa.RecordBatch.from_arrays(last, schema=schema)


def _partition() -> int:
    from pyspark import TaskContext

    context = TaskContext.get()
    return 0 if context is None else int(context.partitionId())


def _without_header(batches: Batches, plan: Plan) -> Iterator[tuple[pa.RecordBatch, pa.RecordBatch | None]]:
    """Batches without the first line of a file, which comes beside the first of them; empty cells as in the file."""
    first = plan["header"] is not None
    for batch in batches:
        header = None
        if first and len(batch):
            first = False
            if batch.column(START)[0].as_py() == 0:
                header, batch = batch.slice(0, 1), batch.slice(1)
        if plan["csv"]:
            cells = [pc.fill_null(batch.column(field), "") for field in plan["fields"].values()]
            kept = [batch.column(name) for name in batch.schema.names[len(cells) :]]
            batch = pa.RecordBatch.from_arrays([*cells, *kept], names=batch.schema.names)
        yield batch, header


def _numbered(batches: Batches, plan: Plan) -> Iterator[tuple[NDArray[np.int64], pa.RecordBatch]]:
    """Batches with the numbers of their rows in the whole table, without blank rows at the end of a file."""
    offset, keep = plan["parts"].get(str(_partition()), (0, 0))
    at = 0
    for batch, _ in _without_header(batches, plan):
        kept = batch.slice(0, max(0, keep - at))
        yield np.arange(offset + at, offset + at + len(kept)), kept
        at += len(batch)


def _joined(batches: Batches) -> Iterator[tuple[NDArray[np.int64], pa.RecordBatch]]:
    for batch in batches:
        yield batch.column(ROW).to_numpy(zero_copy_only=False), batch


def _ids(batch: pa.RecordBatch, rows: NDArray[np.int64], plan: Plan) -> pa.Array:
    """Ids of rows that follow each other."""
    return batch_ids(batch, AccountOptions(account_id=plan["id"]), int(rows[0]) if len(rows) else 0)


def _differs(header: pa.RecordBatch, plan: Plan) -> bool:
    """Whether a file's first line is not the header that was read before."""
    found = {field: (header.column(field)[0].as_py() or "").lstrip("\ufeff") for field in plan["header"]}
    return found != plan["header"] or header.column(CORRUPT)[0].as_py() is not None


def _look_at_text(batch: pa.RecordBatch, plan: Plan, seen: dict[str, Any]) -> None:
    """Rows of another length, letters that are not of the encoding, blank rows at the end."""
    corrupt = batch.column(CORRUPT)
    ragged = np.flatnonzero(pc.is_valid(corrupt).to_numpy(zero_copy_only=False))
    seen["n_ragged"] += len(ragged)
    seen["ragged"] = [*seen["ragged"], *(corrupt[int(row)].as_py()[:40] for row in ragged[:_FEW])][:_FEW]
    columns = [batch.column(field) for field in plan["fields"].values()]
    seen["replaced"] |= any(pc.any(pc.match_substring(column, _REPLACED)).as_py() for column in columns)
    end = len(batch)
    while end and not any(column[end - 1].as_py().strip() for column in columns):
        end -= 1
    seen["n_blank_end"] = len(batch) - end + (seen["n_blank_end"] if end == 0 else 0)


def _look_at_ids(batch: pa.RecordBatch, plan: Plan, seen: dict[str, Any]) -> None:
    empty, marks = id_faults(batch_ids(batch, AccountOptions(account_id=plan["id"]), 0))
    seen["n_empty"] += len(empty)
    seen["empty"] = [*seen["empty"], *(seen["n"] + empty[:_FEW]).tolist()][:_FEW]
    seen["id_marks"] = Counter(seen["id_marks"]) + marks


_SHARED: dict[str, Any] = {}


def _bundle(content_hash: str, shared: Any) -> Bundle:
    """The model of this process: read from the bytes that were sent once, then kept."""
    _SHARED[content_hash] = shared
    return _read(content_hash)


@lru_cache(maxsize=2)
def _read(content_hash: str) -> Bundle:
    return from_files(_SHARED.pop(content_hash).value)


def _context(bundle: Bundle, plan: Plan) -> ScoringContext:
    as_of = np.datetime64("NaT", "us") if plan["as_of"] is None else np.datetime64(plan["as_of"], "us")
    columns = tuple(Column(**column) for column in plan["columns"])
    messages = None if plan["messages"] is None else MessageBook.from_dict(plan["messages"])
    return ScoringContext(bundle, columns, tuple(plan["missing_values"]), as_of, plan["verify_all"], messages)


def _with_history(cells: pa.RecordBatch, batch: pa.RecordBatch, context: ScoringContext) -> pa.RecordBatch:
    """Cells with the traits that come from the histories beside them."""
    traits, bundle = context.bundle.traits, context.bundle
    ids = pd.Index(batch.column(ID).to_pylist(), dtype="str", name="account_id")
    own = own_dates(cells, context.columns, bundle)
    as_of = np.where(np.isnat(own), context.as_of, own)
    tables = [
        _history(name, ids, batch.column(f"icp_{name}")) if f"icp_{name}" in batch.schema.names else None
        for name in ("events", "outcomes")
    ]
    values = dated_values(tables[0], tables[1], ids, as_of, traits)
    for j in bundle.dated_traits:
        cells = cells.append_column(DATED_PREFIX + traits[j].name, pa.array(values[:, j]))
    return cells


def _history(name: str, ids: pd.Index, lists: pa.ListArray) -> DatedTable:
    """The histories beside the rows of a batch as one table; those of an account that stands in several rows once."""
    first = np.flatnonzero(~ids.duplicated())
    lists = lists.take(pa.array(first))
    counts = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
    at, amount, kind = lists.flatten().flatten()
    frame = pd.DataFrame(
        {
            "account_id": pd.array(np.repeat(ids[first].to_numpy(dtype=object), counts), dtype="str"),
            "at": at.to_numpy(zero_copy_only=False).astype(np.int64).astype("datetime64[us]"),
            "kind": pd.array(kind.to_numpy(zero_copy_only=False), dtype="str"),
            "amount": amount.to_numpy(zero_copy_only=False).astype(np.float64),
        }
    )
    return DatedTable(name, frame, "Spark", True, True)


def _note_text(notes: Sequence[BatchNotes], n_rows: int) -> str:
    """The notes of a partition as JSON."""
    unreadable: dict[str, int] = {}
    late: dict[str, int] = {}
    for note in notes:
        for counted, new in ((unreadable, note.n_unreadable), (late, note.n_late)):
            for name, count in new.items():
                counted[name] = counted.get(name, 0) + int(count)
    tallies = [note.tally for note in notes if note.tally is not None]
    return json.dumps(
        {
            "part": _partition(),
            "n": n_rows,
            "n_unreadable": unreadable,
            "additivity_error": max((float(note.additivity_error) for note in notes), default=0.0),
            "n_without_data": sum(note.n_without_data for note in notes),
            "tally": np.sum(tallies, axis=0).tolist() if tallies else None,
            "n_far": sum(note.n_far for note in notes),
            "n_extrapolated": sum(note.n_extrapolated for note in notes),
            "n_late": late,
        }
    )
