"""The options of every part as plain dataclasses: what a config may hold, with its defaults.

A stage takes its options object; ``icp.config`` registers the same class as the schema of the YAML group. Values only:
nothing here imports more than the standard library, and no option names code.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "AccountOptions",
    "BacktestOptions",
    "CompareOptions",
    "DatedOptions",
    "DeliveryOptions",
    "LabelOptions",
    "LedgerOptions",
    "ProfileOptions",
    "ReasonOptions",
    "ScoringOptions",
    "SimulationOptions",
    "SparkOptions",
    "TrackingOptions",
    "TraitOptions",
]


@dataclass
class AccountOptions:
    r"""Where the accounts are and what their columns mean.

    Parameters
    ----------
    source : {"sample", "csv", "parquet", "sql", "derived"}, default="csv"
        ``derived`` makes one account per id seen in events or outcomes.
    path : str, default=None
        CSV (also ``.gz``) or Parquet file.
    url, query : str, default=None
        SQLAlchemy address and a SELECT statement, for ``sql``.
    account_id : str, default=None
        Column with the account's id; without it a row gets its number as id.
    name_column, parent_id, observed_at : str, default=None
        Columns with the account's name, its parent account, and the row's own date.
    separator, encoding, decimal : str, default=None
        Detected unless given; ``tab`` and ``\t`` both mean tab.
    missing_values : list of str, default=[]
        Extra tokens that mean "not known", for example ``Select``.
    ignore, numeric, categorical, date, text : list of str, default=[]
        Columns to leave out, or whose type is known better than detected.
    sensitive : list of str, default=[]
        Never used as a trait; kept for the fairness table.
    engagement : list of str, default=[]
        What the account did, not who it is.
    known_after : list of str, default=[]
        Filled in later than the score would have been needed: never read as a trait.
    current_score : list of str, default=[]
        Today's score; compared with, never learned from.
    worked : str, default=None
        Column that says whether, or when, sales worked the account. Accounts that nobody worked are unlabelled.
    later_path : str, default=None
        A later export of the same accounts (CSV or Parquet): columns that it has otherwise for best customers are
        taken to be filled in after the outcome. Only checked, never learned from.
    """

    source: str = "csv"
    path: str | None = None
    url: str | None = None
    query: str | None = None
    account_id: str | None = None
    name_column: str | None = None
    parent_id: str | None = None
    observed_at: str | None = None
    separator: str | None = None
    encoding: str | None = None
    decimal: str | None = None
    missing_values: list[str] = field(default_factory=list)
    ignore: list[str] = field(default_factory=list)
    numeric: list[str] = field(default_factory=list)
    categorical: list[str] = field(default_factory=list)
    date: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    sensitive: list[str] = field(default_factory=list)
    engagement: list[str] = field(default_factory=list)
    known_after: list[str] = field(default_factory=list)
    current_score: list[str] = field(default_factory=list)
    worked: str | None = None
    later_path: str | None = None


@dataclass
class DatedOptions:
    """A table of dated rows: events (visits, replies, calls) or outcomes (orders, deals).

    Parameters
    ----------
    source : {"none", "csv", "parquet", "sql"}, default="none"
        Where the rows are.
    path, url, query : str, default=None
        As for accounts.
    account_id, at : str, default=None
        Columns with the account's id and the date; required unless ``source`` is ``none``.
    kind : str, default=None
        Column that says what happened (``visit``, ``Won``, an order type).
    amount : str, default=None
        Column with money or quantity, or the product of two: ``"Quantity * UnitPrice"``.
    separator, encoding, decimal : str, default=None
        Detected unless given.
    missing_values : list of str, default=[]
        Extra tokens that mean "not known".
    """

    source: str = "none"
    path: str | None = None
    url: str | None = None
    query: str | None = None
    account_id: str | None = None
    at: str | None = None
    kind: str | None = None
    amount: str | None = None
    separator: str | None = None
    encoding: str | None = None
    decimal: str | None = None
    missing_values: list[str] = field(default_factory=list)


@dataclass
class LabelOptions:
    """What "best customer" means.

    Parameters
    ----------
    recipe : {"flag", "customers", "won", "revenue", "rfm"}, default="flag"
        ``flag`` and ``customers`` read a column of the accounts table; the others read dated outcomes (``revenue`` also
        a column). ``customers``: everyone who is no known customer is an unlabelled base.
    column : str, default=None
        The column of the accounts table that says who is best (``flag``) or a known customer (``customers``), or how
        much they brought (``revenue``).
    positive : Any, default=None
        Value or list of values that mean best (``flag``) or customer (``customers``), or kinds of outcome that mean won
        (``won``).
    negative : Any, default=None
        Value or list of values that mean not best; default every other non-empty value. With ``customers``, the
        values that the base is made of; default every other, empty ones included.
    window : str, default="180d"
        Prediction window after the as-of date, as days.
    top_share : float, default=0.2
        Share of the eligible accounts that ``revenue`` and ``rfm`` call best.
    amount : Any, default=None
        A number: least revenue in the window that makes an account best (instead of ``top_share``).
        A text: column of the accounts table with the amount a best customer brought, for expected value.
    definition_version : str, default="1"
        Changes whenever the definition does; travels with every number.
    signoff : str, default=None
        File in which marketing and sales signed this definition; ``icp.validate`` writes one to fill in.
    """

    recipe: str = "flag"
    column: str | None = None
    positive: Any = None
    negative: Any = None
    window: str = "180d"
    top_share: float = 0.2
    amount: Any = None
    definition_version: str = "1"
    signoff: str | None = None


@dataclass
class TraitOptions:
    """How accounts become traits.

    Parameters
    ----------
    keep : list of str, default=[]
        Columns that a check would quarantine and that are used all the same; recorded in the model card.
    min_level : int, default=10
        A category value with fewer accounts joins the other rare ones.
    half_life_days : float, default=45.0
        Age at which a dated event counts half.
    max_kinds : int, default=12
        Kinds of event that get a trait of their own, most frequent first.
    """

    keep: list[str] = field(default_factory=list)
    min_level: int = 10
    half_life_days: float = 45.0
    max_kinds: int = 12


@dataclass
class ProfileOptions:
    """How best customers become profiles.

    Parameters
    ----------
    max_profiles : int, default=7
        Most profiles considered.
    min_size : int, default=30
        Fewest best customers in a profile (and at least 5 % of them).
    n_resamples : int, default=30
        Subsamples behind each stability figure.
    stability : float, default=0.75
        Least mean Jaccard similarity of every profile under subsampling.
    fdr : float, default=0.05
        False-discovery rate of the distinctive traits.
    confidence : float, default=0.95
        Coverage of every interval.
    """

    max_profiles: int = 7
    min_size: int = 30
    n_resamples: int = 30
    stability: float = 0.75
    fdr: float = 0.05
    confidence: float = 0.95


@dataclass
class ScoringOptions:
    """How the score is learned and cut into tiers.

    Parameters
    ----------
    n_folds : int, default=5
        Folds whose boosters are bagged and whose held-out margins set weights and calibration.
    max_trees : int, default=600
        Most trees in one booster.
    n_leaves : int, default=8
        Leaves of one tree.
    learning_rate : float, default=0.04
        Step of one tree.
    tiers : list of float, default=[0.1, 0.2, 0.3]
        Shares of the reference population in tiers A, B and C; D is the rest.
    cutoffs : {"keep", "reset"}, default="keep"
        ``keep``: where there is a champion of the same definition and tiers, its cut-offs stay, so that a tier means
        the same chance; ``reset``: cut anew.
    """

    n_folds: int = 5
    max_trees: int = 600
    n_leaves: int = 8
    learning_rate: float = 0.04
    tiers: list[float] = field(default_factory=lambda: [0.1, 0.2, 0.3])
    cutoffs: str = "keep"


@dataclass
class ReasonOptions:
    """How reasons are chosen and checked.

    Parameters
    ----------
    n_reasons : int, default=3
        Most reasons in favour of an account.
    min_group : int, default=20
        Fewest accounts behind a quoted rate.
    verify : {"sample", "all"}, default="sample"
        Rows of a batch whose contributions are checked against the model's own prediction.
    """

    n_reasons: int = 3
    min_group: int = 20
    verify: str = "sample"


@dataclass
class BacktestOptions:
    """Which rows the model is judged on.

    Parameters
    ----------
    order : {"column", "rows", "random"} or None, default=None
        ``column``: the newest rows by ``accounts.observed_at``; ``rows``: the last rows of the file; ``random``: folds
        at random. None takes ``column`` where there is one, else ``random``, and the report says so.
    test_share : float, default=0.2
        Share of rows held out in ``column`` and ``rows`` order.
    n_folds : int, default=5
        Folds of ``random`` order.
    n_bootstrap : int, default=1000
        Resamples behind the intervals of differences between lists; figures of one list have theirs in closed form.
    n_blocks : int, default=4
        Blocks that ``backtest`` judges one after the other; each holds ``test_share`` of the rows, or less if together
        they would leave less than a fifth to begin with.
    gap : str, default=None
        Least time, as days, between what a block's model learned from and the block; default the prediction window, or
        none for labels without one.
    repeats : int, default=3
        How often ``backtest`` draws the folds of ``random`` order.
    capacity : int, default=None
        Accounts that are really worked per list; figures are given at this place too.
    """

    order: str | None = None
    test_share: float = 0.2
    n_folds: int = 5
    n_bootstrap: int = 1000
    n_blocks: int = 4
    gap: str | None = None
    repeats: int = 3
    capacity: int | None = None


@dataclass
class CompareOptions:
    """Which earlier scores ``icp.score`` explains the difference to.

    Parameters
    ----------
    model : str, default=None
        The version that gave them: ``models:/name/3`` or a model folder; None compares with nothing.
    path : str, default=None
        File with the accounts as they were; None takes the accounts scored now, so that only the model differs.
    as_of : str, default=None
        Date of the earlier picture (ISO), for traits from dated history; None takes that of now.
    """

    model: str | None = None
    path: str | None = None
    as_of: str | None = None


@dataclass
class TrackingOptions:
    """Where versions are kept.

    Parameters
    ----------
    store : {"local", "server", "none"}, default="local"
        ``local`` is ``mlruns/`` in the working directory; ``server`` an MLflow server; ``none`` writes the bundle only.
    uri : str, default=None
        Address of the server; default the environment's ``MLFLOW_TRACKING_URI``.
    experiment : str, default="icp"
        Experiment that runs are filed under.
    """

    store: str = "local"
    uri: str | None = None
    experiment: str = "icp"


@dataclass
class DeliveryOptions:
    """Which file the CRM gets.

    Parameters
    ----------
    target : {"none", "generic", "salesforce"}, default="none"
        The system whose rules the file keeps.
    key_prefix : str, default=""
        Declared prefix for ids that a CRM would take for its own numbers, for example ``C-``.
    max_rows, max_bytes : int, default=None
        Smaller chunks than the target's limit.
    valid_days : int, default=90
        Days after the as-of date until which lists may use the score.
    line_ending : {"LF", "CRLF"}, default="LF"
        Line end of the file.
    """

    target: str = "none"
    key_prefix: str = ""
    max_rows: int | None = None
    max_bytes: int | None = None
    valid_days: int = 90
    line_ending: str = "LF"


@dataclass
class LedgerOptions:
    """Where deliveries are remembered.

    Parameters
    ----------
    url : str, default="sqlite:///ledger/icp.db"
        SQLAlchemy address; SQLite in the working directory unless given.
    """

    url: str = "sqlite:///ledger/icp.db"


@dataclass
class SparkOptions:
    """Which Apache Spark scores, with ``engine=spark``.

    Parameters
    ----------
    master : str, default=None
        Such as ``local[4]``, ``yarn`` or ``spark://host:7077``; None takes the session there is, what ``spark-submit``
        says, or all cores of this machine.
    table : str, default=None
        Table of Spark's catalog that the scores are written to; None writes files.
    settings : list of str, default=[]
        Further settings of a session that is made, such as ``spark.executor.memory=8g``.
    """

    master: str | None = None
    table: str | None = None
    settings: list[str] = field(default_factory=list)


@dataclass
class SimulationOptions:
    """A simulated CRM whose truth is known.

    Parameters
    ----------
    n_accounts : int, default=5000
        Companies.
    n_profiles : int, default=3
        Planted profiles of best customers, 1 to 6.
    base_rate : float, default=0.08
        Share of accounts that become best customers.
    signal : float, default=1.0
        Strength of the planted drivers; 0 is pure noise.
    dirt : float, default=1.0
        Amount of typos, missing cells, mixed formats and duplicates; 0 is clean.
    leaks : list of str, default=[]
        Kinds of planted leak, see :func:`icp.simulation.leak_kinds`.
    drift : float, default=0.0
        Change of traits and rate over time; 1 is strong.
    selective : bool, default=False
        Sales works only what looks good, so other accounts have no outcome.
    as_of : str, default="2026-03-31"
        Date the picture is frozen at.
    """

    n_accounts: int = 5000
    n_profiles: int = 3
    base_rate: float = 0.08
    signal: float = 1.0
    dirt: float = 1.0
    leaks: list[str] = field(default_factory=list)
    drift: float = 0.0
    selective: bool = False
    as_of: str = "2026-03-31"
