"""What every test has: one thread per worker, no telemetry, a real PostgreSQL and the public data where they are."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

import pytest
from hypothesis import settings

from icp.tracking import _store
from trained_models import dated, leads, observed, shared

__all__ = ["dated", "leads", "observed"]

# two shared cores: a time limit per example would say nothing about the code; fixed seed so that a failure comes back
settings.register_profile("icp", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("icp")

ROOT = Path(__file__).resolve().parents[1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """An address in the id of a test differs from worker to worker, and then no test runs at all."""
    moving = [item.nodeid for item in items if " at 0x" in item.nodeid]
    if moving:
        raise pytest.UsageError(f"give these tests ids that stay: {', '.join(moving[:3])}")


@pytest.fixture(scope="session", autouse=True)
def _tables_of_mlflow_made_once(tmp_path_factory):
    """A new local store takes MLflow seconds, the same tables each time: in this process the first one is copied.

    Commands that run as processes of their own, and the notebooks, make theirs anew.
    """
    make = _store._make_database

    def copied(mlflow, scratch: Path, final: Path) -> None:
        def once(folder: Path) -> None:
            make(mlflow, folder / "scratch", folder / _store.DATABASE)

        tables = shared(tmp_path_factory, "mlflow-tables", once) / _store.DATABASE
        shutil.copyfile(tables, final)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_store, "_make_database", copied)
        yield


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of public data sets; the test is skipped where it is not there."""
    folder = Path(os.environ.get("ICP_REAL_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("the public data sets are not beside the project (set ICP_REAL_DATA to their folder)")
    return folder


def _postgres_programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@pytest.fixture(scope="session")
def postgres_url():
    """A PostgreSQL server of our own on loopback, with an empty database."""
    programs = _postgres_programs()
    if programs is None:
        pytest.skip("no PostgreSQL on this machine (tests/services.sh installs it, as root on Debian)")
    place = Path(tempfile.mkdtemp(prefix="icp-pg-"))
    as_user = []
    if os.geteuid() == 0:
        shutil.chown(place, "postgres", "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = place / "data"
    run = {"check": True, "stdout": subprocess.DEVNULL, "cwd": place}
    subprocess.run([*as_user, programs / "initdb", "-D", data, "-A", "trust", "-U", "icp", "-E", "UTF8"], **run)
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {place} -c fsync=off"
    subprocess.run(
        [*as_user, programs / "pg_ctl", "-D", data, "-w", "-l", place / "log", "-o", options, "start"], **run
    )
    try:
        yield f"postgresql+psycopg://icp@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*as_user, programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **run)
        shutil.rmtree(place, ignore_errors=True)
