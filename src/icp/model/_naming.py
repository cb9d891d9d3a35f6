"""Names of profiles: kept with their ids, or set by a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from icp._wording import as_written, plain
from icp.errors import ConfigError, Problem
from icp.options import AUTO_NAME, profile_names
from icp.profiles import NAME_LIMIT, Profile, ProfileSet
from icp.tables import Finding

__all__ = ["give_names", "read_names"]

_MAX_FORMER = 10


def read_names(names: Sequence[str]) -> dict[str, str]:
    """Names that a person set.

    Parameters
    ----------
    names : sequence of str
        ``profiles.names``, such as ``"P1=Export hunters"``.

    Returns
    -------
    dict of str to str
        By id, as any CRM takes them.

    Raises
    ------
    ConfigError
        One is not of that form, or an id or a name comes twice (``ICP003``).
    """
    try:
        wanted = profile_names(names)
    except ValueError as error:
        raise ConfigError.one("ICP003", f"'profiles.names': {error}.", "Write P1=Export hunters.") from None
    worded = {key: plain(text, NAME_LIMIT) for key, text in wanted.items()}
    changed = [
        Problem("ICP003", f"'profiles.names': '{text}' would reach a CRM as '{worded[key]}'.", "Write it so.")
        for key, text in wanted.items()
        if worded[key] != as_written(text)
    ]
    if changed:
        raise ConfigError("Names of profiles cannot be used.", changed)
    return worded


def give_names(
    found: ProfileSet, ids: Sequence[str], before: Mapping[int, Profile], given: Mapping[str, str]
) -> tuple[ProfileSet, tuple[Finding, ...]]:
    """Profiles with their ids, and the names that people know them by.

    A name that a person set goes first, then the name it had before, then the one made from its traits.

    Parameters
    ----------
    found : ProfileSet
        With names made from traits.
    ids : sequence of str
        Id of each profile.
    before : mapping of int to Profile
        By position: the earlier profile that is continued.
    given : mapping of str to str
        From :func:`read_names`; :data:`icp.options.AUTO_NAME` asks for a name from traits again.

    Returns
    -------
    ProfileSet
        No two names are equal.
    tuple of Finding
        ``ICP254``: names set for profiles that there are not, or that another one bears.
    """
    wanted = [_wanted(given.get(key, ""), before.get(i)) for i, key in enumerate(ids)]
    taken: set[str] = set()
    clashes = []
    for i, (text, by) in sorted(enumerate(wanted), key=lambda item: item[1][1] != "person"):
        if text.casefold() in taken:
            clashes += [f"{ids[i]} cannot be called '{text}', as another profile is"] * (by == "person")
            wanted[i] = ("", "traits")
        elif text:
            taken.add(text.casefold())
            wanted[i] = (text, by)
    profiles = []
    for i, (profile, key) in enumerate(zip(found.profiles, ids, strict=True)):
        text, by = wanted[i] if wanted[i][0] else (_generated(profile, key, taken), "traits")
        taken.add(text.casefold())
        profiles.append(replace(profile, id=key, name=text, named_by=by, former_names=_former(before.get(i), text)))
    unknown = [f"there is no {key}" for key in given if key not in ids]
    return replace(found, profiles=tuple(profiles)), _told([*unknown, *clashes], ids)


def _wanted(given: str, old: Profile | None) -> tuple[str, str]:
    """Name and who gave it; empty where it is made from traits."""
    if given and given != AUTO_NAME:
        return given, "person"
    return ("", "traits") if given == AUTO_NAME or old is None else (old.name, old.named_by)


def _generated(profile: Profile, key: str, taken: set[str]) -> str:
    """The name from its traits, with the id where another profile bears it or it held the id."""
    start = f"Profile {profile.id}"
    text = f"Profile {key}{profile.name.removeprefix(start)}" if profile.name.startswith(start) else profile.name
    return text if text.casefold() not in taken else plain(f"Profile {key}, {text}", NAME_LIMIT)


def _former(old: Profile | None, name: str) -> tuple[str, ...]:
    if old is None:
        return ()
    texts = dict.fromkeys([old.name, *old.former_names])
    return tuple(text for text in texts if text != name)[:_MAX_FORMER]


def _told(problems: Sequence[str], ids: Sequence[str]) -> tuple[Finding, ...]:
    if not problems:
        return ()
    known = ", ".join(ids) or "none"
    message = f"names of 'profiles.names' were not given: {'; '.join(problems)}. Profiles: {known}."
    return (Finding("ICP254", "warning", message, evidence={"problems": list(problems)}),)
