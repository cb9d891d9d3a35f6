"""The disposition codes there are, and what each does; they stand in one data file, ``codes.json``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from icp.errors import ConfigError, Problem, did_you_mean

_WORDS = re.compile(r"[\W_]+")

__all__ = ["EFFECTS", "DispositionCode", "code_map", "disposition_codes", "unknown_codes"]

EFFECTS = {
    "none": "nothing",
    "label": "counts as not best",
    "candidate": "counts as a rejection, and its kind of account may be proposed for exclusion",
    "exclude": "kept off later lists",
    "snooze": "kept off lists for a while, and no label",
    "fix": "the record is to be mended, and no label",
    "review": "the reason is looked at again",
}
"""What a code can do, in words."""


@dataclass(frozen=True)
class DispositionCode:
    """What sales may say of an account it was given, and what that does.

    Parameters
    ----------
    code : str
        As stored.
    words : str
        What it means.
    effect : str
        A key of :data:`EFFECTS`.
    contacted : bool or None
        Whether somebody was spoken to; None where the code does not say.
    accepts : bool or None
        Whether sales took the account as one worth working; None where the code does not say.
    label : int or None
        0 where it means "not best"; None where it says nothing of that. Nobody contacted: always None.
    days : int, default=0
        How long a snoozed account stays off lists.
    feedback : bool, default=False
        A click of a rep beside the disposition, which says nothing of the work done.
    untouched : bool, default=False
        Whether it says that nobody tried.
    """

    code: str
    words: str
    effect: str
    contacted: bool | None
    accepts: bool | None
    label: int | None
    days: int = 0
    feedback: bool = False
    untouched: bool = False


@cache
def disposition_codes() -> Mapping[str, DispositionCode]:
    """Every code there is.

    Returns
    -------
    mapping of str to DispositionCode
        In the order of the data file.

    Examples
    --------
    >>> disposition_codes()["not_contacted"].label is None
    True
    """
    read = json.loads(files("icp.outcomes").joinpath("codes.json").read_text(encoding="utf-8"))
    codes = {name: DispositionCode(name, **values) for name, values in read.items()}
    wrong = [name for name, code in codes.items() if code.label is not None and not code.contacted]
    if wrong:  # never a label for accounts that nobody spoke to
        message = f"the code '{wrong[0]}' has a label, though nobody was contacted."
        raise ConfigError.one("ICP751", message, "Take the label away: nobody knows what they would have become.")
    return codes


def code_map(pairs: Sequence[str], key: str = "dispositions.codes") -> dict[str, str]:
    """What the values of a CRM mean, from a list of ``"their value=our code"``.

    Parameters
    ----------
    pairs : sequence of str
        One per value; a code of ours that stands in the export needs none.
    key : str, default="dispositions.codes"
        Where they were written, for messages.

    Returns
    -------
    dict of str to str
        The value in lower case without blanks around it, and the code.

    Raises
    ------
    ConfigError
        A pair has no ``=``, a value has two codes, or one that says nobody tried has a code of work (``ICP751``), or a
        code is not one (``ICP750``).

    Examples
    --------
    >>> code_map(["Kein Bedarf=no_interest"])["kein bedarf"]
    'no_interest'
    """
    known = disposition_codes()
    untouched = {name: code for name, code in known.items() if code.untouched}
    found = {name: name for name in known}
    problems = []
    for pair in pairs:
        value, equals, code = (part.strip() for part in str(pair).rpartition("="))
        folded = value.casefold()
        if not equals or not value:
            message = f"'{pair}' in {key} is not a value and its code."
            problems.append(Problem("ICP751", message, 'Write it as "Their value=our_code".'))
        elif code not in known:
            problems.append(Problem("ICP750", f"there is no disposition code '{code}' ({key}).", _hint(code)))
        elif folded in found and found[folded] != code:
            message = f"'{value}' has two codes in {key}: {found[folded]} and {code}."
            problems.append(Problem("ICP751", message, "Keep one."))
        elif _WORDS.sub("_", folded) in untouched and code not in untouched:
            message = f"'{value}' says that nobody tried, and {key} gives it the code {code}."
            action = f"Give it {_WORDS.sub('_', folded)}: nobody knows what such accounts would have become."
            problems.append(Problem("ICP751", message, action))
        found[folded] = code
    if problems:
        raise ConfigError("The disposition codes cannot be used.", problems)
    return found


def unknown_codes(values: Iterable[str], known: Mapping[str, str]) -> list[Problem]:
    """A problem for every value that means no code.

    Parameters
    ----------
    values : iterable of str
        As exported, one per row.
    known : mapping of str to str
        Of :func:`code_map`.

    Returns
    -------
    list of Problem
        ``ICP750``, by name, with the nearest known one; most frequent first.
    """
    count: dict[str, int] = {}
    for value in values:
        if value.strip().casefold() not in known:
            count[value.strip()] = count.get(value.strip(), 0) + 1
    most = sorted(count.items(), key=lambda item: (-item[1], item[0]))
    return [
        Problem("ICP750", f"'{value[:60]}' is no disposition code.", _hint(value, known), "code", n)
        for value, n in most
    ]


def _hint(name: str, known: Iterable[str] = ()) -> str:
    codes = disposition_codes()
    near = did_you_mean(name, [*codes, *known])
    return f"{near}Map it in dispositions.codes to one of: {', '.join(codes)}."
