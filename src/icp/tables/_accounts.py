"""Accounts and their columns, and dated rows of many accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icp._notebook import Box, Boxed
from icp.tables._findings import Finding

__all__ = ["AccountTable", "Column", "DatedTable", "Kind", "Role", "account_mask"]

Role = Literal[
    "id", "name", "parent", "observed_at", "trait", "engagement", "sensitive", "ignored", "known_after",
    "current_score", "label", "text", "worked",
]  # fmt: skip
Kind = Literal["numeric", "categorical", "boolean", "date", "text", "identifier", "constant", "empty"]


@dataclass(frozen=True)
class Column:
    """What one column of the accounts table was taken for, and why.

    Parameters
    ----------
    name : str
        The user's own name for it.
    role : str
        What it is used as: ``id, name, parent, observed_at, trait, engagement, sensitive, ignored, known_after,
        current_score, label, text`` or ``worked``.
    kind : str
        How its cells are read: ``numeric, categorical, boolean, date, text, identifier, constant`` or ``empty``.
    reason : str
        Why, in words.
    decimal : {".", ","}, default="."
        Decimal mark of a numeric column.
    unit : str, default=""
        ``"%"`` or a currency sign or code found in the cells of a numeric column.
    date_format : str, default=""
        ``strptime`` format of a date column; empty for columns that are dates already.
    n_missing, n_unreadable, n_infinite, n_distinct : int, default=0
        Cells that are empty or mean "not known"; cells that did not fit the kind; cells of a numeric column that are
        infinite or too large for a quantity; different values.
    examples : tuple of str, default=()
        A few cells, for the person at the screen; never stored with a model.
    """

    name: str
    role: Role
    kind: Kind
    reason: str
    decimal: str = "."
    unit: str = ""
    date_format: str = ""
    n_missing: int = 0
    n_unreadable: int = 0
    n_infinite: int = 0
    n_distinct: int = 0
    examples: tuple[str, ...] = ()

    @property
    def is_trait(self) -> bool:
        """Whether a model may learn from it."""
        return self.role in ("trait", "engagement") and self.kind in ("numeric", "categorical", "boolean", "date")

    def to_dict(self) -> dict[str, Any]:
        """The part that a model bundle keeps: how to read the column, no cell of it.

        Returns
        -------
        dict
            Plain JSON values.
        """
        return {
            "name": self.name,
            "role": self.role,
            "kind": self.kind,
            "reason": self.reason,
            "decimal": self.decimal,
            "unit": self.unit,
            "date_format": self.date_format,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Column:
        """The column that :meth:`to_dict` described.

        Parameters
        ----------
        values : mapping
            As made by :meth:`to_dict`.

        Returns
        -------
        Column
            Read as the one described.

        Raises
        ------
        ValueError
            Its decimal mark is none.
        """
        if values["decimal"] not in (".", ","):
            raise ValueError("a decimal mark is a point or a comma")
        return cls(**values)


@dataclass(frozen=True)
class AccountTable(Boxed):
    """One row per account (and per observation date where rows carry one), cells parsed.

    Parameters
    ----------
    frame : DataFrame, shape (n_accounts, n_columns)
        Indexed by ``account_id`` (text, input order). ``float64`` for numeric, ``datetime64`` for date, text (pandas
        ``str``, missing NaN) for categorical, text and identifier columns; boolean columns hold ``"yes"``/``"no"``.
        Empty and constant columns are kept as text.
    columns : tuple of Column
        One per column of the source, ids included.
    source : str
        File or query as the user wrote it.
    as_of : Timestamp or None
        Date the picture was taken; None where nothing in the data is dated.
    observed_at : Series of datetime64 or None, default=None
        The row's own date, same index.
    names, parents : Series of str or None, default=None
        Account names and parent ids, same index.
    findings : tuple of Finding, default=()
        What reading found.
    late : DataFrame of bool or None, default=None
        Same index; a column per date column whose cells after the row's as-of date were taken as missing: which.
    later : DataFrame or None, default=None
        Same index; cells of a later export of the same accounts (``accounts.later_path``) for columns that both have.
    placeholders : tuple of str, default=()
        Texts found to be what a form leaves where nobody chose, such as ``select``: taken as missing.
    """

    frame: pd.DataFrame
    columns: tuple[Column, ...]
    source: str
    as_of: pd.Timestamp | None
    observed_at: pd.Series | None = None
    names: pd.Series | None = None
    parents: pd.Series | None = None
    findings: tuple[Finding, ...] = ()
    late: pd.DataFrame | None = None
    later: pd.DataFrame | None = None
    placeholders: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.frame)

    def column(self, name: str) -> Column:
        """The column of that name.

        Parameters
        ----------
        name : str
            As in the source.

        Returns
        -------
        Column
            What it was taken for.
        """
        return next(column for column in self.columns if column.name == name)

    def _box(self) -> Box:
        facts = {"accounts": len(self), "as of": day(self.as_of), "findings": len(self.findings)}
        rows = [(column.name, column.role, column.kind, column.reason) for column in self.columns]
        return Box(f"Accounts of {self.source}", facts, ("column", "role", "kind", "why"), rows)


@dataclass(frozen=True)
class DatedTable(Boxed):
    """Dated rows of many accounts: events or outcomes.

    Parameters
    ----------
    name : {"events", "outcomes"}
        What they are.
    frame : DataFrame, shape (n_rows, 4)
        ``account_id`` (text), ``at`` (datetime64, never missing), ``kind`` (text, ``""`` without a kind column),
        ``amount`` (float64, NaN where unknown); sorted by ``at`` then input order, index 0...n-1.
    source : str
        File or query.
    has_kind, has_amount : bool
        Whether the source names such a column.
    findings : tuple of Finding, default=()
        What reading found.
    """

    name: str
    frame: pd.DataFrame
    source: str
    has_kind: bool
    has_amount: bool
    findings: tuple[Finding, ...] = ()

    def __len__(self) -> int:
        return len(self.frame)

    def _box(self) -> Box:
        at, counted = self.frame["at"], self.frame["kind"].value_counts()
        facts = {"rows": len(self), "accounts": self.frame["account_id"].nunique(), "first": day(at.min())}
        rows = [(str(kind), int(n)) for kind, n in counted.items()]
        return Box(
            f"{self.name.capitalize()} of {self.source}", {**facts, "last": day(at.max())}, ("kind", "rows"), rows
        )


def day(at: pd.Timestamp | None) -> str:
    """A date as text; empty where there is none."""
    return "" if at is None or pd.isna(at) else f"{at:%Y-%m-%d}"


def account_mask(table: AccountTable, keep: NDArray[np.bool_]) -> AccountTable:
    """The accounts where ``keep`` is true.

    Parameters
    ----------
    table : AccountTable
        All accounts.
    keep : ndarray of bool, shape (n_accounts,)
        Rows to keep.

    Returns
    -------
    AccountTable
        With the same columns and findings; the table itself where all are kept.
    """
    if keep.all():
        return table

    def part(series: pd.Series | None) -> pd.Series | None:
        return None if series is None else series[keep]

    def rows(frame: pd.DataFrame | None) -> pd.DataFrame | None:
        return None if frame is None else frame[keep]

    return AccountTable(
        table.frame[keep],
        table.columns,
        table.source,
        table.as_of,
        part(table.observed_at),
        part(table.names),
        part(table.parents),
        table.findings,
        rows(table.late),
        rows(table.later),
    )
