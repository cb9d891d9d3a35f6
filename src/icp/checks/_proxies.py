"""Traits that stand for a sensitive column: one alone, or a few together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from icp._folds import assign_folds
from icp._groups import NOT_KNOWN
from icp._samples import PROXIES
from icp.checks._evidence import N_FOLDS, Counts, area, area_error, bins, cells, cross_fitted_rates, ranked
from icp.checks._sensitive import column_groups
from icp.tables import OTHER_LEVEL, AccountTable, Column, Finding, Trait, TraitTable

__all__ = ["proxies"]

GIVEN_AWAY = 0.70
"""AUC from which a group counts as given away."""

FALSE_ALARM = 0.01
"""Chance of a false one per column, shared equally among all groups and traits that are tried."""

MIN_MEMBERS = 50
"""Accounts in a group, and outside it; below, the AUC of the best of many traits is mostly luck."""

TOGETHER = 3
"""Traits that are taken together."""

MAX_ROWS = PROXIES.rows
_PRIOR = 5.0
_SEED = 20260331
_Z = 1.959963984540054
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class _Told:
    """How well some traits tell a group from the other accounts."""

    traits: tuple[Trait, ...]
    auc: float
    error: float
    tries: int

    @property
    def clear(self) -> bool:
        least = float(ndtri(1.0 - FALSE_ALARM / self.tries))
        return self.auc >= GIVEN_AWAY and self.auc - least * self.error > 0.5

    def to_dict(self) -> dict[str, Any]:
        ends = np.clip([self.auc - _Z * self.error, self.auc + _Z * self.error], 0.0, 1.0)
        names, labels = [trait.name for trait in self.traits], [trait.label for trait in self.traits]
        figures = {"auc": self.auc, "auc_low": float(ends[0]), "auc_high": float(ends[1])}
        return {"traits": names, "labels": labels, **figures, "given_away": self.clear}


def proxies(
    accounts: AccountTable, traits: TraitTable, groups: Rows, as_of: NDArray[np.datetime64]
) -> tuple[dict[str, dict[str, Any]], list[Finding]]:
    """How far the traits of a model give a sensitive column away that was set aside.

    Each group of at least 50 accounts is told from the accounts of other groups by each trait, and by the three best
    traits together, always on accounts that neither the rates nor the three were chosen from (five folds).

    Parameters
    ----------
    accounts : AccountTable
        Labelled accounts; columns with the role ``sensitive`` are looked at.
    traits : TraitTable
        The same rows, with the traits the model reads.
    groups : ndarray of int64, shape (n_accounts,)
        Rows of one number stay in one fold.
    as_of : ndarray of datetime64, shape (n_accounts,)
        Date of each row, for ages; NaT where undated.

    Returns
    -------
    dict
        By column: the ``group`` that is told best and its ``n``, and for the best trait ``alone`` and for three
        ``together`` (None with one trait) ``traits, labels, auc, auc_low, auc_high, given_away``.
    list of Finding
        ``ICP320`` for each column with a group whose AUC is 0.70 or more, and beyond chance for so many tries.

    Notes
    -----
    At most 20,000 rows are looked at, evenly spaced. The interval is that of one AUC (Hanley and McNeil 1982); the best
    of many traits looks somewhat better than it is, so what is told must hold for all groups and traits tried.
    """
    n = len(traits.values)
    rows = np.unique(np.linspace(0, n - 1, min(n, MAX_ROWS)).astype(np.intp))
    codes = [bins(traits.values[rows, j], trait.kind == "categorical") for j, trait in enumerate(traits.traits)]
    found: dict[str, dict[str, Any]] = {}
    findings = []
    for column in accounts.columns:
        if column.role != "sensitive" or column.name not in accounts.frame.columns:
            continue
        names, _ = column_groups(column, accounts.frame[column.name].iloc[rows], as_of[rows])
        best = _best_told(names, codes, traits.traits, groups[rows])
        if best is not None:
            found[column.name] = best
            findings += _finding(column, best)
    return found, findings


def _best_told(
    names: NDArray[np.object_], codes: list[Rows], traits: tuple[Trait, ...], groups: Rows
) -> dict[str, Any] | None:
    """The group that is told best; None where no two groups are large enough."""
    known = names != NOT_KNOWN
    parts = [code[known] for code in codes]
    members = {name: names[known] == name for name in dict.fromkeys(names[known]) if name != OTHER_LEVEL}
    large = {
        name: inside for name, inside in members.items() if MIN_MEMBERS <= inside.sum() <= len(inside) - MIN_MEMBERS
    }
    best: tuple[float, dict[str, Any]] | None = None
    for name, inside in large.items():
        fold = assign_folds(inside.astype(np.float64), N_FOLDS, _SEED, groups[known])
        alone, together = _alone_and_together(parts, traits, inside, fold, len(large) * (len(traits) + 1))
        reached = max(alone.auc, together.auc if together else 0.0)
        if best is None or reached > best[0]:
            told = {"alone": alone.to_dict(), "together": together.to_dict() if together else None}
            best = reached, {"group": str(name), "n": int(inside.sum()), **told}
    return None if best is None else best[1]


def _alone_and_together(
    codes: list[Rows], traits: tuple[Trait, ...], inside: NDArray[np.bool_], fold: Rows, tries: int
) -> tuple[_Told, _Told | None]:
    """The trait that tells a group best, and the three that do."""
    tables = [cells(code, inside, fold) for code in codes]
    aucs = np.array([_auc_of(*table) for table in tables])
    first = int(np.argmax(aucs))
    counts = int(inside.sum()), int((~inside).sum())
    alone = _Told((traits[first],), float(aucs[first]), area_error(float(aucs[first]), *counts), tries)
    if len(traits) < 2:
        return alone, None
    score, used = np.zeros(len(inside)), Counter[int]()
    for k in range(N_FOLDS):
        others, here = np.arange(N_FOLDS) != k, fold == k
        within = np.array([_auc_of(n[:, others], best[:, others]) for n, best in tables])
        chosen = np.argsort(-within, kind="stable")[:TOGETHER]
        used.update(int(j) for j in chosen)
        for j in chosen:
            score[here] += _log_odds(tables[j][0][:, others], tables[j][1][:, others])[codes[j][here]]
    place = np.unique(-score, return_inverse=True)[1]
    n, best = np.bincount(place), np.bincount(place[inside], minlength=int(place.max()) + 1)
    auc = area(n.astype(np.int64), best.astype(np.int64))
    most = tuple(traits[j] for j, _ in sorted(used.items(), key=lambda item: (-item[1], -aucs[item[0]]))[:TOGETHER])
    return alone, _Told(most, auc, area_error(auc, *counts), tries)


def _auc_of(n: Counts, best: Counts) -> float:
    return area(*ranked(cross_fitted_rates(n, best), n, best))


def _log_odds(n: Counts, best: Counts) -> NDArray[np.float64]:
    """Log-odds of each group of values over those of all, drawn towards 0 as by five accounts."""
    base = best.sum() / n.sum()
    rate = (best.sum(axis=1) + _PRIOR * base) / (n.sum(axis=1) + _PRIOR)
    odds: NDArray[np.float64] = np.log(rate / (1.0 - rate)) - np.log(base / (1.0 - base))
    return odds


def _finding(column: Column, told: dict[str, Any]) -> list[Finding]:
    """What gives the column away; the trait alone where that is enough."""
    shown = next((told[how] for how in ("alone", "together") if told[how] and told[how]["given_away"]), None)
    if shown is None:
        return []
    names = [f"'{name}'" for name in shown["traits"]]
    who = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]} together"
    message = (
        f"{who} {'tells' if len(names) == 1 else 'tell'} who is {told['group']} by sensitive column '{column.name}' "
        f"(AUC {shown['auc']:.2f}, 95 % {shown['auc_low']:.2f} to {shown['auc_high']:.2f}; 0.50 is chance): the column "
        "is set aside, what it says is not. See who gets selected, and leave such traits out with 'accounts.ignore' if "
        "they should not count."
    )
    return [Finding("ICP320", "warning", message, column=column.name, n_rows=told["n"], evidence=told)]
