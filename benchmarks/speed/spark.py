"""The local engine and Spark on one machine, over the same accounts: what each takes, and whether rows are the same."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from benchmarks.speed.data import chunks
from benchmarks.speed.flow import table
from benchmarks.speed.models import FIRST_NEW
from benchmarks.speed.process import Used, measure

MODELS = ("default", "300 x 31")
FORMATS = ("csv", "parquet")
ENGINES = {"local": [], "spark": ["engine=spark", "spark.master='local[2]'"]}
_AT_A_TIME = 20_000


def run(work: Path, n_rows: int, rounds: int) -> list[dict[str, Any]]:
    """One entry per model and format: seconds of both engines round by round, and whether their rows are the same."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for _ in range(rounds):
        for model in MODELS:
            for kind in FORMATS:
                entry = found.setdefault(
                    (model, kind),
                    {"model": model, "format": kind, "rows": n_rows, "local": [], "spark": [], "load": [], "same": []},
                )
                for engine in ENGINES:
                    entry["load"].append(os.getloadavg()[0])
                    used = score(work, n_rows, model, kind, engine)
                    entry[engine].append({"cpu": used.cpu, "wall": used.wall})
                entry["same"].append(compare(*(work / f"out-{engine}" / f"scores.{kind}" for engine in ENGINES)))
                print(json.dumps(entry), flush=True)
    return list(found.values())


def score(work: Path, n_rows: int, model: str, kind: str, engine: str) -> Used:
    """The command as typed, CSV to CSV or Parquet to Parquet."""
    file = table(n_rows, work) if kind == "csv" else parquet(n_rows, work)
    source = [f"accounts={kind}", f"accounts.path={file}", "accounts.account_id=account_id", f"format={kind}"]
    target = [f"model={work / model}", f"output={work / f'out-{engine}'}", "tracking=none"]
    return measure([sys.executable, "-m", "icp.score", *source, *target, *ENGINES[engine]], ok=(0, 3))


def parquet(n_rows: int, work: Path) -> Path:
    """The same accounts as Parquet, with types, 50,000 to a row group: Spark does not part a row group."""
    file = work / f"new.{n_rows}.parquet"
    if not file.is_file():
        made = chunks(n_rows, FIRST_NEW)
        first = next(made)
        with pq.ParquetWriter(file, first.schema, compression="zstd") as writer:
            for chunk in (first, *made):
                writer.write_batch(chunk)
    return file


def compare(local: Path, spark: Path) -> dict[str, Any]:
    """Fingerprints of all cells of all columns by account, and whether a CSV is the same byte by byte."""
    prints = [fingerprint(file) for file in (local, spark)]
    same_bytes = None
    if local.is_file() and spark.is_file() and local.suffix == ".csv":
        with local.open("rb") as one, spark.open("rb") as two:
            same_bytes = hashlib.file_digest(one, "sha256").digest() == hashlib.file_digest(two, "sha256").digest()
    return {"fingerprints": prints, "rows": prints[0] == prints[1], "bytes": same_bytes}


def fingerprint(scores: Path) -> str:
    """Of the names of the columns, and of every cell as it is (a number with all its digits), ordered by account."""
    if scores.suffix == ".csv":
        text = pa.csv.ConvertOptions(column_types=dict.fromkeys(_header(scores), pa.string()))
        lines = pa.csv.ParseOptions(newlines_in_values=True)
        cells = pa.csv.read_csv(scores, parse_options=lines, convert_options=text)
    else:
        cells = pq.read_table(scores)
    digest = hashlib.sha256(repr(cells.column_names).encode())
    for rows in _ordered(cells):
        digest.update(repr(rows).encode())
    return digest.hexdigest()


def _ordered(cells: pa.Table) -> Iterator[list[tuple[Any, ...]]]:
    order = pa.compute.sort_indices(cells, [("account_id", "ascending")])
    for first in range(0, len(order), _AT_A_TIME):
        part = cells.take(order[first : first + _AT_A_TIME])
        yield list(zip(*(column.to_pylist() for column in part.columns), strict=True))


def _header(scores: Path) -> list[str]:
    with pa.csv.open_csv(scores) as reader:
        return list(reader.schema.names)
