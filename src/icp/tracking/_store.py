"""The door to MLflow: no telemetry, no global state, no noise, and its errors in our words."""

from __future__ import annotations

import logging
import os
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from icp._files import SCRATCH, staged_folder
from icp.errors import ConfigError, ICPError, TrackingError
from icp.options import TrackingOptions

__all__ = ["CHALLENGER", "CHAMPION", "Store", "open_store", "quiet_mlflow", "store_words"]

CHAMPION, CHALLENGER = "champion", "challenger"
FOLDER, DATABASE = "mlruns", "mlflow.db"

_SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",  # an address may hold a password
    "MLFLOW_PRINT_MODEL_URLS_ON_CREATION": "false",
}
_DEFAULTS = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", "MLFLOW_HTTP_REQUEST_TIMEOUT": "30", "GIT_PYTHON_REFRESH": "quiet"}
_NOISY = ("mlflow", "alembic", "sqlalchemy")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Store:
    """An open tracking store.

    Parameters
    ----------
    client : MlflowClient
        For runs, versions and aliases.
    uri : str
        Its address.
    root : Path or None
        The ``mlruns`` folder of a local store.
    """

    client: Any
    uri: str
    root: Path | None

    def where(self) -> str:
        """The store as a person would name it.

        Returns
        -------
        str
            ``mlruns/`` or the server's address.
        """
        return f"{FOLDER}/" if self.root is not None else self.uri

    def local_model(self, run_id: str) -> Path | None:
        """Folder of the model that a run logged, where the store is local.

        Parameters
        ----------
        run_id : str
            The run.

        Returns
        -------
        Path or None
            Found relative to the store, so that a moved ``mlruns`` folder still works.
        """
        return None if self.root is None else self.root / "artifacts" / run_id / "artifacts" / "model"


def store_words(options: TrackingOptions) -> str:
    """What a command that is quoted to a person needs, to find the same store.

    Parameters
    ----------
    options : TrackingOptions
        Of the run that quotes it.

    Returns
    -------
    str
        Overrides with a blank before them, without an address that holds a login; empty for ``mlruns/``.
    """
    if options.store != "server":
        return ""
    shown = options.uri and "@" not in options.uri
    return f" tracking=server tracking.uri={options.uri}" if shown else " tracking=server"


def quiet_mlflow() -> Any:
    """Import MLflow with its telemetry off.

    Returns
    -------
    module
        ``mlflow``.
    """
    os.environ.update(_SETTINGS)
    for key, value in _DEFAULTS.items():
        os.environ.setdefault(key, value)
    with _quiet():
        import mlflow
        import mlflow.exceptions

    return mlflow


@contextmanager
def open_store(options: TrackingOptions, *, create: bool = False) -> Iterator[Store | None]:
    """The store, for as long as the block runs.

    Parameters
    ----------
    options : TrackingOptions
        Which one.
    create : bool, default=False
        Make a local store that is not there yet; without it the block gets None.

    Yields
    ------
    Store or None
        None where a local store does not exist, or with ``store="none"``.

    Raises
    ------
    TrackingError
        The store does not answer (``ICP501``) or refuses (``ICP502``).
    ConfigError
        A server without an address (``ICP008``).
    """
    root = Path.cwd() / FOLDER if options.store == "local" else None
    database = None if root is None else root / DATABASE
    if options.store == "none" or (database is not None and not create and not database.is_file()):
        yield None
        return
    uri = _server_uri(options) if database is None else f"sqlite:///{database}"
    mlflow = quiet_mlflow()
    with _quiet(), _our_words(mlflow, uri if root is None else f"{FOLDER}/"):
        if root is not None and create:
            _make_store(mlflow, root)
        yield Store(mlflow.MlflowClient(tracking_uri=uri, registry_uri=uri), uri, root)


def _make_store(mlflow: Any, root: Path) -> None:
    """A local store where there is none; its database is made aside, as MLflow cannot mend one that is half made."""
    try:
        (root / "artifacts").mkdir(parents=True, exist_ok=True)
        with staged_folder(root) as stage:
            if not (root / DATABASE).is_file():
                _make_database(mlflow, stage / SCRATCH, root / DATABASE)
    except (OSError, ConfigError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise TrackingError.one(
            "ICP501", f"the folder '{FOLDER}' cannot be written to: {reason}.", "Or run with tracking=none."
        ) from None


def _make_database(mlflow: Any, scratch: Path, final: Path) -> None:
    scratch.mkdir()
    mlflow.MlflowClient(f"sqlite:///{scratch / 'made.db'}").search_experiments(max_results=1)
    whole = shutil.copyfile(scratch / "made.db", scratch / DATABASE)  # MLflow keeps the first one open
    try:
        os.link(whole, final)  # never replaces one that another run has made since
    except FileExistsError:
        pass
    except OSError:  # a place without links
        whole.replace(final)


def _server_uri(options: TrackingOptions) -> str:
    uri = options.uri or os.environ.get("MLFLOW_TRACKING_URI", "")
    if not uri.startswith(("http://", "https://", "databricks")):
        raise ConfigError.one(
            "ICP008",
            "tracking=server has no address." if not uri else "the address of the tracking server is not one of http.",
            "Add tracking.uri=https://... or set MLFLOW_TRACKING_URI.",
        )
    return uri.rstrip("/")


@contextmanager
def _quiet() -> Iterator[None]:
    """No warnings and no log lines of MLflow while the block runs; levels are put back after."""
    loggers = [logging.getLogger(name) for name in _NOISY]
    before = [(logger.level, logger.propagate, logger.disabled) for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.CRITICAL)
        try:
            yield
        finally:
            for logger, (level, propagate, disabled) in zip(loggers, before, strict=True):
                logger.setLevel(level)
                logger.propagate, logger.disabled = propagate, disabled


@contextmanager
def _our_words(mlflow: Any, where: str) -> Iterator[None]:
    """What MLflow raises, as one of our errors; its text may hold rows of data, so none of it is shown."""
    from requests.exceptions import RequestException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except ICPError:
        raise
    except (RequestException, SQLAlchemyError, mlflow.exceptions.MlflowException) as error:
        code = str(getattr(error, "error_code", ""))
        log.debug("tracking failed with %s %s", type(error).__name__, code)
        if not code or "Connection" in type(error).__name__ or "API request to" in str(error)[:200]:
            message, action = f"the tracking store {where} does not answer.", "Check its address and that it runs."
            raise TrackingError.one("ICP501", message, action) from None
        message = f"the tracking store {where} refuses ({code.lower().replace('_', ' ')})."
        action = "Check its version, your rights and the name; or run with tracking=none."
        raise TrackingError.one("ICP502", message, action) from None
