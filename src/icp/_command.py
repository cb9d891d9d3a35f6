"""What every command shares: help from the config files, Hydra, logging, errors as one block, exit codes.

``--help`` is answered before anything heavy is imported. Everything else is composed by Hydra, whose messages never
reach the user: overrides are checked one by one before, and what it still raises is put in our words. Hydra's own entry
point composes twice, so it is asked only where there are several runs (``-m``).
"""

from __future__ import annotations

import atexit
import errno
import gc
import importlib
import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from icp import __version__
from icp._console import Console, silence, write
from icp._interrupts import Terminated, terminable
from icp._outcome import Outcome
from icp.config import command_lines, compose_run, help_text, load_config, resolved_yaml
from icp.config._folder import command_file
from icp.errors import ConfigError, ICPError, Problem, did_you_mean

__all__ = ["BUG", "DONE", "DONE_WITH_ISSUES", "WRONG_INPUT", "main", "overview"]

DONE, BUG, WRONG_INPUT, DONE_WITH_ISSUES, INTERRUPTED, TERMINATED = 0, 1, 2, 3, 130, 143

_MORE = """Each has --help. In place of python -m icp.train you can write: icp train.
Completion of keys and values in bash: eval "$(icp completion bash)", in zsh: eval "$(icp completion zsh)"
"""
_WITH_VALUE = {
    "--config-dir": "--config-dir", "-cd": "--config-dir",
    "--config-name": "--config-name", "-cn": "--config-name",
    "--cfg": "--cfg", "-c": "--cfg",
}  # fmt: skip
_ALONE = {"--multirun": "--multirun", "-m": "--multirun"}
_OBJECTS = 500_000
_NOT_OURS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EACCES: "a file or folder may not be used",
    errno.EROFS: "the disk can only be read",
}


Work = Callable[[Any], Outcome]


def main(command: str, argv: Sequence[str] | None = None) -> NoReturn:
    """Run a command as from a shell and leave the interpreter.

    Parameters
    ----------
    command : str
        Such as ``"train"``; its function is ``icp.<command>.run``.
    argv : sequence of str, default=None
        Arguments; default those of the process.

    Raises
    ------
    SystemExit
        Always: 0 done, 3 done with findings of severity ``issue``, 2 the input is wrong, 1 a bug, 130 interrupted
        (Ctrl-C), 143 terminated (SIGTERM).
    """
    with terminable():
        raise SystemExit(_ended(command, list(sys.argv[1:] if argv is None else argv)))


def _ended(command: str, arguments: list[str]) -> int:
    """Run a command and say what came of it; the exit code."""
    console = Console.of(command, arguments)
    try:
        if "--help" in arguments or "-h" in arguments:
            write(sys.stdout, help_text(command))
            return DONE
        with _seldom_collected():
            return _run(command, arguments, console)
    except ICPError as error:
        return _refused(console, error)
    except KeyboardInterrupt as error:
        word, code = ("Terminated", TERMINATED) if isinstance(error, Terminated) else ("Interrupted", INTERRUPTED)
        whole = "the ledger is whole: as it was before, or with all rows of this run"
        if command != "feedback":
            whole = "the output folder is whole: as it was before, or with all files of this run"
        console.failed(code, f"{word}; {whole}.\n")
        return code
    except BrokenPipeError:
        silence(sys.stdout)
        return DONE
    except OSError as error:
        return _environment_problem(console, error)
    except Exception:
        console.failed(BUG, _bug_text())
        return BUG


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Look for garbage once in many new objects, and not at all when leaving: what is imported is none."""
    atexit.register(gc.freeze)
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def overview(*, version_only: bool = False) -> None:
    """Say which commands there are, for ``icp`` and ``python -m icp``.

    Parameters
    ----------
    version_only : bool, default=False
        Say the version and nothing else.
    """
    if version_only:
        write(sys.stdout, f"icp {__version__}\n")
        return
    write(sys.stdout, f"Best-customer profiling. The commands:\n\n{command_lines()}\n\n{_MORE}")


def _run(command: str, arguments: list[str], console: Console) -> int:
    """Check the arguments, compose, run; the exit code."""
    from icp.config._check import apart

    _check_names_can_be_told(arguments)
    command_file(command)
    flags, overrides = _split(arguments)
    extra = _check(command, flags, overrides)
    used, unused = apart(command, overrides)
    if "--cfg" in flags:
        write(sys.stdout, resolved_yaml(load_config(command, overrides, extra_dir=extra)))
        return DONE
    console.set_up_logging()
    if unused:
        log.info("%s does not use: %s", command, ", ".join(unused))
    work: Work = importlib.import_module(f"icp.{command}").run
    if "--multirun" in flags:
        results = _several(work, console, [text for text in arguments if text not in unused])
    else:
        results = [_one(work, compose_run(flags.get("--config-name", command), used, extra), console)]
    return max(results)


def _one(work: Work, cfg: Any, console: Console) -> int:
    """Run, and say what came of it; the exit code."""
    from icp._progress import show_progress

    console.adopt(cfg)
    with show_progress(bars=console.logs == "text"):
        outcome = work(cfg)
    issues = any(finding.severity == "issue" for finding in outcome.findings)
    code = DONE_WITH_ISSUES if issues else DONE
    console.done(outcome, code)
    return code


def _split(arguments: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Flags with their values, and overrides."""
    flags: dict[str, str] = {}
    overrides: list[str] = []
    problems: list[Problem] = []
    rest = iter(arguments)
    for text in rest:
        name, equals, value = text.partition("=")
        if text in _ALONE:
            flags[_ALONE[text]] = ""
        elif name in _WITH_VALUE:
            given = value if equals else next(rest, "")
            flags[_WITH_VALUE[name]] = given
            if not given:
                problems.append(Problem("ICP005", f"the flag '{name}' needs a value.", "See --help."))
        elif text.startswith("-"):
            problems.append(_unknown_flag(text))
        else:
            overrides.append(text)
    if problems:
        raise ConfigError("The command line cannot be read.", problems)
    return flags, overrides


def _unknown_flag(text: str) -> Problem:
    name, equals, value = text.lstrip("-").partition("=")
    hint = did_you_mean(text.partition("=")[0], ["--help", *_WITH_VALUE, *_ALONE])
    if equals and not hint:
        hint = f"Keys have no dashes: {name}={value}.  "
    return Problem("ICP005", f"there is no flag '{text}'.", f"{hint}See --help.")


def _check(command: str, flags: dict[str, str], overrides: list[str]) -> Path | None:
    """Everything that can be said before Hydra is asked; the user's own folder of configurations."""
    from icp.config._check import check_extra_folder, check_overrides, raise_if

    extra = Path(flags["--config-dir"]) if "--config-dir" in flags else None
    problems = check_extra_folder(extra) if extra else []
    usable = extra if extra and extra.is_dir() else None
    problems += check_overrides(command, overrides, extra=usable, multirun="--multirun" in flags)
    raise_if(problems)
    return extra


def _several(work: Work, console: Console, arguments: Sequence[str]) -> list[int]:
    """One run for each of several values, by Hydra's own entry point; its errors come out in our words."""
    import hydra

    from icp.config import config_dir, register_schema
    from icp.config._compose import composition_error

    results: list[int] = []
    failed: list[BaseException] = []

    def task(cfg: Any) -> None:
        if failed:
            return
        try:  # Hydra would print the overrides of a job that raises, secrets and all
            results.append(_one(work, cfg, console))
        except BaseException as error:
            failed.append(error)

    os.environ["HYDRA_FULL_ERROR"] = "1"
    register_schema()
    before = sys.argv
    sys.argv = [f"icp.{console.command}", *arguments]
    try:
        hydra.main(version_base="1.3", config_path=str(config_dir()), config_name=console.command)(task)()
    except ICPError:
        raise
    except Exception as error:
        known = composition_error(error)
        if known is None:
            raise
        log.debug("composition failed", exc_info=True)
        raise known from None
    finally:
        sys.argv = before
    if failed:
        raise failed[0]
    return results


def _refused(console: Console, error: ICPError) -> int:
    console.failed(WRONG_INPUT, _error_text(error), error)
    return WRONG_INPUT


def _error_text(error: ICPError) -> str:
    """The block on the screen; a title that only repeats the one problem is left out."""
    text = error.block()
    return f"{type(error).__name__}: {text}\n"


def _check_names_can_be_told(arguments: list[str]) -> None:
    """Refuse letters beyond ASCII where Python takes them for other letters than the libraries that open the files."""
    encoding = sys.getfilesystemencoding()
    if encoding == "utf-8" or all(text.isascii() for text in (*arguments, str(Path.cwd()))):
        return
    message = (
        f"this shell has no UTF-8 (it has {encoding}), and a name in the command or its folder is not plain ASCII."
    )
    raise ConfigError.one("ICP019", message, "Set the environment variable PYTHONUTF8=1, or a locale such as C.UTF-8.")


def _environment_problem(console: Console, error: OSError) -> int:
    """A full disk or a forbidden file is the user's to mend; any other error of the system is a bug of ours."""
    reason = _NOT_OURS.get(error.errno or 0)
    if reason is None:
        console.failed(BUG, _bug_text())
        return BUG
    place = f": '{error.filename}'" if error.filename else ""
    problem = Problem("ICP013", f"{reason}{place}.", "Make room or choose another output=.")
    return _refused(console, ConfigError("the run stopped; nothing was left half-written", [problem]))


def _bug_text() -> str:
    return f"This is a bug in icp, not in your data. Please report it with the lines below.\n\n{traceback.format_exc()}"


log = logging.getLogger(__name__)
