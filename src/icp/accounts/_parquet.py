"""Parquet as a table that is not in memory: a file, or a folder of files, read some thousand rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from icp._stored import AnyTable, StoredTable, joint_schema, of_schema
from icp.accounts._text import Stamp, changed, stamp_of
from icp.errors import TableError

if TYPE_CHECKING:
    import pyarrow.dataset as ds

__all__ = ["read_parquet"]

_ROWS, _BUFFER = 1 << 14, 1 << 16


def read_parquet(path: str, table: str, *, in_memory: bool) -> AnyTable:
    """A Parquet file, or a folder of them.

    Parameters
    ----------
    path : str
        As the user wrote it. Names of folders such as ``year=2026`` are columns.
    table : str
        For messages.
    in_memory : bool
        Whether all of it is read now. Else memory holds some thousand rows, however large the file's own row groups
        are, and what is damaged further on is told when it is read.

    Returns
    -------
    Table or StoredTable
        Columns of the first file, each of a type that all files can be cast to; in the order of the files' names.

    Raises
    ------
    TableError
        Not there, not Parquet, damaged, or written to while it is read (``ICP100``).
    """
    import pyarrow.dataset as ds

    try:
        dataset = ds.dataset(path, format="parquet", partitioning="hive" if Path(path).is_dir() else None)
        files = list(dataset.get_fragments())
        before = [stamp_of(file.path) for file in files]
        schema = joint_schema([dataset.schema, *(file.physical_schema for file in files)])
        stored = StoredTable(schema, dataset.count_rows(), partial(_read, files, before, schema, path, table))
    except (OSError, ValueError) as error:  # of Arrow, and names that are no text
        raise _unreadable(path, table, error) from None
    return pa.Table.from_batches(stored.read(schema.names), schema) if in_memory else stored


def _read(
    files: Sequence[ds.ParquetFileFragment],
    before: list[Stamp],
    schema: pa.Schema,
    path: str,
    table: str,
    columns: Sequence[str],
) -> Iterator[pa.RecordBatch]:
    wanted = pa.schema([schema.field(name) for name in columns])
    try:
        for file in files:
            yield from _rows(file, wanted)
    except (OSError, ValueError) as error:  # of Arrow, and names that are no text
        if [stamp_of(file.path) for file in files] != before:
            raise changed(path, table) from None
        raise _unreadable(path, table, error) from None


def _rows(file: ds.ParquetFileFragment, wanted: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The rows of one file, from a piece of each column at a time.

    Arrow's own scan of a dataset holds whole row groups, often a million rows each, and ``pre_buffer`` whole files.
    """
    import pyarrow.dataset as ds
    import pyarrow.parquet as pq

    fixed = ds.get_partition_keys(file.partition_expression)
    with pq.ParquetFile(file.path, filesystem=file.filesystem, buffer_size=_BUFFER, pre_buffer=False) as opened:
        there = [name for name in wanted.names if name in opened.schema_arrow.names and name not in fixed]
        for batch in opened.iter_batches(_ROWS, columns=there):
            batch.validate(full=True)  # texts that are none would end far from here
            for name in fixed.keys() & wanted.names:
                cells = pa.repeat(pa.scalar(fixed[name], wanted.field(name).type), len(batch))
                batch = batch.append_column(name, cells)
            yield of_schema(batch, wanted)


def _unreadable(path: str, table: str, error: Exception) -> TableError:
    message = f"file '{path}' for table '{table}' is not a Parquet file, or damaged."
    if isinstance(error, OSError):
        message = f"file '{path}' for table '{table}': {(error.strerror or 'cannot be read').lower()}."
    return TableError.one("ICP100", message, f"Check {table}.path, or set {table}=csv.")  # type: ignore[return-value]
