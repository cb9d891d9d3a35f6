"""Each message tied to the statistic it rests on, or told why it is not delivered."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from icp._evidence import Statistic
from icp._wording import percent
from icp.errors import Problem, did_you_mean
from icp.messages._book import BookEntry, MessageBook
from icp.messages._library import ALL, Library, Message, fill
from icp.tables import Finding

__all__ = ["BoundMessage", "bind", "binding_findings", "name_problems"]

Profiles = Sequence[tuple[str, ...]]
"""Id, name and former names of each profile."""

_SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class BoundMessage:
    """A message with its evidence.

    Parameters
    ----------
    id : str
        As in the library.
    profile_id, profile : str
        The profile it is for; ``""`` for all best customers.
    text : str
        As delivered, or as written where it is not.
    status : {"delivered", "hypothesis", "evidence gone", "unknown name"}
        Only the first reaches an account.
    why : str
        Why it is not delivered; empty where it is.
    statistic : Statistic or None
        What it rests on; None for a hypothesis and where a name is not known.
    needs : tuple of Statistic
        What else the account must show.
    """

    id: str
    profile_id: str
    profile: str
    text: str
    status: str
    why: str
    statistic: Statistic | None
    needs: tuple[Statistic, ...] = ()

    @property
    def evidence(self) -> tuple[Statistic, ...]:
        """Everything it rests on."""
        return self.needs if self.statistic is None else (self.statistic, *self.needs)

    def to_dict(self) -> dict[str, Any]:
        """The message as it stands on a brief.

        Returns
        -------
        dict
            Plain JSON values.
        """
        statistic = None if self.statistic is None else self.statistic.to_dict()
        needs = [one.to_dict() for one in self.needs]
        return {
            "id": self.id, "text": self.text, "status": self.status, "why": self.why, "statistic": statistic,
            "needs": needs,
        }  # fmt: skip


def bind(
    library: Library, statistics: Sequence[Statistic], profiles: Profiles
) -> tuple[MessageBook, tuple[BoundMessage, ...]]:
    """Tie every message to the statistics of this model.

    Parameters
    ----------
    library : Library
        Checked messages.
    statistics : sequence of Statistic
        Every group of every trait for all best customers and for each profile.
    profiles : sequence of (str, str, ...)
        Id, name and former names of each profile; a message may use any of them.

    Returns
    -------
    MessageBook
        Messages whose evidence holds: the group, and every group that it needs, is clearly more common among those
        best customers than in the base. Strongest first, by the information value of all groups that a message rests
        on together; ties in the file's order.
    tuple of BoundMessage
        Every message of the library, in its order.
    """
    found = [_bound(message, statistics, profiles) for message in library.messages]
    delivered = [one for one in found if one.status == "delivered"]
    delivered.sort(key=lambda one: -sum(part.information for part in one.evidence))
    entries = tuple(
        BookEntry(
            one.id,
            one.profile_id,
            one.text,
            tuple((part.column, part.group) for part in one.evidence),
        )
        for one in delivered
    )
    return MessageBook(entries, library.source), tuple(found)


def name_problems(library: Library, statistics: Sequence[Statistic], profiles: Profiles) -> list[Problem]:
    """Profiles, traits and groups that messages name and this model does not have.

    Parameters
    ----------
    library, statistics, profiles : as for :func:`bind`
        Messages, and what the model holds.

    Returns
    -------
    list of Problem
        Code ``ICP655``, with the nearest name there is.
    """
    return [problem for message in library.messages for problem in _unknown(message, statistics, profiles)]


def binding_findings(
    library: Library, bound: Sequence[BoundMessage], problems: Sequence[Problem]
) -> tuple[Finding, ...]:
    """What there is to say of messages that are not delivered.

    Parameters
    ----------
    library : Library
        The messages.
    bound : sequence of BoundMessage
        From :func:`bind`.
    problems : sequence of Problem
        From :func:`name_problems`.

    Returns
    -------
    tuple of Finding
        ``ICP655`` for names that are not there, ``ICP656`` for evidence that is gone; hypotheses are as they should be.
    """
    findings = []
    if problems:
        names = [f"{problem.message} {problem.action}" for problem in problems]
        n = sum(one.status == "unknown name" for one in bound)
        message = (
            f"{_many(n)} of '{library.source}' not delivered, for naming what this model does not have: {_some(names)}"
        )
        findings.append(Finding("ICP655", "warning", message, evidence={"problems": names}))
    gone = [one for one in bound if one.status == "evidence gone"]
    if gone:
        reasons = [f"'{one.id}': {one.why}" for one in gone]
        message = f"{_many(len(gone))} of '{library.source}' not delivered, as the evidence is gone: {_some(reasons)}"
        findings.append(Finding("ICP656", "warning", message, evidence={"messages": reasons}))
    return tuple(findings)


def _bound(message: Message, statistics: Sequence[Statistic], profiles: Profiles) -> BoundMessage:
    key = _profile(message, profiles)
    problems = _unknown(message, statistics, profiles)
    if key is None or problems:
        why = " ".join(problem.message for problem in problems)
        return BoundMessage(message.id, key[0] if key else "", message.profile, message.text, "unknown name", why, None)
    if message.hypothesis:
        text = fill(message.text, {"profile": key[1]})
        return BoundMessage(message.id, *key, text, "hypothesis", "no field stands behind it", None)
    own = [one for one in statistics if one.profile_id == key[0]]
    first, *needs = (_group(own, trait, group) for trait, group in _claims(message))
    assert first is not None  # noqa: S101 - names were looked up above
    kept = tuple(one for one in needs if one is not None)
    weak = [one for one in (first, *kept) if not one.over]
    text = fill(message.text, _words(first))
    if weak:
        return BoundMessage(message.id, *key, text, "evidence gone", _why_gone(weak[0]), first, kept)
    return BoundMessage(message.id, *key, text, "delivered", "", first, kept)


def _claims(message: Message) -> tuple[tuple[str, str], ...]:
    return () if message.hypothesis else ((message.trait, message.group), *message.needs)


def _profile(message: Message, profiles: Profiles) -> tuple[str, str] | None:
    """Id and name of the profile a message names."""
    wanted = _fold(message.profile)
    if wanted == ALL:
        return "", "all best customers"
    for place in (slice(2), slice(2, None)):  # what is called so now goes before what was
        for key in profiles:
            if wanted in map(_fold, key[place]):
                return key[0], key[1]
    return None


def _group(statistics: Sequence[Statistic], trait: str, group: str) -> Statistic | None:
    own = (one for one in statistics if _is_trait(one, trait))
    return next((one for one in own if _fold(one.group.text) == _fold(group)), None)


def _is_trait(one: Statistic, name: str) -> bool:
    """Whether a name means the trait: its own, or its words."""
    return name == one.trait or _fold(name.replace("_", " ")) == _fold(one.label)


def _unknown(message: Message, statistics: Sequence[Statistic], profiles: Profiles) -> list[Problem]:
    problems = []
    if _profile(message, profiles) is None:
        names = [name for key in profiles for name in key]
        known = ", ".join(f"{key} ({name})" for key, name, *_ in profiles) or "none but 'all'"
        action = f"{did_you_mean(message.profile, names)}Profiles: {known}."
        problems.append(Problem("ICP655", f"{message.place}: there is no profile '{message.profile}'.", action))
    overall = [one for one in statistics if not one.profile_id]
    for trait, group in _claims(message):
        groups = [one.group.text for one in overall if _is_trait(one, trait)]
        if not groups:
            names = list(dict.fromkeys(one.trait for one in overall))
            action = f"{did_you_mean(trait, names)}Traits of profiles: {', '.join(names) or 'none'}."
            problems.append(Problem("ICP655", f"{message.place}: profiles have no trait '{trait}'.", action))
        elif _fold(group) not in map(_fold, groups):
            action = f"{did_you_mean(group, groups)}Groups: {', '.join(groups)}."
            problems.append(Problem("ICP655", f"{message.place}: '{trait}' has no group '{group}'.", action))
    return problems


def _why_gone(one: Statistic) -> str:
    """Why a statistic bears no message, with its numbers."""
    if one.index is None:
        return f"{one.words}: no account of {one.base} is in the group"
    high = "no upper bound" if one.high is None else f"{one.high:g}"
    numbers = f"index {one.index:g} (interval {one.low or 0.0:g} to {high}, {one.n:,} of {one.n_best:,} best customers)"
    return f"{one.words}: {numbers} is not clearly above 100"


def _words(one: Statistic) -> dict[str, str]:
    return {
        "index": f"{one.index or 0.0:,.0f}",
        "share": percent(one.share),
        "base_share": percent(one.base_share),
        "n": f"{one.n:,}",
        "profile": one.profile,
    }


def _fold(text: str) -> str:
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", text)).strip().casefold()


def _many(n: int) -> str:
    return f"{n} message{'' if n == 1 else 's'}"


def _some(texts: Sequence[str], most: int = 3) -> str:
    more = f" (and {len(texts) - most} more)" if len(texts) > most else ""
    return f"{'; '.join(text.rstrip('.') for text in texts[:most])}{more}."
