"""How often drift is told when nothing drifted, and how often a planted shift is found.

Usage: python benchmarks/claims/drift.py [--runs 200] [--rows 500] [--seed 0]

One simulated CRM is drawn, put into random order and cut into disjoint parts: a model learns from the first 3,000
accounts, and every other part of ROWS accounts is scored by the command as a user would, with its own events. All parts
come from one population, so each run with a finding ICP411 to ICP416 is a false alarm. Then shifts are planted into ten
parts each.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import icp
from icp._statistics import wilson
from icp.options import SimulationOptions

N_TRAIN = 3000
N_PLANTED = 10
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("runs", 200), ("rows", 500), ("seed", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    args = parser.parse_args()
    options = {"base_rate": 0.2, "dirt": 0.0}
    crm = icp.simulate_crm(SimulationOptions(n_accounts=N_TRAIN + args.runs * args.rows, **options), args.seed)
    order = np.random.default_rng(args.seed).permutation(len(crm.accounts))
    everyone, best = crm.accounts.iloc[order], crm.truth["best"].to_numpy(dtype=bool)[order]
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        root = Path(place)
        train = everyone.iloc[:N_TRAIN].assign(best=np.where(best[:N_TRAIN], "yes", "no"))
        labels = ["labels=flag", "labels.column=best", "labels.positive=yes", "tracking=none", "output=train"]
        icp.train.run(icp.load_config("train", [*write(root / "train-in", train, crm.events), *labels, *QUICK]))
        bundle = root / "train" / "bundle"
        parts = [everyone.iloc[N_TRAIN + i * args.rows :][: args.rows] for i in range(args.runs)]
        alarms = [score(root / "part", bundle, part, crm.events) for part in parts]
        n_alarms = sum(map(bool, alarms))
        low, high = wilson(n_alarms, args.runs)
        print(f"no drift, {args.rows} rows: {n_alarms} of {args.runs} runs with an alarm "
              f"({n_alarms / args.runs:.1%}, 95 % {float(low):.1%} to {float(high):.1%})")  # fmt: skip
        print("  " + ", ".join(sorted({f"{f.code} {f.column}" for found in alarms for f in found})))
        for plant, code, column in (
            (unit, "ICP414", "employees"), (emptied, "ICP412", "industry"), (new_level, "ICP413", "country"),
        ):  # fmt: skip
            found = [score(root / "part", bundle, plant(part), crm.events) for part in parts[:N_PLANTED]]
            hits = sum(any(f.code == code and f.column == column for f in run) for run in found)
            print(f"{plant.__name__}: {hits} of {len(found)} runs name {code} for '{column}'")
        for strength in (1.0, 0.0):
            hits = 0
            for i in range(N_PLANTED):
                drawn = SimulationOptions(n_accounts=4 * args.rows, drift=strength, **options)
                moved = icp.simulate_crm(drawn, args.seed + 1 + i)
                newest = moved.accounts.sort_values("created_on", kind="stable").iloc[-args.rows :]
                found = score(root / "part", bundle, newest, moved.events)
                hits += any(finding.column not in (None, "created_on") for finding in found)
            print(
                f"simulated drift of {strength:g}, newest quarter: {hits} of {N_PLANTED} runs name a column but its age"
            )


if __name__ == "__main__":
    main()
