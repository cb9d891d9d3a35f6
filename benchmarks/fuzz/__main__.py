"""Hand every reader and writer damaged input: it is read, or refused in one block; no other traceback, no hang.

Usage: python -m benchmarks.fuzz [--seconds 60] [--cases N] [--seed 0] [--only NAME ...] [--first N] [--output PAGE]

Valid inputs are changed: bytes changed, dropped, repeated and put in, JSON values, cells, column types and overrides
replaced. Nothing is tried unless every input is accepted as it is. Prints a table of cases, refusals and finds, and
each find once; ends with 3 when there is one. A find is an exception that is no ICPError, a case of more than ten
seconds of processor time or sixty of the clock, and anything left under a final name by a case that was refused.
``--only NAME --first N --cases 1`` tries one case again.
"""

from __future__ import annotations

import argparse
import logging
import signal
import time
import warnings
from pathlib import Path

from benchmarks.fuzz import _page
from benchmarks.fuzz._trying import fuzz

DONE, FOUND = 0, 3


def main() -> int:
    """Print the table; 3 when something was found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--cases", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--output", type=Path, help="page that the table is written to")
    chosen = parser.parse_args()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends it with the table
    began = time.monotonic(), time.process_time()
    counts = fuzz(chosen.seconds, chosen.seed, chosen.only, chosen.cases, chosen.first)
    clock, processor = time.monotonic() - began[0], time.process_time() - began[1]
    print(_page.table(counts))
    for name, count in counts.items():
        for place, text in count.finds.items():
            print(f"{name}: {place}: {text!r}")
    print(_page.total(counts, clock, processor))
    if chosen.output:
        chosen.output.write_text(_page.page(counts, chosen.seed, clock, processor), "utf-8")
    return FOUND if any(count.finds for count in counts.values()) else DONE


if __name__ == "__main__":
    raise SystemExit(main())
