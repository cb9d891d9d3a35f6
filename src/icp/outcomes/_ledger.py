"""The ledger of deliveries, in SQL: SQLite by default, PostgreSQL by address."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url

from icp._spill import find_repeats
from icp.errors import ConfigError, Problem, TableError
from icp.outcomes._migrate import open_engine, unusable, upgrade
from icp.outcomes._returned import ReturnedTables

__all__ = ["Ledger", "check_entries"]

_META = sa.MetaData()
_ID_LENGTH = 200
_ROWS_AT_A_TIME = 10_000

LISTS = sa.Table(
    "icp_lists",
    _META,
    sa.Column("campaign", sa.String(200), primary_key=True),
    sa.Column("run_id", sa.String(36), primary_key=True),
    sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("target", sa.String(40), nullable=False),
    sa.Column("model_version", sa.String(200), nullable=False),
    sa.Column("as_of", sa.String(10)),
    sa.Column("n_rows", sa.Integer, nullable=False),
    sa.Column("holdout", sa.Text),
)
_LIST_KEY = sa.ForeignKeyConstraint(["campaign", "run_id"], ["icp_lists.campaign", "icp_lists.run_id"])
_TEXTS = ("status", "tier", "fit_tier", "engagement_level", "profile_id", "reason_1", "reason_2", "reason_3")
DELIVERIES = sa.Table(
    "icp_deliveries",
    _META,
    sa.Column("campaign", sa.String(200), primary_key=True),
    sa.Column("run_id", sa.String(36), primary_key=True),
    sa.Column("account_id", sa.String(_ID_LENGTH), primary_key=True),
    *(sa.Column(name, sa.String(255)) for name in (*_TEXTS, "watch_out", "talking_point", "confidence")),
    sa.Column("propensity", sa.Float),
    sa.Column("percentile", sa.Float),
    sa.Column("expected_value", sa.Float),
    sa.Column("arm", sa.String(40)),
    sa.Column("band", sa.Integer),
    sa.Column("left_out", sa.String(255)),
    *(sa.Column(name, sa.String(255)) for name in ("rep", "week", "slot", "next_action", "message_id")),
    _LIST_KEY,
)


class Ledger(ReturnedTables):
    """Append-only record of delivered lists, and of what came back.

    Parameters
    ----------
    url : str
        SQLAlchemy address, for example ``sqlite:///ledger/icp.db``; the folder of an SQLite file is made.
    make : bool, default=True
        Make an SQLite file that is not there; without, it is refused.

    Raises
    ------
    ConfigError
        The address cannot be used, or nothing is there (``ICP701``); a password in it is never shown.
    """

    _lists, _deliveries = LISTS, DELIVERIES

    def __init__(self, url: str, *, make: bool = True) -> None:
        try:
            address = make_url(url)
            if address.get_backend_name() == "sqlite" and address.database not in (None, "", ":memory:"):
                file = Path(str(address.database))
                if not make and not str(file).startswith("file:") and not file.exists():
                    raise ConfigError.one(
                        "ICP701", f"there is no ledger {file}.",
                        "Check ledger.url; icp.score campaign=... or icp.feedback action=load makes one.",
                    )  # fmt: skip
                file.parent.mkdir(parents=True, exist_ok=True)
            self._engine = open_engine(address)
            upgrade(self._engine)
        except (sa.exc.SQLAlchemyError, ImportError, OSError) as error:
            raise unusable(url, error) from None

    def append(
        self,
        scores: Iterable[pa.Table],
        *,
        campaign: str,
        run_id: str,
        target: str,
        model_version: str,
        as_of: str | None,
        holdout: Mapping[str, Any] | None = None,
        delivered_at: datetime | None = None,
    ) -> bool:
        """Record a delivered list, whole or not at all; a list already there changes nothing.

        Parameters
        ----------
        scores : iterable of Table
            With the columns of ``scores.csv``, whose ids :func:`check_entries` has passed, and with what was decided of
            each account: ``arm``, ``band``, why it is ``left_out`` of the list, where it is, and on a call list
            ``rep``, ``week``, ``slot`` and ``next_action``; ``message_id`` of the company's message in
            ``talking_point``.
        campaign : str
            What the list is for.
        run_id : str
            Identity of the list.
        target : str
            Which system it was written for.
        model_version : str
            Model it was scored with.
        as_of : str or None
            Date of the picture.
        holdout : mapping, default=None
            How its hold-out was designed, as said before launch.
        delivered_at : datetime, default=None
            When, for lists delivered before they were entered; None is now.

        Returns
        -------
        bool
            Whether the list was new.

        Raises
        ------
        ConfigError
            The database refuses (``ICP701``).
        """
        key = {"campaign": campaign, "run_id": run_id}
        entry: dict[str, Any] = {
            "delivered_at": delivered_at or datetime.now(UTC),
            "target": target,
            "model_version": model_version,
            "as_of": as_of,
        }
        entry["holdout"] = None if holdout is None else json.dumps(dict(holdout), sort_keys=True)
        dialect = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        added = (
            dialect.insert(LISTS).values(**key, **entry, n_rows=0).on_conflict_do_nothing().returning(LISTS.c.run_id)
        )
        this = (LISTS.c.campaign == campaign) & (LISTS.c.run_id == run_id)
        try:
            with self._engine.begin() as connection:
                if connection.execute(added).first() is None:
                    return False
                n_rows = 0
                for batch in (batch for part in scores for batch in part.to_batches(_ROWS_AT_A_TIME)):
                    kept = [column.name for column in DELIVERIES.columns if column.name in batch.schema.names]
                    rows = [{**key, **row} for row in batch.select(kept).to_pylist()]
                    connection.execute(sa.insert(DELIVERIES), rows)
                    n_rows += len(rows)
                connection.execute(sa.update(LISTS).where(this).values(n_rows=n_rows))
                return True
        except sa.exc.SQLAlchemyError as error:
            raise unusable(str(self._engine.url), error) from None

    def lists(self) -> pd.DataFrame:
        """Every delivered list.

        Returns
        -------
        DataFrame
            ``campaign, run_id, delivered_at, target, model_version, as_of, n_rows, holdout`` (JSON), oldest first.
        """
        with self._reading() as connection:
            return pd.read_sql(sa.select(LISTS).order_by(LISTS.c.delivered_at, LISTS.c.run_id), connection)

    def deliveries(self, campaign: str) -> pd.DataFrame:
        """Every account delivered for a campaign.

        Parameters
        ----------
        campaign : str
            As given when it was delivered.

        Returns
        -------
        DataFrame
            One row per list and account, sorted.
        """
        query = sa.select(DELIVERIES).where(DELIVERIES.c.campaign == campaign)
        with self._reading() as connection:
            return pd.read_sql(query.order_by(DELIVERIES.c.run_id, DELIVERIES.c.account_id), connection)

    def arms(self, campaign: str) -> dict[str, bool]:
        """Whether each account of a campaign is held out.

        Parameters
        ----------
        campaign : str
            As given when it was delivered.

        Returns
        -------
        dict of str to bool
            Also False for accounts that had a list without being in an arm: before there was a hold-out, by an
            override, by exploration. Of a call list with a hold-out, accounts without a slot had none; accounts
            left out of every list are not in it.
        """
        each = DELIVERIES.c
        of_campaign = each.campaign == campaign
        query = sa.select(each.account_id, each.arm, each.run_id, each.rep)
        query = query.where(of_campaign & (each.arm.is_not(None) | each.left_out.is_(None)))
        with_slots = sa.select(each.run_id).where(of_campaign & each.rep.is_not(None)).distinct()
        with_arms = sa.select(LISTS.c.run_id).where((LISTS.c.campaign == campaign) & LISTS.c.holdout.is_not(None))
        found: dict[str, bool] = {}
        with self._reading() as connection:
            parted = set(connection.execute(with_slots).scalars()) & set(connection.execute(with_arms).scalars())
            for account, arm, run_id, rep in connection.execute(query):
                if arm is not None or rep is not None or run_id not in parted:
                    found[account] = arm == "held_out" or found.get(account, False)
        return found

    def drawn(self, campaign: str, but: str = "") -> set[str]:
        """Accounts of a campaign that a hold-out put into an arm.

        Parameters
        ----------
        campaign : str
            As given when it was delivered.
        but : str, default=""
            Identity of a list that does not count.

        Returns
        -------
        set of str
            Their ids, held out or treated.
        """
        each = DELIVERIES.c
        query = sa.select(each.account_id).where((each.campaign == campaign) & each.arm.is_not(None))
        with self._reading() as connection:
            return set(connection.execute(query.where(each.run_id != but).distinct()).scalars())

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()


def check_entries(ids: Callable[[], Iterable[pa.Array]], folder: Path | None = None) -> None:
    """Refuse ids that cannot be a key of the ledger, before any work is done for them.

    Parameters
    ----------
    ids : callable
        Gives batches of ids, as read.
    folder : Path, default=None
        Where ids go while repeats are looked for; None keeps them in memory.

    Raises
    ------
    TableError
        An account stands in the list twice, or has an id longer than 200 characters (``ICP702``).
    """
    again = find_repeats(ids(), folder)
    n_long = 0
    long: list[str] = []
    for part in ids():
        found = part.filter(pc.greater(pc.utf8_length(part), _ID_LENGTH))
        n_long += len(found)
        long += found[: 3 - len(long)].to_pylist()
    problems = []
    for n_rows, examples, message, action in (
        (again.n_rows, again.examples, "an account stands in the list more than once.", "Keep one row per account."),
        (n_long, long, f"ids are longer than {_ID_LENGTH} characters.", "Shorten accounts.account_id."),
    ):
        if n_rows:
            shown = tuple(key[:60] for key in dict.fromkeys(examples))
            problems.append(Problem("ICP702", message, action, "account_id", n_rows, shown))
    if problems:
        raise TableError("The ledger cannot take this list.", problems)
