"""What comes back: activities, dispositions, outcomes, and which accounts were erased."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_COLUMNS = {
    "activities": ("kind", "rep", "team", "message"),
    "dispositions": ("code", "rep", "team", "message", "note"),
    "outcomes": ("kind", "amount", "message"),
}


def upgrade() -> None:
    """Make the tables."""
    for name, columns in _COLUMNS.items():
        kinds: dict[str, sa.Float[float] | sa.String] = {"amount": sa.Float(), "note": sa.String(2000)}
        op.create_table(
            f"icp_{name}",
            sa.Column("record_id", sa.String(200), primary_key=True),
            sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("account_id", sa.String(200), nullable=False),
            sa.Column("at", sa.DateTime, nullable=False),
            *(sa.Column(one, kinds.get(one, sa.String(255))) for one in columns),
            sa.Column("content", sa.String(32), nullable=False),
            sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        )
        op.create_index(f"ix_icp_{name}_account_id", f"icp_{name}", ["account_id"])
    op.create_table(
        "icp_erasures",
        sa.Column("account_sha256", sa.String(64), primary_key=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
    )
