r"""Drift: whether the accounts being scored are still like those the model learned from.

A difference is told when it is both too large for chance and large enough to matter. The population stability index of
a trait with :math:`B` bins is about :math:`\chi^2_{B-1} (1/n + 1/m)` when nothing has changed (Yurdakul 2018), so its
limit falls with the number of accounts, and never below 0.1. All limits of a run together are held to a false-alarm
rate of one in a hundred (Bonferroni), however many traits a model has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icp._statistics import chi_square_limit, normal_score
from icp._wording import percent
from icp.checks._watch import TIERS, TraitWatch, WatchReference
from icp.tables import Finding

__all__ = ["Drift", "LabelRate", "drift", "psi"]

Floats = NDArray[np.float64]

MIN_ROWS = 50
MIN_PSI = 0.1
MIN_GAP = 0.1
FALSE_ALARMS = 0.01
EMPTIED = 0.95
BEYOND = 0.2
BEYOND_MOST = 0.5
MAX_FINDINGS = 10
_EXPECTED = 10.0
_COLUMNS = (
    "name", "kind", "psi", "limit", "n", "missing_before", "missing_now", "new_levels_before", "new_levels", "beyond",
    "verdict",
)  # fmt: skip


@dataclass(frozen=True)
class LabelRate:
    """Share of best customers in training and in a window that ended later.

    Parameters
    ----------
    best_before, n_before : int
        In training.
    best_now, n_now : int
        By the same definition, in the later window.
    as_of : str
        ISO date the later window begins after.
    """

    best_before: int
    n_before: int
    best_now: int
    n_now: int
    as_of: str


@dataclass(frozen=True)
class Drift:
    """What a comparison of scored accounts with those learned from showed.

    Parameters
    ----------
    rows : tuple of mapping
        One per trait, then the score, then the label rate where it is known; the columns of ``drift.csv``.
    findings : tuple of Finding
        What moved.
    n : int
        Accounts scored.
    n_before : int
        Rows learned from; 0 when nothing is known of them.
    tiers : mapping of str to (float, float)
        Share of each tier in training and now.
    """

    rows: tuple[Mapping[str, Any], ...]
    findings: tuple[Finding, ...]
    n: int
    n_before: int
    tiers: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def frame(self) -> pd.DataFrame:
        """The table of ``drift.csv``.

        Returns
        -------
        DataFrame, one row per thing watched
            ``name, kind, psi, limit, n, missing_before, missing_now, new_levels_before, new_levels, beyond, verdict``.
        """
        return pd.DataFrame(list(self.rows), columns=list(_COLUMNS))

    def line(self) -> str:
        """The result in a line for the summary.

        Returns
        -------
        str
            Starts with ``drift:``.
        """
        if not self.rows:
            return f"drift: {self.findings[0].message}" if self.findings else "drift: nothing was compared."
        moved = [row for row in self.rows if row["verdict"] not in ("steady", "too few")]
        against = f"{self.n:,} accounts against the {self.n_before:,} learned from"
        n_traits = sum(row["kind"] == "trait" for row in self.rows)
        if not moved:
            return f"drift: none in {n_traits} traits and the score ({against})."
        names = ", ".join(f"{row['name']} ({row['verdict']})" for row in moved[:4])
        more = f" and {len(moved) - 4} more" if len(moved) > 4 else ""
        return f"drift: {names}{more}; see drift.csv ({against})."


def psi(before: Sequence[float] | Floats, now: Sequence[float] | Floats) -> float:
    r"""Population stability index of two sets of counts: :math:`\sum (q_b - p_b) \ln (q_b / p_b)`.

    Parameters
    ----------
    before, now : sequence of float, shape (n_bins,)
        Counts; half an account is added to each bin.

    Returns
    -------
    float
        0 where the shares are the same.

    Examples
    --------
    >>> psi([100, 100, 100], [10, 10, 10]), round(psi([100, 100], [90, 10]), 2)
    (0.0, 0.85)
    """
    p, q = (np.asarray(counts, dtype=np.float64) + 0.5 * (np.sum(counts) > 0) for counts in (before, now))
    p, q = p / max(p.sum(), 1.0), q / max(q.sum(), 1.0)
    both = (p > 0) & (q > 0)
    return round(float(np.sum((q[both] - p[both]) * np.log(q[both] / p[both]))), 12) + 0.0


def drift(
    reference: WatchReference | None, tally: NDArray[np.int64] | None, label_rate: LabelRate | None = None
) -> Drift:
    """Compare what was scored with what was learned from.

    Parameters
    ----------
    reference : WatchReference or None
        Of the model; None when it holds none (an older model).
    tally : ndarray of int64 or None
        Sum of :meth:`WatchReference.tally` over all batches.
    label_rate : LabelRate, default=None
        Where a later window of outcomes is known.

    Returns
    -------
    Drift
        Table and findings: ``ICP410`` nothing could be compared, ``ICP411`` values moved, ``ICP412`` missing more or
        less often, ``ICP413`` new values, ``ICP414`` beyond anything learned from, ``ICP415`` the score moved,
        ``ICP416`` the share of best customers moved.
    """
    if reference is None or tally is None:
        message = "the model holds nothing to compare with: train it again to have drift watched."
        return Drift((), (Finding("ICP410", "note", message),), 0, 0)
    n = int(tally[0])
    if min(n, reference.n) < MIN_ROWS:
        message = (
            f"too few rows to watch: {n:,} scored and {reference.n:,} learned from, {MIN_ROWS} of each are needed."
        )
        return Drift((), (Finding("ICP410", "note", message, n_rows=n),), n, reference.n)
    n_tests = sum(3 if watch.categorical else 2 for watch in reference.traits) + 2
    test = _Test(FALSE_ALARMS / n_tests, reference.n_accounts / reference.n)
    rows, findings, at = [], [], 1
    for watch in reference.traits:
        row, finding = _trait(watch, tally[at : at + watch.width], n, reference.n, test)
        at += watch.width
        rows.append(row)
        findings += [finding] if finding else []
    row, tiers, finding = _score(reference, tally[at : at + 10], tally[at + 10 :], test)
    rows.append(row)
    findings = _strongest(findings) + ([finding] if finding else [])
    if label_rate is not None:
        row, finding = _label_rate(label_rate, test)
        rows.append(row)
        findings += [finding] if finding else []
    return Drift(tuple(rows), tuple(findings), n, reference.n, tiers)


@dataclass(frozen=True)
class _Test:
    """Limits at a false-alarm rate; ``weight`` is different accounts per row learned from."""

    rate: float
    weight: float

    def shares(self, before: Floats, now: Floats) -> tuple[float, float]:
        """PSI of two sets of counts, and its limit; bins are joined until each expects enough of the new rows."""
        group = _joined(before / max(before.sum(), 1.0), float(now.sum()))
        p, q = (np.bincount(group, weights=counts).astype(np.float64) for counts in (before, now))
        n, m = p.sum() * self.weight, q.sum()
        limit = chi_square_limit(max(len(p) - 1, 1), self.rate) * (1 / n + 1 / m) if min(n, m) > 0 else np.inf
        return psi(p, q), max(MIN_PSI, limit)

    def gap(self, hits: int, n: int, hits_now: int, m: int, least: float = MIN_GAP) -> bool:
        """Whether two shares differ by more than ``least`` and by more than chance."""
        if min(n, m) < MIN_ROWS:
            return False
        difference = hits_now / m - hits / n
        pooled = (hits + hits_now) / (n + m)
        error = np.sqrt(pooled * (1 - pooled) * (1 / (n * self.weight) + 1 / m)) + 1e-12
        beyond_chance = (abs(difference) - 0.5 / m) / error > -normal_score(self.rate / 2)
        return bool(abs(difference) >= least and beyond_chance)


def _joined(shares: Floats, m: float) -> NDArray[np.intp]:
    """Which group each bin joins so that every group expects at least ten of the ``m`` new rows; neighbours join."""
    group, current, expected = np.zeros(len(shares), dtype=np.intp), 0, 0.0
    for i, share in enumerate(shares):
        if expected >= _EXPECTED and m * float(shares[i:].sum()) >= _EXPECTED:
            current, expected = current + 1, 0.0
        group[i] = current
        expected += m * float(share)
    return group


def _trait(
    watch: TraitWatch, tally: NDArray[np.int64], n: int, n_before: int, test: _Test
) -> tuple[dict[str, Any], Finding | None]:
    """One row of the table, and what to say of it."""
    counts, (missing, unnamed, beyond) = tally[:-3], (int(value) for value in tally[-3:])
    known, known_before = n - missing, n_before - watch.n_missing
    row: dict[str, Any] = {
        "name": watch.name, "kind": "trait", "psi": None, "limit": None, "n": known,
        "missing_before": round(watch.n_missing / n_before, 4), "missing_now": round(missing / n, 4),
        "new_levels_before": round(watch.n_unnamed / n_before, 4) if watch.categorical else None,
        "new_levels": round(unnamed / n, 4) if watch.categorical else None,
        "beyond": None if watch.categorical else round(beyond / n, 4), "verdict": "steady",
    }  # fmt: skip
    moved = False
    if min(known, known_before) >= MIN_ROWS:
        value, limit = test.shares(np.array(watch.counts, dtype=np.float64), counts.astype(np.float64))
        row |= {"psi": round(value, 4), "limit": round(limit, 4)}
        moved = value > limit
    if test.gap(watch.n_missing, n_before, missing, n):
        emptied = row["missing_now"] >= EMPTIED and row["missing_before"] <= 1 - EMPTIED / 2
        row["verdict"] = "emptied" if emptied else "missing"
    elif beyond >= max(BEYOND * n, MIN_ROWS / 2) and watch.counts:
        row["verdict"] = "beyond range"
    elif (
        watch.categorical and test.gap(watch.n_unnamed, n_before, unnamed, n) and unnamed / n > row["new_levels_before"]
    ):
        row["verdict"] = "new values"
    elif moved:
        row["verdict"] = "moved"
    elif row["psi"] is None:
        row["verdict"] = "too few"
    return row, _trait_finding(watch, row, n)


def _trait_finding(watch: TraitWatch, row: Mapping[str, Any], n: int) -> Finding | None:
    verdict, name = row["verdict"], watch.name
    if verdict in ("steady", "too few"):
        return None
    severity: Literal["warning", "issue"] = "warning"
    if verdict in ("emptied", "missing"):
        code, n_rows = "ICP412", round(row["missing_now"] * n)
        rarer = row["missing_now"] < row["missing_before"]
        what = "is empty now" if verdict == "emptied" else f"is missing {'less' if rarer else 'more'} often"
        message = (
            f"'{name}' {what}: not known for {percent(row['missing_now'])} of the accounts, "
            f"{percent(row['missing_before'])} in training."
        )
        severity = "issue" if verdict == "emptied" else "warning"
    elif verdict == "beyond range":
        code, n_rows = "ICP414", round(row["beyond"] * n)
        message = (
            f"'{name}' lies beyond anything learned from ({watch.low:,.10g} to {watch.high:,.10g}) for "
            f"{percent(row['beyond'])} of the accounts: has its unit changed?"
        )
        severity = "issue" if row["beyond"] >= BEYOND_MOST else "warning"
    elif verdict == "new values":
        code, n_rows = "ICP413", round(row["new_levels"] * n)
        message = (
            f"'{name}' holds values that training did not name for {percent(row['new_levels'])} of the accounts, "
            f"{percent(row['new_levels_before'])} in training."
        )
    else:
        code, n_rows = "ICP411", row["n"]
        message = (
            f"the values of '{name}' moved: PSI {row['psi']:.2f}, the limit for these numbers is {row['limit']:.2f}."
        )
    evidence = {key: row[key] for key in _COLUMNS[2:] if row[key] is not None}
    return Finding(code, severity, message, "noted", watch.column or None, n_rows, evidence)


def _strongest(findings: list[Finding]) -> list[Finding]:
    """Issues first, then the strongest; of many, the rest in one line."""
    order = sorted(findings, key=lambda found: (found.severity != "issue", -float(found.evidence.get("psi", np.inf))))
    if len(order) <= MAX_FINDINGS:
        return order
    rest = len(order) - MAX_FINDINGS
    message = f"{rest} more traits moved: drift.csv has them all. Were these accounts chosen in another way?"
    return [*order[:MAX_FINDINGS], Finding("ICP411", "warning", message, evidence={"n_traits": rest})]


def _score(
    reference: WatchReference, tenths: NDArray[np.int64], tiers: NDArray[np.int64], test: _Test
) -> tuple[dict[str, Any], dict[str, tuple[float, float]], Finding | None]:
    before = np.array(reference.tenths, dtype=np.float64)
    value, limit = test.shares(before, tenths.astype(np.float64))
    n = int(tenths.sum())
    shares = {
        letter: (round(was / reference.n, 4), round(int(now) / n, 4))
        for letter, was, now in zip(TIERS, reference.tiers, tiers, strict=True)
    }
    row: dict[str, Any] = dict.fromkeys(_COLUMNS) | {
        "name": "score", "kind": "score", "psi": round(value, 4), "limit": round(limit, 4), "n": n, "verdict": "steady",
    }  # fmt: skip
    if value <= limit:
        return row, shares, None
    row["verdict"] = "moved"
    message = (
        f"the score moved: PSI {value:.2f}, the limit for these numbers is {limit:.2f}; tier A holds "
        f"{percent(shares['A'][1])} of the accounts, {percent(shares['A'][0])} in training."
    )
    evidence = {"psi": row["psi"], "limit": row["limit"], "tiers": {name: list(pair) for name, pair in shares.items()}}
    return row, shares, Finding("ICP415", "warning", message, n_rows=n, evidence=evidence)


def _label_rate(rate: LabelRate, test: _Test) -> tuple[dict[str, Any], Finding | None]:
    before, now = rate.best_before / rate.n_before, rate.best_now / max(rate.n_now, 1)
    row: dict[str, Any] = dict.fromkeys(_COLUMNS) | {
        "name": "best customers", "kind": "label rate", "n": rate.n_now, "verdict": "steady",
    }  # fmt: skip
    if rate.n_now < MIN_ROWS:
        return row | {"verdict": "too few"}, None
    least = 0.25 * min(before, 1 - before)
    if not test.gap(rate.best_before, rate.n_before, rate.best_now, rate.n_now, least):
        return row, None
    message = (
        f"{percent(now)} of the accounts became best customers in the window after {rate.as_of}, {percent(before)} of "
        "those learned from: stated propensities belong to the older rate."
    )
    evidence = {"before": round(before, 6), "now": round(now, 6), "n_before": rate.n_before, "n_now": rate.n_now}
    return row | {"verdict": "moved"}, Finding("ICP416", "warning", message, n_rows=rate.n_now, evidence=evidence)
