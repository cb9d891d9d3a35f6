"""What reps propose before a training: traits to look at, and kinds of account to leave off the lists."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from icp.errors import ConfigError, Problem, did_you_mean

__all__ = ["PROPOSAL_KEYS", "Proposal", "proposals_of"]

PROPOSAL_KEYS = {
    "id": "a name for it, unique; p1, p2, ... unless given",
    "kind": "trait or exclusion; exclusion where there is a value",
    "what": "in their own words",
    "column": "the column of the accounts that it is about",
    "value": "the value of that column which is to be left off the lists",
    "team": "who proposes it: a team, never a person",
    "on": "when, such as 2026-04-01",
}
"""What a proposal may hold, in words."""

_KINDS = ("trait", "exclusion")
_PEOPLE = ("rep", "person", "name", "by", "who", "owner", "user", "email", "mail", "seller")
_START = f"Keys: {', '.join(PROPOSAL_KEYS)}."


@dataclass(frozen=True)
class Proposal:
    """One proposal of a team.

    Parameters
    ----------
    id : str
        Unique.
    kind : {"trait", "exclusion"}
        Whether a column is to be looked at, or a kind of account left off the lists.
    column : str
        Column of the accounts, as the team calls it.
    value : str, default=""
        Of an exclusion: the value of that column.
    what : str, default=""
        In the team's own words.
    team : str, default=""
        Who proposes it.
    on : str, default=""
        ISO date.
    """

    id: str
    kind: str
    column: str
    value: str = ""
    what: str = ""
    team: str = ""
    on: str = ""

    def to_dict(self) -> dict[str, str]:
        """The proposal as plain values.

        Returns
        -------
        dict of str to str
            One entry per field.
        """
        return asdict(self)


def proposals_of(entries: Sequence[Mapping[str, Any]], source: str, *, begin: int = 1) -> tuple[Proposal, ...]:
    """Check and tidy proposals as they were written.

    Parameters
    ----------
    entries : sequence of mapping
        One per proposal, with keys of :data:`PROPOSAL_KEYS`; every cell a text, empty where not given.
    source : str
        File they come from, for messages.
    begin : int, default=1
        Number of the first one.

    Returns
    -------
    tuple of Proposal
        As many as there are entries that hold anything.

    Raises
    ------
    ConfigError
        Keys are unknown, a person is named, a column, kind, value or date is missing or wrong, ids repeat
        (``ICP631``): all problems at once.

    Examples
    --------
    >>> proposals_of([{"column": "industry", "value": "Energy", "team": "north", "on": "2026-04-01"}], "demo")[0].kind
    'exclusion'
    """
    found: list[Proposal] = []
    problems: list[Problem] = []
    for number, entry in enumerate(entries, begin):
        cells = {str(key).strip().lower(): _text(cell) for key, cell in entry.items()}
        if not any(cells.values()):
            continue
        proposal = _proposal(cells, number)
        problems += _unknown(cells, proposal) + _wrong(proposal)
        found.append(proposal)
    ids = [one.id for one in found]
    problems += [
        Problem("ICP631", f"{ids.count(name)} proposals have the id '{name}'.", "Give each its own, or leave id out.")
        for name in dict.fromkeys(ids)
        if ids.count(name) > 1
    ]
    if problems:
        many = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
        raise ConfigError(f"{many} in the proposals of '{source}' ({len(found)} proposals)", problems)
    return tuple(found)


def _text(cell: Any) -> str:
    return "" if cell is None or cell != cell else str(cell).strip()


def _proposal(cells: Mapping[str, str], number: int) -> Proposal:
    value = cells.get("value", "")
    kind = cells.get("kind", "").lower() or ("exclusion" if value else "trait")
    column = cells.get("column", "") or ("" if value else cells.get("what", ""))
    rest = {name: cells.get(name, "") for name in ("what", "team", "on")}
    return Proposal(cells.get("id", "") or f"p{number}", kind, column, value, **rest)


def _unknown(cells: Mapping[str, str], proposal: Proposal) -> list[Problem]:
    problems = []
    for name in cells:
        if name in _PEOPLE:
            action = "Leave the column out, and name the team: what counts is the proposal, not who had it."
            problems.append(Problem("ICP631", f"proposal '{proposal.id}' names a person ('{name}').", action))
        elif name not in PROPOSAL_KEYS:
            hint = f"{did_you_mean(name, PROPOSAL_KEYS)}{_START}"
            problems.append(Problem("ICP631", f"proposal '{proposal.id}': '{name}' is not a key.", hint))
    if "@" in proposal.team:
        message = f"proposal '{proposal.id}' has an address in 'team'."
        problems.append(Problem("ICP631", message, "Name the team, not a person."))
    return problems


def _wrong(one: Proposal) -> list[Problem]:
    problems = []
    if one.kind not in _KINDS:
        hint = f"{did_you_mean(one.kind, _KINDS)}Write trait or exclusion."
        problems.append(Problem("ICP631", f"proposal '{one.id}' is a '{one.kind}'.", hint))
    elif one.kind == "exclusion" and not one.value:
        action = "Give the column, and its value that is to be left off, such as column industry, value Energy."
        problems.append(Problem("ICP631", f"proposal '{one.id}' is an exclusion without a value.", action))
    if not one.column:
        problems.append(Problem("ICP631", f"proposal '{one.id}' names no column.", "Write which one it is about."))
    if one.on:
        try:
            datetime.date.fromisoformat(one.on)
        except ValueError:
            problems.append(Problem("ICP631", f"proposal '{one.id}' is of '{one.on}'.", "Write it as 2026-04-01."))
    return problems
