"""What is said of a score learned from known customers and an unlabelled base."""

from __future__ import annotations

from typing import Any

from icp.checks import known_customers
from icp.model._judge import Judgement, row_dates
from icp.model._known import Known
from icp.options import BacktestOptions
from icp.tables import Definition, Finding

__all__ = ["LOWER_BOUNDS", "look_alike_facts", "look_alike_findings", "look_alike_metrics"]

LOWER_BOUNDS = ("auc", "average_precision", "precision_at_10", "base_rate")
"""Figures that customers still hidden in the base can only raise."""

UNBIASED = ("lift_at_10", "capture_at_10")
"""Figures that stay right where the known customers are a random part of all customers: they count customers only."""

ESTIMAND = "; known customers against an unlabelled base"
OF_WORKED = "; only accounts that sales worked"
MEANING = (
    "Propensity is the chance of being among the known customers, in the mix of customers and base learned from. The "
    "chance of being a customer at all is that divided by the share of customers who are known, which the data do not "
    "tell; the order is the same where the known customers are a random part of all customers."
)


def look_alike_findings(known: Known, definition: Definition, options: BacktestOptions) -> list[Finding]:
    """Assumptions that do not hold, and what the figures mean.

    Parameters
    ----------
    known : Known
        Customers and base.
    definition : Definition
        Of the labels; nothing is said where the labels are labels.
    options : BacktestOptions
        For the dates that rows can be ordered by.

    Returns
    -------
    list of Finding
        ``ICP235`` to ``ICP238`` and ``ICP355``.
    """
    if not definition.unlabelled_base:
        return []
    dates = row_dates(known.accounts, known.y, undated_label=True, test_share=options.test_share)
    found = known_customers(known.traits, known.y, None if dates is None else dates.dates)
    message = (
        "known customers are compared with an unlabelled base, which holds customers to come: AUC, average precision, "
        "precision and rates are lower bounds; lift and capture count known customers only and are right where these "
        "are a random part of all. Propensity is the chance of being among the known customers."
    )
    return [*found, Finding("ICP355", "note", message, evidence={"lower_bounds": list(LOWER_BOUNDS)})]


def look_alike_facts(definition: Definition) -> dict[str, Any]:
    """What the card says of such a score.

    Parameters
    ----------
    definition : Definition
        Of the labels.

    Returns
    -------
    dict
        ``unlabelled_base`` with ``meaning, lower_bounds, unbiased``; empty where the labels are labels.
    """
    if not definition.unlabelled_base:
        return {}
    facts = {"meaning": MEANING, "lower_bounds": list(LOWER_BOUNDS), "unbiased": list(UNBIASED)}
    return {"unlabelled_base": facts}


def look_alike_metrics(judgement: Judgement, definition: Definition, known: Known) -> dict[str, Any]:
    """The figures of a judgement; the estimand says where the base is unlabelled, or only worked accounts are labelled.

    Parameters
    ----------
    judgement : Judgement
        On rows the model never saw.
    definition : Definition
        Of the labels.
    known : Known
        Labelled rows.

    Returns
    -------
    dict
        As ``metrics.json``.
    """
    figures = judgement.metrics()
    if definition.unlabelled_base:
        figures["estimand"] = f"{figures['estimand']}{ESTIMAND}"
    if known.unworked is not None:
        figures["estimand"] = f"{figures['estimand']}{OF_WORKED}"
    return figures
