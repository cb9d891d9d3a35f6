"""A ledger brought to the tables of this version, whatever version made it."""

from __future__ import annotations

import re
from pathlib import Path

import sqlalchemy as sa

from icp.errors import ConfigError

__all__ = ["HEAD", "open_engine", "unusable", "upgrade"]

HEAD = "0005"
"""The newest step; a test holds it to the files."""

_VERSION = "icp_ledger_version"
_WAIT_SECONDS = 120
_LOCK = 7_106_370
_KNOWN = (
    (
        re.compile("database is locked"),
        f"another process has held it for {_WAIT_SECONDS // 60} minutes",
        "Wait until that process has ended, and run the same command again.",
    ),
    (
        re.compile("not a database|malformed"),
        "the file is no SQLite database, or is damaged",
        "Bring the file back from a backup, or set ledger.url to another.",
    ),
    (
        re.compile("no such (?:table|column)|(?:relation|column) .* does not exist"),
        "a table or a column of it is missing",
        "Bring the ledger back from a backup, or set ledger.url to another.",
    ),
)
"""What databases say, why that is, and what to do."""
_REFUSED = re.compile(r".*(?:FATAL: +|port \d+ failed: (?!FATAL)|^(?=failed to resolve host|permission denied))(.+)")


def open_engine(address: sa.URL) -> sa.Engine:
    """An engine whose transactions each see one state and never fail for another writer, but wait for it.

    Parameters
    ----------
    address : URL
        Of SQLite or PostgreSQL.

    Returns
    -------
    Engine
        With SQLite, a transaction takes the lock when it begins to write, and what is deleted is overwritten.
    """
    if address.get_backend_name() != "sqlite":
        return sa.create_engine(address)
    engine = sa.create_engine(address, connect_args={"timeout": _WAIT_SECONDS})

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: object, record: object) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined]
        connection.execute("pragma secure_delete = on")  # type: ignore[attr-defined]

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        reads = connection.get_execution_options().get("icp_reads", False)
        connection.exec_driver_sql("begin" if reads else "begin immediate")

    return engine


def upgrade(engine: sa.Engine) -> None:
    """Run the steps that a ledger lacks, in one transaction, one process at a time.

    Parameters
    ----------
    engine : Engine
        Of the ledger.

    Raises
    ------
    ConfigError
        The ledger was made by a later version of `icp` (``ICP703``).
    """
    with engine.connect().execution_options(icp_reads=True) as connection:
        found = _version(connection)
    if found == HEAD:
        return
    if found is not None and found > HEAD:
        engine.dispose()
        message = f"the ledger was made by a later version of icp (step {found}; this one knows {HEAD})."
        raise ConfigError.one("ICP703", message, "Update icp, or use another ledger.")
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text(f"select pg_advisory_xact_lock({_LOCK})"))
        if _version(connection) == HEAD:  # another process was first
            return
        _run(connection)


def _version(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table(_VERSION):
        return None
    return connection.execute(sa.text(f"select version_num from {_VERSION}")).scalar()


def _run(connection: sa.Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def unusable(url: str, error: BaseException) -> ConfigError:
    """What to raise where a database cannot be used or refuses.

    Parameters
    ----------
    url : str
        Its address.
    error : BaseException
        What happened.

    Returns
    -------
    ConfigError
        ``ICP701``, without the password.
    """
    try:
        shown = sa.engine.make_url(url).render_as_string(hide_password=True)
    except sa.exc.ArgumentError:
        shown = "the address given"
    if isinstance(error, ModuleNotFoundError):
        message, action = f"the driver '{error.name}' for {shown} is not installed.", "pip install 'icp[postgres]'"
        return ConfigError.one("ICP701", message, f"For PostgreSQL: {action}.")  # type: ignore[return-value]
    action = "Set ledger.url to an SQLAlchemy address that can be written, for example sqlite:///ledger/icp.db."
    if isinstance(error, sa.exc.NoSuchModuleError) and shown.startswith("postgres"):
        action = "Write a PostgreSQL address as postgresql+psycopg://role@host:5432/database."
    elif shown.startswith("postgresql"):
        action = (
            "Is the server up, and the address right?  The password is read from ~/.pgpass (chmod 600), from the file "
            "that PGPASSFILE names, or from PGPASSWORD; the role must be allowed to make tables in the database."
        )
    why = _in_its_words(error) or type(error).__name__
    said = str(getattr(error, "orig", None) or "")
    for words, meaning, advice in _KNOWN:
        if words.search(said):
            why, action = meaning, advice
    return ConfigError.one("ICP701", f"the ledger at {shown} cannot be used ({why}).", action)  # type: ignore[return-value]


def _in_its_words(error: BaseException) -> str:
    """What PostgreSQL says, where that is a refusal without values of rows: of a connection, or of a right."""
    said = str(getattr(error, "orig", None) or "").splitlines()
    found = _REFUSED.search(said[0]) if said else None
    return found[1][:160] if found else ""
