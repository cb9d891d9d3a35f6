"""Leads without ids, matched to accounts by domain, name, or near name; what is unclear is said and never picked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from icp.accounts._names import company_domain, company_name
from icp.errors import TableError

__all__ = ["match_accounts", "root_accounts"]

MATCH_COLUMNS = ("outcome", "account_id", "root_id", "by", "confidence", "candidates")
_SURE, _NEAR, _APART = 0.92, 0.8, 0.05
"""Similarity from which a near name is a match, from which it is a candidate, and how far ahead of the next one."""

_BY_NAME = 0.95
"""Confidence of a match by the same name: companies of one name are not always one."""

_BLOCK = 300
"""Most accounts that share a word for the word to bring candidates; commoner words say nothing."""

_SHOWN = 3


def match_accounts(leads: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
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

    Returns
    -------
    DataFrame, shape (n_leads, 6)
        Index of ``leads``. ``outcome`` (``matched``, ``ambiguous`` or ``none``), ``account_id`` (where matched),
        ``root_id`` (the account above all its parents, also where all candidates have the same), ``by`` (``domain``,
        ``domain and name``, ``name`` or ``near name``), ``confidence`` (1 for a domain, 0.95 for a name, and that times
        the similarity for a near one) and ``candidates`` (up to three ids, the best first).

    Raises
    ------
    TableError
        A column is missing (``ICP102``), or ids of accounts repeat or are empty (``ICP104``).

    Examples
    --------
    >>> accounts = pd.DataFrame({"account_id": ["A-1", "A-2"], "name": ["Müller GmbH", "Acme Tools Inc."]})
    >>> leads = pd.DataFrame({"name": ["MULLER", "Acme Tool", "Nobody"]})
    >>> match_accounts(leads, accounts)["account_id"].fillna("(none)").tolist()
    ['A-1', 'A-2', '(none)']
    """
    _check(leads, accounts)
    book = _Book(accounts)
    names, domains = _cells(leads, "name"), _cells(leads, "domain")
    found = [book.find(company_name(name), company_domain(domain)) for name, domain in zip(names, domains, strict=True)]
    table = pd.DataFrame([one.row(book.roots) for one in found], columns=list(MATCH_COLUMNS), index=leads.index)
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
        self._by_word = _places(map(_words, self.names))

    def find(self, name: str, domain: str) -> _Found:
        """The account, or why there is none."""
        same = self._by_domain.get(domain, []) if domain else []
        if same:
            named = [i for i in same if self.names[i] == name] if len(same) > 1 else []
            if len(named) == 1:
                return _Found("matched", "domain and name", 1.0, (self.ids[named[0]],))
            return self._one(named or same, "domain", 1.0)
        same = [i for i in self._by_name.get(name, []) if self._agrees(i, domain)] if name else []
        if same:
            return self._one(same, "name", _BY_NAME)
        return self._near(name, domain) if name else _Found("none")

    def _one(self, rows: Sequence[int], by: str, confidence: float) -> _Found:
        ids = tuple(sorted(self.ids[i] for i in rows))
        return _Found("matched" if len(ids) == 1 else "ambiguous", by, confidence, ids)

    def _agrees(self, row: int, domain: str) -> bool:
        return not domain or not self.domains[row] or self.domains[row] == domain

    def _near(self, name: str, domain: str) -> _Found:
        rows = {i for word in _words(name) for i in self._common(word)}
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
        return found if len(found) <= _BLOCK else []


def _alike(one: str, other: str) -> float:
    """Similarity of two names, whatever the order of their words and the blanks between them."""
    from rapidfuzz import fuzz

    together = fuzz.ratio(one.replace(" ", ""), other.replace(" ", ""))
    return round(max(fuzz.token_sort_ratio(one, other), together) / 100.0, 4)


def _words(name: str) -> list[str]:
    """What brings names together: their words, and how they begin without blanks."""
    together = name.replace(" ", "")
    return list(dict.fromkeys([*name.split(), f"^{together[:4]}", f"{together[-4:]}$"])) if name else []


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


def _check(leads: pd.DataFrame, accounts: pd.DataFrame) -> None:
    problems = TableError.missing_columns(
        [name for name in ("name",) if name not in leads], list(leads.columns), "Leads need a column 'name'."
    )
    needed = [name for name in ("account_id", "name") if name not in accounts]
    problems += TableError.missing_columns(needed, list(accounts.columns), "Accounts need 'account_id' and 'name'.")
    if problems:
        raise TableError("Leads cannot be matched to accounts.", problems)
    counts = pd.Series(_cells(accounts, "account_id"), dtype=object).value_counts()
    wrong = sorted(str(name) for name, n in counts.items() if n > 1 or not name)
    if wrong:
        raise TableError.one(
            "ICP104", "ids of accounts repeat or are empty.", "Keep one row per account.", column="account_id",
            n_rows=len(wrong), examples=tuple(wrong[:3]),
        )  # fmt: skip
