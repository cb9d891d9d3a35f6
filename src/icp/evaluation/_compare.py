"""Two scores on the same rows: paired differences, their intervals, and what these rows could show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, ndtri

from icp.errors import NotEnoughDataError
from icp.evaluation._intervals import auc_influence, gain_at

__all__ = ["Comparison", "Difference", "compare"]

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
POWER = 0.8
"""How often a difference of the detectable size would be shown."""
_TENTH = np.array([0.1])
_STEPS = 100
_SPREADS = 6.0


@dataclass(frozen=True)
class Difference:
    """One figure of two scores, and how far apart they are.

    Parameters
    ----------
    figure : str
        ``auc, log_loss, brier, lift_at_10`` or ``value_capture_at_10``.
    a, b : float
        The figure of each score.
    difference, low, high : float
        ``b`` less ``a`` with its interval; NaN ends where nothing can be said.
    detectable : float
        Smallest true difference that rows like these would show in 8 cases of 10.
    more_is_better : bool
        False for ``log_loss`` and ``brier``.
    """

    figure: str
    a: float
    b: float
    difference: float
    low: float
    high: float
    detectable: float
    more_is_better: bool

    @property
    def gain(self) -> float:
        """The difference, above 0 where ``b`` is the better one."""
        return self.difference if self.more_is_better else -self.difference

    @property
    def shown_better(self) -> bool:
        """Whether the whole interval says that ``b`` is the better one."""
        return bool(self.low > 0 if self.more_is_better else self.high < 0)

    @property
    def shown_worse(self) -> bool:
        """Whether the whole interval says that ``b`` is the worse one."""
        return bool(self.high < 0 if self.more_is_better else self.low > 0)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values.

        Returns
        -------
        dict
            One key per parameter; null where nothing can be said.
        """
        return {key: _plain(value) for key, value in self.__dict__.items()}


@dataclass(frozen=True)
class Comparison:
    """What the rows say about two scores.

    Parameters
    ----------
    differences : tuple of Difference
        ``auc, log_loss, brier, lift_at_10`` and, where amounts are known, ``value_capture_at_10``.
    n, n_best : int
        Rows, and best customers among them.
    overlap_at_10 : float
        Share of the best tenth by one score that is in the best tenth by the other.
    confidence : float
        Coverage of each interval by itself.
    """

    differences: tuple[Difference, ...]
    n: int
    n_best: int
    overlap_at_10: float
    confidence: float

    def __getitem__(self, figure: str) -> Difference:
        """One figure by its name."""
        return next(found for found in self.differences if found.figure == figure)

    def __iter__(self) -> Iterator[Difference]:
        """Over the differences."""
        return iter(self.differences)

    def more_best(self, figure: str, difference: float) -> int | None:
        """Best customers that are missing before a true difference would be shown in 8 cases of 10.

        Intervals shrink with the root of the number of rows, at the mix of these rows.

        Parameters
        ----------
        figure : str
            Which of the figures.
        difference : float
            Size that is to be shown; its sign does not matter.

        Returns
        -------
        int or None
            0 where these rows are enough; None for a difference of 0.
        """
        detectable = self[figure].detectable
        if not abs(difference) > 0 or not np.isfinite(detectable):
            return None
        return max(0, int(np.ceil(self.n_best * ((detectable / difference) ** 2 - 1.0))))

    def frame(self) -> pd.DataFrame:
        """The differences as a table.

        Returns
        -------
        DataFrame
            One row per figure, indexed by ``figure``.
        """
        return pd.DataFrame([found.to_dict() for found in self.differences]).set_index("figure")

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values.

        Returns
        -------
        dict
            One key per parameter.
        """
        return {**self.__dict__, "differences": [found.to_dict() for found in self.differences]}


def compare(
    y: ArrayLike,
    margin_a: ArrayLike,
    margin_b: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    amount: ArrayLike | None = None,
    n_bootstrap: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Comparison:
    """Compare two scores on rows that neither of them learned from.

    The intervals are those of the differences, so what both scores find hard on the same rows cancels: DeLong for the
    area under the curve, a paired mean for log loss and Brier, a paired percentile bootstrap for the figures of the
    best tenth. They hold for the two scores as they are and for rows like these; with ``groups`` whole groups count.

    Parameters
    ----------
    y : array-like of float, shape (n,)
        1 best, 0 not.
    margin_a, margin_b : array-like of float, shape (n,)
        Calibrated log-odds by the score in use and by the other one.
    groups : array-like, shape (n,), default=None
        Rows of one group are not independent.
    amount : array-like of float, shape (n,), default=None
        Money a best customer brought; NaN where unknown.
    n_bootstrap : int, default=1000
        Resamples behind the intervals of the best tenth.
    seed : int, default=0
        Decides them.
    confidence : float in (0, 1), default=0.95
        Coverage of each interval.

    Returns
    -------
    Comparison
        Differences are ``b`` less ``a``.

    Raises
    ------
    NotEnoughDataError
        No best customers, or no others, among the rows (``ICP334``).
    ValueError
        Arrays of unlike length, or margins that are not finite.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> truth = rng.normal(size=2000)
    >>> y = rng.random(2000) < 1 / (1 + np.exp(-truth))
    >>> found = compare(y, truth + rng.normal(size=2000), truth)
    >>> found["auc"].shown_better, found["log_loss"].shown_better
    (True, True)
    """
    target, a, b = (np.asarray(values, dtype=np.float64) for values in (y, margin_a, margin_b))
    if target.ndim != 1 or not target.shape == a.shape == b.shape or not np.isfinite(a + b).all():
        raise ValueError(f"y {target.shape}, margins {a.shape} and {b.shape} must be finite vectors of one length.")
    if not 0 < target.sum() < len(target):
        message = f"{len(target):,} rows to compare on hold {int(target.sum()):,} best customers."
        raise NotEnoughDataError.one("ICP334", message, "Both best customers and others are needed.")
    unit = np.arange(len(target)) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
    money = None if amount is None else np.nan_to_num(np.asarray(amount, dtype=np.float64)) * target
    money = money if money is not None and money.sum() > 0 else None
    z = float(ndtri(0.5 + confidence / 2.0))
    smooth = _smooth(target, a, b, unit.astype(np.int64), z)
    drawn = _best_tenth(target, a, b, unit.astype(np.int64), money, (n_bootstrap, seed, confidence))
    top_a, top_b = _in_best_tenth(a), _in_best_tenth(b)
    overlap = float(np.minimum(top_a, top_b).sum() / top_a.sum())
    return Comparison((*smooth, *drawn), len(target), int(target.sum()), overlap, confidence)


def _smooth(y: Floats, a: Floats, b: Floats, unit: Rows, z: float) -> list[Difference]:
    """Differences of AUC, log loss and Brier, with intervals in closed form."""
    auc_a, influence_a = auc_influence(y, a)
    auc_b, influence_b = auc_influence(y, b)
    found = [("auc", auc_a, auc_b, _error(influence_b - influence_a, unit), True)]
    losses = {
        "log_loss": [np.logaddexp(0.0, m) - y * m for m in (a, b)],
        "brier": [(expit(m) - y) ** 2 for m in (a, b)],
    }
    for name, (loss_a, loss_b) in losses.items():
        extra = loss_b - loss_a
        error = _error((extra - extra.mean()) / len(y), unit)
        found.append((name, float(loss_a.mean()), float(loss_b.mean()), error, False))
    reach = z + float(ndtri(POWER))
    return [
        Difference(name, at_a, at_b, at_b - at_a, at_b - at_a - z * error, at_b - at_a + z * error, reach * error, more)
        for name, at_a, at_b, error, more in found
    ]


def _error(influence: Floats, unit: Rows) -> float:
    """Standard error of a sum of influences whose units are independent."""
    sums = np.bincount(unit, weights=influence)
    return float(np.sqrt(np.sum(sums**2) * len(sums) / max(1, len(sums) - 1)))


def _best_tenth(
    y: Floats, a: Floats, b: Floats, unit: Rows, money: Floats | None, drawing: tuple[int, int, float]
) -> list[Difference]:
    """Differences of the figures of the best tenth, with a paired bootstrap."""
    n_bootstrap, seed, confidence = drawing
    spread = _SPREADS * np.sqrt(0.09 * float(np.sum(np.bincount(unit) ** 2))) / len(y)
    places = [_near_the_cut(margin, spread) for margin in (a, b)]
    cell = (places[0] * (_STEPS + 2) + places[1]) * 2 + (y > 0)
    pieces = _cut(cell, unit, money)
    weights = {"lift_at_10": (y, 10.0)} | ({} if money is None else {"value_capture_at_10": (money, 1.0)})
    worth = {name: pieces.worth(values) for name, (values, _) in weights.items()}
    sides = [place[pieces.order[pieces.start]] for place in places]
    rng = np.random.default_rng(seed)
    n_drawn = int(unit.max()) + 1
    draws = {name: np.empty((n_bootstrap, 2)) for name in weights}
    for i in range(n_bootstrap):
        count = rng.multinomial(n_drawn, pieces.odds)[pieces.owner].astype(np.float64)
        for j, place in enumerate(sides):
            sizes = np.bincount(place, count * pieces.many, _STEPS + 2).astype(np.float64)
            for name, values in worth.items():
                best = np.bincount(place, count * values, _STEPS + 2).astype(np.float64)
                draws[name][i, j] = gain_at(sizes, best, _TENTH)[0] * weights[name][1]
    exact = {
        name: [float((_in_best_tenth(m) * values).sum() / values.sum()) * scale for m in (a, b)]
        for name, (values, scale) in weights.items()
    }
    return [
        _drawn(name, (exact[name][0], exact[name][1]), draws[name][:, 1] - draws[name][:, 0], confidence)
        for name in weights
    ]


def _drawn(name: str, at: tuple[float, float], draws: Floats, confidence: float) -> Difference:
    at_a, at_b = at
    known = draws[np.isfinite(draws)]
    if len(known) < 2:
        return Difference(name, at_a, at_b, at_b - at_a, np.nan, np.nan, np.nan, True)
    low, high = np.quantile(known, [0.5 - confidence / 2.0, 0.5 + confidence / 2.0])
    reach = float(ndtri(0.5 + confidence / 2.0) + ndtri(POWER)) * float(known.std(ddof=1))
    return Difference(name, at_a, at_b, at_b - at_a, float(low), float(high), reach, True)


@dataclass(frozen=True)
class _Pieces:
    """Rows that a resample takes together.

    Rows sorted by piece, where each piece begins, whose it is, how many rows one draw of its owner adds, the owners'
    odds, and whether the piece stands for many units of one row each.
    """

    order: Rows
    start: Rows
    owner: Rows
    many: Floats
    odds: Floats
    shared: NDArray[np.bool_]

    def worth(self, values: Floats) -> Floats:
        """What one draw of each piece's owner adds of a value."""
        sums: Floats = np.add.reduceat(values[self.order], self.start)
        size = np.diff(np.concatenate((self.start, [len(self.order)])))
        return np.where(self.shared, sums / size, sums)


def _cut(cell: Rows, unit: Rows, money: Floats | None) -> _Pieces:
    """Pieces of a bootstrap over units.

    A unit of one row is exchangeable with every other such row of its cell, so they share one owner; a unit of several
    rows, or with an amount of its own, has one to itself.
    """
    shared = np.bincount(unit)[unit] == 1
    if money is not None:
        shared &= money == 0
    names, owner_of_row = np.unique(np.where(shared, cell, -1 - unit), return_inverse=True)
    order = np.lexsort((cell, owner_of_row))
    o, c = owner_of_row[order], cell[order]
    start = np.flatnonzero(np.concatenate(([True], (o[1:] != o[:-1]) | (c[1:] != c[:-1]))))
    size = np.diff(np.concatenate((start, [len(cell)]))).astype(np.float64)
    many_units = names[o[start]] >= 0
    units = np.where(names >= 0, np.bincount(owner_of_row), 1).astype(np.float64)
    return _Pieces(order, start, o[start], np.where(many_units, 1.0, size), units / units.sum(), many_units)


def _near_the_cut(margin: Floats, spread: float) -> Rows:
    """Place of each row in the list, fine near the first tenth where resamples cut, coarse elsewhere."""
    _, block, sizes = np.unique(-margin, return_inverse=True, return_counts=True)
    along = (np.cumsum(sizes) - sizes) / len(margin)
    edges = np.linspace(max(1e-9, 0.1 - spread), min(1.0, 0.1 + spread), _STEPS + 1)
    place: Rows = np.searchsorted(edges, along, side="right")[block]
    return place


def _in_best_tenth(margin: Floats) -> Floats:
    """How much of each row lies in the best tenth; rows of equal margin share what is left of it."""
    _, block, sizes = np.unique(-margin, return_inverse=True, return_counts=True)
    before = np.cumsum(sizes) - sizes
    share: Floats = np.clip((0.1 * len(margin) - before) / sizes, 0.0, 1.0)[block]
    return share


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not np.isfinite(value) else value
