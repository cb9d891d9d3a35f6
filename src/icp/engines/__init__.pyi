from ._change import CHANGE_COLUMNS, changes, explain_change
from ._confidence import confidence
from ._core import ID_COLUMN, SCORE_COLUMNS, TOLERANCE, ScoringContext, explain_batch, score_batch
from ._frames import explain_frame, margins_frame, score_frame, score_record, traits_frame
from ._local import prepare
from ._rows import AccountRows, Cells
from ._run import ScoredTable, ScoringRun, score_table
from ._spark import SparkScores, in_spark, score_in_spark
from ._spark_worker import MORE
from ._write import ScoreFile, read_best, read_scores, score_text, to_text

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
    "read_best",
    "read_scores",
    "score_batch",
    "score_frame",
    "score_in_spark",
    "score_record",
    "score_table",
    "score_text",
    "to_text",
    "traits_frame",
]
