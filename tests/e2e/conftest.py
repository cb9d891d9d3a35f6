"""Commands as a user runs them: in this process where speed allows it, else as a process of its own."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from commands import Ended

from icp import _command
from trained_models import inside


@pytest.fixture
def command(tmp_path, monkeypatch, capfd):
    """Run a command in a working directory of its own, through everything but a new interpreter."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setenv("HYDRA_FULL_ERROR", "0")
    level, handlers, icp_level = (
        logging.getLogger().level,
        logging.getLogger().handlers[:],
        logging.getLogger("icp").level,
    )

    def call(name: str, *arguments: str, folder: Path = tmp_path) -> Ended:
        with inside(folder), warnings.catch_warnings(), pytest.raises(SystemExit) as left:
            _command.main(name, list(arguments))
        out, err = capfd.readouterr()
        return Ended(left.value.code, out, err, folder)

    yield call
    logging.captureWarnings(False)
    logging.basicConfig(level=level, handlers=handlers, force=True)
    logging.getLogger("icp").setLevel(icp_level)


@pytest.fixture
def process(tmp_path):
    """Run a command as a process of its own, as from a shell."""

    def call(name: str, *arguments: str, folder: Path | None = None, **environment: str) -> Ended:
        env = {key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW_", "HYDRA_"))}
        done = subprocess.run(
            [sys.executable, "-m", f"icp.{name}", *arguments],
            cwd=folder or tmp_path,
            env={**env, **environment},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr, folder or tmp_path)

    return call
