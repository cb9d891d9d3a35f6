"""What a key and a cell may hold; everything that breaks a rule, found at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from icp._spill import find_repeats
from icp.delivery._targets import Field
from icp.errors import Problem

__all__ = ["cell_problems", "key_problems"]

# starts with a letter and holds nothing a spreadsheet or an importer would read as a number, date or formula
KEY = r"^[A-Za-z][A-Za-z0-9_.:-]{0,79}$"
# random ids (8-4-4-4-12 hexadecimal digits) cannot be taken for anything else either
UUID = r"^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$"
_FORBIDDEN = '["|<>\\x00-\\x1f\\x7f-\\x9f\\x{2028}\\x{2029}\\x{10000}-\\x{10FFFF}]'
_FORMULA = "^[-=+@'\\t\\r＝＋－＠]"
_NUMBER = r"^-?\d{1,3}\.\d\d$"
_DATE = r"^\d{4}-\d\d-\d\d$"


def key_problems(keys: Callable[[], Iterable[pa.Array]], folder: Path | None = None) -> list[Problem]:
    """What is wrong with the keys of a list.

    Parameters
    ----------
    keys : callable
        Gives batches of them, prefix included.
    folder : Path, default=None
        Where keys go while repeats are looked for; None keeps them in memory.

    Returns
    -------
    list of Problem
        Empty when every key is allowed and none comes twice, capitals or not.
    """
    problems = []
    n_bad, digits = 0, True
    examples: list[str] = []
    for batch in keys():
        fine = pc.or_(pc.match_substring_regex(batch, KEY), pc.match_substring_regex(batch, UUID))
        bad = batch.filter(pc.invert(fine))
        n_bad += len(bad)
        examples += bad[: 3 - len(examples)].to_pylist()
        digits = digits and bool(pc.all(pc.match_substring_regex(bad, r"^[0-9]+$")).as_py())
    if n_bad:
        action = "A key starts with a letter and holds letters, digits, _ . : - only, 80 at most; it is never repaired."
        if digits:
            action = "Numbers are taken for a CRM's own record numbers: declare a prefix, delivery.key_prefix=C- ."
        message = "the key cannot be loaded safely."
        problems.append(Problem("ICP602", message, action, "account_id", n_bad, tuple(examples)))
    again = find_repeats(keys(), folder, fold=True)
    if again.n_rows:
        message = "the key comes more than once (capitals do not count): the CRM would overwrite one with the other."
        action = "Keep one row per account."
        problems.append(Problem("ICP603", message, action, "account_id", again.n_rows, again.examples))
    return problems


def cell_problems(field: Field, cells: pa.Array) -> list[Problem]:
    """What is wrong with the cells of one column.

    Parameters
    ----------
    field : Field
        What they may hold.
    cells : Array of string
        One per row; null is empty.

    Returns
    -------
    list of Problem
        Empty when every cell is allowed.
    """
    filled = cells.drop_null()
    rules: list[tuple[pa.Array, str]] = []
    if field.kind == "picklist":
        rules.append((pc.invert(pc.is_in(filled, value_set=pa.array(field.options))), "is not a value of the list"))
    elif field.kind == "number":
        rules.append((pc.invert(pc.match_substring_regex(filled, _NUMBER)), "is not a number with two decimals"))
    elif field.kind == "date":
        rules.append((pc.invert(pc.match_substring_regex(filled, _DATE)), "is not a date"))
    elif field.kind == "text":
        rules.append((pc.match_substring_regex(filled, _FORBIDDEN), "holds a character CRMs change or drop"))
        rules.append((pc.match_substring_regex(filled, _FORMULA), "starts like a formula"))
        rules.append((pc.greater(pc.binary_length(filled), field.length), f"is longer than {field.length} bytes"))
        trimmed = pc.not_equal(pc.utf8_trim_whitespace(filled), filled)
        rules.append((pc.or_(trimmed, pc.ends_with(filled, "\\")), "has blanks at an end or ends in a backslash"))
    problems = []
    for broken, words in rules:
        bad = filled.filter(broken)
        if len(bad):
            examples = tuple(text[:40] for text in bad[:3].to_pylist())
            message = f"a cell of '{field.name}' {words}."
            action = "Nothing was written. This is a fault of icp's wording: please report the example."
            problems.append(Problem("ICP604", message, action, field.name, len(bad), examples))
    return problems
