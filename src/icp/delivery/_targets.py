"""The fields of a list and the rules of each target, as data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

from icp.errors import ConfigError, did_you_mean

__all__ = ["FIELDS", "Field", "Target", "target", "target_names"]

FieldKind = Literal["key", "text", "picklist", "number", "date"]


@dataclass(frozen=True)
class Field:
    """One column of a delivered list.

    Parameters
    ----------
    name : str
        Canonical name, the same for every target.
    kind : {"key", "text", "picklist", "number", "date"}
        What its cells may hold.
    label : str
        What a rep reads above it.
    length : int, default=255
        Most characters, and most UTF-8 bytes, of a text.
    options : tuple of str, default=()
        Values of a picklist.
    help : str, default=""
        One sentence for the CRM's help text.
    """

    name: str
    kind: FieldKind
    label: str
    length: int = 255
    options: tuple[str, ...] = ()
    help: str = ""


_TIERS = ("A", "B", "C", "D", "not_scored")
FIELDS = (
    Field("account_key", "key", "ICP External Id", 80, help="Key the list is matched on."),
    Field("tier", "picklist", "ICP Tier", options=_TIERS, help="A is the best tenth of the accounts learned from."),
    Field("score", "number", "ICP Score", help="Rank among the accounts learned from, 0 to 100; not a probability."),
    Field("score_change", "number", "ICP Score Change", help="Against the last loaded list of the same model."),
    Field("tier_previous", "picklist", "ICP Tier Previous", options=_TIERS, help="Tier in the last loaded list."),
    Field("profile", "text", "ICP Profile", 80, help="Nearest ideal customer profile."),
    Field("reason_1", "text", "ICP Reason 1", help="Strongest reason in favour."),
    Field("reason_2", "text", "ICP Reason 2", help="Second reason in favour."),
    Field("reason_3", "text", "ICP Reason 3", help="Third reason in favour."),
    Field("watch_out", "text", "ICP Watch Out", help="Strongest reason against."),
    Field(
        "talking_point",
        "text",
        "ICP Talking Point",
        help="What to say: a message or fact that this account's own data support.",
    ),
    Field("next_action", "picklist", "ICP Next Action", options=("call_now", "research_first", "nurture", "hands_off")),
    Field("confidence", "picklist", "ICP Confidence", options=("high", "medium", "low")),
    Field("status", "picklist", "ICP Status", options=("scored", "too_little_data", "excluded", "opted_out")),
    Field("score_date", "date", "ICP Score Date", help="Date of the data the score is made from."),
    Field("valid_until", "date", "ICP Valid Until", help="After this date lists should ignore the score."),
    Field("model_version", "text", "ICP Model Version", 80),
    Field("run_id", "text", "ICP Run Id", 36, help="Which load wrote this row."),
)


@dataclass(frozen=True)
class Target:
    """The rules of one system.

    Parameters
    ----------
    name, title : str
        As in ``delivery=`` and in words.
    null : str
        What an empty cell is written as.
    max_rows, max_bytes : int
        Most rows and bytes of one file.
    headers : tuple of str
        Column heads, one per field of ``FIELDS``.
    limits : str
        Source and date of the limits.
    """

    name: str
    title: str
    null: str
    max_rows: int
    max_bytes: int
    headers: tuple[str, ...]
    limits: str


def target_names() -> list[str]:
    """Names of the systems a list can be written for.

    Returns
    -------
    list of str
        Sorted.
    """
    return sorted(_data())


def target(name: str) -> Target:
    """The rules of one system.

    Parameters
    ----------
    name : str
        One of :func:`target_names`.

    Returns
    -------
    Target
        From the data file of limits.

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
    headers = tuple(rules["headers"].get(field.name, field.name) for field in FIELDS)
    limits = f"{rules['limits_source']} ({rules['limits_date']})"
    return Target(name, rules["title"], rules["null"], rules["max_rows"], rules["max_bytes"], headers, limits)


def _data() -> dict[str, dict]:  # type: ignore[type-arg]
    return json.loads(files("icp.delivery").joinpath("targets.json").read_text(encoding="utf-8"))
