"""Known customers against an unlabelled base."""

from __future__ import annotations

import re

import numpy as np

from icp.errors import ConfigError
from icp.labels._recipes import Marks
from icp.labels._values import as_list, in_words, pick_values, same_value, value_counts
from icp.options import LabelOptions
from icp.tables import AccountTable, Finding

__all__ = ["customers"]

_OTHER_KIND = re.compile(
    r"\b(customers?|clients?|won|closed[ -]won|converted|subscribers?|members?|buyers?|active|churned|former|kunden?)\b"
)
_NOT = re.compile(r"\b(non|not|no|never|prospect\w*|lead\w*|target\w*|kein\w*)\b")


def customers(options: LabelOptions, accounts: AccountTable) -> Marks:
    """Known customers are 1; every other account is the base they are compared with, 0 only for want of a label.

    Parameters
    ----------
    options : LabelOptions
        ``column`` and ``positive`` mark the customers (``positive`` may be left out where the column has one value
        only, or two of which one says yes). ``negative`` narrows the base to some values, ``""`` for empty cells;
        accounts with other values are left out.
    accounts : AccountTable
        With the column as text.

    Returns
    -------
    Marks
        Nobody is *attrited*: the base is unlabelled and holds customers to come.
    """
    column = str(options.column)
    cells = accounts.frame[column].astype(object).where(accounts.frame[column].notna(), "").astype(str).str.strip()
    counts = value_counts(accounts.frame[column])
    if options.positive is None and len(counts) == 1:
        values: tuple[list[str], list[str]] = list(counts), []
    else:
        values = pick_values(counts, options.positive, None, column=column, n_unknown=int((cells == "").sum()))
    best, rest = values
    label = np.where(cells.isin(best), 1.0, 0.0)
    findings = []
    if options.negative is not None:
        wanted = as_list(options.negative)
        base = [value for value in (*rest, "") if any(same_value(value, one) for one in wanted)]
        if any(same_value(value, one) for value in best for one in wanted):
            raise ConfigError.one(
                "ICP215", f"a value of '{column}' is in labels.positive and in labels.negative.", "Keep it in one.",
                column=column,
            )  # fmt: skip
        label[(label == 0.0) & ~cells.isin(base).to_numpy()] = np.nan
        rest = [value for value in rest if value in base]
    other = [value for value in rest if _OTHER_KIND.search(value.lower()) and not _NOT.search(value.lower())]
    if other:
        n = sum(counts[value] for value in other)
        message = (
            f"the base holds {n:,} accounts whose '{column}' is {in_words(other)}: if they are customers too, of "
            "another kind, the score learns to tell customers from customers. Leave them out with labels.negative, "
            "which lists what the base is made of."
        )
        findings.append(Finding("ICP239", "warning", message, column=column, n_rows=n))
    text = f"{column} is {in_words(best)} (known customers, compared with an unlabelled base)"
    return Marks(label, np.full(len(label), np.nan), np.isfinite(label), text, tuple(findings))
