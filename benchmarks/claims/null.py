"""Labels that have nothing to do with the score.

Labels are dealt to the accounts at random, so that every order of the list is worth as much as any other.
"""

from __future__ import annotations

import numpy as np

from benchmarks.claims._protocol import ClaimRow, share_row
from benchmarks.claims._ranking import World
from icp.evaluation import evaluate, signal

WORLDS = (
    World(500, 20),
    World(1000, 50),
    World(1000, 200),
    World(5000, 50),
    World(5000, 500),
    World(1000, 50, ties=True),
    World(1000, 200, repeats=4),
)


def run(n_runs: int, seed: int, worlds: tuple[World, ...] = WORLDS) -> list[ClaimRow]:
    """How often the interval of the lift holds 1, and how often the verdict is "no signal"."""
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
