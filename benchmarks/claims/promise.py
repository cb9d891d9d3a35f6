"""How many accounts of a call list convert, inside the interval that its summary gives.

Accounts with one trait; a straight line in log-odds is learned from some of them, in five folds, and its calibration
table is of the folds' held-out rows, as for a real model. Then a new list: the best that fit its slots are called and
each converts by its true chance. "Bent" is a truth that no straight line is right about.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from benchmarks.claims._protocol import ClaimRow, mean_row, share_row
from icp.evaluation._curves import calibration_curve
from icp.lists import expected_conversions

Floats = NDArray[np.float64]
SETTINGS = (
    (600, 0.2, 1_000, 40, False),
    (2_000, 0.1, 5_000, 100, False),
    (2_000, 0.03, 2_000, 20, False),
    (10_000, 0.1, 20_000, 2_000, False),
    (2_000, 0.1, 5_000, 100, True),
    (10_000, 0.1, 20_000, 2_000, True),
)
"""Rows learned from, base rate, accounts scored, slots, and whether the truth is bent."""


def run(n_runs: int, seed: int, settings: tuple[tuple[int, float, int, int, bool], ...] = SETTINGS) -> list[ClaimRow]:
    """Coverage in each setting, and how wide the interval is beside that of chance alone."""
    rows = []
    for number, (n, rate, n_new, slots, bent) in enumerate(settings):
        covered, width = [], []
        for i in range(n_runs):
            inside, wide = _one(np.random.default_rng([seed, number, i]), n, rate, n_new, slots, bent)
            covered.append(inside)
            width.append(wide)
        shape = "bent" if bent else "straight"
        setting = f"learned from {n:,} ({100 * rate:.0f} % convert), {slots:,} of {n_new:,} called, {shape}"
        estimand = "the number that converts"
        rows.append(share_row("coverage of the 95 % interval", estimand, setting, covered, least=0.93))
        rows.append(mean_row("width over that of chance alone", "1", setting, width))
    return rows


def _one(rng: np.random.Generator, n: int, rate: float, n_new: int, slots: int, bent: bool) -> tuple[bool, float]:
    x, new = rng.standard_normal(n), rng.standard_normal(n_new)
    y = (rng.random(n) < _chance(x, rate, bent)).astype(np.float64)
    margin, fold = np.empty(n), np.arange(n) % 5
    for k in range(5):
        a, b = _line(x[fold != k], y[fold != k])
        margin[fold == k] = a + b * x[fold == k]
    a, b = _line(x, y)
    called = np.argsort(-(a + b * new), kind="stable")[:slots]
    p = expit(a + b * new[called])
    told = expected_conversions(p, calibration_curve(margin, y, np.arange(n)))
    came = int((rng.random(slots) < _chance(new[called], rate, bent)).sum())
    low, high = float(told.low or 0), float(told.high or 0)
    return low <= came <= high, (high - low) / (2 * 1.96 * float(np.sqrt((p * (1 - p)).sum())))


def _chance(x: Floats, rate: float, bent: bool) -> Floats:
    """True chances, of about the rate in the mean."""
    start = np.log(rate / (1.0 - rate)) - 0.4
    return expit(start + (1.2 * x - 0.25 * x**2 if bent else x))


def _line(x: Floats, y: Floats) -> tuple[float, float]:
    """Logistic regression by Newton's steps, with a hint of ridge."""
    design, w = np.column_stack([np.ones(len(x)), x]), np.zeros(2)
    for _ in range(12):
        p = expit(design @ w)
        hessian = (design * (p * (1.0 - p))[:, None]).T @ design + 0.1 * np.eye(2)
        w += np.linalg.solve(hessian, design.T @ (y - p) - 0.1 * w)
    return float(w[0]), float(w[1])
