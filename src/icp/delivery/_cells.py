"""What a cell may hold; everything that breaks a rule is found at once, with its row."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from icp.delivery._fields import Field
from icp.errors import Problem

__all__ = ["EMPTY_WORD", "cell_problems"]

_FORBIDDEN = (
    r'["|<>\p{Cc}\p{Cf}\p{Co}\x{2028}\x{2029}\x{10000}-\x{10FFFF}'
    r"\x{2600}-\x{27BF}\x{2B00}-\x{2BFF}\x{FE00}-\x{FE0F}\x{20E3}\x{231A}\x{231B}\x{2328}\x{23CF}\x{23E9}-\x{23FF}]"
)
_FORMULA = "^[-=+@'＝＋－＠＇]"
_DATE = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"
EMPTY_WORD = "#N/A"
"""A word that importers take for an empty cell."""

_SHOWN = 3


def cell_problems(field: Field, keys: pa.Array, cells: pa.Array, length: int) -> list[Problem]:
    """What is wrong with the cells of one column.

    Parameters
    ----------
    field : Field
        What they may hold.
    keys : Array of string
        Of the rows, for the message.
    cells : Array of string
        One per row; null is empty.
    length : int
        Most characters of a text that the target takes.

    Returns
    -------
    list of Problem
        Empty when every cell is allowed.
    """
    values = cells.unique()
    told: list[tuple[pa.Array, str]] = []
    if field.required and cells.null_count:
        told.append((pc.is_null(cells), "is empty"))
    filled = values.drop_null()
    for broken, words in _rules(field, filled, min(length, field.length)):
        if pc.any(broken).as_py():
            told.append((pc.is_in(cells, value_set=filled.filter(broken)), words))
    problems = []
    for where, words in told:
        rows = pc.indices_nonzero(where)
        shown = tuple(f"{keys[i.as_py()].as_py()}: '{_start(cells[i.as_py()])}'" for i in rows[:_SHOWN])
        message = f"a cell of '{field.name}' {words}."
        action = "Nothing was written. This is a fault of icp's wording: please report the example."
        problems.append(Problem("ICP604", message, action, field.name, len(rows), shown))
    return problems


def _start(cell: pa.Scalar) -> str:
    return "" if cell.as_py() is None else repr(cell.as_py()[:40])[1:-1]


def _rules(field: Field, filled: pa.Array, length: int) -> Iterator[tuple[pa.Array, str]]:
    """Which values break each rule, and the rule in words."""
    if field.kind == "picklist":
        yield pc.invert(pc.is_in(filled, value_set=pa.array(field.options))), "is not a value of the list"
    elif field.kind == "number":
        pattern = rf"^-?\d{{1,{field.digits}}}\.\d{{{field.decimals}}}$"
        fine = pc.match_substring_regex(filled, pattern)
        yield pc.invert(fine), f"is not a number with {field.decimals} decimals"
        size = pc.if_else(fine, filled, None).cast(pa.float64())
        beyond = pc.or_(pc.less(size, field.low), pc.greater(size, field.high))
        yield pc.fill_null(beyond, False), f"is not from {field.low:g} to {field.high:g}"
    elif field.kind == "date":
        yield pc.invert(pc.match_substring_regex(filled, _DATE)), "is not a date"
    elif field.kind == "text":
        yield pc.match_substring_regex(filled, _FORBIDDEN), "holds a character CRMs change or drop"
        yield pc.match_substring_regex(filled, _FORMULA), "starts like a formula"
        yield pc.greater(pc.utf8_length(filled), length), f"is longer than {length} characters"
        long = pc.and_(pc.greater(pc.binary_length(filled), length), pc.less_equal(pc.utf8_length(filled), length))
        yield long, f"is longer than {length} bytes"
        trimmed = pc.not_equal(pc.utf8_trim_whitespace(filled), filled)
        yield pc.or_(trimmed, pc.ends_with(filled, "\\")), "has blanks at an end or ends in a backslash"
        yield _decomposed(filled), "has accents apart from their letters"
        yield pc.is_in(filled, value_set=pa.array([EMPTY_WORD])), "is a word that importers take for an empty cell"


def _decomposed(filled: pa.Array) -> pa.Array:
    """Texts that are not in Unicode form NFC; Arrow's own normalisation takes them apart instead."""
    plain = pc.string_is_ascii(filled).to_pylist()
    cells = zip(plain, filled.to_pylist(), strict=True)
    return pa.array(
        [not is_ascii and not unicodedata.is_normalized("NFC", text) for is_ascii, text in cells], pa.bool_()
    )
