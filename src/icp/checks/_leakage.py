"""The leakage audit: columns that know what they could not have known."""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icp._wording import percent
from icp.checks._evidence import N_FOLDS, ColumnEvidence, column_evidence, suspicious_words
from icp.tables import AccountTable, Finding, Trait, TraitTable

__all__ = ["leakage"]

log = logging.getLogger(__name__)

MAX_AUC = 0.90
MAX_AUC_NAMED = 0.75
MAX_AUC_NEVER = 0.78
MAX_MISSING_AUC = 0.80
_SEED = 20260331


def leakage(
    accounts: AccountTable, traits: TraitTable, label: NDArray[np.float64], *, keep: Collection[str] = ()
) -> tuple[frozenset[str], list[Finding]]:
    """Columns that were probably filled in after the outcome was known.

    A column is suspected when by itself, on accounts it was not learned from, it ranks best customers with an AUC of
    0.90 or more; when being filled or empty alone does with 0.80 or more; when some of its values hold a tenth of all
    best customers and almost all accounts with them are best; or when some hold a tenth of all others, almost none
    of their accounts is best, and the AUC is clearly above 0.78 (an honest limit of the market, such as a country
    that nobody sells to, has less). A name such as "status" or "probability" lowers the AUC needed to 0.75; a name
    alone is never enough.

    Parameters
    ----------
    accounts : AccountTable
        Labelled accounts.
    traits : TraitTable
        Their traits, same rows.
    label : ndarray of float64, shape (n_accounts,)
        1 best, 0 not.
    keep : collection of str, default=()
        Columns that stay in whatever the audit finds (``traits.keep``); it is still said.

    Returns
    -------
    quarantined : frozenset of str
        Columns of the accounts table to leave out.
    findings : list of Finding
        ``ICP301`` per quarantined column (issue), ``ICP302`` per column kept on request (warning), with the evidence.

    Notes
    -----
    Traits made from dated tables hold nothing later than the as-of date and are not audited.
    """
    best = np.asarray(label) == 1
    fold = _folds(best)
    columns = {column.name for column in accounts.columns}
    worst: dict[str, tuple[str, ColumnEvidence]] = {}
    for j, trait in enumerate(traits.traits):
        if not _is_audited(trait, columns):
            continue
        evidence = column_evidence(np.ascontiguousarray(traits.values[:, j]), trait.kind == "categorical", best, fold)
        for source in trait.sources:
            words = _why(source, evidence)
            if words and (source not in worst or evidence.auc > worst[source][1].auc):
                worst[source] = (words, evidence)
    kept = frozenset(keep)
    findings = [_finding(source, *worst[source], source in kept, len(best)) for source in worst]
    quarantined = frozenset(worst) - kept
    log.info("leakage audit: %d of %d columns quarantined", len(quarantined), len(columns))
    return quarantined, findings


def _is_audited(trait: Trait, columns: Collection[str]) -> bool:
    return trait.rule in ("value", "age") and all(source in columns for source in trait.sources)


def _folds(best: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Folds with equal shares of best customers, the same for the same rows."""
    order = np.random.default_rng(_SEED).permutation(len(best))
    fold = np.empty(len(best), dtype=np.int64)
    for side in (True, False):
        members = order[best[order] == side]
        fold[members] = np.arange(len(members)) % N_FOLDS
    return fold


def _why(source: str, evidence: ColumnEvidence) -> str:
    """What speaks against a column, in words; empty when nothing does."""
    reasons = []
    named = suspicious_words(source)
    if evidence.missing_auc >= MAX_MISSING_AUC:
        reasons.append("being filled or empty alone tells best customers from others")
    if evidence.auc >= MAX_AUC:
        reasons.append("by itself it tells best customers from others almost perfectly")
    elif named and evidence.auc_low >= MAX_AUC_NAMED:
        reasons.append("by itself it tells best customers from others unusually well")
    pure = evidence.pure
    if pure is not None and (pure.always or evidence.auc_low >= MAX_AUC_NEVER):
        side, how = ("best customers", "always") if pure.always else ("the others", "never")
        reasons.append(
            f"values shared by {pure.n:,} accounts ({percent(pure.cover)} of {side}) are almost {how} those of best "
            f"customers ({pure.best:,} of {pure.n:,})"
        )
    if reasons and named:
        reasons.append(f"its name speaks of '{named[0]}'")
    return ", and ".join(reasons)


def _finding(source: str, words: str, evidence: ColumnEvidence, kept: bool, n: int) -> Finding:
    values: dict[str, Any] = {
        "auc": round(evidence.auc, 4),
        "auc_low": round(evidence.auc_low, 4),
        "missing_auc": round(evidence.missing_auc, 4),
        "suspicious_words": list(suspicious_words(source)),
    }
    if evidence.pure is not None:
        values["pure_group"] = {
            "n": evidence.pure.n,
            "best": evidence.pure.best,
            "cover": round(evidence.pure.cover, 4),
        }
    what = (
        f"column '{source}' looks as if it was filled in after the outcome was known: {words} (AUC {evidence.auc:.2f})."
    )
    if kept:
        return Finding(
            "ICP302", "warning", f"{what} It was kept because traits.keep names it.", "noted", source, n, values
        )
    message = f"{what} It was left out. If it is known before the sale, keep it with 'traits.keep=[\"{source}\"]'."
    return Finding("ICP301", "issue", message, "quarantined", source, n, values)
