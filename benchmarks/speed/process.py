"""A process with its processor seconds, its wall time and its peak memory."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Used:
    """What a process and all that it started used: Spark's JVM and its Python workers as well.

    ``peak_mb`` is that of the largest single process.
    """

    cpu: float
    wall: float
    peak_mb: float


def measure(command: list[str], *, ok: tuple[int, ...] = (0,), environment: dict[str, str] | None = None) -> Used:
    """Run a command to its end, and to the end of all that it started.

    Raises
    ------
    RuntimeError
        It ended with a code that is not in ``ok``; the message holds the end of what it said.
    """
    _adopt_orphans()
    log = Path(tempfile.gettempdir(), f"speed.{os.getpid()}.log")
    started = time.perf_counter()
    with log.open("wb") as said:
        child = subprocess.Popen(
            command,
            stdout=said,
            stderr=subprocess.STDOUT,
            env={**os.environ, "OMP_NUM_THREADS": "2", **(environment or {})},
        )
        cpu, peak_mb, wall = 0.0, 0.0, 0.0
        while True:
            try:
                process, status, used = os.wait4(-1, 0)
            except ChildProcessError:
                break
            if process == child.pid:
                child.returncode, wall = os.waitstatus_to_exitcode(status), time.perf_counter() - started
            cpu, peak_mb = cpu + used.ru_utime + used.ru_stime, max(peak_mb, used.ru_maxrss / 1024)
    if child.returncode not in ok:
        end = log.read_text("utf-8", errors="replace")[-2000:]
        raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}: {end}")
    return Used(cpu, wall, peak_mb)


def _adopt_orphans() -> None:
    """Let processes whose parent ends first become children of this one, so that what they used is told (Linux)."""
    if sys.platform == "linux" and ctypes.CDLL(None).prctl(36, 1, 0, 0, 0):  # PR_SET_CHILD_SUBREAPER
        raise OSError("this process cannot be made the parent of orphans")
