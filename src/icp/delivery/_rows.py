"""From scores to the rows of a list, under canonical names and as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from icp._csv import decimal_text
from icp._wording import plain
from icp.delivery._cells import EMPTY_WORD
from icp.delivery._fields import Field
from icp.delivery._keys import FORMULA, KeyRule
from icp.options import DeliveryOptions

__all__ = ["ACCOUNT_COLUMN", "NEXT_ACTION", "list_rows", "number_text", "reworded"]

NEXT_ACTION = {"A": "call_now", "B": "research_first", "C": "nurture", "D": "hands_off", "not_scored": "research_first"}
"""What is done with each tier, unless the company has a table of its own."""

ACCOUNT_COLUMN = "account:"
"""What stands before the name of a column of the accounts, so that it is not taken for one of the scores."""

_SIGNED = r"^[-+\x{2212}]\s*[\d.,(]"
_LIKE_A_NUMBER = r"^[\d.,\s:/E-]+$"
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"


def list_rows(
    scores: pa.Table, rule: KeyRule, options: DeliveryOptions, run_id: str, actions: Mapping[str, str]
) -> pa.Table:
    """Rows of the list.

    Parameters
    ----------
    scores : Table
        With the columns of ``scores.csv``; further columns of the accounts behind ``ACCOUNT_COLUMN``.
    rule : KeyRule
        Fields of the target, and how ids become keys.
    options : DeliveryOptions
        Validity.
    run_id : str
        Travels with every row.
    actions : mapping of str to str
        Next action of each tier; an account of tier A with low confidence gets that of B.

    Returns
    -------
    Table
        A text column for each field, null where there is nothing; further columns of the accounts as they are.
    """
    scored = pc.equal(scores.column("status"), "scored")
    tier = pc.if_else(scored, scores.column("tier"), "not_scored")
    low = pc.fill_null(pc.equal(scores.column("confidence"), "low"), False)
    worked_as = pc.if_else(pc.and_(low, pc.equal(tier, "A")), "B", tier)
    words = pa.array([word or None for word in actions.values()], pa.string())
    action = words.take(pc.index_in(worked_as, value_set=pa.array(actions, pa.string())))
    dates, n = scores.column("as_of"), len(scores)
    score = number_text(scores.column("percentile"), 2)
    columns = {
        "account_key": rule.keys(scores.column("account_id").combine_chunks()),
        "tier": tier,
        "score": pc.if_else(scored, score, pa.scalar(None, pa.string())),
        "next_action": action,
        "score_date": dates,
        "valid_until": _later(dates, options.valid_days),
        "run_id": pa.array([run_id] * n, pa.string()),
    }
    for field in rule.rules.fields:
        if field.name not in columns:
            columns[field.name] = _cells(field, scores)
    return pa.table({field.name: columns[field.name] for field in rule.rules.fields})


def _cells(field: Field, scores: pa.Table) -> pa.ChunkedArray | pa.Array:
    """Cells that are taken over."""
    name = field.source[0] if field.source else ""
    if field.more and ACCOUNT_COLUMN + name in scores.column_names:
        name = ACCOUNT_COLUMN + name
    if name not in scores.column_names:
        return pa.nulls(len(scores), pa.string())
    if field.kind == "number":
        return number_text(scores.column(name), field.decimals)
    texts = scores.column(name).cast(pa.string())
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)


def number_text(numbers: pa.ChunkedArray, decimals: int) -> pa.ChunkedArray:
    """Numbers with a point and fixed decimals.

    Parameters
    ----------
    numbers : ChunkedArray of double
        Null where there is none.
    decimals : int
        Behind the point.

    Returns
    -------
    ChunkedArray of string
        ``nan``, ``inf`` and numbers beyond 1e15 as they are, so that the check of cells refuses them.
    """
    numbers = numbers.cast(pa.float64())
    usual = pc.less(pc.abs(numbers), 1e15)  # neither NaN nor infinite
    fixed = decimal_text(pc.if_else(usual, numbers, 0.0), decimals)
    return pc.if_else(usual, fixed, numbers.cast(pa.string()))


def _later(dates: pa.ChunkedArray, days: int) -> pa.Array:
    as_days = dates.combine_chunks().cast(pa.date32()).cast(pa.int32())
    return pc.add(as_days, pa.scalar(days, pa.int32())).cast(pa.date32()).cast(pa.string())


def reworded(rows: pa.Table, rule: KeyRule, changed: Counter[str]) -> pa.Table:
    """The list with its further columns made safe: by wording, or by a guard in a file that is only looked at.

    Parameters
    ----------
    rows : Table
        From :func:`list_rows`.
    rule : KeyRule
        Fields of the target.
    changed : Counter
        Cells of each further column that are not what the source has; added to.

    Returns
    -------
    Table
        Of the same columns.
    """
    guard = rule.rules.view_only
    for i, field in enumerate(rule.rules.fields):
        cells = rows.column(i)
        if field.kind == "text" and field.more:
            made = _by_value(cells, _guarded if guard else lambda text, n=field.length: _worded(text, n))
            changed[field.name] += int(
                pc.sum(pc.not_equal(pc.fill_null(made, ""), pc.fill_null(cells, ""))).as_py() or 0
            )
        elif guard and field.kind in ("key", "text"):
            made = _by_value(cells, _guarded_key if field.kind == "key" else _guarded)
        else:
            continue
        rows = rows.set_column(i, field.name, made)
    return rows


def _by_value(cells: pa.ChunkedArray, change: object) -> pa.Array:
    """The same change for each different cell, made once."""
    encoded = cells.combine_chunks().dictionary_encode()
    made = [change(text) or None for text in encoded.dictionary.to_pylist()]  # type: ignore[operator]
    return pa.array(made, pa.string()).take(encoded.indices)


def _worded(text: str, length: int) -> str:
    """A cell of the accounts as a CRM keeps it; a sign before a number is worded, as dropping it would change it."""
    text = " ".join(text.split())
    if pc.match_substring_regex(pa.scalar(text), _SIGNED).as_py():
        text = f"{'plus' if text[0] == '+' else 'minus'} {text[1:].lstrip()}"
    made = plain(text, length)
    return "" if made.casefold() == EMPTY_WORD.casefold() else made


def _guarded(text: str) -> str:
    """A text that a spreadsheet shows and does not run."""
    text = pc.replace_substring_regex(pa.scalar(text), _CONTROL, " ").as_py()
    return f"'{text}" if pc.match_substring_regex(pa.scalar(text), FORMULA).as_py() else text


def _guarded_key(text: str) -> str:
    """A key that a spreadsheet does not take for a number, a date or a formula."""
    numeric = pc.match_substring_regex(pa.scalar(text), _LIKE_A_NUMBER).as_py()
    return f"'{text}" if numeric else _guarded(text)
