"""Scoring: one pure function from Arrow record batch to Arrow record batch, and what drives it.

Whatever the engine, a row is scored by :func:`score_batch` alone. It reads nothing but its arguments, treats each row
by itself, sums in a fixed order, and rounds what it returns, so batch size, row order and threads change no row.
"""

from __future__ import annotations

from icp.engines._change import CHANGE_COLUMNS, changes, explain_change
from icp.engines._confidence import confidence
from icp.engines._core import ID_COLUMN, SCORE_COLUMNS, TOLERANCE, ScoringContext, explain_batch, score_batch
from icp.engines._frames import explain_frame, margins_frame, score_frame, score_record
from icp.engines._local import prepare
from icp.engines._rows import AccountRows, Cells
from icp.engines._run import ScoredTable, ScoringRun, score_table
from icp.engines._spark import SparkScores, in_spark, score_in_spark
from icp.engines._spark_worker import MORE
from icp.engines._write import ScoreFile, read_scores, score_text, to_text

__all__ = [
    "CHANGE_COLUMNS",
    "ID_COLUMN",
    "MORE",
    "SCORE_COLUMNS",
    "TOLERANCE",
    "AccountRows",
    "Cells",
    "ScoreFile",
    "ScoredTable",
    "ScoringContext",
    "ScoringRun",
    "SparkScores",
    "changes",
    "confidence",
    "explain_batch",
    "explain_change",
    "explain_frame",
    "in_spark",
    "margins_frame",
    "prepare",
    "read_scores",
    "score_batch",
    "score_frame",
    "score_in_spark",
    "score_record",
    "score_table",
    "score_text",
    "to_text",
]
