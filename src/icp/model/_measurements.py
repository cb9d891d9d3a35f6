"""A rehearsal with its measurements: every figure of every list, in any blocks together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icp.evaluation import Block, Estimate, Measured, calibration_line
from icp.model._backtest import Rehearsal

__all__ = ["PROBABILITY", "Measurements", "flat", "train_rate"]

PROBABILITY = ("log_loss", "brier")
"""Figures that only a list of probabilities has."""


@dataclass(frozen=True)
class Measurements:
    """A rehearsal with its measurements.

    Parameters
    ----------
    found : Rehearsal
        Margins of every judged row.
    measured : Measured
        The same rows measured.
    figures : tuple of str
        Every figure that is given.
    """

    found: Rehearsal
    measured: Measured
    figures: tuple[str, ...]

    @property
    def everything(self) -> list[int]:
        """All blocks."""
        return list(range(len(self.found.blocks)))

    @property
    def open(self) -> list[int]:
        """Blocks that choices may look at."""
        return [i for i, block in enumerate(self.found.blocks) if not block.sealed]

    @property
    def sealed(self) -> list[int]:
        """The block, if any, that they may not."""
        return [i for i, block in enumerate(self.found.blocks) if block.sealed]

    @property
    def key(self) -> str:
        """The figure that lists are compared by."""
        return "lift_at_10" if self.measured.capacity is None else "lift_at_capacity"

    def of(self, blocks: Sequence[int], name: str = "score") -> dict[str, Any]:
        """Every figure of a list with its interval, and calibration.

        Parameters
        ----------
        blocks : sequence of int
            Blocks taken together.
        name : str, default="score"
            The list.

        Returns
        -------
        dict
            Plain numbers.
        """
        inside = np.isin(self.found.block, list(blocks))
        values: dict[str, Any] = {}
        for figure in self.figures:
            if figure in PROBABILITY and name.startswith("today"):
                continue
            values |= flat(figure, self.measured.figure(name, figure, blocks))
        n, n_best, winners = self.measured.counts(blocks)
        values |= {"base_rate": n_best / n, "n_test": n, "n_test_best": n_best, "n_winners": winners}
        if name in ("score", "random"):
            line = calibration_line(
                self.found.y[inside], self.found.margins[name][inside], _dense(self.found.unit[inside])
            )
            names = ("slope", "slope_low", "slope_high", "intercept")
            values |= {f"calibration_{key}": _plain(value) for key, value in zip(names, line, strict=True)}
        return values

    def less(self, other: str, blocks: Sequence[int], figures: Sequence[str]) -> dict[str, Any]:
        """The score less another list.

        Parameters
        ----------
        other : str
            The list.
        blocks : sequence of int
            Blocks taken together.
        figures : sequence of str
            Which figures.

        Returns
        -------
        dict
            Paired differences with their intervals.
        """
        values: dict[str, Any] = {}
        for figure in figures:
            values |= flat(figure, self.measured.difference("score", other, figure, blocks))
        return values


def train_rate(found: Rehearsal, blocks: Sequence[Block]) -> float:
    """Share of best customers among the rows that some blocks learned from.

    Parameters
    ----------
    found : Rehearsal
        With all rows.
    blocks : sequence of Block
        Which.

    Returns
    -------
    float
        Each row counts once.
    """
    learned = np.unique(np.concatenate([train for block in blocks for train, _ in block.parts]))
    return float(found.known.y[learned].mean())


def _dense(unit: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.unique(unit, return_inverse=True)[1].astype(np.int64)


def flat(name: str, estimate: Estimate) -> dict[str, float | None]:
    """An estimate as three values.

    Parameters
    ----------
    name : str
        Of the figure.
    estimate : Estimate
        The figure.

    Returns
    -------
    dict
        Keys ``name``, ``name_low`` and ``name_high``.
    """
    return {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
