"""The default score on fresh accounts: calibrated, and its reasons name what really counts.

Eight independent traits drive the log-odds, five numbers (straight, level at the ends, skewed) and three categories;
four more say nothing; one cell in twenty is empty. A true contribution is what a trait adds over the average account.
A row counts for the reasons where the largest is positive and 0.2 log-odds ahead of the next.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit

from benchmarks.claims._protocol import ClaimRow, mean_row, share_row
from benchmarks.claims._tables import as_table
from icp._statistics import wilson
from icp.evaluation._intervals import calibration_line
from icp.reasons import ReasonExtractor
from icp.scoring import PropensityClassifier
from icp.tables import TraitTable

Floats = NDArray[np.float64]

_AHEAD = 0.2
_N_FRESH = 3000


@dataclass(frozen=True)
class Crm:
    """Accounts, their label, their true chance, and what each trait truly adds to its log-odds."""

    table: TraitTable
    y: Floats
    chance: Floats
    effects: Floats


def run(n_runs: int, seed: int) -> list[ClaimRow]:
    """Calibration and reasons; learning a score costs seconds, so there are 1 in 100 as many runs."""
    n_models = max(3, n_runs // 100)
    rows = []
    for n in (1000, 5000):
        slopes, ratios, named = [], [], []
        for i in range(n_models):
            rng = np.random.default_rng([seed, n, i])
            slope, ratio, hits = _model(rng, n)
            slopes.append(slope)
            ratios.append(ratio)
            named.append(hits)
        setting = f"learned from {n:,} accounts, 1 in 10 best; {n_models} models, {_N_FRESH:,} fresh accounts each"
        rows.append(mean_row("calibration slope", "1", setting, slopes, least=0.9, most=1.1))
        rows.append(mean_row("mean propensity over the true rate", "1", setting, ratios, least=0.95, most=1.05))
        rows.append(_named(named, setting))
    return rows


def draw(rng: np.random.Generator, n: int, levels: Floats) -> Crm:
    """Accounts of one CRM; ``levels`` are the effects of the levels of its categories."""
    normal = rng.standard_normal((n, 5))
    codes = rng.integers(0, levels.shape[1], (n, 3))
    empty = rng.standard_normal((n, 2)), rng.integers(0, 5, (n, 2))
    cells = np.column_stack([normal[:, :3], np.exp(1.2 * normal[:, 3:] + 3), empty[0], codes, empty[1]]).astype(float)
    unknown = rng.random(cells.shape) < 0.05
    effects = np.column_stack(
        [
            0.5 * normal[:, 0],
            0.6 * np.clip(normal[:, 1], -1, 1),
            -0.4 * normal[:, 2],
            0.5 * normal[:, 3],
            0.6 * (normal[:, 4] > 0.5),
            np.zeros((n, 2)),
            np.take_along_axis(levels.T, codes, axis=0),
            np.zeros((n, 2)),
        ]
    )
    effects = np.where(unknown, 0.0, effects - np.array([0, 0, 0, 0, 0.6 * 0.3085, *[0] * 7]))
    total = effects.sum(axis=1)
    intercept = brentq(lambda shift: float(expit(total + shift).mean()) - 0.1, -20.0, 20.0)
    chance = expit(total + intercept)
    table = as_table(np.where(unknown, np.nan, cells), [False] * 7 + [True] * 5)
    return Crm(table, (rng.random(n) < chance).astype(float), chance, effects)


def _model(rng: np.random.Generator, n: int) -> tuple[float, float, NDArray[np.bool_]]:
    """Calibration slope, ratio of mean propensity to rate, and for each row that counts whether its driver is named."""
    levels = rng.normal(0.0, 0.6, (3, 6))
    levels -= levels.mean(axis=1, keepdims=True)
    known, fresh = draw(rng, n, levels), draw(rng, _N_FRESH, levels)
    model = PropensityClassifier(categorical=known.table.categorical).fit(known.table.values, known.y).model_
    book = ReasonExtractor().fit(known.table, known.y, model.contributions(known.table.values)).book_
    margin = model.check_margin(fresh.table.values)
    slope = calibration_line(fresh.chance, margin, np.arange(len(margin)))[0]
    reasons = book.reasons(fresh.table.values, model.contributions(fresh.table.values))
    order = np.sort(fresh.effects, axis=1)
    rows = np.flatnonzero(order[:, -1] - np.maximum(order[:, -2], 0.0) >= _AHEAD)
    starts = [f"{fresh.table.traits[j].label.capitalize()}" for j in fresh.effects.argmax(axis=1)]
    texts = zip(*(reasons[f"reason_{rank}"] for rank in (1, 2, 3)), strict=True)
    hits = np.array([any(_names(text, start) for text in row) for row, start in zip(texts, starts, strict=True)])
    return slope, float(expit(margin).mean() / fresh.chance.mean()), hits[rows]


def _names(text: str, label: str) -> bool:
    """Whether a sentence is about a trait: its label, and no digit after it, as "Trait 1" begins "Trait 10"."""
    return text.startswith(label) and not text[len(label) : len(label) + 1].isdigit()


def _named(hits: list[NDArray[np.bool_]], setting: str) -> ClaimRow:
    """Share of rows; its interval allows for models that differ."""
    rates, rows = np.array([hit.mean() for hit in hits]), np.concatenate(hits)
    share = share_row("reasons name the largest true contribution", "it is among the three", setting, rows, least=0.95)
    spread = float(rates.var(ddof=1)) / len(rates)
    worth = min(len(rows), share.figure * (1 - share.figure) / spread) if spread > 0 else len(rows)
    low, high = wilson(share.figure * worth, worth)
    return ClaimRow(**{**vars(share), "low": float(low), "high": float(high)})
