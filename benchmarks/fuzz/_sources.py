"""One case of each table that has types of its own: Parquet and a database."""

from __future__ import annotations

import datetime
import decimal
import io
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.fuzz._place import Place
from icp.accounts import read_accounts, read_dated
from icp.options import AccountOptions, DatedOptions

__all__ = ["Sources"]

_DAY = datetime.date(2025, 3, 4)
_N = 12
_COLUMNS: dict[str, dict[str, pa.Array]] = {
    "accounts": {
        "account_id": pa.array([f"A{i}" for i in range(_N)]),
        "size": pa.array([float(i * i) for i in range(_N)]),
        "since": pa.array([_DAY] * _N),
        "industry": pa.array(["Media", "Retail", None] * (_N // 3)),
    },
    "events": {
        "account_id": pa.array([f"A{i % 5}" for i in range(_N)]),
        "at": pa.array([datetime.datetime(2025, 3, 1 + i, 10) for i in range(_N)]),
        "kind": pa.array(["visit", "call", "mail"] * (_N // 3)),
    },
}
_LITERAL = b"a word that no account has, and none will have, '' closes nothing"
_QUERIES = {
    "accounts": b"select account_id, size, since, industry from accounts where size >= 0 and industry <> '%s'",
    "events": b"select account_id, at, kind from events where kind <> '%s'",
}
_CELLS: tuple[Any, ...] = (
    *(None, 0, -1, 2**62, 1e308, -1e-320, float("inf"), "", " ", "NaN", "1.234,56", "2025-13-40", "0001-01-01"),
    "9999-12-31",
    *("2025-03-04T25:00:00", "a" * 3000, "<script>", "=1+1", "\u2028", "Größe", "１２", b"\x00\xff", b"abc", True),
)


def _odd(n: int) -> tuple[Callable[[], pa.Array], ...]:
    """Columns of every type that Parquet keeps."""
    big = decimal.Decimal("9" * 40)
    return (
        lambda: pa.nulls(n, pa.null()),
        lambda: pa.array([True, None] * (n // 2)),
        lambda: pa.array([2**63 + i for i in range(n)], pa.uint64()),
        lambda: pa.array([float("nan"), float("inf"), -0.0, 1e308] * (n // 4)),
        lambda: pa.array([1.0] * n, pa.float32()).cast(pa.float16()),
        lambda: pa.array([big] * n, pa.decimal256(60, 2)),
        lambda: pa.array([decimal.Decimal("1.50")] * n, pa.decimal128(10, 2)),
        lambda: pa.array([b"\xff\x00", b"a"] * (n // 2), pa.binary()),
        lambda: pa.array([b"ab", b"cd"] * (n // 2), pa.binary(2)),
        lambda: pa.array(["a", "ü"] * (n // 2), pa.large_string()),
        lambda: pa.array(["a", None] * (n // 2)).dictionary_encode(),
        lambda: pa.array([1, 2] * (n // 2)).dictionary_encode(),
        lambda: pa.array([[1], None] * (n // 2), pa.list_(pa.int64())),
        lambda: pa.array([{"x": 1}, None] * (n // 2)),
        lambda: pa.array([[("k", 1)]] * n, pa.map_(pa.string(), pa.int64())),
        lambda: pa.array([0, 2**62] * (n // 2), pa.timestamp("us")),
        lambda: pa.array([0, -(2**62)] * (n // 2), pa.timestamp("ns", "Europe/Berlin")),
        lambda: pa.array([0, 2**40] * (n // 2), pa.timestamp("s")),
        lambda: pa.array([0, 2**30] * (n // 2), pa.int32()).cast(pa.date32()),
        lambda: pa.array([0, 86_400_000] * (n // 2), pa.date64()),
        lambda: pa.array([1, 2] * (n // 2), pa.time64("us")),
        lambda: pa.array([1, 2] * (n // 2), pa.duration("ns")),
    )


class Sources:
    """Cases of accounts and events as Parquet, and in a database.

    Parameters
    ----------
    place : Place
        Where they are made.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._read: dict[str, Callable[..., Any]] = {
            "accounts": lambda **where: read_accounts(AccountOptions(account_id="account_id", **where)),
            "events": lambda **where: read_dated(
                "events", DatedOptions(account_id="account_id", at="at", kind="kind", **where)
            ),
        }
        self._whole = {table: _parquet(columns) for table, columns in _COLUMNS.items()}
        for table in _COLUMNS:
            self._filled(place.folder / f"{table}.db", table)

    def cases(self) -> dict[str, Callable[[], Any]]:
        """One case of each input, by name."""
        return {
            f"{table}, {kind}": lambda table=table, case=case: case(table)  # type: ignore[misc]
            for table in _COLUMNS
            for kind, case in (
                ("Parquet", self._bytes),
                ("Parquet of odd types", self._types),
                ("SQL", self._query),
                ("SQL of odd cells", self._cells),
            )
        }

    def _bytes(self, table: str) -> None:
        path, whole = self._place.folder / "b.parquet", self._whole[table]
        path.write_bytes(
            self._place.data(whole, 1) if self._place.rng.random() < 0.2 else self._place.overwritten(whole)
        )
        self._read[table](source="parquet", path=str(path))

    def _types(self, table: str) -> None:
        rng, columns = self._place.rng, dict(_COLUMNS[table])
        if self._place.changing:
            for _ in range(rng.randint(1, 2)):
                name = rng.choice([*columns, "more", "more"])
                columns[name] = rng.choice(_odd(_N))()
        path = self._place.folder / "t.parquet"
        path.write_bytes(_parquet(columns))
        self._read[table](source="parquet", path=str(path))

    def _query(self, table: str) -> None:
        url = f"sqlite:///{self._place.folder / table}.db"
        self._read[table](source="sql", url=url, query=self._place.text(_QUERIES[table] % _LITERAL, 1))

    def _cells(self, table: str) -> None:
        place = self._place
        path = place.folder / "c.db"
        path.write_bytes((place.folder / f"{table}.db").read_bytes())
        if place.changing:
            with sqlite3.connect(path) as connection:
                connection.execute("pragma synchronous = off")
                for _ in range(place.rng.randint(1, 4)):
                    name, row = place.rng.choice(list(_COLUMNS[table])), place.rng.randint(1, _N)
                    cell = place.rng.choice(_CELLS)
                    connection.execute(f"update {table} set {name} = ? where rowid = ?", (cell, row))
            connection.close()
        self._read[table](source="sql", url=f"sqlite:///{path}", query=(_QUERIES[table] % b"none").decode())

    @staticmethod
    def _filled(path: Path, table: str) -> None:
        """A database with a column of no type for each, so that any cell fits."""
        columns = {name: cells.to_pylist() for name, cells in _COLUMNS[table].items()}
        rows = [
            tuple(str(cell) if isinstance(cell, datetime.date) else cell for cell in row)
            for row in zip(*columns.values(), strict=True)
        ]
        with sqlite3.connect(path) as connection:
            connection.execute(f"create table {table} ({', '.join(columns)})")
            connection.executemany(f"insert into {table} values ({', '.join('?' * len(columns))})", rows)
        connection.close()


def _parquet(columns: dict[str, pa.Array]) -> bytes:
    held = io.BytesIO()
    pq.write_table(pa.table(columns), held, compression="none", use_dictionary=False)
    return held.getvalue()
