"""Hand every reader damaged input: it returns, or refuses in one block; no other traceback, and no hang.

Usage: python -m benchmarks.fuzz [--seconds 60] [--seed 0] [--only NAME ...]

Valid inputs are mutated: bytes changed, dropped, repeated and put in, JSON values replaced, overrides mixed. Prints a
table of cases, refusals and finds, and each find once; ends with 3 when there is one. A find is an exception that is no
ICPError, or a case that takes more than ten seconds.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import os
import random
import shutil
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import icp
from icp import bundle
from icp._proposing import read_proposals, read_sheet
from icp._rules import read_list_tables
from icp._wording import plain
from icp.accounts import read_accounts, read_dated
from icp.delivery import check_load, read_list
from icp.errors import ICPError
from icp.labels._signoff import check_signoff
from icp.messages import read_library
from icp.options import AccountOptions, DatedOptions
from icp.outcomes._codes import code_map
from icp.outcomes._goals import goals_template, read_goals

DONE, FOUND = 0, 3
SLOW = 10.0
_ROOT = Path(__file__).resolve().parents[1]
_PIECES = (
    *(b"\x00", b'"', b"'", b"\n", b"\r", b",", b";", b"\t", b": ", b"- ", b"{{", b"[[[[[", b"&a [*a]"),
    *(b"null", b"nan", b"1e999", b"-1", b"2024-13-40", b"\xff\xfe", b"\xef\xbb\xbf", b"<script>", b"=1+1"),
    *(b"!!python/object/apply:os.system [id]", "Größe".encode(), "１２".encode(), b"9" * 400, b"a" * 300),
)
_SIGNOFF = b"definition: %s\nmarketing: {name: A, date: 2026-01-02}\nsales: {name: B, date: 2026-01-02}\n" % (
    b"0a" * 32
)
_PROPOSAL = b"kind,what,column,value,team,on\ntrait,size of the firm,size,1,sales,2026-01-02\n"
_SHEET = b"column,value,accepted,by\nsize,1,yes,A\n"
_VALUES = (None, -1, 0, 1e308, "x", [], {}, True, 10**30, [[]], "\u0000", "NaN", {"a": {}}, -0.0, "9" * 50)
_OVERRIDES = (
    *("accounts=csv", "accounts.path=x.csv", "accounts.account_id=a", "accounts.ignore=[a,b]", "labels=flag"),
    *("labels.column=y", "labels.positive=1", "labels.window=180d", "as_of=2026-03-31", "seed=7", "name=m"),
    *("output=o", "tracking=none", "backtest.order=rows", "scoring.tiers=[0.1,0.2,0.3]", "promotion=never"),
    *("traits.keep=[]", "profiles.n_profiles=3"),
)


@dataclass
class Count:
    """What became of the cases of one input."""

    cases: int = 0
    refused: int = 0
    finds: dict[str, str] = field(default_factory=dict)


def mutated(data: bytes, rng: random.Random) -> bytes:
    """The bytes with one to four changes."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(changed) + 1)
        kind = rng.randrange(6)
        if kind == 0 and changed:
            changed[at % len(changed)] = rng.randrange(256)
        elif kind == 1:
            del changed[at : at + rng.randint(1, 30)]
        elif kind == 2:
            changed[at:at] = rng.randbytes(rng.randint(1, 8))
        elif kind == 3:
            changed[at:at] = rng.choice(_PIECES)
        elif kind == 4:
            del changed[at:]
        else:
            start = rng.randrange(len(changed) + 1)
            changed[at:at] = changed[start : start + rng.randint(1, 60)]
    return bytes(changed)


def replaced(value: Any, rng: random.Random) -> Any:
    """A JSON value with one part of it replaced."""
    if isinstance(value, Mapping) and value and rng.random() < 0.85:
        key = rng.choice(list(value))
        return {**value, key: replaced(value[key], rng)}
    if isinstance(value, list) and value and rng.random() < 0.85:
        at = rng.randrange(len(value))
        return [*value[:at], replaced(value[at], rng), *value[at + 1 :]]
    return rng.choice(_VALUES)


class Inputs:
    """Valid inputs, and for each reader a case made from them."""

    def __init__(self, folder: Path, rng: random.Random) -> None:
        self._folder, self._rng = folder, rng
        sample = _ROOT / "data" / "sample"
        self._accounts = b"\n".join((sample / "accounts.csv").read_bytes().split(b"\n")[:14])
        self._events = b"\n".join((sample / "events.csv").read_bytes().split(b"\n")[:20])
        self._library = (_ROOT / "data" / "messages" / "sample.yaml").read_bytes()
        self._made()

    def cases(self) -> dict[str, Callable[[], Any]]:
        """One case of each input, by name."""
        return {
            "accounts, CSV": lambda: read_accounts(self._csv(self._accounts)),
            "accounts, Parquet": self._parquet,
            "accounts, SQL": self._sql,
            "events, CSV": lambda: read_dated("events", self._dated()),
            "messages": lambda: read_library(str(self._file("m.yaml", self._library))),
            "goals": lambda: read_goals(self._file("g.yaml", goals_template().encode())),
            "sign-off": lambda: check_signoff(str(self._file("s.yaml", _SIGNOFF))),
            "proposals": lambda: read_proposals([str(self._file("p.csv", _PROPOSAL))]),
            "sheet of exclusions": lambda: read_sheet(str(self._file("x.csv", _SHEET)), "rules"),
            "rules and slots": self._tables,
            "codes": lambda: code_map([self._text(b"Not interested=no_interest")]),
            "overrides": self._overrides,
            "model": self._bundle,
            "delivered list": self._list,
            "words for a CRM": self._words,
        }

    def _made(self) -> None:
        """A small model, and a list of it."""
        quick = ["backtest.n_bootstrap=50", "scoring.max_trees=10", "profiles.n_resamples=4"]
        icp.simulate.run(icp.load_config("simulate", ["simulation.n_accounts=600", f"output={self._folder / 'crm'}"]))
        quiet = ["tracking=none", f"output={self._folder / 'train'}", *quick]
        icp.train.run(icp.load_config("train", quiet))
        model = f"model={self._folder / 'train' / 'bundle'}"
        listed = ["tracking=none", model, "delivery=generic", f"output={self._folder / 'score'}"]
        icp.score.run(icp.load_config("score", listed))
        self._model = {file.name: file.read_bytes() for file in (self._folder / "train" / "bundle").iterdir()}
        self._sent = {
            str(file.relative_to(self._folder / "score" / "generic")): file.read_bytes()
            for file in (self._folder / "score" / "generic").rglob("*")
            if file.is_file()
        }

    def _file(self, name: str, data: bytes) -> Path:
        path = self._folder / name
        path.write_bytes(mutated(data, self._rng))
        return path

    def _text(self, data: bytes) -> str:
        return mutated(data, self._rng).decode("utf-8", "replace")

    def _csv(self, data: bytes) -> AccountOptions:
        return AccountOptions(source="csv", path=str(self._file("a.csv", data)), account_id="account_id")

    def _dated(self) -> DatedOptions:
        path = str(self._file("e.csv", self._events))
        return DatedOptions(source="csv", path=path, account_id="account_id", at="at", kind="kind")

    def _parquet(self) -> None:
        import pyarrow.csv as arrow_csv
        import pyarrow.parquet as pq

        path = self._folder / "a.parquet"
        if not path.exists():
            plain_csv = self._folder / "plain.csv"
            plain_csv.write_bytes(self._accounts)
            pq.write_table(arrow_csv.read_csv(plain_csv), path)
        damaged = self._file("b.parquet", path.read_bytes())
        read_accounts(AccountOptions(source="parquet", path=str(damaged), account_id="account_id"))

    def _sql(self) -> None:
        import sqlite3

        base = self._folder / "a.db"
        if not base.exists():
            with sqlite3.connect(base) as connection:
                connection.execute("create table accounts (account_id text, size real, since text)")
                connection.executemany(
                    "insert into accounts values (?, ?, ?)", [(f"A{i}", i, "2025-01-02") for i in range(30)]
                )
        query = self._text(b"select account_id, size, since from accounts where size > 3")
        read_accounts(AccountOptions(source="sql", url=f"sqlite:///{base}", query=query, account_id="account_id"))

    def _tables(self) -> None:
        config = icp.load_config("score", [])
        config.call_list.reps = str(self._file("r.csv", b"rep,slots,territory,team\nAnn,10,north,a\nBob,5,south,a\n"))
        config.call_list.actions = str(self._file("n.csv", b"tier,next_action\nA,call\nB,mail\n"))
        config.rules.exclude = [str(self._file("o.csv", b"account_id,reason\nA1,open deal\n"))]
        read_list_tables(config)

    def _overrides(self) -> None:
        chosen = self._rng.sample(_OVERRIDES, self._rng.randint(1, 4))
        one = self._rng.randrange(len(chosen))
        chosen[one] = self._text(chosen[one].encode())
        icp.load_config("train", chosen)

    def _bundle(self) -> None:
        files = {name: data for name, data in self._model.items() if name != "manifest.json"}
        name = self._rng.choice(sorted(files))
        whole = name.endswith(".json") and self._rng.random() < 0.8
        files[name] = (
            json.dumps(replaced(json.loads(files[name]), self._rng)).encode()
            if whole
            else mutated(files[name], self._rng)
        )
        manifest = json.loads(self._model["manifest.json"])
        hashes = {key: hashlib.sha256(data).hexdigest() for key, data in files.items()}
        manifest |= {"files": hashes, "content_hash": bundle._content_hash(hashes)}
        if self._rng.random() < 0.2:
            manifest = replaced(manifest, self._rng)
        bundle.read(self._written("model", files | {"manifest.json": json.dumps(manifest).encode()}))

    def _list(self) -> None:
        files = dict(self._sent)
        name = self._rng.choice(sorted(files))
        files[name] = mutated(files[name], self._rng)
        if name.endswith("manifest.json") and self._rng.random() < 0.7:
            files[name] = json.dumps(replaced(json.loads(self._sent[name]), self._rng)).encode()
        folder = self._written("list", files)
        check_load(folder)
        for _ in read_list(folder):
            pass

    def _written(self, name: str, files: Mapping[str, bytes]) -> Path:
        place = self._folder / name
        shutil.rmtree(place, ignore_errors=True)
        for part, data in files.items():
            (place / part).parent.mkdir(parents=True, exist_ok=True)
            (place / part).write_bytes(data)
        return place

    def _words(self) -> None:
        made = plain(self._text("=HYPERLINK(\"x\") <50 seats & Größe | 'Müller' -12".encode()))
        if made[:1] in tuple("=+-@\t\r") or len(made.encode()) > 255 or plain(made) != made:
            raise AssertionError(f"not safe: {made!r}")


def fuzz(seconds: float, seed: int = 0, only: list[str] | None = None, most: int | None = None) -> dict[str, Count]:
    """Try cases until time is up.

    Parameters
    ----------
    seconds : float
        How long.
    seed : int, default=0
        Of the mutations.
    only : list of str, default=None
        Names of inputs; None tries all.
    most : int, default=None
        Cases at most.

    Returns
    -------
    dict of str to Count
        By input.
    """
    rng = random.Random(seed)
    here = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="icp-fuzz-") as name:
        os.chdir(name)
        try:
            cases = Inputs(Path(name), rng).cases()
            chosen = [one for one in cases if only is None or one in only]
            counts = {one: Count() for one in chosen}
            ends = time.monotonic() + seconds
            while time.monotonic() < ends and (most is None or sum(one.cases for one in counts.values()) < most):
                one = rng.choice(chosen)
                _try(cases[one], counts[one])
            return counts
        finally:
            os.chdir(here)


def _try(case: Callable[[], Any], count: Count) -> None:
    began = time.monotonic()
    count.cases += 1
    try:
        case()
    except ICPError:
        count.refused += 1
    except Exception as error:  # any other is what is looked for
        ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "icp" in Path(frame.filename).parts]
        place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "elsewhere"
        count.finds.setdefault(f"{type(error).__name__} at {place}", str(error)[:200])
    if time.monotonic() - began > SLOW:
        count.finds.setdefault("slow", f"{time.monotonic() - began:.0f} s")


def main() -> int:
    """Print the table; 3 when something was found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+")
    chosen = parser.parse_args()
    logging.disable(logging.CRITICAL)
    counts = fuzz(chosen.seconds, chosen.seed, chosen.only)
    print("| input | cases | refused | found |\n| --- | --- | --- | --- |")
    total: Counter[str] = Counter()
    for name, count in counts.items():
        print(f"| {name} | {count.cases:,} | {count.refused:,} | {len(count.finds)} |")
        total["cases"] += count.cases
        total["finds"] += len(count.finds)
    for name, count in counts.items():
        for place, text in count.finds.items():
            print(f"{name}: {place}: {text!r}")
    print(f"{total['cases']:,} cases, {total['finds']} found")
    return FOUND if total["finds"] else DONE


if __name__ == "__main__":
    raise SystemExit(main())
