"""How well a list ranks, with an interval behind every figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from icp._statistics import wilson
from icp.errors import NotEnoughDataError
from icp.evaluation._intervals import GainDraws, auc_interval, calibration_line, draw_gains, gain_at

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
    gains : GainDraws
        Gain curve at tenths of the list, with its bootstrap.
    amount : ndarray of float64, shape (n,), or None
        Money a best customer brought; NaN where unknown.
    """

    y: Floats
    margin: Floats
    unit: NDArray[np.int64]
    gains: GainDraws
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
        auc, auc_low, auc_high = auc_interval(self.y, self.margin, self.unit)
        slope, slope_low, slope_high, intercept = calibration_line(self.y, self.margin, self.unit)
        p, rate = expit(self.margin), float(self.y.mean())
        lift = float(self.gains.captured[0]) / 0.1
        low, high = _interval(self.gains.draws[:, 0] / 0.1)
        figures = {
            "auc": auc,
            "auc_low": auc_low,
            "auc_high": auc_high,
            "average_precision": _average_precision(self.y, self.margin),
            "log_loss": float(np.mean(np.logaddexp(0.0, self.margin) - self.y * self.margin)),
            "brier": float(np.mean((p - self.y) ** 2)),
            "calibration_slope": slope,
            "calibration_slope_low": slope_low,
            "calibration_slope_high": slope_high,
            "calibration_intercept": intercept,
            "base_rate": rate,
            "lift_at_10": lift,
            "lift_at_10_low": low,
            "lift_at_10_high": high,
            "capture_at_10": lift * 0.1,
            "precision_at_10": lift * rate,
        }
        if self.amount is not None and np.nansum(self.amount) > 0:
            figures["value_capture_at_10"] = self._value_capture()
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
        lifts = np.diff(self.gains.draws, axis=1, prepend=0.0) / 0.1
        rows, start, before, before_chance = [], 0, 0.0, 0.0
        for i, end in enumerate(ends):
            many, best = int(end) - start, float(found[i]) - before
            low, high = _interval(lifts[:, i])
            rate = best / many if many else np.nan
            rows.append(
                {
                    "decile": i + 1,
                    "n": many,
                    "best": round(best, 2),
                    "rate": _plain(rate),
                    "lift": _plain(rate / (total / n)),
                    "lift_low": _plain(low),
                    "lift_high": _plain(high),
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

    def _value_capture(self) -> float:
        """Share of the money of all best customers in the first tenth of the list."""
        money = np.nan_to_num(np.asarray(self.amount, dtype=np.float64)) * self.y
        return float(gain_at(*_blocks(self.margin, money), np.array([0.1]))[0])


def evaluate(
    y: ArrayLike,
    margin: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    amount: ArrayLike | None = None,
    n_bootstrap: int = 1000,
    seed: int = 0,
) -> Evaluation:
    """Judge margins of rows the model never saw.

    Intervals are 95 %: DeLong for the area under the ROC curve, a percentile bootstrap for lift, Wilson for rates, a
    sandwich for the calibration slope. They hold for accounts like these; with ``groups`` whole groups are resampled.

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
    n_bootstrap : int, default=1000
        Resamples behind the lift intervals.
    seed : int, default=0
        Decides them.

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
    >>> result = evaluate([1, 0, 1, 0, 0], [2.0, -1.0, 0.5, 0.0, -2.0], n_bootstrap=100)
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
    gains = draw_gains(target, score, _TENTHS, unit=unit, n_bootstrap=n_bootstrap, seed=seed)
    money = None if amount is None else np.asarray(amount, dtype=np.float64)
    return Evaluation(target, score, np.arange(len(target)) if unit is None else unit, gains, money)


def signal(evaluation: Evaluation) -> dict[str, bool | str]:
    """Whether the traits tell best customers from others at all.

    Parameters
    ----------
    evaluation : Evaluation
        Of rows the model never saw.

    Returns
    -------
    dict
        ``signal`` is False when the interval of the area under the curve reaches 0.5 and the interval of the lift
        reaches 1; ``text`` says so in words.
    """
    return signal_in(evaluation.metrics())


def signal_in(figures: Mapping[str, Any]) -> dict[str, bool | str]:
    """The same from the figures alone.

    Parameters
    ----------
    figures : mapping
        ``auc`` and ``lift_at_10``, each with ``_low`` and ``_high``.

    Returns
    -------
    dict
        ``signal`` and ``text``.
    """
    auc, low, high = figures["auc"], figures["auc_low"], figures["auc_high"]
    lift, lift_low, lift_high = (figures[name] for name in ("lift_at_10", "lift_at_10_low", "lift_at_10_high"))
    if (low or 0.0) <= 0.5 and (lift_low or 0.0) <= 1.0:
        return {
            "signal": False,
            "text": f"No signal: on accounts it had not seen, the score ranks no better than chance (AUC {auc:.2f}, "
            f"95 % {low:.2f} to {high:.2f}; 0.50 is chance). Do not work this list in its order.",
        }
    return {
        "signal": True,
        "text": f"The best tenth of the list holds {lift:.1f} times as many best customers as a tenth picked at random "
        f"(95 % {lift_low:.1f} to {lift_high:.1f}); AUC {auc:.2f} ({low:.2f} to {high:.2f}).",
    }


def _average_precision(y: Floats, margin: Floats) -> float:
    """Mean over best customers of the precision at their margin."""
    sizes, best = _blocks(margin, y)
    precision = np.cumsum(best) / np.cumsum(sizes)
    return float(np.sum(precision * best) / best.sum())


def _blocks(margin: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Rows and summed weights at each distinct margin, best first."""
    _, place, sizes = np.unique(-margin, return_inverse=True, return_counts=True)
    return sizes.astype(np.float64), np.bincount(place, weights=weights).astype(np.float64)


def _interval(draws: Floats) -> tuple[float, float]:
    known = draws[np.isfinite(draws)]
    if not len(known):
        return np.nan, np.nan
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
