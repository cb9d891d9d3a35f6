"""Reading the accounts: from any CSV, Parquet file or query to typed tables.

The idea: nobody should have to clean a CRM export before a model can read it, and nobody should have to guess what was
read. So every cell arrives as written (:func:`read_raw`), every column is judged as a whole and the verdict is kept in
words (:func:`infer_columns`), and one function turns cells into values (:func:`parse_column`), the same at training and
at serving, cell by cell, so that a score never depends on which other rows stand in the file. What cannot be read is
missing and counted, never guessed; what makes the table unusable is refused in one numbered list.
"""

from icp.accounts._accounts import column_report, derive_accounts, read_accounts
from icp.accounts._cells import parse_column, parse_columns, plain_cells
from icp.accounts._columns import infer_columns
from icp.accounts._conform import conform
from icp.accounts._contract import check_accounts, check_dated
from icp.accounts._dated import read_dated
from icp.accounts._header import Header, read_header
from icp.accounts._ids import (
    account_ids,
    batch_ids,
    check_ids,
    empty_ids_error,
    id_batches,
    id_faults,
    id_findings,
)
from icp.accounts._market import read_market
from icp.accounts._raw import RawTable, missing_columns, named_columns, read_raw, sample_folder

__all__ = [
    "Header",
    "RawTable",
    "account_ids",
    "batch_ids",
    "check_accounts",
    "check_dated",
    "check_ids",
    "column_report",
    "conform",
    "derive_accounts",
    "empty_ids_error",
    "id_batches",
    "id_faults",
    "id_findings",
    "infer_columns",
    "missing_columns",
    "named_columns",
    "parse_column",
    "parse_columns",
    "plain_cells",
    "read_accounts",
    "read_dated",
    "read_header",
    "read_market",
    "read_raw",
    "sample_folder",
]
