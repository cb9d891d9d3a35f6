"""icp and its peers on the same splits of public sets: ``python -m benchmarks.quality --help`` in the project root."""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.quality import recorded, table
from benchmarks.quality.envs import python_of
from benchmarks.quality.peers import PEERS
from benchmarks.quality.tasks import SETS, prepare

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Cut the sets, run what has no result yet, write the table."""
    told = _arguments()
    specs = sorted(told.sets.glob("*.json"))
    if unknown := set(told.tasks) - {spec.stem for spec in specs}:
        sys.exit(f"no such set in {told.sets}: {', '.join(sorted(unknown))}")
    chosen = [spec for spec in specs if not told.tasks or spec.stem in told.tasks]
    folders = [prepare(spec, told.data, told.work / "tasks") for spec in chosen]
    names = told.contenders or list(PEERS)
    if told.recorded:
        recorded.restore(folders, told.work / "results", [name for name in PEERS if name not in told.again])
    for name in names:
        pending = [task for task in folders if name in told.again or not _result(told.work, task, name).is_file()]
        if told.table_only or not pending:
            continue
        python, why = python_of(name, told.envs)
        for task in pending:
            result = {"contender": name, "task": task.name, "failed": why} if why else _run(name, python, task, told)
            print(json.dumps(result), flush=True)
            _result(told.work, task, name).write_text(json.dumps(result) + "\n", "utf-8")
            _write(told, specs)
    _write(told, specs)
    if told.record:
        recorded.record(folders, told.work / "results", [name for name in names if name != "icp"])


def _arguments() -> argparse.Namespace:
    read = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    read.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="folder of the public sets")
    read.add_argument("--sets", type=Path, default=SETS, help="folder of the JSON files that describe the sets")
    read.add_argument("--work", type=Path, default=Path("out/quality"), help="folder of splits and results, resumed")
    read.add_argument("--envs", type=Path, default=None, help="folder of the peers' environments; WORK/envs")
    read.add_argument("--tasks", nargs="*", default=[], help="only these")
    read.add_argument("--contenders", nargs="*", default=[], choices=list(PEERS), help="only these")
    read.add_argument(
        "--again", nargs="*", default=[], choices=list(PEERS), help="run these although there are results"
    )
    read.add_argument("--budget", type=float, default=300, help="seconds that a peer which searches gets per task")
    read.add_argument("--limit", type=float, default=3600, help="seconds after which a contender is stopped")
    read.add_argument("--icp-src", type=Path, default=ROOT / "src", help="source tree that icp is run from")
    read.add_argument("--table", type=Path, default=ROOT / "docs" / "benchmarks" / "quality.md", help="page to write")
    read.add_argument("--table-only", action="store_true", help="write the page from the results that are there")
    read.add_argument("--recorded", action="store_true", help="use recorded predictions of peers without results")
    read.add_argument("--record", action="store_true", help="keep the peers' predictions with the code")
    told = read.parse_args()
    told.work, told.envs = told.work.resolve(), (told.envs or told.work / "envs").resolve()
    for folder in (told.work / "results", told.envs):
        folder.mkdir(parents=True, exist_ok=True)
    return told


def _result(work: Path, task: Path, name: str) -> Path:
    return work / "results" / f"{task.name}.{name}.json"


def _run(name: str, python: str, task: Path, told: argparse.Namespace) -> dict[str, object]:
    """One contender on one task, timed from start to end of its process."""
    out = told.work / "results" / f"{task.name}.{name}"
    made = {kind: out.with_name(f"{out.name}.made.{kind}") for kind in ("csv", "json")}
    paths = os.pathsep.join([str(told.icp_src.resolve()), str(ROOT)])
    command = [python, "-m", "benchmarks.quality.contender", name, str(task), str(out) + ".made", str(told.budget)]
    result: dict[str, object] = {"contender": name, "task": task.name}
    before, started = _children_seconds(), time.perf_counter()
    log = told.work / f"{task.name}.{name}.log"
    why = _waited(command, log, {**os.environ, "PYTHONPATH": paths}, told.work, told.limit)
    if why:
        return {**result, "failed": why}
    result["seconds"] = round(time.perf_counter() - started, 1)
    result["cpu_seconds"] = round(_children_seconds() - before, 1)
    result["budget"] = told.budget if PEERS[name].searches else None
    result["versions"] = json.loads(made["json"].read_text("utf-8"))["versions"]
    made["json"].unlink()
    made["csv"].replace(out.with_name(f"{out.name}.csv"))
    return result


def _children_seconds() -> float:
    """Processor seconds of the processes that have ended, with those they waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _waited(command: list[str], log: Path, environment: dict[str, str], place: Path, limit: float) -> str:
    """Why the process did not end well; empty where it did. One that takes too long is ended with its children."""
    with log.open("w") as said:
        group = {"start_new_session": True}
        started = subprocess.Popen(command, cwd=place, env=environment, stdout=said, stderr=subprocess.STDOUT, **group)
        try:
            code = started.wait(limit)
        except BaseException as error:
            os.killpg(started.pid, signal.SIGKILL)
            started.wait()
            if isinstance(error, subprocess.TimeoutExpired):
                return f"stopped after {limit:.0f} seconds"
            raise
    last = " ".join(log.read_text("utf-8", errors="replace").strip().splitlines()[-1:])
    return "" if code == 0 else f"exit {code}: {last}"[:600]


def _write(told: argparse.Namespace, specs: list[Path]) -> None:
    """The page and the figures, of every set that was cut."""
    folders = [told.work / "tasks" / spec.stem for spec in specs]
    folders = [folder for folder in folders if (folder / "task.json").is_file()]
    told.table.parent.mkdir(parents=True, exist_ok=True)
    found = table.collect(folders, told.work / "results")
    told.table.write_text(table.page(folders, found), "utf-8")
    (told.work / "figures.json").write_text(json.dumps(table.data(found), indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
