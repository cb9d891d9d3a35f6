"""The release note of a version: what was proposed, said and accepted before its training, each with its answer.

Everything it tells of sales comes from the folder of one ``icp.scorecard`` run, which is a reading of the ledger: each
account carries the list and the record that it rests on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from icp._answering import answer_exclusion, answer_trait, driver_of_note, driver_of_reason
from icp._inputs import Inputs
from icp._outputs import MEETING_FACTS, ReleaseNote
from icp._proposing import read_proposals, read_sheet
from icp.bundle import Bundle
from icp.config import RunConfig
from icp.errors import ConfigError, ICPError
from icp.outcomes import Proposal, disposition_codes
from icp.tables import Finding, account_mask

if TYPE_CHECKING:
    from icp.model import IdealCustomerModel

__all__ = ["ToAnswer", "read_to_answer", "release_note"]

_TABLES = ("answers", "labels", "misfits", "proposed_exclusions", "exclude", "proposals")
_TIERS = "ABCD"
_AS_TEXT: dict[str, Any] = {"dtype": str, "keep_default_na": False}


@dataclass(frozen=True)
class ToAnswer:
    """What a version has to answer, read before anything is learned.

    Parameters
    ----------
    proposals : tuple of Proposal
        Of reps.
    facts : mapping
        Campaign, dates, lists and counts of the meeting; empty without one.
    tables : mapping of str to DataFrame
        Of its folder; all cells are texts.
    """

    proposals: tuple[Proposal, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def read_to_answer(config: RunConfig) -> ToAnswer:
    """Read proposals and the meeting.

    Parameters
    ----------
    config : RunConfig
        Of the training.

    Returns
    -------
    ToAnswer
        Empty where nothing was named.

    Raises
    ------
    ConfigError
        Proposals cannot be used (``ICP630``, ``ICP631``), or the folder is none of ``icp.scorecard`` (``ICP633``).
    """
    named, folder = config.release.proposals, config.release.meeting
    proposals = read_proposals(named)
    if folder is None:
        return ToAnswer(proposals)
    files = {name: Path(folder) / f"{name}.csv" for name in _TABLES}
    missing = [path.name for path in (Path(folder) / MEETING_FACTS, *files.values()) if not path.is_file()]
    if missing:
        message = f"release.meeting: '{folder}' is no folder of icp.scorecard: it lacks {', '.join(missing)}."
        raise ConfigError.one("ICP633", message, "Run icp.scorecard, and name the folder it wrote.")
    try:
        tables = {
            name: read_sheet(str(path), "release.meeting")
            if name == "proposed_exclusions"
            else pd.read_csv(path, **_AS_TEXT)
            for name, path in files.items()
        }
        facts = json.loads((Path(folder) / MEETING_FACTS).read_text("utf-8"))
    except (OSError, ValueError, ICPError) as error:
        message = f"release.meeting: a file in '{folder}' cannot be read ({type(error).__name__})."
        raise ConfigError.one(
            "ICP633", message, "Run icp.scorecard again; change only proposed_exclusions.csv."
        ) from None
    if not named:
        proposals = tuple(
            Proposal(**{str(key): value for key, value in row.items()}) for row in _rows(tables["proposals"])
        )
    return ToAnswer(proposals, facts, tables)


def release_note(asked: ToAnswer, model: IdealCustomerModel, inputs: Inputs, before: Bundle | None) -> ReleaseNote:
    """Answer everything.

    Parameters
    ----------
    asked : ToAnswer
        What was proposed and said.
    model : IdealCustomerModel
        The new version.
    inputs : Inputs
        What it learned from.
    before : Bundle or None
        The version in use until now.

    Returns
    -------
    ReleaseNote
        One answer per proposal, finding, accepted exclusion and thing said.
    """
    bundle = model.bundle_
    accounts = _accounts(asked, model, inputs)
    signed = _signed(asked)
    answers = [_answer(one, asked, bundle, model.findings_, signed) for one in asked.proposals]
    learned = _labels(asked, inputs)
    content = {
        "model_version": bundle.version,
        "before": None if before is None else before.version,
        "as_of": bundle.as_of,
        "meeting": dict(asked.facts) or None,
        "proposals": answers,
        "exclusions": _exclusions(asked, bundle, signed),
        "findings": _findings(asked, signed),
        "said": _said(accounts),
        "reasons": _reasons(asked, bundle, before),
        "labels": learned,
        "moves": _moves(accounts),
    }
    return ReleaseNote(content, accounts, tuple(_open(content)))


def _rows(table: pd.DataFrame) -> list[dict[Any, Any]]:
    return table.to_dict("records")


def _kind(column: Any, value: Any) -> tuple[str, str]:
    return str(column).strip().casefold(), str(value).strip().casefold()


def _signed(asked: ToAnswer) -> dict[tuple[str, str], dict[Any, Any]]:
    """Lines of the sheet of exclusions, by column and value."""
    sheet = asked.tables.get("proposed_exclusions")
    return {} if sheet is None else {_kind(row["column"], row["value"]): row for row in _rows(sheet)}


def _answer(
    one: Proposal, asked: ToAnswer, bundle: Bundle, findings: Sequence[Finding], signed: Mapping[Any, Any]
) -> dict[str, Any]:
    if one.kind == "trait":
        return {**one.to_dict(), **answer_trait(one, bundle, findings)}
    return {**one.to_dict(), **_about_kind(one, asked, bundle, signed)}


def _about_kind(one: Proposal, asked: ToAnswer, bundle: Bundle, signed: Mapping[Any, Any]) -> dict[str, Any]:
    line = signed.get(_kind(one.column, one.value))
    rejected = f"{line['rejected']} of {line['judged']} rejected" if line and line["judged"] not in ("", "0") else ""
    return answer_exclusion(one, bundle, line, _n_left_off(asked, one.column, one.value), rejected)


def _n_left_off(asked: ToAnswer, column: str, value: str) -> int:
    out = asked.tables.get("exclude")
    if out is None:
        return 0
    return int(out["reason"].str.casefold().str.startswith(f"{column} is {value}, accepted by ".casefold()).sum())


def _exclusions(asked: ToAnswer, bundle: Bundle, signed: Mapping[Any, Any]) -> list[dict[str, Any]]:
    """Kinds of account that a person said yes or no to."""
    found = []
    for line in signed.values():
        if line["accept"].strip() and line["by"].strip():
            one = Proposal("", "exclusion", line["column"], line["value"], team=line.get("proposed_by", ""))
            told = _about_kind(one, asked, bundle, signed)
            n_left_off = _n_left_off(asked, one.column, one.value)
            found.append({**one.to_dict(), "n_left_off": n_left_off, **told})
    return found


def _findings(asked: ToAnswer, signed: Mapping[Any, Any]) -> list[dict[str, Any]]:
    """Kinds of account that sales rejects, and what was decided."""
    found = []
    for row in _rows(asked.tables["misfits"]) if asked.tables else []:
        line = signed.get(_kind(row["column"], row["value"]), {})
        by, accept = line.get("by", "").strip(), line.get("accept", "").strip().lower()
        did = "waits for a person's yes or no; its rejections are labels for this version"
        if by and accept == "yes":
            did = f"accepted: {_n_left_off(asked, row['column'], row['value']):,} accounts are off the next lists"
        elif by and accept == "no":
            did = "declined: it stays on the lists; its rejections are labels for this version"
        found.append({key: row[key] for key in ("column", "value", "rejected", "judged", "words")} | {"did": did})
    return found


def _accounts(asked: ToAnswer, model: IdealCustomerModel, inputs: Inputs) -> pd.DataFrame:
    """Each account that sales spoke up about, with the tier it was given and the tier of this version."""
    if not asked.tables:
        return pd.DataFrame(columns=["account_id", "said", "code", "tier_before", "tier_after", "did"])
    said = asked.tables["answers"].drop(columns=["tier_after", "did"])
    there = inputs.accounts.frame.index.isin(set(said["account_id"]))
    after = pd.Series(dtype=object)
    if there.any():
        some = account_mask(inputs.accounts, np.asarray(there))
        scored = model.score_accounts(some, events=inputs.events, outcomes=inputs.outcomes)
        after = scored["tier"][~scored.index.duplicated()]
    said["tier_after"] = after.reindex(said["account_id"]).astype(object).fillna("").to_numpy()
    out = asked.tables["exclude"].drop_duplicates("account_id").set_index("account_id")["reason"]
    labelled = inputs.labels.label.dropna().index.astype(str)
    said["learned"] = said["account_id"].isin(set(labelled))
    said["did"] = [_did(row, out) for row in said.itertuples()]
    first = ["account_id", "said", "code", "note", "tier_before", "tier_after", "did"]
    return said[[*first, *(name for name in said.columns if name not in first)]]


def _did(row: Any, out: pd.Series) -> str:
    effect = disposition_codes()[row.code].effect if row.code in disposition_codes() else ""
    if row.account_id in out.index:
        return f"left off the next lists: {out[row.account_id]}"
    if effect == "fix":
        return "its record is listed to be mended"
    if effect == "review":
        return "the reason was looked at, see Reasons marked wrong"
    if not row.learned:
        return "not a label of this version: its window is not over, or it is not among the accounts trained on"
    if not row.tier_after:
        return "learned from"
    return f"learned from; {_direction(row.tier_before, row.tier_after)}"


def _direction(before: str, after: str) -> str:
    if before == after or before not in _TIERS or after not in _TIERS:
        return "its tier is the same" if before == after else f"its tier is {after}"
    return "its tier is lower" if _TIERS.index(after) > _TIERS.index(before) else "its tier is higher"


def _said(accounts: pd.DataFrame) -> list[dict[str, Any]]:
    """By what was said: how many accounts, learned from, left off, and where their tiers went."""
    found = []
    for said, part in accounts.groupby("said", sort=False):
        off = part["did"].str.startswith("left off")
        known = part[part["tier_before"].isin(list(_TIERS)) & part["tier_after"].isin(list(_TIERS))]
        step = known["tier_after"].map(_TIERS.index) - known["tier_before"].map(_TIERS.index)
        found.append({
            "said": said, "n": len(part), "n_learned": int(part["learned"].sum()), "n_left_off": int(off.sum()),
            "lower": int((step > 0).sum()), "same": int((step == 0).sum()), "higher": int((step < 0).sum()),
        })  # fmt: skip
    return sorted(found, key=lambda row: (-row["n"], row["said"]))


def _moves(accounts: pd.DataFrame) -> list[dict[str, Any]]:
    """Tiers before against tiers after, of the accounts that sales spoke up about."""
    known = accounts[accounts["tier_before"].isin(list(_TIERS)) & accounts["tier_after"].isin(list(_TIERS))]
    counts = known.groupby(["tier_before", "tier_after"]).size()
    return [
        {"before": before, **{after: int(counts.get((before, after), 0)) for after in _TIERS}}
        for before in _TIERS
        if before in set(known["tier_before"])
    ]


def _reasons(asked: ToAnswer, bundle: Bundle, before: Bundle | None) -> list[dict[str, Any]]:
    """Reasons that were marked wrong, by the trait they were about, and how much it counts now."""
    if not asked.tables:
        return []
    marked = asked.tables["answers"]
    marked = marked[marked["code"] == "reason_wrong"]
    drivers = bundle.card["drivers"]
    past = {row["trait"]: row["share"] for row in before.card["drivers"]} if before is not None else {}
    found: dict[str, dict[str, Any]] = {}
    for reason, note in zip(marked["reason_1"], marked["note"], strict=True):
        driver = driver_of_note(note, drivers) or driver_of_reason(reason, drivers)
        name = reason.split(".", 1)[0] if driver is None else str(driver["label"])
        row = found.setdefault(name, {"reason": name, "n": 0, "share_before": None, "share": None, "examples": []})
        row["n"] += 1
        if reason and len(row["examples"]) < 3 and reason not in row["examples"]:
            row["examples"].append(reason)
        if driver is not None:
            row["share"], row["share_before"] = driver["share"], past.get(driver["trait"])
    return sorted(found.values(), key=lambda row: (-row["n"], row["reason"]))


def _labels(asked: ToAnswer, inputs: Inputs) -> list[dict[str, Any]]:
    """Labels that the lists gave, by why, and how many of them this version learned from."""
    if not asked.tables:
        return []
    table = asked.tables["labels"]
    known = inputs.labels.label.dropna()
    own = pd.Series(known.to_numpy(dtype=float), index=known.index.astype(str))
    own = own[~own.index.duplicated()].reindex(table["account_id"]).to_numpy()
    label = pd.to_numeric(table["label"], errors="coerce").to_numpy(dtype=float)
    table = table.assign(value=label, learned=np.isfinite(label) & (own == label))
    found = []
    for (why, value), part in table.groupby(["why", "value"], dropna=False, sort=False):
        found.append({"why": why, "label": None if pd.isna(value) else int(value), "n": len(part),
                      "n_learned": int(part["learned"].sum())})  # fmt: skip
    return sorted(found, key=lambda row: (row["label"] is None, -row["n"], row["why"]))


def _open(content: Mapping[str, Any]) -> list[Finding]:
    """What nobody has decided yet, and labels that were left lying."""
    waiting = [row for row in content["proposals"] if row["status"] == "waits for a person"]
    found = []
    if waiting:
        named = ", ".join(f"{row['column']} {row['value']}" for row in waiting[:3])
        message = f"{len(waiting)} proposed exclusions wait for a person's yes or no: {named}."
        found.append(Finding("ICP632", "note", message, n_rows=len(waiting)))
    labels = [row for row in content["labels"] if row["label"] is not None]
    n, learned = sum(row["n"] for row in labels), sum(row["n_learned"] for row in labels)
    if n and not learned:
        message = f"none of the {n:,} labels that came back is among those of this training."
        found.append(Finding("ICP635", "warning", message, n_rows=n))
    return found
