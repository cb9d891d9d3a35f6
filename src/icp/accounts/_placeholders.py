"""Drop-down lists that nobody touched: what forms leave behind in place of an answer."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from icp.accounts._raw import RawTable
from icp.tables import Finding

__all__ = ["find_placeholders"]

_ASKS = ("select", "please select", "choose", "please choose", "pick one", "bitte wählen", "auswählen", "choisir")
_MIN_COLUMNS = 2
"""One column may really hold a value of that name, such as a plan called Select; a form has several lists."""


def find_placeholders(raw: RawTable) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """Texts such as "Select" that stand in several columns, as a form leaves them where nobody chose.

    Parameters
    ----------
    raw : RawTable
        Cells of the accounts.

    Returns
    -------
    tokens : tuple of str
        In lower case; they mean "not known".
    findings : tuple of Finding
        ``ICP127`` for each.
    """
    seen: dict[str, dict[str, dict[str, int]]] = {}
    for name in raw.table.column_names:
        for form, n_rows in _asks_in(raw.table.column(name)).items():
            seen.setdefault(form.strip("-. "), {}).setdefault(name, {})[form] = n_rows
    several = {ask: columns for ask, columns in sorted(seen.items()) if len(columns) >= _MIN_COLUMNS}
    tokens = {form for columns in several.values() for forms in columns.values() for form in forms}
    return tuple(sorted(tokens)), tuple(_finding(ask, columns) for ask, columns in several.items())


def _asks_in(column: pa.ChunkedArray) -> dict[str, int]:
    """How often each of the texts stands in a column, in lower case."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return {}
    forms = pa.array([form for ask in _ASKS for form in _forms(ask)], column.type)
    found = pc.utf8_lower(column.filter(pc.is_in(column, value_set=forms)))
    return {item["values"]: item["counts"] for item in pc.value_counts(found).to_pylist()}


def _forms(ask: str) -> set[str]:
    """As forms write it: with a capital, in capitals, between dashes, with dots."""
    words = {ask, ask.capitalize(), ask.title(), ask.upper()}
    return {form.format(word) for word in words for form in ("{}", "-{}-", "--{}--", "- {} -", "-- {} --", "{}...")}


def _finding(ask: str, columns: dict[str, dict[str, int]]) -> Finding:
    rows = {name: sum(forms.values()) for name, forms in columns.items()}
    names = ", ".join(f"'{name}'" for name in list(rows)[:4]) + (" and others" if len(rows) > 4 else "")
    message = f"'{ask}' stands in {len(rows)} columns ({names}) as a form leaves it where nobody chose: not known."
    return Finding("ICP127", "note", message, "repaired", n_rows=max(rows.values()), evidence={"columns": rows})
