"""What is read, and what it means: accounts, dated rows, and who is best."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["AccountOptions", "DatedOptions", "LabelOptions", "OutcomeOptions", "ReturnOptions"]


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
class OutcomeOptions(DatedOptions):
    """What counts towards best (orders, deals), one dated row each.

    Parameters
    ----------
    source : {"none", "csv", "parquet", "sql"}, default="none"
        Where the rows are.
    path, url, query : str, default=None
        As for accounts.
    account_id, at : str, default=None
        Columns with the account's id and the date; required unless ``source`` is ``none``.
    kind : str, default=None
        Column that says what happened (``Won``, an order type).
    amount : str, default=None
        As for events.
    separator, encoding, decimal : str, default=None
        Detected unless given.
    missing_values : list of str, default=[]
        Extra tokens that mean "not known".
    record_id : str, default=None
        Column with the record's own id: ``icp.feedback`` knows by it a deal that was changed since.
    """

    record_id: str | None = None


@dataclass
class ReturnOptions(DatedOptions):
    """A table that comes back from the CRM: what sales did (activities), or what it says (dispositions).

    Parameters
    ----------
    source : {"none", "csv", "parquet", "sql"}, default="none"
        Where the rows are.
    path, url, query : str, default=None
        As for accounts.
    account_id, at : str, default=None
        Columns with the account's id and the date; required unless ``source`` is ``none``.
    kind : str, default=None
        Column that says what was done (``call``), or, of dispositions, the code.
    amount : str, default=None
        As for events.
    separator, encoding, decimal : str, default=None
        Detected unless given.
    missing_values : list of str, default=[]
        Extra tokens that mean "not known".
    record_id : str, default=None
        Column with the record's own id: a record that was changed since is known by it.
    rep, team, message, note : str, default=None
        Columns with who did it, their team, the id of the message used, and a line of text.
    codes : list of str, default=[]
        What values of ``kind`` mean, each ``"Their value=our_code"``; codes of ours need no entry.
    """

    record_id: str | None = None
    rep: str | None = None
    team: str | None = None
    message: str | None = None
    note: str | None = None
    codes: list[str] = field(default_factory=list)


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
