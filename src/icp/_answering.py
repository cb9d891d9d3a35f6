"""What a model says to a proposal: used and how much it counts, left out and why, not in the data, or no signal."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from icp._evidence import Statistic
from icp._wording import capital, fact, number, percent
from icp.bundle import Bundle
from icp.errors import did_you_mean
from icp.outcomes import Proposal
from icp.tables import Finding

__all__ = ["answer_exclusion", "answer_trait", "driver_of_note", "driver_of_reason"]

_ROLES = {
    "id": "it is the id of the account",
    "name": "it is the name of the account",
    "parent": "it is the id of the parent account",
    "observed_at": "it is the date of the row",
    "label": "it is what best is read from",
    "worked": "it says whether sales worked the account, which is no trait of it",
    "current_score": "it is today's score: compared with, never learned from",
    "known_after": "it is filled in after a score would have been needed (accounts.known_after)",
    "sensitive": "it is declared sensitive (accounts.sensitive); the report shows who gets selected by it",
    "ignored": "it is ignored",
    "text": "it is free text",
}
_NOT_YET = (
    "no account is off the lists yet: run icp.scorecard again, with scorecard.accounts, and give its exclude.csv to "
    "rules.exclude"
)
_LEAKS = ("ICP301", "ICP306")


def answer_trait(one: Proposal, bundle: Bundle, findings: Sequence[Finding]) -> dict[str, Any]:
    """What became of a trait that was proposed.

    Parameters
    ----------
    one : Proposal
        Of kind ``trait``.
    bundle : Bundle
        The new version.
    findings : sequence of Finding
        Of its training.

    Returns
    -------
    dict
        ``status`` (``used``, ``no signal``, ``left out`` or ``not in the data``), ``answer`` in a sentence or three,
        and, where the model reads it, ``read_as`` (its column), ``share, rank, n_traits, group, index, low, high, n,
        base_n``.
    """
    card = bundle.card
    columns = {str(row["name"]): row for row in card["data"]["columns"]}
    labels = {str(row["label"]): str(row["trait"]) for row in card["drivers"]}
    column = _named(one.column, [*columns, *labels.values(), *labels])
    column = labels.get(column, column) if column not in columns else column
    ranked = sorted(card["drivers"], key=lambda row: -row["share"])
    mine = [row for row in ranked if column and column in (row["trait"], *row["sources"])]
    if mine:
        return {"read_as": column, **_of_driver(mine, ranked, bundle, one.value)}
    if column in columns:
        return {"read_as": column, "status": "left out", "answer": _why_not(columns[column], findings)}
    hint = did_you_mean(one.column, columns)
    answer = f"Not in the data: the accounts have no column '{one.column}'. {hint}Add it to their export, then train."
    return {"status": "not in the data", "answer": answer}


def _of_driver(
    mine: list[Mapping[str, Any]], ranked: list[Mapping[str, Any]], bundle: Bundle, value: str
) -> dict[str, Any]:
    """How much the traits of a column count, and its clearest groups: the one asked for, one over, one under."""
    share, rank = sum(row["share"] for row in mine), 1 + ranked.index(mine[0])
    names = {row["trait"] for row in mine}
    counts = f"it counts for {percent(share)} of what moves the score, place {rank} of {len(ranked)} traits"
    found: dict[str, Any] = {"share": share, "rank": rank, "n_traits": len(ranked)}
    groups = [one for one in _statistics(bundle) if one.trait in names and not one.profile_id]
    clear = _clearest(groups, value)
    if clear:
        told = "; ".join(f"{one.words}: {_index_words(one)}" for one in clear)
        return found | _numbers(clear[0]) | {"status": "used", "answer": f"Used: {counts}. {told}."}
    if groups:
        answer = f"No signal: {counts}, but no group of its values differs from the others beyond chance."
        return found | {"status": "no signal", "answer": answer}
    best = _clear_group(mine[0])  # of what accounts did there is no index profile; their groups have intervals
    if best is None:
        answer = f"No signal: {counts}, but every group of its values may be as the average."
        return found | {"status": "no signal", "answer": answer}
    found |= {"group": best["group"], "index": best["index"], "low": best["index_low"], "high": best["index_high"],
              "n": best["best"], "base_n": best["n"]}  # fmt: skip
    told = (
        f"{capital(fact(mine[0]['label'], best['group']))}: index {number(best['index'])} "
        f"({number(best['index_low'])} to {number(best['index_high'])})"
    )
    return found | {"status": "used", "answer": f"Used: {counts}. {told}."}


def _clearest(groups: list[Statistic], value: str) -> list[Statistic]:
    """Groups that differ from the others beyond chance; the one asked for comes first, whatever it shows."""
    if not any(one.distinctive for one in groups):
        return []
    asked = [one for one in groups if value and one.group.text.casefold() == value.casefold()]
    sides = [[one for one in groups if one.over], [one for one in groups if one.under]]
    best = [max(side, key=lambda one: one.information) for side in sides if side]
    return [*asked[:1], *(one for one in best if one not in asked)]


def _numbers(one: Statistic) -> dict[str, Any]:
    return {"group": one.group.text, "index": one.index, "low": one.low, "high": one.high, "n": one.n,
            "base_n": one.base_n}  # fmt: skip


def _statistics(bundle: Bundle) -> tuple[Statistic, ...]:
    return () if bundle.index is None else bundle.index.statistics()


def _clear_group(driver: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The group furthest from the average whose interval leaves it out."""
    groups = [row for row in driver["groups"] if row["index_low"] is not None and row["index_high"] is not None]
    clear = [row for row in groups if row["index_low"] > 100 or row["index_high"] < 100]
    return max(clear, key=lambda row: abs(row["index"] - 100) * row["n"] ** 0.5, default=None)


def _index_words(one: Statistic) -> str:
    bounds = "" if one.low is None or one.high is None else f", {number(one.low)} to {number(one.high)}"
    among = f"{one.n:,} of the {one.n_best:,} best customers, {percent(one.share)}, against {percent(one.base_share)}"
    return f"index {number(one.index or 0.0)}{bounds} ({among} of {one.base})"


def _why_not(column: Mapping[str, Any], findings: Sequence[Finding]) -> str:
    """Why a column of the accounts is no trait."""
    name = str(column["name"])
    leak = next((one for one in findings if one.column == name and one.code in _LEAKS), None)
    if leak is not None and str(column["left_out"]).startswith("quarantined"):
        told = leak.message.rstrip(".")
        return (
            f"Left out: {told} ({leak.code}). If it is known before the sale, keep it with traits.keep; otherwise name "
            f"it in accounts.known_after."
        )
    if column["role"] in _ROLES:
        return f"Left out: {_ROLES[column['role']]} (taken for that: {column['reason']})."
    return f"Left out: {column['left_out'] or column['reason']}."


def answer_exclusion(
    one: Proposal, bundle: Bundle, signed: Mapping[str, str] | None, n_left_off: int, rejected: str
) -> dict[str, Any]:
    """What became of a kind of account that was proposed for exclusion.

    Parameters
    ----------
    one : Proposal
        Of kind ``exclusion``.
    bundle : Bundle
        The new version.
    signed : mapping of str to str or None
        Its line of ``proposed_exclusions.csv`` (``accept``, ``by``); None where no meeting had it.
    n_left_off : int
        Accounts that ``exclude.csv`` holds because of it.
    rejected : str
        What sales said of the kind, such as "38 of 41 rejected"; empty where that is not known.

    Returns
    -------
    dict
        ``status`` (``accepted``, ``declined``, ``waits for a person`` or ``not in the data``), ``answer`` (without
        the name of who decided: that stays on the sheet), and where known ``read_as, group, index, low, high, n,
        base_n``.
    """
    columns = [str(row["name"]) for row in bundle.card["data"]["columns"]]
    column = _named(one.column, columns)
    if not column:
        hint = did_you_mean(one.column, columns)
        answer = f"Not in the data: the accounts have no column '{one.column}'. {hint}Mend the name, or add the column."
        return {"status": "not in the data", "answer": answer}
    found: dict[str, Any] = {"read_as": column}
    kind = next((row for row in _statistics(bundle) if _is_kind(row, column, one.value)), None)
    evidence = [f"Sales: {rejected}."] if rejected else []
    if kind is not None:
        found |= _numbers(kind)
        evidence.append(f"Best customers: {_index_words(kind)}.")
        if kind.over and not (signed or {}).get("by"):
            evidence.append("Such accounts became best customers more often than others: think twice.")
    told = " ".join(evidence)
    accept, by = ((signed or {}).get(key, "").strip() for key in ("accept", "by"))
    if by and accept.lower() == "yes":
        lists = f"{n_left_off:,} accounts are off the next lists" if n_left_off else _NOT_YET
        return found | {"status": "accepted", "answer": f"Accepted: {lists}. {told}".strip()}
    if by and accept.lower() == "no":
        return found | {"status": "declined", "answer": f"Declined: it stays on the lists. {told}".strip()}
    how = "write yes or no beside it in proposed_exclusions.csv of icp.scorecard, with a name"
    return found | {"status": "waits for a person", "answer": f"Waits for a person: {how}. {told}".strip()}


def _is_kind(row: Statistic, column: str, value: str) -> bool:
    return not row.profile_id and row.trait == column and row.group.text.casefold() == value.strip().casefold()


def driver_of_reason(reason: str, drivers: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The trait that a sentence given to sales was about.

    Parameters
    ----------
    reason : str
        As delivered.
    drivers : sequence of mapping
        Of a card, with ``label`` and ``trait``.

    Returns
    -------
    mapping or None
        The one whose words the first sentence begins with, the longest if there are several; None where none does.
    """
    said = _plain(reason.split(".", 1)[0])
    fits = [row for row in drivers if said.startswith(_plain(row["label"]))]
    return max(fits, key=lambda row: len(row["label"]), default=None)


def driver_of_note(note: str, drivers: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The trait that a rep's line of text names.

    Parameters
    ----------
    note : str
        In the rep's words.
    drivers : sequence of mapping
        Of a card, with ``label`` and ``trait``.

    Returns
    -------
    mapping or None
        The one whose words stand in it, the longest if there are several; None where none does.
    """
    said = f" {' '.join(re.findall('[0-9a-z]+', note.casefold()))} "
    fits = [row for row in drivers if f" {' '.join(re.findall('[0-9a-z]+', row['label'].casefold()))} " in said]
    return max(fits, key=lambda row: len(row["label"]), default=None)


def _plain(text: Any) -> str:
    return re.sub(r"[^0-9a-z]+", "", str(text).casefold())


def _named(wanted: str, known: Sequence[str]) -> str:
    """The name that is meant, capitals and signs not counting; empty where there is none."""
    if wanted in known:
        return wanted
    return next((name for name in known if _plain(wanted) and _plain(name) == _plain(wanted)), "")
