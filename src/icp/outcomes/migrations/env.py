"""Run by Alembic: the steps go to the connection they were given, inside its transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], version_table="icp_ledger_version")
context.run_migrations()
