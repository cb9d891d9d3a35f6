"""Learning from the labelled accounts: the score, the profiles, and what a bundle needs beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icp._progress import step
from icp.bundle import Bundle, Scorer
from icp.checks import learn_watch
from icp.engines import TOLERANCE
from icp.errors import BundleError
from icp.model._base import KNOWN_NAME, Base
from icp.model._foreign import fit_foreign, foreign_margins
from icp.model._grid import engagement_sum
from icp.model._judge import Judgement, Order, judge, row_dates
from icp.model._known import Known
from icp.model._value import Amounts
from icp.model._worked import worked_region
from icp.options import AccountOptions, BacktestOptions, ProfileOptions, ScoringOptions
from icp.profiles import ProfileClusterer, ProfileSet, describe
from icp.reasons import ReasonBook
from icp.scoring import PropensityClassifier, TierAssigner, learn_familiarity, sum_margin

__all__ = ["Learned", "Learner", "assemble", "find_profiles"]

ENGAGEMENT_LEVELS = (0.2, 0.3)
"""Shares of the reference population with engagement level 1 and 2; level 3 is the rest."""

_CHECKED_ROWS = 50_000


@dataclass(frozen=True)
class Learned:
    """The score fitted on every labelled account.

    Parameters
    ----------
    score : Scorer
        The additive margin.
    held_out_margin : ndarray of float64, shape (n,)
        Margins of accounts from models that never saw them.
    contributions : ndarray of float64, shape (n_labelled, n_traits)
        What each trait adds, checked to add up for every row.
    mode : str
        ``rates``, ``linear`` or ``blend``.
    additivity_error : float
        Largest miss of the summed contributions, in log-odds.
    time_bound : tuple of int
        Traits that mark a period and that the trees left out.
    rate_shift : float
        Log-odds added to meet the rate of the newest rows.
    """

    score: Scorer
    held_out_margin: NDArray[np.float64]
    contributions: NDArray[np.float64]
    mode: str
    additivity_error: float
    time_bound: tuple[int, ...] = ()
    rate_shift: float = 0.0


@dataclass(frozen=True)
class Learner:
    """A way of learning a score, the same for judging and for the final fit.

    Parameters
    ----------
    options : ScoringOptions
        Of the default classifier.
    seed : int
        Of everything random.
    classifier : classifier or None, default=None
        A user's own estimator instead.
    """

    options: ScoringOptions
    seed: int
    classifier: Any = None

    def margins(
        self,
        known: Known,
        train: NDArray[np.intp],
        test: NDArray[np.intp],
        order: NDArray[np.float64] | None = None,
        *,
        follow_rate: bool = True,
    ) -> NDArray[np.float64]:
        """Margins of some rows from a score fitted on others.

        Parameters
        ----------
        known : Known
            All labelled rows.
        train, test : ndarray of intp
            Row numbers.
        order : ndarray of float64, shape (n_labelled,), default=None
            Place of each row in time.
        follow_rate : bool, default=True
            Whether the newest rows' rate is met.

        Returns
        -------
        ndarray of float64, shape (n_test,)
            In log-odds.
        """
        X, y = known.traits.values, known.y
        if self.classifier is not None:
            return foreign_margins(self.classifier, X, y, train, test)
        return self._fitted(known, train, order, follow_rate).decision_function(X[test])

    def held_out(
        self, known: Known, order: NDArray[np.float64] | None, *, follow_rate: bool
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Margins of every account from a score that had not seen its label, by the default classifier.

        Parameters
        ----------
        known : Known
            All labelled rows, and as ``unworked`` those without a label.
        order : ndarray of float64, shape (n_labelled,), or None
            Place of each row in time.
        follow_rate : bool
            Whether the newest rows' rate is met.

        Returns
        -------
        labelled : ndarray of float64, shape (n_labelled,)
            Out of fold, in log-odds.
        others : ndarray of float64, shape (n_unlabelled,)
            From the score of all labelled rows.
        """
        fitted = self._default(known, follow_rate)
        fitted.fit(known.traits.values, known.y, groups=known.groups, order=order)
        others = np.empty(0) if known.unworked is None else fitted.decision_function(known.unworked)
        return fitted.oof_margin_, others

    def judged(self, known: Known, options: BacktestOptions) -> Judgement:
        """How this way of learning does on rows it never saw.

        Parameters
        ----------
        known : Known
            All labelled rows.
        options : BacktestOptions
            Which rows are held out.

        Returns
        -------
        Judgement
            Of all held-out rows together.
        """
        dates = row_dates(known.accounts, known.y, undated_label=known.undated_label, test_share=options.test_share)
        named = dates is None or dates.named
        X, engagement = known.traits.values, known.traits.engagement
        sides: list[NDArray[np.float64]] = []

        def margins(train: NDArray[np.intp], test: NDArray[np.intp], order: Order) -> NDArray[np.float64]:
            if self.classifier is not None or not engagement.any():
                return self.margins(known, train, test, order, follow_rate=named)
            fitted = self._fitted(known, train, order, named)
            sides.append(engagement_sum(fitted.model_, X[test], engagement))
            return fitted.decision_function(X[test])

        judgement = judge(
            margins,
            known.y,
            options,
            dates=dates,
            groups=known.groups,
            amount=known.amount if np.isfinite(known.amount).any() else None,
            seed=self.seed,
        )
        return replace(judgement, engagement=np.concatenate(sides) if sides else None)

    def learn(self, known: Known, mode: str, judgement: Judgement) -> Learned:
        """The score fitted on every labelled row, its contributions checked.

        Parameters
        ----------
        known : Known
            All labelled rows.
        mode : str
            What the amount of data allows; the default classifier says it itself.
        judgement : Judgement
            Its held-out margins calibrate a user's own estimator.

        Returns
        -------
        Learned
            Ready for a bundle.

        Raises
        ------
        BundleError
            Contributions do not add up to the model's own margin (``ICP516``).
        """
        X, y = known.traits.values, known.y
        time_bound: tuple[int, ...] = ()
        shift = 0.0
        with step("learning the score from all labelled accounts"):
            if self.classifier is not None:
                score: Scorer = fit_foreign(self.classifier, X, y, judgement.rows, judgement.margin, self.seed)
                held_out = score.check_margin(X[judgement.rows])
            else:
                fitted = self._default(known, judgement.order_named)
                fitted.fit(X, y, groups=known.groups, order=judgement.order)
                score, held_out, mode = fitted.model_, fitted.oof_margin_, fitted.mode_
                time_bound = tuple(int(j) for j in np.flatnonzero(fitted.marks_time_))
                shift = fitted.rate_shift_
        contributions, error = _checked(score, X)
        if error > TOLERANCE:
            raise BundleError.one(
                "ICP516",
                f"the contributions miss the model's own score by up to {error:.2g} log-odds.",
                "This is a fault of icp or of its packages: keep the pinned versions, and report it.",
            )
        return Learned(score, held_out, contributions, mode, error, time_bound, shift)

    def _fitted(self, known: Known, train: NDArray[np.intp], order: Order, follow_rate: bool) -> PropensityClassifier:
        """The default classifier, fitted on some rows."""
        when = None if order is None else order[train]
        classifier = self._default(known, follow_rate)
        return classifier.fit(known.traits.values[train], known.y[train], groups=known.groups[train], order=when)

    def _default(self, known: Known, follow_rate: bool) -> PropensityClassifier:
        options = self.options
        return PropensityClassifier(
            n_folds=options.n_folds,
            max_trees=options.max_trees,
            n_leaves=options.n_leaves,
            learning_rate=options.learning_rate,
            categorical=known.traits.categorical,
            engagement=known.traits.engagement,
            follow_rate=follow_rate,
            random_state=self.seed,
        )


def _checked(score: Scorer, X: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Contributions of every row, and by how much their sums miss the score's own margin at most."""
    contributions, error = np.empty(X.shape), 0.0
    with step("checking that the contributions add up", len(X)) as advance:
        for first in range(0, len(X), _CHECKED_ROWS):
            rows = slice(first, first + _CHECKED_ROWS)
            contributions[rows] = score.contributions(X[rows])
            missed = sum_margin(score.base, contributions[rows]) - score.check_margin(X[rows])
            error = max(error, float(np.abs(missed).max()))
            advance(min(1.0, rows.stop / len(X)))
    return contributions, error


def find_profiles(
    known: Known, options: ProfileOptions, seed: int, against: Base | None = None, before: ProfileSet | None = None
) -> ProfileSet:
    """Profiles of the best customers, on who they are.

    Parameters
    ----------
    known : Known
        All labelled rows.
    options : ProfileOptions
        How many, how stable, how sure.
    seed : int
        Of the clustering.
    against : Base, default=None
        What indexes compare with; None means all labelled accounts, which rules and rates are always judged on.
    before : ProfileSet, default=None
        Of the version before, whose number of profiles needs less evidence.

    Returns
    -------
    ProfileSet
        Empty when no grouping is stable.
    """
    base = known.profiled()
    best = base.rows(known.y == 1)
    with step("looking for profiles among the best customers"):
        clusterer = ProfileClusterer(
            max_profiles=options.max_profiles,
            min_size=options.min_size,
            n_resamples=options.n_resamples,
            stability=options.stability,
            categorical=best.categorical,
            random_state=seed,
            expected=None if before is None else len(before.profiles),
            n_profiles=options.n_profiles,
        ).fit(best.values)
        return describe(
            clusterer,
            best,
            base,
            base_name=KNOWN_NAME if against is None else against.name,
            against=None if against is None else against.table,
            label=known.y,
            amount=known.amount[known.y == 1],
            options=options,
        )


def _population(held_out: NDArray[np.float64], own: NDArray[np.float64]) -> NDArray[np.float64]:
    """Margins of the accounts learned from, as accounts not learned from would have them: the held-out ones.

    Those come of several models that differ. Where little is to be told, the differences reach beyond all that the
    served model says, and hardly an account would be in its best tier. Its own margins of the rows it learned from
    spread too far if anything: where they spread less, they are the better picture.
    """
    spread = [np.diff(np.quantile(margins, (0.5, 0.95)))[0] for margins in (held_out, own)]
    return own if spread[1] < spread[0] else held_out


def assemble(
    name: str,
    known: Known,
    learned: Learned,
    profiles: ProfileSet,
    book: ReasonBook,
    amounts: Amounts,
    *,
    has_signal: bool,
    tiers: tuple[float, ...],
    reading: AccountOptions,
    recipe: Mapping[str, Any],
) -> Bundle:
    """The bundle, its card still empty.

    Parameters
    ----------
    name : str
        Registered name.
    known, learned, profiles, book, amounts
        What was learned.
    has_signal : bool
        Whether the score ranks better than chance on rows it never saw.
    tiers : tuple of float
        Shares of tiers A, B and C.
    reading : AccountOptions
        How the accounts were read.
    recipe : mapping
        How the score was learned, see :func:`icp.model._recipe.recipe_of`.

    Returns
    -------
    Bundle
        With everything that scoring needs.
    """
    engagement, accounts = known.traits.engagement, known.accounts
    sums = sum_margin(learned.score.base, learned.contributions, ~engagement)
    levels = None
    if engagement.any():
        levels = TierAssigner(ENGAGEMENT_LEVELS).fit(sum_margin(0.0, learned.contributions, engagement)).reference_
    importance = np.abs(learned.contributions).mean(axis=0)
    sources = {source for trait in known.traits.traits for source in trait.sources}
    margins = _population(learned.held_out_margin, sum_margin(learned.score.base, learned.contributions))
    reference = TierAssigner(tiers).fit(margins).reference_
    places = np.round(reference.percentile(margins), 2)
    return Bundle(
        name=name,
        columns=tuple(c for c in accounts.columns if c.name in sources or c.role == "observed_at"),
        missing_values=tuple(dict.fromkeys((*reading.missing_values, *accounts.placeholders))),
        traits=known.traits.traits,
        score=learned.score,
        reference=reference,
        fit_reference=TierAssigner(tiers).fit(sums).reference_,
        engagement_reference=levels,
        profiles=profiles,
        profile_traits=tuple(int(j) for j in np.flatnonzero(known.profile_traits)),
        reasons=book,
        base_rate=float(known.y.mean()),
        mode=learned.mode,
        signal=has_signal,
        amounts=amounts.means,
        importance=tuple(importance.tolist()),
        as_of="" if accounts.as_of is None else accounts.as_of.strftime("%Y-%m-%d"),
        account_source={"account_id": reading.account_id, "observed_at": reading.observed_at},
        card={},
        watch=learn_watch(known.traits, places, reference.tier(places)),
        familiarity=learn_familiarity(known.traits.values, known.traits.categorical, importance),
        amount_model=amounts.model,
        worked_region=worked_region(known),
        recipe=recipe,
    )
