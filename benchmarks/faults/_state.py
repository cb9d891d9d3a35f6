"""What a folder holds after a run, as values that can be compared: files, ledger, registry."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

_CLOCKED = {"delivered_at", "loaded_at", "erased_at"}


@contextmanager
def inside(folder: Path) -> Any:
    """The folder as the current one."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def outputs(folder: Path) -> dict[str, dict[str, str]]:
    """For each thing in an output folder (a file, or a folder that moves whole): its files with their hashes."""
    found: dict[str, dict[str, str]] = {}
    for item in sorted((folder / "out").glob("*/*")):
        if item.name.startswith("."):
            continue
        files = [item] if item.is_file() else sorted(file for file in item.rglob("*") if file.is_file())
        name = item.relative_to(folder).as_posix()
        found[name] = {file.relative_to(item).as_posix(): _hash(file) for file in files}
    return found


def abandoned(folder: Path) -> list[Path]:
    """What runs left on the way."""
    return sorted(path for path in folder.rglob(".partial-*") if "tmp" not in path.relative_to(folder).parts)


def ledger(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the ledger, without the clock; raises where it is not whole."""
    file = folder / "ledger" / "icp.db"
    if not file.exists():
        return {}
    tables = _rows(file, lambda name: name.startswith("icp_"))
    for row in tables.get("icp_lists", []):
        held = sum(one["run_id"] == row["run_id"] for one in tables["icp_deliveries"])
        if not 0 <= row["n_rows"] - held <= len(tables["icp_erasures"]):
            raise AssertionError(f"a list of {row['n_rows']} rows has {held} in the ledger")
    return {
        name: sorted(tuple(repr(v) for k, v in row.items() if k not in _CLOCKED) for row in rows)
        for name, rows in tables.items()
    }


def registry(folder: Path) -> dict[str, Any]:
    """Versions with the hash of their model, aliases, and the log; raises where they do not agree."""
    file = folder / "mlruns" / "mlflow.db"
    if not file.exists():
        return {"versions": {}, "aliases": {}, "log": []}
    tables = _rows(file, lambda name: name in ("model_versions", "registered_model_aliases", "runs"))
    aliases = {row["alias"]: str(row["version"]) for row in tables["registered_model_aliases"]}
    from icp import bundle
    from icp.options import TrackingOptions
    from icp.tracking import find_bundle, promotion_log

    local = TrackingOptions(store="local")
    with inside(folder):
        versions = {
            str(row["version"]): bundle.read(find_bundle(f"models:/leads/{row['version']}", local)).content_hash
            for row in tables["model_versions"]
        }
        log = promotion_log("leads", local)
    for alias, number in aliases.items():
        if number not in versions:
            raise AssertionError(f"{alias} is version {number}, which is not there")
    if aliases.get("champion", "") != (log[-1].after if log else ""):
        raise AssertionError(
            f"the champion is {aliases.get('champion')}, the log says {log[-1].after if log else None}"
        )
    moves = [(one.action, one.before, one.after) for one in log]
    running = sum(row["status"] == "RUNNING" for row in tables["runs"])
    return {"versions": versions, "aliases": aliases, "log": moves, "running": running}


def _rows(file: Path, wanted: Any) -> dict[str, list[dict[str, Any]]]:
    with closing(sqlite3.connect(file)) as connection:
        connection.row_factory = sqlite3.Row
        if connection.execute("pragma integrity_check").fetchone()[0] != "ok":
            raise AssertionError(f"{file.name} is damaged")
        names = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
        return {
            name: [dict(row) for row in connection.execute(f'select * from "{name}"')] for name in names if wanted(name)
        }


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
