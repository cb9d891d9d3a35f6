"""What a director reads in a minute: who the best customers are, how far the list beats chance, what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from icp.reports._format import (
    clean,
    count,
    index_bounds,
    interval,
    one_in,
    percent,
    plural,
    ratio,
    times,
)
from icp.reports._phrases import definition_words, said

__all__ = ["Person", "Step", "Summary", "is_leak", "signoff_words", "summarise", "summary_text"]

Row = Mapping[str, Any]
_FEW = 40
_MIN_GROUP = 20
_SHOWN_PROFILES = 3


@dataclass(frozen=True)
class Person:
    """One kind of best customer, in a line."""

    id: str
    name: str
    share: str
    note: str


@dataclass(frozen=True)
class Step:
    """One thing to do, and where the page says more."""

    title: str
    text: str
    anchor: str


@dataclass(frozen=True)
class Summary:
    """The first screen of the report.

    Parameters
    ----------
    tone : {"good", "unsure", "none", "unmeasured"}
        How strong the evidence is.
    headline, evidence : str
        The verdict, and the numbers behind it.
    facts : tuple of (str, str, str)
        Name, number and note.
    people : tuple of Person
        Who the best customers are.
    people_note : str
        Said when there are no profiles, or more than are shown.
    steps : tuple of Step
        What to do next.
    """

    tone: str
    headline: str
    evidence: str
    facts: tuple[tuple[str, str, str], ...]
    people: tuple[Person, ...]
    people_note: str
    steps: tuple[Step, ...]


def summarise(card: Row, findings: Sequence[Row]) -> Summary:
    """The first screen, from the card alone.

    Parameters
    ----------
    card : mapping
        The cleaned card.
    findings : sequence of mapping
        What the checks found.

    Returns
    -------
    Summary
        Texts to show.
    """
    tone = _tone(card)
    people, note = _people(card)
    return Summary(tone, _headline(card, tone), _evidence(card, tone), _facts(card), people, note,
                   tuple(_steps(card, findings, tone)))  # fmt: skip


def summary_text(card: Row, findings: Sequence[Row] = (), model_version: str = "") -> str:
    """The same first screen as 10 to 15 lines for a terminal.

    Parameters
    ----------
    card : mapping
        What training stored with the model; keys may be missing and numbers null.
    findings : sequence of mapping, default=()
        As in ``findings.json``.
    model_version : str, default=""
        Version shown in the first line.

    Returns
    -------
    str
        Plain lines without control characters.

    Examples
    --------
    >>> print(summary_text({"name": "leads", "verdict": {"signal": False, "text": "AUC 0.51."}}).splitlines()[1])
    No signal: these traits are not shown to tell best customers from the others.
    """
    card, findings = clean(card), clean(list(findings))
    found = summarise(card, findings)
    data = card.get("data") or {}
    as_of = f", as of {card['as_of']}" if card.get("as_of") else ""
    lines = [f"{clean(model_version) or card.get('name') or 'model'}{as_of}", found.headline]
    if found.evidence:
        lines.append(f"  {found.evidence}")
    definition = definition_words(card.get("definition") or {})
    if definition:
        signed = ((card.get("definition") or {}).get("signoff") or {}).get("signed")
        lines.append(f"{definition} ({'signed' if signed else 'not signed'} by both teams)")
    lines.append(
        f"{count(data.get('n_best'))} best customers among {count(data.get('n_labelled'))} {_labelled(card)} "
        f"({percent(data.get('base_rate'))})"
    )
    lines += [f"  {person.id}  {person.share} of best customers  {person.name}" for person in found.people]
    if found.people_note:
        lines.append(f"  {found.people_note}")
    drivers = [str(driver.get("label") or driver.get("trait")) for driver in (card.get("drivers") or [])[:4]]
    if drivers:
        lines.append(f"Moves the score most: {', '.join(drivers)}")
    lines += [f"Next: {step.title}" for step in found.steps]
    lines.append(f"Findings: {severities(findings)}")
    return "\n".join(line.replace("\N{NO-BREAK SPACE}", " ") for line in lines)


def is_leak(finding: Row) -> bool:
    """Whether the leakage audit told it.

    Parameters
    ----------
    finding : mapping
        As in ``findings.json``.

    Returns
    -------
    bool
        True from ICP301 to ICP312.
    """
    return "ICP301" <= str(finding.get("code")) <= "ICP312"


def severities(findings: Sequence[Row]) -> str:
    """How many findings of each severity.

    Parameters
    ----------
    findings : sequence of mapping
        What the checks found.

    Returns
    -------
    str
        For example ``"1 issue, 2 warnings, 3 notes"``; ``"none"`` without any.
    """
    parts = []
    for severity in ("issue", "warning", "note"):
        n = sum(finding.get("severity") == severity for finding in findings)
        if n:
            parts.append(plural(n, severity))
    return ", ".join(parts) or "none"


def distinctive(profile: Row, n: int = 2) -> str:
    """The strongest over-represented traits of a profile in words.

    Parameters
    ----------
    profile : mapping
        One of the card's ``profiles``.
    n : int, default=2
        How many at most.

    Returns
    -------
    str
        For example ``"Industry: Software (62 % of them, 18 % of all)"``; empty without any.
    """
    over = [trait for trait in profile.get("traits") or [] if (trait.get("index") or 0) > 100]
    return "; ".join(
        f"{said(trait.get('label') or trait.get('trait'), trait.get('group'))} ({percent(trait.get('share'))} of them, "
        f"{percent(trait.get('base_share'))} of all)"
        for trait in over[:n]
    )


def signoff_words(card: Row) -> str:
    """Whether both teams agreed to the definition.

    Parameters
    ----------
    card : mapping
        The cleaned card.

    Returns
    -------
    str
        For example ``"Signed by marketing on 2026-03-02 and by sales on 2026-03-03."``.
    """
    signoff = (card.get("definition") or {}).get("signoff") or {}
    dates = [f"by {team} on {signoff[team]}" for team in ("marketing", "sales") if signoff.get(team)]
    if signoff.get("signed") and len(dates) == 2:
        return f"Signed {' and '.join(dates)}."
    return f"Not signed by both teams{f' (signed {dates[0]})' if dates else ''}: until it is, this is one team's view."


def _tone(card: Row) -> str:
    metrics = card.get("metrics") or {}
    if (card.get("verdict") or {}).get("signal") is False:
        return "none"
    if metrics.get("lift_at_10") is None:
        return "unmeasured"
    return "good" if (metrics.get("lift_at_10_low") or 0) > 1 else "unsure"


def _headline(card: Row, tone: str) -> str:
    lift = times((card.get("metrics") or {}).get("lift_at_10"))
    n_best = (card.get("data") or {}).get("n_best")
    return {
        "none": "No signal: these traits are not shown to tell best customers from the others.",
        "unmeasured": f"Not measured: {count(n_best)} best customers are too few to say how well this list ranks."
        if n_best is not None
        else "Not measured: this version holds no test of how well it ranks.",
        "unsure": f"The top tenth of the list holds {lift} times as many best customers as chance; it may be luck.",
        "good": f"The top tenth of the list holds {lift} times as many best customers as chance.",
    }[tone]


def _evidence(card: Row, tone: str) -> str:
    metrics = card.get("metrics") or {}
    said = str((card.get("verdict") or {}).get("text") or "")
    if tone == "unmeasured" or metrics.get("lift_at_10") is None:
        return said
    lift = interval(metrics.get("lift_at_10_low"), metrics.get("lift_at_10_high"), times)
    tested = f"measured on {count(metrics.get('n_test'))} accounts the model had not seen"
    if tone == "none":
        return (
            f"The top tenth holds {times(metrics['lift_at_10'])} times chance (95 % interval {lift}), {tested}. {said}"
        )
    return f"95 % interval {lift} times, {tested}."


def _facts(card: Row) -> tuple[tuple[str, str, str], ...]:
    metrics, data = card.get("metrics") or {}, card.get("data") or {}
    base, labelled = percent(data.get("base_rate")), count(data.get("n_labelled"))
    facts = [("Best customers", count(data.get("n_best")), f"{base} of {labelled} {_labelled(card)}")]
    if metrics.get("precision_at_10") is not None:
        overall = f"against {percent(metrics.get('base_rate'))} {_of_whom(card)}"
        facts.append(("Rate in the top 10 %", percent(metrics["precision_at_10"]), overall))
    if metrics.get("capture_at_10") is not None:
        facts.append(("Found in the top 10 %", percent(metrics["capture_at_10"]), "of all best customers"))
    if metrics.get("auc") is not None:
        auc = interval(metrics.get("auc_low"), metrics.get("auc_high"), ratio)
        facts.append(("AUC", ratio(metrics["auc"]), f"95 %: {auc}; 0.50 is chance"))
    return tuple(facts)


def _labelled(card: Row) -> str:
    """The accounts learned from: known customers are compared with a base that has no label."""
    return "accounts" if card.get("unlabelled_base") else "labelled accounts"


def _of_whom(card: Row) -> str:
    """Whose rate a list is held against: the accounts tested may have another than all labelled ones."""
    metrics, labelled = card.get("metrics") or {}, (card.get("data") or {}).get("base_rate")
    if metrics.get("n_test") is None or percent(metrics.get("base_rate")) == percent(labelled):
        return "overall"
    return f"of all {count(metrics['n_test'])} tested"


def _people(card: Row) -> tuple[tuple[Person, ...], str]:
    profiles = card.get("profiles") or []
    if not profiles:
        groups = [
            (index_bounds(group)[0] or 0.0, driver, group)
            for driver in card.get("drivers") or []
            for group in driver.get("groups") or []
            if (index_bounds(group)[0] or 0) > 100 and (group.get("n") or 0) >= _MIN_GROUP
        ]
        note = "No stable profiles: no groups of best customers were found that come back."
        if groups and _tone(card) != "none":
            _, driver, group = max(groups, key=lambda item: item[0])
            note += (
                f" Most over-represented: {driver.get('label')}: {group.get('group')} "
                f"({percent(group.get('rate'))} of {count(group.get('n'))} became best customers)."
            )
        return (), note
    people = tuple(
        Person(str(p.get("id") or ""), str(p.get("name") or ""), percent(p.get("share")), distinctive(p))
        for p in profiles[:_SHOWN_PROFILES]
    )
    more = len(profiles) - len(people)
    return people, f"and {plural(more, 'more profile')} below." if more else ""


def _steps(card: Row, findings: Sequence[Row], tone: str) -> list[Step]:
    steps = _steps_without_list(card, tone) if tone in ("none", "unmeasured") else _steps_with_list(card, tone)
    issues = [finding for finding in findings if finding.get("severity") == "issue"]
    leaks = [finding for finding in issues if finding.get("code") == "ICP301"]
    others = [finding for finding in issues if finding.get("code") != "ICP301"]
    if leaks:
        title = (
            f"Check {plural(len(leaks), 'column')} that {'was' if len(leaks) == 1 else 'were'} left out{_named(leaks)}."
        )
        looks = "It looks" if len(leaks) == 1 else "They look"
        steps.append(Step(title, f"{looks} as if filled in after the outcome was known.", "leakage"))
    if others:
        title = f"Settle {plural(len(others), 'issue')} in the data{_named(others)}."
        anchor = "leakage" if is_leak(others[0]) else "findings"
        steps.append(Step(title, str(others[0].get("message") or ""), anchor))
    return steps


def _named(findings: Sequence[Row]) -> str:
    """The first columns of some findings in brackets."""
    columns = sorted({str(finding["column"]) for finding in findings if finding.get("column")})
    if not columns:
        return ""
    return f" ({', '.join(columns[:3])}{', ...' if len(columns) > 3 else ''})"


def _steps_with_list(card: Row, tone: str) -> list[Step]:
    steps = []
    tiers, profiles = card.get("tiers") or [], card.get("profiles") or []
    base = (card.get("metrics") or {}).get("base_rate")
    if tiers:
        first = tiers[0]
        text = f"{one_in(first.get('rate'))} became best customers, against {one_in(base)} {_of_whom(card)}."
        call = f"Call tier {first.get('tier')} first."
        if tone == "unsure":
            call = f"Try tier {first.get('tier')} on a few accounts before you rely on it."
        steps.append(Step(call, _capital(text), "tiers"))
    if profiles:
        valued = all(profile.get("value") is not None for profile in profiles)
        worth = [(p.get("n") or 0) * (p["value"] if valued else 1) for p in profiles]
        at = max(range(len(profiles)), key=lambda i: worth[i])
        main = profiles[at]
        for_whom = f"for {main.get('id')} first: {main.get('name')}."
        title = f"{'Use your' if _has_messages(card, main.get('id')) else 'Write'} messages {for_whom}"
        why = f"{percent(main.get('share'))} of best customers"
        if valued and sum(worth) > 0:
            why += f", {percent(worth[at] / sum(worth))} of the money that profiles brought"
        steps.append(Step(title, f"{why}.", f"profile-{at + 1}"))
    return steps


def _has_messages(card: Row, profile_id: Any) -> bool:
    """Whether a message of one's own is delivered to accounts of the profile."""
    own = [brief for brief in card.get("briefs") or [] if brief.get("profile_id") == profile_id]
    return any(message.get("status") == "delivered" for brief in own for message in brief.get("messages") or [])


def _steps_without_list(card: Row, tone: str) -> list[Step]:
    n_best = (card.get("data") or {}).get("n_best") or 0
    if tone == "none":
        worth = "Working it in score order was not shown to be better than drawing at random."
        best = "One that both teams recognise, with enough best customers."
        read = "See which columns were read, and which were left out."
        return [
            Step("Do not hand this list to sales.", worth, "ranking"),
            Step("Look at the definition of best.", best, "definition"),
            Step("Add traits known before the sale.", read, "columns"),
        ]
    if n_best < _FEW:
        title = f"Collect {_FEW - n_best} more best customers."
        return [
            Step(
                title,
                f"From {_FEW} on a ranking can be learned and tested; until then read profiles only.",
                "definition",
            )
        ]
    return [
        Step("Train again with a test part.", "Without one nobody can say how far the list beats chance.", "ranking")
    ]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
