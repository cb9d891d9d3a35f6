"""Lists and deliveries, as the first ledgers had them without a version."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_TEXTS = (
    *("status", "tier", "fit_tier", "engagement_level", "profile_id", "reason_1", "reason_2", "reason_3"),
    *("watch_out", "talking_point", "confidence"),
)


def upgrade() -> None:
    """Make the tables, unless a ledger from before there were versions has them."""
    if sa.inspect(op.get_bind()).has_table("icp_lists"):
        return
    op.create_table(
        "icp_lists",
        sa.Column("campaign", sa.String(200), primary_key=True),
        sa.Column("run_id", sa.String(36), primary_key=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("target", sa.String(40), nullable=False),
        sa.Column("model_version", sa.String(200), nullable=False),
        sa.Column("as_of", sa.String(10)),
        sa.Column("n_rows", sa.Integer, nullable=False),
    )
    op.create_table(
        "icp_deliveries",
        sa.Column("campaign", sa.String(200), primary_key=True),
        sa.Column("run_id", sa.String(36), primary_key=True),
        sa.Column("account_id", sa.String(200), primary_key=True),
        *(sa.Column(name, sa.String(255)) for name in _TEXTS),
        sa.Column("propensity", sa.Float),
        sa.Column("percentile", sa.Float),
        sa.Column("expected_value", sa.Float),
        sa.Column("arm", sa.String(40)),
        sa.ForeignKeyConstraint(["campaign", "run_id"], ["icp_lists.campaign", "icp_lists.run_id"]),
    )
