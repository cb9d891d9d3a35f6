"""How much money is in the top of a list."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from icp.evaluation._intervals import gain_at

__all__ = ["paired_gain", "value_capture"]

Floats = NDArray[np.float64]
_MAX_DRAWN = 200_000_000
_LEAST_DRAWS = 50


def value_capture(
    propensity: Floats,
    expected: Floats,
    amount: Floats,
    *,
    groups: NDArray[np.int64] | None = None,
    share: float = 0.1,
    n_bootstrap: int = 1000,
    seed: int = 0,
) -> dict[str, float | int]:
    """Share of the money that lies in the top of the list: in order of expected value, and of propensity.

    Parameters
    ----------
    propensity, expected : ndarray of float64, shape (n,)
        The two orders, higher first; equal rows count with their expected place.
    amount : ndarray of float64, shape (n,)
        Money brought; 0 for accounts that did not become best customers.
    groups : ndarray of int64, shape (n,), default=None
        Rows of one number are drawn together.
    share : float, default=0.1
        Top of the list.
    n_bootstrap : int, default=1000
        Resamples behind the intervals; fewer where there are very many rows.
    seed : int, default=0
        Decides them.

    Returns
    -------
    dict
        ``n``, ``by_propensity``, ``by_value`` and ``difference``, each with ``_low`` and ``_high`` (95 %, paired).

    Examples
    --------
    >>> found = value_capture(np.arange(10.0), np.arange(10.0)[::-1], np.eye(10)[0], n_bootstrap=50)
    >>> found["by_propensity"], found["by_value"]
    (0.0, 1.0)
    """
    unit = np.arange(len(amount)) if groups is None else np.unique(groups, return_inverse=True)[1]
    orders = [_order(key) for key in (propensity, expected)]
    shares = np.array([share])
    once = np.ones(len(amount))
    exact = [_captured(order, once, amount, shares) for order in orders]
    n_draws = int(np.clip(_MAX_DRAWN // max(len(amount), 1), _LEAST_DRAWS, n_bootstrap))
    n_units = int(unit.max()) + 1
    rng = np.random.default_rng(seed)
    draws = np.empty((n_draws, 2))
    for i in range(n_draws):
        weight = np.bincount(rng.integers(0, n_units, n_units), minlength=n_units)[unit].astype(np.float64)
        draws[i] = [_captured(order, weight, amount, shares) for order in orders]
    found: dict[str, float | int] = {"n": len(amount)}
    columns = {"by_propensity": draws[:, 0], "by_value": draws[:, 1], "difference": draws[:, 1] - draws[:, 0]}
    values = (*exact, exact[1] - exact[0])
    for (name, drawn), value in zip(columns.items(), values, strict=True):
        low, high = np.nanquantile(drawn, [0.025, 0.975]) if np.isfinite(drawn).any() else (np.nan, np.nan)
        found |= {name: float(value), f"{name}_low": float(low), f"{name}_high": float(high)}
    return found


def paired_gain(loss: Floats, other: Floats) -> dict[str, Any]:
    """Whether one way of predicting has less loss than another on the same rows.

    Parameters
    ----------
    loss, other : ndarray of float64, shape (n,)
        Losses on held-out rows.

    Returns
    -------
    dict
        ``n``, mean ``difference`` (negative: the first is better) and its 95 % interval ``low``, ``high`` (normal).
    """
    gap = loss - other
    mean, error = float(gap.mean()), float(gap.std(ddof=1) / np.sqrt(len(gap))) if len(gap) > 1 else np.inf
    return {"n": len(gap), "difference": mean, "low": mean - 1.96 * error, "high": mean + 1.96 * error}


def _order(key: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Block of each row, best block first, and how many blocks there are in a vector of one."""
    _, place = np.unique(-key, return_inverse=True)
    return place, np.array([int(place.max()) + 1])


def _captured(
    order: tuple[NDArray[np.intp], NDArray[np.intp]], weight: Floats, amount: Floats, shares: Floats
) -> float:
    place, many = order
    sizes = np.bincount(place, weights=weight, minlength=int(many[0])).astype(np.float64)
    money = np.bincount(place, weights=weight * amount, minlength=int(many[0])).astype(np.float64)
    return float(gain_at(sizes, money, shares)[0])
