"""The release note of a version: "you said, we did", as a section of the page, as Markdown and for a terminal."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from icp.reports._format import UNKNOWN, clean, count, interval, number, percent, plural
from icp.reports._templates import environment

__all__ = ["release_markdown", "release_section", "release_text"]

Row = Mapping[str, Any]
_SHOWN = 50
_BADGES = {"used": "note", "accepted": "note", "waits for a person": "warning", "not in the data": "warning"}


def release_section(note: Row, said: Sequence[Row] = (), *, title: str = "Release note: you said, we did") -> str:
    """The note as a section of a page.

    Parameters
    ----------
    note : mapping
        As in ``release_note.json``; keys may be missing.
    said : sequence of mapping, default=()
        Rows of ``release_accounts.csv``; none for a page that is registered.
    title : str
        Heading.

    Returns
    -------
    str
        One ``<section id="release">``, every text escaped; empty where nothing was proposed and no meeting is answered.

    Examples
    --------
    >>> proposal = {"id": "p1", "kind": "trait", "column": "<b>", "status": "used", "answer": "Used."}
    >>> "&lt;b&gt;" in release_section({"proposals": [proposal]}), release_section({"model_version": "leads-1"})
    (True, '')
    """
    note = clean(dict(note))
    if not note.get("proposals") and not note.get("meeting"):
        return ""
    return environment().get_template("release.html.j2").render(
        note=note,
        title=title,
        meeting=note.get("meeting") or {},
        proposals=[_proposal(row) for row in note.get("proposals") or []],
        decided=_decisions(note),
        reasons=[_reason(row) for row in note.get("reasons") or []],
        labels=note.get("labels") or [],
        said=note.get("said") or [],
        moves=note.get("moves") or [],
        rejected=note.get("findings") or [],
        accounts=clean([dict(row) for row in said]),
        shown=_SHOWN,
    )  # fmt: skip


def _proposal(row: Row) -> dict[str, str]:
    kind = "exclusion" if row.get("kind") == "exclusion" else "trait"
    answer, status = str(row.get("answer") or ""), str(row.get("status") or UNKNOWN)
    plain = answer[len(status) + 1 :].strip() if answer.casefold().startswith(f"{status}:".casefold()) else answer
    first, _, rest = plain.partition(". ")
    value = f" {row['value']}" if row.get("value") else ""
    return {
        "id": str(row.get("id") or ""), "what": f"{kind}: {row.get('column')}{value}",
        "words": str(row.get("what") or ""),
        "team": str(row.get("team") or UNKNOWN), "on": str(row.get("on") or UNKNOWN),
        "status": status,
        "first": f"{first[:1].upper()}{first[1:].rstrip('.')}.",
        "rest": rest,
        "badge": _BADGES.get(str(row.get("status")), ""),
        "share": UNKNOWN if row.get("share") is None else percent(row["share"]),
        "index": _index(row), "answer": str(row.get("answer") or ""),
    }  # fmt: skip


def _index(row: Row) -> str:
    if row.get("index") is None:
        return UNKNOWN
    bounds = interval(row.get("low"), row.get("high"), number)
    return f"{row.get('group') or ''} {number(row['index'])} ({bounds})".strip()


def _decisions(note: Row) -> list[dict[str, str]]:
    """Exclusions that were decided and that no proposal is about: those are answered there."""
    told = {(row.get("column"), row.get("value")) for row in note.get("proposals") or []}
    return [_decided(row) for row in note.get("exclusions") or [] if (row.get("column"), row.get("value")) not in told]


def _decided(row: Row) -> dict[str, str]:
    return {
        "what": f"{row.get('column')} {row.get('value')}", "proposed_by": str(row.get("team") or UNKNOWN),
        "status": str(row.get("status") or UNKNOWN),
        "n": count(row.get("n_left_off")), "answer": str(row.get("answer") or ""),
    }  # fmt: skip


def _reason(row: Row) -> dict[str, str]:
    if not row.get("reason"):  # the list gave the account none
        return {"reason": "No reason on the list", "n": count(row.get("n")), "did": "names no trait", "examples": ""}
    before, now = row.get("share_before"), row.get("share")
    told = "is in the model no more" if now is None else f"counts for {percent(now)} of what moves the score"
    return {
        "reason": str(row.get("reason")), "n": count(row.get("n")),
        "did": told + (f", {percent(before)} in the version before" if before is not None else ""),
        "examples": "; ".join(row.get("examples") or []),
    }  # fmt: skip


def release_text(note: Row) -> list[str]:
    """The note for a terminal.

    Parameters
    ----------
    note : mapping
        As in ``release_note.json``.

    Returns
    -------
    list of str
        The first sentence of each answer; empty where there is nothing to answer.
    """
    note = clean(dict(note))
    rows = note.get("proposals") or []
    first = [str(row.get("answer")).split(". ", 1)[0].rstrip(".") for row in rows]
    lines = [f"answer {row['id']}  {_proposal(row)['what']}: {told}." for row, told in zip(rows, first, strict=True)]
    lines += ["all answers: release_note.md, and the report"] if rows else []
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]


def release_markdown(note: Row, said: Sequence[Row] = ()) -> str:
    """The note as Markdown.

    Parameters
    ----------
    note : mapping
        As in ``release_note.json``; keys may be missing.
    said : sequence of mapping, default=()
        Rows of ``release_accounts.csv``.

    Returns
    -------
    str
        Every text of the user's escaped: no mark-up, link or table of theirs takes effect.

    Examples
    --------
    >>> print(release_markdown({"model_version": "leads-2", "before": "leads-1"}))
    # Release note: leads-2
    <BLANKLINE>
    The version before was leads-1.
    <BLANKLINE>
    Nothing was proposed, and no meeting is answered.
    <BLANKLINE>
    """
    note = clean(dict(note))
    meeting = note.get("meeting") or {}
    before = (
        f"The version before was {_md(note['before'])}."
        if note.get("before")
        else "There was no version in use before."
    )
    lines = [f"# Release note: {_md(note.get('model_version'))}", "", before, ""]
    if not note.get("proposals") and not meeting:
        return "\n".join([*lines, "Nothing was proposed, and no meeting is answered.", ""])
    lines += ["## You said, we did", ""]
    if meeting:
        lines += [_of_meeting(meeting), ""]
    proposals = [_proposal(row) for row in note.get("proposals") or []]
    lines += _table("Proposals, each with its answer", ("id", "what", "words", "team", "on", "answer"), proposals,
                    ("", "Proposal", "In their words", "By", "On", "Answer"))  # fmt: skip
    lines += _table("Exclusions decided", ("what", "proposed_by", "answer"),
                    _decisions(note),
                    ("Kind of account", "Proposed by", "Decided"))  # fmt: skip
    lines += _table("What sales rejects", ("words", "did"), note.get("findings") or [], ("You said", "We did"))
    lines += _table("Reasons marked wrong", ("reason", "n", "did"), [_reason(row) for row in note.get("reasons") or []],
                    ("About", "Marked", "We did: looked at; it"))  # fmt: skip
    lines += _table("What was said of accounts", ("said", "n", "n_learned", "n_left_off", "lower", "same", "higher"),
                    note.get("said") or [],
                    ("You said", "Accounts", "Learned from", "Left off", "Tier lower", "Same", "Higher"))  # fmt: skip
    lines += _table("What became labels", ("why", "label", "n", "n_learned"), note.get("labels") or [],
                    ("Because", "Label", "Accounts", "In this version"))  # fmt: skip
    lines += _table("Accounts", ("account_id", "said", "tier_before", "tier_after", "did", "run_id", "record_id"),
                    clean([dict(row) for row in said]),
                    ("Account", "You said", "Before", "After", "We did", "List", "Record"))  # fmt: skip
    return "\n".join(lines)


def _of_meeting(meeting: Row) -> str:
    records = ", ".join(f"{count(n)} {name}" for name, n in (meeting.get("records") or {}).items())
    lists = len(meeting.get("lists") or [])
    return (
        f"Answers the meeting of {_md(meeting.get('as_of'))} on campaign {_md(meeting.get('campaign'))}: "
        f"{plural(lists, 'list')}. The ledger held {records}."
    ).replace("\N{NO-BREAK SPACE}", " ")


def _table(title: str, keys: Sequence[str], rows: Sequence[Row], heads: Sequence[str]) -> list[str]:
    if not rows:
        return []
    lines = [f"### {title}", "", f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    lines += [f"| {' | '.join(_md(row.get(key)) for key in keys)} |" for row in rows]
    return [*lines, ""]


def _md(value: Any) -> str:
    """A cell of ours or of the user's, as text and nothing else."""
    text = "" if value is None else " ".join(str(value).split())
    return re.sub(r"([\\`*\[\]<>|#!])", r"\\\1", text)
