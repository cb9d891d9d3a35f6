"""A process with its processor seconds, its wall time and its peak memory."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Used:
    """What one process and its children used."""

    cpu: float
    wall: float
    peak_mb: float


def measure(command: list[str], *, ok: tuple[int, ...] = (0,), environment: dict[str, str] | None = None) -> Used:
    """Run a command to its end.

    Raises
    ------
    RuntimeError
        It ended with a code that is not in ``ok``; the message holds the end of what it said.
    """
    log = Path(tempfile.gettempdir(), f"speed.{os.getpid()}.log")
    started = time.perf_counter()
    with log.open("wb") as said:
        child = subprocess.Popen(
            command,
            stdout=said,
            stderr=subprocess.STDOUT,
            env={**os.environ, "OMP_NUM_THREADS": "2", **(environment or {})},
        )
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - started
    if child.returncode not in ok:
        end = log.read_text("utf-8", errors="replace")[-2000:]
        raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}: {end}")
    return Used(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024)
