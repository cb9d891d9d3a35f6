"""Trait tables: of planted profiles whose densities are known, of one population, and of pure noise."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icp.tables import Trait, TraitTable

Floats = NDArray[np.float64]

_HOLES = 0.05


def noise(rng: np.random.Generator, n: int) -> TraitTable:
    """Independent traits of all kinds."""
    numbers = [rng.normal(size=n), rng.lognormal(3, 1.5, n), rng.poisson(2, n), rng.random(n), rng.normal(size=n)]
    levels = [rng.choice(k, n, p=rng.dirichlet(np.ones(k))) for k in (2, 3, 5, 8, 12)]
    return as_table(_with_holes(np.column_stack(numbers + levels).astype(float), rng), [False] * 5 + [True] * 5)


def one_population(rng: np.random.Generator, n: int) -> TraitTable:
    """Traits that go together, one to three factors deep, with no clusters."""
    factors = rng.normal(size=(n, int(rng.integers(1, 4))))
    columns = []
    for j in range(12):
        x = factors @ rng.normal(size=factors.shape[1]) + rng.normal(0, 0.8, n)
        columns.append([np.exp(x / x.std() + 3), np.argsort(np.argsort(x)) / n, x][j % 3])
    for _ in range(5):
        x = factors @ rng.normal(size=factors.shape[1]) + rng.normal(size=n)
        columns.append(np.digitize(x, np.quantile(x, np.sort(rng.random(int(rng.integers(1, 5))) * 0.8 + 0.1))))
    return as_table(_with_holes(np.column_stack(columns).astype(float), rng), [False] * 12 + [True] * 5)


def planted(rng: np.random.Generator, n: int, n_profiles: int) -> tuple[TraitTable, NDArray[np.int64], Floats]:
    """Profiles of equal size on ten numbers and six categories, with two columns that say nothing.

    Returns
    -------
    table : TraitTable
        What a clusterer sees.
    profile : ndarray of int64, shape (n,)
        The truth.
    density : ndarray of float64, shape (n, n_profiles)
        Log density of each account under each profile: what an oracle knows.
    """
    profile = rng.permutation(np.arange(n) % n_profiles)
    columns, densities = [], []
    for j in range(10):
        means = 1.6 * (
            rng.normal(0.0, 0.8, n_profiles) if n_profiles > 3 else rng.permutation(np.linspace(-1, 1, n_profiles))
        )
        x = means[profile] + rng.normal(size=n)
        columns.append([np.round(np.exp(0.9 * x + 4)), np.exp(x), x][j % 3])
        densities.append(-0.5 * (x[:, None] - means) ** 2)
    for _ in range(6):
        n_levels = int(rng.integers(3, 9))
        chances = (
            0.35 * rng.dirichlet(np.ones(n_levels)) + 0.65 * np.eye(n_levels)[rng.integers(0, n_levels, n_profiles)]
        )
        level = (rng.random(n)[:, None] > np.cumsum(chances, axis=1)[profile]).sum(axis=1).clip(max=n_levels - 1)
        columns.append(level)
        densities.append(np.log(chances[:, level].T + 1e-12))
    columns += [rng.lognormal(0, 1.5, n), rng.choice(12, n, p=rng.dirichlet(np.full(12, 0.5)))]
    values = _with_holes(np.column_stack(columns).astype(float), rng)
    density = sum(np.where(np.isnan(values[:, [j]]), 0.0, part) for j, part in enumerate(densities))
    return as_table(values, [False] * 10 + [True] * 6 + [False, True]), profile, density


def as_table(values: Floats, categorical: list[bool]) -> TraitTable:
    """Values with the traits that describe them."""
    traits = []
    for j, is_code in enumerate(categorical):
        levels = tuple(f"Level {code}" for code in range(int(np.nanmax(values[:, j])) + 1)) if is_code else ()
        kind = "categorical" if is_code else "numeric"
        traits.append(Trait(f"t{j}", kind, "fit", f"trait {j}", (f"t{j}",), levels=levels))
    return TraitTable(values, tuple(traits), pd.Index([f"A-{i:05d}" for i in range(len(values))]))


def _with_holes(values: Floats, rng: np.random.Generator) -> Floats:
    values[rng.random(values.shape) < _HOLES] = np.nan
    return values
