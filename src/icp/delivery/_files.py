"""The files of a list: of at most so many rows and bytes, cut between rows, each with the header and a fingerprint."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from icp._csv import csv_header, csv_rows
from icp.delivery._fields import Field
from icp.delivery._targets import Target
from icp.options import DeliveryOptions

__all__ = ["BYTE_ORDER_MARK", "ListFiles"]

BYTE_ORDER_MARK = "\ufeff".encode()


class ListFiles:
    """All files of a list, in groups of equal columns.

    Parameters
    ----------
    place : Path
        Their folder.
    rules : Target
        Of the system.
    options : DeliveryOptions
        Line end and smaller chunks.
    """

    def __init__(self, place: Path, rules: Target, options: DeliveryOptions) -> None:
        self._place, self._rules, self._options = place, rules, options
        self._groups: dict[tuple[str, tuple[str, ...]], _Chunks] = {}

    def add(self, rows: pa.Table, fields: Sequence[Field] | None = None, holds: str = "") -> None:
        """Add checked rows.

        Parameters
        ----------
        rows : Table
            Under canonical names.
        fields : sequence of Field, default=None
            Those written; None for all, where rows without a number may go into files of their own.
        holds : str, default=""
            What stands in files of their own.
        """
        if fields is not None:
            self._group(holds, tuple(field.name for field in fields)).add(rows)
            return
        for names, part in self._parted(rows):
            self._group(holds, names).add(part)

    def close(self) -> list[dict[str, Any]]:
        """Give each file its name.

        Returns
        -------
        list of dict
            What the manifest says of them.
        """
        whole = tuple(field.name for field in self._rules.fields)
        if not any(holds == "" for holds, _ in self._groups):
            self._group("", whole)
        order = sorted(self._groups.items(), key=lambda item: (item[0][0], -len(item[0][1]), item[0][1]))
        alike = Counter(self._label(holds, names) for (holds, names), _ in order)
        entries = []
        for (holds, names), chunks in order:
            label = self._label(holds, names)
            lacking = [name for name in whole if name not in names] if alike[label] > 1 else []
            middle = "".join(f".{part}" for part in (label, *(f"no-{name}" for name in lacking)) if part)
            entries += chunks.close(f"scores.{self._rules.name}{middle}", self._rules.view_only)
        return entries

    @staticmethod
    def _label(holds: str, names: tuple[str, ...]) -> str:
        """What a group of files is called; rows without a score are one where they are apart."""
        return holds or ("" if "score" in names else "unscored")

    def abandon(self) -> None:
        """Let go of files that were not finished."""
        for chunks in self._groups.values():
            chunks.abandon()

    def _parted(self, rows: pa.Table) -> list[tuple[tuple[str, ...], pa.Table]]:
        """Rows by the numbers that they lack, where an empty number would become zero."""
        names = tuple(field.name for field in self._rules.fields)
        if self._rules.empty.policy != "apart" or not len(rows):
            return [(names, rows)]
        numbers = [field.name for field in self._rules.fields if field.kind == "number"]
        lacks = np.stack([pc.is_null(rows.column(name)).to_numpy() for name in numbers], axis=1)
        parts = []
        for pattern in np.unique(lacks, axis=0):
            gone = {name for name, lacking in zip(numbers, pattern, strict=True) if lacking}
            same = pa.array((lacks == pattern).all(axis=1))
            parts.append((tuple(name for name in names if name not in gone), rows.filter(same)))
        return parts

    def _group(self, holds: str, names: tuple[str, ...]) -> _Chunks:
        if (holds, names) not in self._groups:
            fields = [field for field in self._rules.fields if field.name in names]
            number = len(self._groups)
            self._groups[holds, names] = _Chunks(self._place / f".{number}", self._rules, fields, self._options, holds)
        return self._groups[holds, names]


class _Chunks:
    """Files that follow each other, with the same columns."""

    def __init__(
        self, place: Path, rules: Target, fields: Sequence[Field], options: DeliveryOptions, holds: str
    ) -> None:
        place.mkdir()
        self._place, self._rules, self._fields, self._holds = place, rules, fields, holds
        self._line_end = "\r\n" if options.line_ending == "CRLF" else "\n"
        head = csv_header([field.header for field in fields], self._line_end)
        self._header = BYTE_ORDER_MARK + head if rules.view_only else head
        self._max_rows = options.max_rows or rules.max_rows
        self._max_bytes = (options.max_bytes or rules.max_bytes) - len(self._header)
        self._entries: list[dict[str, Any]] = []
        self._open = _File(self._name(1), self._header)

    def add(self, rows: pa.Table) -> None:
        table = pa.table({field.header: self._written(field, rows.column(field.name)) for field in self._fields})
        ends, start, before = np.cumsum(_row_bytes(table, self._line_end)), 0, 0
        while start < len(table):
            room = before + self._max_bytes - self._open.reserved
            end = int(np.searchsorted(ends, room, side="right"))
            end = min(end, start + self._max_rows - self._open.rows, len(table))
            if end <= start and self._open.rows:
                self._entries.append(self._open.close())
                self._open = _File(self._name(len(self._entries) + 1), self._header)
                continue
            end = max(end, start + 1)
            content = csv_rows(table.slice(start, end - start), self._line_end)
            self._open.write(content, end - start, int(ends[end - 1]) - before)
            start, before = end, int(ends[end - 1])

    def close(self, stem: str, view_only: bool) -> list[dict[str, Any]]:
        self._entries.append(self._open.close())
        n, ending = len(self._entries), ".VIEW-ONLY.csv" if view_only else ".csv"
        width = max(4, len(str(n)))
        for i, entry in enumerate(self._entries, start=1):
            entry["name"] = f"{stem}.{i:0{width}d}-of-{n:0{width}d}{ending}"
            entry["holds"] = self._holds or "scores"
            entry["columns"] = [field.header for field in self._fields]
            self._name(i).rename(self._place.parent / entry["name"])
        self._place.rmdir()
        return self._entries

    def abandon(self) -> None:
        self._open.close()

    def _written(self, field: Field, cells: pa.ChunkedArray) -> pa.ChunkedArray:
        empty = self._rules.empty
        if empty.policy == "keep" and field.kind == "text":
            return pc.fill_null(cells, empty.text)
        return pc.fill_null(cells, empty.token) if empty.token else cells

    def _name(self, i: int) -> Path:
        return self._place / str(i)  # until it is known how many there are


class _File:
    """One file while it is written, with its fingerprint."""

    def __init__(self, path: Path, header: bytes) -> None:
        self._file, self._digest, self._bytes = path.open("wb"), hashlib.sha256(), 0
        self.rows = self.reserved = 0
        self.write(header, 0, 0)

    def write(self, content: bytes, rows: int, reserved: int) -> None:
        self._file.write(content)
        self._digest.update(content)
        self._bytes, self.rows, self.reserved = self._bytes + len(content), self.rows + rows, self.reserved + reserved

    def close(self) -> dict[str, Any]:
        self._file.close()
        return {"name": "", "sha256": self._digest.hexdigest(), "bytes": self._bytes, "rows": self.rows}


def _row_bytes(table: pa.Table, line_end: str) -> np.ndarray:
    """Bytes of each row as CSV: an upper bound that counts quotes around every cell that has one or a comma."""
    total = np.full(len(table), len(table.columns) - 1 + len(line_end), dtype=np.int64)
    for column in table.columns:
        text = pc.fill_null(column, "")
        quotes = pc.count_substring(text, '"').to_numpy()
        special = pc.match_substring_regex(text, '[",\r\n ]').to_numpy()
        total += pc.binary_length(text).to_numpy() + quotes + 2 * special
    return total
