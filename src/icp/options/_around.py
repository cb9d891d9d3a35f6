"""What is around a model: earlier scores, the registry, files for the CRM, the ledger, Spark, a simulated CRM."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = [
    "CompareOptions",
    "DeliveryOptions",
    "LedgerOptions",
    "MessageOptions",
    "ReportOptions",
    "SimulationOptions",
    "SparkOptions",
    "TrackingOptions",
]


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
    target : str, default="none"
        The system whose rules the file keeps: ``none``, ``generic``, ``salesforce``, ``hubspot``, ``dynamics``,
        ``zoho``, ``pipedrive``, ``odoo``, ``tryton``, ``suitecrm``, or ``spreadsheet``, which is for people to look at
        and not for loading.
    key : {"auto", "external", "record"}, default="auto"
        What the ids are: a key of ours, kept in a field of the CRM, or the CRM's own record ids. ``auto`` takes ids for
        Salesforce's own where all of them look so.
    key_prefix : str, default=""
        Declared prefix for ids that a CRM would take for its own numbers, for example ``C-``.
    known_keys : str, default=None
        CSV with the keys that are in the CRM: other rows go to ``not_in_crm.csv`` and not into the list.
    known_column : str, default=None
        Its column with the keys; default the column named as the list's, or the only one.
    n_reasons : int, default=3
        Reason columns, 1 to 3.
    columns : list of str, default=[]
        Other column heads, such as ``score=Fit_Score__c``.
    labels : list of str, default=[]
        Other labels, such as ``score=Fit score``.
    more : list of str, default=[]
        Further columns: of ``scores.csv``, such as ``expected_value``, or of the accounts.
    max_rows, max_bytes : int, default=None
        Smaller chunks than the target's limit.
    since : str, default=None
        ``manifest.json`` of the last list this CRM was sent: only what changed since is written, and who moved.
    valid_days : int, default=90
        Days after the as-of date until which lists may use the score.
    line_ending : {"LF", "CRLF"}, default="LF"
        Line end of the file.
    """

    target: str = "none"
    key: str = "auto"
    key_prefix: str = ""
    known_keys: str | None = None
    known_column: str | None = None
    n_reasons: int = 3
    columns: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    more: list[str] = field(default_factory=list)
    max_rows: int | None = None
    max_bytes: int | None = None
    since: str | None = None
    valid_days: int = 90
    line_ending: str = "LF"


@dataclass
class MessageOptions:
    """What sales may say to each profile, and which example accounts a briefing shows.

    Parameters
    ----------
    library : str, default="auto"
        YAML file with the company's own messages; ``none`` for no messages. ``auto``: in training those of the built-in
        sample where the accounts are its; in scoring those that the model holds.
    examples : int, default=3
        Typical best customers of each profile shown in the output folder; they are never registered.
    names : bool, default=False
        Whether the examples carry their names.
    """

    library: str = "auto"
    examples: int = 3
    names: bool = False


@dataclass
class ReportOptions:
    """What ``icp.report`` shows beside the version it is asked for.

    Parameters
    ----------
    scores : str, default=None
        Folder of a scoring run, or the ``scores.csv`` or ``scores.parquet`` in it: the page lists the best accounts.
    top : int, default=300
        Accounts listed.
    compare : str, default=None
        Another version, ``models:/name/3`` or a model folder, shown beside this one.
    """

    scores: str | None = None
    top: int = 300
    compare: str | None = None


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
