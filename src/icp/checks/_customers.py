"""Whether known customers can stand for all customers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from icp._folds import assign_folds
from icp._wording import percent
from icp.checks._evidence import N_FOLDS, column_evidence
from icp.tables import Finding, Trait, TraitTable

__all__ = ["known_customers"]

MIN_BASE_SHARE = 0.5
ONE_PLACE = 0.95
COMMON_PLACE = 0.7
ONE_PERIOD = 0.25
MOVED_AUC = 0.65
MIN_HALF = 50
ALIKE = 0.5
_SEED = 20260331
_Z = 3.3


def known_customers(
    traits: TraitTable, label: NDArray[np.float64], dates: NDArray[np.datetime64] | None = None
) -> list[Finding]:
    """Check the assumptions behind learning from known customers and an unlabelled base.

    The order of the score is that of the true propensity when the known customers are a random part of all customers
    (selected completely at random; Elkan and Noto 2008). That cannot be proven from such data; what speaks against it
    can be found.

    Parameters
    ----------
    traits : TraitTable
        Customers and base.
    label : ndarray of float64, shape (n_accounts,)
        1 known customer, 0 base.
    dates : ndarray of datetime64, shape (n_accounts,), default=None
        When each row was seen, where rows are dated.

    Returns
    -------
    list of Finding
        ``ICP235`` the base is small; ``ICP236`` nearly all customers share a place or a period that the base does
        not; ``ICP237`` newer customers differ from older ones; ``ICP238`` many customers are copies of one another.
    """
    customer = label == 1.0
    return [
        *_small_base(customer),
        *(found for j, trait in enumerate(traits.traits) for found in _one_place(trait, traits.values[:, j], customer)),
        *_moved(traits, customer, dates),
        *_alike(traits, customer),
    ]


def _small_base(customer: NDArray[np.bool_]) -> Iterator[Finding]:
    share = 1.0 - float(customer.mean())
    if share < MIN_BASE_SHARE:
        message = (
            f"only {percent(share)} of the accounts are base, the rest known customers: the base should be the market, "
            "many times the customers. Add accounts that are no customers yet."
        )
        yield Finding("ICP235", "warning", message, n_rows=int((~customer).sum()), evidence={"base_share": share})


def _one_place(trait: Trait, values: NDArray[np.float64], customer: NDArray[np.bool_]) -> Iterator[Finding]:
    """Customers of one region or one period only."""
    known = np.isfinite(values)
    inside, outside = values[known & customer], values[known & ~customer]
    if min(len(inside), len(outside)) < MIN_HALF or trait.side != "fit":
        return
    if trait.kind == "categorical":
        level = int(np.argmax(np.bincount(inside.astype(np.int64))))
        share, base = float((inside == level).mean()), float((outside == level).mean())
        if share >= ONE_PLACE and base <= COMMON_PLACE:
            where = f"{trait.label} is {trait.levels[level]} for {percent(share)} of the known customers and for"
            yield _place_finding(trait, f"{where} {percent(base)} of the base", share, base)
    elif trait.rule == "age":
        first, last = (float(end) for end in np.quantile(inside, [0.025, 0.975]))
        base = float(((outside >= first) & (outside <= last)).mean())
        if base <= ONE_PERIOD:
            what = f"95 % of the known customers lie in a period of '{trait.sources[0]}' that holds"
            yield _place_finding(trait, f"{what} {percent(base)} of the base", 0.95, base)


def _place_finding(trait: Trait, what: str, share: float, base: float) -> Finding:
    message = (
        f"{what}: the known customers may be from one part of the market, and the score may rank that part rather than "
        "resemblance. Compare inside it, or leave the column out with accounts.ignore."
    )
    evidence = {"share_customers": share, "share_base": base}
    return Finding("ICP236", "warning", message, column=trait.sources[0], evidence=evidence)


def _moved(traits: TraitTable, customer: NDArray[np.bool_], dates: NDArray[np.datetime64] | None) -> Iterator[Finding]:
    """Newer customers that can be told from older ones by a trait that is no date."""
    if dates is None:
        return
    dated = customer & ~np.isnat(dates)
    if int(dated.sum()) < 2 * MIN_HALF:
        return
    newer = dates[dated] > np.sort(dates[dated])[int(dated.sum()) // 2]
    if min(int(newer.sum()), int((~newer).sum())) < MIN_HALF:
        return
    fold = assign_folds(newer.astype(np.float64), N_FOLDS, _SEED)
    tried = [j for j, trait in enumerate(traits.traits) if trait.side == "fit" and trait.rule == "value"]
    moved = []
    for j in tried:
        evidence = column_evidence(traits.values[dated, j], traits.traits[j].kind == "categorical", newer, fold)
        error = (evidence.auc - evidence.auc_low) / 1.96
        if evidence.auc >= MOVED_AUC and evidence.auc - _Z * error > 0.5:
            moved.append((evidence.auc, traits.traits[j]))
    if moved:
        moved.sort(key=lambda pair: -pair[0])
        names = ", ".join(f"{trait.label} (AUC {auc:.2f})" for auc, trait in moved[:3])
        message = (
            f"newer known customers can be told from older ones by {names}: they are not drawn from one and the same "
            "pool, so the score is a mix of what customers were and what they are. Learn from newer ones only, or "
            "read it so."
        )
        figures = {trait.name: round(auc, 4) for auc, trait in moved[:10]}
        yield Finding("ICP237", "warning", message, column=moved[0][1].sources[0], evidence={"auc": figures})


def _alike(traits: TraitTable, customer: NDArray[np.bool_]) -> Iterator[Finding]:
    """Customers with a twin among the customers, where the base has far fewer."""
    if len(traits.traits) < 4 or int(customer.sum()) < 2 or not (~customer).any():
        return
    twins = {}
    for name, inside in (("customers", customer), ("base", ~customer)):
        rows = np.nan_to_num(traits.values[inside], nan=-1.5e300)
        _, place, counts = np.unique(rows, axis=0, return_inverse=True, return_counts=True)
        twins[name] = float((counts[place] > 1).mean())
    if twins["customers"] >= ALIKE and twins["customers"] > 2.0 * twins["base"]:
        message = (
            f"{percent(twins['customers'])} of the known customers are equal to another one in every trait "
            f"({percent(twins['base'])} of the base are): copies of few accounts teach little. Keep one row "
            "per account."
        )
        yield Finding("ICP238", "warning", message, n_rows=int(customer.sum()), evidence={"share_with_twin": twins})
