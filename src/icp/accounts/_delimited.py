"""CSV as it comes out of CRMs and spreadsheets: separator and encoding detected, every cell kept as written."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from icp.errors import Problem, TableError
from icp.tables import Finding

__all__ = ["DelimitedFile", "read_bytes", "read_delimited"]

_SEPARATORS = (",", ";", "\t", "|", "^")
_SAMPLE = 1 << 17
_BLOCK = 1 << 26
_MAGIC = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"SQLite format 3", "a SQLite database"),
)
_SAVE_AS = "Save it as CSV (UTF-8) and try again."

DelimitedFile = tuple[pa.Table, str, str, tuple[Finding, ...]]
"""Cells, separator, encoding, findings."""


def read_bytes(path: str, table: str) -> bytes:
    """A file's content, unpacked when it is gzip.

    Parameters
    ----------
    path : str
        As the user wrote it.
    table : str
        ``accounts``, ``events`` or ``outcomes``, for messages.

    Returns
    -------
    bytes
        At least one byte that is not white space.

    Raises
    ------
    TableError
        The file is not there, cannot be read (``ICP100``), is damaged (``ICP106``) or empty (``ICP101``).
    """
    try:
        data = Path(path).read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
    except OSError as error:
        why = "is damaged gzip" if isinstance(error, gzip.BadGzipFile) else (error.strerror or "cannot be read").lower()
        raise _refuse("ICP100", f"file '{path}' for table '{table}': {why}.", f"Check {table}.path.") from None
    except (EOFError, zlib.error):
        raise _refuse("ICP106", f"file '{path}' is gzip that breaks off.", "Copy the file again.") from None
    if not data.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        raise _refuse("ICP101", f"file '{path}' for table '{table}' is empty.", "Export it again, with a header line.")
    return data


def read_delimited(data: bytes, source: str, table: str, separator: str | None, encoding: str | None) -> DelimitedFile:
    r"""All cells of a CSV as text.

    Parameters
    ----------
    data : bytes
        The file.
    source, table : str
        For messages.
    separator, encoding : str or None
        Detected when None; ``tab`` and ``\t`` both mean tab.

    Returns
    -------
    table : Table of string, shape (n_rows, n_columns)
        Cells as written, without quotes.
    separator, encoding : str
        What was used.
    findings : tuple of Finding
        Headers that were given a name, characters that were left out.

    Raises
    ------
    TableError
        Not a CSV (``ICP106``), rows of different length (``ICP108``), no rows (``ICP101``).
    """
    text, encoding, findings = _to_utf8(data, source, encoding)
    text, hint = _without_separator_line(text)
    used = {"tab": "\t", "\\t": "\t"}.get(separator or "", separator) or hint or _find_separator(text)
    header = _records(text[:_SAMPLE].decode("utf-8", "ignore"), used, 1)
    if not header:
        raise _refuse("ICP101", f"file '{source}' for table '{table}' has no header.", "Export it again.")
    width = len(header[0])
    cells = _read(text, used, width, source, table)
    names, named = _names(cells)
    rows = cells.slice(1).rename_columns([str(i) for i in range(width)])
    rows, names, dropped = _without_empty_unnamed(rows, names)
    if not len(rows):
        raise _refuse(
            "ICP101", f"file '{source}' for table '{table}' has a header and no rows.", "Export it again, with rows."
        )
    return rows.rename_columns(names), used, encoding, (*findings, *named, *dropped)


def _refuse(code: str, message: str, action: str, **details: Any) -> TableError:
    return TableError(message[0].upper() + message[1:], [Problem(code, message, action, **details)])


def _to_utf8(data: bytes, source: str, encoding: str | None) -> tuple[bytes, str, list[Finding]]:
    """The text as UTF-8 without a byte-order mark, and the encoding it came in."""
    used = encoding or _find_encoding(data, source)
    try:
        name = codecs.lookup(used).name
        text = data if name in ("utf-8", "utf-8-sig") else data.decode(name).encode()
    except (LookupError, UnicodeDecodeError):
        raise _refuse(
            "ICP106",
            f"file '{source}' is not text in the encoding '{used}'.",
            "Leave encoding out to have it detected.",
        ) from None
    text = text.removeprefix(codecs.BOM_UTF8)
    n_null = text.count(b"\0")
    if not n_null:
        return text, used, []
    if n_null > max(100, len(text) // 1000):
        raise _refuse("ICP106", f"file '{source}' is not a CSV: it holds binary data.", _SAVE_AS)
    message = f"{n_null:,} NUL characters in the file were left out."
    return text.replace(b"\0", b""), used, [Finding("ICP110", "warning", message, "repaired")]


def _find_encoding(data: bytes, source: str) -> str:
    for magic, what in _MAGIC:
        if data.startswith(magic):
            raise _refuse("ICP106", f"file '{source}' is not a CSV: it looks like {what}.", _SAVE_AS)
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    head = data[:4096]
    if len(head) > 3 and head[1::2].count(0) > len(head) * 0.4:
        return "utf-16-le"
    if len(head) > 3 and head[::2].count(0) > len(head) * 0.4:
        return "utf-16-be"
    control = sum(head.count(bytes([byte])) for byte in (*range(1, 9), 11, 12, *range(14, 27), *range(28, 32)))
    if control > len(head) // 20:
        raise _refuse("ICP106", f"file '{source}' is not a CSV: it holds binary data.", _SAVE_AS)
    for name in ("utf-8", "cp1252"):
        if _decodes(data, name):
            return name
    return "latin-1"


def _decodes(data: bytes, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    try:
        for start in range(0, len(data), _BLOCK):
            decoder.decode(data[start : start + _BLOCK], final=start + _BLOCK >= len(data))
    except UnicodeDecodeError:
        return False
    return True


def _without_separator_line(text: bytes) -> tuple[bytes, str | None]:
    """Excel's own first line ``sep=;``, if there is one."""
    first, _, rest = text.partition(b"\n")
    word = first.strip().strip(b'"')
    if word.lower().startswith(b"sep=") and len(word) == 5:
        return rest, word[4:].decode("ascii", "ignore") or None
    return text, None


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


def _read(text: bytes, separator: str, width: int, source: str, table: str) -> pa.Table:
    """Every record, the header too, as text; rows of another length are refused all at once."""
    names = [str(i) for i in range(width)]
    ragged: list[Any] = []

    def note(row: Any) -> str:
        ragged.append(row)
        return "skip"

    try:
        cells = pacsv.read_csv(
            pa.BufferReader(text),
            read_options=pacsv.ReadOptions(
                column_names=names, block_size=min(_BLOCK, len(text) + 1), use_threads=not _has_ragged(text)
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=separator, newlines_in_values=b'"' in text, invalid_row_handler=note
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), null_values=[], strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        if "straddling" in str(error):
            raise _unclosed(source, separator, table) from None
        message = f"file '{source}' is not a CSV with separator '{separator}': its rows do not parse."
        raise _refuse("ICP106", message, f"Set {table}.separator.") from None
    if ragged:
        raise _ragged_error(ragged, width, separator, source, table)
    if text.count(b'"') % 2 and len(cells) and any("\n" in column[-1].as_py() for column in cells.columns):
        raise _unclosed(source, separator, table)
    return cells


def _unclosed(source: str, separator: str, table: str) -> TableError:
    message = f"file '{source}': a quotation mark is opened and never closed (separator '{separator}')."
    return _refuse("ICP106", message, f"Export the file again, or set {table}.separator.")


def _has_ragged(text: bytes) -> bool:
    """Small files are read in one thread, so that a row of the wrong length can be numbered."""
    return len(text) < _SAMPLE * 8


def _ragged_error(ragged: list[Any], width: int, separator: str, source: str, table: str) -> TableError:
    lengths = Counter(row.actual_columns for row in ragged)
    found = ", ".join(f"{length} in {count:,}" for length, count in sorted(lengths.items())[:5])
    where = tuple(f"line {row.number:,}" for row in ragged if row.number is not None) or tuple(
        f"'{row.text[:40]}'" for row in ragged
    )
    shown = "tab" if separator == "\t" else separator
    message = f"rows do not have the {width} cells of the header (cells: {found} rows; separator '{shown}')."
    action = f"Put quotes around cells that hold the separator, or set {table}.separator."
    problem = Problem("ICP108", message, action, n_rows=len(ragged), examples=where[:3])
    return TableError(f"Table '{table}', file {source}: rows of different length", [problem])


def _names(cells: pa.Table) -> tuple[list[str], list[Finding]]:
    """Column names from the first record: trimmed, unnamed ones numbered, repeated ones told apart."""
    written = [" ".join(str(column[0].as_py()).split()) if len(column) else "" for column in cells.columns]
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


def _without_empty_unnamed(rows: pa.Table, names: list[str]) -> tuple[pa.Table, list[str], list[Finding]]:
    """Columns without a name: left out when they hold nothing, else said."""
    kept, findings = [], []
    for i, name in enumerate(names):
        if name != f"column {i + 1}":
            kept.append(i)
            continue
        empty = not pc.any(pc.not_equal(pc.utf8_trim_whitespace(rows.column(i)), "")).as_py()
        if empty and len(names) > 1:
            findings.append(
                Finding("ICP107", "note", f"column {i + 1} has no name and no cells: left out.", "repaired")
            )
            continue
        findings.append(Finding("ICP107", "warning", f"column {i + 1} has no name: it is called '{name}'.", "repaired"))
        kept.append(i)
    return rows.select(kept), [names[i] for i in kept], findings
