"""``icp`` and ``python -m icp``: every command by its name, what there is to run, and completion for the shell."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

from icp._command import main as run_command
from icp._command import overview

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run what the first argument names, as ``python -m icp.<command>`` does.

    Parameters
    ----------
    argv : sequence of str, default=None
        Arguments; default those of the process.

    Raises
    ------
    SystemExit
        Always, with the exit code of the command.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    first = arguments[0] if arguments else "--help"
    if first in ("--help", "-h", "--version"):
        overview(version_only=first == "--version")
        raise SystemExit(0)
    if first in ("completion", "--complete"):
        from icp._completion import answer

        raise SystemExit(answer(arguments))
    run_command(first, arguments[1:])


if __name__ == "__main__":
    main()
