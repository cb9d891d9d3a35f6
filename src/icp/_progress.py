"""Progress of long work: silent in a notebook or a test, a bar on stderr from the command line."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic

__all__ = ["part", "show_progress", "step"]

log = logging.getLogger("icp")
Advance = Callable[[float], None]
Opened = tuple[Advance, Callable[[], None]]
_display: list[Callable[[str, int], Opened]] = []
_SECONDS_BETWEEN_LINES = 30.0
_LONG_TABLE = 100_000


@contextmanager
def step(title: str, n_rows: int = 0) -> Iterator[Advance]:
    """One step of the work.

    Parameters
    ----------
    title : str
        What is being done, for example ``"learning the score"``.
    n_rows : int, default=0
        Rows there are to do, for the rate; 0 shows none.

    Yields
    ------
    callable
        ``advance(share)`` says how much of the step is done, 0 to 1; steps of unknown length never call it.
    """
    log.debug("%s", title)
    if not _display:
        yield lambda share: None
        return
    advance, close = _display[-1](title, n_rows)
    try:
        yield advance
    finally:
        close()


@contextmanager
def part(title: str, n_rows: int) -> Iterator[Advance]:
    """One part of a step, shown only where the table is so long that it takes its time.

    Parameters
    ----------
    title : str
        What is being done.
    n_rows : int
        Rows of the table; from 100,000 on the part is shown.

    Yields
    ------
    callable
        As for :func:`step`.
    """
    if n_rows < _LONG_TABLE:
        yield lambda share: None
        return
    with step(title) as advance:
        yield advance


@contextmanager
def show_progress(*, bars: bool = True) -> Iterator[None]:
    """Show steps on stderr while the block runs.

    Parameters
    ----------
    bars : bool, default=True
        As bars if stderr is a terminal, as plain lines otherwise; False logs them like every other message.
    """
    if not bars or not sys.stderr.isatty():  # a bar is not worth loading then
        with _displayed(_lines(_say if bars else lambda text: log.info("%s", text))):
            yield
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:

        def open_bar(title: str, n_rows: int) -> Opened:
            task, began = progress.add_task(title, total=None, rate=""), monotonic()

            def advance(share: float) -> None:
                progress.update(task, total=1.0, completed=share, rate=_rate(share, n_rows, monotonic() - began))

            return advance, lambda: progress.remove_task(task)

        with _displayed(open_bar):
            yield


@contextmanager
def _displayed(display: Callable[[str, int], Opened]) -> Iterator[None]:
    _display.append(display)
    try:
        yield
    finally:
        _display.pop()


def _lines(say: Callable[[str], None]) -> Callable[[str, int], Opened]:
    """Steps as plain lines for logs and pipes: one for each, and of long ones how far they are, now and then."""

    def open_line(title: str, n_rows: int) -> Opened:
        say(title)
        began = last = monotonic()

        def advance(share: float) -> None:
            nonlocal last
            if monotonic() - last >= _SECONDS_BETWEEN_LINES and 0 < share < 1:
                last = monotonic()
                left = (last - began) * (1 - share) / share
                rate = _rate(share, n_rows, last - began)
                say(f"{share:.0%}, {rate + ', ' if rate else ''}{_time(left)} left")

        return advance, (lambda: None)

    return open_line


def _say(line: str) -> None:
    """A line on stderr; a reader that has gone away stops no work."""
    with suppress(BrokenPipeError):
        sys.stderr.write(f"... {line}\n")
        sys.stderr.flush()


def _rate(share: float, n_rows: int, seconds: float) -> str:
    return f"{share * n_rows / seconds:,.0f} a second" if n_rows and seconds > 0 else ""


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
