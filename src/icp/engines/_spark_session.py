"""A Spark session: the one there is, or one of our own; and Spark's errors in our words."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icp.errors import ConfigError, ICPError
from icp.options import SparkOptions

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["spark_session", "spark_settings"]

_QUIET = {"spark.ui.enabled": "false", "spark.log.level": "ERROR", "spark.ui.showConsoleProgress": "false"}
_HERE = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
_LINES = 3


@contextmanager
def spark_session(options: SparkOptions) -> Iterator[SparkSession]:
    """The session of this thread, or else one that is made for the block and stopped after it.

    Parameters
    ----------
    options : SparkOptions
        Master and further settings of a session that is made.

    Yields
    ------
    SparkSession
        A local one is reached from this machine only, and its workers run this Python.

    Raises
    ------
    ConfigError
        pyspark or Java is missing (``ICP420``), Spark cannot be started or a job failed in it (``ICP421``), or its
        workers lack ``icp`` (``ICP422``).
    """
    if find_spec("pyspark") is None:
        message = "engine=spark needs pyspark, which is not installed."
        raise ConfigError.one("ICP420", message, "Run pip install 'icp[spark]', or leave engine out.")
    from pyspark.sql import SparkSession

    active = SparkSession.getActiveSession()
    if active is not None:
        with _in_our_words():
            yield active
        return
    _require_java(options)
    with _in_our_words():
        session = _new_session(SparkSession.builder.appName("icp.score"), options)
        try:
            yield session
        finally:
            session.stop()


@contextmanager
def spark_settings(spark: SparkSession, settings: Mapping[str, str]) -> Iterator[None]:
    """Settings of a session for the block; afterwards they are what they were.

    Parameters
    ----------
    spark : SparkSession
        Any.
    settings : mapping of str to str
        Settings that can be changed at run time.
    """
    before = {key: spark.conf.get(key, None) for key in settings}
    for key, value in settings.items():
        spark.conf.set(key, value)
    try:
        yield
    finally:
        for key, old in before.items():
            if old is None:
                spark.conf.unset(key)
            else:
                spark.conf.set(key, old)


def _require_java(options: SparkOptions) -> None:
    home = os.environ.get("JAVA_HOME")
    found = (Path(home) / "bin" / "java").is_file() if home else shutil.which("java") is not None
    if not found:
        where = "at JAVA_HOME" if home else "on this machine"
        message = f"engine=spark needs Java, and there is none {where}."
        raise ConfigError.one("ICP420", message, "Install Java 17 or 21 (on Debian openjdk-17-jre-headless).")
    if (options.master or "").startswith("sc://") or "SPARK_REMOTE" in os.environ:
        message = "engine=spark does not work through Spark Connect."
        raise ConfigError.one("ICP421", message, "Set spark.master to the cluster itself, or run with spark-submit.")


def _new_session(builder: Any, options: SparkOptions) -> SparkSession:
    """A session with our settings under the user's; a local one on the loopback address, with this Python."""
    submitted = "SPARK_ENV_LOADED" in os.environ  # spark-submit has said where
    local = options.master.startswith("local") if options.master else not submitted
    settings = {**_QUIET, **(_HERE if local else {})}
    for text in options.settings:
        key, equals, value = text.partition("=")
        if not equals or not key.startswith("spark."):
            message = f"'{key}' in spark.settings is not a setting of Spark."
            raise ConfigError.one("ICP421", message, """Write spark.settings=["spark.executor.memory=8g"].""")
        settings[key] = value
    for key, value in settings.items():
        builder = builder.config(key, value)
    if options.master:
        builder = builder.master(options.master)
    with _environment(PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_IP="127.0.0.1") if local else _environment():
        return builder.getOrCreate()


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    """Variables that are not set, set for the block."""
    added = [key for key in values if key not in os.environ]
    os.environ.update({key: values[key] for key in added})
    try:
        yield
    finally:
        for key in added:
            del os.environ[key]


@contextmanager
def _in_our_words() -> Iterator[None]:
    """Errors of Spark as one of ours; an error in our own code that runs inside Spark stays what it is."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        with _quiet():
            yield
    except ICPError:
        raise
    except (PySparkException, Py4JError, ConnectionError) as error:
        text = str(getattr(error, "java_exception", None) or error)
        if re.search(r"No module named '(icp|pyarrow|numpy|pandas|lightgbm)", text):
            message = "the Python of Spark's workers lacks icp or what it needs."
            action = "Install the same icp there, or name a Python that has it in PYSPARK_PYTHON."
            raise ConfigError.one("ICP422", message, action) from None
        if "Traceback (most recent call last)" in text and "icp/engines" in text:
            raise
        message = f"Spark could not do its part: {_shortened(text)}"
        raise ConfigError.one("ICP421", message, "See Spark's own log, and docs/how-to/spark.md.") from None


@contextmanager
def _quiet() -> Iterator[None]:
    """Without pyspark's habit of writing every failed query to stderr as JSON."""
    from pyspark.logger import PySparkLogger

    names = ("SQLQueryContextLogger", "DataFrameQueryContextLogger")
    loggers = [logger for logger in map(PySparkLogger.getLogger, names) if not logger.disabled]
    for logger in loggers:
        logger.disabled = True
    try:
        yield
    finally:
        for logger in loggers:
            logger.disabled = False


def _shortened(text: str) -> str:
    """The first lines of what Spark says, without its stack."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    told = [line for line in lines if not re.match(r"at |Driver stacktrace|\.\.\. \d+ more|== SQL", line)]
    return " ".join(told[:_LINES])[:400].rstrip(".") + "."
