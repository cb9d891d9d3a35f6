"""Counts of a list, by which a load can be checked without the file."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from icp.delivery._targets import Target

__all__ = ["Totals"]


class Totals:
    """Adds up over the rows of a list.

    Parameters
    ----------
    rules : Target
        Of the system.
    """

    def __init__(self, rules: Target) -> None:
        self._rules = rules
        self._rows = self._n_scores = 0
        self._sum, self._least, self._most = Decimal(0), Decimal(100), Decimal(0)
        self._counts: dict[str, Counter[str]] = {name: Counter() for name in ("tier", "status", "confidence")}
        self._first: dict[str, str | None] = {"model_version": None, "score_date": None}
        self._empty: Counter[str] = Counter()

    def add(self, rows: pa.Table) -> None:
        """Take checked rows.

        Parameters
        ----------
        rows : Table
            Under canonical names.
        """
        self._rows += len(rows)
        for name, counts in self._counts.items():
            found = pc.value_counts(rows.column(name).drop_null()).to_pylist()
            counts.update({one["values"]: one["counts"] for one in found})
        for name, first in self._first.items():
            values = rows.column(name).drop_null()
            self._first[name] = values[0].as_py() if first is None and len(values) else first
        for field in self._rules.fields:
            if field.kind != "text" and rows.column(field.name).null_count:
                self._empty[field.name] += rows.column(field.name).null_count
        numbers = rows.column("score").drop_null().cast(pa.decimal128(24, 2))
        if len(numbers):
            self._n_scores += len(numbers)
            self._sum += pc.sum(numbers).as_py()
            self._least = min(self._least, pc.min(numbers).as_py())
            self._most = max(self._most, pc.max(numbers).as_py())

    def to_dict(self) -> dict[str, Any]:
        """What the manifest says.

        Returns
        -------
        dict
            Rows, counts, least, greatest and mean score; ``not_cleared``, the empty cells of which the target keeps
            the old value.
        """
        score = None
        if self._n_scores:
            score = {"min": float(self._least), "max": float(self._most)}
            score["mean"] = round(float(self._sum / self._n_scores), 4)
        kept = self._rules.empty.policy == "keep"
        return {
            "rows": self._rows,
            "model_version": self._first["model_version"],
            "as_of": self._first["score_date"],
            "counts": {name: dict(counts) for name, counts in self._counts.items()},
            "score": score,
            "not_cleared": dict(self._empty) if kept else {},
        }
