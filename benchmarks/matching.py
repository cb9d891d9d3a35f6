"""How many leads find their account, and how many a wrong one: plain letters beside Splink.

Invents accounts of six syllables each, leads of them (7 of 10 with a typo, the others as they are) and as many leads of
nobody, with no domain to go by, and matches them by both methods of ``icp.match``. Processor seconds of one process; of
leads of somebody the share found, of leads of nobody the share that was given an account or called ambiguous.

Usage: python -m benchmarks.matching [--accounts 50000] [--leads 5000] [--seed 0] [--output docs/benchmarks/matching.md]
"""

from __future__ import annotations

import argparse
import importlib.util
import platform
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import icp

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks" / "matching.md"
HEAD = """\
# Leads matched to accounts

<!-- made by python -m benchmarks.matching; do not edit -->

Invented accounts of six syllables each, leads of them (7 of 10 with a typo, the others as they are) and as many leads
of nobody; no domains. Found is a share of the leads of somebody, wrong a count of them; the next two columns are shares
of the leads of nobody. The time is of the processor, and moves with the machine. How the methods work:
[leads without account ids](../how-to/match-leads.md). A small version runs in the tests.
"""
SYLLABLES = tuple(re.findall(r"\w+", "alb bor cen dur ell fjo gra hol ivo kas lum mon nor ost pel ros"))
KINDS = ("Tools", "Shipping", "Energy", "Foods", "Systems", "Logistics")


@dataclass(frozen=True)
class Made:
    """Leads, accounts, and the account of each lead, empty for those of nobody."""

    leads: pd.DataFrame
    accounts: pd.DataFrame
    truth: list[str]


@dataclass(frozen=True)
class Row:
    """What a method did."""

    method: str
    found: float
    wrong: int
    given: float
    unclear: float
    seconds: float

    def line(self) -> str:
        """The row in Markdown."""
        shares = f"{100 * self.given:.1f} % | {100 * self.unclear:.1f} %"
        return f"| `{self.method}` | {100 * self.found:.1f} % | {self.wrong} | {shares} | {self.seconds:.0f} s |"


def make(n_accounts: int, n_leads: int, seed: int) -> Made:
    """Names of accounts and of nobody are drawn alike, and differ."""
    rng = np.random.default_rng(seed)
    wanted = n_accounts + n_leads
    drawn = rng.choice(SYLLABLES, (2 * wanted, 6))
    kinds = rng.choice(KINDS, 2 * wanted)
    names = list(dict.fromkeys(f"{''.join(row[:3]).capitalize()} {''.join(row[3:]).capitalize()} {kind}"
                               for row, kind in zip(drawn, kinds, strict=True)))[:wanted]  # fmt: skip
    own, nobody = names[:n_accounts], names[n_accounts:]
    accounts = pd.DataFrame({"account_id": [f"A-{i}" for i in range(n_accounts)], "name": own, "domain": ""})
    of = rng.choice(n_accounts, n_leads, replace=False)
    typed = [_typo(own[i], rng) if rng.random() < 0.7 else own[i] for i in of]
    leads = pd.DataFrame({"name": [*typed, *nobody], "domain": ""})
    return Made(leads, accounts, [*(f"A-{i}" for i in of), *[""] * len(nobody)])


def _typo(name: str, rng: np.random.Generator) -> str:
    """One letter left out, doubled, or two that changed places."""
    i = int(rng.integers(1, len(name) - 2))
    return (name[:i] + name[i + 1 :], name[:i] + name[i] + name[i:], name[:i] + name[i + 1] + name[i] + name[i + 2 :])[
        int(rng.integers(3))
    ]


def measure(made: Made, method: str) -> Row:
    """Match all leads by one method."""
    started = time.process_time()
    found = icp.match_accounts(made.leads, made.accounts, method=method)
    seconds = time.process_time() - started
    truth = np.array(made.truth, dtype=object)
    somebody, matched = truth != "", (found["outcome"] == "matched").to_numpy()
    right = matched & (found["account_id"].to_numpy(dtype=object) == truth)
    unclear = (found["outcome"] == "ambiguous").to_numpy()
    return Row(
        method,
        float(right[somebody].mean()),
        int((matched & ~right & somebody).sum()),
        float(matched[~somebody].mean()),
        float(unclear[~somebody].mean()),
        seconds,
    )


def methods() -> list[str]:
    """Those that are installed."""
    there = all(importlib.util.find_spec(name) for name in ("splink", "duckdb"))
    return ["letters", *(["splink"] if there else [])]


def main(arguments: list[str] | None = None) -> int:
    """Run, print and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.matching", description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=50_000)
    parser.add_argument("--leads", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=PAGE)
    chosen = parser.parse_args(arguments)
    made = make(chosen.accounts, chosen.leads, chosen.seed)
    rows = []
    for method in methods():
        rows.append(measure(made, method))
        print(rows[-1].line(), flush=True)
    columns = (
        "method",
        "found",
        "wrong account",
        "of nobody, but matched",
        "of nobody, but ambiguous",
        "processor time",
    )
    given = f"--accounts {chosen.accounts} --leads {chosen.leads} --seed {chosen.seed}"
    text = (
        f"{HEAD}\n## {chosen.accounts:,} accounts, {chosen.leads:,} leads of them and {chosen.leads:,} of nobody\n\n"
        f"`python -m benchmarks.matching {given}`, Python {platform.python_version()}.\n\n"
        f"| {' | '.join(columns)} |\n{'| --- ' * len(columns)}|\n" + "\n".join(row.line() for row in rows) + "\n"
    )
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    chosen.output.write_text(text, "utf-8", newline="\n")
    return 3 if any(row.wrong for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
