"""A scoring run with ``engine=spark``: Spark reads, scores and writes; this process moves into place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from icp._already import LabelCells, already_best, definition_options
from icp._aside import Aside, account_columns, put_aside, with_columns
from icp._briefing import messages_for_scoring
from icp._files import SCRATCH, staged_folder
from icp._listing import choose_listed, wants_plan
from icp._progress import step
from icp._serving import Served, write_around
from icp._sources import as_of_date, read_history, read_raw_accounts
from icp._watching import watch_run
from icp.bundle import Bundle
from icp.config import RunConfig
from icp.engines import MORE, SCORE_COLUMNS, ScoreFile, SparkScores, in_spark, score_in_spark, score_text

__all__ = ["serve_in_spark"]

_ROWS = 20_000


def serve_in_spark(config: RunConfig, bundle: Bundle) -> Served:
    """Score in Spark, and leave behind what the local engine does.

    Parameters
    ----------
    config : RunConfig
        Resolved, with ``engine=spark``.
    bundle : Bundle
        The model.

    Returns
    -------
    Served
        For the summary.

    Raises
    ------
    TableError, DeliveryError, ConfigError
        As for :func:`icp._serving.serve`, or of Spark (``ICP420`` to ``ICP423``); nothing is written.
    """
    messages, said = messages_for_scoring(config, bundle)
    definition = definition_options(bundle)
    events, outcomes = read_history(config)
    with staged_folder(config.output) as stage:
        raw = None if in_spark(config.accounts) else read_raw_accounts(config, events, outcomes)
        with score_in_spark(
            bundle,
            config.accounts,
            config.spark,
            raw=raw,
            events=events,
            outcomes=outcomes,
            as_of=as_of_date(config),
            verify_all=config.reasons.verify == "all",
            messages=messages,
            more=account_columns(config.delivery),
            beside=definition.column,
        ) as scores:
            drift = watch_run(scores.run, scores.ids, outcomes)
            with step("writing the list"):
                if config.spark.table:
                    scores.check_table(config.spark.table)
                run_id, aside = _written(scores, config, stage)
                rates = bundle.card.get("calibration") or ()
                cells = LabelCells(scores.cells_beside, scores.ids_with) if scores.beside else None
                already = already_best(definition, cells, outcomes, scores.run.context.as_of)
                n_best = scores.count_among(already.ids) if len(already.ids) else 0
                told = already.findings(config, n_best, scores.run.n_rows, listed=aside is not None)
                why = already.reasons(config)
                plan = (
                    None if aside is None else choose_listed(config, aside.rows, aside.not_in_crm(), run_id, rates, why)
                )
                findings = (*said, *scores.findings, *told, *drift.findings, *(plan.findings if plan else ()))
                notes = write_around(stage, config, scores.run, run_id, (aside, plan), (findings, drift))
                if config.spark.table:
                    scores.save_table(config.spark.table)
    place = config.spark.table or Path(config.output) / f"scores.{config.format}"
    lines = (drift.line(), f"scores: {'table ' if config.spark.table else ''}{place}", *notes)
    return Served(place, scores.run.tiers, scores.run.best(), drift, findings, lines)


def _written(scores: SparkScores, config: RunConfig, stage: Path) -> tuple[str, Aside | None]:
    """The scores as one CSV or a folder of Parquet files, where files are wanted; the run's identity, and its rows.

    A list and the ledger go over the rows that the executors wrote, batch by batch, as over those of the local engine.
    """
    listed = config.delivery.target != "none" or config.campaign or wants_plan(config)
    files = not config.spark.table
    if not listed and not files:
        return "", None
    scratch = stage / SCRATCH
    scratch.mkdir(exist_ok=True)
    parts, more = scores.write_parts(scratch / "parts", more=True), account_columns(config.delivery)
    aside = put_aside(
        config, lambda: (ids.column(0) for ids in _rows(parts, ["account_id"])), scores.run.n_rows, scratch
    )
    run_id, csv = "", files and config.format == "csv"
    if csv or aside is not None:
        file = ScoreFile(stage / "scores.csv" if csv else None, scores.run.context.bundle.content_hash)
        with closing(file):
            for rows in _rows(parts, [*SCORE_COLUMNS, *(f"{MORE}{i}" for i in range(len(more)))]):
                scored = rows.select(SCORE_COLUMNS)
                file.write(scored, score_text(scored))
                if aside is not None:
                    aside.rows.add(with_columns(scored, more, rows.columns[len(SCORE_COLUMNS) :]))
        run_id = file.close()
    if files and not csv:
        place = scratch / "parts"
        if more:  # those of the list are not for the scores
            place = scratch / "scores"
            scores.write_parts(place)
        place.rename(stage / "scores.parquet")
    return run_id, aside


def _rows(parts: Sequence[Path], columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    for part in parts:
        with pq.ParquetFile(part, buffer_size=1 << 16, pre_buffer=False) as rows:  # not the whole part at once
            yield from rows.iter_batches(_ROWS, columns=list(columns))
