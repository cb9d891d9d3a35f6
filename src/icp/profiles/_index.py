"""The index profile: what is more, or less, common among best customers than in a named base."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2, hypergeom

from icp.errors import NotEnoughDataError
from icp.profiles._groups import groups_of
from icp.tables import Trait, TraitTable

__all__ = [
    "MIN_BEST_CUSTOMERS",
    "control_false_discoveries",
    "count_index",
    "distinctive_traits",
    "refuse_too_few",
    "trait_index",
]

Floats = NDArray[np.float64]

MIN_BEST_CUSTOMERS = 10
"""Fewest best customers that an index is computed for."""

_STEPS = 70


def trait_index(
    labels: pd.Series, values: pd.Series, *, base: pd.Series | None = None, confidence: float = 0.95
) -> pd.DataFrame:
    """Over- and under-representation of each value among best customers.

    Parameters
    ----------
    labels : Series of bool, shape (n_accounts,)
        True for best customers; indexed by ``account_id``.
    values : Series, shape (n_accounts,)
        One trait, numeric or text; missing values form their own group, never a hidden zero. Numbers are grouped at
        round edges.
    base : Series of bool, shape (n_accounts,), default=None
        Population compared with; None means every account.
    confidence : float in (0, 1), default=0.95
        Coverage of the interval (see Notes).

    Returns
    -------
    DataFrame with one row per group
        ``n``, ``share``, ``base_n``, ``base_share``, ``index`` (100 = same as the base), ``low``, ``high``, ``woe``
        (weight of evidence, log of the ratio of shares), ``information`` (its share of the information value) and
        ``p`` (two-sided, exact for best customers that are part of the base).

    Raises
    ------
    NotEnoughDataError
        Fewer best customers than ``MIN_BEST_CUSTOMERS`` (``ICP240``), or an empty base (``ICP212``).

    Notes
    -----
    ``index = 100 * share / base_share``. Where best customers are part of the base, with share ``f`` of it,
    ``index / 100 = 1 / (f + (1 - f) / r)`` with ``r`` the ratio of the group's share among best customers to that among
    the rest, so the interval is that of ``r`` carried over; for ``r`` it is Koopman's score interval (Koopman 1984,
    Biometrics 40), which holds its coverage in small groups, empty ones too.

    Examples
    --------
    >>> import pandas as pd
    >>> best = pd.Series([True] * 20 + [False] * 80)
    >>> size = pd.Series(["large"] * 15 + ["small"] * 5 + ["large"] * 15 + ["small"] * 65)
    >>> trait_index(best, size)[["n", "share", "base_share", "index"]]
            n  share  base_share  index
    large  15   0.75         0.3  250.0
    small   5   0.25         0.7   35.7
    """
    best = np.asarray(labels, dtype=bool)
    of_base = np.ones(len(best), dtype=bool) if base is None else np.asarray(base, dtype=bool)
    trait, cells = _as_trait(values)
    refuse_too_few(int(best.sum()), int(of_base.sum()))
    groups = groups_of(trait, cells[of_base | best])
    inside = np.column_stack([group.holds(cells) for group in groups])
    return _table(inside, best, of_base, confidence, [group.text for group in groups])


def distinctive_traits(
    labels: ArrayLike,
    table: TraitTable,
    *,
    base: ArrayLike | None = None,
    fdr: float = 0.05,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Groups of all traits whose index departs from 100 after control of false discoveries.

    Parameters
    ----------
    labels : array-like of bool, shape (n_accounts,)
        True for best customers.
    table : TraitTable
        All accounts.
    base : array-like of bool, shape (n_accounts,), default=None
        Population compared with; None means every account.
    fdr : float, default=0.05
        Expected share of false ones among those listed (Benjamini and Hochberg 1995), over all groups of all traits.
    confidence : float, default=0.95
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        Columns ``trait, label, group, n, share, base_n, base_share, index, low, high, woe, information, p, q``; the
        most informative first; empty where nothing is distinctive.

    Raises
    ------
    NotEnoughDataError
        As :func:`trait_index`.
    """
    best = np.asarray(labels, dtype=bool)
    of_base = np.ones(len(best), dtype=bool) if base is None else np.asarray(base, dtype=bool)
    refuse_too_few(int(best.sum()), int(of_base.sum()))
    parts = []
    for j, trait in enumerate(table.traits):
        groups = groups_of(trait, table.values[of_base | best, j])
        inside = np.column_stack([group.holds(table.values[:, j]) for group in groups])
        part = _table(inside, best, of_base, confidence, [group.text for group in groups]).reset_index(names="group")
        part.insert(0, "label", trait.label)
        part.insert(0, "trait", trait.name)
        parts.append(part)
    everything = pd.concat(parts, ignore_index=True)
    everything["q"] = control_false_discoveries(everything["p"].to_numpy())
    found = everything[everything["q"] <= fdr]
    return found.sort_values("information", ascending=False, kind="stable").reset_index(drop=True)


def count_index(
    n: NDArray[np.int64],
    n_best: int,
    base_n: NDArray[np.int64],
    n_base: int,
    n_shared: int,
    shared: NDArray[np.int64],
    confidence: float,
) -> dict[str, Floats]:
    """The index and all that belongs to it, from counts.

    Parameters
    ----------
    n, base_n, shared : ndarray of int64, shape (n_groups,)
        Best customers, base accounts, and best customers inside the base, in each group.
    n_best, n_base, n_shared : int
        The same over all groups.
    confidence : float
        Coverage of the interval.

    Returns
    -------
    dict of str to ndarray
        ``share, base_share, index, low, high, woe, information, p``; NaN where the base has no account in the group.
    """
    share, base_share = n / n_best, base_n / n_base
    rest_n, n_rest = base_n - shared, n_base - n_shared
    low, high = _ratio_interval(n, n_best, rest_n, n_rest, confidence)
    part = n_shared / n_base
    with np.errstate(divide="ignore", invalid="ignore"):
        index = np.where(base_n > 0, share / base_share, np.nan)
        edges = [1.0 / (part + (1.0 - part) / bound) for bound in (low, high)]
    half = np.maximum(n, 0.5) / n_best, np.maximum(base_n, 0.5) / n_base
    woe = np.log(half[0] / half[1])
    return {
        "share": share,
        "base_share": base_share,
        "index": 100.0 * index,
        "low": 100.0 * np.where(base_n > 0, edges[0], np.nan),
        "high": 100.0 * np.where(base_n > 0, edges[1], np.nan),
        "woe": woe,
        "information": (share - base_share) * woe,
        "p": _two_sided(n, n_best, rest_n, n_rest),
    }


def control_false_discoveries(p: Floats) -> Floats:
    """Adjusted p-values of Benjamini and Hochberg (1995).

    Parameters
    ----------
    p : ndarray of float64, shape (n_tests,)
        One per test.

    Returns
    -------
    ndarray of float64, shape (n_tests,)
        Smallest false-discovery rate at which each test is still listed.

    Examples
    --------
    >>> import numpy as np
    >>> control_false_discoveries(np.array([0.01, 0.04, 0.03, 0.5])).round(3).tolist()
    [0.04, 0.053, 0.053, 0.5]
    """
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return adjusted


def _as_trait(values: pd.Series) -> tuple[Trait, Floats]:
    """A series as one trait column with its description."""
    name = str(values.name) if values.name is not None else "value"
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        return Trait(name, "numeric", "fit", name, (name,)), values.to_numpy(dtype=np.float64, na_value=np.nan)
    codes, levels = pd.factorize(values, sort=True)
    cells = np.where(codes < 0, np.nan, codes)
    return Trait(name, "categorical", "fit", name, (name,), levels=tuple(str(level) for level in levels)), cells


def refuse_too_few(n_best: int, n_base: int) -> None:
    """Refuse an index of hardly anybody, or over nobody.

    Parameters
    ----------
    n_best, n_base : int
        Best customers, and accounts of the base.

    Raises
    ------
    NotEnoughDataError
        Fewer best customers than ``MIN_BEST_CUSTOMERS`` (``ICP240``), or an empty base (``ICP212``).
    """
    if n_best < MIN_BEST_CUSTOMERS:
        raise NotEnoughDataError.one(
            "ICP240",
            f"{n_best} best customers are too few for an index.",
            f"At least {MIN_BEST_CUSTOMERS} are needed.",
        )
    if n_base == 0:
        raise NotEnoughDataError.one("ICP212", "the base to compare with is empty.", "Choose another base.")


def _table(
    inside: NDArray[np.bool_], best: NDArray[np.bool_], base: NDArray[np.bool_], confidence: float, names: list[str]
) -> pd.DataFrame:
    n, base_n, shared = (inside[rows].sum(axis=0) for rows in (best, base, best & base))
    numbers = count_index(n, int(best.sum()), base_n, int(base.sum()), int((best & base).sum()), shared, confidence)
    columns: dict[str, Any] = {"n": n, "share": numbers.pop("share"), "base_n": base_n, **numbers}
    columns.update({name: np.round(columns[name], 1) for name in ("index", "low", "high")})
    return pd.DataFrame(columns, index=names)


def _two_sided(n: NDArray[np.int64], n_best: int, rest_n: NDArray[np.int64], n_rest: int) -> Floats:
    """Fisher's exact test, twice the smaller tail."""
    total = n_best + n_rest
    lower = hypergeom.cdf(n, total, n + rest_n, n_best)
    upper = hypergeom.sf(n - 1, total, n + rest_n, n_best)
    return np.clip(2.0 * np.minimum(lower, upper), 0.0, 1.0)


def _ratio_interval(
    x1: NDArray[np.int64], n1: int, x2: NDArray[np.int64], n2: int, confidence: float
) -> tuple[Floats, Floats]:
    """Koopman's score interval of the ratio of two shares, by bisection on its logarithm."""
    limit = float(chi2.ppf(confidence, 1))
    if n2 <= 0:
        return np.ones(len(x1)), np.ones(len(x1))
    middle = np.log((x1 + 0.5) / (n1 + 0.5) * (n2 + 0.5) / (x2 + 0.5))
    low, high = (_bisect(x1, n1, x2, n2, limit, middle, side) for side in (-1.0, 1.0))
    return np.where(x1 == 0, 0.0, np.exp(low)), np.where(x2 == 0, np.inf, np.exp(high))


def _bisect(
    x1: NDArray[np.int64], n1: int, x2: NDArray[np.int64], n2: int, limit: float, middle: Floats, side: float
) -> Floats:
    inner, outer = middle.copy(), middle + side * 20.0
    for _ in range(_STEPS):
        half = (inner + outer) / 2.0
        beyond = _score(x1, n1, x2, n2, np.exp(half)) > limit
        outer, inner = np.where(beyond, half, outer), np.where(beyond, inner, half)
    return (inner + outer) / 2.0


def _score(x1: NDArray[np.int64], n1: int, x2: NDArray[np.int64], n2: int, ratio: Floats) -> Floats:
    """Koopman's chi-square of a ratio, with the shares that are most likely under it."""
    total = n1 + n2
    b = ratio * (n1 + x2) + x1 + n2
    root = np.sqrt(np.maximum(b**2 - 4.0 * ratio * total * (x1 + x2), 0.0))
    first = np.clip((b - root) / (2.0 * total), 1e-300, 1.0 - 1e-15)
    second = np.clip(first / ratio, 1e-300, 1.0 - 1e-15)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        score = (x1 - n1 * first) ** 2 / (n1 * first * (1.0 - first)) + (x2 - n2 * second) ** 2 / (
            n2 * second * (1.0 - second)
        )
    return np.nan_to_num(score, nan=0.0, posinf=1e300)
