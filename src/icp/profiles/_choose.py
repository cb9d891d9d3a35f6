"""How many profiles: the largest number whose every cluster is found again and that no unclustered table would show."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn import config_context
from sklearn.cluster import KMeans

from icp.profiles._null import OnePopulation
from icp.profiles._space import MixedSpace, encode_axes, principal_parts

__all__ = ["Candidate", "Partition", "choose_number", "k_means"]

log = logging.getLogger(__name__)
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Refusal = Literal["", "stability", "size", "chance", "fewer"]

_SHARE = 0.8
_N_NULL = 15
_N_NULL_STABILITY = 3
_N_NULL_RESAMPLES = 6
_STARTS = 3
# Least gains, overall and per cluster added: the logarithm of a ratio of spreads, and in standard deviations of what
# unclustered data show. In 80 simulated tables one population gave 0.26 at most overall, planted numbers 0.57 or more;
# a cluster too many gave 0.05 at most over fewer, the last true one 0.07 or more.
_OVERALL = (0.30, 5.0)
_OVER_FEWER = (0.05, 2.0)
_EXPECTED = 0.5
"""Part of these gains that is enough for the number of profiles of the version before."""


@dataclass(frozen=True)
class Candidate:
    """What spoke for and against one number of profiles.

    Parameters
    ----------
    n_profiles : int
        The number tried.
    stability : tuple of float
        Mean Jaccard similarity of each cluster with its match on subsamples.
    n_smallest : int
        Accounts in the smallest cluster.
    centres : ndarray of float64, shape (n_profiles, n_parts)
        Centres of the clusters.
    null : float or None, default=None
        The least stable cluster's stability when all accounts are one population; None, like the gains, where stability
        or size had ruled the number out before.
    gain, gain_over_fewer : float or None, default=None
        Logarithm of the spread around one centre, or around those of the largest smaller number accepted, over the
        spread around these, less the same where each of the fewer clusters is one population.
    refused_by : {"", "stability", "size", "chance", "fewer"}, default=""
        The first condition that does not hold: a cluster is not found again, one is too small, the clusters are no
        clearer than those of one population, or than fewer clusters. Empty where every condition holds.
    """

    n_profiles: int
    stability: tuple[float, ...]
    n_smallest: int
    centres: Floats
    null: float | None = None
    gain: float | None = None
    gain_over_fewer: float | None = None
    refused_by: Refusal = ""

    @property
    def accepted(self) -> bool:
        """Whether every condition holds."""
        return not self.refused_by

    def to_dict(self) -> dict[str, Any]:
        """One line of the stability table.

        Returns
        -------
        dict
            Keys ``k, stability`` (of the least stable cluster), ``null, gain, gain_over_fewer, n_smallest, stable,
            refused_by``.
        """

        def rounded(value: float | None) -> float | None:
            return None if value is None else round(value, 4)

        return {
            "k": self.n_profiles,
            "stability": round(min(self.stability), 4),
            "null": rounded(self.null),
            "gain": rounded(self.gain),
            "gain_over_fewer": rounded(self.gain_over_fewer),
            "n_smallest": self.n_smallest,
            "stable": self.accepted,
            "refused_by": self.refused_by,
        }


@dataclass(frozen=True)
class Partition:
    """One clustering of points.

    Parameters
    ----------
    labels : ndarray of int64, shape (n_points,)
        Cluster of each point.
    centres : ndarray of float64, shape (n_clusters, n_parts)
        Cluster means.
    spread : float
        Sum of squared distances to the own centre.
    """

    labels: Ints
    centres: Floats
    spread: float


def k_means(
    points: Floats, n_clusters: int, rng: np.random.Generator, n_init: int = 5, start: Floats | None = None
) -> Partition:
    """The best of several k-means runs.

    Parameters
    ----------
    points : ndarray of float64, shape (n_points, n_parts)
        What is clustered.
    n_clusters : int
        Number of clusters.
    rng : Generator
        Source of the starts.
    n_init : int, default=5
        Number of starts; 0 for the given one alone.
    start : ndarray of float64, shape (n_clusters, n_parts), default=None
        Centres of one more start.

    Returns
    -------
    Partition
        Of least spread.
    """
    if n_clusters == 1:
        centre = points.mean(axis=0, keepdims=True)
        return Partition(np.zeros(len(points), dtype=np.int64), centre, float(((points - centre) ** 2).sum()))
    runs = [KMeans(n_clusters, init=start, n_init=1, max_iter=100)] if start is not None else []
    if n_init or start is None:
        runs.insert(0, KMeans(n_clusters, n_init=n_init, max_iter=100, random_state=int(rng.integers(2**31 - 1))))
    with config_context(assume_finite=True, skip_parameter_validation=True):  # asked thousands of times of few points
        best = min((run.fit(points) for run in runs), key=lambda fitted: float(fitted.inertia_))
    return Partition(best.labels_.astype(np.int64), best.cluster_centers_, float(best.inertia_))


def choose_number(
    X: Floats,
    categorical: NDArray[np.bool_],
    space: MixedSpace,
    *,
    max_profiles: int,
    least: float,
    n_resamples: int,
    stability: float,
    rng: np.random.Generator,
    expected: int | None = None,
    asked: int | None = None,
) -> tuple[int, tuple[Candidate, ...]]:
    """The largest number of clusters that holds in every respect.

    Parameters
    ----------
    X : ndarray of float64, shape (n_accounts, n_traits)
        Best customers, or a random part of them.
    categorical : ndarray of bool, shape (n_traits,)
        Which columns are codes.
    space : MixedSpace
        Where they are clustered.
    max_profiles : int
        Most clusters tried.
    least : float
        Fewest members of a cluster.
    n_resamples : int
        Subsamples of 80 %.
    stability : float
        Least mean Jaccard similarity of every cluster.
    rng : Generator
        Source of chance.
    expected : int, default=None
        A number that held before, for which half the gains are enough; it must be as stable as any.
    asked : int, default=None
        A number to take whatever is seen.

    Returns
    -------
    n_profiles : int
        1 where nothing holds.
    candidates : tuple of Candidate
        What was seen for each number, in ascending order.
    """
    points = space.project(X)
    most = max(min(max_profiles, int(len(X) // max(least, 1.0))), min(asked or 1, len(X)))
    if not points.shape[1] or most < 2:
        return 1, ()
    partitions = [k_means(points, k, rng, n_init=10) for k in range(1, most + 1)]
    null = _Null(X, categorical, space, points, rng)
    candidates = []
    fewer = partitions[0]
    for partition in partitions[1:]:
        candidate = _resampled(points, partition, n_resamples, rng)
        if min(candidate.stability) < stability:
            candidate = replace(candidate, refused_by="stability")
        elif candidate.n_smallest < least:
            candidate = replace(candidate, refused_by="size")
        else:
            part = _EXPECTED if candidate.n_profiles == expected else 1.0
            candidate = _against_null(candidate, partitions[0], fewer, partition, null, part)
        fewer = partition if candidate.accepted else fewer
        candidates.append(candidate)
        log.debug("%s", candidate.to_dict())
    return len(fewer.centres) if asked is None else min(asked, most), tuple(candidates)


class _Null:
    """Points as they would lie if every cluster were one population."""

    def __init__(
        self, X: Floats, categorical: NDArray[np.bool_], space: MixedSpace, points: Floats, rng: np.random.Generator
    ) -> None:
        self.X, self.categorical, self.space, self.points, self.rng = X, categorical, space, points, rng
        whole = self.population(np.zeros(len(X), dtype=np.int64))
        self.one = [self.draw(whole) for _ in range(_N_NULL)]

    def population(self, groups: Ints) -> OnePopulation:
        """What is drawn from if every group is one population."""
        return OnePopulation.of(self.X, self.categorical, groups, self.points[:, 0])

    def draw(self, population: OnePopulation) -> Floats:
        """One table, in its own principal directions."""
        encoded = encode_axes(population.draw(self.rng), self.space.axes)
        directions = principal_parts(encoded)[1][:, : self.points.shape[1]]
        return (encoded - encoded.mean(axis=0)) @ directions

    def overall(self, k: int) -> list[float]:
        """Log ratio of the spread around one centre to that around ``k``, per table of one population."""
        one = [k_means(points, 1, self.rng).spread for points in self.one]
        more = [k_means(points, k, self.rng, _STARTS).spread for points in self.one]
        return [float(np.log(a / b)) for a, b in zip(one, more, strict=True)]

    def over_fewer(self, fewer: Partition, more: int) -> list[float]:
        """Log ratio of the spreads with as many clusters as ``fewer``, and with ``more``, in tables of the fewer."""
        k, population = len(fewer.centres), self.population(fewer.labels)
        gains = []
        for _ in range(_N_NULL):
            points = self.draw(population)
            start = np.array([points[fewer.labels == group].mean(axis=0) for group in range(k)])
            less = k_means(points, k, self.rng, _STARTS, start).spread
            gains.append(float(np.log(less / k_means(points, more, self.rng, _STARTS).spread)))
        return gains

    def stability(self, k: int) -> float:
        """Stability of the least stable of ``k`` clusters in one population."""
        found = []
        for points in self.one[:_N_NULL_STABILITY]:
            partition = k_means(points, k, self.rng, _STARTS)
            found.append(min(_resampled(points, partition, _N_NULL_RESAMPLES, self.rng).stability))
        return float(np.mean(found))


def _against_null(
    candidate: Candidate, one: Partition, fewer: Partition, more: Partition, null: _Null, part: float
) -> Candidate:
    """The candidate with what it explains beyond unclustered data.

    First beyond one population, then beyond the largest smaller number that was accepted, each of its clusters being
    one population, in the manner of the test of a split by Liu et al. (2008, SigClust), with the traits' own values in
    place of Gaussian ones.
    """
    overall, z_overall = _excess(np.log(one.spread / more.spread), null.overall(candidate.n_profiles))
    candidate = replace(candidate, null=null.stability(candidate.n_profiles), gain=overall)
    if overall < part * _OVERALL[0] or z_overall < part * _OVERALL[1]:
        return replace(candidate, refused_by="chance")
    if len(fewer.centres) == 1:
        gain, z = overall, z_overall
    else:
        gain, z = _excess(np.log(fewer.spread / more.spread), null.over_fewer(fewer, candidate.n_profiles))
    least = _OVER_FEWER[0] * (candidate.n_profiles - len(fewer.centres))
    clearer = gain >= part * least and z >= part * _OVER_FEWER[1]
    return replace(candidate, gain_over_fewer=gain, refused_by="" if clearer else "fewer")


def _excess(seen: float, chance: list[float]) -> tuple[float, float]:
    """How far a value lies above what chance gives, plain and in standard deviations."""
    above = float(seen - np.mean(chance))
    return above, above / max(float(np.std(chance, ddof=1)), 1e-9)


def _resampled(points: Floats, partition: Partition, n_resamples: int, rng: np.random.Generator) -> Candidate:
    """Mean Jaccard similarity of each cluster with its best match on subsamples (Hennig 2007)."""
    k = len(partition.centres)
    total = np.zeros(k)
    for _ in range(n_resamples):
        rows = rng.permutation(len(points))[: round(_SHARE * len(points))]
        again = k_means(points[rows], k, rng, _STARTS)
        total += _best_jaccard(partition.labels[rows], again.labels, k)
    sizes = np.bincount(partition.labels, minlength=k)
    return Candidate(k, tuple(float(x) for x in total / n_resamples), int(sizes.min()), partition.centres)


def _best_jaccard(first: Ints, second: Ints, k: int) -> Floats:
    both = np.bincount(first * k + second, minlength=k * k).reshape(k, k).astype(np.float64)
    union = both.sum(axis=1, keepdims=True) + both.sum(axis=0) - both
    return (both / np.maximum(union, 1.0)).max(axis=1)
