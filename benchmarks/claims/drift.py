"""How often drift is told when nothing drifted, and how often a planted shift is found.

One simulated CRM is drawn, put into random order and cut into disjoint parts: a model learns from the first 3,000
accounts, and every other part is scored by the command as a user would, with its own events. All parts come from one
population, so each run with a finding ICP411 to ICP416 is a false alarm. Then shifts are planted.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import icp
from benchmarks.claims._protocol import ClaimRow, share_row
from icp.options import SimulationOptions

N_TRAIN = 3000
N_PLANTED = 10
DRAWN = {"base_rate": 0.2, "dirt": 0.0}
CODES = tuple(f"ICP41{digit}" for digit in range(1, 7))
READ = ["accounts=csv", "accounts.account_id=account_id", "accounts.name_column=name"]
READ += ["events=csv", "events.account_id=account_id", "events.at=at", "events.kind=kind", "as_of=2026-03-31"]
QUICK = ["backtest.order=rows", "backtest.n_bootstrap=100", "scoring.max_trees=100", "profiles.n_resamples=5"]


def write(folder: Path, accounts: pd.DataFrame, events: pd.DataFrame) -> list[str]:
    """Two files, and the overrides that read them."""
    folder.mkdir(exist_ok=True)
    accounts.to_csv(folder / "accounts.csv", index=False)
    events[events["account_id"].isin(accounts["account_id"])].to_csv(folder / "events.csv", index=False)
    return [*READ, f"accounts.path={folder / 'accounts.csv'}", f"events.path={folder / 'events.csv'}"]


def score(folder: Path, bundle: Path, accounts: pd.DataFrame, events: pd.DataFrame) -> list[Any]:
    """Findings about drift of one scoring run."""
    overrides = [*write(folder, accounts, events), f"model={bundle}", f"output={folder / 'out'}"]
    result = icp.score.run(icp.load_config("score", overrides))
    return [finding for finding in result.findings if finding.code in CODES]


def unit(part: pd.DataFrame) -> pd.DataFrame:
    """Employees in thousands of what they were."""
    numbers = pd.to_numeric(part["employees"].str.replace(",", ""), errors="coerce")
    return part.assign(employees=np.where(numbers.isna(), part["employees"], (numbers * 1000).astype(str)))


def emptied(part: pd.DataFrame) -> pd.DataFrame:
    """No industry at all."""
    return part.assign(industry="")


def new_level(part: pd.DataFrame) -> pd.DataFrame:
    """Every fifth account in a country never seen."""
    new = np.arange(len(part)) % 5 == 0
    return part.assign(country=np.where(new, "Neverland", part["country"]))


PLANTS: tuple[tuple[Callable[[pd.DataFrame], pd.DataFrame], str, str, str], ...] = (
    (unit, "ICP414", "employees", "employees times 1,000"),
    (emptied, "ICP412", "industry", "industry empty"),
    (new_level, "ICP413", "country", "a new country in every fifth row"),
)


def run(n_runs: int, seed: int, n_rows: int = 500) -> list[ClaimRow]:
    """False alarms and shifts found; scoring costs a second, so there are 1 in 5 as many runs, and 10 a shift."""
    n_parts = max(N_PLANTED, n_runs // 5)
    crm = icp.simulate_crm(SimulationOptions(n_accounts=N_TRAIN + n_parts * n_rows, **DRAWN), seed)
    order = np.random.default_rng(seed).permutation(len(crm.accounts))
    everyone, best = crm.accounts.iloc[order], crm.truth["best"].to_numpy(dtype=bool)[order]
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        bundle = learned(root, everyone.iloc[:N_TRAIN].assign(best=np.where(best[:N_TRAIN], "yes", "no")), crm.events)
        parts = [everyone.iloc[N_TRAIN + i * n_rows :][:n_rows] for i in range(n_parts)]
        alarms = [bool(score(root / "part", bundle, part, crm.events)) for part in parts]
        setting = f"{n_rows} fresh accounts a run, learned from {N_TRAIN:,}"
        rows = [share_row("a run warns of drift", "no drift", setting, alarms, most=0.05)]
        for plant, code, column, text in PLANTS:
            found = [score(root / "part", bundle, plant(part), crm.events) for part in parts[:N_PLANTED]]
            hits = [any(f.code == code and f.column == column for f in one) for one in found]
            rows.append(share_row(f"{code} names the column", text, setting, hits, least=0.9))
        return [*rows, *(_simulated(root, bundle, seed, n_rows, strength) for strength in (1.0, 0.0))]


def learned(root: Path, accounts: pd.DataFrame, events: pd.DataFrame) -> Path:
    """The bundle of a model trained on these accounts."""
    labels = ["labels=flag", "labels.column=best", "labels.positive=yes", "tracking=none", f"output={root / 'train'}"]
    icp.train.run(icp.load_config("train", [*write(root / "train-in", accounts, events), *labels, *QUICK]))
    return root / "train" / "bundle"


def _simulated(root: Path, bundle: Path, seed: int, n_rows: int, strength: float) -> ClaimRow:
    """The newest quarter of other CRMs, whose accounts changed over time by this much."""
    hits = []
    for i in range(N_PLANTED):
        moved = icp.simulate_crm(SimulationOptions(n_accounts=4 * n_rows, drift=strength, **DRAWN), 1000 * seed + 1 + i)
        newest = moved.accounts.sort_values("created_on", kind="stable").iloc[-n_rows:]
        found = score(root / "part", bundle, newest, moved.events)
        hits.append(any(finding.column not in (None, "created_on") for finding in found))
    setting = f"newest {n_rows} of {4 * n_rows:,} accounts of another CRM of the same kind"
    truth = f"simulated drift of {strength:g}"
    return share_row("a run names a column other than the accounts' own age", truth, setting, hits)
