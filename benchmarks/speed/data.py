"""A table of accounts of any length: 60 columns as a CRM has them, made in chunks, the same on every machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

CHUNK = 50_000
N_NUMBERS, N_WORDS = 35, 21
CARDINALITIES = [3, 4, 5, 6, 8, 10, 12, 15, 18, 20, 25, 30, 40, 50, 60, 80, 120, 200, 400, 800, 2000]
LABEL = "won"
_SEED = 7


def write_table(file: Path, n_rows: int, *, label: bool = False, start: int = 0) -> None:
    """Write ``n_rows`` accounts as CSV, from account number ``start`` on; with the label for training.

    60 columns: an id, a name with commas and quotes, two dates, 35 numbers (skewed, whole, up to 35 % missing) and 21
    columns of words (3 to 2,000 different ones, some missing).
    """
    schema = None
    with file.open("wb") as out:
        writer = None
        for chunk in chunks(n_rows, start, label):
            if writer is None:
                schema = chunk.schema
                writer = pa.csv.CSVWriter(out, schema)
            writer.write_batch(chunk)
        if writer is not None:
            writer.close()


def chunks(n_rows: int, start: int = 0, label: bool = False) -> Iterator[pa.RecordBatch]:
    """The accounts, 50,000 at a time; a chunk depends on its number only."""
    for first in range(start, start + n_rows, CHUNK):
        yield _chunk(first, min(CHUNK, start + n_rows - first), label)


def _chunk(first: int, n: int, label: bool) -> pa.RecordBatch:
    rng = np.random.default_rng([_SEED, first])
    hidden = rng.normal(size=(n, 4))
    number = np.arange(first, first + n)
    columns: dict[str, pa.Array] = {
        "account_id": pa.array([f"A{i:09d}" for i in number]),
        "company": pa.array([f'Firm "{i % 977}", {i} & Sons' for i in number]),
        "created": _dates(rng, n, 3000),
        "renewed": _dates(rng, n, 900),
    }
    margin = -3.0 + 0.8 * hidden[:, 0] + 1.5 * np.tanh(hidden[:, 0] * hidden[:, 1]) + 1.2 * (np.abs(hidden[:, 2]) > 1)
    for j in range(N_NUMBERS):
        values = 0.7 * hidden[:, j % 4] + rng.normal(size=n)
        margin += 0.25 * np.sin(j) * values * (j < 12)
        made = (np.exp(values) * 100, np.floor(np.exp(values) * 5), np.round(values, 4))[j % 3]
        missing = rng.random(n) < 0.35 * j / N_NUMBERS
        columns[f"number_{j:02d}"] = pa.array(made, mask=missing, type=pa.float64() if j % 3 != 1 else None)
    for j, levels in enumerate(CARDINALITIES):
        skewed = np.minimum((levels * rng.beta(1.0, 2.5, size=n)).astype(int), levels - 1)
        margin += 0.4 * np.cos(skewed) * (j < 8) + 0.3 * (hidden[:, 1] > 0) * (skewed % 2) * (j < 4)
        words = np.array([f"word {j} {level}" for level in range(levels)], dtype=object)
        columns[f"word_{j:02d}"] = pa.array(words[skewed], mask=rng.random(n) < 0.02 * (j % 5), type=pa.string())
    if label:
        columns[LABEL] = pa.array(np.where(rng.random(n) < 1.0 / (1.0 + np.exp(-margin)), "yes", "no"))
    return pa.RecordBatch.from_pydict(columns)


def _dates(rng: np.random.Generator, n: int, days: int) -> pa.Array:
    day = np.datetime64("2024-06-30") - rng.integers(0, days, n).astype("timedelta64[D]")
    return pa.array(day.astype("datetime64[D]"), mask=rng.random(n) < 0.05)
