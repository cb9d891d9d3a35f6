"""What was done to a file of a list after it was written, in words."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["what_changed"]

_MARK = b"\xef\xbb\xbf"
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_SHOWN = 3


def what_changed(file: Path, manifest: Mapping[str, Any]) -> list[str]:
    """What can be seen to have changed in a file whose sha256 is not that of the manifest.

    Parameters
    ----------
    file : Path
        A file of the list.
    manifest : mapping
        Of the list.

    Returns
    -------
    list of str
        Such as ``"it starts with a byte-order mark"``; one that says so where cells only have other values.
    """
    content, told = file.read_bytes(), []
    if content.startswith(_MARK):
        told.append("it starts with a byte-order mark")
        content = content[len(_MARK) :]
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        told.append("it is no longer UTF-8 (accents are saved in the encoding of one country)")
        text = content.decode("cp1252", errors="replace")
    told += _line_ends(text, manifest["line_ending"])
    header = text.splitlines()[0] if text.strip() else ""
    entry = next(entry for entry in manifest["files"] if entry["name"] == file.name)
    heads = list(entry.get("columns") or manifest["columns"])
    separator = max(",;\t|", key=header.count) if len(heads) > 1 else ","
    if separator != ",":
        told.append(
            f"cells are parted by {'a tab' if separator == chr(9) else repr(separator)} and no longer by a comma"
        )
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if row]
    if not rows:
        return [*told, "it holds nothing"]
    told += _columns(rows[0], heads)
    told += _rows(rows[1:], entry)
    at = {name: i for i, name in enumerate(rows[0])}
    for field in manifest["fields"]:
        if field["header"] in at:
            i = at[field["header"]]
            told += _cells(field, [row[i] for row in rows[1:] if len(row) > i], manifest)
    return told or ["cells have other values; all of them are still of their kind"]


def _line_ends(text: str, wanted: str) -> list[str]:
    ends = "CRLF" if "\r\n" in text else "LF"
    return [f"its lines end with {ends}, and did with {wanted}"] if "\n" in text and ends != wanted else []


def _columns(found: Sequence[str], wanted: Sequence[str]) -> list[str]:
    told = []
    gone, new = [name for name in wanted if name not in found], [name for name in found if name not in wanted]
    if gone:
        told.append(f"columns are gone: {', '.join(gone[:_SHOWN])}")
    if new:
        told.append(f"columns are new: {', '.join(new[:_SHOWN])}")
    if not gone and not new and list(found) != list(wanted):
        told.append("columns stand in another order")
    return told


def _rows(rows: Sequence[Sequence[str]], entry: Mapping[str, Any]) -> list[str]:
    n = len(rows)
    return [] if n == entry["rows"] else [f"it has {n:,} rows, and had {entry['rows']:,}"]


def _cells(field: Mapping[str, Any], cells: Sequence[str], manifest: Mapping[str, Any]) -> list[str]:
    """What the cells of a column cannot be, as they were written."""
    void = {"", manifest["null"], manifest["empty"]["token"], manifest["empty"]["text"]}
    filled = [cell for cell in cells if cell not in void]
    name, told = field["header"], []

    def say(bad: Sequence[str], words: str) -> None:
        if bad:
            told.append(f"column '{name}': {len(bad):,} cells {words}, e.g. {', '.join(dict.fromkeys(bad[:_SHOWN]))}")

    if field["kind"] == "number":
        exact = re.compile(rf"-?\d+\.\d{{{field['decimals']}}}" if field["decimals"] else r"-?\d+")
        bad = [cell for cell in filled if not exact.fullmatch(cell)]
        say([cell for cell in bad if "," in cell], "have a decimal comma")
        say([cell for cell in bad if "," not in cell], "have lost zeros or are no numbers")
    elif field["kind"] == "date":
        say([cell for cell in filled if not _DATE.fullmatch(cell)], "are dates written another way")
    elif field["kind"] == "key":
        prefix = manifest["key_prefix"]
        say([cell for cell in filled if re.fullmatch(r"[\d.,]+(E\+?\d+)?", cell)], "were taken for numbers")
        say([cell for cell in filled if prefix and not cell.startswith(prefix)], f"have lost their prefix {prefix}")
    elif field["kind"] == "picklist":
        options = set(field.get("options") or filled)
        say([cell for cell in filled if cell not in options], "are no value of the list")
    elif field["kind"] == "text":
        say([cell for cell in filled if "�" in cell or re.search("[ÃÂ][\u0080-¿]", cell)], "have broken letters")
        say([cell for cell in filled if cell != cell.strip()], "have blanks at an end")
    return told
