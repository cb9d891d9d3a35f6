"""The tables behind the pictures: tenths of a list, the gain curve, stated against observed rates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from icp.evaluation._intervals import gain_at
from icp.evaluation._lists import Measured, share_interval

__all__ = ["calibration_curve", "decile_rows", "gain_curve"]

Floats = NDArray[np.float64]


def gain_curve(margin: Floats, y: Floats, block: NDArray[np.int64]) -> list[list[float]]:
    """Share of all best customers found by working each block's list from the top.

    Parameters
    ----------
    margin, y : ndarray of float64, shape (n,)
        What the lists are ordered by, and 1 best, 0 not.
    block : ndarray of int64, shape (n,)
        Block of each row.

    Returns
    -------
    list of [float, float]
        Share of every list worked, and share of all best customers in it; 51 points.
    """
    shares, found = np.linspace(0.0, 1.0, 51), np.zeros(51)
    for number in np.unique(block):
        inside = block == number
        _, step, sizes = np.unique(-margin[inside], return_inverse=True, return_counts=True)
        best = np.bincount(step, weights=y[inside]).astype(np.float64)
        found += np.nan_to_num(gain_at(sizes.astype(np.float64), best, shares)) * best.sum()
    return [[round(float(s), 10), round(float(f), 10)] for s, f in zip(shares, found / max(1.0, y.sum()), strict=True)]


def decile_rows(
    measured: Measured, name: str, blocks: Sequence[int], margin: Floats, block: NDArray[np.int64]
) -> list[dict[str, float | int | None]]:
    """The lists cut into tenths, best first.

    Parameters
    ----------
    measured : Measured
        With that list.
    name : str
        The list.
    blocks : sequence of int
        Blocks taken together.
    margin : ndarray of float64, shape (n,)
        Log-odds of that list, for the mean propensity.
    block : ndarray of int64, shape (n,)
        Block of each row.

    Returns
    -------
    list of dict
        Keys ``decile, n, best, rate, lift, lift_low, lift_high, capture, mean_propensity``.
    """
    n, total, _ = measured.counts(blocks)
    stated = np.zeros(11)
    for number in blocks:
        p = np.sort(expit(margin[block == number]))[::-1]
        stated += np.interp(np.arange(11) / 10 * len(p), np.arange(len(p) + 1), np.concatenate([[0.0], np.cumsum(p)]))
    rows: list[dict[str, float | int | None]] = []
    captured = 0.0
    for i in range(1, 11):
        lift = measured.tenth(name, i, blocks)
        best = (lift.value or 0.0) * total / 10
        captured += best
        row: dict[str, float | int | None] = {
            "decile": i,
            "n": round(n / 10, 1),
            "best": round(best, 2),
            "rate": best / (n / 10),
        }
        row |= {"lift": lift.value, "lift_low": lift.low, "lift_high": lift.high, "capture": captured / total}
        rows.append({**row, "mean_propensity": float(stated[i] - stated[i - 1]) / (n / 10)})
    return rows


def calibration_curve(margin: Floats, y: Floats, unit: NDArray[np.int64]) -> list[dict[str, float | int | None]]:
    """Expected and observed rates in bins of about equal size, lowest first.

    Parameters
    ----------
    margin, y : ndarray of float64, shape (n,)
        Log-odds, and 1 best, 0 not.
    unit : ndarray of int64, shape (n,)
        Rows of one number are not independent.

    Returns
    -------
    list of dict
        Keys ``n, mean_propensity, observed, low, high``: Wilson's interval on as many rows as the variance over units
        is worth.
    """
    edges = np.unique(np.quantile(margin, np.arange(1, 10) / 10))
    place = np.searchsorted(edges, margin, side="left")
    rows: list[dict[str, float | int | None]] = []
    for number in np.unique(place):
        inside = place == number
        many, rate = int(inside.sum()), float(y[inside].mean())
        sums = np.bincount(np.unique(unit[inside], return_inverse=True)[1], weights=y[inside] - rate)
        low, high = share_interval(rate, float((sums**2).sum()) / many**2, float(len(sums)))
        stated = float(expit(margin[inside]).mean())
        rows.append({"n": many, "mean_propensity": stated, "observed": rate, "low": low, "high": high})
    return rows
