"""The rules of the leakage audit: what speaks against a column, each kind of evidence with its number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from icp._wording import percent
from icp.checks._evidence import ColumnEvidence, Filled, Pure
from icp.checks._names import score_words, suspicious_words

__all__ = ["Clue", "column_clues", "numbers_of"]

MAX_AUC = 0.90
MAX_AUC_LOW = 0.80
MAX_AUC_NAMED = 0.75
MAX_AUC_NEVER = 0.78
MAX_FILLED_AUC = 0.75
MAX_FILLED_AUC_NAMED = 0.70
MAX_FILLED_NEVER = 0.60


@dataclass(frozen=True)
class Clue:
    """One thing that speaks against a column.

    Parameters
    ----------
    code : str
        Number of the kind of evidence, ``ICP303`` to ``ICP310``.
    words : str
        Half a sentence.
    evidence : mapping, default={}
        The numbers behind it.
    """

    code: str
    words: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


def column_clues(name: str, evidence: ColumnEvidence) -> list[Clue]:
    """What the cells of one column, and its name, say against it.

    Parameters
    ----------
    name : str
        Column name.
    evidence : ColumnEvidence
        What was measured.

    Returns
    -------
    list of Clue
        Empty for an honest column.
    """
    clues = [*_filled(name, evidence.filled), *_power(name, evidence)]
    pure = evidence.pure
    if pure is not None and (pure.how != "never" or evidence.auc_low >= MAX_AUC_NEVER):
        clues.append(Clue("ICP304", _pure_words(pure), {"pure_group": _pure_numbers(pure)}))
    return clues


def numbers_of(evidence: ColumnEvidence) -> dict[str, Any]:
    """The figures of a column for a finding.

    Parameters
    ----------
    evidence : ColumnEvidence
        What was measured.

    Returns
    -------
    dict
        Plain JSON values.
    """
    numbers: dict[str, Any] = {
        "auc": round(evidence.auc, 4),
        "auc_low": round(evidence.auc_low, 4),
        "missing_auc": round(evidence.filled.auc, 4),
        "filled_of_best": round(evidence.filled.best, 4),
        "filled_of_others": round(evidence.filled.others, 4),
    }
    if evidence.pure is not None:
        numbers["pure_group"] = _pure_numbers(evidence.pure)
    return numbers


def _power(name: str, evidence: ColumnEvidence) -> list[Clue]:
    """The column alone ranks better than honest columns do."""
    perfect = evidence.auc >= MAX_AUC and evidence.auc_low >= MAX_AUC_LOW
    if not perfect and not (suspicious_words(name) and evidence.auc_low >= MAX_AUC_NAMED):
        return []
    how = "almost perfectly" if perfect else "unusually well"
    numbers = {"auc": round(evidence.auc, 4), "auc_low": round(evidence.auc_low, 4)}
    if score_words(name):
        return [Clue("ICP308", f"it is a score that ranks {how}, as if its model had seen the outcome", numbers)]
    return [Clue("ICP303", f"by itself it tells best customers from others {how}", numbers)]


def _filled(name: str, filled: Filled) -> list[Clue]:
    """Being filled, or empty, alone tells best customers from others."""
    most = MAX_FILLED_AUC_NAMED if suspicious_words(name) else MAX_FILLED_AUC
    speaks = filled.auc >= most and filled.auc_low >= most - 0.05
    if filled.pure is not None:
        lost = MAX_FILLED_NEVER if filled.others > filled.best else MAX_AUC_NEVER
        speaks = speaks or filled.pure.how != "never" or filled.auc_low >= lost
    if not speaks:
        return []
    words = (
        f"being filled or empty alone tells best customers from others ({percent(filled.best)} of best customers have "
        f"it filled, {percent(filled.others)} of the others)"
    )
    numbers = {"of_best": round(filled.best, 4), "of_others": round(filled.others, 4)}
    return [Clue("ICP305", words, {"filled": numbers})]


def _pure_words(pure: Pure) -> str:
    if pure.how == "mostly":
        return (
            f"values shared by {pure.n:,} accounts hold {percent(pure.of_best)} of best customers and only "
            f"{percent(pure.of_others)} of the others"
        )
    side, cover = ("best customers", pure.of_best) if pure.how == "always" else ("the others", pure.of_others)
    how = pure.how if pure.best in (0, pure.n) else f"almost {pure.how}"
    return (
        f"values shared by {pure.n:,} accounts ({percent(cover)} of {side}) are {how} those of best "
        f"customers ({pure.best:,} of {pure.n:,})"
    )


def _pure_numbers(pure: Pure) -> dict[str, Any]:
    return {
        "n": pure.n,
        "best": pure.best,
        "of_best": round(pure.of_best, 4),
        "of_others": round(pure.of_others, 4),
        "how": pure.how,
    }
