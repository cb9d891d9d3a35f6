"""A written list looked at again: whether it is still what was written, and its rows."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from icp.errors import DeliveryError, Problem

__all__ = ["check_load", "read_list", "read_manifest"]

_BLOCK = 1 << 20
_ROWS = 5_000
_MARK = b"\xef\xbb\xbf"


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
    problems = [_altered(folder / entry["name"], entry) for entry in manifest["files"]]
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
        Whether an empty text stays the word that the target gets for it, and other empty cells empty texts; null is then
        what the file has no column for.

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
        with (folder / entry["name"]).open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            header = [names[head] for head in next(rows)]
            held: list[list[str]] = []
            for row in rows:
                held.append(row)
                if len(held) == _ROWS:
                    yield _table(header, held, names, change)
                    held = []
            if held:
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
        There is none (``ICP608``).
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        manifest = None
    if not isinstance(manifest, dict) or not {"loadable", "files", "fields", "empty"} <= set(manifest):
        action = "Name a folder that icp.score has written, with its manifest.json."
        raise DeliveryError.one("ICP608", f"there is no list in '{folder}'.", action)
    return manifest


def _altered(file: Path, entry: Mapping[str, Any]) -> Problem | None:
    """What is wrong with one file."""
    if not file.is_file():
        return Problem("ICP609", f"'{file.name}' is missing.", "Copy the whole folder.")
    digest, size, start = hashlib.sha256(), 0, b""
    with file.open("rb") as content:
        while block := content.read(_BLOCK):
            start = start or block[:_BLOCK]
            size += len(block)
            digest.update(block)
    if digest.hexdigest() == entry["sha256"] and size == entry["bytes"]:
        return None
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
