"""What the leakage audit finds, and what it wrongly suspects, on simulated CRMs whose leaks are known.

Every CRM holds all kinds of leak, is written as CSV files, and is read back the way a command does: once with dated
outcomes and an as-of date, once with the result as a yes/no column and no date. Found is what the audit names by
evidence of its own. A leak is worth what a boosted model gains in AUC by keeping it (three CRMs, undated); the target
holds where that is 0.05 or more. Weakened: four winners in ten look like everyone else. False alarms are columns left
out and further warnings. Runs are audits, or leaks in them, each taken by itself.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

import icp
from benchmarks.claims._protocol import ClaimRow, share_row
from icp.model import audit
from icp.options import SimulationOptions, TraitOptions
from icp.simulation import SimulatedCRM, leak_kinds
from icp.simulation._leaks import LEAKS
from icp.tables import AccountTable, Finding, TraitTable

SIZES = (1500, 2000, 3000, 5000)
SCENARIOS = ("dated", "flag")
N_WORTH = 3
LEAST_WORTH = 0.05
WEAKENED = 0.4
"""Share of the winners whose leaking cell is replaced by that of another account in the weakened runs."""


def run(n_runs: int, seed: int) -> list[ClaimRow]:
    """Leaks found and false alarms; a CRM is audited eight times, so there are 1 in 50 as many."""
    n_crms = max(3, n_runs // 50)
    found = leaks_found(n_crms, 1000 * seed)
    sizes = f"CRMs of {min(SIZES):,} to {max(SIZES):,} accounts"
    rows = []
    for strength, part in found.groupby("strength", sort=False):
        setting = sizes if strength == "full" else f"{sizes}, leaks weakened"
        rows.append(share_row("any leak: found", f"{len(leak_kinds())} kinds", setting, part["found"], least=0.9))
        for kind, hits in part.groupby("kind", sort=False):
            leak, gain = LEAKS[str(kind)], hits["worth"].mean()
            target = {} if gain < LEAST_WORTH else {"least": 0.9}
            truth = f"visible in {leak.visible}" + ("" if np.isnan(gain) else f", worth {gain:.3f} in AUC")
            rows.append(share_row(f"{kind}: found", truth, setting, hits["found"], **target))
    for name, part in false_alarms(n_crms, 1000 * seed).groupby("data", sort=False):
        alarms = part["quarantined"] + part["warnings"]
        rows.append(share_row("more than one false alarm", "no leak", f"{sizes}, {name}", alarms > 1, most=0.0))
        rows.append(share_row("any false alarm", "no leak", f"{sizes}, {name}", alarms > 0))
    return rows


@dataclass(frozen=True)
class Audited:
    """What the audit said about one simulated CRM.

    Parameters
    ----------
    accounts : AccountTable
        As read, labelled rows only.
    traits : TraitTable
        Of every column, leaks included.
    best : ndarray of bool, shape (n_labelled,)
        Best customers.
    quarantined : frozenset of str
        Columns left out.
    findings : tuple of Finding
        Of the audit alone.
    """

    accounts: AccountTable
    traits: TraitTable
    best: np.ndarray
    quarantined: frozenset[str]
    findings: tuple[Finding, ...]

    def names(self, kind: str) -> bool:
        """Whether a kind of leak was found by evidence of its own: its column quarantined, or rows or events named."""
        column = LEAKS[kind].column
        if kind == "row_order":
            return any(found.code == "ICP307" and found.column is None for found in self.findings)
        if kind == "late_events":
            return any(found.code == "ICP311" and found.severity == "warning" for found in self.findings)
        rules = [
            found.evidence["rules"] for found in self.findings if found.code == "ICP301" and found.column == column
        ]
        return column in self.quarantined and rules != [["ICP309"]]


def simulated(kinds: Sequence[str], seed: int, *, signal: float = 1.0) -> SimulatedCRM:
    """An ordinary dirty CRM with these leaks; size, number of profiles and base rate go with the seed."""
    options = SimulationOptions(
        n_accounts=SIZES[seed % len(SIZES)],
        n_profiles=2 + seed % 3,
        base_rate=(0.08, 0.12, 0.2)[seed % 3],
        signal=signal,
        leaks=list(kinds),
    )
    return icp.simulate_crm(options, seed)


def weakened(accounts: pd.DataFrame, best: np.ndarray, columns: Iterable[str], seed: int) -> pd.DataFrame:
    """The accounts with some winners' cells taken from accounts that did not win."""
    weak = accounts.copy()
    for i, column in enumerate(columns):
        rng = np.random.default_rng([seed, i])
        rows = np.flatnonzero(best & (rng.random(len(best)) < WEAKENED))
        cells = weak[column].to_numpy(dtype=object, copy=True)
        cells[rows] = rng.choice(cells[~best], len(rows))
        weak[column] = cells
    return weak


def audited(crm: SimulatedCRM, scenario: str, *, weak: bool = False, shuffle: bool = False) -> Audited:
    """Write the CRM, read it back, and ask the audit."""
    best = (crm.truth["best"] & crm.truth["worked"]).to_numpy()
    accounts = crm.accounts
    if weak:
        columns = [LEAKS[kind].column for kind in crm.options.leaks if kind not in ("row_order", "late_events")]
        accounts = weakened(accounts, best, columns, crm.seed)
    if scenario == "flag":
        wins = np.random.default_rng(crm.seed).permutation(best) if shuffle else best
        accounts = accounts.assign(became_best=np.where(wins, "1", "0"))[crm.truth["eligible"].to_numpy()]
    with tempfile.TemporaryDirectory() as folder:
        accounts.to_csv(f"{folder}/accounts.csv", index=False)
        crm.events.to_csv(f"{folder}/events.csv", index=False)
        crm.outcomes.to_csv(f"{folder}/outcomes.csv", index=False)
        inputs = icp.read_inputs(icp.load_config("validate", _overrides(scenario, folder, crm.options.as_of)))
    seen = audit(inputs.accounts, inputs.labels, inputs.events, inputs.outcomes, TraitOptions())
    label = inputs.labels.label.dropna()
    known = inputs.accounts.frame[inputs.labels.label.notna().to_numpy()]
    table = AccountTable(known, inputs.accounts.columns, "", None)
    return Audited(table, seen.traits, label.to_numpy() == 1, seen.quarantined, tuple(seen.findings))


def _overrides(scenario: str, folder: str, as_of: str) -> list[str]:
    overrides = ["accounts=csv", f"accounts.path={folder}/accounts.csv", "accounts.account_id=account_id"]
    overrides += ["accounts.name_column=name"]
    if scenario == "flag":
        return [*overrides, "labels=flag", "labels.column=became_best", "labels.positive=1"]
    for name, kind in (("events", "kind"), ("outcomes", "stage")):
        overrides += [f"{name}=csv", f"{name}.path={folder}/{name}.csv", f"{name}.account_id=account_id"]
        overrides += [f"{name}.at=at", f"{name}.kind={kind}"]
    return [*overrides, "labels=won", "labels.positive=Won", f"as_of={as_of}"]


def worth(run: Audited, kinds: Iterable[str]) -> dict[str, float]:
    """AUC that a gradient boosting model gains when it keeps one leak, for each."""
    leaks = {leak.column for leak in LEAKS.values()}
    honest = [not leaks & set(trait.sources) for trait in run.traits.traits]
    plain = run.traits.values[:, honest]
    without = _auc(plain, run.best)
    return {kind: _auc(np.hstack([plain, _leaking(run, kind)]), run.best) - without for kind in kinds}


def _leaking(run: Audited, kind: str) -> np.ndarray:
    """The leak as numbers, one or more columns."""
    own = [LEAKS[kind].column in trait.sources for trait in run.traits.traits]
    if any(own):
        return run.traits.values[:, own]
    if kind == "row_order":
        return np.arange(len(run.best), dtype=np.float64)[:, None]
    cells = run.accounts.frame[LEAKS[kind].column]
    digits = pd.to_numeric(cells, errors="coerce")
    values = digits.to_numpy(float) if digits.notna().any() else pd.factorize(cells)[0].astype(float)
    return values[:, None]


def _auc(X: np.ndarray, best: np.ndarray) -> float:
    model = HistGradientBoostingClassifier(max_iter=50, max_leaf_nodes=8, random_state=0)
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    return float(roc_auc_score(best, cross_val_predict(model, X, best, cv=folds, method="predict_proba")[:, 1]))


def leaks_found(runs: int, first: int) -> pd.DataFrame:
    """How often each kind of leak is found, by scenario and strength, and what it is worth in AUC."""
    kinds = leak_kinds()
    rows = []
    for seed in range(first, first + runs):
        crm = simulated(kinds, seed)
        for scenario in SCENARIOS:
            for strength in ("full", "weak"):
                found = audited(crm, scenario, weak=strength == "weak")
                there = [kind for kind in kinds if (kind, scenario) != ("late_events", "flag")]
                gains = worth(found, there) if scenario == "flag" and seed < first + N_WORTH else {}
                rows += [(kind, scenario, strength, found.names(kind), gains.get(kind, np.nan)) for kind in there]
    return pd.DataFrame(rows, columns=["kind", "scenario", "strength", "found", "worth"])


def false_alarms(runs: int, first: int) -> pd.DataFrame:
    """Columns wrongly quarantined, and warnings, on data sets without a leak."""
    rows = []
    for seed in range(first, first + runs):
        clean, noise = simulated((), seed), simulated((), seed, signal=0.0)
        tried = [("clean, dated", clean, "dated", False), ("clean, flag", clean, "flag", False)]
        tried += [("noise, flag", noise, "flag", False), ("shuffled, flag", clean, "flag", True)]
        for name, crm, scenario, shuffle in tried:
            found = audited(crm, scenario, shuffle=shuffle)
            warned = sum(one.severity != "note" and one.code != "ICP301" for one in found.findings)
            rows.append((name, len(found.quarantined), warned))
    return pd.DataFrame(rows, columns=["data", "quarantined", "warnings"])
