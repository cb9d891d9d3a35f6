"""Words in column names that speak of what happens at or after the sale."""

from __future__ import annotations

import re

__all__ = ["score_words", "suspicious_words"]

_SCORE = "score|rating|grade|probability|propensity|likelihood|forecast|prediction|predicted"
_WORDS = re.compile(
    rf"(?:^|[^a-z])({_SCORE}|stage|status|clos(?:e|ed|ing)|won|lost|convert(?:ed|ion)?|invoice[sd]?|tags?|"
    r"disposition|outcome|result|quality|contract|signed|churn(?:ed)?|cancel(?:led|lation)?|commission|duration)"
    r"(?:[^a-z]|$)"
)


def suspicious_words(name: str) -> tuple[str, ...]:
    """Words in a column name that speak of what happens at or after the sale.

    Parameters
    ----------
    name : str
        Column name.

    Returns
    -------
    tuple of str
        In order; empty for most columns. Never enough by itself.

    Examples
    --------
    >>> suspicious_words("Close_Probability"), suspicious_words("Closest city"), suspicious_words("wonTotal")
    (('close', 'probability'), (), ('won',))
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "  ", name).lower()
    return tuple(_WORDS.findall(re.sub(r"[^a-z]+", "  ", spaced)))


def score_words(name: str) -> tuple[str, ...]:
    """Words in a column name that say a model or a person rated the account.

    Parameters
    ----------
    name : str
        Column name.

    Returns
    -------
    tuple of str
        Those of :func:`suspicious_words` that mean a score.

    Examples
    --------
    >>> score_words("vendor_win_score"), score_words("deal stage")
    (('score',), ())
    """
    return tuple(word for word in suspicious_words(name) if re.fullmatch(_SCORE, word))
