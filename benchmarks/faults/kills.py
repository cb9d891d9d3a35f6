"""SIGKILL at any moment: everything is whole afterwards, and the next run gives what an undisturbed one gives.

Half of the kills come by the clock, at a moment drawn evenly over the time of an undisturbed run; the other half just
before a step towards the disk (a file opened for writing, renamed or removed, a folder made, an SQL statement or its
commit), each step being as likely. After each kill:

1. in the output folder every file and every folder is that of before, whole, or that of an undisturbed run, whole;
2. the ledger can be read, each of its tables is as before or as after, a list has as many rows as it says;
3. in the registry every version has a model whose hashes are right, every alias points to a version, the last move in
   the promotion log is the champion;
4. the command, run again, ends as an undisturbed run, leaves the same files, ledger and champion, and nothing of the
   run that was killed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.faults import _forked, _state
from benchmarks.faults._world import CASES, Case, start

_OF_A_CHAMPION = {"gate.json", "report.html", "findings.json", "profile_changes.json", "profile_changes.csv",
                  "profile_migration.csv", "release_note.json", "release_note.md"}  # fmt: skip
"""Files that say which version was champion: the killed run may have become it."""


@dataclass
class Survived:
    """What came of the kills of one case."""

    what: str
    steps: int
    seconds: float
    killed: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def line(self) -> str:
        """A row of the table."""
        n = sum(self.killed.values())
        by = (self.killed["clock"], self.killed["step"])
        cells = (self.what, f"{self.seconds:.1f}", self.steps, n, *by, len(self.broken))
        return "| " + " | ".join(str(cell) for cell in cells) + " |"


@dataclass(frozen=True)
class Seen:
    """Everything that is looked at in a folder."""

    outputs: dict[str, dict[str, str]]
    ledger: dict[str, Any]
    registry: dict[str, Any]
    abandoned: list[Path]


def see(folder: Path) -> Seen:
    """Look at a folder, in a process of its own."""
    return Seen(
        _state.outputs(folder), _state.ledger(folder), _forked.ask(_state.registry, folder), _state.abandoned(folder)
    )


def kill(work: Path, name: str, n_kills: int, seed: int = 0) -> Iterator[Survived]:
    """Kill one case again and again; gives the count so far after each kill."""
    case, rng = CASES[name], np.random.default_rng([seed, list(CASES).index(name)])
    here = start(work, case.start)
    before = see(here)
    whole = _forked.run(here, case.command, case.arguments)
    if whole.code not in (0, 3):
        raise RuntimeError(f"{case.what} ended with {whole.code}: {whole.said[-2000:]}")
    after, steps = see(here), int((here / _forked.STEPS).read_text())
    count = Survived(case.what, steps, whole.seconds)
    while sum(count.killed[how] for how in ("clock", "step")) < n_kills:
        here = start(work, case.start)
        by_clock = bool(rng.integers(2))
        moment = {"after": rng.uniform(0.0, whole.seconds)} if by_clock else {"step": int(rng.integers(1, steps + 1))}
        ended = _forked.run(here, case.command, case.arguments, **moment)
        if ended.code >= 0:  # it was over before
            continue
        count.killed["clock" if by_clock else "step"] += 1
        try:
            left = see(here)
            check_left(before, left, after)
            again = _forked.run(here, case.command, case.arguments)
            check_again(case, before, left, again, see(here), whole.code, after)
        except AssertionError as error:
            count.broken.append(f"{case.what}, killed {moment}: {error}")
        yield count


def check_left(before: Seen, left: Seen, after: Seen) -> None:
    """What a kill left is whole: as before, or as after."""
    for name, files in left.outputs.items():
        allowed = [seen.outputs.get(name) for seen in (before, after)]
        assert files in allowed, f"{name} is neither as before nor as after"
    for name in set(before.outputs) - set(left.outputs):
        moved = any((stage / f".old-{Path(name).name}").exists() for stage in left.abandoned)
        assert moved, f"{name} is gone"
    for table, rows in left.ledger.items():
        assert rows in (before.ledger.get(table, []), after.ledger[table]), f"{table} is neither as before nor as after"
    hashes = {*before.registry["versions"].values(), *after.registry["versions"].values()}
    assert set(left.registry["versions"].values()) <= hashes, "a version is another model"
    assert set(left.registry["versions"]) >= set(before.registry["versions"]), "a version is gone"


def check_again(case: Case, before: Seen, left: Seen, again: _forked.Ended, now: Seen, code: int, after: Seen) -> None:
    """The next run ends and leaves what an undisturbed one does."""
    moved = left.registry["aliases"] != before.registry["aliases"]
    more = len(left.registry["versions"]) > len(before.registry["versions"])
    if case.arguments[0] == "action=register" and more:
        _check_registered(again, now, after)
        return
    if case.command == "promote" and moved:
        _check_moved(case, again, now)
        return
    assert again.code == code, f"run again it ended with {again.code}: {again.said[-1500:]}"
    loose = _OF_A_CHAMPION if more and case.command == "train" else set()
    for name, files in after.outputs.items():
        assert Path(name).name in loose or now.outputs.get(name) == files, f"run again, {name} is another"
    assert set(now.outputs) == set(after.outputs), "run again, other files are there"
    assert now.ledger == after.ledger, "run again, the ledger is another"
    assert now.abandoned == [], f"left behind: {now.abandoned}"
    champions = [seen.registry["versions"].get(seen.registry["aliases"].get("champion", "")) for seen in (now, after)]
    assert champions[0] == champions[1], "run again, the champion is another model"
    if case.command == "train":
        assert now.registry["running"] == 0, "a run is still open"
    else:
        assert now.registry == after.registry, "run again, the registry is another"


def _check_registered(again: _forked.Ended, now: Seen, after: Seen) -> None:
    """The version was made, though the run was killed before it could say so: a second one is refused."""
    assert again.code == 2 and "ICP509" in again.said, f"run again it ended with {again.code}: {again.said[-1500:]}"
    assert "Traceback" not in again.said
    assert now.registry["versions"] == after.registry["versions"], "the version is not there once, whole"
    assert now.abandoned == [], f"left behind: {now.abandoned}"


def _check_moved(case: Case, again: _forked.Ended, now: Seen) -> None:
    """The move was done, though it was killed before it could say so: a second one is refused, or goes back further."""
    if case.arguments[0].startswith("action=rollback"):
        assert again.code == 2 and "ICP507" in again.said, f"run again it ended with {again.code}: {again.said[-1500:]}"
    else:
        assert again.code == 2 and "ICP506" in again.said, f"run again it ended with {again.code}: {again.said[-1500:]}"
    assert "Traceback" not in again.said
    assert len(now.registry["aliases"]) == 1, "an alias was left behind"
