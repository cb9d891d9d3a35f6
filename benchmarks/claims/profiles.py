"""Profiles of best customers: as many as there are, and none where there are none.

An oracle knows the density of every profile and gives each account to the likeliest; only tables in which it reaches an
adjusted Rand index of 0.97 count. Numbers are skewed or plain, one cell in twenty is empty, two columns say nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from sklearn.metrics import adjusted_rand_score

from benchmarks.claims._protocol import ClaimRow, mean_row, share_row
from benchmarks.claims._tables import noise, one_population, planted
from icp.profiles import ProfileClusterer
from icp.tables import TraitTable

_ORACLE = 0.97


def run(n_runs: int, seed: int, sizes: tuple[int, ...] = (300, 1000, 20_000)) -> list[ClaimRow]:
    """Recovery and the null; a clustering costs a second or more, so there are 1 in 25 as many."""
    n_tables = max(6, n_runs // 25)
    rows = []
    for n in sizes:
        rows += _recovery(n, n_tables, seed)
        rows.append(_null("independent traits", noise, n, n_tables, seed))
        rows.append(_null("correlated traits of one population", one_population, n, n_tables, seed))
    return rows


def fitted(table: TraitTable, seed: int) -> ProfileClusterer:
    """The clusterer as training runs it, with fewer subsamples."""
    return ProfileClusterer(categorical=table.categorical, n_resamples=10, random_state=seed).fit(table.values)


def _recovery(n: int, n_tables: int, seed: int) -> list[ClaimRow]:
    found, close, right, tried = [], [], [], 0
    while len(found) < n_tables:
        rng = np.random.default_rng([seed, n, tried])
        n_profiles = 3 + tried % 4
        table, profile, density = planted(rng, n, n_profiles)
        tried += 1
        if adjusted_rand_score(profile, density.argmax(axis=1)) < _ORACLE:
            continue
        model = fitted(table, tried)
        found.append(adjusted_rand_score(profile, model.labels_))
        close.append(found[-1] > 0.9)
        right.append(model.n_profiles_ == n_profiles)
    setting = f"{n:,} best customers, 3 to 6 planted profiles"
    return [
        mean_row("planted profiles: mean adjusted Rand index", "1; oracle 0.97 or more", setting, found, least=0.9),
        share_row("planted profiles: adjusted Rand index above 0.90", "oracle 0.97 or more", setting, close, least=0.9),
        share_row("planted profiles: number found is the number planted", "3 to 6", setting, right, least=0.9),
    ]


def _null(
    what: str, make: Callable[[np.random.Generator, int], TraitTable], n: int, n_tables: int, seed: int
) -> ClaimRow:
    silent = []
    for i in range(n_tables):
        rng = np.random.default_rng([seed, n, i, 1])
        silent.append(fitted(make(rng, n), i).n_profiles_ == 1)
    return share_row(f"no profiles in {what}", "none", f"{n:,} best customers", silent, least=0.95)
