"""What traits add to the score: every leading trait in one picture, and one trait group by group.

Points are means of a few accounts each, as the card stores them: the pictures show how contributions spread, and no
account.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from icp.reports._charts import largest
from icp.reports._figure import SCALE, Figure, circle, dots, drawing, line, shortened, text
from icp.reports._format import UNKNOWN, count, percent, signed

__all__ = ["dependence_figure", "swarm_figure"]

Row = Mapping[str, Any]
_BAND, _HEAD, _GAP = 30.0, 20.0, 14.0
_LETTERS = 40
"""Of a label, beside its number on a narrow phone."""
_BIN = 1.4
"""Width across, in percent, within which points are put above one another."""


def swarm_figure(drivers: Sequence[Row], *, top: int = 10) -> Figure | None:
    """How much each leading trait adds to the score of the accounts, one point for a few of them.

    Parameters
    ----------
    drivers : sequence of mapping
        The card's ``drivers``.
    top : int, default=10
        Traits drawn.

    Returns
    -------
    Figure or None
        None where the card stores no points, as those of earlier versions.
    """
    drawn = [driver for driver in drivers if any(True for _ in _points(driver))][:top]
    if not drawn:
        return None
    low, high = _range(x for driver in drawn for _, x in _points(driver))
    marks: list[Markup] = []
    at = 0.0
    for driver in drawn:
        marks.append(text(0, at + 13, shortened(_words(driver), _LETTERS)))
        marks.append(text(100, at + 13, percent(driver.get("share")), colour="muted", anchor="end"))
        marks += _band(list(_coloured(driver)), at + _HEAD, low, high)
        at += _HEAD + _BAND + _GAP
    marks += _scale(at, low, high)
    label = (
        "What each trait adds to the score, in log-odds: right of the line raises it. Each point is the mean of some "
        "accounts; brown are low values, teal high ones, grey middle ones, categories and values not known."
    )
    columns = ("trait", "lowest", "middle", "highest", "low values", "high values")
    rows = tuple(_spread(driver) for driver in drawn)
    shown = tuple((str(row[0]), *(signed(value) for value in row[1:])) for row in rows)
    return Figure("swarm", "What each trait adds", label, columns, rows, shown, drawing(label, at + 26, marks))


def dependence_figure(driver: Row, *, name: str = "dependence") -> Figure | None:
    """What one trait adds to the score, group by group.

    Parameters
    ----------
    driver : mapping
        One entry of the card's ``drivers``.
    name : str, default="dependence"
        Name of the figure.

    Returns
    -------
    Figure or None
        None where the card stores no points.
    """
    groups = [group for group in driver.get("groups") or [] if group.get("points")]
    if not groups:
        return None
    drawn = largest(groups)
    low, high = _range(x for group in drawn for x in group["points"])
    marks: list[Markup] = []
    at = 0.0
    for group in drawn:
        mean = group.get("mean_contribution")
        marks.append(text(0, at + 13, shortened(str(group.get("group") or UNKNOWN), _LETTERS)))
        marks.append(text(100, at + 13, "", anchor="end", strong=signed(mean)))
        marks += _band([("quiet", x) for x in group["points"]], at + _HEAD, low, high)
        if mean is not None:
            marks.append(circle(_place(mean, low, high), at + _HEAD + _BAND / 2, 5, "accent"))
        at += _HEAD + _BAND + 8
    marks += _scale(at, low, high)
    title = f"{_words(driver)}: what it adds to the score"
    if len(drawn) < len(groups):
        title += f" (the {len(drawn)} largest of {len(groups)} groups)"
    label = (
        f"{title}, in log-odds, by group: small points are means of some accounts, the large one is the group's mean."
    )
    columns = ("group", "n", "mean", "lowest", "highest")
    rows = tuple(
        (g.get("group"), g.get("n"), g.get("mean_contribution"), g["points"][0], g["points"][-1]) for g in groups
    )
    shown = tuple((str(row[0] or UNKNOWN), count(row[1]), *(signed(value) for value in row[2:])) for row in rows)
    return Figure(name, title, label, columns, rows, shown, drawing(label, at + 26, marks))


def _points(driver: Row) -> Iterator[tuple[int, float]]:
    """Group and contribution of every stored point."""
    for i, group in enumerate(driver.get("groups") or []):
        for x in group.get("points") or []:
            yield i, float(x)


def _coloured(driver: Row) -> Iterator[tuple[str, float]]:
    groups = driver.get("groups") or []
    known = [i for i, group in enumerate(groups) if group.get("group") != "not known"]
    for i, x in _points(driver):
        if not driver.get("ordered") or i not in known or len(known) < 2:
            yield "quiet", x
        else:
            yield SCALE[round((len(SCALE) - 1) * known.index(i) / (len(known) - 1))], x


def _spread(driver: Row) -> tuple[Any, ...]:
    """A trait as a row of the table: ends and middle of its points, means of its first and last group."""
    found = sorted(x for _, x in _points(driver))
    groups = [group for group in driver.get("groups") or [] if group.get("group") != "not known"]
    ends = (None, None)
    if driver.get("ordered") and len(groups) > 1:
        ends = (groups[0].get("mean_contribution"), groups[-1].get("mean_contribution"))
    return (_words(driver), found[0], found[len(found) // 2], found[-1], *ends)


def _band(points: Sequence[tuple[str, float]], top: float, low: float, high: float) -> list[Markup]:
    """One row of points around its middle, those at one place above and below it."""
    columns: dict[int, list[tuple[str, float]]] = {}
    for colour, x in points:
        place = _place(x, low, high)
        columns.setdefault(int(place / _BIN), []).append((colour, place))
    placed: dict[str, list[tuple[float, float]]] = {}
    for inside in columns.values():
        step = min(4.5, (_BAND / 2 - 2) / max(1.0, len(inside) / 2))
        mixed = sorted(enumerate(inside), key=lambda one: one[0] * 0.618 % 1)  # neighbours apart, so no pattern shows
        for i, (_, (colour, place)) in enumerate(mixed):
            y = _BAND / 2 + step * ((i + 1) // 2) * (1 if i % 2 else -1)
            placed.setdefault(colour, []).append((place, y))
    zero = _place(0.0, low, high)
    marks = [line(0, top + _BAND / 2, 100, top + _BAND / 2, "rule"), line(zero, top, zero, top + _BAND, "muted")]
    return [*marks, *(dots(placed[colour], top, _BAND, colour) for colour in sorted(placed))]


def _range(values: Iterator[float]) -> tuple[float, float]:
    """The scale: every point and 0, with a little room."""
    found = [0.0, *values]
    room = 0.04 * (max(found) - min(found)) or 1.0
    return min(found) - room, max(found) + room


def _place(x: float, low: float, high: float) -> float:
    return 100 * (x - low) / (high - low)


def _scale(at: float, low: float, high: float) -> list[Markup]:
    """Numbers under the picture: the ends, and 0 where it is clear of them."""
    marks = [
        text(0, at + 14, f"{signed(low)} lowers", colour="muted"),
        text(100, at + 14, f"raises {signed(high)}", colour="muted", anchor="end"),
    ]
    zero = _place(0.0, low, high)
    if 34 < zero < 66:
        marks.append(text(zero, at + 14, "0", colour="muted", anchor="middle"))
    return marks


def _words(driver: Row) -> str:
    return str(driver.get("label") or driver.get("trait") or UNKNOWN)
