"""The top of a scored list, for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from icp.reports._format import clean

__all__ = ["findings_text", "list_text"]

_SHOWN = {"tier": 4, "percentile": 10, "propensity": 10, "profile": 34}
_REASON = 100


def list_text(scores: pd.DataFrame, tiers: Mapping[str, int] | None = None, top: int = 10) -> str:
    """How many accounts are in each tier, and the best of them with their strongest reason.

    Parameters
    ----------
    scores : DataFrame, shape (n_accounts, n_columns)
        As scored, indexed by ``account_id``; the best of them are enough.
    tiers : mapping of str to int, default=None
        Accounts in each tier of the whole list; None counts ``scores``.
    top : int, default=10
        Accounts shown.

    Returns
    -------
    str
        Plain lines.
    """
    n_in = scores["tier"].value_counts().to_dict() if tiers is None else tiers
    counts = ", ".join(f"{tier} {n_in.get(tier, 0):,}" for tier in "ABCD")
    lines = [f"{sum(n_in.values()):,} accounts scored: {counts}"]
    best = scores.sort_values(["percentile", "propensity"], ascending=False, kind="stable").head(top)
    if len(best):
        width = max(10, *(len(str(account)) for account in best.index))
        lines.append(_row("account", width, {name: name for name in _SHOWN}, "strongest reason"))
    for account, row in best.iterrows():
        cells = {
            "tier": row["tier"],
            "percentile": f"{row['percentile']:.2f}",
            "propensity": _chance(row["propensity"]),
            "profile": "" if pd.isna(row["profile"]) else str(row["profile"]),
        }
        lines.append(_row(str(account), width, cells, "" if pd.isna(row["reason_1"]) else str(row["reason_1"])))
    return "\n".join(lines)


def _chance(propensity: float) -> str:
    """A chance in percent; what is not certain is not called so."""
    text = f"{100 * propensity:.1f}"
    return "> 99.9 %" if text == "100.0" and propensity < 1 else f"{text} %"


def findings_text(findings: Sequence[Mapping[str, Any]]) -> str:
    """Everything above a note, one line each.

    Parameters
    ----------
    findings : sequence of mapping
        As in ``findings.json``.

    Returns
    -------
    str
        Empty when there are only notes.

    Examples
    --------
    >>> findings_text([{"code": "ICP104", "severity": "issue", "message": "ids repeat."}])
    'issue ICP104: ids repeat.'
    """
    said = [found for found in findings if found["severity"] != "note"]
    return "\n".join(f"{found['severity']} {found['code']}: {found['message']}" for found in said)


def _row(account: str, width: int, cells: dict[str, str], reason: str) -> str:
    account, reason, cells = clean(account), clean(reason), clean(cells)
    parts = [account[:width].ljust(width)]
    parts += [_cut(str(cells[name]), size).ljust(size) for name, size in _SHOWN.items()]
    return "  ".join([*parts, _cut(reason, _REASON)]).rstrip()


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else text[: size - 3].rstrip() + "..."
