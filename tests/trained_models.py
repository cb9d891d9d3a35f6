"""Three small models on one simulated CRM, trained once for all workers: from accounts only, with dated history, and
with a date of each row's own."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

N_ACCOUNTS = 1200
QUICK = ("backtest.order=rows", "backtest.n_bootstrap=200", "scoring.max_trees=120", "profiles.n_resamples=10")
EVENTS = ("events=csv", "events.path=events.csv", "events.account_id=account_id", "events.at=at", "events.kind=kind")
OUTCOMES = (
    *("outcomes=csv", "outcomes.path=outcomes.csv", "outcomes.account_id=account_id", "outcomes.at=at"),
    *("outcomes.kind=stage", "outcomes.amount=amount_eur"),
)
FLAG = (
    *("accounts=csv", "accounts.path=accounts.csv", "accounts.account_id=account_id", "accounts.name_column=name"),
    *("accounts.engagement=[webinar_visits]", "accounts.ignore=[website,owner]"),
    *("labels=flag", "labels.column=best", "labels.positive=yes", "name=leads"),
)
DATED = (
    *("accounts=csv", "accounts.path=dated.csv", "accounts.account_id=account_id", *EVENTS, *OUTCOMES),
    *("labels=won", "labels.positive=Won", "labels.window=180d", "as_of=2026-03-31", "name=dated"),
)
OBSERVED = (
    *("accounts=csv", "accounts.path=observed.csv", "accounts.account_id=account_id", "accounts.observed_at=seen_on"),
    *(*EVENTS, *OUTCOMES, "labels=won", "labels.positive=Won", "labels.window=180d", "name=observed"),
)


@dataclass(frozen=True)
class Trained:
    """A working directory in which a command has trained a model.

    Parameters
    ----------
    folder : Path
        Holds ``accounts.csv``, ``events.csv``, ``outcomes.csv``, ``out/<name>`` and ``mlruns``.
    name : str
        Registered name.
    overrides : tuple of str
        What the model was trained with.
    reading : tuple of str
        The part of it that scoring needs.
    """

    folder: Path
    name: str
    overrides: tuple[str, ...]
    reading: tuple[str, ...]

    @property
    def bundle(self) -> Path:
        return self.folder / "out" / self.name / "bundle"

    @property
    def accounts(self) -> pd.DataFrame:
        """The table it was trained on, as text."""
        path = next(text for text in self.overrides if text.startswith("accounts.path=")).partition("=")[2]
        return pd.read_csv(self.folder / path, dtype=str, keep_default_na=False)


def without_examples(page: str) -> str:
    """A report as it is registered: the copy in the output folder names typical accounts."""
    return re.sub(r" *<h4>Typical examples</h4>.*?<p class=\"note\">Examples stand.*?</p>\n", "", page, flags=re.S)


@contextmanager
def inside(folder: Path):
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield folder
    finally:
        os.chdir(before)


def shared(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that ``make`` filled, once for all workers of the run."""
    base = factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, done = base / name, base / f"{name}.done"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


def write_crm(folder: Path) -> None:
    """Accounts of a clean simulated CRM with a flag, decimals, letters beyond ASCII, and what they did."""
    import icp
    from icp.options import SimulationOptions

    crm = icp.simulate_crm(SimulationOptions(n_accounts=N_ACCOUNTS, base_rate=0.2, dirt=0.0), 3)
    rng = np.random.default_rng(3)
    accounts, truth = crm.accounts.copy(), crm.truth.set_index("account_id").reindex(crm.accounts["account_id"])
    best = truth["best"].to_numpy(dtype=bool)
    accounts["city"] = accounts["city"].str.replace("haven", "höfen").str.replace("ville", "brücke")
    accounts["Umsatz je Kopf (€)"] = [f"{value:.2f}" for value in rng.lognormal(5.0 + 0.2 * best, 0.5)]
    accounts["webinar_visits"] = rng.poisson(0.7 + 1.2 * best).astype(str)
    accounts.drop(columns=["webinar_visits"]).to_csv(folder / "dated.csv", index=False, lineterminator="\n")
    accounts.assign(best=np.where(best, "yes", "no")).to_csv(folder / "accounts.csv", index=False, lineterminator="\n")
    days = rng.integers(0, 270, len(accounts))
    seen = (np.datetime64("2025-07-01") + days.astype("timedelta64[D]")).astype(str)
    accounts.drop(columns=["webinar_visits"]).assign(seen_on=seen).to_csv(
        folder / "observed.csv", index=False, lineterminator="\n"
    )
    crm.events.to_csv(folder / "events.csv", index=False, lineterminator="\n")
    crm.outcomes.to_csv(folder / "outcomes.csv", index=False, lineterminator="\n")


def train(folder: Path, name: str, overrides: tuple[str, ...]) -> None:
    import icp

    with inside(folder):
        icp.train.run(icp.load_config("train", [*overrides, *QUICK, f"output=out/{name}"]))


def _reading(overrides: tuple[str, ...]) -> tuple[str, ...]:
    keys = ("accounts.path=", "accounts.engagement", "accounts.ignore", "labels", "as_of", "name=")
    return tuple(text for text in overrides if not text.startswith(keys))


def _trained(factory: pytest.TempPathFactory, name: str, overrides: tuple[str, ...], *more: str) -> Trained:
    def make(folder: Path) -> None:
        write_crm(folder)
        train(folder, name, (*overrides, *more))

    return Trained(shared(factory, f"model-{name}", make), name, overrides, _reading(overrides))


@pytest.fixture(scope="session")
def leads(tmp_path_factory) -> Trained:
    """A model from accounts only, with an engagement column, registered in the local store."""
    return _trained(tmp_path_factory, "leads", FLAG)


@pytest.fixture(scope="session")
def dated(tmp_path_factory) -> Trained:
    """A model with traits from events and outcomes up to one date."""
    return _trained(tmp_path_factory, "dated", DATED, "tracking=none")


@pytest.fixture(scope="session")
def observed(tmp_path_factory) -> Trained:
    """A model whose rows carry their own date."""
    return _trained(tmp_path_factory, "observed", OBSERVED, "tracking=none")
