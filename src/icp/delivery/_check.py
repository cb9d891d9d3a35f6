"""A written list looked at again: whether it is still what was written, and its rows."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from icp.errors import DeliveryError, Problem

__all__ = ["altered_file", "check_load", "damaged", "read_list", "read_manifest"]

_BLOCK = 1 << 20
_ROWS = 5_000
_MARK = b"\xef\xbb\xbf"
_KEYS = {
    "loadable": bool, "target": str, "run_id": str, "line_ending": str, "null": str, "empty": dict, "key_column": str,
    "key_prefix": str, "columns": list, "fields": list, "files": list, "rows": int,
}  # fmt: skip
_OF_A_FILE = {"name": str, "sha256": str, "bytes": int, "rows": int}
_OF_A_FIELD = {"name": str, "header": str, "kind": str, "label": str}


def check_load(folder: Path) -> list[Problem]:
    """Whether a list may be loaded: it is for loading, complete, and nobody has saved a file anew.

    Parameters
    ----------
    folder : Path
        With ``manifest.json``, as it was written.

    Returns
    -------
    list of Problem
        Empty when it may be loaded; else ``ICP608`` (no list, or not for loading) or ``ICP609`` (a file is not what was
        written).
    """
    try:
        manifest = read_manifest(folder)
    except DeliveryError as error:
        return list(error.problems)
    if not manifest["loadable"]:
        action = "Write a list for your CRM with delivery= instead."
        return [Problem("ICP608", "the list is for people to look at and must not be loaded.", action)]
    problems = [altered_file(folder / entry["name"], entry) for entry in manifest["files"]]
    listed = {entry["name"] for entry in manifest["files"]}
    problems += [
        Problem("ICP609", f"'{file.name}' is not of this list.", "Load only the files that LOADING.md names.")
        for file in sorted(folder.glob("scores.*"))
        if file.name not in listed
    ]
    return [problem for problem in problems if problem is not None]


def read_list(folder: Path, *, as_sent: bool = False) -> Iterator[pa.Table]:
    """The rows of a written list, under canonical names.

    Parameters
    ----------
    folder : Path
        With ``manifest.json``.
    as_sent : bool, default=False
        Whether an empty text stays the word that the target gets for it, and other empty cells become empty texts; null
        is then what the file has no column for.

    Yields
    ------
    Table
        Some thousand rows; a text column for each field of the list, null where the cell is empty.

    Raises
    ------
    DeliveryError
        There is no list there, or it must not be loaded (``ICP608``).
    """
    manifest = read_manifest(folder)
    if not manifest["loadable"]:
        raise DeliveryError("The list cannot be read.", check_load(folder))
    names = {field["header"]: field["name"] for field in manifest["fields"]}
    change = {field["name"]: _void(field["kind"], manifest["empty"], as_sent) for field in manifest["fields"]}
    for entry in manifest["files"]:
        try:
            yield from _file_rows(folder / entry["name"], names, change)
        except (OSError, ValueError, KeyError, StopIteration, csv.Error):
            message = f"'{entry['name']}' cannot be read as the manifest tells it."
            action = "Copy it again from where icp.score wrote it."
            raise DeliveryError("The list cannot be read.", [Problem("ICP609", message, action)]) from None


def _file_rows(
    path: Path, names: Mapping[str, str], change: Mapping[str, Mapping[str, str | None]]
) -> Iterator[pa.Table]:
    """Some thousand rows of a file after the other."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = [names[head] for head in next(rows, [])]
        while held := list(islice(rows, _ROWS)):
            yield _table(header, held, names, change)


def _void(kind: str, empty: Mapping[str, str], as_sent: bool) -> dict[str, str | None]:
    """What cells of a column become that say that there is nothing."""
    if as_sent:
        return {empty["token"]: ""}
    words = {"", empty["token"], *([empty["text"]] if kind == "text" and empty["policy"] == "keep" else [])}
    return dict.fromkeys(words)


def _table(
    header: list[str],
    rows: list[list[str]],
    names: Mapping[str, str],
    change: Mapping[str, Mapping[str, str | None]],
) -> pa.Table:
    columns = dict(zip(header, map(list, zip(*rows, strict=True)), strict=True))
    made = {}
    for name in names.values():
        cells, void = columns.get(name), change[name]
        told = [None] * len(rows) if cells is None else [void.get(cell, cell) for cell in cells]
        made[name] = pa.array(told, pa.string())
    return pa.table(made)


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a list says of itself.

    Parameters
    ----------
    folder : Path
        With ``manifest.json``.

    Returns
    -------
    dict
        As it was written.

    Raises
    ------
    DeliveryError
        There is none, or it is damaged (``ICP608``).
    """
    try:
        text = (folder / "manifest.json").read_bytes()
    except OSError:
        inside = sorted(folder.glob("*/manifest.json"))
        near = f"'{inside[0].parent.as_posix()}' holds one. " if inside else ""
        action = f"{near}Name a folder that icp.score has written, with its manifest.json."
        raise DeliveryError.one("ICP608", f"there is no list in '{folder}'.", action) from None
    try:
        manifest = json.loads(text.decode("utf-8"))
        why = _damage(manifest)
    except (ValueError, RecursionError):
        why = "it is no JSON"
    if why:
        raise DeliveryError("The list cannot be used.", [damaged(folder, why)])
    return manifest


def damaged(folder: Path, why: str) -> Problem:
    """What to say of a manifest that cannot be trusted.

    Parameters
    ----------
    folder : Path
        Of the list.
    why : str
        What is wrong with it.

    Returns
    -------
    Problem
        ``ICP608``.
    """
    action = "Copy the whole folder again from where icp.score wrote it, or write the list again."
    return Problem("ICP608", f"the manifest of the list in '{folder}' is damaged: {why}.", action)


def _damage(manifest: Any) -> str | None:
    """What a manifest lacks, or says of itself that cannot be."""
    if not isinstance(manifest, dict):
        return "it is no object"
    for name, kind in _KEYS.items():
        if name not in manifest:
            return f"it has no '{name}'"
        if not isinstance(manifest[name], kind):
            return f"its '{name}' is of another kind"
    for name, keys in (("files", _OF_A_FILE), ("fields", _OF_A_FIELD)):
        for one in manifest[name]:
            if not isinstance(one, dict) or not all(isinstance(one.get(key), kind) for key, kind in keys.items()):
                return f"an entry of its '{name}' lacks something"
    if any(field["kind"] == "number" and not isinstance(field.get("decimals"), int) for field in manifest["fields"]):
        return "a number of its 'fields' has no 'decimals'"
    strange = [entry["name"] for entry in manifest["files"] if Path(entry["name"]).name != entry["name"]]
    if strange:
        return f"'{strange[0]}' is no name of a file"
    if not {"token", "text", "policy"} <= set(manifest["empty"]):
        return "its 'empty' lacks something"
    return _miscounted(manifest)


def _miscounted(manifest: Mapping[str, Any]) -> str | None:
    """Where the rows of a list are not those of its files."""
    parts = {"rows": 0, "not_in_list": 0}
    for entry in manifest["files"]:
        parts["not_in_list" if entry.get("holds") == "not_in_list" else "rows"] += entry["rows"]
    wrong = [(name, n) for name, n in parts.items() if manifest.get(name, 0) != n]
    return f"its '{wrong[0][0]}' is {manifest[wrong[0][0]]!r}, and its files have {wrong[0][1]:,}" if wrong else None


def altered_file(file: Path, entry: Mapping[str, Any]) -> Problem | None:
    """What is wrong with one file.

    Parameters
    ----------
    file : Path
        Of a list.
    entry : mapping
        What the manifest says of it.

    Returns
    -------
    Problem or None
        ``ICP609`` where it is missing or altered; ``ICP608`` where the manifest counts other rows than the file has.
    """
    if not file.is_file():
        return Problem("ICP609", f"'{file.name}' is missing.", "Copy the whole folder.")
    digest, size, lines, start = hashlib.sha256(), 0, 0, b""
    with file.open("rb") as content:
        while block := content.read(_BLOCK):
            start = start or block[:_BLOCK]
            size, lines = size + len(block), lines + block.count(b"\n")
            digest.update(block)
    if digest.hexdigest() == entry["sha256"] and size == entry["bytes"]:
        why = f"it says that '{file.name}' has {entry['rows']:,} rows, and there are {lines - 1:,}"
        return None if lines - 1 == entry["rows"] else damaged(file.parent, why)
    return Problem(
        "ICP609", f"'{file.name}' was changed after it was written{_guess(start)}.", "Load the file as it was written."
    )


def _guess(start: bytes) -> str:
    """What may have happened to a file, from its start."""
    head = start.split(b"\n", 1)[0]
    if start.startswith(_MARK):
        return ": a spreadsheet has put a byte-order mark before it"
    if b";" in head or b"\t" in head:
        return ": a spreadsheet has saved it with another separator"
    if head.endswith(b"\r"):
        return ": its line ends are others"
    return ""
