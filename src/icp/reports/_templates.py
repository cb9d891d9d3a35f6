"""The templates of the pages, and what they may call."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

import jinja2

from icp._wording import capital
from icp.reports import _format, _phrases
from icp.reports._summary import distinctive

__all__ = ["asset", "environment", "script_hash"]

_NAMES = (
    "count", "interval", "number", "odds", "one_in", "percent", "plural", "ratio", "signed", "tied", "times",
)  # fmt: skip


@cache
def asset(name: str) -> str:
    """Text of one of our own files.

    Parameters
    ----------
    name : str
        Of a template, style sheet or script.

    Returns
    -------
    str
        As it is.
    """
    return files("icp.reports").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def script_hash() -> str:
    """Hash of the one script, which the content security policy lets run.

    Returns
    -------
    str
        SHA-256 in base64.
    """
    return base64.b64encode(hashlib.sha256(asset("report.js").encode()).digest()).decode()


@cache
def environment() -> jinja2.Environment:
    """Templates that escape every text.

    Returns
    -------
    Environment
        With the numbers of :mod:`icp.reports._format` and the sentences of :mod:`icp.reports._phrases`.
    """
    made = jinja2.Environment(
        loader=jinja2.FunctionLoader(asset), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    made.globals.update({name: getattr(_format, name) for name in _NAMES})
    made.globals.update({name: getattr(_phrases, name) for name in _phrases.__all__})
    made.globals.update(capital=capital, distinctive=distinctive, unknown=_format.UNKNOWN)
    return made
