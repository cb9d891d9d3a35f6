"""What a model remembers of the accounts it learned from, so that later ones can be compared: counts in wide bins.

Scoring adds up one line of whole numbers, so neither the size of a batch nor the order of rows can change what is
found, and a file of any length needs the same memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icp._groups import round_edges
from icp._sound import ascending, within
from icp.tables import OTHER_LEVEL, Trait, TraitTable

__all__ = ["TraitWatch", "WatchReference", "learn_watch"]

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

N_BINS = 10
MIN_BIN = 20
MIN_SHARE = 0.02
TIERS = "ABCD"
_ROUND = (1.0, 2.0, 5.0)


@dataclass(frozen=True)
class TraitWatch:
    """How the values of one trait lay in training.

    Parameters
    ----------
    name, label : str
        Of the trait.
    column : str
        Column of the accounts table it is made from; empty for a trait from dated tables.
    edges : tuple of float
        Lower edges of all bins but the first, round numbers; empty for a categorical trait.
    bins : tuple of int
        Bin of each code of a categorical trait; rare levels share the last bin. Empty for a numeric one.
    named : int
        Codes that stand for a level of their own; the code after them is the pooled one.
    counts : tuple of int
        Accounts in each bin, at least ``MIN_BIN`` unless there is one bin only (or the last, pooled one).
    n_missing, n_unnamed : int
        Accounts without a value, and with a value too rare to be named.
    low, high : float
        Round numbers beyond which no value lay; 0 for a categorical trait.
    """

    name: str
    label: str
    column: str
    edges: tuple[float, ...]
    bins: tuple[int, ...]
    named: int
    counts: tuple[int, ...]
    n_missing: int
    n_unnamed: int
    low: float = 0.0
    high: float = 0.0

    def __post_init__(self) -> None:
        n_bins = len(self.counts)
        if not within(self.bins, n_bins) or not n_bins or not 0 <= self.named <= len(self.bins):
            raise ValueError("each level has a bin")
        if not self.bins and not (len(self.edges) + 1 == n_bins and ascending(self.edges)):
            raise ValueError("edges part as many bins as there are, in order")
        if min(*self.counts, self.n_missing, self.n_unnamed) < 0:
            raise ValueError("counts are not below 0")

    @property
    def categorical(self) -> bool:
        """Whether values are codes of levels."""
        return bool(self.bins)

    @property
    def width(self) -> int:
        """Numbers that a tally keeps of this trait: one per bin, then missing, unnamed, beyond."""
        return len(self.counts) + 3

    def count(self, values: Floats, unseen: int = 0) -> Counts:
        """Where some values lie.

        Parameters
        ----------
        values : ndarray of float64, shape (n_rows,)
            Numbers or codes; NaN is missing.
        unseen : int, default=0
            Rows whose value has no code, which therefore stand as NaN.

        Returns
        -------
        ndarray of int64, shape (width,)
            Bins, missing, unnamed, beyond.
        """
        known = values[np.isfinite(values)]
        n_missing = len(values) - len(known) - unseen
        if self.categorical:
            codes = known.astype(np.int64)
            per_code = np.bincount(codes, minlength=len(self.bins))[: len(self.bins)]
            bins = np.bincount(self.bins, weights=per_code, minlength=len(self.counts)).astype(np.int64)
            bins[-1] += unseen
            unnamed = int(per_code[self.named :].sum()) + unseen
            return np.array([*bins, n_missing, unnamed, 0], dtype=np.int64)
        bins = np.bincount(np.searchsorted(self.edges, known, side="right"), minlength=len(self.counts))
        beyond = int(((known < self.low) | (known > self.high)).sum())
        return np.array([*bins, n_missing, 0, beyond], dtype=np.int64)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values.

        Returns
        -------
        dict
            One key per parameter.
        """
        return {key: list(value) if isinstance(value, tuple) else value for key, value in self.__dict__.items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TraitWatch:
        """What :meth:`to_dict` described.

        Parameters
        ----------
        values : mapping
            As made by :meth:`to_dict`.

        Returns
        -------
        TraitWatch
            Equal to the one described.
        """
        plain: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        return cls(**plain)


@dataclass(frozen=True)
class WatchReference:
    """The accounts a model learned from, as counts.

    Parameters
    ----------
    n : int
        Rows.
    n_accounts : int
        Different accounts among them; fewer where rows carry their own date.
    traits : tuple of TraitWatch
        One per trait of the model, in order.
    tenths : tuple of int, length 10
        Rows in each tenth of the percentile.
    tiers : tuple of int
        Rows in tier A, B, C and D.
    """

    n: int
    n_accounts: int
    traits: tuple[TraitWatch, ...]
    tenths: tuple[int, ...]
    tiers: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.tenths) != 10 or len(self.tiers) != len(TIERS) or min(self.n, *self.tenths, *self.tiers) < 0:
            raise ValueError("rows are counted in ten tenths and in each tier")

    def tally(self, values: Floats, unseen: Counts, percentile: Floats, tier: NDArray[np.str_]) -> Counts:
        """Counts of some scored rows; the tallies of two batches add up to that of both.

        Parameters
        ----------
        values : ndarray of float64, shape (n_rows, n_traits)
            Traits as the model reads them.
        unseen : ndarray of int64, shape (n_traits,)
            Rows per trait whose value has no code.
        percentile : ndarray of float64, shape (n_rows,)
            0 to 100.
        tier : ndarray of str, shape (n_rows,)
            ``A`` to ``D``.

        Returns
        -------
        ndarray of int64
            Rows; then of each trait its bins, missing, unnamed, beyond; then tenths; then tiers.
        """
        parts = [np.array([len(values)], dtype=np.int64)]
        parts += [watch.count(values[:, j], int(unseen[j])) for j, watch in enumerate(self.traits)]
        return np.concatenate([*parts, _tenths(percentile), _tiers(tier)])

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values.

        Returns
        -------
        dict
            One key per parameter.
        """
        traits = [watch.to_dict() for watch in self.traits]
        return {**self.__dict__, "traits": traits, "tenths": list(self.tenths), "tiers": list(self.tiers)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> WatchReference:
        """What :meth:`to_dict` described.

        Parameters
        ----------
        values : mapping
            As made by :meth:`to_dict`.

        Returns
        -------
        WatchReference
            Equal to the one described.
        """
        traits = tuple(TraitWatch.from_dict(watch) for watch in values["traits"])
        return cls(values["n"], values["n_accounts"], traits, tuple(values["tenths"]), tuple(values["tiers"]))


def learn_watch(traits: TraitTable, percentile: Floats, tier: NDArray[np.str_]) -> WatchReference:
    """Remember how traits and scores lay in training.

    Parameters
    ----------
    traits : TraitTable
        The accounts learned from.
    percentile : ndarray of float64, shape (n,)
        Of accounts scored by models that never saw them.
    tier : ndarray of str, shape (n,)
        Their tiers.

    Returns
    -------
    WatchReference
        Counts in wide bins; no cell of an account.

    Examples
    --------
    >>> import pandas as pd
    >>> size = Trait("size", "numeric", "fit", "size", ("size",))
    >>> ids = pd.Index([f"A-{i}" for i in range(200)])
    >>> table = TraitTable(np.arange(200.0)[:, None], (size,), ids)
    >>> reference = learn_watch(table, np.arange(200.0) / 2, np.repeat(["D", "C", "B", "A"], 50))
    >>> reference.n, reference.traits[0].edges[:3], reference.traits[0].high
    (200, (20.0, 40.0, 60.0), 200.0)
    """
    least = max(float(MIN_BIN), MIN_SHARE * len(traits.values))
    watches = tuple(_watch(trait, traits.values[:, j], least) for j, trait in enumerate(traits.traits))
    tenths, tiers = _tenths(percentile), _tiers(tier)
    return WatchReference(
        n=len(traits.values),
        n_accounts=int(traits.account_id.nunique()),
        traits=watches,
        tenths=tuple(map(int, tenths)),
        tiers=tuple(map(int, tiers)),
    )


def _watch(trait: Trait, values: Floats, least: float) -> TraitWatch:
    known = values[np.isfinite(values)]
    column = trait.sources[0] if trait.rule in ("value", "age") else ""
    n_missing = len(values) - len(known)
    if trait.kind == "categorical":
        named = len(trait.levels) - (trait.levels[-1:] == (OTHER_LEVEL,))
        per_code = np.bincount(known.astype(np.int64), minlength=max(len(trait.levels), 1))
        bins = _level_bins(per_code, named, least)
        counts = np.bincount(bins[: len(per_code)], weights=per_code, minlength=max(bins) + 1).astype(int)
        unnamed = int(per_code[named:].sum())
        return TraitWatch(trait.name, trait.label, column, (), bins, named, tuple(map(int, counts)), n_missing, unnamed)
    edges = round_edges(known, N_BINS, least) if len(known) >= 2 * least else ()
    counts = np.bincount(np.searchsorted(edges, known, side="right"), minlength=len(edges) + 1)
    low, high = (_beyond(float(known.min()), -1), _beyond(float(known.max()), 1)) if len(known) else (0.0, 0.0)
    shown = tuple(map(int, counts))
    return TraitWatch(trait.name, trait.label, column, edges, (), 0, shown, n_missing, 0, low, high)


def _level_bins(per_code: NDArray[np.intp], named: int, least: float) -> tuple[int, ...]:
    """A bin for each frequent level, in order; one more for all others."""
    bins, n_bins = [], 0
    for code, n in enumerate(per_code):
        own = bool(code < named and n >= least)
        bins.append(n_bins if own else -1)
        n_bins += own
    return tuple(n_bins if place < 0 else place for place in bins) + (() if -1 in bins else (n_bins,))


def _beyond(value: float, side: int) -> float:
    """The next of 1, 2, 5 times a power of ten outwards; 0 on the inner side of it."""
    size = abs(value)
    if size == 0 or (value > 0) != (side > 0):
        return 0.0
    power = 10.0 ** np.floor(np.log10(size))
    step = next((factor for factor in _ROUND if factor * power >= size), 10.0)
    return float(f"{side * step * power:.10g}")


def _tenths(percentile: Floats) -> Counts:
    place = np.clip(np.floor(np.asarray(percentile) / 10.0), 0, 9).astype(np.int64)
    return np.bincount(place, minlength=10).astype(np.int64)


def _tiers(tier: NDArray[np.str_]) -> Counts:
    return np.array([int((tier == letter).sum()) for letter in TIERS], dtype=np.int64)
