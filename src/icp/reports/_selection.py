"""The picture of who gets selected, by sensitive group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from icp.reports._bars import Bar, bar_chart
from icp.reports._figure import Figure
from icp.reports._format import UNKNOWN, count, percent, ratio

__all__ = ["selection_figure"]

_COLUMNS = (
    "group", "n", "share_a", "a_low", "a_high", "a_ratio", "a_ratio_low", "a_ratio_high", "share_ab", "ab_low",
    "ab_high", "ab_ratio", "ab_ratio_low", "ab_ratio_high", "rate", "rate_low", "rate_high", "mean_propensity",
)  # fmt: skip
_RATIOS = frozenset(name for name in _COLUMNS if "ratio" in name)


def selection_figure(table: Mapping[str, Any], *, name: str = "selection") -> Figure:
    """Share of each group of a sensitive column in tier A or B, with interval.

    Parameters
    ----------
    table : mapping
        One entry of the card's ``selection``.
    name : str, default="selection"
        Name of the figure.

    Returns
    -------
    Figure
        Horizontal bars; the line marks four fifths of the share of the group selected most often.
    """
    groups = list(table.get("groups") or [])
    title = f"Selected, by {table.get('label') or table.get('column') or UNKNOWN}"
    rows = tuple(tuple(group.get(column) for column in _COLUMNS) for group in groups)
    shown = tuple(
        (
            str(g.get("group") or UNKNOWN), count(g.get("n")),
            *(ratio(g.get(name)) if name in _RATIOS else percent(g.get(name)) for name in _COLUMNS[2:]),
        )
        for g in groups
    )  # fmt: skip
    highest = max((g.get("share_ab") or 0.0 for g in groups), default=0.0)
    bars = [
        Bar(str(g.get("group") or UNKNOWN), g.get("share_ab"), f"observed rate {percent(g.get('rate'))} of "
             f"{count(g.get('n'))}", percent(g.get("share_ab")), g.get("ab_low"), g.get("ab_high"),
             "accent" if g.get("group") == table.get("reference") else "quiet")
        for g in groups
    ]  # fmt: skip
    label = f"{title}: share in tier A or B with 95 % interval; the line is 0.8 of the highest share."
    return Figure(name, title, label, _COLUMNS, rows, shown, bar_chart(label, bars, reference=0.8 * highest or None))
