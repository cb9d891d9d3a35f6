"""Several ways to order the same rows, measured together, so that differences are paired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtri

from icp._statistics import wilson
from icp.evaluation._intervals import gain_at

__all__ = ["Estimate", "Measured", "measure", "share_interval"]

Floats = NDArray[np.float64]
_TENTHS = np.arange(1, 11) / 10
_MAX_STEPS = 2000
_Z = float(ndtri(0.975))

_PARTS = ("n", "best", "money", "worked", "pairs", "concordant", "precision", "loss", "squares", "found_k", "money_k",
          "money_10", *(f"found_{i}" for i in range(1, 11)))  # fmt: skip
_PLACE = {name: i for i, name in enumerate(_PARTS)}
_SHARES = ("capture", "precision")


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval.

    Parameters
    ----------
    value, low, high : float or None
        None where the figure does not exist.
    """

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Measured:
    """What several lists show, in blocks and in sums over blocks, with one bootstrap behind all.

    Parameters
    ----------
    parts : mapping of str to ndarray of float64, shape (1 + n_bootstrap, n_blocks, n_parts)
        Sums that every figure is made of, per list: as observed, then in resamples.
    wins : ndarray of bool, shape (n_units, n_blocks)
        Which units have a best customer in which block.
    capacity : int or None
        Accounts that are worked per list.
    """

    parts: Mapping[str, Floats]
    wins: NDArray[np.bool_]
    capacity: int | None

    def figure(self, name: str, figure: str, blocks: Sequence[int]) -> Estimate:
        """A figure of one list.

        Parameters
        ----------
        name : str
            The list.
        figure : str
            ``auc``, ``average_precision``, ``log_loss``, ``brier``, ``base_rate``, or ``lift``, ``capture``,
            ``precision``, ``value``, ``value_capture`` followed by ``_at_10`` or ``_at_capacity``.
        blocks : sequence of int
            Blocks taken together; each is ranked by itself.

        Returns
        -------
        Estimate
            Wilson's interval, on as many wins as the bootstrap's variance is worth, for shares of a count; symmetric in
            log-odds for AUC; percentiles of the bootstrap for the others.
        """
        values = self._values(name, figure, blocks)
        value, draws = float(values[0]), values[1:][np.isfinite(values[1:])]
        if not np.isfinite(value) or not len(draws):
            return Estimate(_plain(value), None, None)
        kind = figure.split("_at_")[0]
        if kind == "lift":
            capture = self.figure(name, figure.replace("lift", "capture"), blocks)
            share = self._share(figure, name, blocks)
            return Estimate(value, (capture.low or 0.0) / share, (capture.high or 0.0) / share)
        if kind in _SHARES:
            worked = self._share(figure, name, blocks) * float(self._sum(name, blocks)[0, 0])
            most = self._winners(blocks) if kind == "capture" else min(worked, float(len(self.wins)))
            return Estimate(value, *share_interval(value, float(draws.var()), most))
        if kind == "auc" and 0 < value < 1:
            half = _Z * float(draws.std()) / (value * (1 - value))
            centre = np.log(value / (1 - value))
            return Estimate(value, float(expit(centre - half)), float(expit(centre + half)))
        low, high = np.quantile(draws, [0.025, 0.975])
        return Estimate(value, float(low), float(high))

    def difference(
        self, name: str, other: str, figure: str, blocks: Sequence[int], other_blocks: Sequence[int] | None = None
    ) -> Estimate:
        """A figure of one list less that of another, on the same resamples.

        Parameters
        ----------
        name, other : str
            The lists.
        figure : str
            As for :meth:`figure`.
        blocks, other_blocks : sequence of int
            Blocks taken together; the other list's are the same unless given.

        Returns
        -------
        Estimate
            Percentiles of the paired bootstrap.

        Notes
        -----
        For figures over several blocks, each ranked by itself, and at capacity. Two scores on one list are compared by
        :func:`icp.evaluation.compare`, in closed form but for the best tenth, which also says what the rows could show.
        """
        values = self._values(name, figure, blocks) - self._values(
            other, figure, blocks if other_blocks is None else other_blocks
        )
        draws = values[1:][np.isfinite(values[1:])]
        if not np.isfinite(values[0]) or not len(draws):
            return Estimate(_plain(float(values[0])), None, None)
        low, high = np.quantile(draws, [0.025, 0.975])
        return Estimate(float(values[0]), float(low), float(high))

    def tenth(self, name: str, i: int, blocks: Sequence[int]) -> Estimate:
        """Lift within one tenth of the list.

        Parameters
        ----------
        name : str
            The list.
        i : int
            1 for the first tenth.
        blocks : sequence of int
            Blocks taken together.

        Returns
        -------
        Estimate
            As for :meth:`figure`.
        """
        sums = self._sum(name, blocks)
        found = sums[:, _PLACE[f"found_{i}"]] - (sums[:, _PLACE[f"found_{i - 1}"]] if i > 1 else 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            captured = found / sums[:, _PLACE["best"]]
        draws = captured[1:][np.isfinite(captured[1:])]
        spread = float(draws.var()) if len(draws) else 0.0
        low, high = share_interval(float(captured[0]), spread, self._winners(blocks))
        return Estimate(float(captured[0]) * 10, low * 10, high * 10)

    def counts(self, blocks: Sequence[int]) -> tuple[int, int, int]:
        """Rows, best customers among them, and different units (accounts) that these are.

        Parameters
        ----------
        blocks : sequence of int
            Blocks taken together.

        Returns
        -------
        n, n_best, n_winners : int
            Intervals rest on ``n_winners``.
        """
        sums = self._sum(next(iter(self.parts)), blocks)[0]
        return round(sums[0]), round(sums[1]), int(self._winners(blocks))

    def _winners(self, blocks: Sequence[int]) -> float:
        """Different units with a best customer, more than which no count of them is worth."""
        return float(self.wins[:, list(blocks)].any(axis=1).sum())

    def _sum(self, name: str, blocks: Sequence[int]) -> Floats:
        return self.parts[name][:, list(blocks), :].sum(axis=1)

    def _share(self, figure: str, name: str, blocks: Sequence[int]) -> float:
        sums = self._sum(name, blocks)[0]
        return 0.1 if figure.endswith("_10") else float(sums[_PLACE["worked"]] / sums[0])

    def _values(self, name: str, figure: str, blocks: Sequence[int]) -> Floats:
        sums = self._sum(name, blocks)
        part = {key: sums[:, place] for key, place in _PLACE.items()}
        at_k = figure.endswith("_at_capacity")
        found = part["found_k"] if at_k else part["found_1"]
        money = part["money_k"] if at_k else part["money_10"]
        worked = part["worked"] if at_k else 0.1 * part["n"]
        with np.errstate(invalid="ignore", divide="ignore"):
            table = {
                "auc": lambda: part["concordant"] / part["pairs"],
                "average_precision": lambda: part["precision"] / part["best"],
                "log_loss": lambda: part["loss"] / part["n"],
                "brier": lambda: part["squares"] / part["n"],
                "base_rate": lambda: part["best"] / part["n"],
                "lift": lambda: found / part["best"] / (worked / part["n"]),
                "capture": lambda: found / part["best"],
                "precision": lambda: found / worked,
                "value": lambda: money,
                "value_capture": lambda: money / part["money"],
            }
            return np.asarray(table[figure.split("_at_")[0]](), dtype=np.float64)


def measure(
    margins: Mapping[str, Floats],
    y: Floats,
    block: NDArray[np.int64],
    unit: NDArray[np.int64],
    *,
    money: Floats | None = None,
    probability: frozenset[str] = frozenset(),
    capacity: int | None = None,
    n_bootstrap: int = 1000,
    seed: int = 0,
) -> Measured:
    """Measure lists of the same rows, each block ranked by itself, with a bootstrap over units.

    Parameters
    ----------
    margins : mapping of str to ndarray of float64, shape (n,)
        What each list is ordered by, best highest; ties count with their expected value.
    y : ndarray of float64, shape (n,)
        1 best, 0 not.
    block : ndarray of int64, shape (n,)
        Number of each row's block, from 0.
    unit : ndarray of int64, shape (n,)
        Rows of one number are drawn together: an account on several dates, a parent.
    money : ndarray of float64, shape (n,), default=None
        What a best customer brought.
    probability : frozenset of str, default=frozenset()
        Lists whose margins are log-odds; only they have ``log_loss`` and ``brier``.
    capacity : int, default=None
        Accounts worked per block; None leaves those figures out.
    n_bootstrap : int, default=1000
        Resamples.
    seed : int, default=0
        Decides them.

    Returns
    -------
    Measured
        Figures, intervals and paired differences.

    Examples
    --------
    >>> y, block, unit = np.array([1.0, 0.0, 0.0, 1.0]), np.zeros(4, int), np.arange(4)
    >>> found = measure({"score": np.array([3.0, 2.0, 1.0, 2.5])}, y, block, unit, n_bootstrap=50)
    >>> found.figure("score", "auc", [0]).value
    1.0
    """
    unit = np.unique(unit, return_inverse=True)[1].astype(np.int64)
    n_units, n_blocks = int(unit.max(initial=-1)) + 1, int(block.max(initial=-1)) + 1
    gold = np.zeros(len(y)) if money is None else np.nan_to_num(money) * y
    sizes = np.bincount(block, minlength=n_blocks)
    shares = np.ones(n_blocks) if capacity is None else np.minimum(1.0, capacity / sizes)
    exact = {name: _Steps.of(margin, block, len(y)) for name, margin in margins.items()}
    coarse = {name: _Steps.of(margin, block, _MAX_STEPS) for name, margin in margins.items()}
    losses = {name: _losses(margins[name], y) for name in margins if name in probability}
    rows = _Rows(y, block, gold, shares, n_blocks)
    parts = {name: np.empty((1 + n_bootstrap, n_blocks, len(_PARTS))) for name in margins}
    for name, steps in exact.items():
        parts[name][0] = rows.parts(steps, np.ones(len(y)), losses.get(name))
    rng = np.random.default_rng(seed)
    for i in range(n_bootstrap):
        weight = np.bincount(rng.integers(0, n_units, n_units), minlength=n_units).astype(np.float64)[unit]
        for name, steps in coarse.items():
            parts[name][1 + i] = rows.parts(steps, weight, losses.get(name))
    wins = np.zeros((n_units, n_blocks), dtype=bool)
    wins[unit[y > 0], block[y > 0]] = True
    return Measured(parts, wins, capacity)


@dataclass(frozen=True)
class _Steps:
    """Where each row stands: steps of the list, block by block, best first."""

    place: NDArray[np.int64]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, margin: Floats, block: NDArray[np.int64], most: int) -> _Steps:
        place, ends, before = np.empty(len(margin), dtype=np.int64), [], 0
        for number in range(int(block.max(initial=-1)) + 1):
            inside = np.flatnonzero(block == number)
            _, step, sizes = np.unique(-margin[inside], return_inverse=True, return_counts=True)
            if len(sizes) > most:
                first = np.cumsum(sizes) - sizes
                step = np.unique((first * most) // len(inside), return_inverse=True)[1][step]
            place[inside] = step + before
            before += int(step.max(initial=-1)) + 1
            ends.append(before)
        return cls(place, np.array(ends))


@dataclass(frozen=True)
class _Rows:
    """What is the same for every list and every resample."""

    y: Floats
    block: NDArray[np.int64]
    gold: Floats
    shares: Floats
    n_blocks: int

    def parts(self, steps: _Steps, weight: Floats, losses: tuple[Floats, Floats] | None) -> Floats:
        """The sums, shape (n_blocks, n_parts)."""
        total = int(steps.ends[-1])
        sizes, best, gold = (
            np.bincount(steps.place, weights=weight * value, minlength=total).astype(np.float64)
            for value in (1.0, self.y, self.gold)
        )
        found = np.full((self.n_blocks, len(_PARTS)), np.nan)
        if losses is not None:
            for name, loss in zip(("loss", "squares"), losses, strict=True):
                found[:, _PLACE[name]] = np.bincount(self.block, weights=weight * loss, minlength=self.n_blocks)
        start = 0
        for number, end in enumerate(steps.ends):
            piece = slice(start, int(end))
            self._block(found[number], sizes[piece], best[piece], gold[piece], self.shares[number])
            start = int(end)
        return found

    @staticmethod
    def _block(found: Floats, sizes: Floats, best: Floats, gold: Floats, share: float) -> None:
        n, wins, money = sizes.sum(), best.sum(), gold.sum()
        rest = sizes - best
        below = rest.sum() - np.cumsum(rest) + 0.5 * rest
        reached = np.cumsum(sizes)
        precision = np.divide(np.cumsum(best), reached, out=np.zeros_like(reached), where=reached > 0)
        places = np.append(_TENTHS, share)
        along = np.nan_to_num(gain_at(sizes, best, places)) * wins
        worth = np.nan_to_num(gain_at(sizes, gold, np.array([share, 0.1]))) * money
        values = {"n": n, "best": wins, "money": money, "worked": share * n, "pairs": wins * (n - wins),
                  "concordant": float(best @ below), "precision": float(precision @ best), "found_k": along[-1],
                  "money_k": worth[0], "money_10": worth[1]}  # fmt: skip
        for name, value in values.items():
            found[_PLACE[name]] = value
        found[_PLACE["found_1"] : _PLACE["found_10"] + 1] = along[:10]


def _losses(margin: Floats, y: Floats) -> tuple[Floats, Floats]:
    return np.logaddexp(0.0, margin) - y * margin, (expit(margin) - y) ** 2


def share_interval(value: float, variance: float, most: float) -> tuple[float, float]:
    """Wilson's interval on as many trials as a variance is worth.

    Parameters
    ----------
    value : float
        Share, 0 to 1.
    variance : float
        Of the share; 0 where resamples never differ.
    most : float
        Trials at most: without variance there is nothing else to go by.

    Returns
    -------
    low, high : float
        95 %.

    Examples
    --------
    >>> [round(end, 3) for end in share_interval(0.1, 0.0018, 100.0)]
    [0.043, 0.214]
    """
    trials = value * (1.0 - value) / variance if variance > 0 and 0 < value < 1 else most
    trials = max(1.0, min(trials, most))
    low, high = wilson(value * trials, trials)
    return float(low), float(high)


def _plain(value: float) -> float | None:
    return value if np.isfinite(value) else None
