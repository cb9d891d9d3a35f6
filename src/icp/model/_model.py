"""IdealCustomerModel: accounts and labels in, a bundle out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from icp.bundle import Bundle
from icp.checks import looks_sensitive, sufficiency
from icp.evaluation import signal
from icp.messages import Library
from icp.model._base import choose_base, unworked_pool
from icp.model._briefs import Told, examples_of, tell
from icp.model._card import build_card, found_card
from icp.model._champion import Contest, contest
from icp.model._cutoffs import keep_cutoffs
from icp.model._findings import sample_findings, samples_taken, time_findings, verdict_findings
from icp.model._gate import Gate
from icp.model._identity import ProfileChanges, keep_identity
from icp.model._judge import Judgement
from icp.model._known import Known, know
from icp.model._learning import Learned, Learner, assemble, find_profiles
from icp.model._look_alike import look_alike_findings, look_alike_metrics
from icp.model._meaning import meaning
from icp.model._naming import read_names
from icp.model._reasons_view import reasons_view
from icp.model._recipe import recipe_of
from icp.model._rule_files import filters_of
from icp.model._selected import judged_selection, least_ratio
from icp.model._served import ServedModel
from icp.model._value import Amounts, choose_amounts, value_evidence
from icp.options import (
    AccountOptions,
    BacktestOptions,
    MessageOptions,
    ProfileOptions,
    ReasonOptions,
    ScoringOptions,
    TraitOptions,
)
from icp.reasons import Contributions, ReasonBook, ReasonExtractor, drivers
from icp.tables import AccountTable, BaseTable, DatedTable, Finding, LabelTable

__all__ = ["IdealCustomerModel"]


@dataclass(frozen=True)
class _Run:
    """What one fit was given and has learned, on the way to its bundle."""

    accounts: AccountTable
    labels: LabelTable
    known: Known
    judgement: Judgement
    learned: Learned
    told: Told
    book: ReasonBook
    amounts: Amounts
    verdict: dict[str, bool | str]
    selected: list[dict[str, Any]]
    unequal: tuple[Finding, ...]
    samples: list[dict[str, Any]]


class IdealCustomerModel(ServedModel):
    """Profiles, score and reasons learned from accounts whose label is known.

    Parameters
    ----------
    name : str, default="icp"
        Registered name; part of every model version.
    classifier : scikit-learn classifier or None, default=None
        Your own estimator with ``predict_proba``, fitted on the trait matrix (NaN is "not known"). It scores and is
        explained by shap in Python; a model with it cannot be saved as data. None takes
        :class:`icp.PropensityClassifier`.
    traits, profiles, scoring, reasons, backtest, messages : options, default=None
        Options of the stages, see :mod:`icp.options`; None takes their defaults.
    seed : int, default=0
        Seed of everything random.

    Attributes
    ----------
    bundle_ : Bundle
        The fitted model as data.
    judgement_ : Judgement
        How it did on rows it never saw.
    metrics_ : dict
        As ``metrics.json``.
    profiles_ : ProfileSet
        The ideal customer profiles.
    index_ : IndexProfile
        Every group of every trait among best customers and in the base, with ``.frame()`` and ``.plot()``.
    briefs_ : Briefs
        What may be said of each profile, with ``.frame()``.
    contributions_ : Contributions
        What each trait adds to a sample of accounts, with ``.frame()`` and ``.plot()`` by shap; never saved.
    examples_ : DataFrame
        Typical best customers of each profile; never part of the bundle.
    findings_ : tuple of Finding
        Everything the stages found.
    gate_ : Gate or None
        Whether it should replace the champion it was compared with, and on what evidence.
    changes_ : ProfileChanges
        What became of the profiles of the version before, with ``.frame()`` and ``.migration_frame()``.
    filters_ : tuple of RuleFilter
        The rule of each profile as text, SQL and plain values.

    Examples
    --------
    >>> import icp
    >>> cfg = icp.load_config("train", ["tracking=none"])
    >>> model = icp.train.run(cfg).model  # doctest: +SKIP
    >>> model.profiles_.frame()  # doctest: +SKIP
    """

    def __init__(
        self,
        name: str = "icp",
        *,
        classifier: Any = None,
        traits: TraitOptions | None = None,
        profiles: ProfileOptions | None = None,
        scoring: ScoringOptions | None = None,
        reasons: ReasonOptions | None = None,
        backtest: BacktestOptions | None = None,
        messages: MessageOptions | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(name)
        self.classifier = classifier
        self.traits = traits or TraitOptions()
        self.profiles = profiles or ProfileOptions()
        self.scoring = scoring or ScoringOptions()
        self.reasons = reasons or ReasonOptions()
        self.backtest = backtest or BacktestOptions()
        self.messages = messages or MessageOptions()
        self.seed = seed
        self.gate_: Gate | None = None
        self.changes_ = ProfileChanges()

    def fit(
        self,
        accounts: AccountTable,
        labels: LabelTable,
        *,
        events: DatedTable | None = None,
        outcomes: DatedTable | None = None,
        reading: AccountOptions | None = None,
        champion: Bundle | None = None,
        newest: Bundle | None = None,
        gate: bool = True,
        base: BaseTable | None = None,
        messages: Library | None = None,
    ) -> Self:
        """Learn profiles, score and reasons; judge the score on rows it never saw, then refit on all.

        Parameters
        ----------
        accounts : AccountTable
            One row per account.
        labels : LabelTable
            Same rows in the same order.
        events, outcomes : DatedTable, default=None
            Dated history; nothing after a row's as-of date is read.
        reading : AccountOptions, default=None
            How the accounts were read; kept so that new files are read alike.
        champion : Bundle, default=None
            Version in use: its cut-offs are kept (``scoring.cutoffs``), profiles keep the ids and names that they have
            in it, and the new version is compared with it.
        newest : Bundle, default=None
            Newest version, where that is another: ids it gave to new profiles stay with them.
        gate : bool, default=True
            Whether to compare; the verdict is ``gate_``.
        base : BaseTable, default=None
            From :func:`icp.read_inputs`: what the index profile compares with, where ``profiles.base`` is a market file
            or ``previous``.
        messages : Library, default=None
            The company's own messages, from :func:`icp.messages.read_library`.

        Returns
        -------
        IdealCustomerModel
            Fitted.

        Raises
        ------
        NotEnoughDataError
            Fewer than ten best customers or ten others (``ICP201``), or no column to learn from (``ICP203``).
        ConfigError
            A name in ``profiles.names`` cannot be read (``ICP003``).
        """
        names = read_names(self.profiles.names)
        y = labels.label.to_numpy(dtype=np.float64)
        mode, few = sufficiency(int((y == 1).sum()), int((y == 0).sum()), labels.findings)
        known, found = know(accounts, labels, events, outcomes, self.traits)
        compared = choose_base(known, accounts, labels, events, outcomes, self.profiles.base, base)
        learner = Learner(self.scoring, self.seed, self.classifier)
        judgement = learner.judged(known, self.backtest)
        learned = learner.learn(known, mode, judgement)
        earlier = [version for version in (champion, newest) if version is not None]
        before = earlier[0].profiles if earlier else None
        fresh = find_profiles(known, self.profiles, self.seed, compared, before)
        self.profiles_, self.changes_ = keep_identity(fresh, known, earlier, events, outcomes, names)
        pool = unworked_pool(known, accounts, labels, events, outcomes)
        about = (labels.definition, messages, self.profiles)
        told = tell(known, self.profiles_, compared, pool, learned.contributions, *about)
        run = self._run(accounts, labels, known, judgement, learned, told)
        found += [*self._noticed(run), *compared.findings, *told.findings, *sample_findings(run.samples)]
        bundle, origin, cut = keep_cutoffs(
            self._assembled(run, reading or AccountOptions(), found), champion, labels.definition, self.scoring.cutoffs
        )
        self.findings_ = (*accounts.findings, *labels.findings, *few, *found, *cut)
        self._show(run)
        self.bundle_ = replace(bundle, card=self._card(run, bundle, origin))
        self.findings_ += self.changes_.findings  # not in the card: content does not depend on how it came about
        self.gate_ = None
        if champion is not None and gate:
            match = Contest(known, learner, judgement, learned, self.bundle_, events, outcomes, self.backtest)
            self.gate_ = contest(match, champion)
        return self

    def _run(
        self,
        accounts: AccountTable,
        labels: LabelTable,
        known: Known,
        judgement: Judgement,
        learned: Learned,
        told: Told,
    ) -> _Run:
        """What was given and learned, with the reasons, the amounts and what the held-out rows say."""
        extractor = ReasonExtractor(self.reasons.n_reasons, self.reasons.min_group)
        selected, unequal = judged_selection(known, judgement, labels, tuple(self.scoring.tiers))
        return _Run(
            accounts,
            labels,
            known,
            judgement,
            learned,
            told,
            book=extractor.fit(known.traits, known.y, learned.contributions).book_,
            amounts=choose_amounts(known, self.profiles_, self.seed),
            verdict=signal(judgement.evaluation, in_folds=judgement.in_folds),
            selected=selected,
            unequal=tuple(unequal),
            samples=samples_taken(known, labels),
        )

    def _noticed(self, run: _Run) -> list[Finding]:
        """What judging and learning found."""
        known, judgement = run.known, run.judgement
        return [
            *look_alike_findings(known, run.labels.definition, self.backtest),
            *verdict_findings(run.verdict, judgement, self.profiles_, known.undated_label, self.profiles.n_profiles),
            *time_findings(judgement, run.learned, known),
            *looks_sensitive(run.accounts.columns),
            *run.unequal,
        ]

    def _assembled(self, run: _Run, reading: AccountOptions, found: list[Finding]) -> Bundle:
        """The bundle without its card, with cut-offs of its own."""
        bundle = assemble(
            self.name,
            run.known,
            run.learned,
            self.profiles_,
            run.book,
            run.amounts,
            has_signal=bool(run.verdict["signal"]),
            tiers=tuple(self.scoring.tiers),
            reading=reading,
            recipe=recipe_of(run.known, self.scoring, self.traits, self.seed, run.judgement, found),
        )
        return replace(bundle, index=run.told.index, messages=run.told.book)

    def _show(self, run: _Run) -> None:
        """Set what a notebook looks at beside the bundle."""
        known, told = run.known, run.told
        self.filters_ = filters_of(self.profiles_, known)
        self.index_, self.briefs_ = told.index, told.briefs
        self.examples_ = examples_of(known, self.profiles_, told.index.statistics(), self.messages)
        self.judgement_ = run.judgement
        judged = look_alike_metrics(run.judgement, run.labels.definition, known)
        self.metrics_ = {**judged, "n_best": int((known.y == 1).sum()), **least_ratio(run.selected)}
        self.contributions_ = Contributions.sample(known.traits, run.learned.contributions, self.seed)

    def _card(self, run: _Run, bundle: Bundle, cutoffs_from: str) -> dict[str, Any]:
        """What the report says of the version."""
        known, judgement, contributions = run.known, run.judgement, run.learned.contributions
        left_out, n_bootstrap = known.quarantined, self.backtest.n_bootstrap
        return build_card(
            bundle, run.accounts, run.labels, judgement, run.verdict, quarantined=left_out, cutoffs_from=cutoffs_from
        ) | {
            "metrics": self.metrics_,
            **found_card(self.findings_, left_out),
            "briefs": run.told.briefs.to_list(),
            "drivers": drivers(run.book, known.traits, contributions),
            "selection": run.selected,
            "samples": run.samples,
            "reasons_view": reasons_view(known, contributions, self.profiles_, self.profiles, self.seed),
            "value": value_evidence(known, self.profiles_, run.amounts, judgement, n_bootstrap, self.seed),
            **meaning(bundle, known, run.labels, judgement),
        }
