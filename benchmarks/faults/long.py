"""Score again and again in one process, and print what it holds: memory, open files, threads.

Usage: python -m benchmarks.faults.long [--runs 500] [--every 50] [--work FOLDER] [arguments of icp.score]

Without arguments of its own it trains on a simulated CRM and scores by alias, with a list and a campaign; the rows of
each run begin at another account, so that each enters a list of its own in the ledger. What is compared is the second
half: the first fills caches that Python, Arrow and SQLAlchemy keep. Ends with 3 when the second half grew, or a file
stayed open.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time

from benchmarks.faults import _forked, _world

DONE, GREW = 0, 3
HEADS = ("runs", "memory (MiB)", "open files", "threads", "processor seconds")
MOST_MIB = 6.0
"""What the second half may add: the system's own allocator moves by a few MiB up and down."""
MOST = {"files": 0, "threads": 2}
"""What else it may add: Arrow starts the threads of its pools one by one, when it first needs them."""


@dataclass(frozen=True)
class Held:
    """What the process held after a run."""

    runs: int
    memory: float
    files: int
    threads: int
    seconds: float

    def line(self) -> str:
        """A row of the table."""
        return f"| {self.runs} | {self.memory:.0f} | {self.files} | {self.threads} | {self.seconds:.0f} |"


def held(runs: int) -> Held:
    """What this process holds now, as Linux tells it."""
    own = Path("/proc/self")
    memory = int((own / "status").read_text("utf-8").split("VmRSS:")[1].split()[0]) / 1024
    n_files, n_threads = (len(list((own / name).iterdir())) for name in ("fd", "task"))
    return Held(runs, memory, n_files, n_threads, process_time())


def score_again(arguments: Sequence[str], runs: int, accounts: Path | None = None) -> Iterator[Held]:
    """Run the command so often, as a scheduler inside one process would; what was held after each run."""
    from icp import _command

    lines = accounts.read_text("utf-8").splitlines(keepends=True) if accounts else []
    for run in range(1, runs + 1):
        if accounts:
            head, rows = lines[0], lines[1:]
            first = run % len(rows)
            accounts.write_text("".join([head, *rows[first:], *rows[:first]]), "utf-8")
        said = io.StringIO()
        try:
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                _command.main("score", list(arguments))
        except SystemExit as left:
            if left.code not in (0, 3):
                raise RuntimeError(f"run {run} ended with {left.code}: {said.getvalue()}") from None
        yield held(run)


def grew(told: Sequence[Held]) -> list[str]:
    """What the second half of the runs added, in words; empty where it is flat."""
    half = told[len(told) // 2 :]
    third = max(len(half) // 3, 1)
    early, late = (sorted(one.memory for one in part)[len(part) // 2] for part in (half[:third], half[-third:]))
    found = [f"memory grew from {early:.1f} to {late:.1f} MiB"] if late - early > MOST_MIB else []
    for name, most in MOST.items():
        first, last = (getattr(one, name) for one in (half[0], half[-1]))
        found += [f"{name} grew from {first} to {last}"] if last > first + most else []
    return found


def main() -> int:
    """Run, and print a line now and then."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults.long", description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--every", type=int, default=50)
    parser.add_argument("--work", type=Path)
    chosen, arguments = parser.parse_known_args()
    with tempfile.TemporaryDirectory(prefix="icp-long-", dir=chosen.work) as folder:
        accounts = None
        if not arguments:
            _forked.load()
            accounts = _world.train_once(Path(folder).resolve()) / "accounts.csv"
            os.chdir(accounts.parent)
            arguments = list(_world.SCORE)
        print("| " + " | ".join(HEADS) + " |\n" + "| --- " * len(HEADS) + "|")
        told = []
        for one in score_again(arguments, chosen.runs, accounts):
            told.append(one)
            if one.runs in (1, 10, chosen.runs) or one.runs % chosen.every == 0:
                print(one.line(), flush=True)
        os.chdir("/")
    for found in grew(told):
        print(found, file=sys.stderr)
    return GREW if grew(told) else DONE


if __name__ == "__main__":
    raise SystemExit(main())
