"""Profiles keep their ids: over resampled customers, and where some were split, merged, born or retired.

Customers of three to five planted kinds are drawn twice and profiled twice; the second time the profiles are followed
from the first, as training does it, without any account ids. In the first rows the second table is a bootstrap of the
first. In the others the second table has a kind more, a kind less, one in place of another, or the number of profiles
was limited the first time (split) or the second time (merged), so that two similar kinds are one profile; a table
counts where the clusterer found the planted kinds both times (adjusted Rand index above 0.90), and is right where every
profile, the kept ones too, is named as planted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from benchmarks.claims._protocol import ClaimRow, mean_row, share_row
from benchmarks.claims._tables import as_table
from icp.profiles import (
    Former,
    IndexProfile,
    Link,
    ProfileClusterer,
    ProfileSet,
    describe,
    index_profile,
    nearest,
    trace,
)
from icp.tables import TraitTable

_CATEGORICAL = [False] * 10 + [True] * 6 + [False, True]
_FOUND = 0.90
_SIZE = 90
Ints = NDArray[np.int64]
Events = set[tuple[str, int | None, int | None]]


@dataclass(frozen=True)
class Version:
    """What training makes of one table."""

    table: TraitTable
    profiles: ProfileSet
    index: IndexProfile
    labels: Ints


@dataclass(frozen=True)
class Change:
    """One planted change: customers of each kind before and after, the most profiles, and what is right."""

    before: dict[int, int]
    after: dict[int, int]
    most: tuple[int, int]
    events: Events
    joined: tuple[bool, bool] = (False, False)


def run(n_runs: int, seed: int, kinds: tuple[int, ...] = (3, 4, 5)) -> list[ClaimRow]:
    """A table costs some seconds, so there are 1 in 25 as many."""
    n_tables = max(3, n_runs // 25)
    rows = _bootstrap(n_tables, seed, kinds)
    for name in CHANGES:
        rows += _named(name, n_tables, seed, kinds)
    return rows


def version(table: TraitTable, seed: int, most: int = 7, before: Version | None = None) -> Version:
    """Profiles of a table, as training finds them with fewer subsamples."""
    expected = None if before is None else len(before.profiles.profiles)
    model = ProfileClusterer(most, n_resamples=10, categorical=table.categorical, random_state=seed, expected=expected)
    model.fit(table.values)
    profiles = describe(model, table, table)
    labels = np.zeros(len(table.values), dtype=np.int64)
    if profiles.profiles:
        labels = nearest(profiles.space.project(table.values), profiles.centres)[0]
    return Version(table, profiles, index_profile(table, table, profiles=profiles), labels)


def followed(before: Version, after: Version) -> tuple[Link, ...]:
    """The links from one version to the next."""
    if not (before.profiles.profiles and after.profiles.profiles):
        return ()
    former = Former.of(before.profiles, before.index, after.table.values)
    return trace(former, after.labels, len(after.profiles.profiles))


class World:
    """Kinds of customers, the last two of which are alike."""

    def __init__(self, rng: np.random.Generator, n_kinds: int) -> None:
        self.means = 1.6 * rng.normal(size=(10, n_kinds + 2))
        self.means[:, -1] = self.means[:, -2] + 1.9 * rng.normal(size=10)
        self.chances = []
        for n_levels in rng.integers(3, 9, 6):
            usual = np.eye(n_levels)[rng.integers(0, n_levels, n_kinds + 2)]
            usual[-1] = usual[-2]
            self.chances.append(0.35 * rng.dirichlet(np.ones(n_levels)) + 0.65 * usual)

    def draw(self, rng: np.random.Generator, sizes: dict[int, int]) -> tuple[TraitTable, Ints]:
        """So many customers of each kind."""
        kind = rng.permutation(np.repeat([*sizes], [*sizes.values()]))
        n = len(kind)
        columns = []
        for j, means in enumerate(self.means):
            x = means[kind] + rng.normal(size=n)
            columns.append([np.round(np.exp(0.9 * x + 4)), np.exp(x), x][j % 3])
        for chances in self.chances:
            drawn = (rng.random(n)[:, None] > np.cumsum(chances, axis=1)[kind]).sum(axis=1)
            columns.append(drawn.clip(max=chances.shape[1] - 1))
        values = np.column_stack([*columns, rng.lognormal(0, 1.5, n), rng.choice(12, n)]).astype(float)
        values[rng.random(values.shape) < 0.05] = np.nan
        return as_table(values, _CATEGORICAL), kind


def _bootstrap(n_tables: int, seed: int, kinds: tuple[int, ...]) -> list[ClaimRow]:
    kept, known = [], []
    for i in range(n_tables):
        rng = np.random.default_rng([seed, i])
        n_kinds = kinds[i % len(kinds)]
        table, _ = World(rng, n_kinds).draw(rng, dict.fromkeys(range(n_kinds), _SIZE))
        again = table.values[rng.integers(0, len(table.values), len(table.values))]
        before = version(table, i)
        after = version(as_table(again, _CATEGORICAL), i + 1, before=before)
        ids = {link.now: link.former for link in followed(before, after) if link.carries_id}
        old, new = before.profiles.assign(table.values)[0], after.profiles.assign(table.values)[0]
        same = old == np.array([ids.get(int(place), -2) if place >= 0 else -1 for place in new])
        kept.append(same.mean())
        known.append(bool(kept[-1] >= 0.95))
    setting = f"3 to 5 kinds of {_SIZE} best customers, bootstrap"
    return [
        mean_row("accounts that keep their profile id", "all", setting, kept, percent=True, least=0.95),
        share_row("95 % of the accounts keep their profile id", "all keep it", setting, known),
    ]


def _born(k: int) -> Change:
    kinds = dict.fromkeys(range(k), _SIZE)
    kept = {("kept", kind, kind) for kind in kinds}
    return Change(kinds, {**kinds, k: _SIZE}, (7, 7), {*kept, ("born", None, k)})


def _retired(k: int) -> Change:
    kinds = dict.fromkeys(range(k + 1), _SIZE)
    kept = {("kept", kind, kind) for kind in range(k)}
    return Change(kinds, dict.fromkeys(range(k), _SIZE), (7, 7), {*kept, ("retired", k, None)})


def _replaced(k: int) -> Change:
    others = dict.fromkeys(range(1, k), _SIZE)
    events: Events = {("kept", kind, kind) for kind in others} | {("retired", 0, None), ("born", None, k)}
    return Change({0: _SIZE, **others}, {**others, k: _SIZE}, (7, 7), events)


def _split(k: int) -> Change:
    kinds = dict.fromkeys(range(k + 2), _SIZE)
    events: Events = {("kept", kind, kind) for kind in range(k)}
    return Change(kinds, kinds, (k + 1, 7), events | {("split", k, k), ("split", k, k + 1)}, (True, False))


def _merged(k: int) -> Change:
    kinds = dict.fromkeys(range(k + 2), _SIZE)
    events: Events = {("kept", kind, kind) for kind in range(k)}
    return Change(kinds, kinds, (7, k + 1), events | {("merged", k, k), ("merged", k + 1, k)}, (False, True))


CHANGES: dict[str, Callable[[int], Change]] = {
    "a profile is born": _born,
    "a profile is retired": _retired,
    "a profile is retired as another is born": _replaced,
    "a profile is split": _split,
    "two profiles are merged": _merged,
}


def _named(name: str, n_tables: int, seed: int, kinds: tuple[int, ...]) -> list[ClaimRow]:
    right, drawn = [], 0
    while len(right) < n_tables and drawn < 4 * n_tables:
        rng = np.random.default_rng([seed, drawn, 1])
        n_kinds = kinds[drawn % len(kinds)]
        found = _one(CHANGES[name](n_kinds), World(rng, n_kinds), rng, drawn)
        right += [] if found is None else [found]
        drawn += 1
    if not right:
        raise RuntimeError(f"no table of '{name}' in which the planted kinds were found")
    setting = f"3 to 5 other kinds of {_SIZE} best customers; the kinds were found in {len(right)} of {drawn} tables"
    return [share_row(f"{name}: every profile named right", "as planted", setting, right, least=0.95)]


def _one(change: Change, world: World, rng: np.random.Generator, seed: int) -> bool | None:
    """Whether a planted change is named right; None where the kinds were not found."""
    versions, kinds = [], []
    for sizes, most, joined in zip((change.before, change.after), change.most, change.joined, strict=True):
        table, kind = world.draw(rng, sizes)
        last = max(sizes)
        kind = np.where(joined & (kind == last), last - 1, kind)
        versions.append(version(table, seed, most, versions[0] if versions else None))
        kinds.append(kind)
        if adjusted_rand_score(kind, versions[-1].labels) <= _FOUND:
            return None
    usual = [_usual(made.labels, kind) for made, kind in zip(versions, kinds, strict=True)]
    links = followed(*versions)
    told = {(link.event, _at(usual[0], link.former), _at(usual[1], link.now)) for link in links}
    return told == change.events and len(links) == len(change.events)


def _at(usual: list[int], place: int | None) -> int | None:
    return None if place is None else usual[place]


def _usual(labels: Ints, kind: Ints) -> list[int]:
    """The kind that most members of each profile are of."""
    return [int(np.bincount(kind[labels == label]).argmax()) for label in range(int(labels.max()) + 1)]
