"""CSV as it comes out of CRMs and spreadsheets: separator and encoding detected, every cell kept as written."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from icp._stored import AnyTable, Store
from icp.accounts._text import Text, examine, refuse, unchanging
from icp.errors import Problem, TableError
from icp.tables import Finding

__all__ = ["DelimitedFile", "read_delimited"]

_SEPARATORS = (",", ";", "\t", "|", "^")
_SAMPLE = 1 << 17
_BLOCK = 1 << 22
"""Bytes that are read at a time."""

_LARGEST_BLOCK = 1 << 26
"""And where a row is longer than that."""

DelimitedFile = tuple[AnyTable, str, str, tuple[Finding, ...]]
"""Cells, separator, encoding, findings."""


def read_delimited(
    path: str,
    table: str,
    separator: str | None,
    encoding: str | None,
    *,
    folder: Path | None = None,
    drop_blank_end: bool = False,
    key: str | None = None,
) -> DelimitedFile:
    r"""All cells of a CSV as text.

    Parameters
    ----------
    path : str
        The file, perhaps gzip, as the user wrote it.
    table : str
        ``accounts``, ``events`` or ``outcomes``, for messages.
    separator, encoding : str or None
        Detected when None; ``tab`` and ``\t`` both mean tab.
    folder : Path, default=None
        Where the cells are put; None keeps them in memory.
    drop_blank_end : bool, default=False
        Leave out the rows of separators only that spreadsheets leave at the end of a file.
    key : str, default=None
        That names the file; None is ``<table>.path``.

    Returns
    -------
    table : Table or StoredTable of string, shape (n_rows, n_columns)
        Cells as written, without quotes.
    separator, encoding : str
        What was used.
    findings : tuple of Finding
        Headers that were given a name, characters that were left out.

    Raises
    ------
    TableError
        The file is not there, cannot be read, or changes while it is read (``ICP100``), is not a CSV or damaged
        (``ICP106``), has rows of different length (``ICP108``) or none (``ICP101``).
    """
    with unchanging(path, table):
        return _read(path, table, separator, encoding, folder, drop_blank_end, key)


def _read(
    path: str,
    table: str,
    separator: str | None,
    encoding: str | None,
    folder: Path | None,
    drop_blank_end: bool,
    key: str | None,
) -> DelimitedFile:
    text, findings = examine(path, table, encoding, key)
    with text.open() as stream:
        head = stream.read(_SAMPLE + 1)
    skip, hint = _separator_line(head)
    head = head[skip:]
    used = {"tab": "\t", "\\t": "\t"}.get(separator or "", separator) or hint or _find_separator(head)
    header = _records(head[:_SAMPLE].decode("utf-8", "ignore"), used, 1)
    if not header:
        raise refuse("ICP101", f"file '{path}' for table '{table}' has no header.", "Export it again.")
    for block in (_BLOCK, _LARGEST_BLOCK):
        rows = _Rows(text, table, used, len(header[0]), None if folder is None else folder / str(block))
        if rows.read(skip, block, drop_blank_end):
            return rows.table(), used, text.encoding, (*findings, *rows.findings)
    raise rows.unclosed()


class _Rows:
    """The rows of a file, block by block, and what is wrong with them."""

    def __init__(self, text: Text, table: str, separator: str, width: int, folder: Path | None) -> None:
        self._text, self._table, self._separator, self._width = text, table, separator, width
        self._store = Store(folder)
        self._names: list[str] = []
        self._empty: set[int] = set()
        self._last: list[str] = []
        self._filled = 0
        self._lengths: Counter[int] = Counter()
        self._ragged: list[str] = []
        self.findings: list[Finding] = []

    def read(self, skip: int, block: int, drop_blank_end: bool) -> bool:
        """Read all rows; False where one is longer than a block."""
        names = [str(i) for i in range(self._width)]
        read = pacsv.ReadOptions(column_names=names, block_size=min(block, self._text.size + 1), use_threads=False)
        parse = pacsv.ParseOptions(
            delimiter=self._separator, newlines_in_values=self._text.n_quotes > 0, invalid_row_handler=self._note
        )
        convert = pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), null_values=[], strings_can_be_null=False, check_utf8=False
        )
        try:
            with self._text.open(skip) as stream:
                for batch in pacsv.open_csv(stream, read, parse, convert):
                    self._add(batch)
        except pa.ArrowInvalid as error:
            if "straddling" in str(error):
                return False
            path, separator = self._text.path, self._separator
            message = f"file '{path}' is not a CSV with separator '{separator}': its rows do not parse."
            raise refuse("ICP106", message, f"Set {self._table}.separator.") from None
        self._check()
        if not drop_blank_end:
            self._filled = self._store.num_rows
        return True

    def table(self) -> AnyTable:
        """The cells under their names, without columns that have neither name nor cells."""
        kept = []
        for i, name in enumerate(self._names):
            if name == f"column {i + 1}":
                if i in self._empty and self._width > 1:
                    message = f"column {i + 1} has no name and no cells: left out."
                    self.findings.append(Finding("ICP107", "note", message, "repaired"))
                    continue
                message = f"column {i + 1} has no name: it is called '{name}'."
                self.findings.append(Finding("ICP107", "warning", message, "repaired"))
            kept.append(name)
        return self._store.close(kept, max(1, self._filled))

    def unclosed(self) -> TableError:
        """The error of a quotation mark without its second."""
        message = (
            f"file '{self._text.path}': a quotation mark is opened and never closed (separator '{self._separator}')."
        )
        return refuse("ICP106", message, f"Export the file again, or set {self._table}.separator.")

    def _note(self, row: Any) -> str:
        self._lengths[row.actual_columns] += 1
        if len(self._ragged) < 3:
            self._ragged.append(f"line {row.number:,}")
        return "skip"

    def _add(self, batch: pa.RecordBatch) -> None:
        if not len(batch):
            return
        if not self._names:
            self._names, self.findings = _names([column[0].as_py() for column in batch.columns])
            self._empty = {i for i, name in enumerate(self._names) if name == f"column {i + 1}"}
            batch = batch.slice(1)
            if not len(batch):
                return
        self._empty = {i for i in self._empty if not _holds_cells(batch.column(i))}
        last = next((row for row in range(len(batch) - 1, -1, -1) if any(c.strip() for c in _cells(batch, row))), None)
        if last is not None:
            self._filled = self._store.num_rows + last + 1
        self._last = list(_cells(batch, len(batch) - 1))
        self._store.add(batch.rename_columns(self._names))

    def _check(self) -> None:
        if self._lengths:
            raise self._ragged_error()
        if self._text.n_quotes % 2 and any("\n" in cell for cell in self._last):
            raise self.unclosed()
        if not self._store.num_rows:
            message = f"file '{self._text.path}' for table '{self._table}' has a header and no rows."
            raise refuse("ICP101", message, "Export it again, with rows.")

    def _ragged_error(self) -> TableError:
        found = ", ".join(f"{length} in {count:,}" for length, count in sorted(self._lengths.items())[:5])
        shown = "tab" if self._separator == "\t" else self._separator
        message = f"rows do not have the {self._width} cells of the header (cells: {found} rows; separator '{shown}')."
        n_bad = sum(self._lengths.values())
        if min(self._lengths) > self._width and n_bad > self._store.num_rows:
            action = "The first line seems to be a title: delete all lines above the one with the names of the columns."
        elif max(self._lengths) == 1 < self._width:
            action = "Delete lines that are no rows, such as a footer or a total."
        else:
            action = f"Put quotes around cells that hold the separator, or set {self._table}.separator."
        problem = Problem("ICP108", message, action, n_rows=n_bad, examples=tuple(self._ragged))
        return TableError(f"Table '{self._table}', file {self._text.path}: rows of different length", [problem])


def _cells(batch: pa.RecordBatch, row: int) -> Iterator[str]:
    return (str(column[row].as_py()) for column in batch.columns)


def _holds_cells(column: pa.Array) -> bool:
    return bool(pc.any(pc.not_equal(pc.utf8_trim_whitespace(column), "")).as_py())


def _separator_line(head: bytes) -> tuple[int, str | None]:
    """Length of Excel's own first line ``sep=;`` and its separator, if there is one."""
    first, _, _ = head.partition(b"\n")
    word = first.strip().strip(b'"')
    if word.lower().startswith(b"sep=") and len(word) == 5:
        return len(first) + 1, word[4:].decode("ascii", "ignore") or None
    return 0, None


def _find_separator(text: bytes) -> str:
    """The separator under which most of the first records are as long as the header."""
    sample = text[:_SAMPLE].decode("utf-8", "ignore")
    best, best_score = ",", (0.0, 0)
    for separator in _SEPARATORS:
        records = _records(sample, separator, 200)
        if len(text) > _SAMPLE and len(records) > 1:
            records = records[:-1]
        if not records or len(records[0]) < 2:
            continue
        width = len(records[0])
        score = (sum(len(record) == width for record in records) / len(records), width)
        if score > best_score:
            best, best_score = separator, score
    return best


def _records(sample: str, separator: str, limit: int) -> list[list[str]]:
    records = []
    try:
        for record in csv.reader(io.StringIO(sample, newline=""), delimiter=separator):
            if record:
                records.append(record)
            if len(records) == limit:
                break
    except csv.Error:
        pass
    return records


def _names(cells: list[str]) -> tuple[list[str], list[Finding]]:
    """Column names from the first record: trimmed, unnamed ones numbered, repeated ones told apart."""
    written = [" ".join(cell.split()) for cell in cells]
    names: list[str] = []
    findings = []
    for position, name in enumerate(written, start=1):
        unique = name or f"column {position}"
        number = 2
        while unique in names:
            unique, number = f"{name or f'column {position}'} ({number})", number + 1
        if name and unique != name:
            message = f"column '{name}' is there more than once: the one at position {position} is called '{unique}'."
            findings.append(Finding("ICP107", "warning", message, "repaired", column=unique))
        names.append(unique)
    return names, findings
