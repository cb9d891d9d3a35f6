"""Kill commands at random moments, and print the table.

Usage: python -m benchmarks.faults [--kills 200] [--train 100] [--only NAME ...] [--seed 0] [--work FOLDER]

Ends with 3 when something was not whole, or another run was not what an undisturbed one is. What is looked at after
each kill: ``kills.py``. Ended (SIGINT, SIGTERM), it prints the counts so far.
"""

from __future__ import annotations

import argparse
import signal
import tempfile
from pathlib import Path

from benchmarks.faults import _forked, _world, kills

DONE, BROKEN = 0, 3
HEADS = ("command", "seconds undisturbed", "steps to the disk", "kills", "by the clock", "before a step", "broken")


def main() -> int:
    """Run the cases named, or all, and print the table as it grows."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--train", type=int, default=100)
    parser.add_argument("--only", nargs="+", choices=sorted(_world.CASES), default=list(_world.CASES))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", type=Path)
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _forked.load()
    with tempfile.TemporaryDirectory(prefix="icp-faults-", dir=chosen.work) as folder:
        work = Path(folder).resolve()
        _world.build(work)
        return DONE if _killed(work, chosen) == 0 else BROKEN


def _killed(work: Path, chosen: argparse.Namespace) -> int:
    """How many kills were not survived."""
    print("| " + " | ".join(HEADS) + " |\n" + "| --- " * len(HEADS) + "|")
    n_broken, ended = 0, False
    for name in chosen.only:
        n_kills = chosen.train if _world.CASES[name].command == "train" else chosen.kills
        shown, count = 0, None
        try:
            for count in kills.kill(work, name, n_kills, chosen.seed):
                for told in count.broken[shown:]:
                    print(told, flush=True)
                shown = len(count.broken)
        except KeyboardInterrupt:
            ended = True
        if count is not None:
            print(count.line(), flush=True)
        n_broken += shown
        if ended:
            break
    return n_broken


if __name__ == "__main__":
    raise SystemExit(main())
