"""How far an account is from those a score was learned on, as plain parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icp._folds import assign_folds
from icp._samples import USUAL_VALUES
from icp._sound import LARGEST, ascending
from icp.scoring._levels import LevelTables
from icp.scoring._linear import sum_margin

__all__ = ["Familiarity", "Usual", "learn_familiarity"]

Floats = NDArray[np.float64]

FREE = 4.0
"""Surprise that every value may have for nothing: two standard deviations, squared."""

CAP = 100.0
"""Most that one value can add: ten standard deviations, squared."""

LEAST_LINK = 0.3
"""Two numbers are judged together from this correlation of their normal scores on."""

_MOST_LINK = 0.98
_UNUSUAL, _FAR = 0.95, 0.99
_PLACES = (0.005, 0.01, 0.02, 0.05, *np.arange(0.1, 0.95, 0.1).round(1).tolist(), 0.95, 0.98, 0.99, 0.995)
_MAX_ROWS = USUAL_VALUES.rows
_N_FOLDS = 5
_ROWS_AT_ONCE = 1024
_TAIL = 0.995


@dataclass(frozen=True)
class Usual:
    """Which values of one trait are usual.

    Parameters
    ----------
    kind : {"numbers", "levels"}
        ``numbers`` become normal scores by their place among the training values; ``levels`` are looked up.
    points, scores : tuple of float
        Numbers: ``sign(x) * log(1 + |x|)`` at fixed places of the training values, and the normal score there. Levels:
        ``scores`` is the surprise of each code above the mean one, ``points`` is empty.
    slope : float, default=0.0
        Numbers: normal scores per unit beyond the ends. Levels: surprise of a value that was never seen.
    partner : int, default=-1
        The number this one is judged together with; -1 for none.
    link : float, default=0.0
        Correlation with it.
    spread : float, default=1.0
        Scale of what the partner leaves unexplained.
    weight : float, default=1.0
        How much the trait counts; the mean of all traits is 1.
    """

    kind: Literal["numbers", "levels"]
    points: tuple[float, ...]
    scores: tuple[float, ...]
    slope: float = 0.0
    partner: int = -1
    link: float = 0.0
    spread: float = 1.0
    weight: float = 1.0

    def __post_init__(self) -> None:
        if self.kind == "numbers" and not (0 < len(self.points) == len(self.scores) and ascending(self.points)):
            raise ValueError("numbers have a score at each point, and points in order")
        if not self.spread >= 1.0 / LARGEST or not 0 <= self.weight <= LARGEST or self.partner < -1:
            raise ValueError("a spread is above 0, a weight not below, and a partner a position")
        if not all(abs(number) <= LARGEST for number in (*self.points, *self.scores, self.slope, self.link)):
            raise ValueError("a surprise is larger than any")

    def place(self, x: Floats) -> Floats:
        """Normal score of numbers; 0 where not known.

        Parameters
        ----------
        x : ndarray of float64, shape (n,)
            Values; NaN is "not known".

        Returns
        -------
        ndarray of float64, shape (n,)
            Beyond the ends it goes on as a straight line.
        """
        return _Numbers([0], [replace(self, partner=-1)]).places(x[:, None])[0]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values.

        Returns
        -------
        dict
            One key per parameter.
        """
        return {**self.__dict__, "points": list(self.points), "scores": list(self.scores)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Usual:
        """What :meth:`to_dict` described.

        Parameters
        ----------
        values : mapping
            As made by :meth:`to_dict`.

        Returns
        -------
        Usual
            Equal to the one described.
        """
        return cls(**{**values, "points": tuple(values["points"]), "scores": tuple(values["scores"])})


class _Numbers:
    """Normal scores of many columns in one go, and which of them are judged together."""

    def __init__(self, columns: Sequence[int], usual: Sequence[Usual]) -> None:
        self.columns = np.array(columns, dtype=np.int64)
        self._curves = [(np.array(one.points), np.array(one.scores)) for one in usual]
        self._slope, self._first, self._last = (
            np.array(facts)[:, None]
            for facts in (
                [one.slope for one in usual],
                [one.points[0] for one in usual],
                [one.points[-1] for one in usual],
            )
        )
        place = {column: k for k, column in enumerate(columns)}
        self._joined = [k for k, one in enumerate(usual) if one.partner >= 0]
        mine = [usual[k] for k in self._joined]
        self._partner = [place[one.partner] for one in mine]
        self._link, self._spread = (
            np.array(facts)[:, None] for facts in ([one.link for one in mine], [one.spread for one in mine])
        )

    def places(self, X: Floats) -> Floats:
        """Normal scores, 0 where not known; shape (n_columns, n)."""
        x = X.T[self.columns]
        known = np.isfinite(x)
        bent = _bend(np.where(known, x, 0.0))
        scores = np.empty(bent.shape)
        for k, curve in enumerate(self._curves):
            scores[k] = np.interp(bent[k], *curve)
        beyond = np.maximum(bent - self._last, 0.0) + np.minimum(bent - self._first, 0.0)
        return np.where(known, scores + self._slope * beyond, 0.0)

    def unexplained(self, X: Floats) -> Floats:
        """The same, less what partners say where both are known."""
        left, known = self.places(X), np.isfinite(X.T[self.columns])
        rest = (left[self._joined] - self._link * left[self._partner]) / self._spread
        left[self._joined] = np.where(known[self._joined] & known[self._partner], rest, left[self._joined])
        return left


@dataclass(frozen=True)
class Familiarity:
    """Distance of accounts from those a score was learned on.

    ``distance = sum(weight * clip(surprise - 4, 0, 100))`` over the traits. The surprise of a number is the square of
    its normal score among the training accounts, or of what its partner leaves unexplained of it; that of a level is
    ``-2 * log(share)`` above its mean. A value that is not known surprises nobody.

    Parameters
    ----------
    usual : tuple of Usual
        One per trait.
    unusual, far : float
        Distances that 5 % and 1 % of accounts like the training accounts exceed, measured on accounts held out.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(1000, 2))
    >>> familiar = learn_familiarity(X, np.array([False, False]), np.array([1.0, 1.0]))
    >>> distance = familiar.distance(np.array([[0.0, 0.0], [1000.0, 0.0]]))
    >>> (distance > familiar.far).tolist()
    [False, True]
    """

    usual: tuple[Usual, ...]
    unusual: float
    far: float

    def __post_init__(self) -> None:
        numbers = {j for j, usual in enumerate(self.usual) if usual.kind == "numbers"} | {-1}
        if any(usual.kind == "numbers" and usual.partner not in numbers for usual in self.usual):
            raise ValueError("a number is judged together with a number")

    def distance(self, X: Floats, unseen: NDArray[np.bool_] | None = None) -> Floats:
        """Distance of each account; a row's value depends on no other row.

        Parameters
        ----------
        X : ndarray of float64, shape (n, p)
            Traits; NaN is "not known".
        unseen : ndarray of bool, shape (n, p), default=None
            Cells whose value no training row had and that are NaN in ``X`` for that reason; None for none.

        Returns
        -------
        ndarray of float64, shape (n,)
            0 for an account all of whose values are usual.
        """
        distance = np.empty(len(X))
        for start in range(0, len(X), _ROWS_AT_ONCE):
            some = slice(start, start + _ROWS_AT_ONCE)
            distance[some] = self._distance(X[some], None if unseen is None else unseen[some])
        return distance

    def _distance(self, X: Floats, unseen: NDArray[np.bool_] | None) -> Floats:
        """Distance of a few rows; what is worked out on the way has the shape (n_traits, n)."""
        surprise = np.empty((X.shape[1], len(X)))
        surprise[self._numbers.columns] = self._numbers.unexplained(X) ** 2
        levels = self._levels
        nobody = np.isnan(X[:, levels.columns])
        if unseen is not None:
            nobody &= ~unseen[:, levels.columns]
        surprise[levels.columns] = np.where(nobody, 0.0, levels(X)).T
        return sum_margin(0.0, (self._weights * np.clip(surprise - FREE, 0.0, CAP)).T)

    @cached_property
    def _numbers(self) -> _Numbers:
        places = [j for j, usual in enumerate(self.usual) if usual.kind == "numbers"]
        return _Numbers(places, [self.usual[j] for j in places])

    @cached_property
    def _levels(self) -> LevelTables:
        levels = {j: usual for j, usual in enumerate(self.usual) if usual.kind == "levels"}
        return LevelTables(list(levels), [(*usual.scores, usual.slope) for usual in levels.values()])

    @cached_property
    def _weights(self) -> Floats:
        return np.array([usual.weight for usual in self.usual])[:, None]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values.

        Returns
        -------
        dict
            ``usual, unusual, far``.
        """
        return {"usual": [usual.to_dict() for usual in self.usual], "unusual": self.unusual, "far": self.far}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Familiarity:
        """What :meth:`to_dict` described.

        Parameters
        ----------
        values : mapping
            As made by :meth:`to_dict`.

        Returns
        -------
        Familiarity
            That gives the same distances to the last bit.
        """
        usual = tuple(Usual.from_dict(part) for part in values["usual"])
        return cls(usual, values["unusual"], values["far"])


def learn_familiarity(X: Floats, categorical: NDArray[np.bool_], importance: ArrayLike) -> Familiarity:
    """Learn which values are usual, and how far accounts like these lie from the others.

    Half of a trait's weight is the same for all traits, half goes by how much it moves the score.

    Parameters
    ----------
    X : ndarray of float64, shape (n, p)
        Training rows; labels play no part.
    categorical : ndarray of bool, shape (p,)
        Which columns are codes.
    importance : array-like of float, shape (p,)
        Mean absolute contribution of each trait.

    Returns
    -------
    Familiarity
        Its two limits come from rows that were held out, one in five at a time.
    """
    weights = _weights(np.asarray(importance, dtype=np.float64))
    rows = X if len(X) <= _MAX_ROWS else X[np.linspace(0, len(X) - 1, _MAX_ROWS).astype(np.int64)]
    fold = assign_folds(np.zeros(len(rows)), min(_N_FOLDS, len(rows)), 0)
    distance = np.zeros(len(rows))
    for number in range(int(fold.max()) + 1):
        out = fold == number
        if out.all():
            break
        distance[out] = Familiarity(_usual(rows[~out], categorical, weights), 0.0, 0.0).distance(rows[out])
    unusual, far = (float(limit) for limit in np.quantile(distance, [_UNUSUAL, _FAR]))
    return Familiarity(_usual(rows, categorical, weights), unusual, far)


def _weights(importance: Floats) -> Floats:
    total, p = float(importance.sum()), len(importance)
    return 0.5 + 0.5 * (importance * (p / total) if total > 0 else np.ones(p))


def _usual(X: Floats, categorical: NDArray[np.bool_], weights: Floats) -> tuple[Usual, ...]:
    parts = [
        _levels(X[:, j], float(weights[j])) if categorical[j] else _numbers(X[:, j], float(weights[j]))
        for j in range(X.shape[1])
    ]
    numbers = [j for j, part in enumerate(parts) if part.kind == "numbers"]
    return _link(X, parts, numbers)


def _levels(codes: Floats, weight: float) -> Usual:
    known = codes[np.isfinite(codes) & (codes >= 0)].astype(np.int64)
    counts = np.bincount(known).astype(np.float64)
    share = np.maximum(counts, 0.5) / (counts.sum() + 1.0)
    mean = float(-2.0 * (share * np.log(share)).sum())
    unseen = -2.0 * np.log(0.5 / (len(known) + 1.0)) - mean
    return Usual("levels", (), tuple((-2.0 * np.log(share) - mean).tolist()), slope=float(unseen), weight=weight)


def _numbers(x: Floats, weight: float) -> Usual:
    bent = np.sort(_bend(x[np.isfinite(x)]))
    if not len(bent) or bent[0] == bent[-1]:
        return Usual("numbers", (float(bent[0]) if len(bent) else 0.0,), (0.0,), weight=weight)
    points = np.unique(np.quantile(bent, _PLACES, method="inverted_cdf"))
    below, upto = np.searchsorted(bent, points, side="left"), np.searchsorted(bent, points, side="right")
    scores = _normal(np.clip((below + upto) / 2.0 / len(bent), 0.5 / len(bent), 1.0 - 0.5 / len(bent)))
    width = points[-1] - points[0]
    slope = (scores[-1] - scores[0]) / width if width > 0 else 2.0 * _tail_score() / (bent[-1] - bent[0])
    return Usual("numbers", tuple(points.tolist()), tuple(scores.tolist()), slope=float(slope), weight=weight)


def _link(X: Floats, parts: Sequence[Usual], numbers: Sequence[int]) -> tuple[Usual, ...]:
    """Each number joined to the one already placed that says most about it (a maximum spanning tree)."""
    linked = list(parts)
    if len(numbers) < 2:
        return tuple(linked)
    places = np.column_stack([parts[j].place(X[:, j]) for j in numbers])
    centred = places - places.mean(axis=0)
    spread = np.sqrt((centred * centred).mean(axis=0))
    scaled = centred / np.where(spread > 1e-9, spread, np.inf)
    links = np.abs(scaled.T @ scaled / len(X))
    np.fill_diagonal(links, 0.0)
    best, partner = links[0].copy(), np.zeros(len(numbers), dtype=np.int64)
    waiting = np.ones(len(numbers), dtype=bool)
    waiting[0] = False
    for _ in range(len(numbers) - 1):
        i = int(np.argmax(np.where(waiting, best, -1.0)))
        waiting[i] = False
        if best[i] >= LEAST_LINK:
            linked[numbers[i]] = _joined(X, parts, numbers[i], numbers[int(partner[i])])
        closer = links[i] > best
        best, partner = np.where(closer, links[i], best), np.where(closer, i, partner)
    return tuple(linked)


def _joined(X: Floats, parts: Sequence[Usual], j: int, partner: int) -> Usual:
    """The number ``j`` judged by what ``partner`` leaves unexplained of it, on the scale of that remainder's tail."""
    own = parts[j]
    together = np.isfinite(X[:, j]) & np.isfinite(X[:, partner])
    if int(together.sum()) < 20:
        return own
    one, two = own.place(X[together, j]), parts[partner].place(X[together, partner])
    link = float((one * two).mean() / max(float((two * two).mean()), 1e-9))
    link = float(np.clip(link, -_MOST_LINK, _MOST_LINK))
    left = np.abs(one - link * two)
    spread = max(float(np.sqrt((left * left).mean())), float(np.quantile(left, _TAIL)) / _tail_score(), 0.05)
    return Usual("numbers", own.points, own.scores, own.slope, partner, link, spread, own.weight)


def _tail_score() -> float:
    return float(_normal(np.float64(0.5 + _TAIL / 2.0)))


def _normal(shares: Floats | np.float64) -> Floats:
    """Normal scores of shares."""
    from scipy.special import ndtri  # not needed where accounts are scored, and slow to load

    return np.asarray(ndtri(shares), dtype=np.float64)


def _bend(x: Floats) -> Floats:
    return np.sign(x) * np.log1p(np.abs(x))
