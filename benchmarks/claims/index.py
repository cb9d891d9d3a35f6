"""The index of a trait, with its interval, and the list of distinctive traits.

Best customers are drawn from a population in which each group of a trait has its share among best customers and its
share among the rest. A trait is called distinctive falsely when the label does not depend on it at all.
"""

from __future__ import annotations

import numpy as np

from benchmarks.claims._protocol import ClaimRow, mean_row, share_row
from benchmarks.claims._tables import noise
from icp.profiles import distinctive_traits
from icp.profiles._index import count_index

CASES = (
    (30, 0.5, 0.2),
    (50, 0.12, 0.05),
    (50, 0.03, 0.03),
    (150, 0.05, 0.10),
    (150, 0.60, 0.30),
    (500, 0.02, 0.01),
    (500, 0.20, 0.20),
)
_N_REST = 1350
_FDR = 0.05


def run(n_runs: int, seed: int) -> list[ClaimRow]:
    """Coverage of the interval (a draw costs nothing: ten times as many), and false discoveries (a fifth as many)."""
    rng = np.random.default_rng(seed)
    rows = [_coverage(rng, 10 * n_runs, *case, inside) for case in CASES for inside in (True, False)]
    return [*rows, _noise(rng, max(20, n_runs // 5)), _false(rng, max(20, n_runs // 5))]


def _coverage(
    rng: np.random.Generator, n_draws: int, n_best: int, among_best: float, among_rest: float, inside: bool
) -> ClaimRow:
    """The base holds the best customers, or is another list."""
    n, rest = rng.binomial(n_best, among_best, n_draws), rng.binomial(_N_REST, among_rest, n_draws)
    if inside:
        part = n_best / (n_best + _N_REST)
        truth = among_best / (part * among_best + (1 - part) * among_rest)
        numbers = count_index(n, n_best, n + rest, n_best + _N_REST, n_best, n, 0.95)
    else:
        truth = among_best / among_rest
        numbers = count_index(n, n_best, rest, _N_REST, 0, np.zeros_like(n), 0.95)
    covered = (numbers["low"] <= 100 * truth) & (100 * truth <= numbers["high"])
    base = "base with" if inside else "base without"
    setting = (
        f"{n_best} best, {100 * among_best:.0f} % of them in the group, {100 * among_rest:.0f} % of others, {base} them"
    )
    estimand = f"{100 * truth:.0f} in the population"
    return share_row("index: coverage of the 95 % interval", estimand, setting, covered, least=0.93, most=0.97)


def _noise(rng: np.random.Generator, n_tables: int) -> ClaimRow:
    found = []
    for _ in range(n_tables):
        table = noise(rng, 800)
        found.append(not distinctive_traits(rng.random(800) < 0.2, table, fdr=_FDR).empty)
    setting = "800 accounts, 10 traits, label dealt at random"
    return share_row("any distinctive trait in pure noise", "none", setting, found, most=_FDR)


def _false(rng: np.random.Generator, n_tables: int) -> ClaimRow:
    """Two traits matter, eight do not."""
    shares = []
    for _ in range(n_tables):
        table = noise(rng, 1500)
        above = table.values[:, 0] > 0
        level = table.values[:, 7] == np.nanmax(table.values[:, 7])
        label = rng.random(1500) < np.where(above, 0.25, 0.08) * np.where(level, 1.8, 1.0)
        names = distinctive_traits(label, table, fdr=_FDR)["trait"]
        shares.append(float((~names.isin(["t0", "t7"])).mean()) if len(names) else 0.0)
    setting = "1,500 accounts, 2 of 10 traits matter"
    return mean_row("share of false ones among distinctive traits", "0.05 allowed", setting, shares, most=_FDR)
