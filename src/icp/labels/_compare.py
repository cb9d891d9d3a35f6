"""Two definitions of best, side by side: whom both call best, and whose tier depends on which one is taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import rankdata

from icp._statistics import wilson
from icp._wording import percent
from icp.errors import Problem, TableError
from icp.tables import Definition, LabelTable

__all__ = ["DefinitionComparison", "compare_definitions"]

_ORDER = "ABCDEFGHIJ"


@dataclass(frozen=True)
class DefinitionComparison:
    """How far two definitions of best agree.

    Parameters
    ----------
    a, b : Definition
        The two.
    overlap : mapping
        ``n_both_labelled`` accounts that both definitions label; of them ``n_both, n_only_a, n_only_b, n_neither``;
        ``jaccard`` (best by both, of those best by either) with ``jaccard_low`` and ``jaccard_high``; ``agreement``
        (same label) with ``agreement_low`` and ``agreement_high``; ``kappa``, agreement beyond chance.
    ranking : mapping or None
        ``n, spearman, low, high`` of the two scores; None without scores.
    tiers : DataFrame or None
        Accounts by tier of ``a`` (rows) and of ``b`` (columns).
    changed : DataFrame or None
        Accounts whose tier depends on the definition, indexed by ``account_id``: ``label_a, label_b, tier_a, tier_b,
        percentile_a, percentile_b, difference``. Accounts that both definitions label come first, then those that one
        does; within each the largest difference first.
    judged : mapping or None
        How each score does by its own definition, ``a`` and ``b``: held-out figures with ``_low`` and ``_high``, and
        ``signal``; None where the scores were not judged.
    """

    a: Definition
    b: Definition
    overlap: Mapping[str, Any]
    ranking: Mapping[str, Any] | None = None
    tiers: pd.DataFrame | None = None
    changed: pd.DataFrame | None = None
    judged: Mapping[str, Mapping[str, Any]] | None = None

    def text(self) -> str:
        """The result in a few sentences, one on each line.

        Returns
        -------
        str
            For a terminal or a page.
        """
        found = self.overlap
        either = found["n_both"] + found["n_only_a"] + found["n_only_b"]
        said = [
            f"A: {self.a.text}.",
            f"B: {self.b.text}.",
            f"Of {either:,} accounts that are best by either definition, {found['n_both']:,} are best by both "
            f"({_with_interval(found, 'jaccard')}), {found['n_only_a']:,} by A alone and {found['n_only_b']:,} by B "
            "alone.",
        ]
        if self.ranking is not None and self.ranking["spearman"] is not None:
            rank = self.ranking
            said.append(
                f"The two scores rank {rank['n'] or 0:,} accounts with a rank correlation of {rank['spearman']:.2f} "
                f"(95 % {rank['low']:.2f} to {rank['high']:.2f})."
            )
        if self.changed is not None and self.tiers is not None:
            n = int(self.tiers.to_numpy().sum())
            said.append(f"The tier of {len(self.changed):,} of {n:,} accounts depends on the definition.")
        if self.judged is not None:
            said.append(f"Each score by its own definition: {'; '.join(map(self._judged_text, ('a', 'b')))}.")
        return "\n".join(said)

    def _judged_text(self, side: str) -> str:
        found = (self.judged or {})[side]
        lift, auc = (
            "not known"
            if found[name] is None
            else f"{found[name]:{form}} (95 % {found[f'{name}_low']:{form}} to {found[f'{name}_high']:{form}})"
            for name, form in (("lift_at_10", ".1f"), ("auc", ".2f"))
        )
        return f"{side.upper()} lift {lift}, AUC {auc}{'' if found['signal'] else ', no signal'}"

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values without any account, for a report.

        Returns
        -------
        dict
            ``a, b, overlap, ranking, tiers, n_changed, n_scored, judged``, and ``sentences`` of :meth:`text`.
        """
        tiers = None
        if self.tiers is not None:
            tiers = [{"tier_a": str(a), **{str(b): int(n) for b, n in row.items()}} for a, row in self.tiers.iterrows()]
        return {
            "a": self.a.to_dict(),
            "b": self.b.to_dict(),
            "overlap": dict(self.overlap),
            "ranking": None if self.ranking is None else dict(self.ranking),
            "tiers": tiers,
            "n_changed": None if self.changed is None else len(self.changed),
            "n_scored": None if self.tiers is None else int(self.tiers.to_numpy().sum()),
            "judged": None if self.judged is None else {side: dict(found) for side, found in self.judged.items()},
            "sentences": self.text().split("\n"),
        }


def compare_definitions(
    a: LabelTable, b: LabelTable, scores_a: pd.DataFrame | None = None, scores_b: pd.DataFrame | None = None
) -> DefinitionComparison:
    r"""Compare two definitions of best on the same accounts.

    Parameters
    ----------
    a, b : LabelTable
        Made of the same accounts by two definitions.
    scores_a, scores_b : DataFrame, default=None
        Scores of the same accounts by a model of each definition, indexed by ``account_id``, with ``percentile`` and
        ``tier`` as :meth:`icp.IdealCustomerModel.score_accounts` gives them; both or none.

    Returns
    -------
    DefinitionComparison
        Overlap of the labels; with scores their rank correlation and the accounts whose tier depends on the definition.

    Raises
    ------
    TableError
        The tables are of different accounts (``ICP318``), or one of two score tables is missing (``ICP319``).

    Notes
    -----
    Intervals are 95 %: Wilson for shares; for Spearman's :math:`r` Fisher's :math:`z` with the standard error
    :math:`\sqrt{(1 + r^2 / 2) / (n - 3)}` (Bonett and Wright 2000). They speak of accounts like these. Scores of
    accounts that a model learned from agree with that model's labels more than those of new accounts would.

    Examples
    --------
    >>> from icp.tables import Definition, LabelTable
    >>> ids = pd.Index(["A-1", "A-2", "A-3", "A-4"], name="account_id")
    >>> def table(text, label):
    ...     definition = Definition("flag", "1", text, {}, "", None, 4, 2, 2, 0)
    ...     nothing = pd.Series(np.nan, ids), pd.Series(pd.NaT, ids)
    ...     return LabelTable(pd.Series(label, ids), *nothing, definition)
    >>> found = compare_definitions(table("paid", [1.0, 1.0, 0.0, 0.0]), table("stayed", [1.0, 0.0, 1.0, 0.0]))
    >>> found.overlap["n_both"], found.overlap["jaccard"], found.overlap["kappa"]
    (1, 0.3333333333333333, 0.0)
    """
    _check(a, b, scores_a, scores_b)
    overlap = _overlap(a.label.to_numpy(dtype=np.float64), b.label.to_numpy(dtype=np.float64))
    if scores_a is None or scores_b is None:
        return DefinitionComparison(a.definition, b.definition, overlap)
    both = pd.DataFrame(
        {
            "label_a": a.label,
            "label_b": b.label,
            "tier_a": scores_a["tier"],
            "tier_b": scores_b["tier"],
            "percentile_a": scores_a["percentile"],
            "percentile_b": scores_b["percentile"],
        }
    )
    both.index.name = "account_id"
    both["difference"] = (both["percentile_a"] - both["percentile_b"]).round(2)
    letters = [letter for letter in _ORDER if letter in {*both["tier_a"], *both["tier_b"], *"ABCD"}]
    tiers = pd.crosstab(both["tier_a"], both["tier_b"]).reindex(index=letters, columns=letters, fill_value=0)
    changed = both[both["tier_a"] != both["tier_b"]]
    unlabelled = changed[["label_a", "label_b"]].isna().sum(axis=1)  # nobody can say yet who is right about them
    order = np.lexsort((changed.index.to_numpy(dtype=object).astype(str), -changed["difference"].abs(), unlabelled))
    ranking = _spearman(both["percentile_a"].to_numpy(), both["percentile_b"].to_numpy())
    return DefinitionComparison(a.definition, b.definition, overlap, ranking, tiers, changed.iloc[order])


def _check(a: LabelTable, b: LabelTable, scores_a: pd.DataFrame | None, scores_b: pd.DataFrame | None) -> None:
    problems = []
    if not a.label.index.equals(b.label.index):
        message = f"the two label tables are of different accounts ({len(a.label):,} and {len(b.label):,} rows)."
        problems.append(Problem("ICP318", message, "Make both from one accounts table, in one order."))
    if (scores_a is None) != (scores_b is None):
        problems.append(Problem("ICP319", "scores of one definition only are given.", "Give both, or none."))
    for name, scores in (("scores_a", scores_a), ("scores_b", scores_b)):
        if scores is not None and not scores.index.equals(a.label.index):
            message = f"{name} is of other accounts than the labels ({len(scores):,} and {len(a.label):,} rows)."
            problems.append(Problem("ICP318", message, "Score the accounts that were labelled, in the same order."))
    if problems:
        raise TableError("The definitions cannot be compared.", problems)


def _overlap(a: NDArray[np.float64], b: NDArray[np.float64]) -> dict[str, Any]:
    known = np.isfinite(a) & np.isfinite(b)
    best_a, best_b = a[known] == 1, b[known] == 1
    n, both = int(known.sum()), int((best_a & best_b).sum())
    only_a, only_b = int((best_a & ~best_b).sum()), int((~best_a & best_b).sum())
    same = n - only_a - only_b
    chance = float(best_a.mean() * best_b.mean() + (~best_a).mean() * (~best_b).mean()) if n else 1.0
    found: dict[str, Any] = {
        "n_both_labelled": n,
        "n_only_a_labelled": int((np.isfinite(a) & ~np.isfinite(b)).sum()),
        "n_only_b_labelled": int((~np.isfinite(a) & np.isfinite(b)).sum()),
        "n_both": both,
        "n_only_a": only_a,
        "n_only_b": only_b,
        "n_neither": same - both,
        "kappa": (same / n - chance) / (1 - chance) if chance < 1 else None,
    }
    for name, hits, many in (("jaccard", both, both + only_a + only_b), ("agreement", same, n)):
        low, high = (float(end) for end in wilson(hits, many)) if many else (None, None)
        found |= {name: hits / many if many else None, f"{name}_low": low, f"{name}_high": high}
    return found


def _spearman(a: NDArray[np.float64], b: NDArray[np.float64]) -> dict[str, Any]:
    """Rank correlation with its interval; None where one side does not vary or there are too few accounts."""
    known = np.isfinite(a) & np.isfinite(b)
    a, b, n = rankdata(a[known]), rankdata(b[known]), int(known.sum())
    if n < 4 or a.std() == 0 or b.std() == 0:
        return {"n": n, "spearman": None, "low": None, "high": None}
    r = float(np.clip(np.corrcoef(a, b)[0, 1], -1.0, 1.0))
    if abs(r) > 1 - 1e-12:
        return {"n": n, "spearman": r, "low": r, "high": r}
    half = float(ndtri(0.975)) * np.sqrt((1 + r**2 / 2) / (n - 3))
    return {
        "n": n,
        "spearman": r,
        "low": float(np.tanh(np.arctanh(r) - half)),
        "high": float(np.tanh(np.arctanh(r) + half)),
    }


def _with_interval(found: Mapping[str, Any], name: str) -> str:
    if found[name] is None:
        return "none at all"
    return f"{percent(found[name])}, 95 % {percent(found[f'{name}_low'])} to {percent(found[f'{name}_high'])}"
