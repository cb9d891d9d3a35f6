"""Ctrl-C and SIGTERM: a run that is told to stop cleans up, and what must not be cut short is done first."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

__all__ = ["Terminated", "terminable", "to_the_end"]

_ONCE = 1.0
"""Seconds in which a second SIGTERM is the same one: ``timeout`` sends it to the process and to its group."""
_told = [-_ONCE]


class Terminated(KeyboardInterrupt):
    """SIGTERM, as Kubernetes, systemd, Airflow and ``timeout`` send it; all that cleans up after Ctrl-C does."""


@contextmanager
def terminable() -> Iterator[None]:
    """SIGTERM raises :class:`Terminated` while the block runs, where it would end the process on the spot."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextmanager
def to_the_end() -> Iterator[None]:
    """A Ctrl-C or SIGTERM waits until the block is over."""
    ours = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    # signals are the main thread's; one that is ignored, or has a handler of its own, is left alone
    ours = {number: own for number, own in ours.items() if own in (signal.default_int_handler, _terminate)}
    if threading.current_thread() is not threading.main_thread():
        ours = {}
    waiting: list[int] = []
    for number in ours:
        signal.signal(number, lambda number, _: waiting.append(number))
    try:
        yield
    finally:
        for number, own in ours.items():
            signal.signal(number, own)
    if waiting:
        raise Terminated if signal.SIGTERM in waiting else KeyboardInterrupt


def _terminate(_number: int, _frame: Any) -> None:
    if monotonic() - _told[0] >= _ONCE:
        _told[0] = monotonic()
        raise Terminated
