"""Where cases are made, and what is done to a valid input."""

from __future__ import annotations

import random
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["ROOT", "Place", "mutated", "replaced", "sample_rows"]

ROOT = Path(__file__).resolve().parents[2]
_PIECES = (
    *(b"\x00", b'"', b"'", b"\n", b"\r", b",", b";", b"\t", b": ", b"- ", b"{{", b"[[[[[", b"&a [*a]"),
    *(b"null", b"nan", b"1e999", b"-1", b"2024-13-40", b"\xff\xfe", b"\xef\xbb\xbf", b"<script>", b"=1+1"),
    *(b"!!python/object/apply:os.system [id]", "Größe".encode(), "１２".encode(), b"9" * 400, b"a" * 300),
    *(b"\xe2\x80\xa8", b"\xf0\x9f\x98\x80", b"0001-01-01", b"9999-12-31", b"12/31/1677", b"1.234,56", b"31.02.2025"),
)
_VALUES = (None, -1, 0, 1e308, "x", [], {}, True, 10**30, [[]], "\u0000", "NaN", {"a": {}}, -0.0, "9" * 50)


class Place:
    """A folder, chance, and whether inputs are changed or used as they are.

    Parameters
    ----------
    folder : Path
        Of the files.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.rng, self.changing = folder, random.Random(0), True

    def data(self, data: bytes, most: int = 4) -> bytes:
        """The bytes with one to so many changes, or as they are."""
        return mutated(data, self.rng, most) if self.changing else data

    def text(self, data: bytes, most: int = 4) -> str:
        """The same as text."""
        return self.data(data, most).decode("utf-8", "replace")

    def overwritten(self, data: bytes) -> bytes:
        """One or two bytes in another's place, for files in which a shift damages everything."""
        changed = bytearray(data)
        for _ in range(self.rng.randint(1, 2) if self.changing else 0):
            changed[self.rng.randrange(len(changed))] = self.rng.randrange(256)
        return bytes(changed)

    def value(self, value: Any) -> Any:
        """A JSON value with one part of it replaced, or as it is."""
        return replaced(value, self.rng) if self.changing else value

    def file(self, name: str, data: bytes) -> Path:
        """A file of changed bytes."""
        path = self.folder / name
        path.write_bytes(self.data(data))
        return path

    def files(self, name: str, files: Mapping[str, bytes]) -> Path:
        """A folder of files as they are."""
        place = self.emptied(name)
        for part, data in files.items():
            (place / part).parent.mkdir(parents=True, exist_ok=True)
            (place / part).write_bytes(data)
        return place

    def emptied(self, name: str) -> Path:
        """A folder that is not there yet."""
        place = self.folder / name
        shutil.rmtree(place, ignore_errors=True)
        return place


def mutated(data: bytes, rng: random.Random, most: int = 4) -> bytes:
    """The bytes with one to so many changes."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, most)):
        at = rng.randrange(len(changed) + 1)
        kind = rng.randrange(12)
        if kind < 2 and changed:
            changed[at % len(changed)] = rng.randrange(256)
        elif kind < 4:
            del changed[at : at + rng.randint(1, 30)]
        elif kind < 6:
            changed[at:at] = rng.randbytes(rng.randint(1, 8))
        elif kind < 9:
            changed[at:at] = rng.choice(_PIECES)
        elif kind < 10:
            del changed[at:]
        else:
            start = rng.randrange(len(changed) + 1)
            changed[at:at] = changed[start : start + rng.randint(1, 60)]
    return bytes(changed)


def replaced(value: Any, rng: random.Random) -> Any:
    """A JSON value with one part of it replaced."""
    if isinstance(value, Mapping) and value and rng.random() < 0.85:
        key = rng.choice(list(value))
        return {**value, key: replaced(value[key], rng)}
    if isinstance(value, list) and value and rng.random() < 0.85:
        at = rng.randrange(len(value))
        return [*value[:at], replaced(value[at], rng), *value[at + 1 :]]
    return rng.choice(_VALUES)


def sample_rows(table: str, rows: int) -> bytes:
    """The head of a table of the sample."""
    lines = (ROOT / "data" / "sample" / f"{table}.csv").read_bytes().split(b"\n")
    return b"\n".join(lines[: rows + 1]) + b"\n"
