"""The columns of a list, the same for every target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["FIELDS", "MESSAGE_USED", "Field", "FieldKind", "more_field"]

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
    source : tuple of str, default=()
        Columns of ``scores.csv`` that it comes from.
    rule : str, default=""
        How its cells come about, for the reference page.
    digits, decimals : int, default=3 and 2
        Of a number: most figures before the point, and how many after it.
    low, high : float, default=0 and 100
        Least and greatest number.
    required : bool, default=False
        Whether a cell may never be empty.
    header : str, default=""
        Column head in the file of a target.
    more : bool, default=False
        Whether it is one of the further columns of ``delivery.more``.
    """

    name: str
    kind: FieldKind
    label: str
    length: int = 255
    options: tuple[str, ...] = ()
    help: str = ""
    source: tuple[str, ...] = ()
    rule: str = ""
    digits: int = 3
    decimals: int = 2
    low: float = 0.0
    high: float = 100.0
    required: bool = False
    header: str = ""
    more: bool = False


_TIERS = ("A", "B", "C", "D", "not_scored")
_STATUSES = ("scored", "too_little_data", "excluded", "opted_out", "not_in_list")
_ACTIONS = ("call_now", "research_first", "nurture", "hands_off")
_TO_DO = (
    "by `call_list.actions`; without it A `call_now`, B `research_first`, C `nurture`, D `hands_off`, not scored "
    "`research_first`; A with low confidence as B"
)
_MESSAGE = "What to say: a message or fact that this account's own data support."


def _reason(i: int) -> Field:
    nth = ("Strongest", "Second", "Third")[i - 1]
    return Field(f"reason_{i}", "text", f"ICP Reason {i}", help=f"{nth} reason in favour.", source=(f"reason_{i}",))


FIELDS = (
    Field(
        "account_key", "key", "ICP External Id", 36, help="Key the list is matched on.", source=("account_id",),
        rule="`delivery.key_prefix` put before it", required=True,
    ),
    Field(
        "tier", "picklist", "ICP Tier", options=_TIERS, help="A is the best tenth of the accounts learned from.",
        source=("tier",), rule="`not_scored` where `status` is not `scored`", required=True,
    ),
    Field(
        "score", "number", "ICP Score", help="Rank among the accounts learned from, 0 to 100; not a probability.",
        source=("percentile",), rule="empty where not scored",
    ),
    Field(
        "score_change", "number", "ICP Score Change", help="Against the last loaded list of the same model.",
        rule="with `delivery.since`; empty where the model is another or nothing changed", low=-100.0,
    ),
    Field(
        "tier_previous", "picklist", "ICP Tier Previous", options=_TIERS, help="Tier in the last loaded list.",
        rule="with `delivery.since`, where the tier is another",
    ),
    Field("profile", "text", "ICP Profile", 80, help="Nearest ideal customer profile.", source=("profile",)),
    *(_reason(i) for i in (1, 2, 3)),
    Field("watch_out", "text", "ICP Watch Out", help="Strongest reason against.", source=("watch_out",)),
    Field("talking_point", "text", "ICP Talking Point", help=_MESSAGE, source=("talking_point",)),
    Field(
        "next_action", "picklist", "ICP Next Action", options=_ACTIONS, source=("tier", "confidence"), rule=_TO_DO,
        help="What to do next with the account.",
    ),
    Field(
        "confidence", "picklist", "ICP Confidence", options=("high", "medium", "low"), source=("confidence",),
        help="How much of what matters is known of the account.",
    ),
    Field(
        "status", "picklist", "ICP Status", options=_STATUSES, source=("status",), required=True,
        help="Why there is a score, or none.", rule="`not_in_list` for accounts of `delivery.known_keys` unscored",
    ),
    Field(
        "score_date", "date", "ICP Score Date", help="Date of the data the score is made from.", source=("as_of",),
        rule="a day, so no time zone moves it",
    ),
    Field(
        "valid_until", "date", "ICP Valid Until", help="After this date lists should ignore the score.",
        source=("as_of",), rule="`delivery.valid_days` later",
    ),
    Field(
        "model_version", "text", "ICP Model Version", 80, help="Which model made the score.",
        source=("model_version",),
    ),
    Field(
        "run_id", "text", "ICP Run Id", 36, help="Which load wrote this row.", required=True,
        rule="the same for the same model and scores",
    ),
)  # fmt: skip
"""Columns that are loaded."""

MESSAGE_USED = Field(
    "message_used",
    "picklist",
    "ICP Message Used",
    options=("yes", "no", "other"),
    help="Filled in by the rep: was the talking point used?",
    rule="never written by a list, so that no load wipes an answer",
)
"""The field reps fill in; it comes back with the CRM's own export."""

_NUMBERS = {"propensity": (1, 6, 1.0), "percentile": (3, 2, 100.0), "expected_value": (12, 2, 1e12 - 1)}
_WORDS = {"fit_tier": 80, "engagement_level": 80, "profile_id": 80}


def more_field(column: str) -> Field:
    """A further column of the list, see ``delivery.more``.

    Parameters
    ----------
    column : str
        Of ``scores.csv``, or of the accounts.

    Returns
    -------
    Field
        A number where the column of ``scores.csv`` is one, else a text.
    """
    label = f"ICP {column.replace('_', ' ').title() if column in {*_NUMBERS, *_WORDS} else column}"
    if column in _NUMBERS:
        digits, decimals, high = _NUMBERS[column]
        low = -high if column == "expected_value" else 0.0
        size = {"digits": digits, "decimals": decimals, "low": low, "high": high}
        return Field(column, "number", label, source=(column,), more=True, **size)  # type: ignore[arg-type]
    return Field(column, "text", label, _WORDS.get(column, 255), source=(column,), more=True)
