"""Which version is champion: moved, rolled back, and every move remembered.

MLflow keeps no history of aliases. Each move is a tag of the registered model, under a key that holds the moment, so
that entries are only ever added and a server keeps them as a local store does.
"""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from icp.errors import TrackingError
from icp.options import TrackingOptions
from icp.tracking._find import version_of
from icp.tracking._store import CHALLENGER, CHAMPION, Store, open_store

__all__ = ["PromotionEntry", "append_entry", "promote", "promotion_log", "roll_back"]

_PREFIX = "icp.promotion."


@dataclass(frozen=True)
class PromotionEntry:
    """One move of the champion alias.

    Parameters
    ----------
    when : str
        Moment in UTC (ISO).
    who, why : str
        Who decided, and the reason given.
    action : {"promote", "rollback"}
        What was done.
    before, after : str
        Champion version before (empty for a first one) and after.
    """

    when: str
    who: str
    why: str
    action: str
    before: str
    after: str

    def sentence(self) -> str:
        """The entry as one line.

        Returns
        -------
        str
            For the screen.
        """
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
            message = f"version {version} of '{name}' is the champion already."
            raise TrackingError.one("ICP506", message, "Nothing was changed.")
        return _move(store, name, "promote", str(version), reason, who)


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
            raise TrackingError.one("ICP507", message, "Promote a version with model=models:/name/3.")
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


def append_entry(
    store: Store, name: str, action: str, before: str, after: str, *, reason: str, who: str
) -> PromotionEntry:
    """Add one move to the log.

    Parameters
    ----------
    store : Store
        Open store.
    name : str
        Registered name.
    action : {"promote", "rollback"}
        What was done.
    before, after : str
        Champion versions.
    reason, who : str
        Why, and who decided; ``who`` empty is the login name.

    Returns
    -------
    PromotionEntry
        As written.
    """
    now = datetime.now(UTC)
    entry = PromotionEntry(now.isoformat(timespec="seconds"), who or _login(), reason, action, before, after)
    key = f"{_PREFIX}{now.strftime('%Y%m%dT%H%M%S%fZ')}"
    store.client.set_registered_model_tag(name, key, json.dumps(asdict(entry), ensure_ascii=False))
    return entry


def _move(store: Store, name: str, action: str, version: str, reason: str, who: str) -> PromotionEntry:
    aliases = {alias: str(number) for alias, number in store.client.get_registered_model(name).aliases.items()}
    store.client.set_registered_model_alias(name, CHAMPION, version)
    if aliases.get(CHALLENGER) == version:
        store.client.delete_registered_model_alias(name, CHALLENGER)
    return append_entry(store, name, action, aliases.get(CHAMPION, ""), version, reason=reason, who=who)


def _entries(store: Store, name: str) -> tuple[PromotionEntry, ...]:
    tags = store.client.get_registered_model(name).tags
    return tuple(PromotionEntry(**json.loads(tags[key])) for key in sorted(tags) if key.startswith(_PREFIX))


def _champions(entries: tuple[PromotionEntry, ...]) -> list[str]:
    """Champions that led to today's: a roll-back takes the last one off."""
    stack: list[str] = []
    for entry in entries:
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
