"""Hold-out: the plan of a list, and why an account of it was left out."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_COLUMNS: dict[str, dict[str, sa.Text | sa.Integer | sa.String]] = {
    "icp_lists": {"holdout": sa.Text()},
    "icp_deliveries": {"band": sa.Integer(), "left_out": sa.String(255)},
}


def upgrade() -> None:
    """Add the columns, unless a ledger from before there were steps has them."""
    look = sa.inspect(op.get_bind())
    for table, columns in _COLUMNS.items():
        there = {column["name"] for column in look.get_columns(table)}
        for name, kind in columns.items():
            if name not in there:
                op.add_column(table, sa.Column(name, kind))
