"""Scoring: one pure function from Arrow record batch to Arrow record batch, and what drives it.

Whatever the engine, a row is scored by :func:`score_batch` alone. It reads nothing but its arguments, treats each row
by itself, sums in a fixed order, and rounds what it returns, so batch size, row order and threads change no row.
"""

from __future__ import annotations

from icp.engines._change import change_table, explain_change
from icp.engines._confidence import confidence
from icp.engines._core import ID_COLUMN, SCORE_COLUMNS, TOLERANCE, ScoringContext, explain_batch, score_batch
from icp.engines._frames import explain_frame, margins_frame, score_frame
from icp.engines._local import ScoredTable, prepare, score_table, to_text, write_scores
from icp.engines._spark import SparkScores, in_spark, score_in_spark

__all__ = [
    "ID_COLUMN",
    "SCORE_COLUMNS",
    "TOLERANCE",
    "ScoredTable",
    "ScoringContext",
    "SparkScores",
    "change_table",
    "confidence",
    "explain_batch",
    "explain_change",
    "explain_frame",
    "in_spark",
    "margins_frame",
    "prepare",
    "score_batch",
    "score_frame",
    "score_in_spark",
    "score_table",
    "to_text",
    "write_scores",
]
