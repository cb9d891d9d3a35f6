"""IdealCustomerModel: accounts and labels in, a bundle out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from icp._notebook import Box, Boxed
from icp.bundle import Bundle, read
from icp.checks import looks_sensitive, sufficiency
from icp.engines import explain_frame, score_frame, score_record
from icp.evaluation import signal
from icp.messages import Briefs, Library
from icp.model._base import choose_base, unworked_pool
from icp.model._briefs import examples_of, tell
from icp.model._card import build_card, found_card
from icp.model._champion import Contest, contest
from icp.model._cutoffs import keep_cutoffs
from icp.model._findings import sample_findings, samples_taken, time_findings, verdict_findings
from icp.model._gate import Gate
from icp.model._identity import ProfileChanges, keep_identity
from icp.model._known import know
from icp.model._learning import Learner, assemble, find_profiles
from icp.model._look_alike import look_alike_findings, look_alike_metrics
from icp.model._meaning import meaning
from icp.model._naming import read_names
from icp.model._reasons_view import reasons_view
from icp.model._recipe import recipe_of
from icp.model._rule_files import filters_of
from icp.model._selected import judged_selection, least_ratio
from icp.model._value import choose_amounts, value_evidence
from icp.options import (
    AccountOptions,
    BacktestOptions,
    MessageOptions,
    ProfileOptions,
    ReasonOptions,
    ScoringOptions,
    TraitOptions,
)
from icp.reasons import Contributions, ReasonExtractor, drivers
from icp.scoring import ScoreModel
from icp.tables import AccountTable, BaseTable, DatedTable, Finding, LabelTable

if TYPE_CHECKING:
    from icp.reports import Report

__all__ = ["IdealCustomerModel"]


class IdealCustomerModel(Boxed):
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
        self.name = name
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
        mode, few = sufficiency(int((y == 1).sum()), int((y == 0).sum()))
        known, found = know(accounts, labels, events, outcomes, self.traits)
        compared = choose_base(known, accounts, labels, events, outcomes, self.profiles.base, base)
        learner = Learner(self.scoring, self.seed, self.classifier)
        judgement = learner.judged(known, self.backtest)
        learned = learner.learn(known, mode, judgement)
        earlier = [version for version in (champion, newest) if version is not None]
        before = earlier[0].profiles if earlier else None
        fresh = find_profiles(known, self.profiles, self.seed, compared, before)
        self.profiles_, self.changes_ = keep_identity(fresh, known, earlier, events, outcomes, names)
        self.filters_ = filters_of(self.profiles_, known)
        pool = unworked_pool(known, accounts, labels, events, outcomes)
        about = (labels.definition, messages, self.profiles)
        told = tell(known, self.profiles_, compared, pool, learned.contributions, *about)
        extractor = ReasonExtractor(self.reasons.n_reasons, self.reasons.min_group)
        book = extractor.fit(known.traits, known.y, learned.contributions).book_
        amounts = choose_amounts(known, self.profiles_, self.seed)
        verdict = signal(judgement.evaluation, in_folds=judgement.in_folds)
        tiers = tuple(self.scoring.tiers)
        selected, unequal = judged_selection(known, judgement, labels, tiers)
        found += look_alike_findings(known, labels.definition, self.backtest)
        found += verdict_findings(verdict, judgement, self.profiles_, known.undated_label, self.profiles.n_profiles)
        found += [*time_findings(judgement, learned, known), *looks_sensitive(accounts.columns), *unequal]
        samples = samples_taken(known, labels)
        found += [*compared.findings, *told.findings, *sample_findings(samples)]
        self.index_, self.briefs_ = told.index, told.briefs
        self.examples_ = examples_of(known, self.profiles_, told.index.statistics(), self.messages)
        self.judgement_ = judgement
        judged = look_alike_metrics(judgement, labels.definition, known)
        self.metrics_ = {**judged, "n_best": int((known.y == 1).sum()), **least_ratio(selected)}
        bundle = assemble(
            self.name,
            known,
            learned,
            self.profiles_,
            book,
            amounts,
            has_signal=bool(verdict["signal"]),
            tiers=tiers,
            reading=reading or AccountOptions(),
            recipe=recipe_of(known, self.scoring, self.traits, self.seed, judgement, found),
        )
        bundle = replace(bundle, index=told.index, messages=told.book)
        bundle, origin, cut = keep_cutoffs(bundle, champion, labels.definition, self.scoring.cutoffs)
        self.findings_ = (*accounts.findings, *labels.findings, *few, *found, *cut)
        left_out = known.quarantined
        card = build_card(bundle, accounts, labels, judgement, verdict, quarantined=left_out, cutoffs_from=origin) | {
            "metrics": self.metrics_,
            **found_card(self.findings_, left_out),
            "briefs": told.briefs.to_list(),
            "drivers": drivers(book, known.traits, learned.contributions),
            "selection": selected,
            "samples": samples,
            "reasons_view": reasons_view(known, learned.contributions, self.profiles_, self.profiles, self.seed),
        }
        self.contributions_ = Contributions.sample(known.traits, learned.contributions, self.seed)
        value = value_evidence(known, self.profiles_, amounts, judgement, self.backtest.n_bootstrap, self.seed)
        self.bundle_ = replace(bundle, card=card | {"value": value, **meaning(bundle, known, labels, judgement)})
        self.findings_ += self.changes_.findings  # not in the card: content does not depend on how it came about
        self.gate_ = None
        if champion is not None and gate:
            run = Contest(known, learner, judgement, learned, self.bundle_, events, outcomes, self.backtest)
            self.gate_ = contest(run, champion)
        return self

    def score_accounts(
        self,
        accounts: pd.DataFrame | AccountTable,
        *,
        events: DatedTable | None = None,
        outcomes: DatedTable | None = None,
        as_of: str | None = None,
    ) -> pd.DataFrame:
        """Score, tier, profile and reasons of each account.

        Parameters
        ----------
        accounts : DataFrame or AccountTable
            With the columns the model reads; the index of a DataFrame is the account id.
        events, outcomes : DatedTable, default=None
            Dated history, needed when the model has traits from it.
        as_of : str, default=None
            ISO date of the picture; default that of an AccountTable, else the latest the model or the data know.

        Returns
        -------
        DataFrame, shape (n_accounts, n_columns)
            The columns of ``scores.csv``, indexed by ``account_id``, in input order.
        """
        frame, picture = _picture(accounts, as_of)
        return score_frame(self.bundle_, frame, events=events, outcomes=outcomes, as_of=picture)

    def score_account(
        self,
        account: Mapping[str, Any],
        account_id: str = "1",
        *,
        events: DatedTable | None = None,
        outcomes: DatedTable | None = None,
        as_of: str | None = None,
    ) -> dict[str, Any]:
        """Score, tier, profile and reasons of one account, in a few milliseconds: for a service.

        Parameters
        ----------
        account : mapping of str to cell
            The columns the model reads: text as in the CSV, or typed; None is "not known". Other keys are left out.
        account_id : str, default="1"
            Its id; rows of events and outcomes are found by it.
        events, outcomes : DatedTable, default=None
            As for :meth:`score_accounts`.
        as_of : str, default=None
            As for :meth:`score_accounts`.

        Returns
        -------
        dict
            The row of ``scores.csv`` with ``account_id``; None for empty cells. What :meth:`score_accounts` gives for
            a table of this one row.

        Raises
        ------
        TableError
            Columns the model reads are missing (``ICP102``).
        """
        picture = None if as_of is None else pd.Timestamp(as_of)
        return score_record(self.bundle_, account, account_id, events=events, outcomes=outcomes, as_of=picture)

    def explain_accounts(
        self,
        accounts: pd.DataFrame | AccountTable,
        *,
        events: DatedTable | None = None,
        outcomes: DatedTable | None = None,
        as_of: str | None = None,
    ) -> pd.DataFrame:
        """What each trait adds to each account's score, in log-odds.

        Parameters
        ----------
        accounts : DataFrame or AccountTable
            As for :meth:`score_accounts`.
        events, outcomes : DatedTable, default=None
            As for :meth:`score_accounts`.
        as_of : str, default=None
            As for :meth:`score_accounts`.

        Returns
        -------
        DataFrame, shape (n_accounts, n_traits + 2)
            ``base``, one column per trait, and ``margin``; base and traits add up to the margin.
        """
        frame, picture = _picture(accounts, as_of)
        return explain_frame(self.bundle_, frame, events=events, outcomes=outcomes, as_of=picture)

    def _box(self) -> Box:
        bundle = getattr(self, "bundle_", None)
        return Box(f"{self.name}: not fitted") if bundle is None else bundle._box()

    @property
    def report_(self) -> Report:
        """What the report shows, part by part, each with ``.frame()`` and ``.plot()``; of a loaded model too."""
        from icp.reports import Report

        return Report.of(self.bundle_.card)

    def save(self, folder: str | Path) -> Path:
        """Write the model as a folder of data.

        Parameters
        ----------
        folder : str or Path
            Made if it is not there.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        BundleError
            The classifier is your own and cannot give itself as data (``ICP515``).
        """
        return self.bundle_.write(folder)

    @classmethod
    def load(cls, folder: str | Path) -> IdealCustomerModel:
        """A saved model, ready to score.

        Parameters
        ----------
        folder : str or Path
            As written by :meth:`save`.

        Returns
        -------
        IdealCustomerModel
            With ``bundle_``, ``metrics_``, ``profiles_``, and ``index_`` and ``briefs_`` where the model has them.
        """
        bundle = read(folder)
        if isinstance(bundle.score, ScoreModel):
            bundle.score.prepare()
        model = cls(bundle.name)
        model.bundle_, model.profiles_ = bundle, bundle.profiles
        if bundle.index is not None:
            model.index_, model.briefs_ = bundle.index, Briefs(tuple(bundle.card.get("briefs", ())))
        model.metrics_ = dict(bundle.card["metrics"])
        model.findings_ = tuple(Finding(**finding) for finding in bundle.card["findings"])
        return model


def _picture(accounts: pd.DataFrame | AccountTable, as_of: str | None) -> tuple[pd.DataFrame, pd.Timestamp | None]:
    """Cells and date of what is to be scored."""
    own = accounts.as_of if isinstance(accounts, AccountTable) else None
    frame = accounts.frame if isinstance(accounts, AccountTable) else accounts
    return frame, own if as_of is None else pd.Timestamp(as_of)
