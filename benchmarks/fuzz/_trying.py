"""Cases one after the other, and what became of them."""

from __future__ import annotations

import faulthandler
import os
import random
import signal
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

import icp
from benchmarks.fuzz._overrides import Overrides
from benchmarks.fuzz._place import Place, sample_rows
from benchmarks.fuzz._readers import Readers
from benchmarks.fuzz._sources import Sources
from benchmarks.fuzz._writers import Writers
from icp.errors import ICPError

__all__ = ["Count", "attempt", "fuzz", "small_model"]

SLOW, HANGS, DEAD = 10.0, 60, 600
"""Seconds of a processor that are too many; seconds after which a case is broken off; after which all is."""

_UNCHANGED = 12
"""How often a case is tried with its input as it is; a case may choose a file, a target or a command by chance."""


@dataclass
class Count:
    """What became of the cases of one input."""

    cases: int = 0
    refused: int = 0
    finds: dict[str, str] = field(default_factory=dict)


class _Hang(BaseException):
    """A case that does not end; no handler of the code under test takes it."""


def fuzz(
    seconds: float, seed: int = 0, only: list[str] | None = None, most: int | None = None, first: int = 0
) -> dict[str, Count]:
    """Try cases until time is up.

    Parameters
    ----------
    seconds : float
        How long.
    seed : int, default=0
        Of the changes; case ``n`` of an input depends on nothing but seed, name and ``n``.
    only : list of str, default=None
        Names of inputs; None tries all.
    most : int, default=None
        Cases at most.
    first : int, default=0
        Number of the first case of each input.

    Returns
    -------
    dict of str to Count
        By input.

    Raises
    ------
    RuntimeError
        An input is refused as it is, so that a damaged one would try nothing.
    """
    with _cases() as (place, cases):
        chosen = {name: case for name, case in cases.items() if only is None or name in only}
        refused = _refused(place, chosen)
        if refused:
            raise RuntimeError(f"refused without a change: {refused}")
        counts = {name: Count(first) for name in chosen}
        ends, n = time.monotonic() + seconds, 0
        with suppress(KeyboardInterrupt):  # what was tried until then still counts
            while time.monotonic() < ends and chosen:
                for name, case in chosen.items():
                    if most is not None and n >= most:
                        return _from(counts, first)
                    place.rng = random.Random(f"{seed}/{name}/{counts[name].cases}")
                    attempt(case, counts[name])
                    n += 1
        return _from(counts, first)


def attempt(case: Callable[[], Any], count: Count) -> None:
    """Try one case.

    Parameters
    ----------
    case : callable
        Reads or writes.
    count : Count
        Added to.
    """
    number, began = count.cases, time.process_time()
    count.cases += 1
    try:
        with _ended():
            case()
    except ICPError:
        count.refused += 1
    except _Hang:
        count.finds.setdefault("hang", f"case {number}: more than {HANGS} s")
    except Exception as error:  # any other is what is looked for
        ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "icp" in Path(frame.filename).parts]
        place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "the program"
        count.finds.setdefault(f"{type(error).__name__} at {place}", f"case {number}: {str(error)[:300]}")
    if time.process_time() - began > SLOW:
        count.finds.setdefault("slow", f"case {number}: {time.process_time() - began:.0f} s of processor time")


def _from(counts: dict[str, Count], first: int) -> dict[str, Count]:
    for count in counts.values():
        count.cases -= first
    return counts


@contextmanager
def _cases() -> Iterator[tuple[Place, dict[str, Callable[[], Any]]]]:
    """Every case by name, in a folder that is gone afterwards."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="icp-fuzz-") as name:
        os.chdir(name)
        try:
            place = Place(Path(name))
            model, scores, sent = small_model(place.folder)
            made = (Readers(place, model, sent), Sources(place), Writers(place, scores, sent), Overrides(place))
            yield place, {name: case for part in made for name, case in part.cases().items()}
        finally:
            os.chdir(here)


def _refused(place: Place, cases: Mapping[str, Callable[[], Any]]) -> dict[str, str]:
    found = {}
    place.changing = False
    for name, case in cases.items():
        for n in range(_UNCHANGED):
            place.rng = random.Random(f"as it is/{name}/{n}")
            try:
                case()
            except Exception as error:  # said, whatever it is
                found[name] = f"{type(error).__name__}: {error}"[:500]
    place.changing = True
    return found


@contextmanager
def _ended() -> Iterator[None]:
    """A case that does not end is broken off, or ends the program where it is not in Python."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        raise _Hang

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, HANGS)
    faulthandler.dump_traceback_later(DEAD, exit=True)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGALRM, before)


def small_model(folder: Path) -> tuple[dict[str, bytes], pa.Table, dict[str, bytes]]:
    """A small model, its scores of a few accounts, and a list of them."""
    quick = ["backtest.n_bootstrap=50", "scoring.max_trees=10", "profiles.n_resamples=4"]
    icp.train.run(icp.load_config("train", ["tracking=none", f"output={folder / 'train'}", *quick]))
    few = folder / "few.csv"
    few.write_bytes(sample_rows("accounts", 30))
    options = ["tracking=none", f"model={folder / 'train' / 'bundle'}", "accounts=csv", f"accounts.path={few}"]
    options += ["accounts.account_id=account_id", "accounts.name_column=name", "events=sample", "outcomes=sample"]
    options += ["delivery=generic", "format=parquet", f"output={folder / 'score'}"]
    icp.score.run(icp.load_config("score", options))
    scores = pq.read_table(folder / "score" / "scores.parquet")
    return _contents(folder / "train" / "bundle"), scores, _contents(folder / "score" / "generic")


def _contents(folder: Path) -> dict[str, bytes]:
    files = (file for file in sorted(folder.rglob("*")) if file.is_file())
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}
