"""Tables larger than memory: batches put aside in a folder, and read again in parts as often as needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.ipc as ipc

__all__ = ["AnyTable", "Store", "StoredTable", "joint_schema", "of_schema", "read_batches", "strided"]

_OPTIONS = ipc.IpcWriteOptions(compression="lz4")
_ROWS = 100_000


@dataclass(frozen=True)
class StoredTable:
    """A table that is not in memory, with the names a ``pyarrow.Table`` has for what it can do.

    Parameters
    ----------
    schema : Schema
        Columns and their types.
    num_rows : int
        Rows.
    read : callable
        Gives an iterator over all rows, as record batches of any size with the columns asked for.
    """

    schema: pa.Schema
    num_rows: int
    read: Callable[[list[str]], Iterator[pa.RecordBatch]]

    def __len__(self) -> int:
        return self.num_rows

    @property
    def column_names(self) -> list[str]:
        """Names of the columns."""
        return list(self.schema.names)

    def column(self, name: str) -> pa.ChunkedArray:
        """One whole column, in memory.

        Parameters
        ----------
        name : str
            Its name.

        Returns
        -------
        ChunkedArray, shape (num_rows,)
            All cells.
        """
        parts = [batch.column(0) for batch in read_batches(self, [name], _ROWS)]
        return pa.chunked_array(parts, self.schema.field(name).type)


AnyTable: TypeAlias = pa.Table | StoredTable
"""A table in memory, or one that is read in batches."""


class Store:
    """Batches put aside in the order they come.

    Parameters
    ----------
    folder : Path or None
        Made when the first batch comes; None keeps the batches in memory.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._parts: list[pa.RecordBatch] = []
        self._files: list[Path] = []
        self._schemas: list[pa.Schema] = []
        self._writer: ipc.RecordBatchFileWriter | None = None
        self.num_rows = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Put a batch aside.

        Parameters
        ----------
        batch : RecordBatch
            Columns as in the batches before; their types may differ.
        """
        self.num_rows += len(batch)
        new = not self._schemas or self._schemas[-1] != batch.schema
        if new:
            self._schemas.append(batch.schema)
        if self._folder is None:
            self._parts.append(batch)
            return
        if new:
            self._end_file()
            self._folder.mkdir(parents=True, exist_ok=True)
            self._files.append(self._folder / f"{len(self._files)}.arrow")
            self._writer = ipc.new_file(str(self._files[-1]), batch.schema, options=_OPTIONS)
        if self._writer is not None:
            self._writer.write_batch(batch)

    def close(self, names: Sequence[str] | None = None, num_rows: int | None = None) -> AnyTable:
        """What was put aside, as one table.

        Parameters
        ----------
        names : sequence of str, default=None
            Columns to keep; None keeps all.
        num_rows : int, default=None
            Rows to keep, from the first; None keeps all.

        Returns
        -------
        Table or StoredTable
            A column has the type that all batches can be cast to, else text.
        """
        self._end_file()
        schema = joint_schema(self._schemas)
        schema = schema if names is None else pa.schema([schema.field(name) for name in names])
        n_rows = self.num_rows if num_rows is None else num_rows
        if self._folder is None:
            parts = [of_schema(batch, schema) for batch in self._parts]
            return pa.Table.from_batches(parts, schema).slice(0, n_rows)
        files = tuple(self._files)
        return StoredTable(schema, n_rows, lambda columns: _read(files, schema, columns))

    def _end_file(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def read_batches(table: AnyTable, names: Sequence[str], rows: int = _ROWS) -> Iterator[pa.RecordBatch]:
    """Some columns of a table, in batches.

    Parameters
    ----------
    table : Table or StoredTable
        To read.
    names : sequence of str
        Columns wanted; none of them gives the first column, so that rows can be counted.
    rows : int, default=100000
        Rows of each batch but the last.

    Yields
    ------
    RecordBatch
        In order; one empty batch for an empty table.
    """
    wanted = list(dict.fromkeys(names)) or table.column_names[:1]
    if isinstance(table, pa.Table):
        parts: Iterable[pa.RecordBatch] = table.select(wanted).to_batches()
    else:
        parts = table.read(wanted)
    if not len(table):
        yield pa.RecordBatch.from_pylist([], pa.schema([table.schema.field(name) for name in wanted]))
        return
    held: list[pa.RecordBatch] = []
    left, room = len(table), rows
    for part in parts:
        rest = part.slice(0, left)
        left -= len(rest)
        while len(rest):
            held.append(rest.slice(0, room))
            rest = rest.slice(room)
            room -= len(held[-1])
            if not room:
                yield _joined(held)
                held, room = [], rows
        if not left:
            break
    if held:
        yield _joined(held)


def strided(table: AnyTable, names: Sequence[str], step: int) -> list[pa.ChunkedArray]:
    """Every ``step``-th cell of some columns, from the first.

    Parameters
    ----------
    table : Table or StoredTable
        To read.
    names : sequence of str
        The columns, each once.
    step : int
        1 for all cells.

    Returns
    -------
    list of ChunkedArray
        In the order of the names, in memory.
    """
    parts, first = [], 0
    for batch in read_batches(table, names):
        some = batch if step == 1 else batch.take(pa.array(np.arange(-first % step, len(batch), step)))
        parts.append(some)
        first += len(batch)
    return [pa.chunked_array([part.column(name) for part in parts], table.schema.field(name).type) for name in names]


def joint_schema(schemas: Sequence[pa.Schema]) -> pa.Schema:
    """What batches with these schemas have in common.

    Parameters
    ----------
    schemas : sequence of Schema
        The first one says which columns; others may lack some.

    Returns
    -------
    Schema
        Each column of a type that all can be cast to, else text.
    """
    fields = []
    for name in schemas[0].names if schemas else ():
        alone = [pa.schema([schema.field(name)]) for schema in schemas if name in schema.names]
        try:
            fields.append(pa.unify_schemas(alone, promote_options="permissive").field(0))
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            fields.append(pa.field(name, pa.string()))
    return pa.schema(fields)


def of_schema(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The columns of a schema, of its types.

    Parameters
    ----------
    batch : RecordBatch
        A column that it lacks is null.
    schema : Schema
        From :func:`joint_schema`.

    Returns
    -------
    RecordBatch
        The same rows.
    """
    columns = []
    for field in schema:
        cells = batch.column(field.name) if field.name in batch.schema.names else pa.nulls(len(batch))
        if cells.type != field.type:
            text = pa.types.is_string(field.type) and not pa.types.is_null(cells.type)
            cells = _texts(cells.to_pylist()) if text else cells.cast(field.type)
        columns.append(cells)
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _joined(held: list[pa.RecordBatch]) -> pa.RecordBatch:
    if len(held) == 1:
        return held[0]
    return pa.Table.from_batches(held).combine_chunks().to_batches()[0]


def _read(files: Sequence[Path], schema: pa.Schema, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """The batches of all files, the columns asked for, of one type."""
    wanted = pa.schema([schema.field(name) for name in columns])
    for file in files:
        with pa.OSFile(str(file)) as source:  # not mapped: what was read is let go of
            places = ipc.open_file(source).schema
            chosen = ipc.IpcReadOptions(included_fields=sorted(places.get_field_index(name) for name in columns))
            reader = ipc.open_file(source, options=chosen)
            for i in range(reader.num_record_batches):
                yield of_schema(reader.get_batch(i), wanted)


def _texts(cells: list[object]) -> pa.Array:
    return pa.array([None if cell is None else str(cell) for cell in cells], pa.string())
