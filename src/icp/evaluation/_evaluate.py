"""How well a list ranks, with an interval behind every figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

from icp._statistics import wilson
from icp.errors import NotEnoughDataError
from icp.evaluation._intervals import auc_interval, calibration_line, gain_at
from icp.evaluation._top import Figure, Ranked, mean_figure, rank

__all__ = ["Evaluation", "evaluate", "signal", "signal_in"]

Floats = NDArray[np.float64]
_TENTHS = np.arange(1, 11) / 10
_GAIN_STEPS = np.linspace(0.0, 1.0, 51)
_N_BINS = 10


@dataclass(frozen=True)
class Evaluation:
    """Labels and margins of rows the model never saw, and what they show.

    Parameters
    ----------
    y : ndarray of float64, shape (n,)
        1 best, 0 not.
    margin : ndarray of float64, shape (n,)
        Calibrated log-odds.
    unit : ndarray of int64, shape (n,)
        Rows of one number are not independent.
    amount : ndarray of float64, shape (n,), or None
        Money a best customer brought; NaN where unknown.
    """

    y: Floats
    margin: Floats
    unit: NDArray[np.int64]
    amount: Floats | None = None

    def metrics(self) -> dict[str, float | int | None]:
        """The figures of ``metrics.json``.

        ``lift_at_10`` is the rate of best customers in the first tenth of the list over the overall rate,
        ``capture_at_10`` the share of all best customers in that tenth, ``calibration_intercept`` is calibration in the
        large. Rows of equal margin count with their expected value.

        Returns
        -------
        dict
            Plain numbers; None where a figure does not exist, as a slope of equal margins.
        """
        auc = Figure(*auc_interval(self.y, self.margin, self.unit))
        slope, slope_low, slope_high, intercept = calibration_line(self.y, self.margin, self.unit)
        p, rate, ranked = expit(self.margin), float(self.y.mean()), self._ranked
        capture = ranked.captured(self.y, 0.0, 0.1)
        figures = {
            **_named("auc", auc),
            **_named("average_precision", ranked.average_precision(self.y)),
            **_named("log_loss", mean_figure(np.logaddexp(0.0, self.margin) - self.y * self.margin, self.unit)),
            **_named("brier", mean_figure((p - self.y) ** 2, self.unit)),
            **_named("calibration_slope", Figure(slope, slope_low, slope_high)),
            "calibration_intercept": intercept,
            "base_rate": rate,
            **_named("lift_at_10", Figure(*(value / 0.1 for value in capture))),
            **_named("capture_at_10", capture),
            **_named("precision_at_10", ranked.rate(self.y, 0.1)),
        }
        if self.amount is not None and np.nansum(self.amount) > 0:
            figures |= _named("value_capture_at_10", ranked.captured(self._money(), 0.0, 0.1))
        plain: dict[str, float | int | None] = {name: _plain(value) for name, value in figures.items()}
        plain["n_test"] = len(self.y)
        return plain

    def deciles(self) -> list[dict[str, float | int | None]]:
        """The list cut into tenths, best first.

        Returns
        -------
        list of dict
            Keys ``decile, n, best, rate, lift, lift_low, lift_high, capture, mean_propensity``; ``best`` is a fraction
            where a cut goes through equal margins, ``capture`` adds up from the top.
        """
        n, total = len(self.y), float(self.y.sum())
        ends = np.round(_TENTHS * n).astype(int)
        sizes, sums = _blocks(self.margin, self.y)
        found = gain_at(sizes, sums, ends / n) * total
        chance = gain_at(*_blocks(self.margin, expit(self.margin)), ends / n) * float(expit(self.margin).sum())
        rows, start, before, before_chance = [], 0, 0.0, 0.0
        for i, end in enumerate(ends):
            many, best = int(end) - start, float(found[i]) - before
            _, low, high = self._ranked.captured(self.y, start / n, int(end) / n)
            rate = best / many if many else np.nan
            rows.append(
                {
                    "decile": i + 1,
                    "n": many,
                    "best": round(best, 2),
                    "rate": _plain(rate),
                    "lift": _plain(rate / (total / n)),
                    "lift_low": _plain(low * n / many if many else np.nan),
                    "lift_high": _plain(high * n / many if many else np.nan),
                    "capture": _plain(float(found[i]) / total),
                    "mean_propensity": _plain((float(chance[i]) - before_chance) / many if many else np.nan),
                }
            )
            start, before, before_chance = int(end), float(found[i]), float(chance[i])
        return rows

    def calibration(self) -> list[dict[str, float | int | None]]:
        """Expected and observed rates in bins of about equal size, lowest first.

        Returns
        -------
        list of dict
            Keys ``n, mean_propensity, observed, low, high`` (Wilson interval); rows of one margin share a bin.
        """
        edges = np.unique(np.quantile(self.margin, np.arange(1, _N_BINS) / _N_BINS))
        place = np.searchsorted(edges, self.margin, side="left")
        rows = []
        for number in np.unique(place):
            inside = place == number
            many, best = int(inside.sum()), float(self.y[inside].sum())
            low, high = wilson(best, many)
            rows.append(
                {
                    "n": many,
                    "mean_propensity": _plain(float(expit(self.margin[inside]).mean())),
                    "observed": _plain(best / many),
                    "low": _plain(float(low)),
                    "high": _plain(float(high)),
                }
            )
        return rows

    def gain(self) -> list[list[float]]:
        """The gain curve.

        Returns
        -------
        list of [float, float]
            Share of the list worked, best first, and share of all best customers in it; 51 points.
        """
        captured = gain_at(*_blocks(self.margin, self.y), _GAIN_STEPS)
        return [[round(float(share), 10), round(float(c), 10)] for share, c in zip(_GAIN_STEPS, captured, strict=True)]

    def tiers(self, tier_labels: ArrayLike) -> list[dict[str, Any]]:
        """Observed rate in each tier.

        Parameters
        ----------
        tier_labels : array-like of str, shape (n,)
            Tier of each row.

        Returns
        -------
        list of dict
            Keys ``tier, n, best, rate, low, high`` (Wilson interval), tier A first.
        """
        labels = np.asarray(tier_labels).astype(str)
        rows = []
        for letter in np.unique(labels):
            inside = labels == letter
            many, best = int(inside.sum()), int(self.y[inside].sum())
            low, high = wilson(best, many)
            rows.append(
                {
                    "tier": str(letter),
                    "n": many,
                    "best": best,
                    "rate": _plain(best / many),
                    "low": _plain(float(low)),
                    "high": _plain(float(high)),
                }
            )
        return rows

    @cached_property
    def _ranked(self) -> Ranked:
        return rank(self.margin, self.unit)

    def _money(self) -> Floats:
        """What each best customer brought; 0 for others."""
        return np.nan_to_num(np.asarray(self.amount, dtype=np.float64)) * self.y


def evaluate(
    y: ArrayLike,
    margin: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    amount: ArrayLike | None = None,
) -> Evaluation:
    """Judge margins of rows the model never saw.

    Intervals are 95 %, all in closed form: DeLong for the area under the ROC curve, Wilson on the number of trials that
    the variance is worth for lift, capture and precision (the cut is estimated, and counted as such), a sandwich for
    the calibration slope. They hold for accounts like these and this score; with ``groups`` errors are summed by group.

    Parameters
    ----------
    y : array-like of float, shape (n,)
        1 best, 0 not.
    margin : array-like of float, shape (n,)
        Calibrated log-odds, higher is better.
    groups : array-like, shape (n,), default=None
        Rows of one group are not independent (an account on several dates).
    amount : array-like of float, shape (n,), default=None
        Money a best customer brought.

    Returns
    -------
    Evaluation
        Figures and tables as plain JSON values.

    Raises
    ------
    NotEnoughDataError
        No best customers, or no others, among the rows (``ICP334``).
    ValueError
        Arrays of unlike length, or values that are not finite.

    Examples
    --------
    >>> result = evaluate([1, 0, 1, 0, 0], [2.0, -1.0, 0.5, 0.0, -2.0])
    >>> result.metrics()["auc"]
    1.0
    """
    target, score = np.asarray(y, dtype=np.float64), np.asarray(margin, dtype=np.float64)
    if target.shape != score.shape or target.ndim != 1 or not np.isfinite(score).all():
        raise ValueError(f"y {target.shape} and margin {score.shape} must be vectors of one length, margins finite.")
    if not np.isin(target, (0.0, 1.0)).all():
        raise ValueError("y must hold 0 and 1 only; leave unlabelled rows out.")
    if not 0 < target.sum() < len(target):
        raise NotEnoughDataError.one(
            "ICP334",
            f"{len(target):,} rows to judge on hold {int(target.sum()):,} best customers.",
            "Both best customers and others are needed: judge on more rows.",
        )
    unit = None if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1].astype(np.int64)
    money = None if amount is None else np.asarray(amount, dtype=np.float64)
    return Evaluation(target, score, np.arange(len(target)) if unit is None else unit, money)


def signal(evaluation: Evaluation, *, in_folds: bool = False) -> dict[str, bool | str]:
    """Whether the traits tell best customers from others at all.

    Parameters
    ----------
    evaluation : Evaluation
        Of rows the model never saw.
    in_folds : bool, default=False
        Whether rows were judged in folds, each by a model that learned from the others.

    Returns
    -------
    dict
        ``signal`` is True when the interval of the area under the curve lies above 0.5 or that of the lift above 1, and
        the other figure points the same way; ``text`` says so in words.

    Notes
    -----
    In folds every pair of rows is used twice, each learning from the other. Where the traits say nothing, that doubles
    the variance of the figures, so the distance from chance is asked to be the root of two times as large.
    """
    return signal_in(evaluation.metrics(), in_folds=in_folds)


def signal_in(figures: Mapping[str, Any], *, in_folds: bool = False) -> dict[str, bool | str]:
    """The same from the figures alone.

    Parameters
    ----------
    figures : mapping
        ``auc`` and ``lift_at_10``, each with ``_low`` and ``_high``.
    in_folds : bool, default=False
        As for :func:`signal`.

    Returns
    -------
    dict
        ``signal`` and ``text``.
    """
    auc, low, high = (float(figures[name] or 0.0) for name in ("auc", "auc_low", "auc_high"))
    lift, lift_low, lift_high = (float(figures[f"lift_at_10{end}"] or 0.0) for end in ("", "_low", "_high"))
    wider = np.sqrt(2.0) if in_folds else 1.0
    clear_auc = low > 0.5 and (auc >= 1.0 or logit(auc) > wider * (logit(auc) - logit(low)))
    clear_lift = lift - wider * (lift - lift_low) > 1.0
    if not ((clear_auc and lift > 1.0) or (clear_lift and auc > 0.5)):
        near = " (rows were judged in folds, where chance alone moves this figure further)" if low > 0.5 else ""
        return {
            "signal": False,
            "text": "No signal: on accounts it had not seen, the score is not shown to rank better than chance "
            f"(AUC {auc:.2f}, 95 % {low:.2f} to {high:.2f}; 0.50 is chance){near}. Do not work this list in its order.",
        }
    return {
        "signal": True,
        "text": f"The best tenth of the list holds {lift:.1f} times as many best customers as a tenth picked at random "
        f"(95 % {lift_low:.1f} to {lift_high:.1f}); AUC {auc:.2f} ({low:.2f} to {high:.2f}).",
    }


def _blocks(margin: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Rows and summed weights at each distinct margin, best first."""
    _, place, sizes = np.unique(-margin, return_inverse=True, return_counts=True)
    return sizes.astype(np.float64), np.bincount(place, weights=weights).astype(np.float64)


def _named(name: str, figure: Figure) -> dict[str, float]:
    return {name: figure.value, f"{name}_low": figure.low, f"{name}_high": figure.high}


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
