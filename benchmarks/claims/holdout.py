"""What the list adds, measured by hold-out: arms by hash inside score bands, analysed by intention to treat.

Each simulated campaign has its own accounts, scores and chances; ids are new, so the hash deals new arms. A/A: the list
adds nothing, and an interval that leaves out 0 is a false positive. Planted: the chance of a treated account rises by a
factor where reps work it, which they do with four in five, and the true value is the mean rise over the accounts of
that campaign. The last setting has chances that hardly follow the score. Balance: differences between the arms in
standard deviations, of the score and of a trait that the score does not know.
"""

from __future__ import annotations

import numpy as np

from benchmarks.claims._protocol import ClaimRow, mean_row, share_row
from icp.lists import assign_arms, holdout_lift, score_band

SETTINGS = (
    (1_000, 0.10, 0.2, 2.5),
    (5_000, 0.05, 0.1, 2.5),
    (5_000, 0.05, 0.5, 2.5),
    (20_000, 0.02, 0.1, 2.5),
    (5_000, 0.10, 0.1, 0.3),
)
_FACTOR, _WORKED = 1.8, 0.8


def run(n_runs: int, seed: int, settings: tuple[tuple[int, float, float, float], ...] = SETTINGS) -> list[ClaimRow]:
    """False positives, coverage and balance in every setting."""
    rows: list[list[ClaimRow]] = [[], [], [], []]
    for number, (n, rate, share, spread) in enumerate(settings):
        rng = np.random.default_rng([seed, number])
        found = [_campaign(rng, n, rate, share, spread, f"{seed}-{number}-{i}") for i in range(n_runs)]
        null, covered, apart, other = (np.array([one[k] for one in found]) for k in range(4))
        text = f"{n:,} accounts, {100 * rate:g} in 100 best, {100 * share:.0f} % held out, spread of the score {spread}"
        slack = 3 * (0.05 * 0.95 / n_runs) ** 0.5
        target = {"least": max(0.0, 0.05 - slack), "most": 0.05 + slack}
        rows[0].append(share_row("A/A: the interval leaves out 0", "no difference", text, null, **target))
        rows[1].append(share_row("interval of the planted lift", "mean rise, known", text, covered, least=0.93))
        rows[2].append(mean_row("mean difference of the score between arms, in sd", "0", text, apart, most=0.02))
        claim = "squared difference of an unknown trait between arms, over that of arms dealt by chance"
        rows[3].append(mean_row(claim, "1", text, other, least=0.8, most=1.2))
    return [row for part in rows for row in part]


def _campaign(
    rng: np.random.Generator, n: int, rate: float, share: float, spread: float, campaign: str
) -> tuple[bool, bool, float, float]:
    """One campaign: a false positive without effect, coverage with one, and how far the arms differ."""
    score = rng.normal(size=n)
    chance = 1.0 / (1.0 + np.exp(-(spread * score + _level(rate, spread))))
    percentile = 100.0 * (np.argsort(np.argsort(score)) + 0.5) / n
    bands = score_band(percentile)
    held = assign_arms([f"A-{i}" for i in range(n)], bands, campaign=campaign, share=share).held
    without = rng.random(n) < chance
    null = holdout_lift(held, without, bands)
    rise = np.minimum(chance * (_FACTOR - 1.0), 1.0 - chance) * _WORKED
    worked = rng.random(n) < _WORKED
    raised = np.minimum(chance * np.where(worked, _FACTOR, 1.0), 1.0)
    told = holdout_lift(held, rng.random(n) < np.where(held, chance, raised), bands)
    apart = abs(float(score[held].mean() - score[~held].mean()))
    trait = rng.normal(size=n)
    chance_of = 1.0 / held.sum() + 1.0 / (~held).sum()
    return (
        not float(null["low"] or 0.0) <= 0.0 <= float(null["high"] or 0.0),
        float(told["low"] or 0.0) <= float(rise.mean()) <= float(told["high"] or 0.0),
        apart,
        float((trait[held].mean() - trait[~held].mean()) ** 2 / chance_of),
    )


def _level(rate: float, spread: float) -> float:
    """Level that gives the rate, by quadrature and halving."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    low, high = -30.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2.0
        mean = float((weights / (1.0 + np.exp(-(spread * nodes + middle)))).sum() / weights.sum())
        low, high = (middle, high) if mean < rate else (low, middle)
    return low
