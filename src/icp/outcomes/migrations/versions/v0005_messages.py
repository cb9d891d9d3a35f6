"""Which message of the company's library an account was given, by its id."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column; of lists delivered before, messages are known by their text."""
    op.add_column("icp_deliveries", sa.Column("message_id", sa.String(255)))
