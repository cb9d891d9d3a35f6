"""Which version is champion: moved, rolled back, and every move remembered.

MLflow keeps no history of aliases. Each move is a tag of the registered model, under a key that holds the moment, so
that entries are only ever added and a server keeps them as a local store does. A move is written as open, made, and
written as done: of an open one the alias, or the entry after it, says whether it was made before the run was killed.
"""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from icp.errors import TrackingError
from icp.options import TrackingOptions
from icp.tracking._store import CHALLENGER, CHAMPION, Store, open_store
from icp.tracking._versions import known_versions, version_of, versions_of

__all__ = ["PromotionEntry", "append_hold", "move_champion", "promote", "promotion_log", "roll_back"]

_PREFIX = "icp.promotion."
_MOMENT = "%Y%m%dT%H%M%S%fZ"
_OPEN = "open"
_MAX_TEXT = 1500


@dataclass(frozen=True)
class PromotionEntry:
    """One move of the champion alias, or one that the gate refused.

    Parameters
    ----------
    when : str
        Moment in UTC (ISO).
    who, why : str
        Who decided, and the reason given.
    action : {"promote", "rollback", "hold"}
        What was done; ``hold`` is the gate's refusal of a new version and moves nothing.
    before, after : str
        Champion version before (empty for a first one) and after.
    evidence : str, default=""
        What the gate found when it compared the new version with the champion, in one line.
    challenger : str, default=""
        The version that was held.
    """

    when: str
    who: str
    why: str
    action: str
    before: str
    after: str
    evidence: str = ""
    challenger: str = ""

    def sentence(self) -> str:
        """The entry as one line.

        Returns
        -------
        str
            For the screen.
        """
        if self.action == "hold":
            return f"{self.when}  {self.who}  hold version {self.challenger}, champion stays {self.after}: {self.why}"
        start = f"from version {self.before} " if self.before else ""
        why = f": {self.why}" if self.why else ""
        return f"{self.when}  {self.who}  {self.action} {start}to version {self.after}{why}"


def promote(name: str, version: str, *, reason: str = "", who: str = "", options: TrackingOptions) -> PromotionEntry:
    """Make a version the champion.

    Parameters
    ----------
    name, version : str
        Registered name and version number.
    reason, who : str, default=""
        Kept in the log; ``who`` defaults to the login name.
    options : TrackingOptions
        Where versions are kept.

    Returns
    -------
    PromotionEntry
        What was done.

    Raises
    ------
    ModelNotFoundError
        No such model or version (``ICP503``).
    TrackingError
        It is champion already (``ICP506``).
    """
    with open_store(options) as store:
        wanted = version_of(store, name, version=str(version))
        assert store is not None  # noqa: S101 - a version was found in it
        if CHAMPION in wanted.aliases:
            _no_challenger(store, name, str(version))  # left where a promotion was killed
            message = f"version {version} of '{name}' is the champion already."
            raise TrackingError.one("ICP506", message, "Nothing was changed.")
        return _move(store, name, "promote", str(version), reason, who, _gate_words(wanted))


def roll_back(name: str, *, reason: str = "", who: str = "", options: TrackingOptions) -> PromotionEntry:
    """Make the champion before this one champion again.

    Parameters
    ----------
    name : str
        Registered name.
    reason, who : str, default=""
        Kept in the log.
    options : TrackingOptions
        Where versions are kept.

    Returns
    -------
    PromotionEntry
        What was done.

    Raises
    ------
    ModelNotFoundError
        No such model, or the earlier version is gone (``ICP503``).
    TrackingError
        There is no champion before this one (``ICP507``).
    """
    with open_store(options) as store:
        version_of(store, name, alias=CHAMPION)
        assert store is not None  # noqa: S101 - a version was found in it
        before = _champions(_entries(store, name))
        if len(before) < 2:
            message = f"'{name}' had no champion before this one."
            there = known_versions(versions_of(store, name))
            action = f"Promote a version by its number, model=models:/{name}/NUMBER.  {there}"
            raise TrackingError.one("ICP507", message, action)
        version_of(store, name, version=before[-2])
        return _move(store, name, "rollback", before[-2], reason, who)


def promotion_log(name: str, options: TrackingOptions) -> tuple[PromotionEntry, ...]:
    """Every move of the champion alias.

    Parameters
    ----------
    name : str
        Registered name.
    options : TrackingOptions
        Where versions are kept.

    Returns
    -------
    tuple of PromotionEntry
        Oldest first; empty for a model without a champion so far, or that is not there.
    """
    with open_store(options) as store:
        if store is None or not store.client.search_registered_models(f"name='{name}'"):
            return ()
        return _entries(store, name)


def move_champion(
    store: Store, name: str, action: str, before: str, after: str, *, reason: str, who: str, evidence: str = ""
) -> PromotionEntry:
    """Make a version the champion, and remember it, whatever kills the run on the way.

    Parameters
    ----------
    store : Store
        Open store.
    name : str
        Registered name.
    action : {"promote", "rollback"}
        What is done.
    before, after : str
        Champion versions; ``before`` is empty for a first one.
    reason, who : str
        Why, and who decided; ``who`` empty is the login name.
    evidence : str, default=""
        What the gate found.

    Returns
    -------
    PromotionEntry
        As written.
    """
    entry = PromotionEntry(_now(), who or _login(), reason[:_MAX_TEXT], action, before, after, evidence[:_MAX_TEXT])
    key = _new_key(store, name)
    _write(store, name, key, {**asdict(entry), _OPEN: True})
    store.client.set_registered_model_alias(name, CHAMPION, after)
    _write(store, name, key, asdict(entry))
    return entry


def append_hold(
    store: Store, name: str, champion: str, challenger: str, *, reason: str, who: str, evidence: str
) -> None:
    """Remember that a version was held.

    Parameters
    ----------
    store : Store
        Open store.
    name : str
        Registered name.
    champion, challenger : str
        The version that stays champion, and the one that was held.
    reason, who, evidence : str
        Why, who decided, and what the gate found.
    """
    entry = PromotionEntry(
        _now(), who, reason[:_MAX_TEXT], "hold", champion, champion, evidence[:_MAX_TEXT], challenger
    )
    _write(store, name, _new_key(store, name), asdict(entry))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _new_key(store: Store, name: str) -> str:
    """A key that sorts after all there are, even where the clock was set back."""
    now = datetime.now(UTC)
    keys = sorted(key for key in store.client.get_registered_model(name).tags if key.startswith(_PREFIX))
    if keys:
        last = datetime.strptime(keys[-1].removeprefix(_PREFIX), _MOMENT).replace(tzinfo=UTC)
        now = max(now, last + timedelta(microseconds=1))
    return f"{_PREFIX}{now.strftime(_MOMENT)}"


def _write(store: Store, name: str, key: str, entry: dict[str, Any]) -> None:
    store.client.set_registered_model_tag(name, key, json.dumps(entry, ensure_ascii=False))


def _move(
    store: Store, name: str, action: str, version: str, reason: str, who: str, evidence: str = ""
) -> PromotionEntry:
    aliases = {alias: str(number) for alias, number in store.client.get_registered_model(name).aliases.items()}
    before = aliases.get(CHAMPION, "")
    entry = move_champion(store, name, action, before, version, reason=reason, who=who, evidence=evidence)
    _no_challenger(store, name, version)
    return entry


def _no_challenger(store: Store, name: str, version: str) -> None:
    """A champion is no challenger."""
    if str(store.client.get_registered_model(name).aliases.get(CHALLENGER, "")) == version:
        store.client.delete_registered_model_alias(name, CHALLENGER)


def _gate_words(version: Any) -> str:
    """What the gate had said about a version when it was trained."""
    tags = version.tags or {}
    verdict = tags.get("icp.gate", "")
    words = tags.get("icp.gate.evidence") or tags.get("icp.gate.why", "")
    return f"the gate had said {verdict}: {words}" if verdict else ""


def _entries(store: Store, name: str) -> tuple[PromotionEntry, ...]:
    """The moves that were made: an open one counts when what follows begins where it ends."""
    model = store.client.get_registered_model(name)
    written = [json.loads(model.tags[key]) for key in sorted(model.tags) if key.startswith(_PREFIX)]
    follows = [*(entry["before"] for entry in written[1:]), str(model.aliases.get(CHAMPION, ""))]
    made = [
        entry
        for entry, next_ in zip(written, follows, strict=False)
        if not entry.pop(_OPEN, False) or entry["after"] == next_
    ]
    return tuple(PromotionEntry(**entry) for entry in made)


def _champions(entries: tuple[PromotionEntry, ...]) -> list[str]:
    """Champions that led to today's: a roll-back takes the last one off."""
    stack: list[str] = []
    for entry in entries:
        if entry.action == "hold":
            continue
        if entry.action == "rollback" and len(stack) > 1:
            stack.pop()
        else:
            stack.append(entry.after)
    return stack


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
