"""A real MLflow server on loopback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_server(folder: Path, records: str = "") -> Iterator[str]:
    """The address of a server that keeps its files in ``folder``, and its records there or in the database named."""
    port = free_port()
    arguments = [
        *(sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"),
        *("--backend-store-uri", records or f"sqlite:///{folder / 'server.db'}"),
        *("--artifacts-destination", str(folder / "files")),
    ]
    env = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "HOME": str(folder)}
    with (folder / "log.txt").open("w") as log:
        process = subprocess.Popen(
            arguments, cwd=folder, env=env, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    uri = f"http://127.0.0.1:{port}"
    try:
        _wait_for(uri, process, folder / "log.txt")
        yield uri
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # its folder and database go with the test: nothing to close in order
        process.wait(timeout=30)


def _wait_for(uri: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"the server ended: {log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(f"{uri}/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.5)
    pytest.fail(f"the server did not start: {log.read_text()[-2000:]}")
