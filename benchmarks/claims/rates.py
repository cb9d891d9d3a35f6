"""A share of few accounts, with Wilson's interval.

The interval behind tiers, calibration bins and everything else that is so many out of so many.
"""

from __future__ import annotations

import numpy as np

from benchmarks.claims._protocol import ClaimRow, share_row
from icp._statistics import wilson

SETTINGS = ((0.02, 100), (0.05, 50), (0.05, 400), (0.2, 50), (0.5, 30), (0.8, 1000))


def run(n_runs: int, seed: int) -> list[ClaimRow]:
    """Coverage at each true rate and number of accounts; a draw costs nothing, so there are ten times as many."""
    rng = np.random.default_rng(seed)
    rows = []
    for rate, n in SETTINGS:
        low, high = wilson(rng.binomial(n, rate, 10 * n_runs), np.full(10 * n_runs, n))
        setting = f"true rate {100 * rate:.0f} %, {n:,} accounts"
        covered = (low <= rate) & (rate <= high)
        rows.append(
            share_row("coverage of the 95 % interval", "the true rate", setting, covered, least=0.93, most=0.97)
        )
    return rows
