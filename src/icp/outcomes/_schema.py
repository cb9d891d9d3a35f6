"""Tables of what came back from sales, as the ledger keeps them: every version of every record, none overwritten."""

from __future__ import annotations

import sqlalchemy as sa

__all__ = ["ERASURES", "RETURNED", "RETURNED_COLUMNS", "add_returned_tables"]

RETURNED_COLUMNS: dict[str, tuple[str, ...]] = {
    "activities": ("kind", "rep", "team", "message"),
    "dispositions": ("code", "rep", "team", "message", "note"),
    "outcomes": ("kind", "amount", "message"),
}
"""Columns of each tidy table, beside ``record_id, account_id, at``."""

_LENGTHS = {"note": 2000}
RETURNED: dict[str, sa.Table] = {}
"""The tables, by name."""


def add_returned_tables(meta: sa.MetaData) -> dict[str, sa.Table]:
    """Define the tables in a collection of tables.

    Parameters
    ----------
    meta : MetaData
        Where to.

    Returns
    -------
    dict of str to Table
        Keyed ``activities, dispositions, outcomes, erasures``.
    """
    made = {name: _table(name, columns, meta) for name, columns in RETURNED_COLUMNS.items()}
    made["erasures"] = sa.Table(
        "icp_erasures",
        meta,
        sa.Column("account_sha256", sa.String(64), primary_key=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
    )
    return made


def _table(name: str, columns: tuple[str, ...], meta: sa.MetaData) -> sa.Table:
    return sa.Table(
        f"icp_{name}",
        meta,
        sa.Column("record_id", sa.String(200), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("account_id", sa.String(200), nullable=False, index=True),
        sa.Column("at", sa.DateTime, nullable=False),
        *(sa.Column(one, sa.Float if one == "amount" else sa.String(_LENGTHS.get(one, 255))) for one in columns),
        sa.Column("content", sa.String(32), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
    )


_META = sa.MetaData()
RETURNED.update(add_returned_tables(_META))
ERASURES = RETURNED.pop("erasures")
