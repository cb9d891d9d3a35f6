"""Types of values that Python code put into a configuration; those from files and overrides are held to the schema."""

from __future__ import annotations

import os
import re
from dataclasses import fields, is_dataclass
from numbers import Integral, Real
from typing import Any

from icp.errors import Problem

__all__ = ["wrong_types"]

_KINDS: dict[str, tuple[type, ...]] = {
    "str": (str, os.PathLike),
    "bool": (bool,),
    "int": (Integral,),
    "float": (Real,),
    "list": (list, tuple),
    "dict": (dict,),
}
_WORDS = {
    "str": "a text",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "list": "a list",
    "dict": "a mapping",
}
_DECLARED = re.compile(r"(?P<kind>\w+)(?:\[(?P<inner>\w+)\])?(?P<none> \| None)?")


def wrong_types(holder: Any, section: str = "") -> list[Problem]:
    """Values of another type than their key takes.

    Parameters
    ----------
    holder : dataclass
        The configuration, or a section of it.
    section : str, default=""
        Its name and a dot.

    Returns
    -------
    list of Problem
        One for each (``ICP003``).
    """
    problems: list[Problem] = []
    for field in fields(holder):
        key, value = f"{section}{field.name}", getattr(holder, field.name)
        if is_dataclass(value):
            problems += wrong_types(value, f"{key}.")
            continue
        declared = _DECLARED.fullmatch(str(field.type))
        if declared is None or declared["kind"] not in _KINDS or (value is None and declared["none"]):
            continue
        inner = declared["inner"] or ""
        fits = _is(value, declared["kind"]) and (inner not in _KINDS or all(_is(one, inner) for one in value))
        if not fits:
            told = _WORDS[declared["kind"]] + (f", each {_WORDS[inner]}" if inner in _WORDS else "")
            problems.append(Problem("ICP003", f"'{key}' is {value!r:.200}.", f"It must be {told}."))
    return problems


def _is(value: Any, kind: str) -> bool:
    """Whether a value is of a kind; true and false are no numbers."""
    return isinstance(value, _KINDS[kind]) and (kind == "bool" or not isinstance(value, bool))
