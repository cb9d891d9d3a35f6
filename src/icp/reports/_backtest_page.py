"""The page and the terminal lines of a backtest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from icp.reports import _backtest_charts as charts
from icp.reports import _charts, _format, _phrases
from icp.reports._definitions import definitions_section
from icp.reports._figure import Figure
from icp.reports._format import clean, count, interval, plural, ratio, times
from icp.reports._page import _ORDER
from icp.reports._summary import severities, signoff_words
from icp.reports._templates import asset, environment, script_hash

__all__ = ["backtest_figures", "backtest_text", "build_backtest_report"]

_ORDERS = {
    "pictures": "pictures of the accounts at several dates, each judged by models that knew only what was over by then "
    "and had not seen the account",
    "column": "blocks of accounts in the order of their date, each judged by a model that knew only earlier ones",
    "rows": "blocks of rows in the order of the file, each judged by a model that knew only earlier ones",
    "random": "folds drawn at random: nothing is said about later accounts",
}


def build_backtest_report(
    card: Mapping[str, Any], findings: Sequence[Mapping[str, Any]] = (), *, title: str = ""
) -> str:
    """One HTML page that says what a backtest showed.

    Parameters
    ----------
    card : mapping
        Of :func:`icp.model.backtest_tables`.
    findings : sequence of mapping, default=()
        As in ``findings.json``.
    title : str, default=""
        Heading of the page.

    Returns
    -------
    str
        A complete page that asks nothing of any network; the same card gives the same bytes.

    Examples
    --------
    >>> page = build_backtest_report({"name": "leads", "order": "random", "blocks": [], "metrics": {}})
    >>> page.startswith("<!doctype html>")
    True
    """
    card = clean(card)
    findings = sorted(clean(list(findings)), key=lambda finding: _ORDER.get(str(finding.get("severity")), 3))
    metrics = card.get("metrics") or {}
    return environment().get_template("backtest.html.j2").render(
        title=clean(title) or card.get("name") or "Backtest",
        style=Markup(asset("report.css")),  # noqa: S704  our own file
        script=Markup(asset("report.js")),  # noqa: S704  our own file
        script_hash=script_hash(),
        card=card,
        definition=card.get("definition") or {},
        metrics=metrics,
        sealed=metrics.get("sealed") or {},
        findings=findings,
        severities=severities(findings),
        tone=_tone(card),
        headline=_headline(card),
        evidence=_evidence(card),
        how=_ORDERS.get(str(card.get("order")), ""),
        figures=_figures(card),
        definitions=_definitions(card),
        block_name=charts.block_name,
        part=_part(card),
    )  # fmt: skip


def backtest_figures(card: Mapping[str, Any]) -> list[Figure]:
    """Every figure of the page.

    Parameters
    ----------
    card : mapping
        As in :func:`build_backtest_report`.

    Returns
    -------
    list of Figure
        Each with ``svg()`` and ``frame()``.
    """
    return [figure for figure in _figures(clean(card)).values() if figure is not None]


def backtest_text(card: Mapping[str, Any]) -> str:
    """What a backtest showed, for a terminal.

    Parameters
    ----------
    card : mapping
        Of :func:`icp.model.backtest_tables`.

    Returns
    -------
    str
        Plain lines: the verdict, each block, comparisons.
    """
    card = clean(card)
    metrics, definition = card.get("metrics") or {}, card.get("definition") or {}
    lines = [f"{card.get('name')}: {_headline(card)}", f"  {_evidence(card)}"]
    lines += [
        _phrases.definition_words(definition) or "No definition is stored.",
        f"Judged on {_ORDERS.get(str(card.get('order')), '')}.",
    ]
    lines += [_block_line(block) for block in card.get("blocks") or []]
    lines += _compared_lines(card)
    random = metrics.get("random")
    if random:
        gap = metrics.get("forward_less_random") or {}
        lines.append(
            f"Rows held out at random would have said: lift {times(random.get('lift_at_10'))}, "
            f"AUC {ratio(random.get('auc'))} (later accounts less random rows: {_signed(gap, 'lift_at_10')} lift, "
            f"{_signed(gap, 'auc')} AUC)"
        )
    choice = metrics.get("choice")
    if choice:
        sealed = interval(choice.get("sealed_lift_low"), choice.get("sealed_lift_high"), times)
        where = _where(card) if choice.get("by") == "lift_at_capacity" else ""
        lines.append(
            f"Chosen on the open blocks{where}: {charts.list_name(str(choice['list']))}; in the sealed block "
            f"its lift is {times(choice.get('sealed_lift'))} ({sealed})"
        )
    lines += _definition_lines(card)
    return "\n".join(line.replace("\N{NO-BREAK SPACE}", " ") for line in lines)


def _definitions(card: Mapping[str, Any]) -> Markup | None:
    """The section on a second definition, its texts escaped by its own template."""
    found = card.get("definitions")
    return Markup(definitions_section(found, held_out=True)) if found else None  # noqa: S704  our own template


def _definition_lines(card: Mapping[str, Any]) -> list[str]:
    """How far two definitions agree, and which of them is signed."""
    found = card.get("definitions")
    if not found:
        return []
    signed = [f"{name.upper()}: {signoff_words({'definition': found.get(name)})}" for name in ("a", "b")]
    dated = ", at the same as-of date" if (found.get("a") or {}).get("as_of") else ""
    return [
        f"Two definitions of best{dated}:",
        *(f"  {line}" for line in [*(found.get("sentences") or ()), *signed]),
    ]


def _part(card: Mapping[str, Any]) -> str:
    """What the parts are called that were judged one after the other."""
    return "repeat" if card.get("order") == "random" else "block"


def _block_words(block: Mapping[str, Any]) -> str:
    name = charts.block_name(block)
    return name if name.startswith("repeat") else f"block {name}"


def _block_line(block: Mapping[str, Any]) -> str:
    lift = interval(block.get("lift_at_10_low"), block.get("lift_at_10_high"), times)
    auc = interval(block.get("auc_low"), block.get("auc_high"), ratio)
    return (
        f"  {_block_words(block)}: lift {times(block.get('lift_at_10'))} ({lift}), "
        f"AUC {ratio(block.get('auc'))} ({auc}), {count(block.get('n_test_best'))} best of {count(block.get('n_test'))}"
    )


def _where(card: Mapping[str, Any]) -> str:
    """How far down lists are worked that are compared, if not the best tenth."""
    capacity = (card.get("metrics") or {}).get("capacity")
    return "" if capacity is None else f" working {count(capacity)} accounts"


def _compared_lines(card: Mapping[str, Any]) -> list[str]:
    capacity = (card.get("metrics") or {}).get("capacity")
    key = "lift_at_10" if capacity is None else "lift_at_capacity"
    where, lines = _where(card), []
    for row in card.get("baselines") or []:
        if row.get("block") != "all" or row.get("list") in ("score", "no order (the overall rate)"):
            continue
        lines.append(
            f"Against {charts.list_name(str(row['list']))}{where}: lift {times(row.get(key))}; the score less this: "
            f"{_signed(row, f'score_less_{key}')} lift, {_signed(row, 'score_less_auc')} AUC"
        )
    return lines


def _signed(values: Mapping[str, Any], key: str) -> str:
    """A difference with its interval."""
    if values.get(key) is None:
        return _format.UNKNOWN
    return (
        f"{values[key]:+.2f} ({interval(values.get(f'{key}_low'), values.get(f'{key}_high'), lambda v: f'{v:+.2f}')})"
    )


def _tone(card: Mapping[str, Any]) -> str:
    metrics = card.get("metrics") or {}
    if metrics.get("lift_at_10") is None:
        return "unmeasured"
    if not (card.get("verdict") or {}).get("signal"):
        return "none"
    later = metrics.get("sealed") or metrics
    return "good" if (later.get("lift_at_10_low") or 0) > 1 and card.get("order") != "random" else "unsure"


def _headline(card: Mapping[str, Any]) -> str:
    metrics = card.get("metrics") or {}
    tone, lift = _tone(card), times(metrics.get("lift_at_10"))
    if tone == "unmeasured":
        return "Not measured."
    if tone == "none":
        return "No signal: these traits are not shown to tell best customers from the others."
    if card.get("order") == "random":
        return f"On accounts held out at random, the best tenth held {lift} times as many best customers as chance."
    if tone == "unsure":
        return f"The best tenth held {lift} times as many best customers as chance; the sealed block leaves it open."
    return f"On later accounts, the best tenth of the list held {lift} times as many best customers as chance."


def _evidence(card: Mapping[str, Any]) -> str:
    metrics = card.get("metrics") or {}
    if metrics.get("lift_at_10") is None:
        return ""
    lift = interval(metrics.get("lift_at_10_low"), metrics.get("lift_at_10_high"), times)
    rests = f"95 % interval {lift}, resting on {count(metrics.get('n_winners'))} different best customers"
    rests += f" in {plural(int(metrics.get('n_blocks') or 0), _part(card))}"
    sealed = metrics.get("sealed")
    if not sealed:
        return f"{rests}; AUC {ratio(metrics.get('auc'))}."
    inside = interval(sealed.get("lift_at_10_low"), sealed.get("lift_at_10_high"), times)
    return (
        f"{rests}; AUC {ratio(metrics.get('auc'))}. The sealed last block alone: {times(sealed.get('lift_at_10'))} "
        f"({inside}), resting on {count(sealed.get('n_winners'))}."
    )


def _figures(card: Mapping[str, Any]) -> dict[str, Figure | None]:
    metrics, blocks, baselines = card.get("metrics") or {}, card.get("blocks") or [], card.get("baselines") or []
    deciles, calibration, gains = card.get("deciles") or [], card.get("calibration") or [], card.get("gains") or {}
    key = "lift_at_10" if metrics.get("capacity") is None else "lift_at_capacity"
    has_sealed = any(row.get("block") == "sealed" for row in baselines)
    return {
        "lift": charts.block_figure(blocks, "lift_at_10", _part(card)) if blocks else None,
        "auc": charts.block_figure(blocks, "auc", _part(card)) if blocks else None,
        "gain": charts.lists_gain_figure(gains) if gains.get("score") else None,
        "lists": charts.lists_figure(baselines, "all", key) if baselines else None,
        "lists_sealed": charts.lists_figure(baselines, "sealed", key) if has_sealed else None,
        "random": charts.random_figure(metrics) if metrics.get("random") else None,
        "calibration": _charts.calibration_figure(calibration) if calibration else None,
        "deciles": _charts.decile_figure(deciles, base_rate=metrics.get("base_rate")) if deciles else None,
    }
