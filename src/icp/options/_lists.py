"""Who is on the lists that sales gets: hold-out, rules, call lists."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["CallListOptions", "HoldoutOptions", "LeadOptions", "RuleOptions"]


@dataclass
class HoldoutOptions:
    """Accounts that sales does not get, so that what the list adds can be measured.

    Parameters
    ----------
    share : float, default=0.0
        Share of the accounts held out in every score band; 0 holds none out.
    effect : float, default=None
        Rise of the rate that would matter, such as 0.02; the sample it takes is said before launch. None takes a fifth
        of the expected rate.
    """

    share: float = 0.0
    effect: float | None = None


@dataclass
class RuleOptions:
    """Accounts that are on no list, or on the call list, whatever their score.

    Parameters
    ----------
    exclude : list of str, default=[]
        CSV files of accounts that nobody is to work: customers, competitors, partners, do-not-contact, open
        opportunities. Columns ``account_id`` and ``reason``; without reasons the file's name is the reason.
    include : list of str, default=[]
        CSV files of accounts that are to be called, likewise.
    customers : {"keep", "leave_off"}, default="keep"
        What becomes of accounts that are best customers already, by the model's definition and the tables of the run:
        an earlier winning outcome with ``labels=won``, the value in the label's column with ``flag`` and ``customers``.
    outcomes : str, default=None
        CSV with ``account_id`` and ``best`` (1 or 0) of accounts whose outcome is known: what each rule was worth.
    """

    exclude: list[str] = field(default_factory=list)
    include: list[str] = field(default_factory=list)
    customers: str = "keep"
    outcomes: str | None = None


@dataclass
class CallListOptions:
    """Who calls whom in the weeks ahead.

    Parameters
    ----------
    reps : str, default=None
        CSV with ``rep`` and ``slots`` (accounts a week), and where they have them ``territory``, ``team`` and ``week``.
        A row without a rep limits the whole territory or team; one with a week (its Monday) counts for that week in
        place of the row without. None makes no call list.
    weeks : int, default=1
        Weeks the list is for.
    order : {"auto", "expected_value", "propensity"}, default="auto"
        What an account is worth; ``auto`` takes the expected value where all accounts have one.
    accounts : str, default=None
        CSV with ``account_id`` and the columns below; None lets every rep call every account.
    territory, owner : str
        Columns of it with the territory of an account, and the rep it belongs to.
    show : list of str, default=[]
        Columns of it that stand beside the id in ``call_list.csv``, such as the account's name and its city.
    explore : float, default=0.0
        Share of the slots given by chance to accounts outside the top.
    actions : str, default=None
        CSV with ``tier`` and ``next_action``: what the company does with each tier.
    """

    reps: str | None = None
    weeks: int = 1
    order: str = "auto"
    accounts: str | None = None
    territory: str = "territory"
    owner: str = "owner"
    show: list[str] = field(default_factory=list)
    explore: float = 0.0
    actions: str | None = None


@dataclass
class LeadOptions:
    """Leads that come without ids of accounts.

    Parameters
    ----------
    path : str, default=None
        CSV file.
    name : str, default="name"
        Column with the name of the company.
    domain : str, default=None
        Column with domain, page or mail address.
    account_domain : str, default=None
        Column of the accounts with the same.
    method : {"letters", "splink"}, default="letters"
        How near names are found: letter by letter, or by Splink (extra ``match``), for long lists.
    compare : list of str, default=[]
        With ``splink``: further columns that say the same of a company, such as ``City=BillingCity`` (leads' column,
        accounts' column).
    """

    path: str | None = None
    name: str = "name"
    domain: str | None = None
    account_domain: str | None = None
    method: str = "letters"
    compare: list[str] = field(default_factory=list)
