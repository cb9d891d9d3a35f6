"""Accounts with a known score and a known chance, and the true value of every figure of their list."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, ndtri

from icp.evaluation._intervals import calibration_line, gain_at

Floats = NDArray[np.float64]

_GRID = ndtri((np.arange(100_000) + 0.5) / 100_000)
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(21)
_AMOUNT_SLOPE, _AMOUNT_SPREAD = 0.2, 0.8
_SHARED = 0.8


@dataclass(frozen=True)
class World:
    """Rows whose margin is normal and whose chance is ``expit(margin + own effect of the account)``.

    Parameters
    ----------
    n, wins : int
        Rows, and best customers to be expected among them.
    spread : float, default=1.2
        Standard deviation of the margin: 1.2 is an area under the curve of about 0.8.
    ties : bool, default=False
        Margins are whole numbers.
    repeats : int, default=1
        Rows per account; they share most of their margin and an effect of their own that no score knows.
    """

    n: int
    wins: int
    spread: float = 1.2
    ties: bool = False
    repeats: int = 1

    @property
    def text(self) -> str:
        """The setting in words."""
        parts = [f"{self.n:,} rows, {self.wins} best"]
        parts += ["weak score"] if self.spread < 1 else ["sharp score"] if self.spread > 2 else []
        parts += ["many ties"] if self.ties else []
        parts += [f"{self.repeats} rows per account"] if self.repeats > 1 else []
        return ", ".join(parts)

    @property
    def own(self) -> float:
        """Standard deviation of an account's own effect."""
        return 1.0 if self.repeats > 1 else 0.0

    def _margin(self, normal: Floats, mean: float) -> Floats:
        margin = mean + self.spread * normal
        return margin.round() if self.ties else margin

    def _chance(self, margin: Floats) -> Floats:
        if not self.own:
            return expit(margin)
        return expit(margin[:, None] + self.own * _NODES) @ _WEIGHTS / _WEIGHTS.sum()

    def mean(self) -> float:
        """Mean margin at which the expected number of best customers is ``wins``."""
        rate = self.wins / self.n
        return float(brentq(lambda m: self._chance(self._margin(_GRID[::50], m)).mean() - rate, -20.0, 20.0))

    def truth(self, mean: float) -> dict[str, float]:
        """Every figure for endless rows cut at the same shares, by quadrature."""
        margin = self._margin(_GRID, mean)
        chance = self._chance(margin)
        sizes, best = _blocks(margin, np.ones(len(margin))), _blocks(margin, chance)
        money = _blocks(margin, chance * np.exp(_AMOUNT_SLOPE * margin))
        others, tenth, p = sizes - best, np.array([0.1]), expit(margin)
        capture = float(gain_at(sizes, best, tenth)[0])
        below = others.sum() - np.cumsum(others) + 0.5 * others
        return {
            "lift_at_10": capture / 0.1,
            "precision_at_10": capture * float(chance.mean()) / 0.1,
            "value_capture_at_10": float(gain_at(sizes, money, tenth)[0]),
            "auc": float(best @ below / best.sum() / others.sum()),
            "average_precision": float(best @ (np.cumsum(best) / np.cumsum(sizes)) / best.sum()),
            "calibration_slope": calibration_line(chance, margin, np.arange(len(margin)))[0],
            "brier": float(np.mean(chance * (1 - p) ** 2 + (1 - chance) * p**2)),
            "log_loss": float(np.mean(np.logaddexp(0.0, margin) - chance * margin)),
        }

    def draw(self, rng: np.random.Generator, mean: float) -> tuple[Floats, Floats, Floats, NDArray[np.int64]]:
        """Labels, margins, amounts and accounts of one data set."""
        unit = np.arange(self.n) // self.repeats
        shared = np.sqrt(_SHARED) if self.repeats > 1 else 0.0
        normal = shared * rng.standard_normal(self.n)[unit] + np.sqrt(1 - shared**2) * rng.standard_normal(self.n)
        margin = self._margin(normal, mean)
        y = (rng.random(self.n) < expit(margin + self.own * rng.standard_normal(self.n)[unit])).astype(np.float64)
        amount = np.exp(_AMOUNT_SLOPE * margin + _AMOUNT_SPREAD * rng.standard_normal(self.n))
        return y, margin, amount, unit


def _blocks(margin: Floats, weight: Floats) -> Floats:
    _, place = np.unique(-margin, return_inverse=True)
    return np.bincount(place, weights=weight).astype(np.float64)
