"""What a command says: words or one line of JSON on stdout, text or JSON lines on stderr, secrets masked."""

from __future__ import annotations

import datetime
import json
import logging
import os
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any, TextIO

from icp._outcome import SEVERITIES
from icp.config import mask_secrets
from icp.config._secrets import mask_tree
from icp.errors import ICPError, ICPWarning, Problem

if TYPE_CHECKING:
    from icp._outcome import Outcome

__all__ = ["Console", "silence", "write"]

STATUS = {0: "done", 1: "bug", 2: "wrong_input", 3: "done_with_issues", 130: "interrupted", 143: "terminated"}
"""Exit codes in words."""


@dataclass
class Console:
    """How one run speaks.

    Parameters
    ----------
    command : str
        Such as ``"train"``.
    summary : {"text", "json"}, default="text"
        What stdout gets at the end.
    logs : {"text", "json"}, default="text"
        How messages stand on stderr.
    """

    command: str
    summary: str = "text"
    logs: str = "text"
    began: float = field(default_factory=monotonic)

    @classmethod
    def of(cls, command: str, arguments: Sequence[str]) -> Console:
        """As the command line asks, before anything is composed: errors of the command line are told so, too.

        Parameters
        ----------
        command : str
            Such as ``"train"``.
        arguments : sequence of str
            As given.

        Returns
        -------
        Console
            To be adapted with :meth:`adopt`.
        """
        asked = dict(text.split("=", 1) for text in arguments if text.startswith(("summary=", "logs=")))
        return cls(command, asked.get("summary", "text"), asked.get("logs", "text"))

    def adopt(self, cfg: Any) -> None:
        """As the configuration says, once it is composed.

        Parameters
        ----------
        cfg : RunConfig or DictConfig
            Of the run.
        """
        self.summary, before = str(cfg.summary), self.logs
        self.logs = str(cfg.logs)
        if self.logs != before:
            self.set_up_logging()

    def set_up_logging(self) -> None:
        """Our own messages, and warnings meant for the user, on stderr; others only when something is wrong."""
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(_JsonFormatter() if self.logs == "json" else _MaskedFormatter("%(message)s"))
        logging.basicConfig(level=logging.ERROR, handlers=[handler], force=True)
        logging.getLogger("icp").setLevel(logging.INFO)
        warnings.simplefilter("ignore")
        warnings.filterwarnings("default", category=ICPWarning)
        logging.captureWarnings(True)
        logging.getLogger("py.warnings").setLevel(logging.WARNING)

    def done(self, outcome: Outcome, code: int) -> None:
        """Say what came of a run.

        Parameters
        ----------
        outcome : Outcome
            What the command gave back.
        code : int
            Its exit code.
        """
        words = mask_secrets(outcome.summary()).rstrip("\n") + "\n"
        if self.summary == "json":
            write(sys.stderr, "" if self.logs == "json" else words)
            self._line(code, outcome.facts())
        else:
            write(sys.stdout, words)

    def failed(self, code: int, text: str, error: ICPError | None = None) -> None:
        """Say why there is no result.

        Parameters
        ----------
        code : int
            The exit code.
        text : str
            For a person.
        error : ICPError or None, default=None
            With its problems, which a scheduler gets one by one.
        """
        problems = [_plain(problem) for problem in error.problems] if error else []
        if self.logs == "json":
            for problem in problems or [{"message": text}]:
                write(sys.stderr, _json({"time": _now(), "level": "error", "logger": "icp", **problem}))
        else:
            write(sys.stderr, mask_secrets(text))
        if self.summary == "json":
            self._line(code, {"problems": [{key: one[key] for key in ("code", "message")} for one in problems]})

    def _line(self, code: int, facts: dict[str, Any]) -> None:
        head = {"command": self.command, "exit_code": code, "status": STATUS[code]}
        empty = {"output": None, "model_version": None, "counts": {}, "findings": dict.fromkeys(SEVERITIES, 0)}
        write(
            sys.stdout, _json({**head, **empty, "problems": [], **facts, "seconds": round(monotonic() - self.began, 3)})
        )


def write(stream: TextIO, text: str) -> None:
    """Write and flush; a reader that has gone away is no error.

    Parameters
    ----------
    stream : text file
        Such as ``sys.stdout``.
    text : str
        What is said.
    """
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        silence(stream)


def silence(stream: TextIO) -> None:
    """Point a closed pipe elsewhere, so that the interpreter's last flush says nothing.

    Parameters
    ----------
    stream : text file
        Whose reader is gone.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class _MaskedFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return mask_secrets(super().format(record))


class _JsonFormatter(logging.Formatter):
    """One object a line: ``time, level, logger, message``, and ``trace`` of an exception."""

    def format(self, record: logging.LogRecord) -> str:
        said = {"time": _now(record.created), "level": record.levelname.lower(), "logger": record.name}
        said["message"] = record.getMessage()
        if record.exc_info:
            said["trace"] = self.formatException(record.exc_info)
        return _json(said).rstrip("\n")


def _plain(problem: Problem) -> dict[str, Any]:
    found = {"code": problem.code, "message": problem.message, "action": problem.action, "column": problem.column,
             "n_rows": problem.n_rows, "examples": list(problem.examples)}  # fmt: skip
    return {key: value for key, value in found.items() if value not in (None, [])}


def _json(values: dict[str, Any]) -> str:
    """One line, with secrets masked text by text, so that it stays JSON."""
    return json.dumps(mask_tree(values), ensure_ascii=False) + "\n"


def _now(seconds: float | None = None) -> str:
    utc = datetime.UTC
    when = datetime.datetime.now(utc) if seconds is None else datetime.datetime.fromtimestamp(seconds, utc)
    return when.isoformat(timespec="milliseconds")
