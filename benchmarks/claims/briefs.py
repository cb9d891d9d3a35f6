"""How often briefs and cards name a trait without effect, on whole simulated CRMs.

Each CRM is simulated with its dirt, and the cells of a third of its columns, drawn anew each time, are dealt out among
the accounts at random: what such a column says has to do with nothing. It is written as a file, read, labelled,
grouped, counted and briefed as training does it (drivers, which carry no such claim, are left out). A claim is a line
under "more common" or "seldom"; it is false where it names a column that was dealt out, or the country, the city or the
day of entry, which have no effect in any simulated CRM. In the last rows no column has an effect, and any claim is
false.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

import icp
from benchmarks.claims._protocol import ClaimRow, mean_row, share_row
from icp.config import resolve
from icp.model import know
from icp.model._base import choose_base
from icp.model._briefs import Told, tell
from icp.model._known import Known
from icp.model._learning import find_profiles
from icp.options import SimulationOptions
from icp.profiles import ProfileSet

SIZES = (1500, 4000)
BASE_RATE = 0.15
FDR = 0.05
WITHOUT_EFFECT = ("country", "city", "created_on")
READ = (
    "accounts=csv",
    "accounts.account_id=account_id",
    "accounts.name_column=name",
    "labels=flag",
    "labels.column=best",
    "labels.positive=yes",
    "tracking=none",
)
Claims = Mapping[str, list[bool]]
"""Whether each claim is false, by where it stands: ``best``, ``brief`` (of a profile) or ``card``."""


def run(n_runs: int, seed: int, sizes: tuple[int, ...] = SIZES) -> list[ClaimRow]:
    """Share of false claims; a CRM costs five seconds, so there are 1 in 20 as many of each size."""
    n_crms = max(4, n_runs // 20)
    rows = []
    with tempfile.TemporaryDirectory() as place:
        for n in sizes:
            drawn = [claims(Path(place), n, 10_000 * seed + i) for i in range(n_crms)]
            rows += list(_shares(drawn, f"CRMs of {n:,} accounts, a third of the columns dealt out"))
        for n in sizes:
            empty = [claims(Path(place), n, 10_000 * seed + i, signal=0.0) for i in range(n_crms)]
            setting = f"CRMs of {n:,} accounts, no column with an effect"
            any_claim = [any(map(len, found.values())) for found in empty]
            rows.append(share_row("any claim on a brief or card", "none", setting, any_claim, most=FDR))
    return rows


def claims(folder: Path, n_accounts: int, seed: int, signal: float = 1.0) -> Claims:
    """The claims made of one CRM, each false or not."""
    rng = np.random.default_rng([seed, n_accounts])
    crm = icp.simulate_crm(SimulationOptions(n_accounts=n_accounts, base_rate=BASE_RATE, signal=signal), seed)
    own = [name for name in crm.accounts.columns if name not in ("account_id", "name", "website", *WITHOUT_EFFECT)]
    dealt = rng.permutation(own)[: len(own) // 3].tolist()
    cells = {name: rng.permutation(crm.accounts[name].to_numpy()) for name in dealt}
    table = crm.accounts.assign(**cells, best=np.where(crm.truth["best"], "yes", "no"))
    nothing = {*own, *WITHOUT_EFFECT} if signal == 0.0 else {*dealt, *WITHOUT_EFFECT}
    return _judged(*_told(folder / "accounts.csv", table, seed), nothing)


def _told(file: Path, table: pd.DataFrame, seed: int) -> tuple[Known, ProfileSet, Told]:
    """What training says of the profiles of one table."""
    table.to_csv(file, index=False)
    cfg = resolve(icp.load_config("train", [*READ, f"accounts.path={file}"]))
    inputs = icp.read_inputs(cfg)
    known, _ = know(inputs.accounts, inputs.labels, inputs.events, inputs.outcomes, cfg.traits)
    base = choose_base(known, inputs.accounts, inputs.labels, inputs.events, inputs.outcomes, cfg.profiles.base, None)
    profiles = find_profiles(known, cfg.profiles, seed, base)
    silent = np.zeros(known.traits.values.shape)
    told = tell(known, profiles, base, None, silent, inputs.labels.definition, None, cfg.profiles)
    return known, profiles, told


def _judged(known: Known, profiles: ProfileSet, told: Told, nothing: set[str]) -> Claims:
    false = {trait.name: nothing.issuperset(trait.sources) for trait in known.traits.traits}
    briefs = told.briefs.frame()
    of_best = briefs["profile_id"] == ""
    return {
        "best": [false[name] for name in briefs.loc[of_best, "trait"]],
        "brief": [false[name] for name in briefs.loc[~of_best, "trait"]],
        "card": [false[trait.trait] for profile in profiles.profiles for trait in profile.traits],
    }


def _shares(drawn: list[Claims], setting: str) -> Iterator[ClaimRow]:
    """The mean share of false claims over the CRMs in which there are claims at all."""
    places = {"best": "the brief for all best customers", "brief": "the briefs of profiles", "card": "the cards"}
    for key, place in places.items():
        shares = [float(np.mean(found[key])) for found in drawn if found[key]]
        n_claims = sum(len(found[key]) for found in drawn)
        if len(shares) > 1:
            truth = f"{FDR:g} allowed; {n_claims:,} claims"
            yield mean_row(f"share of false claims on {place}", truth, setting, shares, percent=True, most=FDR)
