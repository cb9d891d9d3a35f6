"""The figures of a report, each drawn from one list of the card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from icp.reports._bars import Bar, bar_chart
from icp.reports._figure import Figure, circle, curve, drawing, line, rect, text
from icp.reports._format import UNKNOWN, count, index_bounds, number, p_value, percent, times
from icp.reports._phrases import said

__all__ = [
    "calibration_figure",
    "decile_figure",
    "driver_figure",
    "gain_figure",
    "importance_figure",
    "largest",
    "profile_figure",
    "tier_figure",
]

Row = Mapping[str, Any]
_PLOT = 220
_MOST_BARS = 10


def profile_figure(
    profile: Row, *, base_name: str = "all accounts", top: int = 6, highest: float = 0.0, name: str = "profile"
) -> Figure:
    """What sets a profile apart: index of each distinctive trait, 100 being the base.

    Parameters
    ----------
    profile : mapping
        One entry of the card's ``profiles``.
    base_name : str, default="all accounts"
        What the shares are compared with.
    top : int, default=6
        Traits drawn; the table holds all.
    highest : float, default=0.0
        Index at the right edge, so that several profiles share one scale; 0 fits this one.
    name : str, default="profile"
        Name of the figure.

    Returns
    -------
    Figure
        Horizontal bars with intervals.
    """
    traits = list(profile.get("traits") or [])
    title = f"What sets {profile.get('id') or 'the profile'} apart"
    columns = ("trait", "group", "n", "share", "base_n", "base_share", "index", "low", "high", "q")
    rows = tuple(tuple(trait.get(column) for column in columns) for trait in traits)
    shown = tuple(
        (
            _words(t), str(t.get("group") or UNKNOWN), count(t.get("n")), percent(t.get("share")),
            count(t.get("base_n")), percent(t.get("base_share")), count(t.get("index")), count(t.get("low")),
            count(t.get("high")), p_value(t.get("q")),
        )
        for t in traits
    )  # fmt: skip
    bars = [
        Bar(_pair(t), t.get("index"), f"{percent(t.get('share'))} / {percent(t.get('base_share'))}",
             count(t.get("index")), t.get("low"), t.get("high"),
             _direction(t.get("low"), t.get("high"), t.get("index")))
        for t in traits[:top]
    ]  # fmt: skip
    label = f"{title}: share in the profile / share in {base_name}; bars show the index, the line marks 100."
    svg = bar_chart(label, bars, reference=100.0, highest=highest)
    return Figure(name, title, label, columns, rows, shown, svg)


def driver_figure(driver: Row, *, base_rate: float | None = None, name: str = "driver") -> Figure:
    """How often each group of one trait became best customers, as an index of the overall rate.

    Parameters
    ----------
    driver : mapping
        One entry of the card's ``drivers``.
    base_rate : float or None, default=None
        Overall share of best customers.
    name : str, default="driver"
        Name of the figure.

    Returns
    -------
    Figure
        Horizontal bars with intervals, 100 being the overall rate.
    """
    groups = list(driver.get("groups") or [])
    title = f"Best customers by {_words(driver)}"
    columns = ("group", "n", "best", "rate", "low", "high", "index", "mean_contribution")
    rows = tuple(tuple(group.get(column) for column in columns) for group in groups)
    shown = tuple(
        (
            str(g.get("group") or UNKNOWN), count(g.get("n")), count(g.get("best")), percent(g.get("rate")),
            percent(g.get("low")), percent(g.get("high")), count(g.get("index")), number(g.get("mean_contribution")),
        )
        for g in groups
    )  # fmt: skip
    bars = [
        Bar(str(g.get("group") or UNKNOWN), g.get("index"), f"{percent(g.get('rate'))} of {count(g.get('n'))}",
             count(g.get("index")), *index_bounds(g), _direction(*index_bounds(g), g.get("index")))
        for g in largest(groups)
    ]  # fmt: skip
    if len(bars) < len(groups):
        title = f"{title} (the {len(bars)} largest of {len(groups)} groups)"
    overall = f" ({percent(base_rate)})" if base_rate is not None else ""
    label = f"{title}: rate of each group; bars show the index, the line marks the overall rate{overall}."
    return Figure(name, title, label, columns, rows, shown, bar_chart(label, bars, reference=100.0))


def largest(groups: Sequence[Row]) -> list[Row]:
    """The groups with most accounts: more bars than these are not read, the table has them all.

    Parameters
    ----------
    groups : sequence of mapping
        Of a driver.

    Returns
    -------
    list of mapping
        Ten at most, in the order given.
    """
    sizes = sorted((float(group.get("n") or 0) for group in groups), reverse=True)
    if len(groups) <= _MOST_BARS:
        return list(groups)
    enough = [group for group in groups if float(group.get("n") or 0) >= sizes[_MOST_BARS - 1]]
    return enough[:_MOST_BARS]


def importance_figure(drivers: Sequence[Row], *, top: int = 12) -> Figure:
    """Which traits move the score most.

    Parameters
    ----------
    drivers : sequence of mapping
        The card's ``drivers``.
    top : int, default=12
        Traits drawn; the table holds all.

    Returns
    -------
    Figure
        Horizontal bars.
    """
    columns = ("trait", "side", "importance", "share")
    rows = tuple(tuple(driver.get(column) for column in columns) for driver in drivers)
    shown = tuple(
        (_words(d), str(d.get("side") or UNKNOWN), number(d.get("importance")), percent(d.get("share")))
        for d in drivers
    )
    bars = [Bar(_words(d), d.get("share"), percent(d.get("share"))) for d in drivers[:top]]
    label = "Share of all movement in the score that each trait accounts for."
    return Figure("importance", "What moves the score", label, columns, rows, shown, bar_chart(label, bars))


def tier_figure(tiers: Sequence[Row], *, base_rate: float | None = None) -> Figure:
    """Share of best customers in each tier, on accounts the model never saw.

    Parameters
    ----------
    tiers : sequence of mapping
        The card's ``tiers``.
    base_rate : float or None, default=None
        Overall share, drawn as a line.

    Returns
    -------
    Figure
        Horizontal bars with intervals.
    """
    columns = ("tier", "n", "best", "rate", "low", "high")
    rows = tuple(tuple(tier.get(column) for column in columns) for tier in tiers)
    shown = tuple(
        (str(t.get("tier")), count(t.get("n")), count(t.get("best")), percent(t.get("rate")), percent(t.get("low")),
         percent(t.get("high")))
        for t in tiers
    )  # fmt: skip
    bars = [
        Bar(f"Tier {t.get('tier')}", t.get("rate"), f"{percent(t.get('rate'))} ({count(t.get('best'))} of "
             f"{count(t.get('n'))})", "", t.get("low"), t.get("high"), "accent" if i == 0 else "quiet")
        for i, t in enumerate(tiers)
    ]  # fmt: skip
    label = "Share of best customers in each tier with 95 % interval; the line marks all accounts."
    return Figure("tiers", "Tiers", label, columns, rows, shown, bar_chart(label, bars, reference=base_rate))


def gain_figure(gain: Sequence[Sequence[float]]) -> Figure:
    """Share of all best customers found by working the list from the top.

    Parameters
    ----------
    gain : sequence of (share, capture)
        The card's ``gain``.

    Returns
    -------
    Figure
        A curve above the diagonal of chance.
    """
    points = [(float(x), float(y)) for x, y in gain if x is not None and y is not None]
    rows = tuple((x, y, y / x if x > 0 else None) for x, y in points)
    shown = tuple((percent(x), percent(y), times(y / x) if x > 0 else UNKNOWN) for x, y in _tenths(points))
    label = "Share of best customers found against share of the list worked; the dashed line is chance."
    top = 14.0
    marks = [curve(points, top, _PLOT)] if points else []
    marks += [*_frame(top, 1.0), line(0, top + _PLOT, 100, top, "quiet", dashed=True, width=1.5)]
    marks.append(text(50, top + _PLOT * 0.5 + 30, "chance", colour="muted"))
    if points:
        marks += [
            circle(100 * x, top + _PLOT * (1 - y), 4.5, "accent", title=f"Top {percent(x)}: {percent(y)}")
            for x, y in _tenths(points)
            if 0 < x < 1
        ]
    marks += _ticks(top, [(0, "0 %"), (25, "25 %"), (50, "50 % of the list"), (75, "75 %"), (100, "100 %")])
    svg = drawing(label, top + _PLOT + 28, marks)
    return Figure(
        "gain", "Best customers found", label, ("share of list", "share of best", "times chance"), rows, shown, svg
    )


def decile_figure(deciles: Sequence[Row], *, base_rate: float | None = None) -> Figure:
    """Share of best customers in ten equal slices by score.

    Parameters
    ----------
    deciles : sequence of mapping
        The card's ``deciles``.
    base_rate : float or None, default=None
        Overall share, drawn as a line.

    Returns
    -------
    Figure
        Columns; intervals where lift and base rate are known.
    """
    columns = ("decile", "n", "best", "rate", "lift", "lift_low", "lift_high", "capture", "mean_propensity")
    rows = tuple(tuple(row.get(column) for column in columns) for row in deciles)
    shown = tuple(
        (count(d.get("decile")), count(d.get("n")), count(d.get("best")), percent(d.get("rate")), times(d.get("lift")),
         times(d.get("lift_low")), times(d.get("lift_high")), percent(d.get("capture")),
         percent(d.get("mean_propensity")))
        for d in deciles
    )  # fmt: skip
    base = base_rate or 0.0
    highest = _top([base, *(d.get("rate") for d in deciles), *((d.get("lift_high") or 0) * base for d in deciles)])
    label = "Share of best customers in each tenth of the list, best scores first; the dashed line is the overall rate."
    top, width = 14.0, 100 / max(len(deciles), 1)
    marks = _frame(top, highest)
    for i, row in enumerate(deciles):
        marks += _column(row, i * width, width, top, base / highest, highest)
    if base:
        y = top + _PLOT * (1 - base / highest)
        marks += [line(0, y, 100, y, "muted", dashed=True, width=1.5)]
    marks += [
        text((i + 0.5) * width, top + _PLOT + 20, count(row.get("decile")), colour="muted", anchor="middle")
        for i, row in enumerate(deciles)
    ]
    svg = drawing(label, top + _PLOT + 28, marks)
    return Figure("deciles", "Ten slices of the list", label, columns, rows, shown, svg)


def calibration_figure(calibration: Sequence[Row]) -> Figure:
    """Whether a propensity of 10 % means one in ten.

    Parameters
    ----------
    calibration : sequence of mapping
        The card's ``calibration``.

    Returns
    -------
    Figure
        Points with intervals; on the diagonal is right.
    """
    columns = ("n", "mean_propensity", "observed", "low", "high")
    rows = tuple(tuple(row.get(column) for column in columns) for row in calibration)
    shown = tuple((count(row.get("n")), *(percent(row.get(column)) for column in columns[1:])) for row in calibration)
    label = "Observed share of best customers against the propensity stated; points on the dashed line are right."
    highest = _top([row.get(column) for row in calibration for column in ("mean_propensity", "observed", "high")])
    top = 14.0
    marks = [*_frame(top, highest), line(0, top + _PLOT, 100, top, "quiet", dashed=True, width=1.5)]
    for row in calibration:
        stated, observed = row.get("mean_propensity"), row.get("observed")
        if stated is None or observed is None:
            continue
        x = 100 * stated / highest
        if row.get("low") is not None and row.get("high") is not None:
            y1, y2 = (top + _PLOT * (1 - row[bound] / highest) for bound in ("high", "low"))
            marks.append(line(x, y1, x, y2, "accent", width=1.5))
        hint = f"Stated {percent(stated)}, observed {percent(observed)}"
        marks.append(circle(x, top + _PLOT * (1 - observed / highest), 5, "accent", title=hint))
    half = percent(highest / 2)
    marks += _ticks(top, [(0, "0 %"), (50, f"{half} stated"), (100, percent(highest))])
    svg = drawing(label, top + _PLOT + 28, marks)
    return Figure("calibration", "Stated against observed", label, columns, rows, shown, svg)


def _column(row: Row, left: float, width: float, top: float, base: float, highest: float) -> list[Markup]:
    """One column of the decile figure with the interval of its lift; ``base`` as a share of the scale."""
    rate, first = row.get("rate") or 0.0, left == 0
    tall, hint = _PLOT * rate / highest, f"Tenth {row.get('decile')}: {percent(row.get('rate'))}"
    bottom, middle = top + _PLOT, left + width / 2
    colour = "accent" if first else "quiet"
    marks = [rect(left + width * 0.15, bottom - tall, width * 0.7, tall, colour, title=hint)]
    low, high = row.get("lift_low"), row.get("lift_high")
    if low is not None and high is not None and base:
        ends = [bottom - _PLOT * min(bound * base, 1.0) for bound in (high, low)]
        marks += [
            line(middle, ends[0], middle, ends[1], name, width=thick) for name, thick in (("card", 4), ("ink", 1.5))
        ]
    return marks


def _top(values: Sequence[float | None]) -> float:
    """A round number at or above every value, for the top of a scale of shares."""
    highest = max([value for value in values if value is not None], default=0.0)
    steps = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
    return next((step for step in steps if step >= highest), 1.0)


def _frame(top: float, highest: float) -> list[Markup]:
    """Grid lines with their values at the right, above the line and clear of a point on it."""
    marks = []
    for part in (0.0, 0.5, 1.0):
        y = top + _PLOT * (1 - part)
        marks.append(line(0, y, 100, y, "quiet" if part == 0 else "rule"))
        if part:
            marks.append(text(100, y - 7, percent(part * highest), colour="muted", anchor="end"))
    return marks


def _ticks(top: float, places: Sequence[tuple[float, str]]) -> list[Markup]:
    anchors = {0: "start", 100: "end"}
    return [
        text(x, top + _PLOT + 20, words, colour="muted", anchor=anchors.get(int(x), "middle")) for x, words in places
    ]


def _tenths(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The point nearest to each tenth of the list."""
    if not points:
        return []
    return [min(points, key=lambda point: abs(point[0] - i / 10)) for i in range(1, 11)]


def _words(entry: Row) -> str:
    return str(entry.get("label") or entry.get("trait") or UNKNOWN)


def _pair(trait: Row) -> str:
    return said(_words(trait), trait.get("group") or UNKNOWN)


def _direction(low: float | None, high: float | None, value: float | None) -> str:
    """Colour of an index: above 100, below 100, or either."""
    low, high = (value if bound is None else bound for bound in (low, high))
    if low is None or high is None:
        return "quiet"
    return "accent" if low > 100 else "low" if high < 100 else "quiet"
