"""How often the gate promotes: a model that is no better, one that is worse, and one that is better.

    python benchmarks/claims/gate.py --runs 100

Every run draws new accounts from one truth (ten traits that matter, ten that do not), fits a champion and challengers,
and hands their margins on later rows that none of them saw to the gate of ``icp.train``. Nothing is tuned to the
outcome: the truth, the sizes and the seeds are fixed above.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
from scipy.special import expit

from icp._statistics import wilson
from icp.model import decide
from icp.scoring import PropensityClassifier

N_TRAIN, N_LATER, N_SIGNAL, N_NOISE, TREES = 1500, 3000, 10, 10, 30
Rows = tuple[np.ndarray, np.ndarray]


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


def one_run(seed: int) -> dict[str, bool]:
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
        "no better: learned from a bootstrap of the same rows": (champion, fitted(X[again], y[again], every, 1)(later)),
        "no better: another seed": (champion, fitted(X, y, every, 1)(later)),
        "worse: half of the traits that matter are gone": (champion, poor),
        "worse: 40 % of the labels are mixed up": (champion, fitted(X, mixed, every)(later)),
        "better: half of the traits that matter come back": (poor, champion),
    }
    return {name: decide(outcome, a, b, n_bootstrap=200, seed=seed).promotes for name, (a, b) in trials.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--first", type=int, default=0, help="seed of the first run")
    asked = parser.parse_args()
    runs = [one_run(asked.first + i) for i in range(asked.runs)]
    print("| challenger | promoted | runs | share, 95 % interval |")
    print("| --- | ---: | ---: | --- |")
    for name in runs[0]:
        promoted = sum(run[name] for run in runs)
        low, high = (float(end) for end in wilson(promoted, len(runs)))
        print(f"| {name} | {promoted} | {len(runs)} | {promoted / len(runs):.3f} ({low:.3f} to {high:.3f}) |")


if __name__ == "__main__":
    main()
