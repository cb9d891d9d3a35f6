"""The Spark engine: partitions through the batch core by ``mapInArrow``, the bundle sent to the workers as bytes.

Two passes over accounts that Spark keeps: one looks (how many rows, where each partition lies in the input, how cells
are written), one scores. A row of a partition's own carries what the batches noted, so nothing is counted twice when
Spark runs a task again. Dated history is joined by account id.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from icp._progress import step
from icp._spill import Repeats
from icp.accounts import RawTable, id_findings, missing_columns
from icp.bundle import Bundle
from icp.engines._core import SCORE_COLUMNS, BatchNotes, ScoringContext
from icp.engines._local import model_findings, picture_date, require_dated
from icp.engines._run import TOP, ScoringRun
from icp.engines._spark_look import Looked, latest_date, look_at, read_columns
from icp.engines._spark_session import spark_session, spark_settings
from icp.engines._spark_source import Source, from_table, in_spark, open_source
from icp.engines._spark_worker import ID, MORE, NOTE, NUMBERS, ROW, number, score
from icp.errors import ConfigError, TableError
from icp.messages import MessageBook
from icp.options import AccountOptions, SparkOptions
from icp.tables import DatedTable, Finding

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["SparkScores", "in_spark", "score_in_spark"]

BROADCAST_ROWS = 1_000_000
"""Dated rows up to which a history is sent to every executor whole; more of them are joined by a shuffle."""

_LEAST_BYTES, _MOST_BYTES = 1 << 20, 64 << 20
_PER_CORE = 2
_READING = {"spark.sql.session.timeZone": "UTC", "spark.sql.legacy.javaCharsets": "true"}
"""Times as in the file, and encodings beyond Unicode and Latin-1."""
_PART = re.compile(r"part-(\d+)-")


@dataclass(frozen=True)
class SparkScores:
    """Scores that Spark holds, ready to be written.

    Parameters
    ----------
    frame : DataFrame
        ``SCORE_COLUMNS`` and the row's number.
    run : ScoringRun
        What adds up over all rows: notes, tiers, the best.
    findings : tuple of Finding
        Of reading and of scoring.
    order : tuple of int or None
        Partitions in the order of the input; None where they lie in that order.
    more : int, default=0
        Further columns of the accounts, called ``icp_more0`` and so on.
    beside : str, default=None
        Name of one more column of the accounts, behind those.
    """

    frame: DataFrame
    run: ScoringRun
    findings: tuple[Finding, ...]
    order: tuple[int, ...] | None
    more: int = 0
    beside: str | None = None

    def cells_beside(self) -> list[str]:
        """Different cells of the column ``beside``.

        Returns
        -------
        list of str
            As text, filled ones only.
        """
        cells = self.frame.select(f"{MORE}{self.more}").distinct().toArrow().column(0)
        return sorted(cell for cell in cells.to_pylist() if cell)

    def ids_with(self, cells: Sequence[str]) -> pa.Array:
        """Ids of the accounts whose cell of the column ``beside`` is one of these, each once.

        Parameters
        ----------
        cells : sequence of str
            As from :meth:`cells_beside`.

        Returns
        -------
        Array of string
            In the order of the alphabet.
        """
        chosen = self.frame.where(self.frame[f"{MORE}{self.more}"].isin(list(cells))).select("account_id")
        return pa.array(sorted(chosen.distinct().toArrow().column(0).to_pylist()), pa.string())

    def count_among(self, ids: pa.Array) -> int:
        """Rows whose id is one of these.

        Parameters
        ----------
        ids : Array
            Text, each once.

        Returns
        -------
        int
            Counted by the executors.
        """
        named = self.frame.sparkSession.createDataFrame(pa.table({"account_id": ids}))
        return int(self.frame.join(named, "account_id", "left_semi").count())

    def write_parts(self, folder: Path, *, more: bool = False) -> list[Path]:
        """Let the executors write Parquet files into a folder that this machine sees as well.

        Parameters
        ----------
        folder : Path
            Made.
        more : bool, default=False
            Further columns of the accounts too.

        Returns
        -------
        list of Path
            The files in the order of the input; nothing else is in the folder.

        Raises
        ------
        ConfigError
            Not all rows are there: the executors have another folder of that name (``ICP423``).
        """
        wanted = [*SCORE_COLUMNS, *(f"{MORE}{i}" for i in range(self.more if more else 0))]
        self.frame.select(*wanted).write.option("compression", "zstd").parquet(f"file://{folder.absolute()}")
        found = {int(match[1]): file for file in folder.iterdir() if (match := _PART.match(file.name))}
        for file in folder.iterdir():
            if file not in found.values():
                file.unlink()
        parts = [found[part] for part in (self.order or sorted(found)) if part in found]
        if sum(pq.read_metadata(file).num_rows for file in parts) != self.run.n_rows:
            message = f"not all {self.run.n_rows:,} rows are in the output folder: Spark's executors do not share it."
            action = "Choose an output= that all machines see, or write to a table with spark.table=."
            raise ConfigError.one("ICP423", message, action)
        return [file.rename(folder / f"part-{i:05d}.parquet") for i, file in enumerate(parts)]

    def check_table(self, name: str) -> None:
        """Refuse a table that the scores may not replace.

        Parameters
        ----------
        name : str
            As for :meth:`save_table`.

        Raises
        ------
        ConfigError
            There is a table of that name with other columns (``ICP423``).
        """
        spark = self.frame.sparkSession
        if spark.catalog.tableExists(name) and tuple(spark.table(name).columns) != SCORE_COLUMNS:
            message = f"there is a table '{name}', and it does not hold scores."
            raise ConfigError.one("ICP423", message, "Choose another spark.table=.")

    def save_table(self, name: str) -> None:
        """Write the scores as a table of Spark's catalog, whole or not at all.

        Parameters
        ----------
        name : str
            Such as ``crm.scores``; a table of that name is replaced.
        """
        spark, staged = self.frame.sparkSession, f"{name}__partial"
        spark.sql(f"DROP TABLE IF EXISTS {staged}")
        try:
            self.frame.select(*SCORE_COLUMNS).write.saveAsTable(staged)
            spark.sql(f"DROP TABLE IF EXISTS {name}")
            spark.sql(f"ALTER TABLE {staged} RENAME TO {name}")
        finally:
            spark.sql(f"DROP TABLE IF EXISTS {staged}")

    def ids(self) -> Iterator[pa.Array]:
        """The ids of all accounts.

        Yields
        ------
        Array of string
            In any order.
        """
        yield from self.frame.select("account_id").toArrow().column(0).chunks


@contextmanager
def score_in_spark(
    bundle: Bundle,
    options: AccountOptions,
    spark_options: SparkOptions,
    *,
    raw: RawTable | None = None,
    events: DatedTable | None = None,
    outcomes: DatedTable | None = None,
    as_of: pd.Timestamp | None = None,
    verify_all: bool = False,
    messages: MessageBook | None = None,
    more: Sequence[str] = (),
    beside: str | None = None,
) -> Iterator[SparkScores]:
    """Score accounts in Spark; every row gets what the local engine gives it.

    Parameters
    ----------
    bundle : Bundle
        The model.
    options : AccountOptions
        Where the accounts are, see :func:`in_spark`.
    spark_options : SparkOptions
        Which Spark.
    raw : RawTable, default=None
        Accounts that this process has read, where Spark does not read them itself.
    events, outcomes : DatedTable, default=None
        Dated history; needed when the model has traits from it.
    as_of : Timestamp, default=None
        Date of the picture; default as for :func:`icp.engines.prepare`.
    verify_all : bool, default=False
        Check the contributions of every row.
    messages : MessageBook, default=None
        Messages in place of those the model holds.
    more : sequence of str, default=()
        Further columns of the accounts that a list takes.
    beside : str, default=None
        A column that is looked at where the accounts have it.

    Yields
    ------
    SparkScores
        As long as the block runs; nothing is written yet.

    Raises
    ------
    ConfigError
        Spark is not there or fails (``ICP420`` to ``ICP422``).
    TableError
        The accounts cannot be read, or lack what the model reads.
    """
    require_dated(bundle, events, outcomes)
    with (
        spark_session(spark_options) as spark,
        spark_settings(spark, _READING),
        ExitStack() as kept,
    ):
        source = open_source(spark, options) if raw is None else from_table(spark, raw)
        kept.enter_context(spark_settings(spark, _pieces(spark, source)))
        _refuse_missing(source, more)
        beside = beside if beside in source.names else None
        looked = look_at(spark, source, options, bundle, [*more, *([beside] if beside else [])])
        kept.callback(looked.frame.unpersist)
        columns, found = read_columns(looked, options, bundle)
        picture = picture_date(bundle, as_of, latest_date(looked, columns, bundle), (events, outcomes))
        missing = tuple(dict.fromkeys((*bundle.missing_values, *options.missing_values)))
        context = ScoringContext(bundle, columns, missing, picture, verify_all, messages)
        scored, ordered = _scored(spark, looked, context, events, outcomes)
        kept.callback(scored.unpersist)
        run = ScoringRun(context, looked.n)
        with step(f"scoring {looked.n:,} accounts in Spark"):
            for notes in _notes(scored):
                run.note(notes)
        frame = scored.where(f"{NOTE} is null").drop(NOTE)
        _sum_up(frame, run)
        about_ids = id_findings(options.account_id, looked.n, _repeats(frame, options), looked.id_marks)
        history = [finding for given in (events, outcomes) if given is not None for finding in given.findings]
        findings = (
            *model_findings(bundle, as_of, picture), *looked.source.findings, *history, *found, *about_ids,
            *run.findings(),
        )  # fmt: skip
        order = looked.order if ordered else None
        yield SparkScores(frame if ordered else frame.orderBy(ROW), run, findings, order, len(more), beside)


def _refuse_missing(source: Source, more: Sequence[str]) -> None:
    missing = [name for name in more if name not in source.names]
    if missing:
        raise TableError("The list cannot be written.", missing_columns(missing, list(source.names), "accounts"))


def _pieces(spark: SparkSession, source: Source) -> dict[str, str]:
    """One partition per piece of a file, so that its place in the input is known; enough pieces for all cores."""
    jvm_plan = source.frame._jdf.queryExecution().optimizedPlan()
    whole, cores = int(str(jvm_plan.stats().sizeInBytes())), spark.sparkContext.defaultParallelism
    size = str(min(_MOST_BYTES, max(_LEAST_BYTES, whole // (cores * _PER_CORE))))
    return {"spark.sql.files.maxPartitionBytes": size, "spark.sql.files.openCostInBytes": size}


def _scored(
    spark: SparkSession,
    looked: Looked,
    context: ScoringContext,
    events: DatedTable | None,
    outcomes: DatedTable | None,
) -> tuple[DataFrame, bool]:
    """Scores with notes, kept in Spark, and whether their partitions are still those of the accounts."""
    bundle = context.bundle
    plan = {
        **looked.plan,
        "content_hash": bundle.content_hash,
        "columns": [column.to_dict() for column in context.columns],
        "missing_values": list(context.missing_values),
        "as_of": None if np.isnat(context.as_of) else int(context.as_of.astype(np.int64)),
        "verify_all": context.verify_all,
        "messages": None if context.messages is None else context.messages.to_dict(),
    }
    used = {trait.rule.partition(":")[0] for trait in bundle.traits}
    histories = {table.name: table for table in (events, outcomes) if table is not None and table.name in used}
    frame, ordered = looked.frame, True
    if histories:
        numbered = looked.frame.select(*looked.plan["fields"].values()).schema.add(ID, "string").add(ROW, "long")
        frame = looked.frame.mapInArrow(partial(number, text=json.dumps(plan)), numbered)
        for table in histories.values():
            few = len(table) <= BROADCAST_ROWS
            frame = frame.join(_history(spark, table, few=few), ID, "left")
            ordered &= few
        plan["dated"] = True
    shared = spark.sparkContext.broadcast(bundle.files())
    kinds = {name: "double" if name in NUMBERS else "string" for name in SCORE_COLUMNS}
    kinds |= {ROW: "long", NOTE: "string"} | {f"{MORE}{i}": "string" for i in range(len(plan["more"]))}
    schema = ", ".join(f"{name} {kind}" for name, kind in kinds.items())
    return frame.mapInArrow(partial(score, shared=shared, text=json.dumps(plan)), schema).persist(), ordered


def _history(spark: SparkSession, table: DatedTable, *, few: bool) -> DataFrame:
    """All dated rows of each account in one cell."""
    from pyspark.sql import functions as F  # noqa: N812

    rows = pa.table(
        {
            ID: pa.array(table.frame["account_id"].to_numpy(dtype=object), pa.string()),
            "at": pa.array(table.frame["at"].to_numpy().astype("datetime64[us]").astype(np.int64)),
            "amount": pa.array(table.frame["amount"].to_numpy(dtype=np.float64)),
            "kind": pa.array(table.frame["kind"].to_numpy(dtype=object), pa.string()),
        }
    )
    listed = F.sort_array(F.collect_list(F.struct("at", "amount", "kind"))).alias(f"icp_{table.name}")
    grouped = spark.createDataFrame(rows).groupBy(ID).agg(listed)
    return F.broadcast(grouped) if few else grouped.hint("shuffle_merge")


def _notes(scored: DataFrame) -> list[BatchNotes]:
    """What the partitions noted."""
    notes = []
    for (text,) in scored.where(f"{NOTE} is not null").select(NOTE).collect():
        found: Mapping[str, Any] = json.loads(text)
        tally = None if found["tally"] is None else np.array(found["tally"], dtype=np.int64)
        notes.append(
            BatchNotes(
                found["n_unreadable"], found["additivity_error"], found["n_without_data"], tally, found["n_far"],
                found["n_extrapolated"], found["n_late"],
            )
        )  # fmt: skip
    return notes


def _sum_up(frame: DataFrame, run: ScoringRun) -> None:
    """Tiers, the best (of equal ones the first in the input) and the first row's date, as the local engine has them."""
    from pyspark.sql import functions as F  # noqa: N812

    run.tiers.update((str(tier), int(n)) for tier, n in frame.groupBy("tier").count().collect())
    by = (F.desc("percentile"), F.desc("propensity"), F.asc(ROW))
    best = frame.orderBy(*by).limit(TOP).select(*SCORE_COLUMNS).toArrow().combine_chunks()
    for batch in best.to_batches():
        run.keep_best(batch)
    run.as_of = frame.where(f"{ROW} = 0").select("as_of").collect()[0][0]


def _repeats(frame: DataFrame, options: AccountOptions) -> Repeats | None:
    """Ids that repeat, counted where they are."""
    from pyspark.sql import functions as F  # noqa: N812

    if options.account_id is None:
        return None
    counts = frame.groupBy("account_id").count().where("count > 1")
    n_ids, n_rows = counts.agg(F.count("*"), F.sum("count")).collect()[0]
    return Repeats(int(n_ids), int(n_rows or 0), ())
