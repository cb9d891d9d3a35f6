"""All claims, or those named: the long runs, as a table.

Usage: python -m benchmarks.claims [--runs 1000] [--seed 0] [--only NAME ...] [--output docs/benchmarks/claims.md]

With ``--only`` the sections of other claims in the page are kept. Ends with 3 when a target is missed.
"""

from __future__ import annotations

import argparse
import importlib
import re
import sys
import time
from pathlib import Path

from benchmarks.claims._protocol import ClaimRow

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks" / "claims.md"
HEAD = """\
# Claims, measured

<!-- made by python -m benchmarks.claims; do not edit -->

Each row is a statistical claim, the true value it is about, and what came out over simulations whose truth is known;
in brackets the 95 % Monte-Carlo interval of the figure. The target is the one set before measuring; **no** is a target
missed, and stays here until the method is better. Small versions of the same programs run in the tests
(`tests/recovery`). How a claim is added: `benchmarks/claims/__init__.py`.
"""
COLUMNS = "| claim | true value | setting | runs | figure (95 %) | target | met |\n" + "| --- " * 7 + "|"


def names() -> list[str]:
    """Every claim, in order of the alphabet."""
    return sorted(file.stem for file in Path(__file__).parent.glob("[!_]*.py"))


def section(name: str, n_runs: int, seed: int) -> tuple[str, list[ClaimRow]]:
    """One claim as Markdown, and its rows."""
    module = importlib.import_module(f"benchmarks.claims.{name}")
    started = time.process_time()
    rows: list[ClaimRow] = module.run(n_runs, seed)
    seconds = time.process_time() - started
    first, _, rest = (module.__doc__ or name).strip().partition("\n")
    how = (
        f"`python -m benchmarks.claims --runs {n_runs} --seed {seed} --only {name}`, {seconds:.0f} s of one processor."
    )
    said = f"{rest.strip()}\n\n" if rest.strip() else ""
    table = "\n".join([COLUMNS, *(row.line() for row in rows)])
    return f"## {name}: {first.rstrip('.')}\n\n{said}{how}\n\n{table}\n", rows


def sections(text: str) -> dict[str, str]:
    """The sections of a page already written, by claim."""
    parts = re.split(r"^(?=## )", text, flags=re.M)[1:]
    return {part[3:].split(":")[0]: part.strip() + "\n" for part in parts}


def main(arguments: list[str] | None = None) -> int:
    """Run, print and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.claims", description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", choices=names(), default=names())
    parser.add_argument("--output", type=Path, default=PAGE)
    chosen = parser.parse_args(arguments)
    page = sections(chosen.output.read_text("utf-8")) if chosen.output.exists() else {}
    missed = 0
    for name in chosen.only:
        page[name], rows = section(name, chosen.runs, chosen.seed)
        print(page[name], flush=True)
        missed += sum(row.met is False for row in rows)
        kept = [page[key] for key in sorted(page)]
        chosen.output.parent.mkdir(parents=True, exist_ok=True)
        chosen.output.write_text("\n".join([HEAD, *kept]), "utf-8", newline="\n")
    return 3 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
