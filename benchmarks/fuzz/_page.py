# ruff: noqa: E501
"""What was tried, as a table and as a page of ``docs/``."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.fuzz._trying import HANGS, SLOW, Count

__all__ = ["page", "table", "total"]

_PAGE = """\
# Damaged input

<!-- made by `python -m benchmarks.fuzz`; do not edit -->

Every input that comes from outside, valid and then changed: bytes changed, dropped, repeated or put in; JSON values, cells of a
database, types of Parquet columns, cells of a list and values of the configuration replaced. A case is passed when it is read, or
refused in one block (`ICPError`). A find is another exception, a case of more than {slow:.0f} seconds of processor time or {hangs} of
the clock, and a file or a row left under a final name by a case that was refused. What was written is read again.

In a model and in a list the hashes are made to fit, so that the reader and not the hash is tried; a model that is accepted scores a
few accounts. Every input is accepted as it is:
the program refuses to run otherwise, and a test says so too.

`python -m benchmarks.fuzz --seed {seed}`, on a busy machine of two cores: {total}

{table}
"""


def table(counts: Mapping[str, Count]) -> str:
    """The counts of each input."""
    lines = ["| input | cases | read | refused | found |", "| --- | --- | --- | --- | --- |"]
    for name, count in counts.items():
        read = count.cases - count.refused - len(count.finds)
        lines.append(f"| {name} | {count.cases:,} | {read:,} | {count.refused:,} | {len(count.finds)} |")
    return "\n".join(lines)


def total(counts: Mapping[str, Count], clock: float, processor: float) -> str:
    """How many in how long."""
    cases, finds = sum(one.cases for one in counts.values()), sum(len(one.finds) for one in counts.values())
    times = f"{clock / 60:,.0f} minutes of the clock, {processor / 60:,.0f} of a processor"
    return f"{cases:,} cases in {times}, {finds} found."


def page(counts: Mapping[str, Count], seed: int, clock: float, processor: float) -> str:
    """The page."""
    said = total(counts, clock, processor)
    return _PAGE.format(slow=SLOW, hangs=HANGS, seed=seed, total=said, table=table(counts))
