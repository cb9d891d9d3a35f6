"""A small world to break: a simulated CRM, two registered versions, a ledger, and what came back from sales."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.faults import _forked

ACCOUNTS = ("accounts=csv", "accounts.path=accounts.csv", "accounts.account_id=account_id", "accounts.name_column=name")
TRAIN = (
    *ACCOUNTS, "accounts.ignore=[website,owner]", "labels=flag", "labels.column=best", "labels.positive=yes",
    "name=leads", "backtest.order=rows", "backtest.n_bootstrap=100", "scoring.max_trees=30", "profiles.n_resamples=3",
    "output=out/train",
)  # fmt: skip
SCORE = (*ACCOUNTS, "model=models:/leads@champion", "delivery=generic", "campaign=spring", "output=out/score")
LOAD = (
    "action=load", "activities=csv", "activities.path=activities.csv", "activities.account_id=account",
    "activities.at=date", "activities.kind=kind", "dispositions=csv", "dispositions.path=dispositions.csv",
    "dispositions.account_id=account", "dispositions.at=date", "dispositions.kind=code", "outcomes=csv",
    "outcomes.path=deals.csv", "outcomes.account_id=account", "outcomes.at=date", "outcomes.kind=stage",
    "outcomes.amount=amount",
)  # fmt: skip
HERE = "here"
"""The one folder that runs see, so that a store that knows its place is not a moved one."""

PROMOTE = ("model=models:/leads/2", "reason=wins", "who=us")
REGISTER = ("action=register", "model=out/train")


@dataclass(frozen=True)
class Case:
    """A command, the state it starts from, and its arguments."""

    command: str
    what: str
    start: str
    arguments: tuple[str, ...]


CASES = {
    "train": Case("train", "train, first version", "bare", TRAIN),
    "again": Case("train", "train beside a champion", "trained", (*TRAIN, "seed=1")),
    "score": Case("score", "score, deliver, enter in the ledger", "trained", SCORE),
    "feedback": Case("feedback", "load three tables into the ledger", "scored", LOAD),
    "erase": Case("feedback", "erase an account", "scored", ("action=erase", "account=A-00003")),
    "promote": Case("promote", "promote", "trained", PROMOTE),
    "rollback": Case("promote", "roll back", "promoted", ("action=rollback", "name=leads", "who=us")),
    "register": Case("promote", "register a training from its folder", "learned", REGISTER),
}


def build(work: Path, n_accounts: int = 400) -> None:
    """Make the states that cases start from: ``bare``, ``learned``, ``trained``, ``scored``, ``promoted``."""
    here = work / HERE
    here.mkdir(parents=True)
    _write_crm(here, n_accounts)
    _keep(work, "bare")
    _done(here, "train", (*TRAIN, "tracking=none"))
    _keep(work, "learned")
    start(work, "bare")
    for arguments in (TRAIN, (*TRAIN, "seed=2")):
        _done(here, "train", arguments)
    _keep(work, "trained")
    _done(here, "score", SCORE)
    _keep(work, "scored")
    start(work, "trained")
    _done(here, "promote", PROMOTE)
    _keep(work, "promoted")


def train_once(work: Path, n_accounts: int = 400) -> Path:
    """The folder that everything runs in, with one registered version."""
    here = work / HERE
    here.mkdir(parents=True)
    _write_crm(here, n_accounts)
    _done(here, "train", TRAIN)
    return here


def start(work: Path, state: str) -> Path:
    """The folder that everything runs in, in the state asked for."""
    here = work / HERE
    shutil.rmtree(here, ignore_errors=True)
    shutil.copytree(work / state, here, symlinks=True)
    return here


def _keep(work: Path, state: str) -> None:
    shutil.copytree(work / HERE, work / state, symlinks=True)


def _done(here: Path, command: str, arguments: tuple[str, ...]) -> None:
    ended = _forked.run(here, command, arguments)
    if ended.code not in (0, 3):
        raise RuntimeError(f"{command} ended with {ended.code}: {ended.said[-2000:]}")


def _write_crm(folder: Path, n_accounts: int) -> None:
    import icp
    from icp.options import SimulationOptions

    crm = icp.simulate_crm(SimulationOptions(n_accounts=n_accounts, base_rate=0.35, dirt=0.0), 3)
    truth = crm.truth.set_index("account_id").reindex(crm.accounts["account_id"])
    best = np.where(truth["best"].to_numpy(dtype=bool), "yes", "no")
    crm.accounts.assign(best=best).to_csv(folder / "accounts.csv", index=False)
    rng = np.random.default_rng(0)
    ids = crm.accounts["account_id"].to_numpy()[: n_accounts // 2]
    dates = (np.datetime64("2026-04-01") + rng.integers(0, 60, len(ids)).astype("timedelta64[D]")).astype(str)
    made = {"account": ids, "date": dates}
    codes = rng.choice(["no_interest", "wrong_fit", "bad_data"], len(ids))
    pd.DataFrame({**made, "kind": "call"}).to_csv(folder / "activities.csv", index=False)
    pd.DataFrame({**made, "code": codes}).to_csv(folder / "dispositions.csv", index=False)
    stages, amounts = rng.choice(["Won", "Lost"], len(ids)), rng.integers(10, 999, len(ids))
    pd.DataFrame({**made, "stage": stages, "amount": amounts}).to_csv(folder / "deals.csv", index=False)
