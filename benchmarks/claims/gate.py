"""How often the gate promotes: a model that is no better, one that is worse, and one that is better.

Every run draws new accounts from one truth (ten traits that matter, ten that do not), fits a champion and challengers,
and hands their margins on later rows that none of them saw to the gate of `icp.train`. Nothing is tuned to the
outcome.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import expit

from benchmarks.claims._protocol import ClaimRow, share_row
from icp.model import decide
from icp.scoring import PropensityClassifier

N_TRAIN, N_LATER, N_SIGNAL, N_NOISE, TREES = 1500, 3000, 10, 10, 30
TRIALS: dict[str, tuple[str, dict[str, float]]] = {
    "learned from a bootstrap of the same rows": ("no better", {"most": 0.05}),
    "another seed": ("no better", {"most": 0.05}),
    "half of the traits that matter are gone": ("worse", {"most": 0.0}),
    "40 % of the labels are mixed up": ("worse", {"most": 0.0}),
    "half of the traits that matter come back": ("better", {}),
}
"""What each challenger is, whether it is truly better, and how often it may be promoted."""
Rows = tuple[np.ndarray, np.ndarray]


def run(n_runs: int, seed: int) -> list[ClaimRow]:
    """Promotions; a run fits five scores, so there are 1 in 10 as many."""
    trials = [one_run([seed, i]) for i in range(max(4, n_runs // 10))]
    setting = f"learned from {N_TRAIN:,} accounts, 1 in 8 best; compared on {N_LATER:,} later ones; challenger: "
    return [
        share_row(f"{truth} model: promoted", f"it is {truth}", setting + name, [t[name] for t in trials], **target)
        for name, (truth, target) in TRIALS.items()
    ]


def draw(rng: np.random.Generator, n: int) -> Rows:
    """Accounts of one truth: straight, bent and joint effects, about one in eight is best."""
    X = rng.normal(size=(n, N_SIGNAL + N_NOISE))
    weights = np.linspace(0.7, 0.25, N_SIGNAL)
    margin = -2.6 + X[:, :N_SIGNAL] @ weights + 0.4 * np.maximum(X[:, 1], 0.0) * (X[:, 2] > 0)
    return X, (rng.random(n) < expit(margin)).astype(float)


def fitted(
    X: np.ndarray, y: np.ndarray, columns: slice | np.ndarray, seed: int = 0
) -> Callable[[np.ndarray], np.ndarray]:
    """Margins by a score learned from some columns."""
    score = PropensityClassifier(max_trees=TREES, random_state=seed).fit(X[:, columns], y)
    return lambda Z: score.decision_function(Z[:, columns])


def one_run(seed: list[int]) -> dict[str, bool]:
    """Which challengers of one run were promoted."""
    rng = np.random.default_rng(seed)
    (X, y), (later, outcome) = draw(rng, N_TRAIN), draw(rng, N_LATER)
    every = np.arange(X.shape[1])
    half = np.concatenate([np.arange(0, N_SIGNAL, 2), np.arange(N_SIGNAL, N_SIGNAL + N_NOISE)])
    again = rng.integers(0, N_TRAIN, N_TRAIN)
    mixed = y.copy()
    some = rng.permutation(N_TRAIN)[: int(0.4 * N_TRAIN)]
    mixed[some] = y[rng.permutation(some)]
    champion = fitted(X, y, every)(later)
    poor = fitted(X, y, half)(later)
    trials = {
        "learned from a bootstrap of the same rows": (champion, fitted(X[again], y[again], every, 1)(later)),
        "another seed": (champion, fitted(X, y, every, 1)(later)),
        "half of the traits that matter are gone": (champion, poor),
        "40 % of the labels are mixed up": (champion, fitted(X, mixed, every)(later)),
        "half of the traits that matter come back": (poor, champion),
    }
    return {name: decide(outcome, a, b, n_bootstrap=200, seed=seed[-1]).promotes for name, (a, b) in trials.items()}
