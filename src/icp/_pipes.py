"""What a user names as a file and is none: a pipe gives its bytes once, and may have none to give for ever."""

from __future__ import annotations

import stat
from pathlib import Path

from icp.errors import Problem

__all__ = ["pipe_problem"]


def pipe_problem(path: str | Path, key: str) -> Problem | None:
    """What is wrong with a path to something else than a file or a folder; it is looked at and not opened.

    Parameters
    ----------
    path : str or Path
        As the user wrote it.
    key : str
        Of the configuration, that names it.

    Returns
    -------
    Problem or None
        ``ICP100`` of a pipe, a socket or a device; None for files, folders, and where nothing is there.
    """
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):  # not there, or no path of this machine
        return None
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return None
    what = "a pipe" if stat.S_ISFIFO(mode) else "a socket" if stat.S_ISSOCK(mode) else "a device"
    message = f"'{path}' is {what}, not a file, and files are read more than once."
    return Problem("ICP100", message, f"Write it to a file first, and name that: {key}=...")
