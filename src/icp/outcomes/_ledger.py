"""The ledger of deliveries, in SQL: SQLite by default, PostgreSQL by address."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url

from icp.errors import ConfigError, Problem, TableError

__all__ = ["Ledger"]

_META = sa.MetaData()
_ID_LENGTH = 200

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
    _LIST_KEY,
)


class Ledger:
    """Append-only record of delivered lists.

    Parameters
    ----------
    url : str
        SQLAlchemy address, for example ``sqlite:///ledger/icp.db``; the folder of an SQLite file is made.

    Raises
    ------
    ConfigError
        The address cannot be used (``ICP701``); a password in it is never shown.
    """

    def __init__(self, url: str) -> None:
        try:
            address = make_url(url)
            if address.get_backend_name() == "sqlite" and address.database not in (None, "", ":memory:"):
                Path(str(address.database)).parent.mkdir(parents=True, exist_ok=True)
            self._engine = sa.create_engine(address)
            _META.create_all(self._engine)
        except (sa.exc.SQLAlchemyError, ImportError, OSError) as error:
            raise _unusable(url, error) from None

    def append(self, scores: pa.Table, *, campaign: str, run_id: str, target: str) -> bool:
        """Record a delivered list, whole or not at all; a list already there changes nothing.

        Parameters
        ----------
        scores : Table
            With the columns of ``scores.csv``; ids unique.
        campaign : str
            What the list is for.
        run_id : str
            Identity of the list.
        target : str
            Which system it was written for.

        Returns
        -------
        bool
            Whether the list was new.

        Raises
        ------
        TableError
            An account stands in the list twice, or has an id longer than 200 characters (``ICP702``).
        ConfigError
            The database refuses (``ICP701``).
        """
        _refuse_unusable_ids(scores)
        entry = {
            "campaign": campaign,
            "run_id": run_id,
            "delivered_at": datetime.now(UTC),
            "target": target,
            "model_version": scores.column("model_version")[0].as_py() if len(scores) else "",
            "as_of": scores.column("as_of")[0].as_py() if len(scores) else None,
            "n_rows": len(scores),
        }
        kept = [column.name for column in DELIVERIES.columns if column.name in scores.column_names]
        rows = [{"campaign": campaign, "run_id": run_id, **row} for row in scores.select(kept).to_pylist()]
        dialect = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        try:
            with self._engine.begin() as connection:
                entered = dialect.insert(LISTS).values(entry).on_conflict_do_nothing().returning(LISTS.c.run_id)
                new = connection.execute(entered).first() is not None
                if new and rows:
                    connection.execute(sa.insert(DELIVERIES), rows)
                return new
        except sa.exc.SQLAlchemyError as error:
            raise _unusable(str(self._engine.url), error) from None

    def lists(self) -> pd.DataFrame:
        """Every delivered list.

        Returns
        -------
        DataFrame
            ``campaign, run_id, delivered_at, target, model_version, as_of, n_rows``, oldest first.
        """
        with self._engine.connect() as connection:
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
        with self._engine.connect() as connection:
            return pd.read_sql(query.order_by(DELIVERIES.c.run_id, DELIVERIES.c.account_id), connection)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()


def _refuse_unusable_ids(scores: pa.Table) -> None:
    """Ids that cannot be a key of the ledger, all at once."""
    ids = pd.Series(scores.column("account_id").to_pylist(), dtype="str")
    problems = []
    for bad, message, action in (
        (ids.duplicated(keep=False), "an account stands in the list more than once.", "Keep one row per account."),
        (ids.str.len() > _ID_LENGTH, f"ids are longer than {_ID_LENGTH} characters.", "Shorten accounts.account_id."),
    ):
        if bad.any():
            examples = tuple(str(key)[:60] for key in dict.fromkeys(ids[bad]))[:3]
            problems.append(Problem("ICP702", message, action, "account_id", int(bad.sum()), examples))
    if problems:
        raise TableError("The ledger cannot take this list.", problems)


def _unusable(url: str, error: Exception) -> ConfigError:
    try:
        shown = make_url(url).render_as_string(hide_password=True)
    except sa.exc.ArgumentError:
        shown = "the address given"
    return ConfigError.one(  # type: ignore[return-value]
        "ICP701",
        f"the ledger at {shown} cannot be used ({type(error).__name__}).",
        "Set ledger.url to an SQLAlchemy address that can be written, for example sqlite:///ledger/icp.db.",
    )
