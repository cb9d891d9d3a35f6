"""A company's own messages: one YAML file, read as text and checked as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from icp._wording import MAX_TEXT, as_written, plain
from icp.errors import ConfigError, Problem, did_you_mean

__all__ = ["ALL", "PLACEHOLDERS", "Library", "Message", "read_library"]

ALL = "all"
"""Key of messages for best customers of whatever profile."""

PLACEHOLDERS = {"index": 6, "share": 12, "base_share": 12, "n": 11, "profile": 80}
"""What a message may hold in braces, and the most characters each becomes."""

_MAX_BYTES, _MAX_ID = 1_000_000, 80
_KEYS = ("id", "profile", "trait", "group", "text", "needs", "hypothesis")
_TRUTH = {"true": True, "yes": True, "false": False, "no": False, "": False}
_BRACES = re.compile(r"\{([^{}]*)\}")
_LINE = "icp line"


@dataclass(frozen=True)
class Message:
    """One message, as written.

    Parameters
    ----------
    id : str
        Unique in the library; ``#3`` for the third of them where none was given, which follows the place in the file
        and not the message.
    profile : str
        Id or name of a profile, or ``all``.
    text : str
        What to say; may hold :data:`PLACEHOLDERS` in braces.
    trait, group : str, default=""
        The trait and the group of its values that the account must show; empty for a hypothesis.
    needs : tuple of (str, str), default=()
        Further traits and groups that it must show.
    hypothesis : bool, default=False
        A motive that no field stands behind.
    line : int, default=0
        Where it begins in the file.
    """

    id: str
    profile: str
    text: str
    trait: str = ""
    group: str = ""
    needs: tuple[tuple[str, str], ...] = ()
    hypothesis: bool = False
    line: int = 0

    @property
    def place(self) -> str:
        """How an error names it."""
        return f"message '{self.id}' (line {self.line})"


@dataclass(frozen=True)
class Library:
    """All messages of a file.

    Parameters
    ----------
    source : str
        Name of the file, without its folder.
    messages : tuple of Message
        In the order of the file.
    """

    source: str
    messages: tuple[Message, ...]


def read_library(path: str | Path) -> Library:
    r"""Read and check a file of messages; nothing in it is run.

    Parameters
    ----------
    path : str or Path
        YAML with the key ``messages``: a list of mappings with ``profile``, ``trait``, ``group`` and ``text``, and
        where wanted ``id``, ``needs`` (trait: group) or ``hypothesis: true`` in place of trait and group.

    Returns
    -------
    Library
        Every cell a text, as written.

    Raises
    ------
    ConfigError
        Everything that is wrong, at once: the file cannot be read (``ICP651``), keys missing, unknown or repeated
        (``ICP652``), a placeholder that there is not (``ICP653``), a text that is empty or too long for a CRM
        (``ICP654``).

    Examples
    --------
    >>> import pathlib, tempfile
    >>> text = "messages:\n- profile: P1\n  trait: industry\n  group: Retail\n  text: As {n} other shops do\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "messages.yaml"
    ...     _ = file.write_text(text)
    ...     read_library(file).messages[0].text
    'As {n} other shops do'
    """
    path = Path(path)
    entries = _entries(path)
    problems: list[Problem] = []
    messages: list[Message] = []
    for number, entry in enumerate(entries, 1):
        message, wrong = _message(entry, number)
        problems += wrong
        if message is not None:
            messages.append(message)
    problems += _repeated(messages)
    if problems:
        many = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
        raise ConfigError(
            f"{many} in the messages of '{path.name}' ({len(entries)} message{'' if len(entries) == 1 else 's'})",
            problems,
        )
    return Library(path.name, tuple(messages))


def _entries(path: Path) -> list[Any]:
    """The list of messages, its cells as text, each mapping with the line it begins at."""
    shown = f"messages.library: '{path.name}'"
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ConfigError.one(
                "ICP651", f"{shown} is larger than {_MAX_BYTES:,} bytes.", "Keep messages in it only."
            )
        content = _load(path.read_text(encoding="utf-8-sig"))
    except OSError:
        raise ConfigError.one("ICP651", f"{shown} cannot be read.", "Check messages.library.") from None
    except UnicodeDecodeError:
        raise ConfigError.one("ICP651", f"{shown} is not text in UTF-8.", "Save it as UTF-8.") from None
    except _NotYamlError as error:
        raise ConfigError.one("ICP651", f"{shown} {error}.", "Mend its indentation or quotes there.") from None
    found = content.get("messages") if isinstance(content, Mapping) else None
    if not isinstance(found, list):
        action = "Begin it with 'messages:' and give a list below, each with profile, trait, group and text."
        raise ConfigError.one("ICP651", f"{shown} holds no list of messages.", action)
    return found


class _NotYamlError(ValueError):
    """A file that does not parse, in words."""


def _load(text: str) -> Any:
    """YAML whose cells all are text: no type is guessed, nothing is made."""
    import yaml  # type: ignore[import-untyped]

    class Loader(yaml.BaseLoader):  # type: ignore[misc]
        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            keys = [key.value for key, _ in node.value]
            twice = next((key for key in keys if keys.count(key) > 1), None)
            if twice is not None:
                raise _NotYamlError(f"names '{twice}' twice in the mapping at line {node.start_mark.line + 1}")
            return {**super().construct_mapping(node, deep=True), _LINE: node.start_mark.line + 1}

    try:
        return yaml.load(text, Loader=Loader)  # noqa: S506 - a BaseLoader makes nothing but texts, lists and mappings
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = "" if mark is None else f" (line {mark.line + 1})"
        raise _NotYamlError(f"is not valid YAML{where}") from None
    except (RecursionError, ValueError, TypeError) as error:
        raise error if isinstance(error, _NotYamlError) else _NotYamlError("is not valid YAML") from None


def _message(entry: Any, number: int) -> tuple[Message | None, list[Problem]]:
    """One entry as a message, and what is wrong with it."""
    if not isinstance(entry, Mapping):
        action = "Give it profile, trait, group and text."
        return None, [Problem("ICP652", f"message {number} is not a mapping.", action)]
    cells = {str(key): value for key, value in entry.items() if key != _LINE}
    name = str(cells.get("id") or f"#{number}")
    place, line = f"message '{name}' (line {entry.get(_LINE, 0)})", int(entry.get(_LINE, 0))
    problems = [
        Problem("ICP652", f"{place}: '{key}' is not a key.", f"{did_you_mean(key, _KEYS)}Keys: {', '.join(_KEYS)}.")
        for key in cells
        if key not in _KEYS
    ]
    problems += [
        Problem("ICP652", f"{place}: '{key}' is not one text.", "Write one value there.")
        for key in _KEYS
        if key != "needs" and isinstance(cells.get(key), Mapping | list)
    ]
    needs, wrong = _needs(cells.get("needs"), place)
    problems += [*wrong, *_wrong_id(cells.get("id"), place)]
    if problems:
        return None, problems
    words = {key: str(cells.get(key, "")).strip() for key in _KEYS if key != "needs"}
    truth = _TRUTH.get(words["hypothesis"].lower())
    message = Message(name, words["profile"], words["text"], words["trait"], words["group"], needs, bool(truth), line)
    if truth is None:
        problems.append(Problem("ICP652", f"{place}: hypothesis is '{words['hypothesis']}'.", "Write true or false."))
    return message, [*problems, *_incomplete(message), *_wrong_text(message)]


def _needs(value: Any, place: str) -> tuple[tuple[tuple[str, str], ...], list[Problem]]:
    if value in (None, ""):
        return (), []
    pairs = {str(key): cell for key, cell in value.items() if key != _LINE} if isinstance(value, Mapping) else None
    if pairs is None or not all(isinstance(cell, str) and cell for cell in pairs.values()):
        action = "Write trait: group below it, such as 'crm_system: open source'."
        return (), [Problem("ICP652", f"{place}: needs are not pairs of trait and group.", action)]
    return tuple(pairs.items()), []


def _wrong_id(given: Any, place: str) -> Iterator[Problem]:
    """An id is what the ledger compares a message by, so it may not look like one that follows the place."""
    if given and (str(given).startswith("#") or len(str(given)) > _MAX_ID):
        action = f"Give a short name that stays when the text changes: {_MAX_ID} characters at most, no # at its start."
        yield Problem("ICP652", f"{place}: the id cannot be used.", action)


def _incomplete(message: Message) -> Iterator[Problem]:
    if not message.profile:
        yield Problem("ICP652", f"{message.place}: profile is missing.", "Give an id or name, or 'all'.")
    if message.hypothesis and (message.trait or message.group or message.needs):
        action = "Leave trait, group and needs out, or hypothesis."
        yield Problem("ICP652", f"{message.place} is a hypothesis, and a field stands behind it.", action)
    if not message.hypothesis and not (message.trait and message.group):
        action = "Give trait and group, or 'hypothesis: true' where no field stands behind it."
        yield Problem("ICP652", f"{message.place}: trait or group is missing.", action)


def _wrong_text(message: Message) -> Iterator[Problem]:
    names = _BRACES.findall(message.text)
    known = ["profile"] if message.hypothesis else list(PLACEHOLDERS)
    shown = ", ".join(f"{{{name}}}" for name in known)
    for name in dict.fromkeys(names):
        if name not in known:
            why = "and a hypothesis has no number" if name in PLACEHOLDERS else "which there is not"
            action = f"{did_you_mean(name, known)}Placeholders: {shown}."
            yield Problem("ICP653", f"{message.place} holds {{{name}}}, {why}.", action)
    if set(_BRACES.sub("", message.text)) & set("{}"):
        yield Problem("ICP653", f"{message.place} holds a brace that does not close.", f"Placeholders: {shown}.")
    filled = _BRACES.sub(lambda found: "x" * PLACEHOLDERS.get(found[1], 1), message.text)
    longest = plain(filled, 10 * MAX_TEXT)
    size = max(len(longest), len(longest.encode()))
    if not longest:
        yield Problem("ICP654", f"{message.place} has no text that a CRM keeps.", "Write one sentence.")
    elif size > MAX_TEXT:
        action = f"Shorten it by {size - MAX_TEXT}: a CRM field holds {MAX_TEXT} bytes; {{profile}} may take 80."
        yield Problem("ICP654", f"{message.place} may become {size} bytes long.", action)
    elif longest != as_written(filled):
        action = 'Write "and" for &, words for < and >, no " and no |, no emoji, no sign at the start.'
        yield Problem("ICP654", f"{message.place} would reach a CRM as: {plain(message.text)}", action)


def _repeated(messages: list[Message]) -> list[Problem]:
    ids = [message.id for message in messages]
    twice = [name for name in dict.fromkeys(ids) if ids.count(name) > 1]
    return [
        Problem("ICP652", f"{ids.count(name)} messages have the id '{name}'.", "Give each its own, or leave id out.")
        for name in twice
    ]


def fill(text: str, words: Mapping[str, str]) -> str:
    """A text with its placeholders replaced, once and by nothing but these words.

    Parameters
    ----------
    text : str
        With names in braces.
    words : mapping of str to str
        What each becomes.

    Returns
    -------
    str
        Safe in a CRM cell.

    Examples
    --------
    >>> fill("{n} of {profile}: {share}", {"n": "12", "profile": "{n} shops", "share": "40 %"})
    '12 of {n} shops: 40 %'
    """
    return plain(_BRACES.sub(lambda found: words[found[1]], text))
