"""A scoring run with ``engine=spark``: Spark reads, scores and writes; this process moves into place."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from icp._csv import csv_bytes, csv_rows
from icp._files import staged_folder
from icp._inputs import as_of_date, read_history, read_raw_accounts
from icp._outputs import write_findings
from icp._progress import step
from icp._serving import _delivery, _enter
from icp._watching import watch_run
from icp.bundle import Bundle
from icp.checks import Drift
from icp.config import RunConfig, resolved_yaml
from icp.engines import SCORE_COLUMNS, ScoredTable, SparkScores, in_spark, score_in_spark, to_text
from icp.errors import ConfigError
from icp.reports import list_lines
from icp.tables import Finding

__all__ = ["SparkRun", "WrittenScores", "run_in_spark"]

_CSV_ROWS = 20_000


@dataclass(frozen=True)
class WrittenScores:
    """Scores that were never all in this process's memory.

    Parameters
    ----------
    place : Path or str
        The file or folder, or the name of the table, they were written to.
    """

    place: Path | str

    def frame(self) -> pd.DataFrame:
        """The scores, read from where they were written.

        Returns
        -------
        DataFrame, shape (n_accounts, n_columns)
            Indexed by ``account_id``, in input order.

        Raises
        ------
        ConfigError
            They were written to a table of Spark's (``ICP423``).
        """
        if not isinstance(self.place, Path):
            message = f"the scores are in the table '{self.place}' of Spark's catalog."
            raise ConfigError.one("ICP423", message, f"Read them there: spark.table('{self.place}').")
        if self.place.suffix == ".parquet":
            table = pq.read_table(self.place)
        else:
            numbers = dict.fromkeys(("propensity", "percentile", "expected_value"), pa.float64())
            types = {**dict.fromkeys(SCORE_COLUMNS, pa.string()), **numbers}
            how = pacsv.ConvertOptions(column_types=types, null_values=[""], strings_can_be_null=True)
            lines = pacsv.ParseOptions(newlines_in_values=True)
            table = pacsv.read_csv(self.place, convert_options=how, parse_options=lines)
        return table.to_pandas().set_index("account_id")


@dataclass(frozen=True)
class SparkRun:
    """What a run in Spark made.

    Parameters
    ----------
    scored : WrittenScores
        Where the scores are.
    findings : tuple of Finding
        What reading and scoring found.
    notes : tuple of str
        Where things are.
    drift : Drift
        What was scored, compared with what was learned from.
    text : str
        The top of the list.
    """

    scored: WrittenScores
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    drift: Drift
    text: str


def run_in_spark(config: RunConfig, bundle: Bundle) -> SparkRun:
    """Score in Spark, and write what the local engine writes.

    Parameters
    ----------
    config : RunConfig
        Resolved, with ``engine=spark``.
    bundle : Bundle
        The model.

    Returns
    -------
    SparkRun
        Everything is written.
    """
    events, outcomes = read_history(config)
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
    ) as scores:
        ids = scores.ids() if outcomes is not None else pa.table({"account_id": pa.array([], pa.string())})
        watched = watch_run(ScoredTable(ids, (), scores.tally), scores.context, outcomes)
        findings = (*scores.findings, *watched.findings)
        place, notes = _write(scores, findings, watched, bundle, config)
        text = list_lines(scores.n, scores.tiers(), scores.best())
    return SparkRun(WrittenScores(place), findings, (watched.line(), *notes), watched, text)


def _write(
    scores: SparkScores, findings: Sequence[Finding], watched: Drift, bundle: Bundle, config: RunConfig
) -> tuple[Path | str, tuple[str, ...]]:
    """Everything of the run beside its final place, then into it; where the scores are, and where the rest is."""
    output, table = Path(config.output), config.spark.table
    deliver, lines = config.delivery.target != "none", []
    with step("writing the list"), staged_folder(output) as stage:
        parts = scores.write_parts(stage / "parts") if deliver or config.campaign or not table else []
        if deliver or config.campaign:
            whole = pa.concat_tables([pq.read_table(part) for part in parts])
            run_id = hashlib.sha256(bundle.content_hash.encode() + csv_bytes(to_text(whole))).hexdigest()[:32]
            delivery = _delivery(whole, bundle, config, run_id)
            if delivery is not None:
                delivery.write(stage)
                lines.append(f"for the CRM: {output / delivery.target.name} (read LOADING.md there first)")
        place = table or output / _as_file(parts, stage, config.format)
        write_findings(stage, [finding.to_dict() for finding in findings])
        (stage / "config.yaml").write_text(resolved_yaml(config), encoding="utf-8")
        watched.frame().to_csv(stage / "drift.csv", index=False, lineterminator="\n")
        if table:
            shutil.rmtree(stage / "parts", ignore_errors=True)
            scores.save_table(table)
        if config.campaign:
            lines.append(_enter(whole, config, run_id))
    return place, (f"scores: {'table ' if table else ''}{place}", *lines)


def _as_file(parts: Sequence[Path], stage: Path, ending: str) -> str:
    """The parts as one CSV, or as a folder of Parquet files."""
    file = stage / f"scores.{ending}"
    if ending == "parquet":
        (stage / "parts").rename(file)
        return file.name
    with file.open("wb") as out:
        out.write(csv_bytes(pa.table({name: pa.array([], pa.string()) for name in SCORE_COLUMNS})))
        for part in parts:
            with pq.ParquetFile(part) as rows:
                for batch in rows.iter_batches(_CSV_ROWS):
                    out.write(csv_rows(to_text(pa.Table.from_batches([batch]))))
    shutil.rmtree(stage / "parts")
    return file.name
