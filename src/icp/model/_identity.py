"""Profiles keep their ids and names from version to version: matched through the accounts of today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icp._progress import step
from icp._wording import percent
from icp.bundle import Bundle
from icp.engines import traits_frame
from icp.errors import ICPError
from icp.model._known import Known
from icp.model._naming import give_names
from icp.profiles import Former, Link, ProfileSet, nearest, next_ids, trace
from icp.tables import DatedTable, Finding

__all__ = ["CHANGE_COLUMNS", "MIGRATION_COLUMNS", "ProfileChanges", "keep_identity"]

CHANGE_COLUMNS = (
    "event", "id_before", "name_before", "id", "name", "n", "share_before", "share", "suggested_name"
)  # fmt: skip
"""Columns of ``profile_changes.csv``."""

MIGRATION_COLUMNS = ("id_before", "name_before", "id", "name", "n", "share_before", "share")
"""Columns of ``profile_migration.csv``."""

STEADY = 0.95
"""Share of accounts that keep their profile under which profiles are called unstable."""

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class ProfileChanges:
    """What became of the profiles of an earlier version.

    Parameters
    ----------
    against : str
        The earlier version; empty where there was none.
    n, n_kept : int
        Best customers of today, and those whose profile has the id that it has for them by the earlier version.
    events : tuple of mapping
        Rows of ``profile_changes.csv``.
    migration : tuple of mapping
        Rows of ``profile_migration.csv``.
    findings : tuple of Finding
        ``ICP250`` to ``ICP254``; not in the card of the model, whose content does not depend on how it came about.
    """

    against: str = ""
    n: int = 0
    n_kept: int = 0
    events: tuple[Mapping[str, Any], ...] = ()
    migration: tuple[Mapping[str, Any], ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def share_kept(self) -> float | None:
        """Share of today's best customers that keep their profile; None without an earlier version."""
        return self.n_kept / self.n if self.n else None

    def frame(self) -> pd.DataFrame:
        """One row per event.

        Returns
        -------
        DataFrame
            Columns :data:`CHANGE_COLUMNS`.
        """
        return pd.DataFrame(list(self.events), columns=list(CHANGE_COLUMNS))

    def migration_frame(self) -> pd.DataFrame:
        """How many accounts went from which profile to which.

        Returns
        -------
        DataFrame
            Columns :data:`MIGRATION_COLUMNS`.
        """
        return pd.DataFrame(list(self.migration), columns=list(MIGRATION_COLUMNS))

    def to_dict(self) -> dict[str, Any]:
        """The content of ``profile_changes.json``.

        Returns
        -------
        dict
            Plain JSON values.
        """
        findings = [finding.to_dict() for finding in self.findings]
        tables = {"events": [dict(row) for row in self.events], "migration": [dict(row) for row in self.migration]}
        numbers = {"against": self.against, "n": self.n, "n_kept": self.n_kept, "share_kept": self.share_kept}
        return {**numbers, **tables, "findings": findings}


def keep_identity(
    found: ProfileSet,
    known: Known,
    earlier: Sequence[Bundle],
    events: DatedTable | None,
    outcomes: DatedTable | None,
    names: Mapping[str, str],
) -> tuple[ProfileSet, ProfileChanges]:
    """Give each profile the id and the name it had, and new ones ids that no other ever had.

    Today's best customers are placed by the earlier version's own parameters, and the two placements are compared: no
    list of former members is kept, and an account that stands in several rows counts once.

    Parameters
    ----------
    found : ProfileSet
        Profiles of today, ids counted from ``P1``.
    known : Known
        The labelled rows.
    earlier : sequence of Bundle
        The version to follow first, then others that may have found the same new profiles.
    events, outcomes : DatedTable or None
        Dated history.
    names : mapping of str to str
        Names that a person set, by id.

    Returns
    -------
    profiles : ProfileSet
        With their ids and names.
    changes : ProfileChanges
        What became of the earlier profiles.
    """
    rows = np.flatnonzero(known.y == 1)
    rows = rows[~known.accounts.frame.index[rows].duplicated(keep="last")]
    now = _places(found, known.profiled().values[rows])
    past = [_Past(bundle) for bundle in earlier]
    with step("following profiles from the version before") if past else nullcontext():
        traced = [one.trace(known, rows, now, len(found.profiles), events, outcomes) for one in past]
    used = {key for one in past for key in one.profiles.used_ids}
    ids, before = _inherited(past, traced, len(found.profiles))
    fresh = iter(next_ids(used, ids.count("")))
    ids = [key or next(fresh) for key in ids]
    named, wrong = give_names(found, ids, before, names)
    kept = replace(named, used_ids=tuple(used))
    if not past:
        return kept, ProfileChanges(findings=wrong)
    return kept, _changes(past[0], traced[0], kept, now, found, wrong)


class _Past:
    """An earlier version, and where it puts the accounts of today."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle, self.profiles = bundle, bundle.profiles
        self.labels: Ints | None = None
        self.problem = ""

    def trace(
        self,
        known: Known,
        rows: NDArray[np.intp],
        now: Ints,
        n_profiles: int,
        events: DatedTable | None,
        outcomes: DatedTable | None,
    ) -> tuple[Link, ...]:
        """Links from its profiles to those of today; all born and retired where nothing can be matched."""
        n_former = len(self.profiles.profiles)
        if n_former and n_profiles:
            try:
                values = _values(self.bundle, known, rows, events, outcomes)
            except ICPError as error:
                self.problem = error.problems[0].message
            else:
                former = Former.of(self.profiles, self.bundle.index, values)
                self.labels = former.labels
                return trace(former, now, n_profiles)
        born = [Link("born", None, i, int((now == i).sum())) for i in range(n_profiles)]
        return (*born, *(Link("retired", i, None, 0) for i in range(n_former)))


def _values(
    bundle: Bundle, known: Known, rows: NDArray[np.intp], events: DatedTable | None, outcomes: DatedTable | None
) -> NDArray[np.float64]:
    """The traits that an earlier version's profiles are made of, of some rows of today.

    A column that is gone is not known in any row.

    Raises
    ------
    ICPError
        All are gone, or cannot be read.
    """
    traits = tuple(bundle.traits[j] for j in bundle.profile_traits)
    sources = {name for trait in traits if trait.rule in ("value", "age") for name in trait.sources}
    frame = known.accounts.frame.iloc[rows]
    gone = sorted(name for name in sources if name not in frame.columns)
    if sources and len(gone) == len(sources):
        raise ICPError.one("ICP253", "no column that the profiles were made of is left.", "")
    columns = tuple(c for c in bundle.columns if c.name in sources or c.role == "observed_at")
    own = replace(bundle, traits=traits, columns=columns)
    nowhere = {name: pd.array([None] * len(frame), dtype="str") for name in gone}
    as_of = known.accounts.as_of
    return traits_frame(own, frame.assign(**nowhere), events=events, outcomes=outcomes, as_of=as_of)


def _places(profiles: ProfileSet, values: NDArray[np.float64]) -> Ints:
    """The nearest profile of each account, however far; -1 where there are none."""
    if not profiles.profiles:
        return np.full(len(values), -1, dtype=np.int64)
    return nearest(profiles.space.project(values), profiles.centres)[0]


def _inherited(
    past: Sequence[_Past], traced: Sequence[tuple[Link, ...]], n_profiles: int
) -> tuple[list[str], dict[int, Any]]:
    """The id of each profile of today, empty for a new one, and the earlier profile that it continues."""
    ids, before, known = [""] * n_profiles, {}, set[str]()
    for one, links in zip(past, traced, strict=True):
        for link in links:
            if link.carries_id and link.former is not None and link.now is not None and not ids[link.now]:
                profile = one.profiles.profiles[link.former]
                if profile.id not in known:
                    ids[link.now], before[link.now] = profile.id, profile
        known |= set(one.profiles.used_ids)
    return ids, before


def _changes(
    past: _Past,
    links: Sequence[Link],
    kept: ProfileSet,
    now: Ints,
    found: ProfileSet,
    wrong: Sequence[Finding],
) -> ProfileChanges:
    """Everything that is told of the profiles against one earlier version."""
    former = past.profiles.profiles
    rows = []
    for link in links:
        old = None if link.former is None else former[link.former]
        new = None if link.now is None else kept.profiles[link.now]
        suggested = "" if link.now is None or new is None else found.profiles[link.now].name
        rows.append({
            "event": link.event,
            "id_before": "" if old is None else old.id, "name_before": "" if old is None else old.name,
            "id": "" if new is None else new.id, "name": "" if new is None else new.name,
            "n": link.n, "share_before": _rounded(link.share_of_former), "share": _rounded(link.share_of_now),
            "suggested_name": "" if new is None or suggested == new.name else suggested,
        })  # fmt: skip
    table, n_kept = _migration(past, kept, now)
    version, n = past.bundle.version, 0 if past.labels is None else len(now)
    told = ProfileChanges(version, n, n_kept, tuple(rows), tuple(table))
    return replace(told, findings=(*_findings(told, past.problem), *wrong))


def _migration(past: _Past, kept: ProfileSet, now: Ints) -> tuple[list[dict[str, Any]], int]:
    """Accounts by former and present profile, and how many of them keep the id."""
    if past.labels is None:
        return [], 0
    rows, n_kept = [], 0
    for i, old in enumerate(past.profiles.profiles):
        for j, new in enumerate(kept.profiles):
            n = int(((past.labels == i) & (now == j)).sum())
            n_kept += n * (old.id == new.id)
            if n:
                shares = n / int((past.labels == i).sum()), n / int((now == j).sum())
                cells = (old.id, old.name, new.id, new.name, n, *map(_rounded, shares))
                rows.append(dict(zip(MIGRATION_COLUMNS, cells, strict=True)))
    return rows, n_kept


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _findings(changes: ProfileChanges, problem: str) -> list[Finding]:
    """``ICP250`` to ``ICP253``: what was kept, what changed, whether it is stable, and what could not be matched."""
    if problem:
        message = f"profiles could not be matched with those of {changes.against}, so all have new ids: {problem}"
        return [Finding("ICP253", "warning", message)]
    findings = []
    kept = [row for row in changes.events if row["event"] == "kept"]
    evidence = {"against": changes.against, "n": changes.n, "share_kept": _rounded(changes.share_kept)}
    if changes.share_kept is not None:
        share = f"{percent(changes.share_kept)} of {changes.n:,} best customers"
        message = f"{len(kept)} profiles are those of {changes.against}, and {share} keep their profile."
        findings.append(Finding("ICP250", "note", message, evidence=evidence))
    others = [row for row in changes.events if row["event"] != "kept"]
    if others:
        message = f"profiles changed since {changes.against}: {'; '.join(dict.fromkeys(map(_words, others)))}."
        findings.append(Finding("ICP251", "warning", message, evidence={"events": [dict(row) for row in others]}))
    if changes.share_kept is not None and changes.share_kept < STEADY:
        message = (
            f"profiles are not stable: only {percent(changes.share_kept)} of {changes.n:,} best customers keep the "
            f"profile they had in {changes.against}. Read profile_migration.csv before lists or messages rely on them."
        )
        findings.append(Finding("ICP252", "warning", message, evidence=evidence))
    return findings


def _words(row: Mapping[str, Any]) -> str:
    """One event in words."""
    old, new = f"{row['id_before']} ({row['name_before']})", f"{row['id']} ({row['name']})"
    if row["event"] == "born":
        return f"{new} is new"
    if row["event"] == "retired":
        return f"{old} is retired"
    if row["event"] == "split":
        return f"{old} was split, {percent(row['share_before'])} of it are now in {new}"
    return f"{old} was merged into {new}, {percent(row['share'])} of which it makes up"
