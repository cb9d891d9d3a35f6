"""From cells to values: one function for training and serving, each different text read once."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from icp.accounts._dates import parse_dates
from icp.accounts._numbers import parse_numbers
from icp.accounts._types import not_nan, of_calendar, typed_cells
from icp.tables import Column

__all__ = [
    "MISSING_TOKENS",
    "NO",
    "YES",
    "Cells",
    "alike",
    "distinct_cells",
    "encoded_cells",
    "joined",
    "parse_column",
    "parse_columns",
    "parse_texts",
    "plain_cells",
    "text_cells",
]

MISSING_TOKENS = ("", "na", "n/a", "#n/a", "#na", "null", "none", "nan", "<na>", "nat", "-", "--", "?")
"""What "not known" looks like, in lower case."""

YES = ("yes", "y", "true", "t", "ja", "j", "si", "sí", "oui", "sim", "wahr", "vrai", "1", "1.0")
NO = ("no", "n", "false", "f", "nein", "non", "não", "nao", "falsch", "faux", "0", "0.0")
_YES, _NO = pa.array(YES), pa.array(NO)
_CELLS_AT_ONCE = 20_000
"""More in one go would not fit into the caches of a core."""

_UNTIDY = "^ | $|  |[^ -~]"
"""Anything but plain characters with single blanks between them."""


@dataclass(frozen=True)
class Cells:
    """The different texts of a column, and which stands in each row.

    Parameters
    ----------
    text : Array of string, shape (n_distinct,)
        Trimmed, normalised (NFC), inner white space folded; two may be equal after that.
    index : ndarray of int64, shape (n_rows,)
        Position in ``text``; -1 for a null.
    missing : ndarray of bool, shape (n_distinct,)
        Which texts mean "not known".
    counts : ndarray of int64, shape (n_distinct,)
        Rows of each text.
    """

    text: pa.Array
    index: NDArray[np.int64]
    missing: NDArray[np.bool_]
    counts: NDArray[np.int64]


def parse_column(
    values: pa.Array | pa.ChunkedArray, column: Column, missing: Collection[str] = ()
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Read one column's cells as its kind says; no cell's value depends on another cell.

    Parameters
    ----------
    values : Array or ChunkedArray, shape (n_rows,)
        Cells as written, or already typed.
    column : Column
        Its kind, decimal mark and date formats.
    missing : collection of str, default=()
        Tokens that mean "not known", besides the usual ones; trimmed and without case.

    Returns
    -------
    parsed : ndarray, shape (n_rows,)
        ``float64`` for numeric, ``datetime64[us]`` for date, else objects (text or None; booleans ``"yes"``/``"no"``).
    unreadable : ndarray of bool, shape (n_rows,)
        Cells that hold something which is not of the kind; they are missing in ``parsed``.

    Examples
    --------
    >>> column = Column("revenue", "trait", "numeric", "")
    >>> parse_column(pa.array(["$1,200", "n/a", "lots"]), column)
    (array([1200.,   nan,   nan]), array([False, False,  True]))
    """
    typed = typed_cells(values, column.kind)
    if typed is not None:
        return typed, np.zeros(len(typed), dtype=bool)
    cells = distinct_cells(values, missing)
    parsed, readable = parse_texts(cells, column)
    return parsed[cells.index], ~readable[cells.index]


def parse_columns(
    batch: pa.RecordBatch, columns: Sequence[Column], missing: Collection[str] = ()
) -> dict[str, tuple[NDArray[Any], NDArray[np.bool_]]]:
    """Read some columns, each as :func:`parse_column` does.

    Columns that are read by the same rules are read together: in a short table each call of Arrow takes longer than the
    cells do.

    Parameters
    ----------
    batch : RecordBatch
        With these columns.
    columns : sequence of Column
        Their kinds, decimal marks and date formats.
    missing : collection of str, default=()
        Tokens that mean "not known", besides the usual ones.

    Returns
    -------
    dict of str to (ndarray, ndarray of bool), each of shape (n_rows,)
        Per column, what :func:`parse_column` gives.
    """
    n, found, written = len(batch), {}, []
    given = dict(zip(batch.schema.names, batch.columns, strict=True))  # in one go, as each column takes its time
    for column in columns:
        typed = typed_cells(given[column.name], column.kind)
        if typed is None:
            written.append(column)
        else:
            found[column.name] = typed, np.zeros(n, dtype=bool)
    for some in _few(sorted(written, key=_rules), n):
        cells = distinct_cells(joined([given[column.name] for column in some]), missing)
        index, first = cells.index.reshape(len(some), n), 0
        for _, group in groupby(some, _rules):
            own = list(group)
            mine = index[first : first + len(own)]
            parsed, readable = parse_texts(cells, own[0], mine)
            names = [column.name for column in own]
            found.update(zip(names, zip(parsed[mine], ~readable[mine], strict=True), strict=True))
            first += len(own)
    return found


def alike(columns: Sequence[Column], n_rows: int) -> Iterator[list[Column]]:
    """Columns that are read by the same rules, as many at a time as are worth joining.

    Parameters
    ----------
    columns : sequence of Column
        In any order.
    n_rows : int
        Cells of each.

    Yields
    ------
    list of Column
        Each column once; several where they are short.
    """
    for _, group in groupby(sorted(columns, key=_rules), _rules):
        yield from _few(list(group), n_rows)


def _few(columns: list[Column], n_rows: int) -> Iterator[list[Column]]:
    """As many columns at a time as are worth joining."""
    at_once = max(1, _CELLS_AT_ONCE // max(n_rows, 1))
    yield from (columns[first : first + at_once] for first in range(0, len(columns), at_once))


def _rules(column: Column) -> tuple[str, str]:
    """By what a column is read besides the tokens for "not known"."""
    if column.kind == "numeric":
        return "numeric", column.decimal
    return column.kind, column.date_format if column.kind == "date" else ""


def joined(columns: Sequence[pa.Array | pa.ChunkedArray]) -> pa.Array | pa.ChunkedArray:
    """Cells of some columns as text, one column behind the other.

    Parameters
    ----------
    columns : sequence of Array or ChunkedArray
        Cells.

    Returns
    -------
    Array or ChunkedArray of string
        As :func:`text_cells` gives them.
    """
    texts = [text_cells(cells) for cells in columns]
    if len(texts) == 1:
        return texts[0]
    if len({cells.type for cells in texts}) > 1:
        texts = [cells.cast(pa.string()) for cells in texts]
    chunks = [cells.chunks if isinstance(cells, pa.ChunkedArray) else [cells] for cells in texts]
    return pa.concat_arrays([chunk for some in chunks for chunk in some])


def distinct_cells(values: pa.Array | pa.ChunkedArray, missing: Collection[str] = ()) -> Cells:
    """The different texts of a column.

    Parameters
    ----------
    values : Array or ChunkedArray, shape (n_rows,)
        Cells of any type.
    missing : collection of str, default=()
        Tokens that mean "not known", besides the usual ones.

    Returns
    -------
    Cells
        In order of first appearance.
    """
    different, place = encoded_cells(text_cells(values))
    text = _clean(different.cast(pa.string()))
    filled = pc.fill_null(place, -1) if place.null_count else place
    index = filled.to_numpy(zero_copy_only=False).astype(np.int64)
    unknown = pc.is_in(pc.utf8_lower(text), value_set=_tokens(tuple(missing))).to_numpy(zero_copy_only=False)
    return Cells(text, index, unknown, np.bincount(index[index >= 0], minlength=len(text)))


def encoded_cells(cells: pa.Array | pa.ChunkedArray) -> tuple[pa.Array, pa.Array | pa.ChunkedArray]:
    """The different cells, and which of them stands in each row.

    All parts of an encoded column share its dictionary. Arrow's own ``unify_dictionaries`` compares it part by part:
    a million rows, read in 150 parts, would take minutes.

    Parameters
    ----------
    cells : Array or ChunkedArray, shape (n_rows,)
        Of one type that is no dictionary.

    Returns
    -------
    different : Array, shape (n_distinct,)
        In order of first appearance, without the null.
    place : Array or ChunkedArray of int32, shape (n_rows,)
        Position of each cell; null for a null.
    """
    encoded = cells.dictionary_encode()
    if isinstance(encoded, pa.Array):
        return encoded.dictionary, encoded.indices
    different = encoded.chunks[-1].dictionary if encoded.num_chunks else pa.array([], cells.type)
    return different, pa.chunked_array([part.indices for part in encoded.chunks], pa.int32())


def text_cells(values: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Cells of any type as text; whole numbers without a decimal point.

    Parameters
    ----------
    values : Array or ChunkedArray, shape (n_rows,)
        Cells.

    Returns
    -------
    Array or ChunkedArray of string, shape (n_rows,)
        Nulls stay null.
    """
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        return values
    if pa.types.is_floating(values.type):
        values = not_nan(values)
        whole = pc.all(pc.and_(pc.equal(pc.floor(values), values), pc.less(pc.abs(values), 2.0**53))).as_py()
        if whole:
            values = values.cast(pa.int64())
    if pa.types.is_date(values.type):
        values = of_calendar(values).cast(pa.timestamp("us"))
    if pa.types.is_binary(values.type) or pa.types.is_nested(values.type):
        return pa.array([None if cell is None else str(cell) for cell in values.to_pylist()], pa.string())
    return values.cast(pa.string())


def plain_cells(values: pa.Array) -> pa.Array:
    """Cells of any type as text, each by itself: what stands beside a cell does not change its text.

    Parameters
    ----------
    values : Array, shape (n_rows,)
        Cells.

    Returns
    -------
    Array of string, shape (n_rows,)
        Whole numbers without a decimal point; nulls stay null.
    """
    if pa.types.is_floating(values.type):
        values = not_nan(values)
        return pc.replace_substring_regex(values.cast(pa.string()), r"\.0$", "")
    return text_cells(values).cast(pa.string())


def parse_texts(
    cells: Cells, column: Column, rows: NDArray[np.int64] | None = None
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Different texts read as a column's kind says, and one entry more for a null.

    Parameters
    ----------
    cells : Cells
        Of the column.
    column : Column
        Its kind, decimal mark and date formats.
    rows : ndarray of int64, default=None
        Places of the texts that matter; None: all do.

    Returns
    -------
    parsed : ndarray, shape (n_distinct + 1,)
        As for :func:`parse_column`.
    readable : ndarray of bool, shape (n_distinct + 1,)
        Texts that are of the kind, or mean "not known".
    """
    known = np.append(~cells.missing, False)
    if rows is not None:
        used = np.zeros(len(known), dtype=bool)
        used[rows] = True
        known &= used
    text = cells.text if known[:-1].all() else cells.text.filter(pa.array(known[:-1]))
    values, right = _read(text, column)
    nothing = {"numeric": np.nan, "date": np.datetime64("NaT")}.get(column.kind)
    parsed, readable = np.full(len(known), nothing, dtype=values.dtype), np.ones(len(known), dtype=bool)
    parsed[known], readable[known] = values, right
    return parsed, readable


def _read(text: pa.Array, column: Column) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Texts that mean something, and which of them are of the kind."""
    if column.kind == "numeric":
        numbers = parse_numbers(text, column.decimal)
        return numbers, ~np.isnan(numbers)
    if column.kind == "date":
        dates = parse_dates(text, column.date_format.split("|"))
        return dates, ~np.isnat(dates)
    words = np.empty(len(text), dtype=object)
    if column.kind != "boolean":
        words[:] = text.to_pylist()
        return words, np.ones(len(text), dtype=bool)
    lowered = pc.utf8_lower(text)
    yes, no = (pc.is_in(lowered, value_set=answers).to_numpy(zero_copy_only=False) for answers in (_YES, _NO))
    words[yes], words[no] = "yes", "no"
    return words, np.asarray(yes | no, dtype=bool)


@lru_cache
def _tokens(missing: tuple[str, ...]) -> pa.Array:
    return pa.array(sorted({*MISSING_TOKENS, *(str(token).strip().lower() for token in missing)}), pa.string())


def _clean(text: pa.Array) -> pa.Array:
    """Trimmed, NFC, without invisible characters, inner white space folded to one space."""
    plain = pc.and_not(pc.ascii_is_printable(text), pc.match_substring(text, "  "))
    odd = np.flatnonzero(~plain.to_numpy(zero_copy_only=False))
    if len(odd):
        visible = pc.replace_substring_regex(_composed(text.take(odd)), r"[\x{200B}\x{200E}\x{200F}\x{FEFF}]", "")
        folded = pc.replace_substring_regex(visible, r"[\s\p{Z}\p{Cc}]+", " ")
        text = pc.replace_with_mask(text, pc.invert(plain), folded)
    return pc.utf8_trim_whitespace(text)


def _composed(text: pa.Array) -> pa.Array:
    """Texts in NFC; Arrow's own normalisation leaves combining marks apart (seen in 25), so it is not used."""
    foreign = np.flatnonzero(~pc.string_is_ascii(text).to_numpy(zero_copy_only=False))
    if not len(foreign):
        return text
    mask = np.zeros(len(text), dtype=bool)
    mask[foreign] = True
    composed = [unicodedata.normalize("NFC", cell) for cell in text.take(pa.array(foreign)).to_pylist()]
    return pc.replace_with_mask(text, pa.array(mask), pa.array(composed, pa.string()))
