"""What scores turned out to mean: fit against engagement, and money by expected value and by propensity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from icp.reports._bars import Bar, bar_chart
from icp.reports._figure import Figure, drawing, rect, text
from icp.reports._format import UNKNOWN, count, interval, percent

__all__ = ["confidence_words", "grid_figure", "value_figure", "value_words"]

Row = Mapping[str, Any]
_HEAD = 44
_CELL = 66
_LEFT = 14.0
_STRONGEST = 0.45
"""Tint of the cell with the highest rate; weaker than a bar, as ink has to be read on it."""


def grid_figure(grid: Sequence[Row]) -> Figure:
    """Held-out accounts by fit tier and engagement level, the more best customers the stronger the tint.

    Parameters
    ----------
    grid : sequence of mapping
        The card's ``grid``.

    Returns
    -------
    Figure
        One cell for each tier and level, with observed rate, interval and number of accounts.
    """
    columns = ("cell", "n", "best", "rate", "low", "high")
    names = [f"{row.get('fit_tier')}{row.get('engagement_level')}" for row in grid]
    rows = tuple((name, *(row.get(column) for column in columns[1:])) for name, row in zip(names, grid, strict=True))
    shown = tuple(
        (name, count(row.get("n")), count(row.get("best")), *(percent(row.get(column)) for column in columns[3:]))
        for name, row in zip(names, grid, strict=True)
    )
    tiers = list(dict.fromkeys(str(row.get("fit_tier")) for row in grid))
    levels = list(dict.fromkeys(str(row.get("engagement_level")) for row in grid))
    width = (100 - _LEFT) / max(len(levels), 1)
    highest = max((row.get("rate") or 0.0 for row in grid), default=0.0)
    marks = [text(_LEFT, 14, "Engagement level", colour="muted")]
    for i, level in enumerate(levels):
        words = f"{level} (most)" if i == 0 else f"{level} (least)" if i == len(levels) - 1 else level
        marks.append(text(_LEFT + (i + 0.5) * width, 34, words, colour="muted", anchor="middle"))
    for i, tier in enumerate(tiers):
        marks.append(text(0, _HEAD + i * _CELL + 36, f"Fit {tier}", colour="muted"))
    for row in grid:
        x = _LEFT + levels.index(str(row.get("engagement_level"))) * width
        marks += _cell(row, x, _HEAD + tiers.index(str(row.get("fit_tier"))) * _CELL, width, highest)
    label = "Share of best customers among held-out accounts by fit tier and engagement level, with 95 % interval."
    svg = drawing(label, _HEAD + len(tiers) * _CELL, marks)
    return Figure("grid", "Fit against engagement", label, columns, rows, shown, svg)


def _cell(row: Row, x: float, y: float, width: float, highest: float) -> list[Markup]:
    rate, n = row.get("rate"), row.get("n")
    middle, wide, tall = x + width / 2, width - 1.0, _CELL - 6
    if rate is None:
        return [
            rect(x + 0.5, y, wide, tall, "rule"),
            text(middle, y + 34, "no accounts", colour="muted", anchor="middle"),
        ]
    hint = f"{row.get('fit_tier')}{row.get('engagement_level')}: {count(row.get('best'))} of {count(n)} became best"
    tint = _STRONGEST * rate / highest if highest else 0.0
    return [
        rect(x + 0.5, y, wide, tall, "rule"),
        rect(x + 0.5, y, wide, tall, "accent", title=hint, opacity=tint),
        text(middle, y + 19, "", anchor="middle", strong=percent(rate)),
        text(middle, y + 36, _short(row.get("low"), row.get("high")), anchor="middle"),
        text(middle, y + 52, f"of {count(n)}", anchor="middle"),
    ]


def _short(low: Any, high: Any) -> str:
    """An interval with one sign for both bounds, so that it fits a third of a phone."""
    return interval(low, high, percent).replace("\N{NO-BREAK SPACE}%", "", 1)


def value_figure(captured: Row) -> Figure:
    """Share of the money in the first tenth of the list in two orders.

    Parameters
    ----------
    captured : mapping
        The card's ``value.captured``.

    Returns
    -------
    Figure
        Two horizontal bars with intervals; the line marks a tenth, which is chance.
    """
    columns = ("order", "share of money", "low", "high")
    orders = {"by_value": "By expected value", "by_propensity": "By propensity"}
    rows, bars = [], []
    for key, words in orders.items():
        share, low, high = (captured.get(f"{key}{end}") for end in ("", "_low", "_high"))
        rows.append((words, share, low, high))
        colour = "accent" if key == "by_value" else "quiet"
        bars.append(Bar(words, share, interval(low, high, percent), percent(share), low, high, colour))
    shown = tuple((words, *(percent(number) for number in numbers)) for words, *numbers in rows)
    label = "Share of all money in the first tenth of the list, with 95 % interval; the line marks chance, 10 %."
    svg = bar_chart(label, bars, reference=0.1)
    return Figure("value", "Money in the first tenth", label, columns, tuple(rows), shown, svg)


def value_words(value: Row) -> list[str]:
    """How amounts are predicted, and what ordering by expected value did on held-out accounts.

    Parameters
    ----------
    value : mapping
        The card's ``value``.

    Returns
    -------
    list of str
        Sentences; none where the model has no amounts.
    """
    if not value:
        return []
    n, few = count(value.get("n")), value.get("compared") is None
    amount = "the mean amount of the profile"
    if value.get("kind") == "model":
        amount = "an amount predicted by a model"
        why = f"learned from {n} best customers; on others it came closer than the profiles' mean amounts"
    elif few:
        why = f"{n} best customers with a known amount are too few for a model of amounts"
    else:
        why = f"on {n} best customers, a model of amounts was not shown to come closer"
    said = f"Expected value is propensity times {amount}: {why}."
    captured = value.get("captured") or {}
    if captured.get("difference") is None:
        return [said, "Too few amounts were held out to say what ordering by expected value brings."]
    low, high = captured.get("difference_low"), captured.get("difference_high")
    if low is not None and low > 0:
        verdict = "Ordering by expected value puts more money into the first tenth than ordering by propensity"
    elif high is not None and high < 0:
        verdict = "Ordering by expected value puts less money into the first tenth than ordering by propensity"
    else:
        verdict = "Neither order is shown to put more money into the first tenth"
    points = f"{_points(captured['difference'])} points of share, 95 % interval {_points(low)} to {_points(high)}"
    return [said, f"{verdict} ({points}; {count(captured.get('n'))} held-out accounts)."]


def confidence_words(levels: Sequence[Row]) -> str:
    """Whether stated rates held at every level of confidence.

    Parameters
    ----------
    levels : sequence of mapping
        The card's ``confidence.levels``.

    Returns
    -------
    str
        One sentence; empty without held-out accounts.
    """
    judged = [row for row in levels if row.get("n") and row.get("mean_propensity") is not None]
    if not judged:
        return ""
    missed = [
        str(row.get("confidence"))
        for row in judged
        if not (row.get("low") or 0.0) <= row["mean_propensity"] <= (1.0 if row.get("high") is None else row["high"])
    ]
    if not missed:
        return "At every level the propensity stated lies inside the interval of the rate observed."
    one = "that level" if len(missed) == 1 else "those levels"
    return (
        f"At {' and '.join(missed)} confidence the propensity stated lies outside the interval of the rate observed: "
        f"read the order, not the number, at {one}."
    )


def _points(difference: Any) -> str:
    return f"{100 * difference:+.1f}" if difference is not None else UNKNOWN
