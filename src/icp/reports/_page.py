"""The page: the card's content put into one self-contained HTML file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import TemplateError
from markupsafe import Markup

from icp.reports import _charts, _format
from icp.reports._accounts import AccountList
from icp.reports._changes import changes_section
from icp.reports._figure import Figure
from icp.reports._meaning import confidence_words, grid_figure, value_figure, value_words
from icp.reports._release import release_section
from icp.reports._selection import proxy_words, selection_figure
from icp.reports._summary import is_leak, severities, signoff_words, summarise
from icp.reports._swarm import dependence_figure, swarm_figure
from icp.reports._templates import asset, environment, script_hash
from icp.reports._versions import VersionComparison

__all__ = ["build_report", "figures", "figures_by_name"]

_ORDER = {"issue": 0, "warning": 1, "note": 2}
_DRIVERS_IN_FULL = 6
_GATE_NAMES = {
    "auc": "AUC (more is better)",
    "log_loss": "Log loss (less is better)",
    "brier": "Brier score (less is better)",
    "lift_at_10": "Lift in the top 10 %",
    "value_capture_at_10": "Share of the money in the top 10 %",
}


def build_report(
    card: Mapping[str, Any],
    findings: Sequence[Mapping[str, Any]] = (),
    *,
    title: str = "",
    model_version: str = "",
    gate: Mapping[str, Any] | None = None,
    examples: Sequence[Mapping[str, Any]] = (),
    accounts: AccountList | None = None,
    changes: Mapping[str, Any] | None = None,
    versions: VersionComparison | None = None,
    release: Mapping[str, Any] | None = None,
    said: Sequence[Mapping[str, Any]] = (),
) -> str:
    """One HTML page that says what a model found, how sure it is, and what to do.

    Parameters
    ----------
    card : mapping
        What training stored with the model: plain JSON values; keys may be missing, lists empty and numbers null.
    findings : sequence of mapping, default=()
        As in ``findings.json``.
    title : str, default=""
        Heading of the page; the model's name when empty.
    model_version : str, default=""
        Version shown beside it.
    gate : mapping, default=None
        As in ``gate.json``: how the version stood against the champion; None shows no such section.
    examples : sequence of mapping, default=()
        Rows of ``examples.csv``, for a page that is not registered: they name accounts.
    accounts : AccountList, default=None
        The best of a scored list, for such a page too; None shows no list.
    changes : mapping, default=None
        As in ``profile_changes.json``: what became of the profiles of the version before; no section without one.
    versions : VersionComparison, default=None
        This version beside another; None shows no such section.
    release : mapping, default=None
        As in ``release_note.json``: what was proposed and said before, with its answers; a section where there is any.
    said : sequence of mapping, default=()
        Rows of ``release_accounts.csv``, for a page that is not registered.

    Returns
    -------
    str
        A complete page: no request leaves it, a content security policy forbids any, and every text of the user's data
        is escaped. The same card gives the same bytes.

    Raises
    ------
    ValueError, TypeError, KeyError, AttributeError, IndexError, ArithmeticError
        The card holds something else where a mapping, a list or a number belongs.

    Examples
    --------
    >>> page = build_report({"name": "leads"}, title="<b>Leads</b>")
    >>> page.startswith("<!doctype html>"), "&lt;b&gt;Leads" in page
    (True, True)
    """
    card = _format.clean(card)
    findings = sorted(_format.clean(list(findings)), key=lambda finding: _ORDER.get(str(finding.get("severity")), 3))
    leaks, problems = ([one for one in findings if is_leak(one) == leak] for leak in (True, False))
    metrics, data = card.get("metrics") or {}, card.get("data") or {}
    try:
        return environment().get_template("report.html.j2").render(
            title=_format.clean(title) or card.get("name") or "Best customers",
            model_version=_format.clean(model_version),
            style=Markup(asset("report.css")),  # noqa: S704  our own file
            script=Markup(asset("report.js")),  # noqa: S704  our own file
            script_hash=script_hash(),
            card=card,
            definition=card.get("definition") or {},
            signoff_words=signoff_words(card),
            data=data,
            metrics=metrics,
            model=card.get("model") or {},
            base=card.get("base") or {},
            problems=problems,
            problem_severities=severities(problems),
            leaks=leaks,
            quarantined=card.get("quarantined"),
            summary=summarise(card, findings),
            figures=figures_by_name(card),
            value_words=value_words(card.get("value") or {}),
            confidence_words=confidence_words((card.get("confidence") or {}).get("levels") or []),
            proxies=[proxy_words(table) for table in card.get("selection") or []],
            gate=_format.clean(gate),
            gate_rows=_gate_rows(gate),
            n_full=_DRIVERS_IN_FULL,
            briefs={str(row.get("profile_id")): row for row in card.get("briefs") or []},
            examples=_by_profile(_format.clean(list(examples))),
            versions=None if versions is None else Markup(versions.section()),  # noqa: S704  our own template
            accounts=None if accounts is None else Markup(accounts.section()),  # noqa: S704  our own template
            release=Markup(release_section(release or {}, said)),  # noqa: S704  our own template
            changes=Markup(changes_section(changes or {})),  # noqa: S704  escaped where it is made
        )  # fmt: skip
    except TemplateError as error:
        raise ValueError(f"the card holds what no page can be made of: {error}") from error


def _by_profile(examples: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in examples:
        found.setdefault(str(row.get("profile_id")), []).append(row)
    return found


def _gate_rows(gate: Mapping[str, Any] | None) -> list[dict[str, str]]:
    """The differences to the champion as cells."""
    rows = ((gate or {}).get("comparison") or {}).get("differences") or []
    return [
        {
            "name": _GATE_NAMES.get(str(row["figure"]), str(row["figure"])),
            "a": f"{row['a']:.4f}",
            "b": f"{row['b']:.4f}",
            "difference": f"{row['difference']:+.4f}",
            "interval": _format.UNKNOWN if row["low"] is None else f"{row['low']:+.4f} to {row['high']:+.4f}",
            "detectable": _format.UNKNOWN if row["detectable"] is None else f"{row['detectable']:.4f}",
        }
        for row in rows
    ]


def figures(card: Mapping[str, Any]) -> list[Figure]:
    """Every figure of the report, to be shown in a notebook or written as files.

    Parameters
    ----------
    card : mapping
        As in :func:`build_report`.

    Returns
    -------
    list of Figure
        Each with a ``name`` of its own, ``svg()`` and ``frame()``; lists the card leaves empty give none.
    """
    found: list[Figure] = []
    for drawn in figures_by_name(_format.clean(card)).values():
        found += [one for one in (drawn if isinstance(drawn, list) else [drawn]) if one is not None]
    return found


def figures_by_name(card: Mapping[str, Any]) -> dict[str, Any]:
    """Every figure of the page.

    Parameters
    ----------
    card : mapping
        Cleaned.

    Returns
    -------
    dict of str to Figure, list of Figure or None
        None where the card holds nothing to draw.
    """
    base_rate, tested = ((card.get(part) or {}).get("base_rate") for part in ("data", "metrics"))
    profiles, drivers = card.get("profiles") or [], card.get("drivers") or []
    base_name = str((card.get("base") or {}).get("name") or "all accounts")
    indexes = [trait.get("index") or 0.0 for profile in profiles for trait in profile.get("traits") or []]
    highest = max([*indexes, 100.0]) * 1.1
    gain, deciles = card.get("gain") or [], card.get("deciles") or []
    calibration, tiers = card.get("calibration") or [], card.get("tiers") or []
    grid, captured = card.get("grid") or [], (card.get("value") or {}).get("captured") or {}
    return {
        "profiles": [
            _charts.profile_figure(profile, base_name=base_name, highest=highest, name=f"profile_{i:02d}")
            for i, profile in enumerate(profiles, 1)
        ],
        "importance": _charts.importance_figure(drivers) if drivers else None,
        "drivers": [
            _charts.driver_figure(driver, base_rate=base_rate, name=f"driver_{i:02d}")
            for i, driver in enumerate(drivers, 1)
        ],
        "swarm": swarm_figure(drivers),
        "dependence": [
            dependence_figure(driver, name=f"dependence_{i:02d}")
            for i, driver in enumerate(drivers[:_DRIVERS_IN_FULL], 1)
        ],
        "gain": _charts.gain_figure(gain) if gain else None,
        "deciles": _charts.decile_figure(deciles, base_rate=tested) if deciles else None,
        "calibration": _charts.calibration_figure(calibration) if calibration else None,
        "tiers": _charts.tier_figure(tiers, base_rate=tested) if tiers else None,
        "grid": grid_figure(grid) if grid else None,
        "value": value_figure(captured) if captured else None,
        "selection": [
            selection_figure(table, name=f"selection_{i:02d}") for i, table in enumerate(card.get("selection") or [], 1)
        ],
    }
