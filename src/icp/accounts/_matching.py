"""Leads without ids, matched to accounts by domain, name, or near name; what is unclear is said and never picked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from icp.accounts._linking import linked_rows, require_splink
from icp.accounts._names import COMMON, company_domain, company_name, name_words
from icp.errors import ConfigError, TableError

__all__ = ["match_accounts", "root_accounts"]

MATCH_COLUMNS = ("outcome", "account_id", "root_id", "by", "confidence", "candidates")
_SURE, _NEAR, _APART = 0.92, 0.8, 0.05
"""Similarity from which a near name is a match, from which it is a candidate, and how far ahead of the next one."""

_BY_NAME = 0.95
"""Confidence of a match by the same name: companies of one name are not always one."""

_CERTAIN, _LIKELY = 0.95, 0.5
"""Probability from which Splink's best account is a match, and that of all together from which there are candidates."""

METHODS = ("letters", "splink")

_SHOWN = 3


def match_accounts(
    leads: pd.DataFrame, accounts: pd.DataFrame, *, method: str = "letters", compare: Sequence[str] = ()
) -> pd.DataFrame:
    """Find the account of each lead.

    In this order: the account with the same domain (of page or mail, providers of mail left out), of several the one
    with the same name; the account with the same name, legal forms, accents and capitals left out; the account with the
    nearest name among those that share an uncommon word, the beginning or the end, by the similarity of their letters,
    with words sorted or without blanks (rapidfuzz ``token_sort_ratio``, ``ratio``). A lead with several equally good
    accounts is ``ambiguous``: its candidates are named and none is picked. An account whose domain contradicts the
    lead's is never matched by its name.

    Parameters
    ----------
    leads : DataFrame, shape (n_leads, n_columns)
        ``name``, and where there are any ``domain`` (domain, page or mail address).
    accounts : DataFrame, shape (n_accounts, n_columns)
        ``account_id`` and ``name``, and where there are any ``domain`` and ``parent_id``.
    method : {"letters", "splink"}, default="letters"
        How near names are found. ``splink`` (extra ``match``) learns from the leads themselves how much each level of
        likeness says, in a database in memory: for tens of thousands of leads, and for further columns. A lead is
        matched where one account has a probability of 0.95, at most one of all of them being right, and ambiguous where
        all together have 0.5.
    compare : sequence of str, default=()
        With ``splink``: further columns of both tables that say the same of a company, such as a city.

    Returns
    -------
    DataFrame, shape (n_leads, 6)
        Index of ``leads``. ``outcome`` (``matched``, ``ambiguous`` or ``none``), ``account_id`` (where matched),
        ``root_id`` (the account above all its parents, also where all candidates have the same), ``by`` (``domain``,
        ``domain and name``, ``name``, ``near name`` or ``splink``), ``confidence`` (1 for a domain, 0.95 for a name,
        that times the similarity for a near one, and Splink's probability) and ``candidates`` (up to three ids, the
        best first).

    Raises
    ------
    TableError
        A column is missing (``ICP102``), or ids of accounts repeat or are empty (``ICP104``).
    ConfigError
        No such method (``ICP747``), Splink is not installed (``ICP748``) or has too few leads to learn from
        (``ICP746``).

    Examples
    --------
    >>> accounts = pd.DataFrame({"account_id": ["A-1", "A-2"], "name": ["Müller GmbH", "Acme Tools Inc."]})
    >>> leads = pd.DataFrame({"name": ["MULLER", "Acme Tool", "Nobody"]})
    >>> match_accounts(leads, accounts)["account_id"].fillna("(none)").tolist()
    ['A-1', 'A-2', '(none)']
    """
    _check(leads, accounts, method, compare)
    book = _Book(accounts)
    asked = [(company_name(name), company_domain(domain)) for name, domain in
             zip(_cells(leads, "name"), _cells(leads, "domain"), strict=True)]  # fmt: skip
    found = [book.exact(*one) for one in asked]
    near = [i for i, one in enumerate(found) if one is None]
    if method == "letters":
        later = [book.near(*asked[i]) for i in near]
    else:
        more = [
            {name: [text.casefold() for text in _cells(table, name)] for name in compare} for table in (leads, accounts)
        ]
        columns = {name: [cells[i] for i in near] for name, cells in more[0].items()}
        odds = linked_rows({"name": [asked[i][0] for i in near], **columns}, {"name": book.names, **more[1]})
        later = [book.likely(rows, asked[i][1]) for i, rows in zip(near, odds, strict=True)]
    for i, one in zip(near, later, strict=True):
        found[i] = one
    rows = [one.row(book.roots) for one in found if one is not None]
    table = pd.DataFrame(rows, columns=list(MATCH_COLUMNS), index=leads.index)
    return table.astype({name: "float64" if name == "confidence" else "str" for name in MATCH_COLUMNS})


def root_accounts(parents: Mapping[str, str]) -> dict[str, str]:
    """The account above all parents of each account.

    Parameters
    ----------
    parents : mapping of str to str
        Parent of each account; empty or itself for none. A parent that is no account is a root.

    Returns
    -------
    dict of str to str
        An account in a circle of parents, or below one, is its own root.

    Examples
    --------
    >>> root_accounts({"A": "B", "B": "C", "C": "", "D": "E", "E": "D"})
    {'A': 'C', 'B': 'C', 'C': 'C', 'D': 'D', 'E': 'E'}
    """
    parents = {name: "" if parent == name else parent for name, parent in parents.items()}
    roots: dict[str, str] = {}
    circular: set[str] = set()
    for start in parents:
        path, at = [], start
        while at not in roots and at not in path and parents.get(at):
            path.append(at)
            at = parents[at]
        root = roots.get(at, at)
        if at in path or root in circular:
            circular.update(path)
        for one in path:
            roots[one] = one if one in circular else root
        roots.setdefault(at, at)
    return {name: roots[name] for name in parents}


@dataclass(frozen=True)
class _Found:
    """What there is for one lead."""

    outcome: str
    by: str = ""
    confidence: float | None = None
    candidates: tuple[str, ...] = ()

    def row(self, roots: Mapping[str, str]) -> tuple[str, str | None, str | None, str, float | None, str]:
        matched = self.outcome == "matched"
        above = {roots[name] for name in self.candidates}
        root = above.pop() if len(above) == 1 else None
        account = self.candidates[0] if matched else None
        return self.outcome, account, root, self.by, self.confidence, " ".join(self.candidates[:_SHOWN])


class _Book:
    """Accounts by domain, by name, and by the words of their names."""

    def __init__(self, accounts: pd.DataFrame) -> None:
        self.ids = [str(name) for name in accounts["account_id"]]
        self.names = [company_name(name) for name in _cells(accounts, "name")]
        self.domains = [company_domain(text) for text in _cells(accounts, "domain")]
        self.roots = root_accounts(dict(zip(self.ids, _cells(accounts, "parent_id"), strict=True)))
        self._by_domain = _places([domain] if domain else [] for domain in self.domains)
        self._by_name = _places([name] if name else [] for name in self.names)
        self._by_word = _places(map(name_words, self.names))

    def exact(self, name: str, domain: str) -> _Found | None:
        """What domain and name say; None where they say nothing and names may be near."""
        same = self._by_domain.get(domain, []) if domain else []
        if same:
            named = [i for i in same if self.names[i] == name] if len(same) > 1 else []
            if len(named) == 1:
                return _Found("matched", "domain and name", 1.0, (self.ids[named[0]],))
            return self._one(named or same, "domain", 1.0)
        same = [i for i in self._by_name.get(name, []) if self._agrees(i, domain)] if name else []
        if same:
            return self._one(same, "name", _BY_NAME)
        return None if name else _Found("none")

    def _one(self, rows: Sequence[int], by: str, confidence: float) -> _Found:
        ids = tuple(sorted(self.ids[i] for i in rows))
        return _Found("matched" if len(ids) == 1 else "ambiguous", by, confidence, ids)

    def _agrees(self, row: int, domain: str) -> bool:
        return not domain or not self.domains[row] or self.domains[row] == domain

    def likely(self, rows: Sequence[tuple[int, float]], domain: str) -> _Found:
        """What the odds of some accounts, the best first, say of a lead that is one of them at most."""
        agreed = [(i, odds) for i, odds in rows if self._agrees(i, domain)]
        total = 1.0 + sum(odds for _, odds in agreed)
        if (total - 1.0) / total < _LIKELY:
            return _Found("none")
        best = round(agreed[0][1] / total, 4)
        if best >= _CERTAIN:
            return _Found("matched", "splink", best, (self.ids[agreed[0][0]],))
        ids = sorted(((-odds, self.ids[i]) for i, odds in agreed if odds / total >= 1.0 - _CERTAIN))
        return _Found("ambiguous", "splink", best, tuple(name for _, name in ids))

    def near(self, name: str, domain: str) -> _Found:
        """The account with the nearest name, if it is clearly ahead."""
        rows = {i for word in name_words(name) for i in self._common(word)}
        scored = sorted(
            ((_alike(name, self.names[i]), self.ids[i])
             for i in rows if self._agrees(i, domain)),
            key=lambda one: (-one[0], one[1]),
        )  # fmt: skip
        likely = [one for one in scored if one[0] >= _NEAR]
        if not likely:
            return _Found("none")
        best, ids = likely[0][0], tuple(name for _, name in likely)
        confidence = round(_BY_NAME * best, 4)
        clear = best >= _SURE and (len(likely) == 1 or best - likely[1][0] >= _APART)
        if clear:
            return _Found("matched", "near name", confidence, ids[:1])
        return _Found("ambiguous", "near name", confidence, ids)

    def _common(self, word: str) -> list[int]:
        found = self._by_word.get(word, [])
        return found if len(found) <= COMMON else []


def _alike(one: str, other: str) -> float:
    """Similarity of two names, whatever the order of their words and the blanks between them."""
    from rapidfuzz import fuzz

    together = fuzz.ratio(one.replace(" ", ""), other.replace(" ", ""))
    return round(max(fuzz.token_sort_ratio(one, other), together) / 100.0, 4)


def _places(keys: Iterable[Iterable[str]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for i, several in enumerate(keys):
        for key in several:
            found.setdefault(key, []).append(i)
    return found


def _cells(table: pd.DataFrame, column: str) -> list[str]:
    """Cells as trimmed text; empty ones where there is no such column."""
    if column not in table:
        return [""] * len(table)
    return ["" if pd.isna(cell) else str(cell).strip() for cell in table[column]]


def _check(leads: pd.DataFrame, accounts: pd.DataFrame, method: str, compare: Sequence[str]) -> None:
    if method not in METHODS:
        raise ConfigError.one("ICP747", f"leads.method={method} is not known.", f"Choose {' or '.join(METHODS)}.")
    if compare and method != "splink":
        raise ConfigError.one(
            "ICP747", "leads.compare needs leads.method=splink.", "Letters compare names alone; leave it out."
        )
    if method == "splink":
        require_splink()
    wanted = ["name", *compare]
    problems = TableError.missing_columns(
        [name for name in wanted if name not in leads], list(leads.columns), f"Leads need {_quoted(wanted)}."
    )
    wanted = ["account_id", "name", *compare]
    needed = [name for name in wanted if name not in accounts]
    problems += TableError.missing_columns(needed, list(accounts.columns), f"Accounts need {_quoted(wanted)}.")
    if problems:
        raise TableError("Leads cannot be matched to accounts.", problems)
    counts = pd.Series(_cells(accounts, "account_id"), dtype=object).value_counts()
    wrong = sorted(str(name) for name, n in counts.items() if n > 1 or not name)
    if wrong:
        raise TableError.one(
            "ICP104", "ids of accounts repeat or are empty.", "Keep one row per account.", column="account_id",
            n_rows=len(wrong), examples=tuple(wrong[:3]),
        )  # fmt: skip


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
