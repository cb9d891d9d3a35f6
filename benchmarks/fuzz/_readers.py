"""One case of each file that is read."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

import icp
from benchmarks.fuzz._place import ROOT, Place, sample_rows
from icp import bundle
from icp._proposing import read_proposals, read_sheet
from icp._rules import read_list_tables
from icp._wording import plain
from icp.accounts import read_accounts, read_dated
from icp.config import resolve
from icp.delivery import check_load, read_list
from icp.engines import score_frame
from icp.labels._signoff import check_signoff
from icp.messages import read_library
from icp.options import AccountOptions, DatedOptions
from icp.outcomes._codes import code_map
from icp.outcomes._goals import goals_template, read_goals

__all__ = ["Readers"]

_SIGNOFF = b"definition: %s\nmarketing: {name: A, date: 2026-01-02}\nsales: {name: B, date: 2026-01-02}\n" % (
    b"0a" * 32
)
_PROPOSAL = b"kind,what,column,value,team,on\ntrait,size of the firm,size,1,sales,2026-01-02\n"
_SHEET = b"column,value,accepted,by\nsize,1,yes,A\n"
_TABLES = {
    "reps.csv": b"rep,slots,territory,team\nAnn,10,north,a\nBob,5,south,a\n",
    "actions.csv": b"tier,next_action\nA,call\nB,mail\nC,wait\nD,nothing\n",
    "deals.csv": b"account_id,reason\nA1,open deal\n",
}
_WORDS = "50 seats & Größe | 'Müller' -12".encode()


class Readers:
    """Cases of what is read.

    Parameters
    ----------
    place : Place
        Where they are made.
    model, sent : dict of str to bytes
        Files of a model, and of a list.
    """

    def __init__(self, place: Place, model: dict[str, bytes], sent: dict[str, bytes]) -> None:
        self._place, self._model, self._sent = place, model, sent
        self._accounts = sample_rows("accounts", 13)
        self._events = sample_rows("events", 19)
        self._few = pd.read_csv(io.BytesIO(sample_rows("accounts", 5)), dtype=str).set_index("account_id")
        config = resolve(icp.load_config("score", ["events=sample", "outcomes=sample"]))
        self._rows = {name: read_dated(name, getattr(config, name)) for name in ("events", "outcomes")}
        self._library = (ROOT / "data" / "messages" / "sample.yaml").read_bytes()

    def cases(self) -> dict[str, Callable[[], Any]]:
        """One case of each input, by name."""
        file = self._place.file
        return {
            "accounts, CSV": lambda: read_accounts(self._csv()),
            "events, CSV": lambda: read_dated("events", self._dated()),
            "messages": lambda: read_library(str(file("m.yaml", self._library))),
            "goals": lambda: read_goals(file("g.yaml", goals_template().encode())),
            "sign-off": lambda: check_signoff(str(file("s.yaml", _SIGNOFF))),
            "proposals": lambda: read_proposals([str(file("p.csv", _PROPOSAL))]),
            "sheet of exclusions": lambda: read_sheet(str(file("x.csv", _SHEET)), "rules"),
            "rules and slots": self._tables,
            "codes": lambda: code_map([self._place.text(b"Not interested=no_interest")]),
            "model": self._bundle,
            "delivered list": self._list,
            "words for a CRM": self._words,
        }

    def seeds(self, loader: str) -> list[bytes]:
        """Valid inputs of one loader, for a program that changes them itself; of a model, its place goes before."""
        if loader == "model":
            names = [name for name in sorted(self._model) if name.endswith(".json") and name != "manifest.json"]
            return [bytes([i]) + self._model[name] for i, name in enumerate(names)]
        return {"accounts": [self._accounts], "list": [self._sent["manifest.json"]], "messages": [self._library]}[
            loader
        ]

    def load(self, loader: str, data: bytes) -> None:
        """Load what another program made."""
        path = self._place.folder / "given"
        if loader in ("accounts", "messages"):
            path.write_bytes(data)
            if loader == "messages":
                read_library(str(path))
            else:
                read_accounts(AccountOptions(source="csv", path=str(path), account_id="account_id"))
        elif loader == "list":
            self._looked_at(self._sent | {"manifest.json": data})
        else:
            names = [name for name in sorted(self._model) if name.endswith(".json") and name != "manifest.json"]
            files = {name: content for name, content in self._model.items() if name != "manifest.json"}
            files[names[(data[0] if data else 0) % len(names)]] = data[1:]
            self._served(self._sealed(files))

    def _csv(self) -> AccountOptions:
        path = self._place.file("a.csv", self._accounts)
        return AccountOptions(source="csv", path=str(path), account_id="account_id")

    def _dated(self) -> DatedOptions:
        path = self._place.file("e.csv", self._events)
        return DatedOptions(source="csv", path=str(path), account_id="account_id", at="at", kind="kind")

    def _tables(self) -> None:
        config = icp.load_config("score", [])
        paths = {name: str(self._place.folder / name) for name in _TABLES}
        one = self._place.rng.choice(list(_TABLES))
        for name, data in _TABLES.items():
            Path(paths[name]).write_bytes(self._place.data(data) if name == one else data)
        config.call_list.reps, config.call_list.actions = paths["reps.csv"], paths["actions.csv"]
        config.rules.exclude = [paths["deals.csv"]]
        read_list_tables(config)

    def _bundle(self) -> None:
        rng = self._place.rng
        files = {name: data for name, data in self._model.items() if name != "manifest.json"}
        name = rng.choice(sorted(files))
        whole = name.endswith(".json") and rng.random() < 0.8
        files[name] = (
            json.dumps(self._place.value(json.loads(files[name]))).encode() if whole else self._place.data(files[name])
        )
        files = self._sealed(files)
        if rng.random() < 0.2:
            files["manifest.json"] = json.dumps(self._place.value(json.loads(files["manifest.json"]))).encode()
        self._served(files)

    def _served(self, files: dict[str, bytes]) -> None:
        """A model that is accepted gives every account a chance and a tier."""
        model = bundle.read(self._place.files("model", files))
        scores = score_frame(model, self._few, events=self._rows["events"], outcomes=self._rows["outcomes"])
        if not scores["propensity"].between(0.0, 1.0).all() or scores["tier"].isna().any():
            raise AssertionError("an account has no score")

    def _sealed(self, files: dict[str, bytes]) -> dict[str, bytes]:
        """The files with a manifest whose hashes fit."""
        manifest = json.loads(self._model["manifest.json"])
        hashes = {key: hashlib.sha256(data).hexdigest() for key, data in files.items()}
        manifest |= {"files": hashes, "content_hash": bundle.hash_of_files(hashes)}
        return files | {"manifest.json": json.dumps(manifest).encode()}

    def _list(self) -> None:
        rng, files = self._place.rng, dict(self._sent)
        name = rng.choice(sorted(files))
        files[name] = self._place.data(files[name])
        if name.endswith("manifest.json") and rng.random() < 0.7:
            files[name] = json.dumps(self._place.value(json.loads(self._sent[name]))).encode()
        self._looked_at(files)

    def _looked_at(self, files: dict[str, bytes]) -> None:
        folder = self._place.files("list", files)
        check_load(folder)
        for _ in read_list(folder):
            pass

    def _words(self) -> None:
        made = plain(self._place.text(_WORDS))
        if made[:1] in tuple("=+-@\t\r") or len(made.encode()) > 255 or plain(made) != made:
            raise AssertionError(f"not safe: {made!r}")
