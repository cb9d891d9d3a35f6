from ._accounts import column_report, derive_accounts, read_accounts
from ._cells import parse_column, parse_columns, plain_cells
from ._columns import infer_columns
from ._conform import conform
from ._contract import check_accounts, check_dated
from ._dated import read_dated
from ._dates import check_format
from ._header import Header, read_header
from ._ids import account_ids, batch_ids, check_ids, empty_ids_error, id_batches, id_faults, id_findings
from ._market import read_market
from ._matching import match_accounts, root_accounts
from ._raw import RawTable, missing_columns, named_columns, read_raw, sample_folder
from ._returned import read_returned

__all__ = [
    "Header",
    "RawTable",
    "account_ids",
    "batch_ids",
    "check_accounts",
    "check_dated",
    "check_format",
    "check_ids",
    "column_report",
    "conform",
    "derive_accounts",
    "empty_ids_error",
    "id_batches",
    "id_faults",
    "id_findings",
    "infer_columns",
    "match_accounts",
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
    "read_returned",
    "root_accounts",
    "sample_folder",
]
