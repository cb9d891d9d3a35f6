"""Labels that have nothing to do with the score.

Labels are dealt to the accounts at random, so that every order of the list is worth as much as any other: first under a
given score, then with a score learned from such labels and judged in five folds, as `icp.train` does with undated rows.
"""

from __future__ import annotations

import numpy as np

from benchmarks.claims._protocol import ClaimRow, share_row
from benchmarks.claims._ranking import World
from benchmarks.claims._tables import noise
from icp.evaluation import evaluate, signal
from icp.model._judge import judge
from icp.options import BacktestOptions
from icp.scoring import PropensityClassifier

WORLDS = (
    World(500, 20),
    World(1000, 50),
    World(1000, 200),
    World(5000, 50),
    World(5000, 500),
    World(1000, 50, ties=True),
    World(1000, 200, repeats=4),
)


LEARNED = ((400, 120), (800, 200), (2000, 300))
"""Accounts, and best customers among them."""


def run(n_runs: int, seed: int, worlds: tuple[World, ...] = WORLDS) -> list[ClaimRow]:
    """How often the interval of the lift holds 1, and how often the verdict is "no signal".

    Learning a score five times costs seconds, so there are 1 in 5 as many of those runs.
    """
    return [*given(n_runs, seed, worlds), *(learned(max(2, n_runs // 5), seed, *size) for size in LEARNED)]


def learned(n_runs: int, seed: int, n: int, n_best: int) -> ClaimRow:
    """The verdict on scores learned from labels dealt at random."""
    quiet = []
    for i in range(n_runs):
        rng = np.random.default_rng([seed, n, i])
        table, y = noise(rng, n), np.zeros(n)
        y[rng.permutation(n)[:n_best]] = 1.0

        def margins(train, test, order, table=table, y=y):
            score = PropensityClassifier(categorical=table.categorical).fit(table.values[train], y[train])
            return score.decision_function(table.values[test])

        judged = judge(margins, y, BacktestOptions(), dates=None, groups=np.arange(n), amount=None, seed=i)
        quiet.append(signal(judged.evaluation, in_folds=judged.in_folds)["signal"] is False)
    setting = f"{n:,} accounts, {n_best} best, ten traits that say nothing; a score learned and judged in five folds"
    return share_row('the verdict is "no signal"', "no signal", setting, quiet, least=0.93)


def given(n_runs: int, seed: int, worlds: tuple[World, ...]) -> list[ClaimRow]:
    """Verdict and interval under a score that is given."""
    holds, silent = [], []
    for number, world in enumerate(worlds):
        rng = np.random.default_rng([seed, number])
        mean = world.mean()
        one, quiet = [], []
        for _ in range(n_runs):
            y, margin, _, unit = world.draw(rng, mean)
            y = y.reshape(-1, world.repeats)[rng.permutation(world.n // world.repeats)].ravel()
            result = evaluate(y, margin, groups=unit)
            figures = result.metrics()
            one.append(figures["lift_at_10_low"] <= 1.0 <= figures["lift_at_10_high"])
            quiet.append(signal(result)["signal"] is False)
        holds.append(share_row("the interval of the lift holds 1", "lift 1", world.text, one, least=0.93))
        silent.append(share_row('the verdict is "no signal"', "no signal", world.text, quiet, least=0.93))
    return [*holds, *silent]
