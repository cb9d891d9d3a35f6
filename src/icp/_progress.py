"""Progress of long work: silent in a notebook or a test, a bar on stderr from the command line."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["show_progress", "step"]

log = logging.getLogger("icp")
Advance = Callable[[float], None]
_display: list[Callable[[str], tuple[Advance, Callable[[], None]]]] = []


@contextmanager
def step(title: str) -> Iterator[Advance]:
    """One step of the work.

    Parameters
    ----------
    title : str
        What is being done, for example ``"learning the score"``.

    Yields
    ------
    callable
        ``advance(share)`` says how much of the step is done, 0 to 1; steps of unknown length never call it.
    """
    log.debug("%s", title)
    if not _display:
        yield lambda share: None
        return
    advance, close = _display[-1](title)
    try:
        yield advance
    finally:
        close()


@contextmanager
def show_progress() -> Iterator[None]:
    """Show steps as bars on stderr while the block runs, if stderr is a terminal; as plain lines otherwise."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        _display.append(_line_display(console))
        try:
            yield
        finally:
            _display.pop()
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:

        def open_bar(title: str) -> tuple[Advance, Callable[[], None]]:
            task = progress.add_task(title, total=None)

            def advance(share: float) -> None:
                progress.update(task, total=1.0, completed=share)

            return advance, lambda: progress.remove_task(task)

        _display.append(open_bar)
        try:
            yield
        finally:
            _display.pop()


def _line_display(console: object) -> Callable[[str], tuple[Advance, Callable[[], None]]]:
    """Steps as plain lines, each once, for logs and pipes."""
    from rich.console import Console

    def open_line(title: str) -> tuple[Advance, Callable[[], None]]:
        if isinstance(console, Console):
            console.print(f"... {title}", highlight=False)
        return (lambda share: None), (lambda: None)

    return open_line
