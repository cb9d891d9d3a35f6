"""Who gets selected by sensitive group, on the rows a model was judged on."""

from __future__ import annotations

from typing import Any

import numpy as np

from icp.checks import proxies, selection
from icp.model._judge import Judgement
from icp.model._known import Known
from icp.scoring import TierAssigner
from icp.tables import Finding, LabelTable, account_mask

__all__ = ["judged_selection", "least_ratio"]


def judged_selection(
    known: Known, judgement: Judgement, labels: LabelTable, tiers: tuple[float, ...]
) -> tuple[list[dict[str, Any]], list[Finding]]:
    """Tables and findings of :func:`icp.checks.selection` for the held-out rows, and of :func:`icp.checks.proxies`.

    Parameters
    ----------
    known : Known
        All labelled rows.
    judgement : Judgement
        Which were held out, and their margins.
    labels : LabelTable
        Of all accounts; its as-of dates turn dates into ages.
    tiers : tuple of float
        Shares of tiers A, B and C.

    Returns
    -------
    list of dict
        One table per sensitive column; ``proxy`` is what gives its groups away, None where they are too small.
    list of Finding
        Groups selected clearly less often, and columns that traits give away.
    """
    if not any(column.role == "sensitive" for column in known.accounts.columns):
        return [], []
    order = np.argsort(judgement.rows, kind="stable")
    inside = np.zeros(len(known.y), dtype=bool)
    inside[judgement.rows] = True
    margin = judgement.margin[order]
    reference = TierAssigner(tiers).fit(judgement.margin).reference_
    tier = reference.tier(np.round(reference.percentile(margin), 2))
    as_of = labels.as_of[labels.label.notna().to_numpy()].to_numpy("datetime64[us]")[inside]
    tables, found = selection(account_mask(known.accounts, inside), margin, tier, known.y[inside], as_of)
    told, given_away = proxies(known.accounts, known.traits, known.groups, known.as_of)
    return [{**table, "proxy": told.get(table["column"])} for table in tables], [*found, *given_away]


def least_ratio(tables: list[dict[str, Any]]) -> dict[str, float]:
    """The smallest ratio of selection over all groups, as a figure to follow from version to version.

    Parameters
    ----------
    tables : list of dict
        As from :func:`judged_selection`.

    Returns
    -------
    dict
        ``selection_ratio_min`` (tier A or B); empty without sensitive columns.
    """
    ratios = [row["ab_ratio"] for table in tables for row in table["groups"] if row["ab_ratio"] is not None]
    return {"selection_ratio_min": min(ratios)} if ratios else {}
