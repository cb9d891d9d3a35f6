"""The page as objects for a notebook: each part gives its table, draws its figures and shows itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from icp.reports import _format
from icp.reports._bars import Bar, bar_chart
from icp.reports._figure import Figure
from icp.reports._page import figures_by_name
from icp.reports._summary import is_leak, summarise

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Report", "ReportPart"]

Row = Mapping[str, Any]
_FINDING = ("severity", "code", "column", "n_rows", "action", "message")
_METRICS = (
    "lift_at_10", "precision_at_10", "capture_at_10", "auc", "average_precision", "calibration_slope", "log_loss",
    "brier",
)  # fmt: skip
_TIER, _SELECTION = ("tier", "n", "best", "rate", "low", "high"), ("column", "label", "reference")
_PROFILE = ("id", "name", "n", "share", "rate", "value", "stability")


@dataclass(frozen=True)
class ReportPart:
    """One part of the page.

    Parameters
    ----------
    title : str
        Heading.
    columns : tuple of str
        Of its table.
    rows : tuple of tuple
        Raw values.
    figures : tuple of Figure
        As on the page; may be empty where nothing was measured.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    figures: tuple[Figure, ...] = ()

    def frame(self) -> pd.DataFrame:
        """The part as a table.

        Returns
        -------
        DataFrame
            Raw values, one row each.
        """
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=list(self.columns))

    def plot(self, name: str = "") -> Figure:
        """One of the figures.

        Parameters
        ----------
        name : str, default=""
            Its name, such as ``"calibration"``; empty takes the first.

        Returns
        -------
        Figure
            With ``svg()`` and ``frame()``.

        Raises
        ------
        KeyError
            There is no such figure; says which there are.
        """
        for figure in self.figures:
            if name in ("", figure.name):
                return figure
        there = ", ".join(figure.name for figure in self.figures) or "none: nothing was measured"
        raise KeyError(f"no figure '{name}' in '{self.title}'; there are {there}")

    def _repr_html_(self) -> str:
        drawn = Markup("").join(Markup(figure._repr_html_()) for figure in self.figures[:3])  # noqa: S704  escaped there
        table = Markup(self.frame().to_html(index=False, border=0, max_rows=30, escape=True))  # noqa: S704  escaped there
        return str(Markup("<section><h3>{}</h3>{}{}</section>").format(self.title, drawn, table))


@dataclass(frozen=True)
class Report:
    """What the page of a version shows, part by part; made by :meth:`of`.

    Parameters
    ----------
    summary, definition, profiles, drivers, ranking, tiers, selection, leakage, findings, columns, model : ReportPart
        In the order of the page.
    """

    summary: ReportPart
    definition: ReportPart
    profiles: ReportPart
    drivers: ReportPart
    ranking: ReportPart
    tiers: ReportPart
    selection: ReportPart
    leakage: ReportPart
    findings: ReportPart
    columns: ReportPart
    model: ReportPart

    @classmethod
    def of(cls, card: Row, findings: Sequence[Row] | None = None) -> Report:
        """The parts of a card.

        Parameters
        ----------
        card : mapping
            What training stored with the model; keys may be missing and numbers null.
        findings : sequence of mapping, default=None
            As in ``findings.json``; None takes those of the card.

        Returns
        -------
        Report
            Nothing in it is computed anew.

        Examples
        --------
        >>> report = Report.of({"profiles": [{"id": "P1", "name": "Software", "n": 40, "share": 0.4}]})
        >>> report.profiles.frame()[["id", "n"]].to_dict("records")
        [{'id': 'P1', 'n': 40}]
        """
        card = _format.clean(card)
        told = _format.clean(list(card.get("findings") or [] if findings is None else findings))
        drawn = figures_by_name(card)
        said = summarise(card, told)
        steps = tuple((f"step {i}", step.title, step.text) for i, step in enumerate(said.steps, 1))
        leaks, problems = ([one for one in told if is_leak(one) == leak] for leak in (True, False))
        data = card.get("data") or {}
        return cls(
            ReportPart(said.headline, ("what", "value", "note"), (*said.facts, *steps), _drawn(drawn, "gain", "tiers")),
            _definition(card),
            _listed("Profiles", card.get("profiles"), _PROFILE, _drawn(drawn, "profiles")),
            _listed(
                "What moves the score", card.get("drivers"), ("trait", "label", "side", "importance", "share"),
                _drawn(drawn, "swarm", "importance", "drivers", "dependence"),
            ),
            _ranking(card, _drawn(drawn, "gain", "deciles", "calibration", "value")),
            _listed("Tiers", card.get("tiers"), _TIER, _drawn(drawn, "tiers", "grid")),
            _listed("Who gets selected", card.get("selection"), _SELECTION, _drawn(drawn, "selection")),
            _told("Leakage", leaks),
            _told("Data problems", problems),
            _counted("Columns", data.get("columns"), ("name", "role", "kind", "used", "reason"), "role"),
            _model(card),
        )  # fmt: skip

    def frame(self) -> pd.DataFrame:
        """The parts there are.

        Returns
        -------
        DataFrame
            ``part``, ``title``, ``rows`` and ``figures`` of each.
        """
        import pandas as pd

        parts = [(one.name, getattr(self, one.name)) for one in fields(self)]
        rows = [(name, part.title, len(part.rows), ", ".join(f.name for f in part.figures)) for name, part in parts]
        return pd.DataFrame(rows, columns=["part", "title", "rows", "figures"])

    def plot(self) -> Figure:
        """The first figure of the page.

        Returns
        -------
        Figure
            How many best customers are found by working the list from the top, where that was measured.
        """
        return self.summary.plot()

    def _repr_html_(self) -> str:
        return f"{self.summary._repr_html_()}{self.frame().to_html(index=False, border=0)}"


def _drawn(drawn: Mapping[str, Any], *names: str) -> tuple[Figure, ...]:
    found: list[Figure] = []
    for name in names:
        one = drawn.get(name)
        found += [figure for figure in (one if isinstance(one, list) else [one]) if figure is not None]
    return tuple(found)


def _listed(
    title: str, rows: Sequence[Row] | None, columns: tuple[str, ...], figures: tuple[Figure, ...]
) -> ReportPart:
    return ReportPart(title, columns, tuple(tuple(row.get(key) for key in columns) for row in rows or []), figures)


def _counted(title: str, rows: Sequence[Row] | None, columns: tuple[str, ...], by: str) -> ReportPart:
    """A list with a picture of how many there are of each kind."""
    counts: dict[str, int] = {}
    for row in rows or []:
        counts[str(row.get(by))] = counts.get(str(row.get(by)), 0) + 1
    figure = _bars(f"{title.lower().replace(' ', '_')}_by_{by}", f"{title} by {by}", counts)
    return _listed(title, rows, columns, (figure,) if counts else ())


def _told(title: str, findings: Sequence[Row]) -> ReportPart:
    return _counted(title, findings, _FINDING, "severity")


def _definition(card: Row) -> ReportPart:
    found = card.get("definition") or {}
    populations = {
        "accounts read": (card.get("data") or {}).get("n_accounts"),
        "could become best": found.get("n_eligible"),
        "became best": found.get("n_attained"),
        "did not": found.get("n_attrited"),
        "not known yet": found.get("n_unlabelled"),
    }
    facts = (("text", found.get("text")), ("recipe", found.get("recipe")), ("version", found.get("version")))
    known = {name: n for name, n in populations.items() if n is not None}
    figures = (_bars("populations", "Populations", known),) if known else ()
    return ReportPart("What best means", ("what", "value"), (*facts, *populations.items()), figures)


def _ranking(card: Row, figures: tuple[Figure, ...]) -> ReportPart:
    found = card.get("metrics") or {}
    rows = tuple((key, found.get(key), found.get(f"{key}_low"), found.get(f"{key}_high")) for key in _METRICS)
    return ReportPart("How well the list ranks", ("measure", "value", "low", "high"), rows, figures)


def _model(card: Row) -> ReportPart:
    found = card.get("model") or {}
    weights = {key: found[key] for key in ("linear_weight", "forest_weight") if found.get(key) is not None}
    figures = (_bars("weights", "Weights of the parts", weights, _format.ratio),) if weights else ()
    facts = {"name": card.get("name"), "as_of": card.get("as_of"), "package_version": card.get("package_version")}
    return ReportPart("Model card", ("what", "value"), tuple((facts | dict(found)).items()), figures)


def _bars(name: str, title: str, values: Mapping[str, Any], say: Any = _format.count) -> Figure:
    rows = tuple(values.items())
    shown = tuple((key, say(value)) for key, value in rows)
    bars = [Bar(key, float(value), "", say(value), colour="quiet") for key, value in rows]
    return Figure(name, title, title, ("what", "value"), rows, shown, bar_chart(title, bars))
