"""A real Tryton on loopback, with the fields of a list on its parties, spoken to as its desktop client does."""

from __future__ import annotations

import base64
import csv
import importlib.util
import io
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from icp.delivery import Field, Target
from mlflow_server import free_port

MODULE, DATABASE, PASSWORD = "icp_score", "crm", "loopback only"


def is_there() -> bool:
    return all(importlib.util.find_spec(name) for name in ("trytond", "trytond.modules.party"))


def column(field: Field) -> str:
    """The definition of a field in Tryton's own words."""
    label = repr(field.label)
    if field.kind == "number":
        return f"fields.Numeric({label}, digits=({field.digits + field.decimals}, {field.decimals}))"
    if field.kind == "date":
        return f"fields.Date({label})"
    if field.kind == "picklist":
        options = [(None, ""), *((option, option) for option in field.options)]
        return f"fields.Selection({options!r}, {label})"
    return f"fields.Char({label}, size={field.length}, strip=False)"


def write_module(folder: Path, rules: Target) -> None:
    """An add-on module with the fields of the list, found through an entry point."""
    place, info = folder / MODULE, folder / f"{MODULE}-1.0.dist-info"
    for made in (place, info):
        made.mkdir()
    lines = [f"    {field.header} = {column(field)}" for field in (*rules.fields[1:], rules.message_used)]
    head = "from trytond.model import fields\nfrom trytond.pool import PoolMeta\n\n\nclass Party(metaclass=PoolMeta):\n"
    (place / "party.py").write_text(f"{head}    __name__ = 'party.party'\n" + "\n".join(lines) + "\n", "utf-8")
    register = f"def register():\n    Pool.register(party.Party, module={MODULE!r}, type_='model')\n"
    (place / "__init__.py").write_text(f"from trytond.pool import Pool\n\nfrom . import party\n\n\n{register}", "utf-8")
    (place / "tryton.cfg").write_text("[tryton]\nversion=8.2.0\ndepends:\n    ir\n    party\n", "utf-8")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {MODULE}\nVersion: 1.0\n", "utf-8")
    (info / "entry_points.txt").write_text(f"[trytond.modules]\n{MODULE} = {MODULE}\n", "utf-8")


def _program(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def _environment(folder: Path) -> dict[str, str]:
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": path, "TRYTONPASSFILE": str(folder / "password"), "HOME": str(folder)}


def _configured(folder: Path, port: int) -> Path:
    text = f"[database]\nuri = sqlite://\npath = {folder}\n[web]\nlisten = localhost:{port}\n"
    config = folder / "trytond.conf"
    config.write_text(f"{text}[session]\nauthentications = password\n", encoding="utf-8")
    return config


def make_database(folder: Path, rules: Target) -> None:
    """An empty CRM in ``folder``; takes half a minute."""
    write_module(folder, rules)
    (folder / "password").write_text(f"{PASSWORD}\n", encoding="utf-8")
    (folder / f"{DATABASE}.sqlite").touch()
    arguments = [
        *(_program("trytond-admin"), "-c", str(_configured(folder, free_port())), "-d", DATABASE, "-u", MODULE),
        *("--activate-dependencies", "--email", "x@example.com"),
    ]
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=_environment(folder), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


@contextmanager
def running(made: Path, folder: Path) -> Iterator[Tryton]:
    """A server over a copy of the database that :func:`make_database` made."""
    shutil.copytree(made, folder)
    port = free_port()
    with (folder / "log.txt").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, _program("trytond"), "-c", _configured(folder, port), "-d", DATABASE],
            cwd=folder, env=_environment(folder), stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        yield Tryton(f"http://127.0.0.1:{port}/{DATABASE}/rpc/", process, folder / "log.txt")
    finally:
        os.killpg(process.pid, 15)
        process.wait(timeout=30)


class Refused(Exception):
    """What the server said."""


class Tryton:
    """A session of the administrator."""

    def __init__(self, address: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self._address, self._header = address, ""
        deadline = time.monotonic() + 180
        while True:
            try:
                user, token, *_ = self._call("common.db.login", "admin", {"password": PASSWORD}, "en")
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"Tryton did not start: {log.read_text()[-2000:]}")
                time.sleep(0.3)
        self._header = "Session " + base64.b64encode(f"admin:{user}:{token}".encode()).decode()

    def create(self, accounts: Sequence[tuple[str, str]]) -> None:
        """Accounts with a code and a name."""
        self.party("create", [{"code": code, "name": name} for code, name in accounts])

    def load(self, file: Path, encoding: str = "utf-8") -> int:
        """Import a file as the desktop client does."""
        return self.load_text(file.read_bytes().decode(encoding))

    def load_text(self, text: str) -> int:
        header, *rows = csv.reader(io.StringIO(text, newline=""))
        return self.party("import_data", header, rows)

    def parties(self, names: Sequence[str], prefix: str) -> dict[str, dict[str, str]]:
        """What the CRM now holds, as the text of a CSV, by code."""
        found = self.party("search_read", [("code", "like", f"{prefix}%")], 0, None, None, ["code", *names])
        return {row["code"]: {name: _text(row[name]) for name in names} for row in found}

    def count(self) -> int:
        return self.party("search_count", [])

    def party(self, method: str, *arguments: Any) -> Any:
        return self._call(f"model.party.party.{method}", *arguments, {})

    def _call(self, method: str, *arguments: Any) -> Any:
        body = json.dumps({"id": 0, "method": method, "params": arguments}).encode()
        headers = {"Content-Type": "application/json", "Authorization": self._header}
        request = urllib.request.Request(self._address, body, {k: v for k, v in headers.items() if v})
        with urllib.request.urlopen(request, timeout=300) as answer:
            given = json.loads(answer.read())
        if "error" in given:
            raise Refused(str(given["error"])[:500])
        return given["result"] if isinstance(given, dict) else given


def _text(value: Any) -> str:
    """A value of the CRM as a cell."""
    if value is None:
        return ""
    if isinstance(value, dict) and value["__class__"] == "Decimal":
        return f"{float(value['decimal']):.2f}"
    if isinstance(value, dict) and value["__class__"] == "date":
        return f"{value['year']:04d}-{value['month']:02d}-{value['day']:02d}"
    return str(value)
