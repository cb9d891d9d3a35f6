"""The page both leads look at together: what was used, what worked, where both disagree, three decisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from icp.reports._bars import Bar, bar_chart
from icp.reports._figure import Figure
from icp.reports._format import UNKNOWN, clean, count, interval, number, percent, plural, ratio
from icp.reports._release import release_section
from icp.reports._templates import asset, environment, script_hash

__all__ = ["MOST_ANSWERS", "build_meeting_page", "meeting_figures", "meeting_text"]

MOST_ANSWERS = 50
"""Answers on the page; all are in the file."""

Row = Mapping[str, Any]
_SINCE = "Answered since the last meeting"
_SAY: dict[str, Callable[[Any], str]] = {
    "calibration": ratio, "observed_to_expected": ratio, "freshness": number, "touch_days": number,
}  # fmt: skip
_VERDICTS = {
    "met": "goal met",
    "missed": "goal missed",
    "open": "too early to say",
    "no goal": "no goal",
    "not yet": "not yet",
}


def build_meeting_page(
    facts: Row, tables: Mapping[str, Sequence[Row]], findings: Sequence[Row] = (), release: Row | None = None
) -> str:
    """One HTML page for the meeting of both leads.

    Parameters
    ----------
    facts : mapping
        Campaign, dates and counts: plain values.
    tables : mapping of str to list of mapping
        Rows of ``adoption, tiers, precision, marketing, sales, proof, misfits, disagreements, decisions, answers``.
    findings : sequence of mapping, default=()
        As in ``findings.json``.
    release : mapping, default=None
        As in ``release_note.json``: what was answered since the last meeting, and proposals that wait.

    Returns
    -------
    str
        A complete page that asks nothing of any network; the same values give the same bytes.

    Examples
    --------
    >>> page = build_meeting_page({"campaign": "spring"}, {})
    >>> page.startswith("<!doctype html>")
    True
    """
    facts, tables, findings = (
        clean(dict(facts)),
        clean({name: list(rows) for name, rows in tables.items()}),
        clean(list(findings)),
    )
    whole = _whole(tables)
    return environment().get_template("meeting.html.j2").render(
        title=f"Meeting pack: {facts.get('campaign', '')}",
        style=Markup(asset("report.css")),  # noqa: S704  our own file
        script=Markup(asset("report.js")),  # noqa: S704  our own file
        script_hash=script_hash(),
        facts=facts,
        findings=findings,
        headline=_headline(whole, facts),
        tone={"adds": "good", "harms": "none"}.get(str(whole.get("verdict")), "unsure"),
        cards={team: [_card_row(row) for row in tables.get(team) or []] for team in ("marketing", "sales")},
        adoption=[_adoption_row(row) for row in tables.get("adoption") or []],
        proof=[_proof_row(row) for row in tables.get("proof") or []],
        misfits=tables.get("misfits") or [],
        disagreements=tables.get("disagreements") or [],
        decisions=tables.get("decisions") or [],
        answers=(tables.get("answers") or [])[:MOST_ANSWERS],
        release=Markup(release_section(release or {}, title=_SINCE)),  # noqa: S704  our own template
        figures={figure.name: figure for figure in meeting_figures(tables)},
    )  # fmt: skip


def meeting_figures(tables: Mapping[str, Sequence[Row]]) -> list[Figure]:
    """Every figure of the page.

    Parameters
    ----------
    tables : mapping
        As for :func:`build_meeting_page`.

    Returns
    -------
    list of Figure
        Each with ``svg()`` and ``frame()``.
    """
    drawn = [
        _rates("tiers", "Worked inside the agreed time, by tier", tables.get("tiers") or [], "worked_rate", "due"),
        _rates("precision", "Won when worked, by tier", tables.get("precision") or [], "precision", "worked"),
    ]
    return [figure for figure in drawn if figure is not None]


def meeting_text(facts: Row, tables: Mapping[str, Sequence[Row]]) -> str:
    """The same for a terminal.

    Parameters
    ----------
    facts, tables : mapping
        As for :func:`build_meeting_page`.

    Returns
    -------
    str
        Plain lines.
    """
    facts, tables = clean(dict(facts)), clean({name: list(rows) for name, rows in tables.items()})
    lines = [
        f"{facts.get('campaign')}, as of {facts.get('as_of')}: {count(facts.get('n_given'))} accounts in "
        f"{plural(int(facts.get('n_lists') or 0), 'list')}, {count(facts.get('n_worked'))} worked, "
        f"{count(facts.get('n_won'))} won",
        _headline(_whole(tables), facts),
    ]
    for team in ("marketing", "sales"):
        rows = [_card_row(row) for row in tables.get(team) or []]
        told = [f"{row['words']} {row['value']} ({row['verdict']})" for row in rows if row["verdict"] != "not yet"]
        lines.append(f"{team}: {'; '.join(told) or 'not yet'}")
    lines += [f"decide: {row['decision']} {row['because']}" for row in tables.get("decisions") or []]
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")


def _whole(tables: Mapping[str, Sequence[Row]]) -> Row:
    return next((row for row in tables.get("proof") or [] if row.get("part") == "all"), {})


def _points(value: Any) -> str:
    return UNKNOWN if value is None else f"{100 * value:+.1f}"


def _headline(whole: Row, facts: Row) -> str:
    """What the lists added, or when it will be known."""
    if whole.get("verdict") in ("adds", "harms"):
        what = "add" if whole["verdict"] == "adds" else "cost"
        return (
            f"The lists {what} {_points(whole['difference']).lstrip('+-')} wins per 100 accounts "
            f"(95 %: {interval(whole['low'], whole['high'], _points)})"
        )
    if not whole.get("n_held_out"):
        held = "no account was held out whose window is over"
        return f"Not yet: whether the lists add anything is not known, as {held}{_when(whole)}"
    return f"Not yet: between the arms no difference can be told from chance{_when(whole)}"


def _when(whole: Row) -> str:
    return f"; known on {whole['known_on']} at this pace" if whole.get("known_on") else ""


def _card_row(row: Row) -> dict[str, Any]:
    say = _SAY.get(str(row["measure"]), percent)
    goal = row.get("goal")
    return {
        "words": str(row["words"]), "value": say(row["value"]), "interval": interval(row["low"], row["high"], say),
        "n": count(row["n"]), "goal": UNKNOWN if goal is None else say(goal), "goal_from": row.get("goal_from") or "",
        "verdict": _VERDICTS.get(str(row["verdict"]), str(row["verdict"])), "change": row.get("change") or "",
        "badge": {"met": "note", "missed": "warning"}.get(str(row["verdict"]), ""),
    }  # fmt: skip


def _adoption_row(row: Row) -> dict[str, str]:
    return {
        "part": str(row["part"]), "value": str(row.get("value") or ""), "n": count(row["n"]),
        "rate": percent(row["worked_rate"]), "interval": interval(row["low"], row["high"], percent),
        "days": number(row["median_days"]), "order": ratio(row["concordance"]),
        "order_interval": interval(row["concordance_low"], row["concordance_high"], ratio),
        "overrides": percent(row["override_rate"]), "messages": percent(row["message_rate"]),
    }  # fmt: skip


def _proof_row(row: Row) -> dict[str, str]:
    value = ": ".join(str(row[name]) for name in ("value", "words") if row.get(name))
    value = value.partition(". ")[0] if row["part"] == "message" else value  # proof.csv has all of it
    return {
        "part": str(row["part"]), "value": value, "treated": count(row["n_treated"]),
        "held": count(row["n_held_out"]), "rates": f"{percent(row['rate_treated'])} / {percent(row['rate_held_out'])}",
        "difference": _points(row["difference"]), "interval": interval(row["low"], row["high"], _points),
        "detectable": _points(row["detectable"]), "money": number(row["money"]),
        "money_interval": interval(row["money_low"], row["money_high"], number),
        "verdict": str(row["verdict"]) + (f", known on {row['known_on']}" if row.get("known_on") else ""),
    }  # fmt: skip


def _rates(name: str, title: str, rows: Sequence[Row], key: str, n: str) -> Figure | None:
    """Bars of a share by tier, with intervals."""
    if not any(row.get(key) is not None for row in rows):
        return None
    bars = [
        Bar(f"Tier {row['tier']}", row[key], f"of {count(row[n])}", percent(row[key]), row["low"], row["high"])
        for row in rows
    ]
    columns = ("tier", n, "share", "low", "high")
    raw = tuple((row["tier"], row[n], row[key], row["low"], row["high"]) for row in rows)
    shown = tuple((str(t), count(m), percent(v), percent(low), percent(high)) for t, m, v, low, high in raw)
    words = "; ".join(f"tier {t}: {v}" for t, _, v, _, _ in shown)
    label = f"{title}. {words}"
    return Figure(name, title, label, columns, raw, shown, bar_chart(label, bars))
