"""Order as an answer: the rows of the file, and running numbers that were given when the outcome was known."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icp.checks._clues import MAX_AUC, MAX_AUC_LOW, Clue
from icp.checks._evidence import ColumnEvidence, column_evidence
from icp.tables import Finding

__all__ = ["number_clue", "row_order", "running_numbers"]

MIN_NUMBERED = 0.9
_LAST_DIGITS = re.compile(r"(\d{1,15})(?!.*\d)")


def running_numbers(cells: pd.Series) -> NDArray[np.float64] | None:
    """The last run of digits of every id, where nearly all ids have one and hardly two share it.

    Parameters
    ----------
    cells : Series of str
        Ids.

    Returns
    -------
    ndarray of float64, shape (n_accounts,), or None
        None where the ids are not numbered.

    Examples
    --------
    >>> running_numbers(pd.Series(["A-0007", "A-0012"])), running_numbers(pd.Series(["kite", "owl"]))
    (array([ 7., 12.]), None)
    """
    digits = cells.astype("str").str.extract(_LAST_DIGITS, expand=False)
    numbers = pd.to_numeric(digits, errors="coerce").to_numpy(dtype=np.float64)
    known = np.isfinite(numbers)
    if known.mean() < MIN_NUMBERED or len(np.unique(numbers[known])) < MIN_NUMBERED * known.sum():
        return None
    return numbers


def number_clue(evidence: ColumnEvidence) -> Clue | None:
    """What a running number says about the outcome.

    Parameters
    ----------
    evidence : ColumnEvidence
        Of the number.

    Returns
    -------
    Clue or None
        None where numbers are spread as those of honest ids are, which may drift with time.
    """
    pure = evidence.pure
    jumps = pure is not None and pure.how != "never"
    if not jumps and not _sorts(evidence):
        return None
    numbers: dict[str, Any] = {"order_auc": round(evidence.auc, 4)}
    if pure is not None and jumps:
        numbers["run"] = {"n": pure.n, "best": pure.best, "of_best": round(pure.of_best, 4)}
    return Clue("ICP307", f"its numbers part best customers from others (AUC {evidence.auc:.2f})", numbers)


def row_order(label: NDArray[np.bool_], fold: NDArray[np.int64]) -> Finding | None:
    """Whether the file is sorted by the outcome.

    Parameters
    ----------
    label : ndarray of bool, shape (n_accounts,)
        True for best customers, in the order of the file.
    fold : ndarray of int64, shape (n_accounts,)
        Fold of each account.

    Returns
    -------
    Finding or None
        ``ICP307``; None for files in order of time, whose rate may well drift.
    """
    evidence = column_evidence(np.arange(len(label), dtype=np.float64), False, label, fold)
    if not _sorts(evidence):
        return None
    message = (
        "the file is sorted by the outcome: the place of a row tells best customers from others "
        f"(AUC {evidence.auc:.2f}). Order is never a trait, but a number counted over this file would give the answer "
        "away, and backtest.order=rows would judge nothing. Export it in order of time or of id."
    )
    return Finding("ICP307", "warning", message, n_rows=len(label), evidence={"order_auc": round(evidence.auc, 4)})


def _sorts(evidence: ColumnEvidence) -> bool:
    return evidence.auc >= MAX_AUC and evidence.auc_low >= MAX_AUC_LOW
