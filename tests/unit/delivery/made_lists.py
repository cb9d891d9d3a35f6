"""Scores as the engine gives them, and lists made of them."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa

from icp._spill import InOrder
from icp.delivery import check_load, deliver, plan_list, read_list
from icp.options import DeliveryOptions

REASON = "Industry Software: such accounts became best customers 2.1 times as often as the average (41 of 690)."


def scores(ids, **changed):
    n = len(ids)
    columns = {
        "account_id": list(ids),
        "status": ["scored"] * n,
        "propensity": [0.25] * n,
        "percentile": [97.5] * n,
        "tier": ["A"] * n,
        "fit_tier": ["A"] * n,
        "engagement_level": [None] * n,
        "profile_id": ["P1"] * n,
        "profile": ["Software, 50 to 199 employees"] * n,
        "reason_1": [REASON] * n,
        "reason_2": [None] * n,
        "reason_3": [None] * n,
        "watch_out": ["Country Norway: rarer than average, 2 of 210."] * n,
        "talking_point": [None] * n,
        "confidence": ["high"] * n,
        "expected_value": [100.0] * n,
        "as_of": ["2026-03-31"] * n,
        "model_version": ["icp-0123456789ab"] * n,
        **changed,
    }
    types = {"propensity": pa.float64(), "percentile": pa.float64(), "expected_value": pa.float64()}
    return pa.table({name: pa.array(cells, types.get(name, pa.string())) for name, cells in columns.items()})


def write(table, folder, name="generic", part_rows=3, known=None, run_id="r" * 32, **options):
    """Check the keys, sort, and write in parts of some rows."""
    options = DeliveryOptions(target=name, **options)
    in_crm = None if known is None else lambda: [pa.array(known, pa.string())]
    plan = plan_list(lambda: [table.column("account_id").combine_chunks()], options, known=in_crm)
    rows = InOrder("account_id", None)
    for batch in table.to_batches():
        rows.add(batch)
    parts = [part.slice(start, part_rows) for part in rows.parts() for start in range(0, len(part), part_rows)]
    return deliver(parts, plan, Path(folder), run_id=run_id, model_sha256="m" * 64, package_version="0.1.0")


def make(table, name="generic", part_rows=3, known=None, **options):
    """The same, in memory."""
    with tempfile.TemporaryDirectory() as folder:
        written = write(table, folder, name, part_rows, known, **options)
        loadable = written.manifest["loadable"]
        rows = pa.concat_tables(read_list(written.folder)).to_pylist() if loadable and len(table) else None
        problems = check_load(written.folder)
        files = {str(f.relative_to(written.folder)): f.read_bytes() for f in written.folder.rglob("*") if f.is_file()}
    return SimpleNamespace(files=files, manifest=written.manifest, rows=rows, problems=problems)


def read(delivery, part="scores."):
    """Rows of the files, as any reader of CSV sees them."""
    files = sorted(name for name in delivery.files if name.startswith(part) and name.endswith(".csv"))
    return [row for name in files for row in csv.DictReader(io.StringIO(delivery.files[name].decode("utf-8-sig")))]
