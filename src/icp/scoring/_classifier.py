"""The score as a scikit-learn classifier."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from icp._folds import assign_folds
from icp._progress import part
from icp._samples import LINES, PENALTY
from icp.errors import ConfigError, NotEnoughDataError
from icp.scoring._blend import blend_weights
from icp.scoring._design import Design
from icp.scoring._forest import Forest
from icp.scoring._growing import FAMILIES, ForestOptions, grow_forests
from icp.scoring._linear import Curve, LinearPart, draw_curves
from icp.scoring._model import ScoreModel
from icp.scoring._ridge import fit_ridge, log_loss
from icp.scoring._time import is_time, marks_time, recent_shift

__all__ = ["PropensityClassifier"]

log = logging.getLogger(__name__)
Floats = NDArray[np.float64]
Folds = list[NDArray[np.int64]]

MIN_LINEAR = 40
MIN_BLEND = 120
_STRENGTHS = (3000.0, 1000.0, 300.0, 100.0, 30.0, 10.0, 3.0, 1.0, 0.3)
_RATES_STRENGTHS = (3000.0, 300.0, 100.0, 30.0, 10.0)
_MAX_STRENGTH_ROWS = PENALTY.rows
_MAX_LINEAR_ROWS = LINES.rows
_LINEAR_REPEATS = {"rates": 3, "linear": 3, "blend": 2}


class PropensityClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """How likely an account is to become a best customer, as a sum that can be explained.

    An additive blend in log-odds of ridge logistic regression and of three boosters of small LightGBM trees: with cuts
    drawn at random, begun where the linear part ends (steadier when traits drift beyond what was seen), and
    with more leaves; their errors differ, so their mean is better than each. Non-negative weights and an intercept are
    learned on held-out margins; this is also the calibration, so the margin is a calibrated log-odds. The amount of
    data decides the kind of model: below 40 best customers strongly shrunken rates of coarse groups, below 120 the
    linear part alone, else the blend.

    Parameters
    ----------
    n_folds : int, default=5
        Folds whose held-out margins set weights, calibration and the number of trees.
    max_trees : int, default=600
        Most trees in one booster of those that learn how many help; the final ones have a tenth more.
    n_leaves : int, default=8
        Leaves of one tree; four times as many in one family.
    learning_rate : float, default=0.04
        Step of one tree.
    categorical : array-like of bool, shape (n_features,), default=None
        Columns that hold codes 0, 1, ...; None means that all are numbers.
    engagement : array-like of bool, shape (n_features,), default=None
        Columns that say what the account did; no tree uses them together with the others.
    follow_rate : bool, default=True
        Whether a rate that has clearly moved in the newest rows moves the intercept; needs ``order`` in :meth:`fit`.
    random_state : int, default=0
        Decides folds and samples.

    Attributes
    ----------
    model_ : ScoreModel
        The score as plain parameters.
    oof_margin_ : ndarray of float64, shape (n_samples,)
        Held-out, calibrated margin of each training row.
    mode_ : {"rates", "linear", "blend"}
        Kind of model that the amount of data allowed.
    base_rate_ : float
        Share of best customers among the training rows.
    marks_time_ : ndarray of bool, shape (n_features,)
        Traits that name a period and that the trees left out; all False without ``order``.
    rate_shift_ : float
        Log-odds added to meet the rate of the newest rows; 0 without ``order``.
    classes_ : ndarray, shape (2,)
        The second is "best".

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(400, 2))
    >>> y = (X[:, 0] + rng.normal(size=400) > 1.5).astype(int)
    >>> classifier = PropensityClassifier().fit(X, y)
    >>> classifier.mode_
    'linear'
    >>> bool(classifier.predict_proba([[2.0, 0.0]])[0, 1] > classifier.base_rate_)
    True
    """

    def __init__(
        self,
        n_folds: int = 5,
        max_trees: int = 600,
        n_leaves: int = 8,
        learning_rate: float = 0.04,
        categorical: ArrayLike | None = None,
        engagement: ArrayLike | None = None,
        follow_rate: bool = True,
        random_state: int = 0,
    ) -> None:
        self.n_folds = n_folds
        self.max_trees = max_trees
        self.n_leaves = n_leaves
        self.learning_rate = learning_rate
        self.categorical = categorical
        self.engagement = engagement
        self.follow_rate = follow_rate
        self.random_state = random_state

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.classifier_tags.multi_class = False
        return tags

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        groups: ArrayLike | None = None,
        order: ArrayLike | None = None,
    ) -> PropensityClassifier:
        """Learn the score.

        Parameters
        ----------
        X : array-like of float, shape (n_samples, n_features)
            Values and codes; NaN is "not known".
        y : array-like, shape (n_samples,)
            Two classes; the second in sorted order is "best".
        groups : array-like, shape (n_samples,), default=None
            Rows of one group stay in one fold (an account seen on several dates, copies of a row).
        order : array-like of float, shape (n_samples,), default=None
            Place of each row in time, larger is later, NaN where unknown. With it, trees leave out traits that mark a
            period, and a rate that has moved is met (see Notes).

        Returns
        -------
        PropensityClassifier
            Itself.

        Raises
        ------
        NotEnoughDataError
            ``y`` has one class only (``ICP354``).
        ConfigError
            A setting is out of range (``ICP353``).
        ValueError
            More than two classes, or values that are not numbers.

        Notes
        -----
        A trait that by itself tells the newer half of the rows from the older (AUC 0.8 or more) names a period. It
        counts in the linear part alone: trees would learn each period by heart. Where the newest fifth of the rows
        holds clearly more or fewer best customers than their held-out margins say, the intercept moves to meet them.
        """
        values: Floats
        values, y = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan")
        target, p = self._target(np.asarray(y)), values.shape[1]
        self._check_settings(p)
        fewer = int(min(target.sum(), len(target) - target.sum()))
        self.mode_ = "rates" if fewer < MIN_LINEAR else "linear" if fewer < MIN_BLEND else "blend"
        self.base_rate_ = float(target.mean())
        folds = self._folds(target, fewer, groups)
        log.debug("learning a score of mode %s from %d rows, %d of the smaller class", self.mode_, len(target), fewer)
        categorical = self._mask("categorical", p)
        when = np.full(len(target), np.nan) if order is None else np.asarray(order, dtype=np.float64)
        self.marks_time_ = marks_time(values, categorical, when)
        level = is_time(values, categorical, when)
        curves = draw_curves(values, categorical, coarse=self.mode_ == "rates", level=level)
        with threadpool_limits(limits=1, user_api="blas"):
            linear, linear_oof, without = _learn_linear(
                values, target, folds[: _LINEAR_REPEATS[self.mode_]], curves, self.mode_
            )
        texts: tuple[str, ...] = ()
        added, constant, parts = np.zeros(len(target)), 0.0, [linear_oof]
        at_linear = float(np.mean([family.at_linear for family in FAMILIES]))
        if self.mode_ == "blend":
            base = float(np.log(self.base_rate_ / (1.0 - self.base_rate_)))
            timeless = np.where(self.marks_time_, 0.0, values) if self.marks_time_.any() else values
            starts = [*without, linear.margin(values)]
            texts, added = grow_forests(timeless, target, folds, base, starts, self._forest_options(p))
            constant = base * (1.0 - at_linear)
            added += constant
            parts.append(linear_oof * at_linear + added)
        intercept, weights = blend_weights(np.column_stack(parts), target, [1, len(FAMILIES)][: len(parts)])
        forest_weight = float(weights[1:].sum())
        linear_weight = float(weights[0]) + forest_weight * at_linear
        self.oof_margin_ = intercept + linear_weight * linear_oof + forest_weight * added
        self.rate_shift_ = recent_shift(self.oof_margin_, target, when) if self.follow_rate else 0.0
        self.oof_margin_ += self.rate_shift_
        intercept += forest_weight * constant + self.rate_shift_
        forest = Forest(texts if forest_weight > 0 else ())
        self.model_ = ScoreModel(intercept, linear_weight, forest_weight, linear, forest)
        return self

    def decision_function(self, X: ArrayLike) -> Floats:
        """Calibrated margin, in log-odds of being best.

        Parameters
        ----------
        X : array-like of float, shape (n_samples, n_features)
            Values and codes.

        Returns
        -------
        ndarray of float64, shape (n_samples,)
            Base plus contributions.
        """
        check_is_fitted(self)
        values: Floats = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        return self.model_.check_margin(values)

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Propensity.

        Parameters
        ----------
        X : array-like of float, shape (n_samples, n_features)
            Values and codes.

        Returns
        -------
        ndarray of float64, shape (n_samples, 2)
            Of the classes in the order of ``classes_``.
        """
        best = expit(self.decision_function(X))
        return np.column_stack([1.0 - best, best])

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The likelier class; with few best customers that is seldom "best", so rank instead.

        Parameters
        ----------
        X : array-like of float, shape (n_samples, n_features)
            Values and codes.

        Returns
        -------
        ndarray, shape (n_samples,)
            Values of ``classes_``.
        """
        margin = self.decision_function(X)
        return self.classes_[(margin > 0).astype(int)]

    def _target(self, y: NDArray[Any]) -> Floats:
        check_classification_targets(y)
        self.classes_ = np.unique(y)
        if len(self.classes_) > 2:
            raise ValueError(f"Only binary classification is supported. The target has {len(self.classes_)} classes.")
        if len(self.classes_) < 2:
            raise NotEnoughDataError.one(
                "ICP354",
                f"all {len(y):,} labelled accounts are of one class ({self.classes_[0]}).",
                "A score needs best customers and others: check labels.positive and labels.negative.",
            )
        return (y == self.classes_[1]).astype(np.float64)

    def _check_settings(self, p: int) -> None:
        wrong = [
            name
            for name, ok in {
                "n_folds": self.n_folds >= 2,
                "max_trees": self.max_trees >= 1,
                "n_leaves": self.n_leaves >= 2,
                "learning_rate": 0 < self.learning_rate <= 1,
                "categorical": len(self._mask("categorical", p)) == p,
                "engagement": len(self._mask("engagement", p)) == p,
            }.items()
            if not ok
        ]
        if wrong:
            raise ConfigError.one(
                "ICP353",
                f"the score cannot be learned with {', '.join(f'{name}={getattr(self, name)!r}' for name in wrong)}.",
                "n_folds and n_leaves are at least 2, max_trees at least 1, learning_rate above 0 and at most 1, and "
                "categorical and engagement have one entry per column.",
            )

    def _mask(self, name: str, p: int) -> NDArray[np.bool_]:
        mask = getattr(self, name)
        return np.zeros(p, dtype=bool) if mask is None else np.asarray(mask, dtype=bool)

    def _folds(self, y: Floats, fewer: int, groups: ArrayLike | None) -> Folds:
        """Fold of each row, once per repeat; none when a class is too small to be held out."""
        number = min(self.n_folds, fewer)
        if number < 2:
            return []
        ids = None if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1].astype(np.int64)
        seeds = [1000 * repeat + _seed(self.random_state) for repeat in range(len(FAMILIES))]
        return [assign_folds(y, number, seed, ids) for seed in seeds]

    def _forest_options(self, p: int) -> ForestOptions:
        return ForestOptions(
            self.max_trees,
            self.n_leaves,
            self.learning_rate,
            self._mask("categorical", p),
            self._mask("engagement", p),
            _seed(self.random_state),
        )


def _seed(random_state: Any) -> int:
    return int(random_state) if random_state is not None else 0


def _learn_linear(
    X: Floats, y: Floats, folds: Folds, curves: tuple[Curve, ...], mode: str
) -> tuple[LinearPart, Floats, list[Floats]]:
    """The linear part on all rows, each row's held-out margin, and all margins of the model without each fold.

    The last are of the last of ``folds``.
    """
    design = Design(X, curves)
    strengths = _RATES_STRENGTHS if mode == "rates" else _STRENGTHS
    strength = _choose_strength(design, y, folds, strengths) if folds else strengths[0]
    rows = _thin(np.arange(len(y)), _MAX_LINEAR_ROWS)
    whole = fit_ridge(design.rows(rows), y[rows], strength)
    linear = design.bent(whole, strength)
    if not folds:
        return linear, np.full(len(y), np.log(y.mean() / (1.0 - y.mean()))), []
    return linear, *_held_out(design, y, folds, strength, whole)


def _held_out(design: Design, y: Floats, folds: Folds, strength: float, whole: Floats) -> tuple[Floats, list[Floats]]:
    """Each row's margin from fits on the other folds, mean over the repeats, and all margins of the last repeat's fits.

    They begin at the fit on all rows.
    """
    held_out, without, everything = np.zeros(len(y)), list[Floats](), np.arange(len(y))
    sides = [(fold, number) for fold in folds for number in range(int(fold.max()) + 1)]
    with part("fitting lines", len(y)) as advance:
        for done, (fold, number) in enumerate(sides, start=1):
            rows, out = _thin(np.flatnonzero(fold != number), _MAX_LINEAR_ROWS), np.flatnonzero(fold == number)
            weights = fit_ridge(design.rows(rows), y[rows], strength, whole)
            margins = design.margin(everything if fold is folds[-1] else out, weights)
            without += [margins] if fold is folds[-1] else []
            held_out[out] += (margins[out] if fold is folds[-1] else margins) / len(folds)
            advance(done / len(sides))
    return held_out, without


def _choose_strength(design: Design, y: Floats, folds: Folds, strengths: tuple[float, ...]) -> float:
    """The ridge penalty with the least held-out log loss, on a sample of the rows."""
    rows = _thin(np.arange(len(y)), _MAX_STRENGTH_ROWS)
    matrix, y, losses = design.rows(rows), y[rows], np.zeros(len(strengths))
    for fold in (fold[rows] for fold in folds):
        for number in range(int(fold.max()) + 1):
            train, out = fold != number, fold == number
            others, target, weights = matrix[train], y[train], None
            for i, strength in enumerate(strengths):
                weights = fit_ridge(others, target, strength, weights, tolerance=1e-2)
                losses[i] += log_loss(y[out], weights[0] + matrix[out] @ weights[1:]) * out.sum()
    return strengths[int(np.argmin(losses))]


def _thin(rows: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Evenly spaced rows, so many at most."""
    if len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)]
