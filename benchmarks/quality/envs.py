"""An environment for each peer that needs its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.quality.peers import PEERS


def python_of(name: str, envs: Path) -> tuple[str, str]:
    """The interpreter of a contender, its environment made where it is not there yet.

    Parameters
    ----------
    name : str
        A key of ``PEERS``.
    envs : Path
        Folder of the environments, one each, named after the peer in lower case.

    Returns
    -------
    tuple of str
        The interpreter, and why there is none (one of the two is empty).
    """
    peer = PEERS[name]
    if not peer.requires:
        return sys.executable, ""
    place = envs / name.lower()
    python = place / "bin" / "python"
    probe = "import importlib.metadata as m, sys; [m.version(p) for p in sys.argv[1:]]"
    if python.exists() and _run([str(python), "-c", probe, *peer.packages]) == "":
        return str(python), ""
    why = _run([sys.executable, "-m", "venv", str(place)])
    for package in peer.requires:  # in order: torch first, so that the build named here is the one used
        why = why or _run([str(python), "-m", "pip", "install", "--quiet", package])
    return ("", why) if why else (str(python), "")


def _run(command: list[str]) -> str:
    """The last lines of what went wrong; empty where nothing did."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else (done.stderr.strip() or f"exit {done.returncode}")[-600:]
