"""What came back from sales, in the ledger: appended whole or not at all, once however often it is loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa

from icp.outcomes._codes import disposition_codes
from icp.outcomes._migrate import unusable
from icp.outcomes._schema import ERASURES, RETURNED, RETURNED_COLUMNS

__all__ = ["Loaded", "ReturnedTables"]

_IDS_AT_A_TIME = 500
_ROWS_AT_A_TIME = 10_000
_LONGEST = {"note": 2000, "account_id": 200}


@dataclass(frozen=True)
class Loaded:
    """What loading a table did.

    Parameters
    ----------
    new : int
        Records that the ledger did not have.
    changed : int
        Records of which it has a further version now.
    same : int
        Records it had as they are.
    erased : int
        Rows of accounts that were erased, left out.
    """

    new: int
    changed: int
    same: int
    erased: int


class ReturnedTables:
    """The part of a ledger that keeps what came back."""

    _engine: sa.Engine
    _deliveries: sa.Table
    _lists: sa.Table

    def load(self, table: str, rows: pd.DataFrame) -> Loaded:
        """Append what came back; loading the same rows again changes nothing.

        Parameters
        ----------
        table : {"activities", "dispositions", "outcomes"}
            Which table.
        rows : DataFrame
            With ``record_id`` (may be missing), ``account_id``, ``at`` and the columns of the table; see
            :data:`RETURNED_COLUMNS`. A record that the CRM changed since is kept in both versions. Without an id, an
            activity is known by all it says, a disposition by account and day (clicks apart from codes), an outcome
            by account, day and kind; several of one kind are numbered. Dispositions that say the same word for word
            are one.

        Returns
        -------
        Loaded
            How many were new.
        """
        target = RETURNED[table]
        cells = _cells(rows, table)
        with self._writing() as connection:
            self._lock(connection, target.name)
            kept = _without_erased(connection, cells)
            before = len(kept)
            known = _latest(connection, target, [row["record_id"] for row in kept])
            fresh = []
            for row in kept:
                version, content = known.get(row["record_id"], (0, ""))
                if content != row["content"]:
                    fresh.append({**row, "version": version + 1})
            now = datetime.now(UTC)
            for part in _parts(fresh, _ROWS_AT_A_TIME):
                connection.execute(sa.insert(target), [{**row, "loaded_at": now} for row in part])
        new = sum(row["version"] == 1 for row in fresh)
        return Loaded(new, len(fresh) - new, before - len(fresh), len(cells) - before)

    def returned(self, table: str) -> pd.DataFrame:
        """What came back, each record as it was loaded last.

        Parameters
        ----------
        table : {"activities", "dispositions", "outcomes"}
            Which table.

        Returns
        -------
        DataFrame
            ``record_id, account_id, at`` and the columns of the table; sorted by ``at`` and ``record_id``.
        """
        target = RETURNED[table]
        names = ["record_id", "account_id", "at", *RETURNED_COLUMNS[table]]
        newest = (
            sa.select(target.c.record_id, sa.func.max(target.c.version).label("version"))
            .group_by(target.c.record_id)
            .subquery()
        )
        query = sa.select(*(target.c[name] for name in names)).join(
            newest, (target.c.record_id == newest.c.record_id) & (target.c.version == newest.c.version)
        )
        with self._reading() as connection:
            found = pd.read_sql(query.order_by(target.c.at, target.c.record_id), connection)
        found["at"] = pd.to_datetime(found["at"])
        return found

    def delivered(self, account_ids: Iterable[str]) -> bool:
        """Whether any of some accounts is in a list of any campaign.

        Parameters
        ----------
        account_ids : iterable of str
            The accounts.

        Returns
        -------
        bool
            True as soon as one is found.
        """
        lists, deliveries = self._lists, self._deliveries
        each, of = deliveries.c, lists.c
        of_a_list = lists.join(deliveries, (each.campaign == of.campaign) & (each.run_id == of.run_id))
        query = sa.select(each.account_id).select_from(of_a_list).limit(1)  # by the key: a scan would be one a batch
        with self._reading() as connection:
            for part in _parts(list(account_ids), _IDS_AT_A_TIME):
                if connection.execute(query.where(each.account_id.in_(part))).first() is not None:
                    return True
        return False

    def erase(self, account_id: str) -> dict[str, int]:
        """Remove everything the ledger holds of one account, for good: its rows are not taken again.

        Parameters
        ----------
        account_id : str
            The account.

        Returns
        -------
        dict of str to int
            Rows removed from each table. Only a hash of the id stays, to know it by when an export brings it back.
        """
        removed = {}
        digest = _account_hash(account_id)
        with self._writing() as connection:
            for table in [self._deliveries, *RETURNED.values()]:
                done = connection.execute(sa.delete(table).where(table.c.account_id == account_id))
                removed[table.name.removeprefix("icp_")] = done.rowcount
            there = connection.execute(sa.select(ERASURES).where(ERASURES.c.account_sha256 == digest)).first()
            if there is None:
                connection.execute(sa.insert(ERASURES).values(account_sha256=digest, erased_at=datetime.now(UTC)))
        return removed

    def forget(self, before: datetime) -> dict[str, int]:
        """Remove what is older than the time it may be kept.

        Parameters
        ----------
        before : datetime
            Lists delivered earlier, and records dated earlier, go.

        Returns
        -------
        dict of str to int
            Rows removed from each table.
        """
        lists, deliveries = self._lists, self._deliveries
        aware = before if before.tzinfo else before.replace(tzinfo=UTC)
        removed = {}
        with self._writing() as connection:
            old = sa.select(lists.c.campaign, lists.c.run_id).where(lists.c.delivered_at < aware)
            gone = connection.execute(old).all()
            removed["deliveries"] = removed["lists"] = 0
            for campaign, run_id in gone:
                for name, table in (("deliveries", deliveries), ("lists", lists)):
                    this = (table.c.campaign == campaign) & (table.c.run_id == run_id)
                    removed[name] += connection.execute(sa.delete(table).where(this)).rowcount
            plain = aware.astimezone(UTC).replace(tzinfo=None)
            for name, table in RETURNED.items():
                removed[name] = connection.execute(sa.delete(table).where(table.c.at < plain)).rowcount
        return removed

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        """A connection whose transaction waits for no writer; what cannot be read is told as by :meth:`_writing`."""
        try:
            with self._engine.connect().execution_options(icp_reads=True) as connection:
                yield connection
        except pd.errors.DatabaseError as error:  # pandas puts its own around that of the database
            raise unusable(str(self._engine.url), error.__cause__ or error) from None
        except sa.exc.SQLAlchemyError as error:
            raise unusable(str(self._engine.url), error) from None

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        """A transaction; what the database refuses is told as a problem of ``ledger.url``."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            raise unusable(str(self._engine.url), error) from None

    def _lock(self, connection: sa.Connection, name: str) -> None:
        """One writer at a time from here to the end of the transaction; SQLite has locked at its beginning."""
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text(f"lock table {name} in share row exclusive mode"))


def _cells(rows: pd.DataFrame, table: str) -> list[dict[str, Any]]:
    """The rows as the table keeps them, each with a record id and a fingerprint of its content."""
    names = RETURNED_COLUMNS[table]
    columns: dict[str, list[Any]] = {}
    for name in ("account_id", *names):
        cells = rows[name] if name in rows.columns else pd.Series([None] * len(rows))
        if name == "amount":
            columns[name] = [None if value != value else float(value) for value in cells.astype(float)]
        else:
            longest = _LONGEST.get(name, 255)
            columns[name] = [None if pd.isna(value) or value == "" else str(value)[:longest] for value in cells]
    at = [value.to_pydatetime() for value in pd.to_datetime(rows["at"])]
    made: list[dict[str, Any]] = []
    for i in range(len(rows)):
        row: dict[str, Any] = {name: column[i] for name, column in columns.items()}
        row["at"] = at[i]
        row["content"] = _hash(*(row[name] for name in ("account_id", "at", *names)))
        made.append(row)
    given = rows["record_id"].tolist() if "record_id" in rows.columns else [None] * len(rows)
    known = {i: str(one)[:200] for i, one in enumerate(given) if not (pd.isna(one) or one == "")}
    known |= _named(table, [(i, row) for i, row in enumerate(made) if i not in known])
    found: dict[str, dict[str, Any]] = {}
    for i, row in enumerate(made):  # the last row of a record in a file is its newest state
        found[known[i]] = {**row, "record_id": known[i]}
    return list(found.values())


def _named(table: str, rows: list[tuple[int, dict[str, Any]]]) -> dict[int, str]:
    """Ids for rows that came without: what they are about, and their number in the order of what they say.

    So neither loading again nor another order of the rows makes new records, and a deal whose amount was corrected is
    the same deal. Two calls of a day are two; a disposition said twice, word for word, is said once.
    """
    clicks = {name for name, code in disposition_codes().items() if code.feedback}

    def about(row: dict[str, Any]) -> str:
        if table == "activities":
            return str(row["content"])
        kind = row["kind"] if table == "outcomes" else row["code"] in clicks
        return _hash(table, row["account_id"], row["at"].date(), kind)

    names: dict[int, str] = {}
    seen: dict[str, int] = {}
    last = (-1, "")
    for i, row in sorted(rows, key=lambda item: str(item[1]["content"])):
        if table == "dispositions" and row["content"] == last[1]:
            names[i] = names[last[0]]
            continue
        last = (i, str(row["content"]))
        what = about(row)
        seen[what] = seen.get(what, 0) + 1
        names[i] = f"{what}-{seen[what]}"
    return names


def _hash(*values: object) -> str:
    return hashlib.sha256("\x1f".join(map(str, values)).encode()).hexdigest()[:32]


def _without_erased(connection: sa.Connection, cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    gone = set(connection.execute(sa.select(ERASURES.c.account_sha256)).scalars())
    return [row for row in cells if _account_hash(row["account_id"]) not in gone] if gone else cells


def _latest(connection: sa.Connection, table: sa.Table, ids: list[str]) -> dict[str, tuple[int, str]]:
    """Newest version and its fingerprint, of the records that are there."""
    found: dict[str, tuple[int, str]] = {}
    for part in _parts(ids, _IDS_AT_A_TIME):
        query = sa.select(table.c.record_id, table.c.version, table.c.content).where(table.c.record_id.in_(part))
        for record_id, version, content in connection.execute(query):
            if version > found.get(record_id, (0, ""))[0]:
                found[record_id] = (version, content)
    return found


def _parts(items: list[Any], size: int) -> Iterator[list[Any]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _account_hash(account_id: str) -> str:
    return hashlib.sha256(account_id.encode()).hexdigest()
