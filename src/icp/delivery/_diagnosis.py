"""What was done to a file of a list after it was written, in words."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from icp._csv import csv_header, csv_rows

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
    text, told = _decoded(file.read_bytes())
    told += _line_ends(text, manifest["line_ending"])
    header = text.splitlines()[0] if text.strip() else ""
    entry = next(entry for entry in manifest["files"] if entry["name"] == file.name)
    heads = list(entry.get("columns") or manifest["columns"])
    separator = max(",;\t|", key=header.count) if len(heads) > 1 else ","
    if separator != ",":
        told.append(
            f"cells are parted by {'a tab' if separator == chr(9) else repr(separator)} and no longer by a comma"
        )
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error:
        return [*told, "it can no longer be read as CSV"]
    rows = [row for row in lines if row]
    if not rows:
        return [*told, "it holds nothing"]
    told += ["it has empty lines"] if len(rows) < len(lines) else []
    told += _columns(rows[0], heads)
    told += _rows(rows[1:], entry)
    at = {name: i for i, name in enumerate(rows[0])}
    for field in manifest["fields"]:
        if field["header"] in at:
            i = at[field["header"]]
            told += _cells(field, [row[i] for row in rows[1:] if len(row) > i], manifest)
    how = _written_again(rows, heads, entry, manifest["line_ending"])
    if how == "order":
        told.append("rows stand in another order, with the same values")
    elif how == "same" and not told:
        gone = not text.endswith("\n")
        told.append("its last line end is gone" if gone else "cells are quoted anew, with the same values")
    return told or ["cells have other values; all of them are still of their kind"]


def _decoded(content: bytes) -> tuple[str, list[str]]:
    """The text of a file, whatever it was saved as, and what is to be said of that; never a NUL."""
    wide = _wide(content)
    if wide:
        return content.decode(wide, errors="replace").lstrip("\ufeff").replace("\0", ""), ["it was saved as UTF-16"]
    told = []
    if content.startswith(_MARK):
        told.append("it starts with a byte-order mark")
        content = content[len(_MARK) :]
    if b"\0" in content:
        told.append("it holds zero bytes, which no text has")
        content = content.replace(b"\0", b"")
    try:
        return content.decode("utf-8"), told
    except UnicodeDecodeError:
        told.append("it is no longer UTF-8 (accents are saved in the encoding of one country)")
        return content.decode("cp1252", errors="replace"), told


def _wide(content: bytes) -> str | None:
    """Which UTF-16 a file is, if any: by its mark, or by every second byte of its start being zero."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    start = content[:64]
    for name, zeros, letters in (("utf-16-le", start[1::2], start[::2]), ("utf-16-be", start[::2], start[1::2])):
        if zeros and not any(zeros) and all(letters):
            return name
    return None


def _written_again(
    rows: Sequence[Sequence[str]], heads: Sequence[str], entry: Mapping[str, Any], line_ending: str
) -> str | None:
    """``same`` where the cells make the file that was written, ``order`` where they do once sorted by key."""
    if sorted(rows[0]) != sorted(heads) or any(len(row) != len(heads) for row in rows):
        return None
    places = [list(rows[0]).index(name) for name in heads]
    cells = [[row[i] for i in places] for row in rows[1:]]
    end = "\r\n" if line_ending == "CRLF" else "\n"
    for how, made in (("same", cells), ("order", sorted(cells))):
        table = pa.table({str(i): pa.array([row[i] for row in made], pa.string()) for i in range(len(heads))})
        content = csv_header(heads, end) + csv_rows(table, end)
        if hashlib.sha256(content).hexdigest() == entry["sha256"]:
            return how
    return None


def _line_ends(text: str, wanted: str) -> list[str]:
    ends = "CRLF" if "\r\n" in text else "LF"
    return [f"its lines end with {ends}, and did with {wanted}"] if "\n" in text and ends != wanted else []


def _columns(found: Sequence[str], wanted: Sequence[str]) -> list[str]:
    told = []
    gone, new = [name for name in wanted if name not in found], [name for name in found if name not in wanted]
    if gone:
        told.append(f"columns are gone: {', '.join(map(_shown, gone[:_SHOWN]))}")
    if new:
        told.append(f"columns are new: {', '.join(map(_shown, new[:_SHOWN]))}")
    if not gone and not new and list(found) != list(wanted):
        told.append("columns stand in another order")
    return told


def _shown(text: str) -> str:
    """A text for the terminal, without marks that steer it."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:60])


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
            shown = ", ".join(_shown(cell) for cell in dict.fromkeys(bad[:_SHOWN]))
            told.append(f"column '{name}': {len(bad):,} cells {words}, e.g. {shown}")

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
