"""From cells to values: one function for training and serving, each different text read once."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from icp.accounts._dates import parse_dates
from icp.accounts._numbers import LARGEST, parse_numbers
from icp.tables import Column

__all__ = ["MISSING_TOKENS", "NO", "YES", "Cells", "distinct_cells", "encoded_cells", "parse_column", "text_cells"]

MISSING_TOKENS = ("", "na", "n/a", "#n/a", "#na", "null", "none", "nan", "<na>", "nat", "-", "--", "?")
"""What "not known" looks like, in lower case."""

YES = ("yes", "y", "true", "t", "ja", "j", "si", "sí", "oui", "sim", "wahr", "vrai", "1", "1.0")
NO = ("no", "n", "false", "f", "nein", "non", "não", "nao", "falsch", "faux", "0", "0.0")

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
    typed = _typed(values, column.kind)
    if typed is not None:
        return typed, np.zeros(len(typed), dtype=bool)
    cells = distinct_cells(values, missing)
    parsed = _parse_texts(cells.text, column)
    empty = _is_empty(parsed)
    unreadable = np.append(empty & ~cells.missing, False)[cells.index]
    parsed[cells.missing] = _nothing(parsed)
    return np.append(parsed, np.array([_nothing(parsed)], dtype=parsed.dtype))[cells.index], unreadable


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
    index = pc.fill_null(place.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
    tokens = sorted({*MISSING_TOKENS, *(str(token).strip().lower() for token in missing)})
    unknown = pc.is_in(pc.utf8_lower(text), value_set=pa.array(tokens, pa.string())).to_numpy(zero_copy_only=False)
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
        values = pc.if_else(pc.is_nan(values), None, values)
        whole = pc.all(pc.and_(pc.equal(pc.floor(values), values), pc.less(pc.abs(values), 2.0**53))).as_py()
        if whole:
            values = values.cast(pa.int64())
    if pa.types.is_date(values.type):
        values = values.cast(pa.timestamp("us"))
    if pa.types.is_binary(values.type) or pa.types.is_nested(values.type):
        return pa.array([None if cell is None else str(cell) for cell in values.to_pylist()], pa.string())
    return values.cast(pa.string())


def _typed(values: pa.Array | pa.ChunkedArray, kind: str) -> NDArray[Any] | None:
    """Cells that are of the kind already."""
    types, given = pa.types, values.type
    if kind == "numeric" and (types.is_integer(given) or types.is_floating(given) or types.is_decimal(given)):
        numbers = values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        return np.where(np.abs(numbers) <= LARGEST, numbers, np.nan)
    if kind == "numeric" and types.is_boolean(given):
        return np.asarray(values.cast(pa.int8()).cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    if kind == "date" and (types.is_timestamp(given) or types.is_date(given)):
        naive = values.cast(pa.timestamp("us", getattr(given, "tz", None)), safe=False).cast(pa.int64())
        micro = pc.fill_null(naive, np.iinfo(np.int64).min).to_numpy(zero_copy_only=False)
        return micro.astype("datetime64[us]")
    return None


def _parse_texts(text: pa.Array, column: Column) -> NDArray[Any]:
    if column.kind == "numeric":
        return parse_numbers(text, column.decimal)
    if column.kind == "date":
        return parse_dates(text, column.date_format.split("|"))
    if column.kind == "boolean":
        lowered = pc.utf8_lower(text)
        answers = np.full(len(text), None, dtype=object)
        answers[pc.is_in(lowered, value_set=pa.array(YES)).to_numpy(zero_copy_only=False)] = "yes"
        answers[pc.is_in(lowered, value_set=pa.array(NO)).to_numpy(zero_copy_only=False)] = "no"
        return answers
    words = np.empty(len(text), dtype=object)
    words[:] = text.to_pylist()
    return words


def _clean(text: pa.Array) -> pa.Array:
    """Trimmed, NFC, without invisible characters, inner white space folded to one space."""
    if not pc.any(pc.match_substring_regex(text, _UNTIDY), min_count=0).as_py():
        return text
    visible = pc.replace_substring_regex(_composed(text), r"[\x{200B}\x{200E}\x{200F}\x{FEFF}]", "")
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(visible, r"[\s\p{Z}\p{Cc}]+", " "))


def _composed(text: pa.Array) -> pa.Array:
    """Texts in NFC; Arrow's own normalisation leaves combining marks apart (seen in 25), so it is not used."""
    foreign = np.flatnonzero(~pc.string_is_ascii(text).to_numpy(zero_copy_only=False))
    if not len(foreign):
        return text
    mask = np.zeros(len(text), dtype=bool)
    mask[foreign] = True
    composed = [unicodedata.normalize("NFC", cell) for cell in text.take(pa.array(foreign)).to_pylist()]
    return pc.replace_with_mask(text, pa.array(mask), pa.array(composed, pa.string()))


def _is_empty(parsed: NDArray[Any]) -> NDArray[np.bool_]:
    if parsed.dtype == object:
        return np.array([value is None for value in parsed], dtype=bool)
    return np.isnat(parsed) if parsed.dtype.kind == "M" else np.isnan(parsed)


def _nothing(parsed: NDArray[Any]) -> Any:
    if parsed.dtype == object:
        return None
    return np.datetime64("NaT") if parsed.dtype.kind == "M" else np.nan
