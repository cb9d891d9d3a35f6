"""Call lists: whose slot an account has, in which week, of which kind, and what is to be done."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns."""
    for name in ("rep", "week", "slot", "next_action"):
        op.add_column("icp_deliveries", sa.Column(name, sa.String(255)))
