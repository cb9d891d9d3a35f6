"""How fast it is, beside the usual ways: ``python -m benchmarks.speed --help`` in the project root."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.speed import flow, kernel, models, page, small, spark, training

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks" / "speed.md"
PARTS = ("kernel", "flow", "sizes", "start", "spark", "training")


def main() -> None:
    """Measure what is asked for, keep it, write the page."""
    told = _arguments()
    work = told.work.resolve()
    if set(told.only) - {"training"}:
        models.prepare(work)
    kept = work / "results.json"
    found: dict[str, Any] = json.loads(kept.read_text("utf-8")) if kept.is_file() else {}
    for part in told.only:
        if part == "kernel":
            found[part] = kernel.run(work, told.rounds, _peers(told))
        elif part == "flow":
            found[part] = flow.run(work, told.rounds)
        elif part == "sizes":
            found[part] = _sizes(work, told.rows)
        elif part == "spark":
            found[part] = spark.run(work, told.spark_rows, told.rounds)
        elif part == "training":
            found[part] = training.run(work, told.train_rows)
        else:
            found[part] = small.run(work, told.rounds)
        kept.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    page.write(found, told.page)


def _arguments() -> argparse.Namespace:
    read = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    read.add_argument("--work", type=Path, default=Path("out/speed"), help="folder of tables, models and results")
    read.add_argument(
        "--only", nargs="*", choices=PARTS, default=list(PARTS), help="parts to measure; none: only the page"
    )
    read.add_argument("--rounds", type=int, default=5)
    read.add_argument("--rows", type=int, nargs="*", default=[10_000, 100_000, 1_000_000, 10_000_000])
    read.add_argument("--spark-rows", type=int, default=1_000_000, help="accounts that both engines score")
    read.add_argument("--train-rows", type=int, nargs="*", default=training.ROWS)
    read.add_argument("--envs", type=Path, default=None, help="folder of the other explainers' environment; WORK/envs")
    read.add_argument("--page", type=Path, default=PAGE)
    return read.parse_args()


def _peers(told: argparse.Namespace) -> Path:
    """The environment of the other explainers, made where it is not there."""
    import subprocess

    place = (told.envs or told.work / "envs").resolve() / "explainers"
    if not (place / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        pip = [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, *kernel.REQUIRES], check=True)
    return place


def _sizes(work: Path, lengths: list[int]) -> list[dict[str, Any]]:
    found = []
    for model in ("default", "300 x 31"):
        for n_rows in lengths:
            new = flow.table(n_rows, work)
            used = flow.icp_score(new, work / model, work / "out")
            found.append({"model": model, "rows": n_rows, "cpu": used.cpu, "wall": used.wall, "peak_mb": used.peak_mb})
            print(json.dumps(found[-1]), flush=True)
    return found


if __name__ == "__main__":
    sys.exit(main())
