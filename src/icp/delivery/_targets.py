"""The rules of each target as one object, from one data file, with what the configuration changes."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from icp.delivery._fields import FIELDS, MESSAGE_USED, Field, more_field
from icp.errors import ConfigError, Problem, did_you_mean
from icp.options import DeliveryOptions

__all__ = ["Empty", "Limit", "Record", "Target", "shaped", "target", "target_names"]

_BAD_IN_HEADER = re.compile(r'["|<>=#\x00-\x1f\x7f-\x9f\u2028\u2029]|^[\s+\-@\']|\s$')
_MAX_HEADER = 100


@dataclass(frozen=True)
class Limit:
    """One limit of a vendor, and what is kept to.

    Parameters
    ----------
    kind : {"rows", "bytes", "columns", "text", "key"}
        Of what: rows or bytes of a file, columns, characters of a text or a key.
    ours : int
        Most that is written, a margin below the vendor's.
    vendor : str
        The limit in the vendor's words.
    source, date : str
        Where it was read, and when.
    evidence : {"documented", "third party", "source read", "measured", "unconfirmed"}
        What stands behind it.
    """

    kind: str
    ours: int
    vendor: str
    source: str
    date: str
    evidence: str


@dataclass(frozen=True)
class Empty:
    """What becomes of an empty cell.

    Parameters
    ----------
    policy : {"clear", "token", "keep", "apart"}
        The target clears the field; clears it where it reads a token; keeps the old value, or may; or makes a zero of
        an empty number, so that rows without a number go into files without that column.
    token : str
        What an empty cell is written as.
    text : str
        What an empty text says where the target would keep the old one.
    words : str
        The same for people.
    """

    policy: str
    token: str
    text: str
    words: str


@dataclass(frozen=True)
class Record:
    """The target's own record ids, where a list may be matched on them.

    Parameters
    ----------
    header : str
        Column they stand in.
    kind : {"salesforce", "digits", "guid", "zoho"}
        How they look.
    words : str
        The same for people.
    """

    header: str
    kind: str
    words: str


@dataclass(frozen=True)
class Target:
    """The rules of one system: all that is written for it is derived from this object.

    Parameters
    ----------
    name, title : str
        As in ``delivery=`` and in words.
    fields : tuple of Field
        Columns of the file in order, the key first, each with its header.
    message_used : Field
        Field that reps fill in; defined with the others, never loaded.
    empty : Empty
        What becomes of empty cells.
    limits : tuple of Limit
        Each with source and date.
    record : Record or None
        The system's own record ids; None where a list cannot be matched on them.
    key_dots : int, default=36
        Most dots in a key.
    view_only : bool, default=False
        Whether the file is for people and must not be loaded.
    """

    name: str
    title: str
    fields: tuple[Field, ...]
    message_used: Field
    empty: Empty
    limits: tuple[Limit, ...]
    record: Record | None
    key_dots: int = 36
    view_only: bool = False

    @property
    def headers(self) -> tuple[str, ...]:
        """Column heads, one per field."""
        return tuple(field.header for field in self.fields)

    @property
    def key(self) -> Field:
        """The field that rows are matched on."""
        return self.fields[0]

    @property
    def null(self) -> str:
        """What an empty cell is written as."""
        return self.empty.token

    @property
    def max_rows(self) -> int:
        """Most rows of a file."""
        return self.most("rows")

    @property
    def max_bytes(self) -> int:
        """Most bytes of a file."""
        return self.most("bytes")

    def most(self, kind: str) -> int:
        """What is kept to.

        Parameters
        ----------
        kind : str
            As in :class:`Limit`.

        Returns
        -------
        int
            A very large number where there is no such limit.
        """
        return min((limit.ours for limit in self.limits if limit.kind == kind), default=10**12)

    def by_record(self) -> Target:
        """The same for a list whose keys are the system's own record ids.

        Returns
        -------
        Target
            With the key in the column of such ids.
        """
        assert self.record is not None  # noqa: S101 - asked for only where there are such ids
        words = f"The record's own id: {self.record.words}."
        key = replace(self.key, header=self.record.header, help=words)
        return replace(self, fields=(key, *self.fields[1:]))


def target_names() -> list[str]:
    """Names of the systems a list can be written for.

    Returns
    -------
    list of str
        Sorted.
    """
    return sorted(_data())


@cache
def target(name: str) -> Target:
    """The rules of one system, as they are without a configuration.

    Parameters
    ----------
    name : str
        One of :func:`target_names`.

    Returns
    -------
    Target
        From the data file of rules and limits.

    Raises
    ------
    ConfigError
        No such target (``ICP601``).
    """
    known = _data()
    if name not in known:
        raise ConfigError.one(
            "ICP601",
            f"delivery={name} is not known.",
            f"{did_you_mean(name, known)}Choose none, {', '.join(sorted(known))}.",
        )
    rules = known[name]
    style, key = rules["headers"], rules["key_header"]
    fields = [_named(field, style) for field in FIELDS]
    if key:
        fields[0] = replace(fields[0], header=key)
    return Target(
        name,
        rules["title"],
        tuple(fields),
        _named(MESSAGE_USED, style),
        Empty(**rules["empty"]),
        tuple(Limit(**limit) for limit in rules["limits"]),
        Record(**rules["record"]) if rules["record"] else None,
        rules.get("key_dots", 36),
        rules.get("view_only", False),
    )


def shaped(options: DeliveryOptions, actions: Mapping[str, str] | None = None) -> Target:
    """The rules of one system with what the configuration says: columns, labels, number of reasons, further columns.

    Parameters
    ----------
    options : DeliveryOptions
        Of the delivery; ``target`` is not ``none``.
    actions : mapping of str to str, default=None
        The company's own next action of each tier: the values of that picklist. None keeps those of the preset.

    Returns
    -------
    Target
        What the list, its side files and its manifest are made from.

    Raises
    ------
    ConfigError
        No such target (``ICP601``), or columns that it cannot have (``ICP606``); all at once.
    """
    plain = target(options.target)
    unwanted = {f"reason_{i}" for i in (1, 2, 3) if i > options.n_reasons}
    fields = [field for field in plain.fields if field.name not in unwanted]
    style = _data()[plain.name]["headers"]
    fields += [_named(more_field(column), style) for column in dict.fromkeys(options.more)]
    known = {field.name: field for field in (*fields, plain.message_used)}
    problems = [] if 1 <= options.n_reasons <= 3 else [_wrong("n_reasons", str(options.n_reasons), "Give 1, 2 or 3.")]
    taken = {field.name for field in plain.fields} & set(options.more)
    problems += [_wrong("more", name, "The list has that column already.") for name in sorted(taken)]
    for part, attribute in (("columns", "header"), ("labels", "label")):
        for name, value, problem in _pairs(part, getattr(options, part), known):
            if problem is not None:
                problems.append(problem)
            else:
                known[name] = replace(known[name], **{attribute: value})  # type: ignore[arg-type]
    if actions:
        words = tuple(dict.fromkeys(word for word in actions.values() if word))
        known["next_action"] = replace(known["next_action"], options=words)
    *loaded, message_used = known.values()
    shape = replace(plain, fields=tuple(loaded), message_used=message_used)
    problems += _header_problems(shape)
    if problems:
        raise ConfigError(f"The columns of the list for {plain.title} cannot be so.", problems)
    return shape


def _pairs(part: str, texts: Sequence[str], known: Mapping[str, Field]) -> Iterator[tuple[str, str, Problem | None]]:
    """``name=value`` for each text, and what is wrong with it."""
    for text in texts:
        name, equals, value = text.rpartition("=")
        name, value = name.strip(), value.strip()
        problem = None
        if not equals or not value:
            problem = _wrong(part, text, f'Write delivery.{part}=["score=..."].')
        elif name not in known:
            problem = _wrong(part, text, f"{did_you_mean(name, known)}There are: {', '.join(known)}.")
        yield name, value, problem


def _header_problems(shape: Target) -> list[Problem]:
    """Headers that importers refuse or mistake, repeats, too many columns."""
    problems = []
    every = (*shape.fields, shape.message_used)
    for field in every:
        if not field.header or len(field.header) > _MAX_HEADER or _BAD_IN_HEADER.search(field.header):
            action = f'Name it: delivery.columns=["{field.name}=..."], with letters, digits and blanks.'
            problems.append(_wrong("columns", f"{field.name}={field.header}", action))
    folded = Counter(field.header.casefold() for field in every)
    again = [field for field in every if folded[field.header.casefold()] > 1]
    if again:
        names = ", ".join(f"{field.name}={field.header}" for field in again)
        problems.append(_wrong("columns", names, "Each column needs a name of its own; capitals do not count."))
    if len(shape.fields) > shape.most("columns"):
        action = f"{shape.title} takes {shape.most('columns'):,} columns."
        problems.append(_wrong("more", f"{len(shape.fields):,} columns", action))
    return problems


def _wrong(part: str, value: str, action: str) -> Problem:
    return Problem("ICP606", f"'delivery.{part}' cannot be '{value}'.", action)


def _named(field: Field, style: Mapping[str, Any]) -> Field:
    """A field with header and label in a target's way of naming."""
    if style.get("canonical"):
        return replace(field, header=field.name)
    label = field.label.removeprefix(style.get("drop", ""))
    plain = unicodedata.normalize("NFKD", label.replace("ß", "ss")).encode("ascii", "ignore").decode()
    first, *words = re.findall(r"[A-Za-z0-9]+", plain) or [""]
    join = style["join"]
    name = first + (style.get("first", join) + join.join(words) if words else "")
    header = style["before"] + (name.lower() if style["lower"] else name) + style["after"]
    return replace(field, header=header if words or style.get("drop") else "", label=label)


@cache
def _data() -> dict[str, dict[str, Any]]:
    return json.loads(files("icp.delivery").joinpath("targets.json").read_text(encoding="utf-8"))
