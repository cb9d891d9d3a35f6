"""What the scorecard takes of a large ledger, in full scans of it.

Makes a ledger of lists of 50,000 accounts (a tenth held out, queues of 40 reps) with three returned rows for every ten
delivered of each kind; reads every row of it with the ledger's own reader (a scan), follows each delivery, makes each
table, and runs ``icp.scorecard`` to its page. All times are processor seconds of one thread, so that a busy machine
moves them little; what counts is their ratio to the scan.

Usage: python -m benchmarks.ledger_size [--sizes 50000 200000 1000000] [--url URL] [--output docs/benchmarks/loop.md]
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

import icp
from icp import _meeting
from icp.config import resolve
from icp.outcomes import FollowRules, Ledger, follow

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks" / "loop.md"
LIST = 50_000
MOST = 10.0
"""Scans that a table, or the whole scorecard, may take."""

HEAD = """\
# What a large ledger takes

<!-- made by python -m benchmarks.ledger_size; do not edit -->

Ledgers of so many deliveries, with three activities, dispositions and outcomes for every ten of them (a million
deliveries: 300,000 of each). The time of every table is compared with one full scan: reading each row of the ledger
with the ledger's own reader. Processor seconds of one thread; the last columns are for the largest ledger. A table
works on rows that were followed once; the whole is the command, from reading to the written page. A small version runs
in the tests.
"""
FIRST = datetime(2025, 1, 6, tzinfo=UTC)
RULES = FollowRules(window_days=60)


def fill(url: str, n: int, seed: int = 0, size: int = LIST) -> None:
    """A ledger of ``n`` deliveries and 3 returned rows of each kind for every 10 of them."""
    rng = np.random.default_rng(seed)
    with closing(Ledger(url)) as ledger:
        for number in range(max(1, n // size)):
            at = FIRST + timedelta(days=28 * number)
            rows = delivered(rng, min(n, size), number)
            given = {"target": "generic", "model_version": f"leads-{number}", "as_of": str(at.date())}
            ledger.append(
                [rows], campaign="spring", run_id=f"r{number}", delivered_at=at, holdout={"share": 0.1}, **given
            )
            worked = rng.choice(len(rows), round(0.3 * len(rows)), replace=False)
            for name, table in came_back(rng, rows, worked, at, number).items():
                ledger.load(name, table)


def delivered(rng: np.random.Generator, n: int, number: int) -> pa.Table:
    """One list: half of its accounts were on the one before."""
    p = 1 / (1 + np.exp(-rng.normal(-1.5, 1.0, n)))
    held = rng.random(n) < 0.1
    tier = np.select([p >= 0.445, p >= 0.274, p >= 0.148], ["A", "B", "C"], "D")
    return pa.table({
        "account_id": [f"A-{number * n // 2 + i:08d}" for i in range(n)], "status": ["scored"] * n, "tier": tier,
        "profile_id": rng.choice(["P1", "P2", "P3", "P4"], n), "propensity": p, "percentile": 100 * p,
        "reason_1": rng.choice(["Runs a hosted shop.", "Fits well.", "Grew last year."], n),
        "watch_out": rng.choice(["Is small.", "Has a supplier."], n), "talking_point": rng.choice(["Ask.", "Say."], n),
        "arm": np.where(held, "held_out", "treated"), "band": (10 * p).astype(int),
        "left_out": pa.array(np.where(held, "held_out", None), pa.string()),
        "rep": pa.array([None if out else f"rep {i % 40}" for i, out in enumerate(held)], pa.string()),
        "message_id": rng.choice(["m1", "m2", "m3"], n),
    })  # fmt: skip


def came_back(
    rng: np.random.Generator, rows: pa.Table, worked: np.ndarray, at: datetime, number: int
) -> dict[str, pd.DataFrame]:
    """What sales did with a list, as the CRM says it."""
    given = rows.take(pa.array(worked)).select(["account_id", "rep", "message_id"]).to_pandas()
    given = given.rename(columns={"message_id": "message"})
    day = pd.Timestamp(at.date()) + pd.to_timedelta(rng.integers(0, 25, len(given)), unit="D")
    ids = [f"{number}-{i}" for i in worked]
    team = ("team " + given["rep"].str[-1]).fillna("")
    codes = rng.choice(["meeting", "no_interest", "wrong_fit", "not_reached", "accepted"], len(given))
    base = given.assign(record_id=ids, at=day, team=team)
    return {
        "activities": base.assign(kind="call"),
        "dispositions": base.assign(code=codes, note=np.where(codes == "wrong_fit", "too small", "")),
        "outcomes": base.assign(kind=rng.choice(["Won", "Lost"], len(given), p=[0.3, 0.7]), amount=100.0),
    }


def measure(url: str, n: int, folder: Path, size: int = LIST, whole: bool = True) -> dict[str, float]:
    """Processor seconds of each step on a new ledger."""
    took: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        started = time.process_time()
        made = work()
        took[name] = took.get(name, 0.0) + time.process_time() - started
        return made

    timed("entering and loading", lambda: fill(url, n, size=size))
    timed("scan", lambda: scan(url))
    line = [f"ledger.url='{url}'", "scorecard.window=60d", f"output={folder / 'card'}"]
    config = resolve(icp.load_config("scorecard", line))
    deliveries, *returned = _meeting._read_ledger(config)
    rows = timed("following each delivery", lambda: follow(deliveries, *returned, RULES))
    today = rows["delivered_at"].max() + pd.Timedelta(days=28)
    for name, work in tables(rows, today).items():
        timed(name, work)
    if whole:
        timed("icp.scorecard, whole", lambda: icp.scorecard.run(icp.load_config("scorecard", line)))
    return took


def scan(url: str) -> int:
    """Every row of the ledger, read by its own reader."""
    with closing(Ledger(url)) as ledger:
        n = sum(len(ledger.deliveries(name)) for name in ledger.lists()["campaign"].unique())
        return n + sum(len(ledger.returned(name)) for name in ("activities", "dispositions", "outcomes"))


def tables(rows: pd.DataFrame, today: pd.Timestamp) -> dict[str, Callable[[], Any]]:
    """Each table of the scorecard from the followed rows."""
    of = icp.outcomes
    before = rows.drop_duplicates("account_id", keep="last").set_index("account_id")["tier"]
    return {
        "adoption: all": lambda: of.adoption(rows),
        "adoption: by list": lambda: of.adoption(rows, ["run_id"]),
        "adoption: by team": lambda: of.adoption(rows, ["team"]),
        "adoption: by week": lambda: of.adoption(rows, ["week"]),
        "worked by tier": lambda: of.worked_by_tier(rows),
        "precision by tier": lambda: of.tier_precision(rows),
        "scorecard of marketing": lambda: of.marketing_scorecard(rows),
        "scorecard of sales": lambda: of.sales_scorecard(rows),
        "proof": lambda: _meeting.proof(rows, 60, today),
        "rejections": lambda: _meeting._rejections(rows, of.judged_accounts(rows), None),
        "disagreements": lambda: _meeting.disagreements(rows),
        "labels": lambda: of.labels_from(rows),
        "kept off": lambda: of.standing(rows, today),
        "answers": lambda: of.answers(rows, before, None),
    }


def page(found: dict[int, dict[str, float]], where: str) -> str:
    """The page, and whether each figure is below its limit."""
    sizes = sorted(found)
    head = " | ".join(f"{n:,}" for n in sizes)
    lines = [f"| step | {head} | scans at most | met |", "| --- " * (len(sizes) + 3) + "|"]
    for name in found[sizes[0]]:
        if name == "entering and loading":
            continue
        seconds = " | ".join(f"{found[n][name]:.2f} s" for n in sizes)
        if name == "scan":
            lines.append(f"| one full scan | {seconds} | |  |")
            continue
        scans = found[sizes[-1]][name] / found[sizes[-1]]["scan"]
        lines.append(f"| {name} | {seconds} | {scans:.2f} of {MOST:.0f} | {'yes' if scans < MOST else '**no**'} |")
    return f"## {where}\n\n" + "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Run, print and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ledger_size", description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[50_000, 200_000, 1_000_000])
    parser.add_argument("--url", help="an empty database for each size, with {n} in its name; default SQLite files")
    parser.add_argument("--output", type=Path)
    chosen = parser.parse_args(arguments)
    found = {}
    for n in chosen.sizes:
        with tempfile.TemporaryDirectory() as folder:
            url = chosen.url.format(n=n) if chosen.url else f"sqlite:///{folder}/icp.db"
            found[n] = measure(url, n, Path(folder))
            print(n, {name: round(value, 2) for name, value in found[n].items()}, flush=True)
    text = page(found, f"{'PostgreSQL' if chosen.url else 'SQLite'}, Python {platform.python_version()}")
    print(text)
    if chosen.output:
        chosen.output.write_text(f"{HEAD}\n{text}", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
