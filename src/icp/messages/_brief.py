"""Message briefs: what may be said of each profile, every sentence bound to a stored statistic."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from icp._evidence import Statistic
from icp._notebook import Box, Boxed
from icp._wording import percent, plain
from icp.messages._bind import BoundMessage

__all__ = ["BRIEF_COLUMNS", "Briefs", "build_briefs"]

_MAX_FACTS, _MAX_SELDOM = 12, 6
_MAX_COLUMNS, _MAX_GROUPS = 3, 3
_EVIDENCE = (
    "trait", "label", "group", "n", "n_best", "share", "base", "base_n", "n_base", "base_share", "index", "low", "high",
    "q", "as_of",
)  # fmt: skip

BRIEF_COLUMNS = ("profile_id", "profile", "kind", "status", "message_id", "text", "why", *_EVIDENCE)
"""Columns of ``briefs.csv``."""


@dataclass(frozen=True)
class Briefs(Boxed):
    """A brief for all best customers together, and one for each profile.

    Parameters
    ----------
    rows : tuple of mapping
        Plain JSON values, as in ``briefs.json``; see ``docs/reference/card.md`` for every key.
    """

    rows: tuple[Mapping[str, Any], ...]

    def _box(self) -> Box:
        table = self.frame()
        return Box("Briefs", {"briefs": len(self.rows)}, tuple(table.columns), table.itertuples(index=False))

    def frame(self) -> pd.DataFrame:
        """Every sentence with its evidence, as in ``briefs.csv``.

        Returns
        -------
        DataFrame
            One row per claim; ``kind`` is ``fact``, ``seldom`` or ``message``.
        """
        found = []
        for brief in self.rows:
            head = {"profile_id": brief["profile_id"], "profile": brief["profile"]}
            for kind, claims in (("fact", brief["facts"]), ("seldom", brief["seldom"])):
                found += [_row(head, claim, kind, "", "stands", "") for claim in claims]
            found += [_row(head, one, "message", one["id"], one["status"], one["why"]) for one in brief["messages"]]
        return pd.DataFrame(found, columns=list(BRIEF_COLUMNS))

    def to_list(self) -> list[dict[str, Any]]:
        """The briefs as the card of a model keeps them.

        Returns
        -------
        list of dict
            Plain JSON values.
        """
        return [dict(row) for row in self.rows]


def build_briefs(
    statistics: Sequence[Statistic],
    profiles: Sequence[Mapping[str, Any]],
    messages: Sequence[BoundMessage] = (),
    *,
    definition: Mapping[str, Any] | None = None,
    unworked: tuple[str, Mapping[str, int]] | None = None,
    drivers: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
) -> Briefs:
    """Write the briefs anew: what has no evidence now is not on them.

    Parameters
    ----------
    statistics : sequence of Statistic
        Every group of every trait for all best customers and for each profile.
    profiles : sequence of mapping
        The profiles as in ``profiles.json``.
    messages : sequence of BoundMessage, default=()
        The company's own.
    definition : mapping, default=None
        What best means, as the card keeps it.
    unworked : (str, mapping of str to int), default=None
        What accounts are called among which more can be found, and how many of them belong to each profile id.
    drivers : mapping of str to sequence of mapping, default=None
        What moves the score of each profile's best customers most, by profile id.

    Returns
    -------
    Briefs
        All best customers first, then the profiles in their order.
    """
    names = list(dict.fromkeys((one.profile_id, one.profile) for one in statistics))
    cards = {str(card["id"]): card for card in profiles}
    rows = []
    for profile_id, name in names:
        own = [one for one in statistics if one.profile_id == profile_id]
        card = cards.get(profile_id, {})
        rule = card.get("rule")
        rows.append(
            {
                "profile_id": profile_id,
                "profile": name,
                "n": own[0].n_best,
                "share": card.get("share", 1.0),
                "value": card.get("value"),
                "rate": card.get("rate"),
                "rule": None if rule is None else rule["text"],
                "base": {"name": own[0].base, "n": own[0].n_base},
                "as_of": own[0].as_of,
                "definition": {key: (definition or {}).get(key) for key in ("text", "version", "sha256")},
                "facts": [_claim(one, _fact) for one in _told(own, over=True)],
                "seldom": [_claim(one, _seldom) for one in _told(own, over=False)],
                "messages": [one.to_dict() for one in messages if one.profile_id == profile_id],
                "drivers": [dict(row) for row in (drivers or {}).get(profile_id, ())],
                "more": _more(own, unworked),
            }
        )
    return Briefs(tuple(rows))


def _told(own: Sequence[Statistic], *, over: bool) -> list[Statistic]:
    """What is clearly more, or less, common and says what an account is; strongest first."""
    found = [one for one in own if (one.over if over else one.under) and one.group.is_telling]
    found.sort(key=lambda one: -one.information)
    return found[: _MAX_FACTS if over else _MAX_SELDOM]


def _claim(one: Statistic, words: Callable[[Statistic], str]) -> dict[str, Any]:
    return {"text": plain(words(one), 400), "statistic": one.to_dict()}


def _fact(one: Statistic) -> str:
    return f"{one.words}. True of {_compared(one)}."


def _seldom(one: Statistic) -> str:
    return f"Seldom {one.words}. True of {_compared(one)}."


def _compared(one: Statistic) -> str:
    own = f"{percent(one.share)} of them ({one.n:,} of {one.n_best:,})"
    return f"{own}, against {percent(one.base_share)} of {one.base} ({_of_base(one)}): {_index(one)}"


def _of_base(one: Statistic) -> str:
    return f"{one.base_n:,} of {one.n_base:,}"


def _index(one: Statistic) -> str:
    high = "no upper bound" if one.high is None else f"{one.high:g}"
    return f"index {one.index or 0.0:g}, interval {one.low or 0.0:g} to {high}"


def _more(own: Sequence[Statistic], unworked: tuple[str, Mapping[str, int]] | None) -> dict[str, Any] | None:
    """Where more accounts of a profile are: by the groups of its most telling columns."""
    if unworked is None:
        return None
    name, counts = unworked
    columns: dict[str, list[Statistic]] = {}
    for one in _told(own, over=True):
        if len(columns) < _MAX_COLUMNS or one.trait in columns:
            columns.setdefault(one.trait, []).append(one)
    by = [
        {
            "trait": trait,
            "label": found[0].label,
            "groups": [{"group": one.group.text, "n": one.unworked} for one in found[:_MAX_GROUPS]],
        }
        for trait, found in columns.items()
    ]
    return {"name": name, "n": counts.get(own[0].profile_id, 0), "by": by}


def _row(
    head: Mapping[str, Any], claim: Mapping[str, Any], kind: str, message_id: str, status: str, why: str
) -> dict[str, Any]:
    evidence = claim["statistic"] or {}
    told = {name: evidence.get(name) for name in _EVIDENCE}
    return {**head, "kind": kind, "status": status, "message_id": message_id, "text": claim["text"], "why": why, **told}
