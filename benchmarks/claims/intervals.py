"""Held-out figures, with the intervals of metrics.json.

The score is held fixed: the true value is that of endless accounts of the same kind, ranked by the same score and cut
at the same share of the list, by quadrature. Rows of one account are summed before errors are taken.
"""

from __future__ import annotations

import numpy as np

from benchmarks.claims._protocol import ClaimRow, share_row
from benchmarks.claims._ranking import World
from icp.evaluation import evaluate

WORLDS = (
    *(World(n, wins) for n in (1000, 5000) for wins in (50, 200, 500)),
    World(500, 20),
    World(1000, 50, spread=0.6),
    World(1000, 200, spread=3.0),
    World(1000, 50, ties=True),
    World(5000, 500, ties=True),
    World(1000, 200, repeats=4),
    World(5000, 500, repeats=4),
)
FIGURES = {
    "lift_at_10": "lift in the best tenth",
    "precision_at_10": "rate in the best tenth",
    "value_capture_at_10": "share of the money in the best tenth",
    "auc": "area under the ROC curve",
    "average_precision": "average precision",
    "calibration_slope": "calibration slope",
    "brier": "Brier score",
    "log_loss": "log loss",
}


def run(n_runs: int, seed: int, worlds: tuple[World, ...] = WORLDS) -> list[ClaimRow]:
    """Coverage of every interval in every setting."""
    rows: dict[str, list[ClaimRow]] = {name: [] for name in FIGURES}
    for number, world in enumerate(worlds):
        rng = np.random.default_rng([seed, number])
        mean = world.mean()
        truth = world.truth(mean)
        covered: dict[str, list[bool]] = {name: [] for name in FIGURES}
        while len(covered["auc"]) < n_runs:
            y, margin, amount, unit = world.draw(rng, mean)
            if not 0 < y.sum() < len(y):
                continue
            figures = evaluate(y, margin, groups=unit, amount=amount).metrics()
            for name, true in truth.items():
                covered[name].append(figures[f"{name}_low"] <= true <= figures[f"{name}_high"])
        for name, what in FIGURES.items():
            claim = f"{what}: coverage of the 95 % interval"
            estimand = f"{truth[name]:.3g} for endless accounts"
            rows[name].append(share_row(claim, estimand, world.text, covered[name], least=0.93, most=0.97))
    return [row for name in FIGURES for row in rows[name]]
