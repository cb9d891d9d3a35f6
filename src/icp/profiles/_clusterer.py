"""The clusterer of best customers."""

from __future__ import annotations

import logging
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from icp._samples import NUMBER_OF_PROFILES
from icp.profiles._choose import choose_number, k_means
from icp.profiles._space import fit_space, nearest

__all__ = ["ProfileClusterer"]

log = logging.getLogger(__name__)

_MIN_SHARE = 0.05
_MAX_ROWS = NUMBER_OF_PROFILES.rows


class ProfileClusterer(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Group best customers into as many profiles as the data really hold, or into one.

    Mixed traits become coordinates of unit variance (numeric: logarithm where skewed, winsorised, standardised, with a
    coordinate for "not known"; levels: one-hot over the root of their share, rare ones pooled), of which the directions
    along which traits move together are kept (factor analysis of mixed data, Pagès 2004; parallel analysis, Horn 1965).
    There k-means is run. The number of profiles is the largest for which every cluster is found again on subsamples
    (cluster-wise Jaccard similarity, Hennig 2007), is big enough, and explains clearly more than in data where all best
    customers, or the clusters of the next smaller number that held, are single populations with the same values and
    correlations.

    Parameters
    ----------
    max_profiles : int, default=7
        Most profiles considered.
    min_size : int, default=30
        Fewest members of a profile (and at least 5 % of the accounts).
    n_resamples : int, default=30
        Subsamples of 80 % behind each stability figure.
    stability : float, default=0.75
        Least mean Jaccard similarity of every profile under subsampling.
    categorical : array-like of bool, shape (n_traits,), default=None
        Which columns are codes of levels; None means none.
    random_state : int, RandomState instance or None, default=0
        Seed of everything that is drawn.
    expected : int, default=None
        Number of profiles that the version before had: half the evidence against chance is enough for it, so that
        profiles do not come and go with the draw; they must be as stable as any. None means that there was none.

    n_profiles : int, default=None
        So many profiles, whatever the data show; ``candidates_`` says what spoke against them. None takes as many as
        hold. Where no traits go together there is nothing to group by, and one is what there is.

    Attributes
    ----------
    n_profiles_ : int
        Number of profiles; 1 means that there are no stable profiles.
    labels_ : ndarray of int64, shape (n_accounts,)
        Profile of each account, 0 the largest.
    space_ : MixedSpace
        Plain parameters that carry traits to points.
    centres_ : ndarray of float64, shape (n_profiles, n_parts)
        Profile centres.
    distances_ : ndarray of float64, shape (n_accounts,)
        Distance of each account to its own centre.
    stability_ : tuple of float
        Mean Jaccard similarity of each profile, empty when there is one.
    candidates_ : tuple of Candidate
        What spoke for and against every number.
    n_features_in_ : int
        Number of traits.

    See Also
    --------
    describe : Profiles in words and numbers, and their assignment to every account.

    Notes
    -----
    Above 2,000 accounts the number is chosen on a random 2,000, so the time hardly grows. Profiles are formed from the
    same traits that later describe them: their indexes say how profiles differ, not whether they exist, which is what
    the comparison with unclustered data is for.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> kind = np.repeat([0, 1, 2], 60)
    >>> X = rng.normal(size=(180, 6)) + 3.0 * np.eye(3)[kind].repeat(2, axis=1)
    >>> ProfileClusterer().fit(X).n_profiles_
    3
    >>> ProfileClusterer().fit(rng.normal(size=(180, 6))).n_profiles_
    1
    """

    def __init__(
        self,
        max_profiles: int = 7,
        min_size: int = 30,
        n_resamples: int = 30,
        stability: float = 0.75,
        categorical: ArrayLike | None = None,
        random_state: int | np.random.RandomState | None = 0,
        expected: int | None = None,
        n_profiles: int | None = None,
    ) -> None:
        self.max_profiles = max_profiles
        self.min_size = min_size
        self.n_resamples = n_resamples
        self.stability = stability
        self.categorical = categorical
        self.random_state = random_state
        self.expected = expected
        self.n_profiles = n_profiles

    def fit(self, X: ArrayLike, y: None = None) -> Self:
        """Learn the profiles.

        Parameters
        ----------
        X : array-like of float, shape (n_accounts, n_traits)
            Best customers only; NaN is not known, categorical columns hold codes.
        y : None
            Ignored.

        Returns
        -------
        ProfileClusterer
            Itself.

        Raises
        ------
        ValueError
            ``X`` is not such a table, or ``categorical`` does not fit it.
        """
        values = self._checked(X, ensure_min_samples=2)
        codes = self._codes(values.shape[1])
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        with threadpool_limits(limits=1):  # threads would mostly wait for one another, and change the last digits
            self._find(values, codes, np.random.default_rng(seed))
        log.debug("%d profiles among %d best customers", self.n_profiles_, len(values))
        return self

    def _find(self, values: NDArray[np.float64], codes: NDArray[np.bool_], rng: np.random.Generator) -> None:
        """Learn the space and the number of profiles on some accounts, then the profiles on all."""
        self.space_ = fit_space(_some_rows(values, rng), codes, rng)
        least = max(float(self.min_size), _MIN_SHARE * len(values))
        part = _some_rows(values, rng)
        n_profiles, self.candidates_ = choose_number(
            part,
            codes,
            self.space_,
            max_profiles=self.max_profiles,
            least=least * len(part) / len(values),
            n_resamples=self.n_resamples,
            stability=self.stability,
            rng=rng,
            expected=self.expected,
            asked=self.n_profiles,
        )
        self._settle(self.space_.project(values), n_profiles, rng)

    def predict(self, X: ArrayLike) -> NDArray[np.int64]:
        """The nearest profile of every account.

        Parameters
        ----------
        X : array-like of float, shape (n_accounts, n_traits)
            Any accounts, same traits as in ``fit``.

        Returns
        -------
        ndarray of int64, shape (n_accounts,)
            Profile, 0 the largest.
        """
        check_is_fitted(self)
        return nearest(self.space_.project(self._checked(X, reset=False)), self.centres_)[0]

    def assign(self, values: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The nearest profile of every account and how typical the account is of it.

        Parameters
        ----------
        values : array-like of float, shape (n_accounts, n_traits)
            Any accounts, same traits as in ``fit``.

        Returns
        -------
        index : ndarray of int64, shape (n_accounts,)
            Profile, 0 the largest.
        typicality : ndarray of float64, shape (n_accounts,)
            Share of the profile's best customers that lie farther from its centre: 1 at the centre, 0 outside.
        """
        check_is_fitted(self)
        index, distance = nearest(self.space_.project(self._checked(values, reset=False)), self.centres_)
        typicality = np.zeros(len(index))
        for profile in range(self.n_profiles_):
            own = np.sort(self.distances_[self.labels_ == profile])
            rows = index == profile
            typicality[rows] = 1.0 - np.searchsorted(own, distance[rows]) / len(own)
        return index, typicality

    def _checked(self, X: ArrayLike, **rules: Any) -> NDArray[np.float64]:
        """The table as scikit-learn checks it; NaN may stand."""
        checked: NDArray[np.float64] = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", **rules)
        return checked

    def _codes(self, n_traits: int) -> NDArray[np.bool_]:
        if self.categorical is None:
            return np.zeros(n_traits, dtype=bool)
        codes = np.asarray(self.categorical, dtype=bool)
        if codes.shape != (n_traits,):
            raise ValueError(f"categorical has shape {codes.shape}, but X has {n_traits} columns")
        return codes

    def _settle(self, points: NDArray[np.float64], n_profiles: int, rng: np.random.Generator) -> None:
        """Cluster all accounts, largest profile first."""
        found = next((candidate for candidate in self.candidates_ if candidate.n_profiles == n_profiles), None)
        start = points.mean(axis=0, keepdims=True) if found is None else found.centres
        partition = k_means(points, n_profiles, rng, 0, start)
        order = np.argsort(-np.bincount(partition.labels, minlength=n_profiles), kind="stable")
        self.n_profiles_ = n_profiles
        self.centres_ = partition.centres[order]
        self.labels_, self.distances_ = nearest(points, self.centres_)
        self.stability_ = () if found is None else tuple(found.stability[int(i)] for i in order)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def _some_rows(X: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """All rows, or a random 2,000."""
    return X if len(X) <= _MAX_ROWS else X[np.sort(rng.permutation(len(X))[:_MAX_ROWS])]
