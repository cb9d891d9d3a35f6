"""The schema: what a configuration may hold, and which words its text values may take."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field, fields, make_dataclass

from icp.options import (
    AccountOptions,
    BacktestOptions,
    CallListOptions,
    CompareOptions,
    DatedOptions,
    DeliveryOptions,
    HoldoutOptions,
    LabelOptions,
    LeadOptions,
    LedgerOptions,
    MessageOptions,
    OutcomeOptions,
    ProfileOptions,
    ReasonOptions,
    ReleaseOptions,
    ReportOptions,
    ReturnOptions,
    RuleOptions,
    ScorecardOptions,
    ScoringOptions,
    SimulationOptions,
    SparkOptions,
    TrackingOptions,
    TraitOptions,
)

__all__ = ["ACTIONS", "CHOICES", "FILES", "GROUPS", "RANGES", "Part", "RunConfig", "part_of_schema"]

GROUPS = ("accounts", "events", "outcomes", "activities", "dispositions", "labels", "versus", "delivery", "tracking")
"""Parts that are chosen by a file of ``conf/``."""

ACTIONS: dict[str, tuple[str, ...]] = {
    "promote": ("promote", "rollback", "show", "register"),
    "feedback": ("check", "reconcile", "load", "erase", "forget"),
}
"""What ``action`` may be, by command."""

CHOICES: dict[str, tuple[str, ...]] = {
    "promotion": ("gate", "always", "never"),
    "format": ("csv", "parquet"),
    "summary": ("text", "json"),
    "logs": ("text", "json"),
    "engine": ("local", "spark"),
    "action": (*ACTIONS["promote"], *ACTIONS["feedback"]),
    "accounts.source": ("sample", "csv", "parquet", "sql", "derived"),
    "accounts.decimal": (".", ","),
    "events.source": ("auto", "none", "sample", "csv", "parquet", "sql"),
    "events.decimal": (".", ","),
    "outcomes.source": ("auto", "none", "sample", "csv", "parquet", "sql"),
    "outcomes.decimal": (".", ","),
    "activities.source": ("none", "csv", "parquet", "sql"),
    "activities.decimal": (".", ","),
    "dispositions.source": ("none", "csv", "parquet", "sql"),
    "dispositions.decimal": (".", ","),
    "labels.recipe": ("auto", "flag", "customers", "won", "revenue", "rfm"),
    "versus.recipe": ("none", "flag", "customers", "won", "revenue", "rfm"),
    "scoring.cutoffs": ("keep", "reset"),
    "profiles.view": ("traits", "reasons"),
    "reasons.verify": ("sample", "all"),
    "backtest.order": ("column", "rows", "random"),
    "tracking.store": ("local", "server", "none"),
    "delivery.target": (
        "none", "generic", "salesforce", "hubspot", "dynamics", "zoho", "pipedrive", "odoo", "tryton", "suitecrm",
        "spreadsheet",
    ),
    "delivery.key": ("auto", "external", "record"),
    "delivery.line_ending": ("LF", "CRLF"),
    "rules.customers": ("keep", "leave_off"),
    "call_list.order": ("auto", "expected_value", "propensity"),
}  # fmt: skip
"""Words a text value may be; a value of None is legal where the schema allows it."""

FILES = (
    "manifest", "readback", "accounts.path", "accounts.later_path", "events.path", "outcomes.path", "activities.path",
    "dispositions.path", "labels.signoff", "versus.signoff", "profiles.base", "compare.path", "delivery.known_keys",
    "delivery.since", "messages.library", "release.proposals", "report.scores", "leads.path", "rules.exclude",
    "rules.include", "call_list.reps", "call_list.accounts", "call_list.actions", "scorecard.goals",
    "scorecard.proposals", "scorecard.accounts", "scorecard.accepted", "scorecard.scores",
)  # fmt: skip
"""Keys that name a file to be read, or a list of such files; some may be a folder, or a word, in its place."""

RANGES: dict[str, tuple[float, float]] = {
    "scorecard.agreed_days": (0, 365),
    "seed": (0, 2**32 - 1),
    "labels.top_share": (1e-6, 0.999999),
    "versus.top_share": (1e-6, 0.999999),
    "traits.min_level": (1, 1e9),
    "traits.half_life_days": (1e-3, 1e6),
    "traits.max_kinds": (0, 1000),
    "profiles.n_profiles": (1, 50),
    "profiles.max_profiles": (1, 50),
    "profiles.min_size": (2, 1e9),
    "profiles.n_resamples": (2, 10_000),
    "profiles.stability": (0, 1),
    "profiles.fdr": (0, 1),
    "profiles.confidence": (0.5, 0.9999),
    "scoring.n_folds": (2, 50),
    "scoring.max_trees": (1, 100_000),
    "scoring.n_leaves": (2, 1024),
    "scoring.learning_rate": (1e-6, 1),
    "reasons.n_reasons": (1, 3),
    "reasons.min_group": (1, 1e9),
    "backtest.test_share": (0.01, 0.9),
    "backtest.n_folds": (2, 50),
    "backtest.n_bootstrap": (20, 1_000_000),
    "backtest.n_blocks": (1, 50),
    "backtest.repeats": (1, 50),
    "backtest.capacity": (1, 1e9),
    "messages.examples": (0, 100),
    "report.top": (1, 5000),
    "call_list.weeks": (1, 53),
    "call_list.explore": (0, 0.9),
    "holdout.share": (0, 0.9),
    "holdout.effect": (1e-6, 1),
    "delivery.n_reasons": (1, 3),
    "delivery.max_rows": (1, 1e9),
    "delivery.max_bytes": (1000, 1e12),
    "delivery.valid_days": (1, 36_500),
    "simulation.n_accounts": (50, 50_000_000),
    "simulation.n_profiles": (1, 6),
    "simulation.base_rate": (0.001, 0.9),
    "simulation.signal": (0, 100),
    "simulation.dirt": (0, 100),
    "simulation.drift": (0, 100),
}
"""Least and greatest value of a number."""


@dataclass
class RunConfig:
    """Everything a command may be told; each uses the parts its file in ``conf/`` names.

    Parameters
    ----------
    name : str, default="icp"
        Registered name of the model.
    model : str, default=None
        ``models:/name@alias``, ``models:/name/3`` or a bundle folder; default the champion of ``name``.
    output : str, default="out"
        Folder the run writes to.
    seed : int, default=0
        Same data, configuration and seed: the same bytes.
    as_of : str, default=None
        Cut-off date (ISO); default from the data.
    campaign : str, default=None
        Campaign the lists are for.
    format : {"csv", "parquet"}, default="csv"
        How ``score`` writes its table.
    summary : {"text", "json"}, default="text"
        What stdout gets at the end of a run; ``json`` is one line for a scheduler.
    logs : {"text", "json"}, default="text"
        How messages stand on stderr; ``json`` is one object a line.
    promotion : {"gate", "always", "never"}, default="gate"
        When a new version becomes champion.
    engine : {"local", "spark"}, default="local"
        Where batches are scored.
    action : {"promote", "rollback", "show", "check", "reconcile", "load", "erase", "forget"}, default="promote"
        What ``promote`` does (the first three), or ``feedback``.
    manifest : str, default=None
        ``manifest.json`` of a list that ``feedback`` looks at.
    readback : str, default=None
        CSV with what the CRM holds, for ``action=reconcile``.
    readback_key, readback_name : str, default=None
        Its columns with the key and with the record's name; found by their usual names.
    account : str, default=None
        Account that ``action=erase`` removes from the ledger.
    before : str, default=None
        Day (ISO) before which ``action=forget`` removes everything.
    reason, who : str, default=None
        Why, and who decides; kept in the promotion log.
    accounts : AccountOptions
        Where the accounts are and what their columns mean.
    events : DatedOptions
        Dated history.
    outcomes : OutcomeOptions
        What counts towards best.
    activities, dispositions : ReturnOptions
        What sales did, and what it says: tables that come back.
    labels : LabelOptions
        What "best customer" means.
    versus : LabelOptions
        A second definition that ``backtest`` compares it with; default none.
    traits, profiles, scoring, reasons, backtest : options of the stage
        How the model is made and judged.
    compare : CompareOptions
        Which earlier scores ``score`` explains the difference to.
    tracking, delivery, ledger : options of the part
        Where versions, lists and their memory go.
    messages : MessageOptions
        What sales may say, and examples.
    release : ReleaseOptions
        What the release note of a version answers.
    report : ReportOptions
        What the page of ``report`` shows beside its version.
    leads : LeadOptions
        Leads that ``match`` finds the accounts of.
    rules : RuleOptions
        Accounts that are on no list, or on the call list, whatever their score.
    call_list : CallListOptions
        Who calls whom in the weeks ahead.
    holdout : HoldoutOptions
        Accounts that sales does not get, to measure what the list adds.
    scorecard : ScorecardOptions
        How lists and teams are measured.
    simulation : SimulationOptions
        A simulated CRM.
    spark : SparkOptions
        Which Spark scores, with ``engine=spark``.
    """

    name: str = "icp"
    model: str | None = None
    output: str = "out"
    seed: int = 0
    as_of: str | None = None
    campaign: str | None = None
    format: str = "csv"
    summary: str = "text"
    logs: str = "text"
    promotion: str = "gate"
    engine: str = "local"
    action: str = "promote"
    manifest: str | None = None
    readback: str | None = None
    readback_key: str | None = None
    readback_name: str | None = None
    account: str | None = None
    before: str | None = None
    reason: str | None = None
    who: str | None = None
    accounts: AccountOptions = field(default_factory=lambda: AccountOptions(source="sample"))
    events: DatedOptions = field(default_factory=lambda: DatedOptions(source="auto"))
    outcomes: OutcomeOptions = field(default_factory=lambda: OutcomeOptions(source="auto"))
    activities: ReturnOptions = field(default_factory=ReturnOptions)
    dispositions: ReturnOptions = field(default_factory=ReturnOptions)
    labels: LabelOptions = field(default_factory=lambda: LabelOptions(recipe="auto"))
    versus: LabelOptions = field(default_factory=lambda: LabelOptions(recipe="none"))
    traits: TraitOptions = field(default_factory=TraitOptions)
    profiles: ProfileOptions = field(default_factory=ProfileOptions)
    scoring: ScoringOptions = field(default_factory=ScoringOptions)
    reasons: ReasonOptions = field(default_factory=ReasonOptions)
    backtest: BacktestOptions = field(default_factory=BacktestOptions)
    compare: CompareOptions = field(default_factory=CompareOptions)
    tracking: TrackingOptions = field(default_factory=TrackingOptions)
    delivery: DeliveryOptions = field(default_factory=DeliveryOptions)
    ledger: LedgerOptions = field(default_factory=LedgerOptions)
    messages: MessageOptions = field(default_factory=MessageOptions)
    release: ReleaseOptions = field(default_factory=ReleaseOptions)
    report: ReportOptions = field(default_factory=ReportOptions)
    leads: LeadOptions = field(default_factory=LeadOptions)
    rules: RuleOptions = field(default_factory=RuleOptions)
    call_list: CallListOptions = field(default_factory=CallListOptions)
    holdout: HoldoutOptions = field(default_factory=HoldoutOptions)
    scorecard: ScorecardOptions = field(default_factory=ScorecardOptions)
    simulation: SimulationOptions = field(default_factory=SimulationOptions)
    spark: SparkOptions = field(default_factory=SparkOptions)


class Part:
    """The schema with some of its keys and sections only; all others are as :class:`RunConfig` has them."""

    def complete(self) -> RunConfig:
        """The whole of it.

        Returns
        -------
        RunConfig
            What is here, and defaults.
        """
        return RunConfig(**vars(self))


def part_of_schema(names: Container[str]) -> type[Part]:
    """The schema of some keys and sections: Hydra copies it several times, and most commands use half of it.

    Parameters
    ----------
    names : container of str
        Fields of :class:`RunConfig`.

    Returns
    -------
    type of Part
        A dataclass with the same types and defaults.
    """
    kept = [
        (item.name, item.type, field(default=item.default, default_factory=item.default_factory))
        for item in fields(RunConfig)
        if item.name in names
    ]
    return make_dataclass("RunConfig", kept, bases=(Part,), namespace={"__module__": __name__})
