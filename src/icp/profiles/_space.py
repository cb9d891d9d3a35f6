"""Mixed traits as points: one plain table of parameters that carries an account to a few coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icp.profiles._axes import Axis, Points, bent

__all__ = ["Axis", "MixedSpace", "encode_axes", "fit_axes", "fit_space", "nearest", "principal_parts"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_WINSOR = (1.0, 99.0)
_MIN_LEVEL_SHARE = 0.02
_MIN_LEVEL_ROWS = 8
_MIN_FLAG_SHARE = 0.05
_MAX_PARTS = 12
_N_PERMUTATIONS = 12


@dataclass(frozen=True)
class MixedSpace:
    """Factor analysis of mixed data (Pagès 2004) as plain parameters: standardise, weigh, project.

    Parameters
    ----------
    axes : tuple of Axis
        One per trait.
    parts : ndarray of float64, shape (n_coordinates, n_parts)
        Principal directions.
    """

    axes: tuple[Axis, ...]
    parts: Floats

    def __post_init__(self) -> None:
        if len(self.parts) != sum(axis.width for axis in self.axes) and self.parts.size:
            raise ValueError("each coordinate has its weights")

    def project(self, values: Floats) -> Floats:
        """Each account as a point; sums run in a fixed order, so a row never depends on the other rows.

        Parameters
        ----------
        values : ndarray of float64, shape (n_accounts, n_traits)
            Trait values, NaN is not known.

        Returns
        -------
        ndarray of float64, shape (n_accounts, n_parts)
            Scores on the principal directions.
        """
        return self._points(values)

    @cached_property
    def _points(self) -> Points:
        return Points(self.axes, self.parts)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values.

        Returns
        -------
        dict
            Keys ``axes`` and ``parts``.
        """
        axes = [{**axis.__dict__, "group_of": list(axis.group_of), "shares": list(axis.shares)} for axis in self.axes]
        return {"axes": axes, "parts": self.parts.tolist(), "n_parts": self.parts.shape[1]}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> MixedSpace:
        """The space that :meth:`to_dict` described.

        Parameters
        ----------
        values : mapping
            As made by :meth:`to_dict`.

        Returns
        -------
        MixedSpace
            Equal to the one described.
        """
        axes = tuple(
            Axis(**{**axis, "group_of": tuple(axis["group_of"]), "shares": tuple(axis["shares"])})
            for axis in values["axes"]
        )
        return cls(axes, np.array(values["parts"], dtype=np.float64).reshape(len(values["parts"]), values["n_parts"]))


def fit_space(X: Floats, categorical: NDArray[np.bool_], rng: np.random.Generator) -> MixedSpace:
    """Learn the axes and keep the directions along which traits move together more than by chance.

    Directions are kept while their variance exceeds what the same traits show when each is shuffled by itself
    (parallel analysis, Horn 1965): traits that belong to a profile move together, noise does not.

    Parameters
    ----------
    X : ndarray of float64, shape (n_accounts, n_traits)
        Best customers.
    categorical : ndarray of bool, shape (n_traits,)
        Which columns are codes.
    rng : Generator
        For the shuffles.

    Returns
    -------
    MixedSpace
        With no direction at all where nothing moves together.
    """
    axes = fit_axes(X, categorical)
    encoded = encode_axes(X, axes)
    variances, parts = principal_parts(encoded)
    edges = np.cumsum([0, *(axis.width for axis in axes)])
    shuffled = [_shuffled_variances(encoded, edges, rng) for _ in range(_N_PERMUTATIONS)]
    if not len(variances):
        return MixedSpace(axes, np.zeros((0, 0)))
    # the first direction must stand out clearly; once one does, a further true one missed costs more than a false one
    margin = np.where(np.arange(len(variances)) == 0, 2.0, 1.0)
    above = variances > np.mean(shuffled, axis=0) + margin * np.std(shuffled, axis=0)
    n_parts = int(np.argmin(above)) if not above.all() else len(above)
    return MixedSpace(axes, parts[:, : min(n_parts, _MAX_PARTS)])


def fit_axes(X: Floats, categorical: NDArray[np.bool_]) -> tuple[Axis, ...]:
    """How each trait becomes numbers.

    Parameters
    ----------
    X : ndarray of float64, shape (n_accounts, n_traits)
        Trait values.
    categorical : ndarray of bool, shape (n_traits,)
        Which columns are codes.

    Returns
    -------
    tuple of Axis
        One per trait.
    """
    return tuple(_fit_levels(X[:, j]) if categorical[j] else _fit_numeric(X[:, j]) for j in range(X.shape[1]))


def encode_axes(X: Floats, axes: tuple[Axis, ...]) -> Floats:
    """All coordinates side by side.

    Parameters
    ----------
    X : ndarray of float64, shape (n_accounts, n_traits)
        Trait values.
    axes : tuple of Axis
        One per trait.

    Returns
    -------
    ndarray of float64, shape (n_accounts, n_coordinates)
        Before the projection.
    """
    return np.hstack([np.zeros((len(X), 0)), *(axis.encode(X[:, j]) for j, axis in enumerate(axes))])


def principal_parts(encoded: Floats) -> tuple[Floats, Floats]:
    """Variances and principal directions, largest first, each with its largest weight positive.

    Parameters
    ----------
    encoded : ndarray of float64, shape (n_accounts, n_coordinates)
        Standardised coordinates.

    Returns
    -------
    variances : ndarray of float64, shape (n_coordinates,)
        Descending.
    parts : ndarray of float64, shape (n_coordinates, n_coordinates)
        One direction per column.
    """
    if not encoded.shape[1]:
        return np.zeros(0), np.zeros((0, 0))
    centred = encoded - encoded.mean(axis=0)
    variances, parts = np.linalg.eigh(centred.T @ centred / len(encoded))
    parts = parts[:, ::-1]
    sign = np.sign(parts[np.abs(parts).argmax(axis=0), np.arange(parts.shape[1])])
    return variances[::-1], parts * np.where(sign == 0, 1.0, sign)


def nearest(points: Floats, centres: Floats) -> tuple[Ints, Floats]:
    """Nearest centre of each point and the distance to it, summed in a fixed order.

    Parameters
    ----------
    points : ndarray of float64, shape (n_points, n_parts)
        Accounts.
    centres : ndarray of float64, shape (n_clusters, n_parts)
        Profile centres.

    Returns
    -------
    index : ndarray of int64, shape (n_points,)
        Row of ``centres``.
    distance : ndarray of float64, shape (n_points,)
        Euclidean.
    """
    squared = np.zeros((len(points), len(centres)))
    for part in range(centres.shape[1]):
        squared += (points[:, part, None] - centres[:, part]) ** 2
    index = squared.argmin(axis=1)
    return index, np.sqrt(squared[np.arange(len(points)), index])


def _shuffled_variances(encoded: Floats, edges: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    """Variances of the directions once every trait is shuffled by itself."""
    shuffled = np.empty_like(encoded)
    for start, stop in pairwise(edges):
        shuffled[:, start:stop] = encoded[rng.permutation(len(encoded)), start:stop]
    return principal_parts(shuffled)[0]


def _fit_levels(values: Floats) -> Axis:
    known = values[np.isfinite(values)].astype(np.int64)
    if not len(known):
        return Axis("unused")
    counts = np.bincount(known)
    least = max(_MIN_LEVEL_SHARE * len(known), _MIN_LEVEL_ROWS)
    kept = np.flatnonzero(counts >= least)
    pooled = counts.sum() - counts[kept].sum()
    if len(kept) + int(pooled > 0) < 2:
        return Axis("unused")
    group_of = np.full(len(counts), len(kept))
    group_of[kept] = np.arange(len(kept))
    shares = np.append(counts[kept], pooled)[: len(kept) + int(pooled > 0)] / len(known)
    if pooled == 0:
        group_of[counts == 0] = 0
    return Axis("categorical", group_of=tuple(map(int, group_of)), shares=tuple(map(float, shares)))


def _fit_numeric(values: Floats) -> Axis:
    known = values[np.isfinite(values)]
    missing = 1.0 - len(known) / len(values)
    flag = missing if _MIN_FLAG_SHARE <= missing <= 1.0 - _MIN_FLAG_SHARE else 0.0
    if not len(known) or known.min() == known.max():
        return Axis("flag", flag_share=flag) if flag else Axis("unused")
    sizes = np.abs(known[known != 0])
    scale = float(np.median(sizes))
    options = [_moments(known, log, scale) for log in (False, True)]
    log = abs(options[1][4]) < abs(options[0][4])
    low, high, mean, spread, _ = options[int(log)]
    if spread <= 0:
        return Axis("flag", flag_share=flag) if flag else Axis("unused")
    return Axis("numeric", low, high, log, scale, mean, spread, flag)


def _moments(known: Floats, log: bool, scale: float) -> tuple[float, float, float, float, float]:
    """Winsorising limits, mean, spread and skewness of a trait, plain or after the logarithm."""
    moved = bent(known, log, scale)
    low, high = np.percentile(moved, _WINSOR)
    moved = np.clip(moved, low, high)
    mean, spread = float(moved.mean()), float(moved.std())
    skew = float(np.mean(((moved - mean) / spread) ** 3)) if spread > 0 else 0.0
    return float(low), float(high), mean, spread, skew
