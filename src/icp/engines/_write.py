"""Scores as files: written batch by batch, with a fingerprint of all of them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from icp._csv import csv_header, csv_rows, decimal_text
from icp.engines._core import SCORE_COLUMNS

__all__ = ["ScoreFile", "read_scores", "score_text", "to_text"]

_DECIMALS = {"propensity": 6, "percentile": 2, "expected_value": 2} | dict.fromkeys(
    ("margin_before", "data", "model", "calibration", "margin_after"), 12
)


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
        self._parquet: pq.ParquetWriter | None = None
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
        return pq.read_table(file).to_pandas().set_index("account_id")
    text = pacsv.ConvertOptions(
        column_types={name: pa.float64() if name in _DECIMALS else pa.string() for name in SCORE_COLUMNS},
        null_values=[""],
        strings_can_be_null=True,
    )
    parse = pacsv.ParseOptions(newlines_in_values=True)
    return pacsv.read_csv(file, parse_options=parse, convert_options=text).to_pandas().set_index("account_id")


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
