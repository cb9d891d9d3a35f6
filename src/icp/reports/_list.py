"""The top of a scored list, for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from icp.reports._format import clean

__all__ = ["findings_text", "list_lines", "list_text"]

_SHOWN = {"tier": 4, "percentile": 10, "propensity": 10, "profile": 34}
_REASON = 100


def list_text(scores: pd.DataFrame, top: int = 10) -> str:
    """How many accounts are in each tier, and the best of them with their strongest reason.

    Parameters
    ----------
    scores : DataFrame, shape (n_accounts, n_columns)
        As scored, indexed by ``account_id``.
    top : int, default=10
        Accounts shown.

    Returns
    -------
    str
        Plain lines.
    """
    best = scores.sort_values(["percentile", "propensity"], ascending=False, kind="stable").head(top)
    return list_lines(len(scores), scores["tier"].value_counts().to_dict(), best)


def list_lines(n: int, tiers: Mapping[str, int], best: pd.DataFrame) -> str:
    """The same from what is shown alone.

    Parameters
    ----------
    n : int
        Accounts.
    tiers : mapping of str to int
        Accounts in each tier.
    best : DataFrame, shape (n_shown, n_columns)
        The best of them, best first, indexed by ``account_id``.

    Returns
    -------
    str
        Plain lines.
    """
    counts = ", ".join(f"{tier} {int(tiers.get(tier, 0)):,}" for tier in "ABCD")
    lines = [f"{n:,} accounts scored: {counts}"]
    if len(best):
        width = max(10, *(len(str(account)) for account in best.index))
        lines.append(_row("account", width, {name: name for name in _SHOWN}, "strongest reason"))
    for account, row in best.iterrows():
        cells = {
            "tier": row["tier"],
            "percentile": f"{row['percentile']:.2f}",
            "propensity": f"{100 * row['propensity']:.1f} %",
            "profile": "" if pd.isna(row["profile"]) else str(row["profile"]),
        }
        lines.append(_row(str(account), width, cells, "" if pd.isna(row["reason_1"]) else str(row["reason_1"])))
    return "\n".join(lines)


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
