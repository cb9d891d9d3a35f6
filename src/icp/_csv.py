"""CSV by RFC 4180 from Arrow tables: quotes only where needed, the same bytes every time, no loop over rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["csv_bytes", "csv_header", "csv_rows", "decimal_text"]

_NEEDS_QUOTES = '[",\r\n]|^[ \t]|[ \t]$'


def csv_bytes(table: pa.Table, line_end: str = "\n") -> bytes:
    r"""The whole table as CSV: header once, final line end, empty cells for nulls.

    Parameters
    ----------
    table : Table
        Text columns; anything else is cast to text.
    line_end : {"\n", "\r\n"}, default="\n"
        Written after every row.

    Returns
    -------
    bytes
        UTF-8 without a byte-order mark.

    Examples
    --------
    >>> csv_bytes(pa.table({"id": ["A-1", None], "note": ["plain", "x, y"]})).decode().splitlines()
    ['id,note', 'A-1,plain', ',"x, y"']
    """
    return csv_header(table.column_names, line_end) + csv_rows(table, line_end)


def csv_header(names: Sequence[str], line_end: str = "\n") -> bytes:
    r"""The first line, as :func:`csv_bytes` writes it.

    Parameters
    ----------
    names : sequence of str
        Of the columns.
    line_end : {"\n", "\r\n"}, default="\n"
        Written after it.

    Returns
    -------
    bytes
        UTF-8.
    """
    return csv_rows(pa.table({str(i): [name] for i, name in enumerate(names)}), line_end)


def csv_rows(table: pa.Table, line_end: str = "\n") -> bytes:
    r"""The rows alone, as :func:`csv_bytes` writes them.

    Parameters
    ----------
    table : Table
        Text columns; anything else is cast to text.
    line_end : {"\n", "\r\n"}, default="\n"
        Written after every row.

    Returns
    -------
    bytes
        UTF-8; empty for a table without rows.
    """
    if not len(table):
        return b""
    cells = [_quoted(column) for column in table.columns]
    rows = pc.binary_join_element_wise(*cells, ",") if len(cells) > 1 else cells[0]
    big = pa.large_string()
    ends = (pa.scalar(line_end, big), pa.scalar("", big))
    lines = pc.binary_join_element_wise(rows.cast(big), *ends).combine_chunks()
    # the lines lie one behind the other in the array's data buffer: that stretch of it is the file
    offsets = np.frombuffer(lines.buffers()[1], dtype=np.int64)
    first, last = offsets[lines.offset], offsets[lines.offset + len(lines)]
    return lines.buffers()[2].slice(int(first), int(last - first)).to_pybytes()


def decimal_text(numbers: pa.ChunkedArray, decimals: int) -> pa.ChunkedArray:
    """Numbers with a point and fixed decimals, never with an exponent.

    Parameters
    ----------
    numbers : ChunkedArray of double
        Finite, or null.
    decimals : int
        Behind the point.

    Returns
    -------
    ChunkedArray of string
        Null where the number is.

    Examples
    --------
    >>> decimal_text(pa.chunked_array([[12.5, 1e-9, None]]), 6).to_pylist()
    ['12.500000', '0.000000', None]
    """
    fixed = numbers.cast(pa.decimal128(24, decimals))
    text = fixed.cast(pa.string())
    small = pc.match_substring(text, "E")  # Arrow writes a decimal as small as 0.0000001 with an exponent
    if not pc.any(small).as_py():
        return text
    plain = [None if cell is None else f"{cell:f}" for cell in fixed.to_pylist()]
    return pc.if_else(small, pa.chunked_array([pa.array(plain, pa.string())]), text)


def _quoted(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Cells as they are written; each different text of a chunk is looked at once."""
    return pa.chunked_array([_quoted_chunk(chunk.cast(pa.string())) for chunk in column.chunks], pa.string())


def _quoted_chunk(cells: pa.Array) -> pa.Array:
    encoded = pc.fill_null(cells, "").dictionary_encode()
    text = encoded.dictionary
    quoted = pc.binary_join_element_wise('"', pc.replace_substring(text, '"', '""'), '"', "")
    written = pc.if_else(pc.match_substring_regex(text, _NEEDS_QUOTES), quoted, text)
    return written.take(encoded.indices)
