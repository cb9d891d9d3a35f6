"""Profiles beside the usual clusterings: on wholesale clients, on planted profiles, and in time.

Usage: python -m benchmarks.profile_quality DATA [--output docs/benchmarks/profiles.md] [--tables 12] [--rounds 3]

`DATA` holds the public data sets. k-prototypes needs the package kmodes; where it cannot be imported the page says so.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from benchmarks.claims._tables import planted
from icp.profiles import ProfileClusterer

try:
    from kmodes.kprototypes import KPrototypes
except ImportError:
    KPrototypes = None

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
Found = tuple[Labels, int]

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks" / "profiles.md"
NUMBERS = range(2, 8)
"""Numbers of clusters that each method may choose from: those of `profiles.max_profiles`."""
SEEDS = range(5)


def ready(values: Floats, categorical: NDArray[np.bool_]) -> Floats:
    """The table as most people hand it to k-means: medians for gaps, standardised, one-hot levels."""
    parts = []
    for j in range(values.shape[1]):
        column = values[:, j]
        if categorical[j]:
            parts.append((column[:, None] == np.unique(column[np.isfinite(column)])).astype(float))
            continue
        filled = np.where(np.isfinite(column), column, np.nanmedian(column))
        parts.append(((filled - filled.mean()) / (filled.std() or 1.0))[:, None])
    return np.hstack(parts)


def logs(values: Floats, categorical: NDArray[np.bool_]) -> Floats:
    """The same after a logarithm of every number that is never negative."""
    bare = values.copy()
    for j in np.flatnonzero(~categorical):
        if np.nanmin(bare[:, j]) >= 0:
            bare[:, j] = np.log1p(bare[:, j])
    return ready(bare, categorical)


def by_silhouette(points: Floats, seed: int) -> Found:
    """K-means with the number of clusters of the best silhouette."""
    fits = [KMeans(k, n_init=10, random_state=seed).fit_predict(points) for k in NUMBERS]
    scores = [silhouette_score(points, labels, sample_size=2000, random_state=seed) for labels in fits]
    best = int(np.argmax(scores))
    return fits[best], NUMBERS[best]


def by_bic(points: Floats, seed: int) -> Found:
    """A Gaussian mixture with the number of components of the least BIC, one component included."""
    fits = [GaussianMixture(k, n_init=3, reg_covar=1e-3, random_state=seed).fit(points) for k in (1, *NUMBERS)]
    best = fits[int(np.argmin([fit.bic(points) for fit in fits]))]
    return best.predict(points), best.n_components


def by_density(points: Floats, seed: int) -> Found:
    """HDBSCAN with clusters of 5 % or more; what it calls noise is one more group."""
    labels = HDBSCAN(min_cluster_size=max(5, len(points) // 20), copy=True).fit_predict(points)
    return labels, int(labels.max()) + 1


def by_prototypes(values: Floats, categorical: NDArray[np.bool_], seed: int) -> Found:
    """K-prototypes, number by the largest fall of its cost (second difference)."""
    bare = ready(values[:, ~categorical], np.zeros(int((~categorical).sum()), dtype=bool)).astype(object)
    codes = np.where(np.isfinite(values[:, categorical]), values[:, categorical], -1).astype(int).astype(str)
    table = np.hstack([bare, codes.astype(object)])
    where = list(range(bare.shape[1], table.shape[1]))
    fits = [KPrototypes(k, n_init=3, random_state=seed).fit(table, categorical=where) for k in (1, *NUMBERS, 8)]
    costs = np.array([fit.cost_ for fit in fits])
    best = int(np.argmax(costs[:-2] - 2 * costs[1:-1] + costs[2:])) + 1
    return fits[best].labels_, best + 1


def by_icp(values: Floats, categorical: NDArray[np.bool_], seed: int) -> Found:
    """Profiles as training finds them."""
    fit = ProfileClusterer(categorical=categorical, random_state=seed).fit(values)
    return fit.labels_, fit.n_profiles_


def methods(values: Floats, categorical: NDArray[np.bool_]) -> dict[str, Callable[[int], Found]]:
    """Every clustering of one table, by name."""
    plain, logged = ready(values, categorical), logs(values, categorical)
    found: dict[str, Callable[[int], Found]] = {
        "icp": lambda seed: by_icp(values, categorical, seed),
        "KMeans, silhouette": lambda seed: by_silhouette(plain, seed),
        "KMeans on logarithms, silhouette": lambda seed: by_silhouette(logged, seed),
        "GaussianMixture, BIC": lambda seed: by_bic(plain, seed),
        "GaussianMixture on logarithms, BIC": lambda seed: by_bic(logged, seed),
        "HDBSCAN": lambda seed: by_density(plain, seed),
        "HDBSCAN on logarithms": lambda seed: by_density(logged, seed),
    }
    if KPrototypes is not None and categorical.any():
        found["k-prototypes, elbow"] = lambda seed: by_prototypes(values, categorical, seed)
    return found


def wholesale(folder: Path) -> list[str]:
    """Clients of a wholesaler by what they buy; the channel, which nobody sees, as a check."""
    frame = pd.read_csv(folder / "uci_wholesale_customers" / "Wholesale_customers_data.csv")
    channel = frame["Channel"].to_numpy()
    values = frame.drop(columns=["Channel", "Region"]).to_numpy(dtype=np.float64)
    lines = ["| method | number found | adjusted Rand index with `Channel` |", "| --- | --- | --- |"]
    for name, cluster in methods(values, np.zeros(values.shape[1], dtype=bool)).items():
        fits = [cluster(seed) for seed in SEEDS]
        numbers = sorted({k for _, k in fits})
        lines.append(f"| {name} | {_listed(numbers)} | {_spread([adjusted_rand_score(channel, f) for f, _ in fits])} |")
    for name, points in (("KMeans", ready), ("KMeans on logarithms", logs)):
        table = points(values, np.zeros(values.shape[1], dtype=bool))
        told = [adjusted_rand_score(channel, KMeans(2, n_init=10, random_state=s).fit_predict(table)) for s in SEEDS]
        lines.append(f"| {name}, told that there are 2 | 2 | {_spread(told)} |")
    space = ProfileClusterer(random_state=0).fit(values).space_.project(values)
    told = [adjusted_rand_score(channel, KMeans(2, n_init=10, random_state=s).fit_predict(space)) for s in SEEDS]
    lines.append(f"| icp's coordinates, told that there are 2 | 2 | {_spread(told)} |")
    return lines


def simulated(n_tables: int) -> list[str]:
    """Planted profiles of mixed traits."""
    scores: dict[str, list[float]] = {}
    right: dict[str, list[bool]] = {}
    for i in range(n_tables):
        rng = np.random.default_rng([7, i])
        k = 3 + i % 4
        table, profile, _ = planted(rng, 1000, k)
        for name, cluster in methods(table.values, table.categorical).items():
            labels, number = cluster(i)
            scores.setdefault(name, []).append(adjusted_rand_score(profile, labels))
            right.setdefault(name, []).append(number == k)
    lines = ["| method | mean adjusted Rand index (least) | right number |", "| --- | --- | --- |"]
    for name, found in sorted(scores.items(), key=lambda item: -float(np.mean(item[1]))):
        lines.append(f"| {name} | {np.mean(found):.3f} ({min(found):.3f}) | {sum(right[name])} of {n_tables} |")
    return lines


def timed(n_rounds: int) -> str:
    """20,000 best customers, 40 mixed columns, against one sweep of plain k-means, taken in turn."""
    rng = np.random.default_rng(11)
    blocks = [planted(rng, 20_000, 5)[0] for _ in range(3)]
    values = np.hstack([block.values for block in blocks])[:, :40]
    categorical = np.concatenate([block.categorical for block in blocks])[:40]
    ratios = []
    with threadpool_limits(limits=1):
        for seed in range(n_rounds):
            ours = _seconds(lambda seed=seed: by_icp(values, categorical, seed))
            points = ready(values, categorical)
            ratios.append(ours / _seconds(lambda seed=seed, points=points: _sweep(points, seed)))
    spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
    return (
        f"{np.median(ratios):.2f} times the processor time of `KMeans(n_init=10)` over 2 to 7 clusters on the same "
        f"table ({spread} in {n_rounds} rounds taken in turn, one thread each; 3 are allowed)."
    )


def _sweep(points: Floats, seed: int) -> None:
    for k in NUMBERS:
        KMeans(k, n_init=10, random_state=seed).fit(points)


def _seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _spread(values: list[float]) -> str:
    middle = f"{np.median(values):.3f}"
    return middle if max(values) - min(values) < 5e-4 else f"{middle} ({min(values):.3f} to {max(values):.3f})"


def _listed(numbers: list[int]) -> str:
    return " or ".join(str(number) for number in numbers)


HEAD = """\
# Profiles beside the usual clusterings

<!-- made by python -m benchmarks.profile_quality; do not edit -->

Each method chooses the number of clusters itself, from 2 to 7 (icp, GaussianMixture and HDBSCAN may also say that there
are none). Nothing is tuned to a table.
"""


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile_quality", description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--output", type=Path, default=PAGE)
    parser.add_argument("--tables", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    absent = "" if KPrototypes else "k-prototypes is missing: the package kmodes cannot be imported.\n\n"
    parts = [
        HEAD,
        "## Wholesale clients\n",
        "440 clients, yearly spend in six categories, without `Channel` (hotel and restaurant, or retail) and "
        "`Region`. Five seeds: median, and range where they differ. k-prototypes needs a categorical column.\n",
        "\n".join(wholesale(chosen.data)) + "\n",
        "## Planted profiles\n",
        f"{chosen.tables} tables of 1,000 best customers, 3 to 6 planted profiles, ten numbers, six categories, two "
        f"columns that say nothing, one cell in twenty empty. {absent}\n",
        "\n".join(simulated(chosen.tables)) + "\n",
        "## Time\n",
        f"20,000 best customers, 40 mixed columns: choosing the number by stability takes {timed(chosen.rounds)}",
    ]
    text = "\n".join(part.rstrip("\n") + "\n" for part in parts)
    print(text)
    chosen.output.write_text(text, "utf-8", newline="\n")


if __name__ == "__main__":
    main()
