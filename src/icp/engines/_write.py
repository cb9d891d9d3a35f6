"""Scores as files: written batch by batch, with a fingerprint of all of them."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from icp._csv import csv_header, csv_rows, decimal_text
from icp.engines._core import SCORE_COLUMNS
from icp.errors import TableError

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetWriter

__all__ = ["ScoreFile", "best_rows", "read_best", "read_scores", "score_text", "to_text"]

_DECIMALS = {"propensity": 6, "percentile": 2, "expected_value": 2} | dict.fromkeys(
    ("margin_before", "data", "model", "calibration", "margin_after"), 12
)


_PARSE = pacsv.ParseOptions(newlines_in_values=True)
_ROW = re.compile(r"Row #\d+: Expected \d+ columns, got \d+")


def _cells() -> pacsv.ConvertOptions:
    """How the cells of ``scores.csv`` are read."""
    kinds = {name: pa.float64() if name in _DECIMALS else pa.string() for name in SCORE_COLUMNS}
    return pacsv.ConvertOptions(column_types=kinds, null_values=[""], strings_can_be_null=True)


class ScoreFile:
    """``scores.csv`` or ``scores.parquet`` while it is written.

    Parameters
    ----------
    file : Path or None
        Ending in ``.csv`` or ``.parquet``; None where the scores lie elsewhere and only their identity is wanted.
    content_hash : str
        Of the model.
    """

    def __init__(self, file: Path | None, content_hash: str) -> None:
        self._file = file
        self._digest = hashlib.sha256(content_hash.encode())
        self._parquet: ParquetWriter | None = None
        self._csv = None if file is None or file.suffix == ".parquet" else file.open("wb")
        self._begun = False

    def write(self, scored: pa.RecordBatch, text: bytes) -> None:
        """Add some rows.

        Parameters
        ----------
        scored : RecordBatch
            As scored.
        text : bytes
            The same from :func:`score_text`.
        """
        if not self._begun:
            text, self._begun = csv_header(scored.schema.names) + text, True
            if self._csv is None and self._file is not None:
                import pyarrow.parquet as pq

                self._parquet = pq.ParquetWriter(self._file, scored.schema, compression="zstd")
        self._digest.update(text)
        if self._csv is not None:
            self._csv.write(text)
        if self._parquet is not None:
            self._parquet.write_table(pa.Table.from_batches([scored]))

    def close(self) -> str:
        """End the file.

        Returns
        -------
        str
            Identity of the run: the same for the same model and scores.
        """
        for file in (self._csv, self._parquet):
            if file is not None:
                file.close()
        return self._digest.hexdigest()[:32]


def score_text(scored: pa.RecordBatch) -> bytes:
    """Rows of ``scores.csv``.

    Parameters
    ----------
    scored : RecordBatch
        As scored.

    Returns
    -------
    bytes
        Without the header.
    """
    return csv_rows(to_text(pa.Table.from_batches([scored])))


def read_scores(file: Path) -> pd.DataFrame:
    """Written scores as they were.

    Parameters
    ----------
    file : Path
        From :class:`ScoreFile`.

    Returns
    -------
    DataFrame, shape (n_accounts, n_columns)
        Indexed by ``account_id``, in input order.
    """
    if file.suffix == ".parquet":
        import pyarrow.parquet as pq

        return pq.read_table(file).to_pandas().set_index("account_id")
    return pacsv.read_csv(file, parse_options=_PARSE, convert_options=_cells()).to_pandas().set_index("account_id")


def read_best(source: Path, top: int, off: Collection[str] = ()) -> tuple[pd.DataFrame, dict[str, int]]:
    """The best of written scores, read batch by batch: memory does not grow with the file.

    Parameters
    ----------
    source : Path
        ``scores.csv``, ``scores.parquet`` (also a folder of such files), or the folder of a run that holds one.
    top : int
        Rows wanted.
    off : collection of str, default=()
        Ids of accounts that do not count.

    Returns
    -------
    best : DataFrame, shape (top or fewer, n_columns)
        Indexed by ``account_id``, best first, the earlier first where they tie.
    tiers : dict of str to int
        Accounts of the whole file in each tier, without those.

    Raises
    ------
    TableError
        There is no such file, or not the whole of it (``ICP100``), or it does not hold scores (``ICP102``).
    """
    tiers: Counter[str] = Counter()
    best: pa.RecordBatch | None = None
    without = pa.array(sorted(off), pa.string())
    try:
        for batch in _open(source).to_batches(columns=list(SCORE_COLUMNS)):
            if len(without):
                batch = batch.filter(pc.invert(pc.is_in(batch.column("account_id"), without)))
            for letter in batch.column("tier").value_counts():
                tiers[str(letter["values"])] += letter["counts"].as_py()
            both = batch if best is None else pa.concat_batches([best, batch])
            best = best_rows(both, top)
    except pa.ArrowInvalid as error:
        where = _ROW.search(str(error))  # no more of the error, as it quotes the row
        message = f"'{source}' is no whole file of scores{f': {where[0]}' if where else ''}."
        raise TableError.one("ICP100", message, "Write it again with icp.score.") from None
    if best is None:
        raise TableError.one("ICP101", f"'{source}' holds no account.", "Score accounts first.")
    return best.to_pandas().set_index("account_id"), dict(sorted(tiers.items()))


def _open(source: Path) -> Any:
    """Scores in whatever form, its columns checked."""
    import pyarrow.dataset as ds  # scoring itself does without

    inside = [source / name for name in ("scores.csv", "scores.parquet") if (source / name).exists()]
    if not source.exists() or (source.is_dir() and not inside and not any(source.rglob("*.parquet"))):
        message = f"there are no scores {'in' if source.is_dir() else 'at'} '{source}'."
        raise TableError.one("ICP100", message, "Run python -m icp.score, and give the scores.csv it wrote.")
    source = inside[0] if inside else source
    form = ds.CsvFileFormat(_PARSE, convert_options=_cells()) if source.suffix == ".csv" else "parquet"
    found = ds.dataset(source, format=form)
    missing = [name for name in SCORE_COLUMNS if name not in found.schema.names]
    if missing:
        problems = TableError.missing_columns(missing, found.schema.names, "Give a file that icp.score wrote.")
        raise TableError(f"'{source}' does not hold scores", problems)
    return found


def best_rows(scored: pa.RecordBatch, top: int) -> pa.RecordBatch:
    """The best rows of a batch, the earlier first where they tie.

    Parameters
    ----------
    scored : RecordBatch
        With ``percentile`` and ``propensity``.
    top : int
        Rows wanted.

    Returns
    -------
    RecordBatch
        Best first.
    """
    percentile, propensity = (
        scored.column(name).to_numpy(zero_copy_only=False) for name in ("percentile", "propensity")
    )
    return scored.take(pa.array(np.lexsort((-propensity, -percentile))[:top]))


def to_text(table: pa.Table) -> pa.Table:
    """Scores as the text of ``scores.csv``: fixed decimals, no exponent.

    Parameters
    ----------
    table : Table
        As scored.

    Returns
    -------
    Table
        Text columns only.
    """
    return pa.table({name: _text(name, table.column(name)) for name in table.column_names})


def _text(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    return decimal_text(column, _DECIMALS[name]) if name in _DECIMALS else column.cast(pa.string())
