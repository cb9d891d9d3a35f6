"""One case of each command that writes: what it leaves is whole, or is not there."""

from __future__ import annotations

import copy
import csv
import io
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

import icp
from benchmarks.fuzz._place import Place
from icp._aside import _known
from icp._files import staged_folder
from icp._returning import load_returned, reconcile_list
from icp._spill import InOrder
from icp.delivery import check_load, deliver, plan_list, read_list, target_names
from icp.errors import ICPError
from icp.options import DeliveryOptions
from icp.outcomes import Ledger

__all__ = ["Writers"]

_RETURNED = {
    "activities": (
        b"id,account,date,what,rep,team,message,note\n"
        b"1,A-1,2026-04-01,call,Ann,north,m1,rang twice\n"
        b"2,A-2,2026-04-02,mail,Bob,south,,\n"
        b'3,A-1,2026-04-03 10:30,call,Ann,north,m1,"said ""later"", then no"\n'
    ),
    "dispositions": (
        b"id,account,date,what,rep,team,message,note\n"
        b"7,A-1,2026-04-05,meeting,Ann,north,m1,\n"
        b"8,A-2,2026-04-06,Wrong fit,Bob,south,,too small\n"
    ),
    "outcomes": (
        b"id,account,date,what,amount\n4,A-1,2026-05-01,Won,1200.50\n5,A-2,2026-05-02,Lost,\n6,A-3,2026-05-09,Won,900\n"
    ),
}
_TABLES = ("icp_activities", "icp_dispositions", "icp_outcomes")
_TEXTS = ("account_id", "tier", "profile", "reason_1", "watch_out", "talking_point", "account:note", "account:note")
_NUMBERS = (float("nan"), float("inf"), -0.0, 1e300, 1e-320, -1.0, 100.004, 99.995, 1e15, 123456789.125, None)
_DAYS = ("0001-01-01", "1677-09-21", "1970-01-01", "2024-02-29", "9999-10-02", "9999-12-31")


class Writers:
    """Cases of what is written.

    Parameters
    ----------
    place : Place
        Where they are made.
    scores : Table
        As the engine gives them.
    sent : dict of str to bytes
        Files of a list.
    """

    def __init__(self, place: Place, scores: pa.Table, sent: dict[str, bytes]) -> None:
        self._place, self._sent = place, sent
        ids = scores.column("account_id").to_pylist()
        self._scores = scores.append_column("account:note", pa.array([f"Note {i}, 50%" for i in range(len(ids))]))
        held = io.StringIO(newline="")
        crm = csv.writer(held, lineterminator="\n")
        crm.writerows(
            [("account_key", "Name"), *((one, f"Firm {i}") for i, one in enumerate([*ids[3:], "B-1", "B-2"]))]
        )
        self._keys = held.getvalue().encode()
        self._list = place.files("sent", sent)
        (name,) = [name for name in sent if name.startswith("scores.") and name.endswith(".csv")]
        head, _, rows = sent[name].partition(b"\n")
        firms = enumerate(rows.splitlines())
        self._readback = b"Name," + head + b"\n" + b"".join(b"Firm %d,%s\n" % (i, row) for i, row in firms)
        self._reconcile = icp.load_config("feedback", ["action=reconcile", "manifest=m"])
        Ledger(f"sqlite:///{place.folder / 'empty.db'}").close()
        self._load = icp.load_config("feedback", ["action=load", *_mapped()])

    def cases(self) -> dict[str, Callable[[], Any]]:
        """One case of each input, by name."""
        return {
            **{f"{table} that come back": lambda table=table: self._returned(table) for table in _RETURNED},  # type: ignore[misc]
            "keys of the CRM": self._known,
            "read-back of the CRM": self._compared,
            "list for a CRM": self._delivered,
        }

    def _returned(self, table: str) -> None:
        """All of it is in the ledger and nothing is new the second time, or none of it is."""
        config, base = copy.deepcopy(self._load), self._place.folder / "ledger.db"
        base.write_bytes((self._place.folder / "empty.db").read_bytes())
        config.ledger.url = f"sqlite:///{base}"
        for name, data in _RETURNED.items():
            path = self._place.folder / f"{name}.csv"
            path.write_bytes(self._place.data(data) if name == table else data)
            getattr(config, name).path = str(path)
        try:
            load_returned(config)
        except ICPError:
            if _rows(base):
                raise AssertionError("refused, and part of it is in the ledger") from None
            raise
        n = _rows(base)
        load_returned(config)
        if not n or _rows(base) != n:
            raise AssertionError(f"{n} rows, and loaded once more {_rows(base)}")

    def _known(self) -> None:
        path = self._place.file("k.csv", self._keys)
        options = DeliveryOptions(target=self._place.rng.choice(target_names()), known_keys=str(path))
        options.known_column = "account_key"
        ids = self._scores.column("account_id").combine_chunks()
        plan = plan_list(lambda: [ids], options, None, _known(options, self._place.emptied("held")))
        assert plan.known is not None
        why = plan.known.why_not(plan.rule.keys(ids))
        left = [key for part in plan.known.not_seen() for key in part.to_pylist()]
        known = why.null_count + len(left)
        if known > plan.known.n or left != sorted(set(left)):
            raise AssertionError(f"{known} keys of {plan.known.n}")

    def _compared(self) -> None:
        config = copy.deepcopy(self._reconcile)
        config.readback = str(self._place.file("r.csv", self._readback))
        with self._whole("reconciled") as out:
            config.output = str(out)
            found = reconcile_list(self._list, config)[2]
        with (out / "reconcile.csv").open(encoding="utf-8", newline="") as file:
            n = sum(1 for _ in csv.reader(file)) - 1
        if n != len(found.differences) or (n == 0) != (found.n_equal == found.n_sent):
            raise AssertionError(f"{n} lines of {len(found.differences)} differences, {found.n_equal} equal")

    def _delivered(self) -> None:
        rng, table = self._place.rng, self._scores
        if self._place.changing:
            table = self._changed(table)
        options = DeliveryOptions(target=rng.choice(target_names()), more=["note"], key_prefix=rng.choice(["", "C-"]))
        ids = table.column("account_id").combine_chunks()
        with self._whole("delivered") as out:
            plan = plan_list(lambda: [ids], options)
            rows = InOrder("account_id", None)
            rows.add(table.combine_chunks().to_batches()[0])
            with staged_folder(out) as stage:
                made = deliver(rows.parts(), plan, stage, run_id="r" * 32, model_sha256="m" * 64, package_version="0")
        if plan.target.view_only:
            return
        folder = out / made.folder.name
        problems = check_load(folder)
        keys = {key for part in read_list(folder) for key in part.column("account_key").to_pylist()}
        if problems or keys != set(plan.rule.keys(ids).to_pylist()):
            raise AssertionError(f"read otherwise than written: {problems[:1]} {len(keys)} keys")

    def _changed(self, table: pa.Table) -> pa.Table:
        """One to three cells replaced."""
        rng = self._place.rng
        for _ in range(rng.randint(1, 3)):
            what = rng.random()
            name = "as_of" if what < 0.1 else rng.choice(("percentile", "expected_value")) if what < 0.3 else ""
            name = name or rng.choice(_TEXTS)
            column = table.column(name)
            cells, row = column.to_pylist(), rng.randrange(len(table))
            if name == "as_of":
                cells[row] = rng.choice(_DAYS)
            elif name in ("percentile", "expected_value"):
                cells[row] = rng.choice(_NUMBERS)
            else:  # a reader trims ids and refuses empty ones
                cells[row] = self._place.text((cells[row] or "Media & more").encode()).strip() or "x"
            table = table.set_column(table.column_names.index(name), name, pa.array(cells, column.type))
        return table

    @contextmanager
    def _whole(self, name: str) -> Iterator[Path]:
        """A folder that has nothing in it where the case is refused."""
        out = self._place.emptied(name)
        try:
            yield out
        except ICPError:
            left = [file.name for file in out.rglob("*") if file.is_file()] if out.is_dir() else []
            if left:
                raise AssertionError(f"refused, and {left} is there") from None
            raise


def _mapped() -> list[str]:
    """What the columns of the three tables mean."""
    options = []
    for table in _RETURNED:
        options += [f"{table}=csv", f"{table}.path=x", f"{table}.account_id=account", f"{table}.at=date"]
        options += [f"{table}.kind=what"]
        more = () if table == "outcomes" else ("rep", "team", "message", "note", "record_id")
        options += [f"{table}.{name}={'id' if name == 'record_id' else name}" for name in more]
    return [*options, "outcomes.amount=amount", 'dispositions.codes=["Wrong fit=wrong_fit"]']


def _rows(ledger: Path) -> int:
    """Rows of what came back in a ledger."""
    connection = sqlite3.connect(ledger)
    try:
        return sum(connection.execute(f"select count(*) from {table}").fetchone()[0] for table in _TABLES)
    finally:
        connection.close()
