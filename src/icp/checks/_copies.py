"""Rows that say the same of one another: which belong on one side of a split, and which column tells."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icp._statistics import wilson
from icp._wording import percent
from icp.tables import AccountTable, Finding

__all__ = ["grouped_rows", "undeclared_groups"]

MIN_PAIRS = 50
MIN_ALIKE = 0.8
MIN_SHARE = 0.05
_COMMON = 0.6

Counts = NDArray[np.int64]


def grouped_rows(groups: NDArray[np.int64], *, by_parent: bool) -> list[Finding]:
    """How many rows share a group, and so stay on one side of every split.

    Parameters
    ----------
    groups : ndarray of int64, shape (n_accounts,)
        Group of each row.
    by_parent : bool
        Whether groups are parent accounts; else they are rows with equal traits.

    Returns
    -------
    list of Finding
        One ``ICP310`` note, or nothing where every row stands alone.

    Examples
    --------
    >>> grouped_rows(np.array([0, 1, 1, 2]), by_parent=False)[0].n_rows
    2
    """
    size = np.bincount(groups, minlength=1)
    n_rows, n_groups = int(size[size > 1].sum()), int((size > 1).sum())
    if not n_rows:
        return []
    what = "share a parent account with another" if by_parent else "repeat the traits of another"
    message = f"rows {what}, in {n_groups:,} groups: each group stays on one side of every split."
    return [Finding("ICP310", "note", message, n_rows=n_rows, evidence={"n_groups": n_groups})]


def undeclared_groups(accounts: AccountTable, best: NDArray[np.bool_]) -> list[Finding]:
    """Columns of nearly unique values whose repeated rows end alike: a split would part what belongs together.

    Parameters
    ----------
    accounts : AccountTable
        Labelled accounts.
    best : ndarray of bool, shape (n_accounts,)
        Best customers.

    Returns
    -------
    list of Finding
        One ``ICP310`` warning per column; none where ``accounts.parent_id`` is set.
    """
    if accounts.parents is not None or not best.any() or best.mean() > _COMMON:
        return []
    found = []
    for column in accounts.columns:
        if column.kind not in ("identifier", "text", "categorical") or column.role in ("id", "name", "label"):
            continue
        if column.n_distinct < 0.2 * len(accounts):
            continue
        alike = _alike(accounts.frame[column.name], best)
        if alike is None:
            continue
        n_rows, share = alike
        message = (
            f"rows with the same '{column.name}' end alike: where one is a best customer, {percent(share)} of the "
            "others are. A split that parts them would judge the model on what it has seen. If they are one customer, "
            f"set 'accounts.parent_id=\"{column.name}\"'."
        )
        evidence = {"alike": round(share, 4), "base_rate": round(float(best.mean()), 4)}
        found.append(Finding("ICP310", "warning", message, "noted", column.name, n_rows, evidence))
    return found


def _alike(cells: pd.Series, best: NDArray[np.bool_]) -> tuple[int, float] | None:
    """Rows with a repeated value, and how often the others with a best customer's value are best; None if by chance."""
    codes = pd.factorize(cells)[0]
    known = codes >= 0
    if not known.any():
        return None
    n = np.bincount(codes[known])
    wins = np.bincount(codes[known & best], minlength=len(n))
    pairs, alike = int((wins * (n - 1)).sum()), int((wins * (wins - 1)).sum())
    repeated_wins, n_rows = int(wins[n > 1].sum()), int(n[n > 1].sum())
    if pairs < MIN_PAIRS or repeated_wins < MIN_SHARE * best.sum():
        return None
    low, _ = wilson(alike, pairs)
    return (n_rows, alike / pairs) if float(low) >= MIN_ALIKE else None
