"""Which process a run belongs to, so that the run of a killed one is not taken for a running one."""

from __future__ import annotations

import hashlib
import os
import platform
from pathlib import Path
from typing import Any

__all__ = ["PROCESS", "close_abandoned", "this_process"]

PROCESS = "icp.process"
"""Tag of a run: machine, process and when it began, none of them in words."""


def this_process() -> str:
    """The mark of this process.

    Returns
    -------
    str
        ``machine:number:start``; a hash stands for the machine.
    """
    return f"{_machine()}:{os.getpid()}:{_start(os.getpid())}"


def close_abandoned(client: Any, experiment_id: str) -> None:
    """Mark runs as killed whose process is gone: it had no chance to say so itself.

    Only runs that carry our mark, of this very machine, are looked at; of others nothing is known.

    Parameters
    ----------
    client : MlflowClient
        Of an open store.
    experiment_id : str
        Where our runs are filed.
    """
    for run in client.search_runs([experiment_id], "attributes.status = 'RUNNING'"):
        if _is_gone(run.data.tags.get(PROCESS, "")):
            client.set_terminated(run.info.run_id, "KILLED")


def _is_gone(mark: str) -> bool:
    """Whether a process is surely no more: of this machine, and its number is free or was given to a later one."""
    machine, _, rest = mark.partition(":")
    number, _, start = rest.partition(":")
    if machine != _machine() or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass  # it lives, and is not ours to signal
    return bool(start) and start != _start(int(number))


def _machine() -> str:
    """Which machine, and where there are containers which one: process numbers mean something only there."""
    try:
        space = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        space = ""
    return hashlib.sha256(f"{platform.node()} {space}".encode()).hexdigest()[:12]


def _start(number: int) -> str:
    """When a process began, as the system counts it; empty where it does not say."""
    try:
        return Path(f"/proc/{number}/stat").read_text("utf-8").rpartition(")")[2].split()[19]
    except (OSError, IndexError, UnicodeDecodeError):
        return ""
