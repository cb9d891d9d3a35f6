"""Best customers whose profiles are known."""

import numpy as np
import pandas as pd

from icp.tables import Trait, TraitTable


def planted(seed, n_profiles, n, *, separation=1.6, purity=0.65):
    """Skewed and plain numbers, levels with rare ones, missing cells, and traits that say nothing."""
    rng = np.random.default_rng(seed)
    profile = rng.permutation(np.arange(n) % n_profiles)
    columns, categorical = [], []
    for j in range(10):
        means = rng.normal(0.0, 0.8, n_profiles) if n_profiles > 3 else rng.permutation(np.linspace(-1, 1, n_profiles))
        x = separation * means[profile] + rng.normal(size=n)
        columns.append([np.round(np.exp(0.9 * x + 4)), np.exp(x), x][j % 3])
        categorical.append(False)
    for _ in range(6):
        n_levels = int(rng.integers(3, 9))
        favourite = rng.integers(0, n_levels, n_profiles)
        other = rng.choice(n_levels, n, p=rng.dirichlet(np.ones(n_levels)))
        columns.append(np.where(rng.random(n) < purity, favourite[profile], other).astype(float))
        categorical.append(True)
    columns += [rng.lognormal(0, 1.5, n), rng.choice(12, n, p=rng.dirichlet(np.full(12, 0.5))).astype(float)]
    categorical += [False, True]
    return with_holes(np.column_stack(columns), rng), np.array(categorical), profile


def noise(seed, n):
    """Independent traits of all kinds."""
    rng = np.random.default_rng(seed)
    numbers = [rng.normal(size=n), rng.lognormal(3, 1.5, n), rng.poisson(2, n), rng.random(n), rng.normal(size=n)]
    levels = [rng.choice(k, n, p=rng.dirichlet(np.ones(k))) for k in (2, 3, 5, 8, 12)]
    X = np.column_stack(numbers + levels).astype(float)
    return with_holes(X, rng), np.array([False] * 5 + [True] * 5)


def one_blob(seed, n, n_factors):
    """One population whose traits go together."""
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(n, n_factors))
    columns = []
    for j in range(12):
        x = factors @ rng.normal(size=n_factors) + rng.normal(0, 0.8, n)
        columns.append([np.exp(x / x.std() + 3), np.argsort(np.argsort(x)) / n, x][j % 3])
    for _ in range(5):
        x = factors @ rng.normal(size=n_factors) + rng.normal(size=n)
        cuts = np.quantile(x, np.sort(rng.random(int(rng.integers(1, 5))) * 0.8 + 0.1))
        columns.append(np.digitize(x, cuts).astype(float))
    return with_holes(np.column_stack(columns), rng), np.array([False] * 12 + [True] * 5)


def with_holes(X, rng, share=0.05):
    X[rng.random(X.shape) < share] = np.nan
    return X


def table(X, categorical, prefix="A"):
    """A trait table around values."""
    traits = []
    for j, is_code in enumerate(categorical):
        n_levels = int(np.nanmax(X[:, j])) + 1 if is_code else 0
        levels = tuple(f"Level {code}" for code in range(n_levels))
        kind = "categorical" if is_code else "numeric"
        traits.append(Trait(f"t{j}", kind, "fit", f"Trait {j}", (f"t{j}",), levels=levels))
    return TraitTable(X, tuple(traits), pd.Index([f"{prefix}-{i:05d}" for i in range(len(X))]))
