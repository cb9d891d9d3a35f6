"""The picture of who gets selected, by sensitive group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from icp.reports._bars import Bar, bar_chart
from icp.reports._figure import Figure
from icp.reports._format import UNKNOWN, count, interval, percent, ratio

__all__ = ["proxy_words", "selection_figure"]

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


def proxy_words(table: Mapping[str, Any]) -> str:
    """Whether the traits of the model give a sensitive column away that was set aside.

    Parameters
    ----------
    table : mapping
        One entry of the card's ``selection``.

    Returns
    -------
    str
        One sentence; empty where it was not looked at.
    """
    told = table.get("proxy") or {}
    ways = [told[how] for how in ("alone", "together") if told.get(how)]
    if not ways:
        return ""
    shown = next((way for way in ways if way.get("given_away")), None)
    if shown is None:
        most = max((way.get("auc") or 0.0 for way in ways), default=0.0)
        return f"No trait, nor three together, gives these groups away (AUC {ratio(most)} at most; 0.50 is chance)."
    names = [str(label) for label in shown.get("labels") or []]
    who = f"{names[0]} alone tells" if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]} together tell"
    ends = interval(shown.get("auc_low"), shown.get("auc_high"), ratio)
    return (
        f"Given away by other traits: {who} {told.get('group')} from the others (AUC {ratio(shown.get('auc'))}, 95 % "
        f"{ends}; 0.50 is chance), so the model can know what it was not given."
    )
