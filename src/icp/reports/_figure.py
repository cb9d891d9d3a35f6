"""A figure: a drawing that fits any width, and the table it was drawn from.

Drawings place everything across by percent and everything down by pixels, so that text keeps its size on a phone. They
take their colours from the page's style sheet and fall back to fixed ones outside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SCALE", "Figure", "circle", "curve", "dots", "drawing", "line", "path", "rect", "shortened", "text"]

_COLOURS = {
    "accent": "#0f6b5f",
    "soft": "#cfe5e0",
    "quiet": "#9aa3ad",
    "ink": "#16202b",
    "muted": "#5a6673",
    "rule": "#e3e6ea",
    "low": "#b4703a",
    "card": "#ffffff",
    "v1": "#a65a1f",
    "v2": "#d3a67c",
    "v3": "#8f9aa4",
    "v4": "#66aea3",
    "v5": "#0f6b5f",
}
SCALE = ("v1", "v2", "v3", "v4", "v5")
"""Colours from low to high values."""


@dataclass(frozen=True)
class Figure:
    """A drawing with its numbers.

    Parameters
    ----------
    name : str
        Short name, fit for a file.
    title : str
        What is shown.
    description : str
        The same in a sentence, for people who do not see it.
    columns : tuple of str
        Headers of the table.
    rows : tuple of tuple
        The numbers, raw.
    shown : tuple of tuple of str
        The numbers, as people read them.
    drawing : str
        Inline SVG.
    """

    name: str
    title: str
    description: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    shown: tuple[tuple[str, ...], ...]
    drawing: str

    def frame(self) -> pd.DataFrame:
        """The numbers behind the drawing.

        Returns
        -------
        DataFrame
            One row per mark.
        """
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=list(self.columns))

    def svg(self) -> str:
        """The drawing.

        Returns
        -------
        str
            One ``<svg>`` element that refers to nothing outside itself.
        """
        return self.drawing

    def __repr__(self) -> str:
        """Short, as a console shows it: a drawing is thousands of letters."""
        count = f"{len(self.rows):,} row{'' if len(self.rows) == 1 else 's'}"
        return f"Figure '{self.name}': {self.title} ({count}; .frame() gives the table, .svg() the drawing)"

    def _repr_html_(self) -> str:
        return str(Markup("<figure><figcaption>{}</figcaption>{}</figure>").format(self.title, Markup(self.drawing)))  # noqa: S704


def drawing(label: str, height: float, marks: Sequence[Markup]) -> str:
    """One SVG element as wide as its place.

    Parameters
    ----------
    label : str
        What a screen reader says.
    height : float
        In pixels.
    marks : sequence of Markup
        What is in it.

    Returns
    -------
    str
        SVG text.
    """
    head = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" aria-label="{}" width="100%" height="{:.0f}" '
        'font-family="inherit" font-size="13">'
    ).format(label, height)
    return str(head + Markup("").join(marks) + Markup("</svg>"))


def _colour(name: str) -> str:
    return f"var(--{name},{_COLOURS[name]})"


def rect(
    x: float, y: float, width: float, height: float, colour: str, *, title: str = "", opacity: float = 1.0
) -> Markup:
    """A bar.

    Parameters
    ----------
    x, width : float
        In percent.
    y, height : float
        In pixels.
    colour : str
        Name of a colour.
    title : str, default=""
        What the pointer shows.
    opacity : float, default=1.0
        0 to 1.

    Returns
    -------
    Markup
        SVG text.
    """
    mark = Markup('<rect x="{:.2f}%" y="{:.1f}" width="{:.2f}%" height="{:.1f}" rx="2" style="fill:{}{}">{}</rect>')
    tint = "" if opacity == 1.0 else f";opacity:{opacity:.3f}"
    return mark.format(x, y, max(width, 0.0), height, _colour(colour), tint, _title(title))


def line(x1: float, y1: float, x2: float, y2: float, colour: str, *, dashed: bool = False, width: float = 1) -> Markup:
    """A straight line.

    Parameters
    ----------
    x1, x2 : float
        In percent.
    y1, y2 : float
        In pixels.
    colour : str
        Name of a colour.
    dashed : bool, default=False
        Whether it is a reference line.
    width : float, default=1
        In pixels.

    Returns
    -------
    Markup
        SVG text.
    """
    mark = Markup('<line x1="{:.2f}%" y1="{:.1f}" x2="{:.2f}%" y2="{:.1f}" style="stroke:{};stroke-width:{}"{}/>')
    dashes = Markup(' stroke-dasharray="4 4"') if dashed else Markup("")
    return mark.format(x1, y1, x2, y2, _colour(colour), width, dashes)


def circle(x: float, y: float, radius: float, colour: str, *, title: str = "") -> Markup:
    """A point.

    Parameters
    ----------
    x : float
        In percent.
    y, radius : float
        In pixels.
    colour : str
        Name of a colour.
    title : str, default=""
        What the pointer shows.

    Returns
    -------
    Markup
        SVG text.
    """
    mark = Markup('<circle cx="{:.2f}%" cy="{:.1f}" r="{:.1f}" style="fill:{};stroke:var(--card,#fff)">{}</circle>')
    return mark.format(x, y, radius, _colour(colour), _title(title))


def text(x: float, y: float, words: str, *, colour: str = "ink", anchor: str = "start", strong: str = "") -> Markup:
    """Words.

    Parameters
    ----------
    x : float
        In percent.
    y : float
        Base line, in pixels.
    words : str
        What to write.
    colour : str, default="ink"
        Name of a colour.
    anchor : {"start", "middle", "end"}, default="start"
        Which end stands at ``x``.
    strong : str, default=""
        Words that follow in bold.

    Returns
    -------
    Markup
        SVG text.
    """
    mark = Markup('<text x="{:.2f}%" y="{:.1f}" text-anchor="{}" style="fill:{}">{}{}</text>')
    gap = Markup(' dx="8"') if words else ""
    bold = Markup('<tspan{} style="fill:{};font-weight:650">{}</tspan>').format(gap, _colour("ink"), strong)
    return mark.format(x, y, anchor, _colour(colour), words, bold if strong else "")


def shortened(words: str, most: int) -> str:
    """Words cut in their middle, as what tells two of them apart often stands at the end.

    Parameters
    ----------
    words : str
        Such as a label.
    most : int
        Letters of the result.

    Returns
    -------
    str
        The words as they are, or beginning and end with an ellipsis between.

    Examples
    --------
    >>> shortened("amount of orders or deals in the last 365 days", 40)
    'amount of orders or … the last 365 days'
    """
    if len(words) <= most:
        return words
    half = (most - 3) // 2
    start, end = words[: most - 2 - half].rpartition(" ")[0], words[-half - 1 :].partition(" ")[2]
    return f"{start or words[: most - 3 - half]} … {end or words[-half:]}"


def curve(points: Sequence[tuple[float, float]], top: float, height: float) -> Markup:
    """A line through points, with the area under it tinted.

    Parameters
    ----------
    points : sequence of (float, float)
        Both in [0, 1], the second upwards.
    top, height : float
        Place of the plot, in pixels.

    Returns
    -------
    Markup
        SVG text.
    """
    path = " ".join(f"{100 * x:.2f},{100 - 100 * y:.2f}" for x, y in points)
    first, last = 100 * points[0][0], 100 * points[-1][0]
    mark = Markup(
        '<svg y="{:.1f}" width="100%" height="{:.1f}" viewBox="0 0 100 100" preserveAspectRatio="none">'
        '<polygon points="{:.2f},100 {} {:.2f},100" style="fill:{};opacity:.45"/>'
        '<polyline points="{}" vector-effect="non-scaling-stroke" style="fill:none;stroke:{};stroke-width:2.5"/></svg>'
    )
    return mark.format(top, height, first, path, last, _colour("soft"), path, _colour("accent"))


def dots(points: Sequence[tuple[float, float]], top: float, height: float, colour: str) -> Markup:
    """Many small points of one colour as one mark, so that a thousand of them stay small.

    Parameters
    ----------
    points : sequence of (float, float)
        Across in percent, down in pixels from ``top``.
    top, height : float
        Place of the plot, in pixels.
    colour : str
        Name of a colour.

    Returns
    -------
    Markup
        SVG text.
    """
    places = "".join(f"M{x:.1f} {y:.1f}h.01" for x, y in points)
    mark = Markup(
        '<svg y="{:.1f}" width="100%" height="{:.0f}" viewBox="0 0 100 {:.0f}" preserveAspectRatio="none" '
        'style="overflow:visible"><path d="{}" vector-effect="non-scaling-stroke" '
        'style="fill:none;stroke:{};stroke-width:5.5;stroke-linecap:round;opacity:.85"/></svg>'
    )
    return mark.format(top, height, height, places, _colour(colour))


def path(
    points: Sequence[tuple[float, float]], top: float, height: float, colour: str, *, dashed: bool = False
) -> Markup:
    """A line through points.

    Parameters
    ----------
    points : sequence of (float, float)
        Both in [0, 1], the second upwards.
    top, height : float
        Place of the plot, in pixels.
    colour : str
        Name of a colour.
    dashed : bool, default=False
        Whether it is drawn in dashes.

    Returns
    -------
    Markup
        SVG text.
    """
    places = " ".join(f"{100 * x:.2f},{100 - 100 * y:.2f}" for x, y in points)
    mark = Markup(
        '<svg y="{:.1f}" width="100%" height="{:.1f}" viewBox="0 0 100 100" preserveAspectRatio="none">'
        '<polyline points="{}" vector-effect="non-scaling-stroke" style="fill:none;stroke:{};stroke-width:2"{}/></svg>'
    )
    dashes = Markup(' stroke-dasharray="6 4"') if dashed else Markup("")
    return mark.format(top, height, places, _colour(colour), dashes)


def _title(words: str) -> Markup:
    return Markup("<title>{}</title>").format(words) if words else escape("")
