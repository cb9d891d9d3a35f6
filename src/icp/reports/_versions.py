"""Two versions of a model side by side: what each calls best, how well it ranks, whom and what it found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from icp.reports import _format
from icp.reports._bars import Bar, bar_chart
from icp.reports._figure import Figure
from icp.reports._format import UNKNOWN, count, interval, number, percent, ratio, times
from icp.reports._summary import signoff_words
from icp.reports._templates import environment

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["VersionComparison"]

Row = Mapping[str, Any]
_FIGURES: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("Rate of best customers", "base_rate", percent),
    ("Lift in the top 10 %", "lift_at_10", times),
    ("Rate in the top 10 %", "precision_at_10", percent),
    ("Found in the top 10 %", "capture_at_10", percent),
    ("AUC (0.50 is chance)", "auc", ratio),
    ("Average precision", "average_precision", ratio),
    ("Calibration slope (1 is right)", "calibration_slope", ratio),
    ("Log loss (less is better)", "log_loss", number),
    ("Brier score (less is better)", "brier", number),
)
_TOP_DRIVERS = 12


@dataclass(frozen=True)
class VersionComparison:
    """Two versions side by side, from the cards that both store.

    Parameters
    ----------
    other, this : mapping
        The cards.
    names : tuple of (str, str)
        What the two are called, in the same order.

    Examples
    --------
    >>> other = {"metrics": {"auc": 0.71}, "profiles": [{"id": "P1", "name": "Software", "n": 40}]}
    >>> this = {"metrics": {"auc": 0.75}, "profiles": [{"id": "P2", "name": "Retail", "n": 30}]}
    >>> found = VersionComparison(other, this, ("leads-1", "leads-2"))
    >>> found.frame().query("part == 'profiles'")[["name", "other", "this"]].to_dict("records")
    [{'name': 'P1', 'other': 40, 'this': None}, {'name': 'P2', 'other': None, 'this': 30}]
    """

    other: Row
    this: Row
    names: tuple[str, str] = ("other", "this")
    _sides: tuple[Row, Row] = field(init=False, repr=False, compare=False, default=({}, {}))

    def __post_init__(self) -> None:
        object.__setattr__(self, "_sides", (_format.clean(dict(self.other)), _format.clean(dict(self.this))))

    def frame(self) -> pd.DataFrame:
        """Everything compared, as one table.

        Returns
        -------
        DataFrame
            Columns ``part`` (``figures``, ``profiles``, ``drivers``, ``columns``, ``findings``), ``name``, ``other``,
            ``other_low``, ``other_high``, ``this``, ``this_low``, ``this_high``: values of figures, best customers of
            profiles, shares of the score's movement of drivers, 1 for a column used or a finding told, and nothing
            where a version does not have it.
        """
        import pandas as pd

        rows: list[tuple[Any, ...]] = []
        for _, key, _ in _FIGURES:
            sides = [self._metrics(side) for side in (0, 1)]
            cells = [side.get(f"{key}{end}") for side in sides for end in ("", "_low", "_high")]
            rows.append(("figures", key, *cells))
        parts: tuple[tuple[str, list[dict[str, Any]]], ...] = (
            ("profiles", [{one["id"]: one.get("n") for one in self._list(side, "profiles")} for side in (0, 1)]),
            ("drivers", [{one["trait"]: one.get("share") for one in self._list(side, "drivers")} for side in (0, 1)]),
            ("columns", [dict.fromkeys(self._used(side), 1) for side in (0, 1)]),
            ("findings", [dict.fromkeys(map(" ".join, self._findings(side)), 1) for side in (0, 1)]),
        )
        for part, (other, this) in parts:
            rows += [(part, name, other.get(name), None, None, this.get(name), None, None) for name in other | this]
        columns = ["part", "name", "other", "other_low", "other_high", "this", "this_low", "this_high"]
        return pd.DataFrame(rows, columns=columns, dtype=object)

    def sentence(self) -> str:
        """What stands beside what, for a terminal.

        Returns
        -------
        str
            Says so where both are the same version.
        """
        other, this = map(_format.clean, self.names)
        if other == this:
            return f"compared: {this} with itself; name another version in report.compare"
        return f"compared: {this} with {other}"

    def plot(self) -> Figure:
        """Lift of both in the top tenth, each on accounts it had not seen.

        Returns
        -------
        Figure
            Two horizontal bars with intervals; the line is chance.
        """
        rows, bars = [], []
        for side, name in enumerate(self.names):
            found = self._metrics(side)
            value, low, high = (found.get(f"lift_at_10{end}") for end in ("", "_low", "_high"))
            rows.append((_format.clean(name), value, low, high, found.get("n_test")))
            colour = "accent" if side else "quiet"
            bars.append(Bar(_format.clean(name), value, interval(low, high, times), times(value), low, high, colour))
        shown = tuple(
            (str(name), times(value), times(low), times(high), count(n)) for name, value, low, high, n in rows
        )
        label = "Lift in the best tenth of each version with 95 % interval; the upright line is chance."
        columns = ("version", "lift", "low", "high", "accounts")
        svg = bar_chart(label, bars, reference=1.0)
        return Figure("versions_lift", "Lift in the top 10 %", label, columns, tuple(rows), shown, svg)

    def section(self) -> str:
        """The comparison as a section of a page.

        Returns
        -------
        str
            One ``<section id="versions">``, every text escaped; styles are those of the report.
        """
        definitions = [side.get("definition") or {} for side in self._sides]
        told = [self._findings(side) for side in (0, 1)]
        return environment().get_template("versions.html.j2").render(
            names=_format.clean(list(self.names)),
            same=self.names[0] == self.names[1],
            changed=definitions[0].get("text") != definitions[1].get("text"),
            facts=self._facts(definitions),
            figure_of_lift=self.plot(),
            metrics=self._metric_rows(),
            profiles=self._profile_rows(),
            drivers=self._driver_rows(),
            gained=sorted(self._used(1) - self._used(0)),
            lost=sorted(self._used(0) - self._used(1)),
            new=[found for key, found in told[1].items() if key not in told[0]],
            gone=[found for key, found in told[0].items() if key not in told[1]],
        )  # fmt: skip

    def _repr_html_(self) -> str:
        return self.section()

    def _metrics(self, side: int) -> Row:
        found: Row = self._sides[side].get("metrics") or {}
        return found

    def _list(self, side: int, key: str) -> Sequence[Row]:
        found: Sequence[Row] = self._sides[side].get(key) or []
        return found

    def _used(self, side: int) -> set[str]:
        columns = (self._sides[side].get("data") or {}).get("columns") or []
        return {str(column["name"]) for column in columns if column.get("used")}

    def _findings(self, side: int) -> dict[tuple[str, str], Row]:
        """What a version was told, by code and column: the words of a finding may change with its numbers."""
        return {(str(one.get("code")), str(one.get("column") or "")): one for one in self._list(side, "findings")}

    def _facts(self, definitions: Sequence[Row]) -> list[tuple[str, str, str]]:
        data = [side.get("data") or {} for side in self._sides]
        rows = [
            ("Best customer", [one.get("text") or UNKNOWN for one in definitions]),
            ("Version of the definition", [one.get("version") or UNKNOWN for one in definitions]),
            ("Sign-off", [signoff_words(side) for side in self._sides]),
            ("As of", [side.get("as_of") or UNKNOWN for side in self._sides]),
            ("Labelled accounts", [count(one.get("n_labelled")) for one in data]),
            ("Best customers", [f"{count(one.get('n_best'))} ({percent(one.get('base_rate'))})" for one in data]),
            ("Judged on", [f"{count(self._metrics(side).get('n_test'))} accounts" for side in (0, 1)]),
        ]
        return [(name, str(cells[0]), str(cells[1])) for name, cells in rows]

    def _metric_rows(self) -> list[tuple[str, list[str]]]:
        rows = []
        for name, key, say in _FIGURES:
            cells: list[str] = []
            for side in (0, 1):
                found = self._metrics(side)
                low, high = found.get(f"{key}_low"), found.get(f"{key}_high")
                cells += [say(found.get(key)), "" if low is None else interval(low, high, say)]
            rows.append((name, cells))
        return rows

    def _profile_rows(self) -> list[tuple[str, list[Row | None]]]:
        by_id = [{str(one.get("id")): one for one in self._list(side, "profiles")} for side in (0, 1)]
        return [(key, [by_id[0].get(key), by_id[1].get(key)]) for key in sorted(by_id[0] | by_id[1], key=_natural)]

    def _driver_rows(self) -> list[tuple[str, str, str, str]]:
        """The traits that move either score most, with their places in both."""
        ranked = [
            {str(one["trait"]): (place, one) for place, one in enumerate(self._list(side, "drivers"), 1)}
            for side in (0, 1)
        ]
        leading = [key for side in (1, 0) for key, (place, _) in ranked[side].items() if place <= _TOP_DRIVERS]
        rows = []
        for key in dict.fromkeys(leading):
            cells = [
                f"{percent(ranked[side][key][1].get('share'))} (place {ranked[side][key][0]})"
                if key in ranked[side]
                else UNKNOWN
                for side in (0, 1)
            ]
            entry = (ranked[1].get(key) or ranked[0][key])[1]
            rows.append((str(entry.get("label") or key), cells[0], cells[1], str(entry.get("side") or UNKNOWN)))
        return rows


def _natural(profile_id: str) -> tuple[int, str]:
    """``P2`` before ``P10``."""
    return len(profile_id), profile_id
