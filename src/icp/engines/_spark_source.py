"""Where Spark reads accounts: files and queries as Spark sees them, or a table this process has read."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from icp._stored import read_batches
from icp.accounts import Header, RawTable, read_header
from icp.engines._spark_worker import CORRUPT, FILE, START
from icp.errors import ConfigError, TableError
from icp.options import AccountOptions
from icp.tables import Finding

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["Source", "from_table", "in_spark", "is_utf8", "open_source"]

_HEAD_LINES = 200
_JAVA_NAMES = {
    "utf-8": "UTF-8", "utf-8-sig": "UTF-8", "cp1252": "windows-1252", "latin-1": "ISO-8859-1", "utf-16": "UTF-16",
    "utf-16-le": "UTF-16LE", "utf-16-be": "UTF-16BE",
}  # fmt: skip
_SELECT = re.compile(r"^\s*(--[^\n]*\n\s*)*(select|with)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Source:
    """Accounts as a frame of Spark's, its columns called ``c0``, ``c1``, ...

    Parameters
    ----------
    frame : DataFrame
        All columns, ``icp_file`` and ``icp_start`` (where a partition lies), for a CSV ``icp_corrupt``.
    names : tuple of str
        Names of the columns.
    shown : str
        File or query as the user wrote it.
    kind : {"csv", "parquet", "sql"}
        As of :class:`icp.accounts.RawTable`.
    findings : tuple of Finding, default=()
        What opening it found.
    header : Header or None, default=None
        Of a CSV that Spark reads.
    multiline : bool, default=False
        Whether a cell may hold a line end; then a file is read in one piece.
    """

    frame: DataFrame
    names: tuple[str, ...]
    shown: str
    kind: str
    findings: tuple[Finding, ...] = ()
    header: Header | None = None
    multiline: bool = False

    @property
    def fields(self) -> dict[str, str]:
        """Name of each column in the frame."""
        return {name: f"c{i}" for i, name in enumerate(self.names)}


def in_spark(options: AccountOptions) -> bool:
    """Whether Spark reads these accounts itself; else this process reads them and hands them over.

    Parameters
    ----------
    options : AccountOptions
        Where the accounts are.

    Returns
    -------
    bool
        True for files, and for a query without an address of a database.
    """
    return options.source in ("csv", "parquet") or (options.source == "sql" and not options.url)


def open_source(spark: SparkSession, options: AccountOptions, before: Source | None = None) -> Source:
    """Accounts that Spark reads itself.

    Parameters
    ----------
    spark : SparkSession
        Where.
    options : AccountOptions
        A file, a folder or a pattern of files, in any file system that Spark knows; or a query.
    before : Source, default=None
        The same CSV as it was opened before, with a header and ``multiline`` that now stand.

    Returns
    -------
    Source
        Nothing is read yet but the first lines.

    Raises
    ------
    ConfigError
        The query is not one SELECT (``ICP016``).
    TableError
        There is no such file (``ICP100``), it is empty (``ICP101``) or no CSV (``ICP106``).
    """
    if options.source == "sql":
        query = str(options.query).strip().rstrip(";")
        if not _SELECT.match(query) or ";" in query:
            action = "Rows are only read: use SELECT or WITH."
            raise ConfigError.one("ICP016", "accounts.query is not one SELECT statement.", action)
        # inside brackets Spark itself takes nothing but a query, whatever the text begins with
        return _typed(spark.sql(f"SELECT * FROM (\n{query}\n)"), "query in Spark", "sql")
    place = _place(str(options.path))
    if options.source == "parquet":
        return _typed(spark.read.parquet(place), str(options.path), "parquet")
    if before is None or before.header is None:
        head = _head(spark, place, options)
        header = read_header(head, str(options.path), "accounts", options.separator, options.encoding)
        wide = header.encoding.startswith("utf-16") or len(header.names) == 1
        return _csv(spark, place, options, header, wide)
    return _csv(spark, place, options, before.header, before.multiline)


def is_utf8(spark: SparkSession, options: AccountOptions) -> bool:
    """Whether every line of a CSV is UTF-8.

    Parameters
    ----------
    spark : SparkSession
        Where.
    options : AccountOptions
        Where the file is.

    Returns
    -------
    bool
        False where a letter is of another encoding.
    """
    lines = spark.read.text(_place(str(options.path)))
    return not lines.where("not is_valid_utf8(value)").head(1)


def from_table(spark: SparkSession, raw: RawTable) -> Source:
    """Accounts that this process has read, handed to Spark.

    Parameters
    ----------
    spark : SparkSession
        Where.
    raw : RawTable
        All rows.

    Returns
    -------
    Source
        In as many partitions as Spark likes, rows in order.
    """
    names = raw.table.column_names
    table = pa.Table.from_batches(read_batches(raw.table, names)).rename_columns([f"c{i}" for i in range(len(names))])
    frame = spark.createDataFrame(table.unify_dictionaries())
    source = _typed(frame, raw.source, raw.kind)
    return replace(source, names=tuple(names), findings=raw.findings)


def _place(path: str) -> str:
    """The path for Spark: with its scheme, so that a file of this machine is not looked for elsewhere."""
    if re.match(r"[A-Za-z][\w+.-]*:/", path):
        return path
    file = Path(path)
    if not file.exists() and not any(Path(file.anchor or ".").glob(str(file.relative_to(file.anchor or ".")))):
        message = f"file '{path}' for table 'accounts': no such file or directory."
        raise TableError.one("ICP100", message, "Check accounts.path.")
    return f"file://{file.absolute()}"


def _typed(frame: DataFrame, shown: str, kind: str) -> Source:
    """A frame with types of its own; of files also where each partition lies."""
    from pyspark.sql import functions as F  # noqa: N812

    names = tuple(str(name) for name in frame.columns)
    unique = tuple(name if names.index(name) == i else f"{name} ({i + 1})" for i, name in enumerate(names))
    where = [F.lit("").alias(FILE), F.lit(0).cast("long").alias(START)]
    if kind == "parquet":
        where = [F.col("_metadata.file_path").alias(FILE), F.col("_metadata.file_block_start").alias(START)]
    placed = frame.select("*", *where).toDF(*(f"c{i}" for i in range(len(names))), FILE, START)
    return Source(placed, unique, shown, kind)


def _head(spark: SparkSession, place: str, options: AccountOptions) -> bytes:
    """The bytes of a file's first lines, wherever it is and however it is packed."""
    from pyspark.sql import functions as F  # noqa: N812

    lines = spark.read.text(place).select(F.col("value").cast("binary")).head(_HEAD_LINES)
    data = b"\n".join(bytes(line[0]) for line in lines)
    if not data.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        message = f"file '{options.path}' for table 'accounts' is empty."
        raise TableError.one("ICP101", message, "Export it again, with a header line.")
    return data + b"\n"


def _csv(spark: SparkSession, place: str, options: AccountOptions, header: Header, multiline: bool) -> Source:
    """All cells as text; the header line is a row like others, and rows of another length are marked."""
    from pyspark.sql import functions as F  # noqa: N812
    from pyspark.sql.types import StringType, StructField, StructType

    fields = [f"c{i}" for i in range(len(header.names))]
    reader: Any = spark.read.schema(StructType([StructField(name, StringType()) for name in (*fields, CORRUPT)]))
    how = {
        "sep": header.separator, "encoding": _JAVA_NAMES.get(header.encoding, header.encoding), "header": "false",
        "quote": '"', "escape": '"', "mode": "PERMISSIVE", "columnNameOfCorruptRecord": CORRUPT, "maxColumns": "65536",
        "multiLine": str(multiline).lower(), "columnPruning": "false",
    }  # fmt: skip
    where = [F.col("_metadata.file_path").alias(FILE), F.col("_metadata.file_block_start").alias(START)]
    frame = reader.options(**how).csv(place).select(*fields, CORRUPT, *where)
    return Source(frame, header.names, str(options.path), "csv", header.findings, header, multiline)
