"""The accounts table: cells parsed, the picture frozen at its as-of date."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icp._days import as_day
from icp._progress import part
from icp.accounts._cells import parse_column
from icp.accounts._columns import column_findings, infer_columns
from icp.accounts._ids import account_ids
from icp.accounts._later import read_later
from icp.accounts._placeholders import find_placeholders
from icp.accounts._raw import RawTable, read_raw
from icp.errors import Problem, TableError
from icp.options import AccountOptions
from icp.tables import AccountTable, Column, DatedTable, Finding, account_mask

__all__ = ["column_report", "derive_accounts", "frame_of", "read_accounts"]

_FIRST, _LAST = np.datetime64("1970-01-01"), np.datetime64("2100-01-01")


def read_accounts(
    options: AccountOptions,
    *,
    as_of: pd.Timestamp | str | None = None,
    label_text: Collection[str] = (),
    label_numeric: Collection[str] = (),
    unique_ids: bool = True,
) -> AccountTable:
    r"""Read the accounts: every cell parsed, nothing later than the as-of date.

    Parameters
    ----------
    options : AccountOptions
        Where they are and what their columns mean.
    as_of : Timestamp or str, default=None
        Date the picture is frozen at; default the latest date in the data.
    label_text, label_numeric : collection of str, default=()
        Columns the label is made from.
    unique_ids : bool, default=True
        Refuse repeated ids; where rows carry their own date, repeated pairs of id and date.

    Returns
    -------
    AccountTable
        In input order.

    Raises
    ------
    TableError
        Everything that is wrong with the file, at once.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from icp.options import AccountOptions
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "accounts.csv"
    ...     _ = path.write_text("id;employees;sector\n1;1.200;retail\n2;85;retail\n3;3,5;farming\n")
    ...     table = read_accounts(AccountOptions(path=str(path), account_id="id"))
    >>> table.frame["employees"].tolist()
    [1200.0, 85.0, 3.5]
    """
    raw = read_raw(options, "accounts")
    placeholders, untouched = find_placeholders(raw)
    options = replace(options, missing_values=[*options.missing_values, *placeholders])
    columns = infer_columns(raw, options, label_text=label_text, label_numeric=label_numeric)
    ids, found = account_ids(raw, options)
    parsed = {}
    with part("reading cells", raw.table.num_rows) as advance:
        for done, column in enumerate(columns, start=1):
            parsed[column.name] = parse_column(raw.table.column(column.name), column, options.missing_values)[0]
            advance(done / len(columns))
    observed = _observed(parsed, options, raw)
    if unique_ids:
        _refuse_repeated(ids, observed, raw, options)
    picture = as_day(as_of)
    found = (*(item for item in found if item.code != "ICP104" or observed is None), *column_findings(columns))
    late = _hide_the_future(parsed, columns, picture, observed)
    findings = [*raw.findings, *untouched, *found, *_late_findings(late)]
    picture, note = (picture, None) if picture is not None else _latest_date(parsed, columns, observed)
    table = AccountTable(
        frame_of(parsed, columns, ids),
        columns,
        raw.source,
        picture,
        None if observed is None else pd.Series(observed, index=ids, name=options.observed_at),
        _texts(parsed, options.name_column, ids),
        _texts(parsed, options.parent_id, ids),
        (*findings, *((note,) if note else ())),
        late=pd.DataFrame(late, index=ids) if late else None,
        placeholders=placeholders,
    )
    table = replace(table, later=read_later(options, columns, table.frame))
    return _up_to(table, None if as_of is None else picture)


def derive_accounts(*tables: DatedTable) -> AccountTable:
    """One account per id seen in dated tables, without traits of its own.

    Parameters
    ----------
    *tables : DatedTable
        Events, outcomes, or both.

    Returns
    -------
    AccountTable
        Ids sorted; ``as_of`` is the latest date in the tables.
    """
    ids = sorted({*()}.union(*(table.frame["account_id"].unique() for table in tables)))
    latest = [table.frame["at"].max() for table in tables if len(table)]
    index = pd.Index(ids, dtype="str", name="account_id")
    source = " and ".join(table.source for table in tables)
    return AccountTable(pd.DataFrame(index=index), (), source, max(latest) if latest else None)


def column_report(accounts: AccountTable, left_out: Mapping[str, str] | None = None) -> pd.DataFrame:
    """What each column was taken for, for the person who knows the data.

    Parameters
    ----------
    accounts : AccountTable
        As read.
    left_out : mapping of str to str, default=None
        Columns that could be traits and are none, with the reason.

    Returns
    -------
    DataFrame, one row per column
        ``column, role, kind, used, why, missing_percent, unreadable, distinct, examples``.
    """
    rows, out = max(len(accounts), 1), left_out or {}
    return pd.DataFrame(
        {
            "column": [column.name for column in accounts.columns],
            "role": [column.role for column in accounts.columns],
            "kind": [column.kind for column in accounts.columns],
            "used": ["yes" if column.is_trait and column.name not in out else "no" for column in accounts.columns],
            "why": ["; ".join(filter(None, (c.reason, out.get(c.name)))) for c in accounts.columns],
            "missing_percent": [round(100.0 * column.n_missing / rows, 1) for column in accounts.columns],
            "unreadable": [column.n_unreadable for column in accounts.columns],
            "distinct": [column.n_distinct for column in accounts.columns],
            "examples": ["; ".join(column.examples) for column in accounts.columns],
        }
    )


def _observed(parsed: dict[str, NDArray[Any]], options: AccountOptions, raw: RawTable) -> NDArray[np.datetime64] | None:
    """Each row's own date; a row without one is refused, because nothing could be said of its past."""
    if options.observed_at is None:
        return None
    dates = parsed[options.observed_at]
    if np.isnat(dates).any():
        rows = np.flatnonzero(np.isnat(dates))
        problem = Problem(
            "ICP117",
            f"'{options.observed_at}' holds no readable date.",
            "Give every row its date, or leave accounts.observed_at out.",
            column=options.observed_at,
            n_rows=len(rows),
            examples=tuple(f"row {row + 1:,}" for row in rows[:3]),
        )
        raise TableError.in_table("accounts", raw.table.num_rows, raw.source, [problem])
    return dates


def _refuse_repeated(
    ids: pd.Index, observed: NDArray[np.datetime64] | None, raw: RawTable, options: AccountOptions
) -> None:
    keys = pd.DataFrame({"id": ids.to_numpy()})
    if observed is not None:
        keys["at"] = observed
    again = keys.duplicated(keep=False).to_numpy()
    if again.any():
        per = "" if observed is None else f" per '{options.observed_at}'"
        problem = Problem(
            "ICP104",
            f"'{options.account_id}' repeats.",
            f"Ids must be unique{per}: keep one row for each.",
            column=options.account_id,
            n_rows=int(again.sum()),
            examples=tuple(dict.fromkeys(ids[again]))[:3],
        )
        raise TableError.in_table("accounts", raw.table.num_rows, raw.source, [problem])


def _hide_the_future(
    parsed: dict[str, NDArray[Any]],
    columns: Sequence[Column],
    as_of: pd.Timestamp | None,
    observed: NDArray[np.datetime64] | None,
) -> dict[str, NDArray[np.bool_]]:
    """Dates after the row's as-of day become missing, in place; which they were, for each column that has any."""
    if as_of is None and observed is None:
        return {}
    limit = np.datetime64("NaT") if as_of is None else as_of.to_datetime64()
    last = np.fmin(limit, observed) if observed is not None else limit
    next_day = last.astype("datetime64[D]") + np.timedelta64(1, "D")
    hidden = {}
    for column in columns:
        if column.kind != "date" or column.role in ("observed_at", "ignored", "label", "worked"):
            continue
        later = parsed[column.name] >= next_day
        if later.any():
            parsed[column.name] = np.where(later, np.datetime64("NaT"), parsed[column.name])
            hidden[column.name] = later
    return hidden


def _late_findings(late: dict[str, NDArray[np.bool_]]) -> list[Finding]:
    return [
        Finding(
            "ICP121",
            "warning",
            f"dates of '{name}' lie after the as-of date: taken as missing.",
            "repaired",
            name,
            int(hidden.sum()),
        )
        for name, hidden in late.items()
    ]


def _latest_date(
    parsed: dict[str, NDArray[Any]], columns: Sequence[Column], observed: NDArray[np.datetime64] | None
) -> tuple[pd.Timestamp | None, Finding | None]:
    if observed is not None and len(observed):
        return pd.Timestamp(observed.max()), None
    best: tuple[np.datetime64, str] | None = None
    for column in columns:
        if column.kind == "date" and column.role not in ("ignored", "label", "worked"):
            dates = parsed[column.name]
            dates = dates[(dates >= _FIRST) & (dates < _LAST)]
            if len(dates) and (best is None or dates.max() > best[0]):
                best = dates.max(), column.name
    if best is None:
        return None, None
    as_of = pd.Timestamp(best[0])
    message = f"as_of is taken to be {as_of.date()}, the latest date in column '{best[1]}'. Set as_of= if it is not."
    return as_of, Finding("ICP122", "note", message, "noted", best[1])


def frame_of(parsed: Mapping[str, NDArray[Any]], columns: Sequence[Column], ids: pd.Index) -> pd.DataFrame:
    """Parsed cells as a table.

    Parameters
    ----------
    parsed : mapping of str to ndarray
        Cells by column.
    columns : sequence of Column
        Columns wanted, in order.
    ids : Index of str
        Account ids.

    Returns
    -------
    DataFrame
        Indexed by account id.
    """
    data = {}
    for column in columns:
        cells = parsed[column.name]
        data[column.name] = pd.array(cells, dtype="str") if cells.dtype == object else cells
    return pd.DataFrame(data, index=ids)


def _texts(parsed: dict[str, NDArray[Any]], name: str | None, ids: pd.Index) -> pd.Series | None:
    return None if name is None else pd.Series(pd.array(parsed[name], dtype="str"), index=ids, name=name)


def _up_to(table: AccountTable, as_of: pd.Timestamp | None) -> AccountTable:
    """Rows observed at or before the as-of day."""
    if as_of is None or table.observed_at is None:
        return table
    keep = table.observed_at.to_numpy() < as_of.normalize().to_datetime64() + np.timedelta64(1, "D")
    if keep.all():
        return table
    if not keep.any():
        raise TableError.one(
            "ICP118", f"every row was observed after as_of {as_of.date()}.", "Move as_of or check accounts.observed_at."
        )
    n_later = int((~keep).sum())
    message = f"rows observed after as_of {as_of.date()} were left out."
    later = Finding("ICP118", "note", message, "noted", str(table.observed_at.name), n_later)
    return replace(account_mask(table, keep), findings=(*table.findings, later))
