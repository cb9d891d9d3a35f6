"""A command in a process of its own, forked from one that has everything loaded, and killed where it is asked for.

The kill is SIGKILL, sent by the clock from outside, or by the process to itself just before its n-th step towards the
disk: a file opened for writing, renamed or removed, a folder made, an SQL statement or its commit.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_EVENTS = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "sqlite3.connect"}
STEPS = "steps"
"""File that a run without a kill writes its number of steps to."""


@dataclass(frozen=True)
class Ended:
    """How a forked command ended: exit code (negative: the signal), seconds, and what it said."""

    code: int
    seconds: float
    said: str


def load() -> None:
    """Import what commands use, once, in the process that forks; nothing here starts a thread."""
    import icp.backtest
    import icp.feedback
    import icp.promote
    import icp.score
    import icp.train  # noqa: F401
    from icp import _calling, _outputs, _returning, _serving, bundle, model, outcomes, reports, tracking  # noqa: F401
    from icp.config import load_config
    from icp.tracking._store import quiet_mlflow

    load_config("train", [])
    quiet_mlflow()
    import alembic.command  # noqa: F401
    import lightgbm  # noqa: F401
    import mlflow.artifacts
    import mlflow.store.model_registry.sqlalchemy_store
    import mlflow.store.tracking.sqlalchemy_store  # noqa: F401
    import pandas  # noqa: F401


def run(folder: Path, command: str, arguments: tuple[str, ...], *, after: float = 0.0, step: int = 0) -> Ended:
    """Run a command in a folder; ``after`` seconds or before its ``step``-th step it is killed, 0 for never."""
    log = folder / ".said"
    started = time.perf_counter()
    child = os.fork()
    if child == 0:
        _child(folder, command, arguments, step, log)
    if after:
        time.sleep(after)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    said = log.read_text("utf-8", errors="replace") if log.exists() else ""
    log.unlink(missing_ok=True)
    return Ended(os.waitstatus_to_exitcode(status), time.perf_counter() - started, said)


def _child(folder: Path, command: str, arguments: tuple[str, ...], step: int, log: Path) -> None:
    """The forked process; never returns."""
    code = 1
    try:
        os.chdir(folder)
        (folder / "tmp").mkdir(exist_ok=True)
        os.environ["TMPDIR"] = str(folder / "tmp")
        said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(said, 1)
        os.dup2(said, 2)
        from icp._command import main

        counter = _Counter(step)
        counter.watch()
        try:
            main(command, list(arguments))
        except SystemExit as left:
            code = int(left.code or 0)
        counter.over = True
        (folder / STEPS).write_text(str(counter.n))
        sys.stdout.flush()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


class _Counter:
    """Counts steps towards the disk, and ends the process before one of them."""

    def __init__(self, last: int) -> None:
        self.n, self.last, self.over = 0, last, False

    def watch(self) -> None:
        import sqlalchemy as sa

        sys.addaudithook(self._heard)
        for event in ("before_cursor_execute", "commit"):
            sa.event.listen(sa.Engine, event, lambda *_: self.step())

    def step(self) -> None:
        if self.over:
            return
        self.n += 1
        if self.n == self.last:
            os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(60)  # the signal comes before this is over

    def _heard(self, event: str, given: tuple[Any, ...]) -> None:
        if event in _EVENTS or (event == "open" and isinstance(given[2], int) and given[2] & _WRITES):
            self.step()


def ask(function: Callable[..., Any], *given: Any) -> Any:
    """The result of a function, called in a forked process so that nothing it opens stays open here."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        try:
            answer: Any = ("gave", function(*given))
        except BaseException as error:
            answer = ("raised", "".join(traceback.format_exception_only(error)).strip())
        with os.fdopen(write, "wb") as pipe:
            pipe.write(pickle.dumps(answer))
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        how, what = pickle.loads(pipe.read())
    os.waitpid(child, 0)
    if how == "raised":
        raise AssertionError(what)
    return what
