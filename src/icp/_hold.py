"""A folder that one run writes to at a time: held by the system's own lock, which ends however its process ends."""

from __future__ import annotations

import datetime
import errno
import json
import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from icp.errors import ConfigError, ICPError

try:
    import fcntl
except ImportError:  # no locks to be had: two runs into one folder are not noticed
    fcntl = None  # type: ignore[assignment]

__all__ = ["HOLDER", "held_folder", "not_writable"]

HOLDER = ".partial-holder.json"
"""Who holds the folder, for the message to others; of no meaning without the lock."""

_held: dict[Path, int] = {}


@contextmanager
def held_folder(output: str | Path) -> Iterator[Path]:
    """Keep other runs from writing to a folder until the block ends.

    The lock is one of the system on the folder itself, so it works across processes and that of a killed run is gone.
    Where the file system has no locks, nothing is kept away. A thread may hold the same folder again.

    Parameters
    ----------
    output : str or Path
        Made if it is not there; folders made, and left empty, are removed at the end.

    Yields
    ------
    Path
        The same, absolute.

    Raises
    ------
    ConfigError
        Another run holds it (``ICP017``, with its process), or it cannot be written to (``ICP010``).
    """
    final, me = Path(output).absolute(), threading.get_ident()
    if _held.get(final) == me:
        yield final
        return
    made = [folder for folder in (final, *final.parents) if not folder.exists()]
    try:
        lock = _lock(final)
    except BlockingIOError:
        raise ConfigError.one(
            "ICP017",
            f"another run writes to the output folder '{output}': {_who(final)}.",
            "Wait until it has ended, or choose another with output=.",
        ) from None
    except OSError as error:
        _remove_empty(made)
        raise not_writable(output, error) from None
    _held[final] = me
    try:
        yield final
    finally:
        del _held[final]
        (final / HOLDER).unlink(missing_ok=True)
        _remove_empty(made)
        if lock is not None:
            os.close(lock)


def not_writable(output: str | Path, error: OSError) -> ICPError:
    """The error for a folder that cannot be written to (``ICP010``).

    Parameters
    ----------
    output : str or Path
        As the user wrote it.
    error : OSError
        What the system said.

    Returns
    -------
    ICPError
        To raise.
    """
    message = f"cannot write to the output folder '{output}': {error.strerror}."
    return ConfigError.one("ICP010", message, "Choose another with output=.")


def _lock(final: Path) -> int | None:
    """Make the folder and lock it for this process, with a note of who it is; None where there are no locks."""
    while True:
        final.mkdir(parents=True, exist_ok=True)
        if fcntl is None:
            return None
        lock = os.open(final, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_same(lock, final):  # and not removed by another run that left it empty
                (final / HOLDER).write_text(json.dumps(_me()), encoding="utf-8")
                return lock
        except BlockingIOError:
            os.close(lock)
            raise
        except OSError as error:
            os.close(lock)
            if _has_no_locks(error):
                return None
            raise
        os.close(lock)


def _is_same(lock: int, final: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(lock), final.stat())
    except FileNotFoundError:
        return False


def _has_no_locks(error: OSError) -> bool:
    return error.errno in (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)


def _remove_empty(made: list[Path]) -> None:
    for folder in made:
        with suppress(OSError):
            folder.rmdir()


def _me() -> dict[str, str | int]:
    since = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
    program = Path(sys.argv[0] if sys.argv and sys.argv[0] else "python").name
    return {"process": os.getpid(), "machine": socket.gethostname(), "program": program, "since": since}


def _who(final: Path) -> str:
    """The holder in words, as far as it has said."""
    try:
        found = json.loads((final / HOLDER).read_text("utf-8"))
        return f"process {found['process']} ({found['program']}) on '{found['machine']}', since {found['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "a process that has not said which"
