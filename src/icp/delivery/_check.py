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


def read_list(folder: Path) -> Iterator[pa.Table]:
    """The rows of a written list, under canonical names.

    Parameters
    ----------
    folder : Path
        With ``manifest.json``.

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
    texts = {field["name"] for field in manifest["fields"] if field["kind"] == "text"}
    empty = manifest["empty"]
    for entry in manifest["files"]:
        with (folder / entry["name"]).open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            header = [names[head] for head in next(rows)]
            held: list[list[str]] = []
            for row in rows:
                held.append(row)
                if len(held) == _ROWS:
                    yield _table(header, held, names, texts, empty)
                    held = []
            if held:
                yield _table(header, held, names, texts, empty)


def _table(
    header: list[str], rows: list[list[str]], names: Mapping[str, str], texts: set[str], empty: Mapping[str, str]
) -> pa.Table:
    columns = dict(zip(header, map(list, zip(*rows, strict=True)), strict=True))
    made = {}
    for name in names.values():
        void = {empty["token"], *([empty["text"]] if name in texts and empty["policy"] == "keep" else [])}
        cells = columns.get(name, [""] * len(rows))
        made[name] = pa.array([None if cell in void or cell == "" else cell for cell in cells], pa.string())
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
