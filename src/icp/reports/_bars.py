"""Horizontal bars, whose words fit any width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from icp.reports._figure import drawing, line, rect, shortened, text

__all__ = ["Bar", "bar_chart"]

_ROW = 42
_WORDS = 18
_LETTERS = 38
_ALONE = 44
"""Letters that fit beside one another on a narrow phone, and alone: longer words and their numbers get a line each."""


@dataclass(frozen=True)
class Bar:
    """One bar: words at the left above it, numbers at the right.

    Parameters
    ----------
    label : str
        Words.
    value : float or None
        Length; None draws no bar.
    right, strong : str
        Numbers, the second in bold.
    low, high : float or None, default=None
        Interval.
    colour : str, default="accent"
        Name of a colour.
    """

    label: str
    value: float | None
    right: str
    strong: str = ""
    low: float | None = None
    high: float | None = None
    colour: str = "accent"


def bar_chart(label: str, bars: Sequence[Bar], *, reference: float | None = None, highest: float = 0.0) -> str:
    """Horizontal bars, words above each, so that they read at any width.

    Parameters
    ----------
    label : str
        What a screen reader says.
    bars : sequence of Bar
        From the top.
    reference : float or None, default=None
        Where the upright line stands.
    highest : float, default=0.0
        Value at the right edge; 0 fits the bars.

    Returns
    -------
    str
        SVG text.
    """
    edge = highest or _edge(bars, reference)
    top = 4.0
    marks: list[Markup] = []
    for bar in bars:
        words = shortened(bar.label, _ALONE)
        marks.append(text(0, top + 12, words))
        if len(words) + len(bar.right) + len(bar.strong) > _LETTERS:
            top += _WORDS
        marks.append(text(100, top + 12, bar.right, colour="muted", anchor="end", strong=bar.strong))
        marks += _bar(bar, top, edge, reference)
        top += _ROW
    return drawing(label, top, marks)


def _bar(bar: Bar, top: float, edge: float, reference: float | None) -> list[Markup]:
    marks = [rect(0, top + 19, 100, 10, "rule")]
    if bar.value is not None:
        hint = f"{bar.label}: {bar.right}"
        marks.append(rect(0, top + 19, 100 * min(bar.value / edge, 1.0), 10, bar.colour, title=hint))
    if bar.low is not None and bar.high is not None:
        ends = [100 * min(bound / edge, 1.0) for bound in (bar.low, bar.high)]
        marks += [
            line(ends[0], top + 24, ends[1], top + 24, colour, width=width)
            for colour, width in (("card", 4), ("ink", 1.5))
        ]
    if reference is not None:
        x = 100 * min(reference / edge, 1.0)
        marks.append(line(x, top + 15, x, top + 33, "ink", width=1.5))
    return marks


def _edge(bars: Sequence[Bar], reference: float | None) -> float:
    """Right edge of the scale: every bar fits, very wide intervals are cut."""
    longest = max([bar.value or 0.0 for bar in bars] + [reference or 0.0], default=0.0)
    widest = max([bar.high or 0.0 for bar in bars], default=0.0)
    return max(longest * 1.02, min(widest, longest * 1.6)) or 1.0
