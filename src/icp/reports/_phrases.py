"""Stored facts as sentences: what best means, a trait and its group, the statistic behind a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from icp._wording import capital, fact
from icp.reports._format import count, interval

__all__ = ["definition_words", "evidence_words", "said"]

_WHERE, _THAT = ("flag", "customers"), ("revenue", "rfm", "won")
"""Recipes whose words are a condition, and those whose words are a predicate."""


def definition_words(definition: Mapping[str, Any]) -> str:
    """A stored definition of best as a whole sentence.

    Parameters
    ----------
    definition : mapping
        The card's ``definition``.

    Returns
    -------
    str
        Empty where there is no definition.

    Examples
    --------
    >>> definition_words({"recipe": "revenue", "text": "is in the top 20 % by money"})
    'A best customer is an account that is in the top 20 % by money'
    >>> definition_words({"recipe": "flag", "text": "Converted is 1"})
    'A best customer is an account where Converted is 1'
    """
    recipe, words = definition.get("recipe"), definition.get("text")
    if not words:
        return ""
    if recipe in _WHERE or recipe in _THAT:
        return f"A best customer is an account {'where' if recipe in _WHERE else 'that'} {words}"
    return f"Best customer: {words}"


def said(label: Any, group: Any) -> str:
    """A trait and its group as a line of its own.

    Parameters
    ----------
    label, group : str
        As on a card or a brief.

    Returns
    -------
    str
        The first letter large.

    Examples
    --------
    >>> said("online shop", "hosted shop"), said("founded on", "50 or more years ago")
    ('Online shop: hosted shop', 'Founded 50 or more years ago')
    """
    return capital(fact(str(label), str(group)))


def evidence_words(statistic: Mapping[str, Any]) -> str:
    """The statistic that a message rests on.

    Parameters
    ----------
    statistic : mapping
        As on a brief.

    Returns
    -------
    str
        For example ``"industry: Retail, index 512 (457 to 564), 104 of 139 against 680 of 4,650"``.

    Examples
    --------
    >>> evidence_words({"label": "size", "group": "small", "index": 150.0, "low": 120.0, "high": 180.0, "n": 30,
    ...                 "n_best": 40, "base_n": 50, "n_base": 100})
    'size: small, index 150 (120 to 180), 30 of 40 against 50 of 100'
    """
    bounds = interval(statistic.get("low"), statistic.get("high"), count)
    own = f"{count(statistic.get('n'))} of {count(statistic.get('n_best'))}"
    base = f"{count(statistic.get('base_n'))} of {count(statistic.get('n_base'))}"
    what = fact(str(statistic.get("label")), str(statistic.get("group")))
    return f"{what}, index {count(statistic.get('index'))} ({bounds}), {own} against {base}"
