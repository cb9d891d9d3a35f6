"""How many customers keep their profile id when training is repeated on other draws of real data: one table.

Usage: python -m benchmarks.profile_identity [DATA_FOLDER] [--runs 10] [--only NAME ...]

Each set of ``public_sets.py`` and the wholesale customers are read as a user would read them (default folder
``../shared/data``) and profiled. Then the accounts are drawn anew, profiled again and followed as training follows
them: a bootstrap (as many with replacement, so that a third is left out), and nine in ten without replacement.
Printed are the profiles, the share of the best customers that keep their id (mean, lowest), the same over all
accounts that have a profile before or after, in how many draws no stable profiles were found, what became of the
profiles in all draws together, and in how many draws instability was said.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.public_sets import SETS
from icp import load_config, read_inputs
from icp.config import resolve
from icp.model import know
from icp.model._identity import STEADY
from icp.model._known import Known
from icp.model._learning import find_profiles
from icp.options import ProfileOptions
from icp.profiles import Former, IndexProfile, ProfileSet, index_profile, nearest, trace
from icp.tables import TraitTable

SETS = SETS | {
    "built_in_sample": [],
    "wholesale_channel": [
        "accounts=csv",
        "accounts.path=uci_wholesale_customers/Wholesale_customers_data.csv",
        "labels=flag",
        "labels.column=Channel",
        "labels.positive=2",
    ],
}
WANTED = (
    "built_in_sample",
    "customer_personality",
    "wholesale_channel",
    "online_retail_revenue",
    "x_education_honest",
    "bank_random",
)
COLUMNS = (
    "set, best, profiles, drawn, runs, best customers that keep their id (lowest), accounts that do, no profiles, "
    "kept / split / merged / born / retired, instability said"
)


def main() -> None:
    """Run the sets named, or all, and print the table as it grows."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile_identity", description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=Path("../shared/data"))
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--only", nargs="+", choices=sorted(SETS), default=WANTED)
    chosen = parser.parse_args()
    heads = COLUMNS.split(", ")
    print("| " + " | ".join(heads) + " |")
    print("| --- " * len(heads) + "|")
    for name in chosen.only:
        for line in rows(name, chosen.folder.resolve(), chosen.runs):
            print(line, flush=True)


def rows(name: str, folder: Path, n_runs: int) -> Iterator[str]:
    """The lines of one set."""
    overrides = [text.replace(".path=", f".path={folder}/") for text in SETS[name]]
    cfg = resolve(load_config("train", [*overrides, "tracking=none"]))
    inputs = read_inputs(cfg)
    known, _ = know(inputs.accounts, inputs.labels, inputs.events, inputs.outcomes, cfg.traits)
    first, n = profiled(known, np.arange(len(known.y))), len(known.y)
    start = f"| {name} | {int((known.y == 1).sum()):,} | {len(first[0].profiles)} |"
    if not first[0].profiles:
        yield f"{start} | | | | | | |"
        return
    for how in ("bootstrap", "nine in ten"):
        draws = []
        for run in range(n_runs):
            rng = np.random.default_rng([run, n])
            drawn = rng.integers(0, n, n) if how == "bootstrap" else np.sort(rng.permutation(n)[: 9 * n // 10])
            draws.append(one(known, first, drawn))
        yield f"{start} {how} | {told(draws)}"


def one(known: Known, first: tuple[ProfileSet, IndexProfile], drawn: np.ndarray) -> dict[str, Any]:
    """What one draw gave."""
    again, table, y = profiled(known, drawn, first[0]), known.profiled(), known.y
    today = table.rows(np.isin(np.arange(len(y)), drawn) & (y == 1))
    ids, events, share = followed(first, again, today)
    return {
        "best": share_kept(first[0], again[0], ids, table.values[y == 1], bounded=False),
        "all": share_kept(first[0], again[0], ids, table.values, bounded=True),
        "none": not again[0].profiles,
        "events": events,
        "said": share < STEADY,
    }


def told(draws: list[dict[str, Any]]) -> str:
    """All draws as cells."""
    best, everyone = ([100 * draw[key] for draw in draws] for key in ("best", "all"))
    events = Counter(event for draw in draws for event in draw["events"])
    cells = [
        str(len(draws)),
        f"{np.mean(best):.1f} % ({min(best):.1f} %)",
        f"{np.mean(everyone):.1f} %",
        str(sum(draw["none"] for draw in draws)),
        " / ".join(str(events[event]) for event in ("kept", "split", "merged", "born", "retired")),
        str(sum(draw["said"] for draw in draws)),
    ]
    return " | ".join(cells) + " |"


def profiled(known: Known, drawn: np.ndarray, before: ProfileSet | None = None) -> tuple[ProfileSet, IndexProfile]:
    """Profiles and counts of some labelled rows."""
    ids = pd.Index([f"R-{i}" for i in range(len(drawn))])  # drawn twice, an account is two rows that no id ties
    traits = TraitTable(known.traits.values[drawn], known.traits.traits, ids)
    part = replace(known, traits=traits, y=known.y[drawn], amount=known.amount[drawn])
    profiles = find_profiles(part, ProfileOptions(), 0, before=before)
    table = part.profiled()
    return profiles, index_profile(table.rows(part.y == 1), table, profiles=profiles)


def followed(
    first: tuple[ProfileSet, IndexProfile], again: tuple[ProfileSet, IndexProfile], best: TraitTable
) -> tuple[dict[int, int], list[str], float]:
    """Former profile by profile of now, the events, and the share of the customers drawn that keep theirs."""
    former, now = Former.of(*first, best.values), again[0]
    if not now.profiles:
        return {}, ["retired"] * len(first[0].profiles), 0.0
    labels = nearest(now.space.project(best.values), now.centres)[0]
    links = trace(former, labels, len(now.profiles))
    ids = {link.now: link.former for link in links if link.carries_id}
    same = former.labels == np.array([ids.get(int(label), -2) for label in labels])
    return ids, [link.event for link in links], float(same.mean())


def share_kept(
    first: ProfileSet, again: ProfileSet, ids: dict[int, int], values: np.ndarray, *, bounded: bool
) -> float:
    """Share of accounts with the same id: nearest centre, or as lists assign it (then only those that have one)."""
    if bounded:
        old, new = first.assign(values)[0], again.assign(values)[0]
        new = np.array([ids.get(int(j), -2) if j >= 0 else -1 for j in new])
        some = (old >= 0) | (new != -1)
        return float((old[some] == new[some]).mean())
    if not again.profiles:
        return 0.0
    old, new = (nearest(one.space.project(values), one.centres)[0] for one in (first, again))
    return float((old == np.array([ids.get(int(j), -2) for j in new])).mean())


if __name__ == "__main__":
    main()
