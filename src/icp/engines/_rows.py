"""The accounts of a source as batches the core can score: cells, ids, and traits from dated tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from icp._stored import read_batches
from icp.accounts import RawTable, batch_ids, id_batches, parse_column
from icp.bundle import Bundle
from icp.engines._core import DATED_PREFIX, ID_COLUMN
from icp.options import AccountOptions
from icp.tables import Column, DatedTable
from icp.traits import dated_values

__all__ = ["BATCH_ROWS", "AccountRows", "Cells", "own_dates"]

BATCH_ROWS = 10_000
Cells = tuple[int, pa.RecordBatch]
"""Rows before a batch, and its cells as read."""


@dataclass(frozen=True)
class AccountRows:
    """The rows of a source, read anew each time they are asked for.

    Parameters
    ----------
    raw : RawTable
        Accounts as read, not parsed.
    bundle : Bundle
        The model.
    options : AccountOptions
        Where the ids are.
    columns : tuple of Column
        The model's columns as this source writes them.
    as_of : datetime64[us]
        Date of the picture for rows without one of their own.
    events, outcomes : DatedTable or None
        Dated history.
    """

    raw: RawTable
    bundle: Bundle
    options: AccountOptions
    columns: tuple[Column, ...]
    as_of: np.datetime64
    events: DatedTable | None
    outcomes: DatedTable | None

    def __len__(self) -> int:
        return self.raw.table.num_rows

    def cells(self, batch_rows: int = BATCH_ROWS, more: Sequence[str] = ()) -> Iterator[Cells]:
        """The cells that are needed, as the source has them.

        Parameters
        ----------
        batch_rows : int, default=10000
            Rows per batch; changes no score.
        more : sequence of str, default=()
            Further columns that are wanted.

        Yields
        ------
        (int, RecordBatch)
            Rows before the batch, and the batch.
        """
        names = [*(column.name for column in self.columns), *filter(None, [self.options.account_id]), *more]
        first, _ = 0, self._history  # made here, once, and not by several workers
        for batch in read_batches(self.raw.table, names, batch_rows):
            yield first, batch
            first += len(batch)

    def complete(self, cells: Cells) -> pa.RecordBatch:
        """What the core needs of some rows.

        Parameters
        ----------
        cells : (int, RecordBatch)
            From :meth:`cells`.

        Returns
        -------
        RecordBatch
            For :func:`icp.engines.score_batch`.
        """
        first, batch = cells
        ids = batch_ids(batch, self.options, first)
        whole = batch.select(list(dict.fromkeys(column.name for column in self.columns if column.name != ID_COLUMN)))
        whole = whole.append_column(ID_COLUMN, ids)
        if dated := self.bundle.dated_traits:
            own = own_dates(batch, self.columns, self.bundle)
            as_ofs = np.where(np.isnat(own), self.as_of, own)
            index = pd.Index(ids.to_numpy(zero_copy_only=False), dtype="str")
            events, outcomes = (None if past is None else past.of(index) for past in self._history)
            values = dated_values(events, outcomes, index, as_ofs, self.bundle.traits)
            for j in dated:
                whole = whole.append_column(DATED_PREFIX + self.bundle.traits[j].name, pa.array(values[:, j]))
        return whole

    def batches(self, batch_rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        """All rows, complete.

        Parameters
        ----------
        batch_rows : int, default=10000
            Rows per batch; changes no score.

        Yields
        ------
        RecordBatch
            In order; one empty batch for a table without rows.
        """
        yield from map(self.complete, self.cells(batch_rows))

    def ids(self) -> Iterator[pa.Array]:
        """All ids, in batches.

        Yields
        ------
        Array of string
            In order.
        """
        yield from id_batches(self.raw, self.options)

    def table(self) -> pa.Table:
        """All rows, complete, in memory.

        Returns
        -------
        Table
            For :func:`icp.engines.score_table`.
        """
        return pa.Table.from_batches(self.batches())

    @cached_property
    def _history(self) -> tuple[_ByAccount | None, _ByAccount | None]:
        events, outcomes = (None if table is None else _ByAccount(table) for table in (self.events, self.outcomes))
        return events, outcomes


class _ByAccount:
    """A dated table in which the rows of some accounts are found without a look at the rest."""

    def __init__(self, table: DatedTable) -> None:
        code, accounts = pd.factorize(table.frame["account_id"])
        self._table, self._accounts = table, pd.Index(accounts, dtype="str")
        self._order = np.argsort(code, kind="stable")
        self._ends = np.searchsorted(code[self._order], np.arange(len(accounts) + 1))

    def of(self, ids: pd.Index) -> DatedTable:
        """The rows of some accounts, in the order of the table."""
        code = self._accounts.get_indexer(ids.unique())
        code = code[code >= 0]
        runs = [self._order[self._ends[i] : self._ends[i + 1]] for i in code]
        rows = np.sort(np.fromiter(chain.from_iterable(runs), dtype=np.int64))
        return replace(self._table, frame=self._table.frame.iloc[rows])


def own_dates(batch: pa.RecordBatch, columns: tuple[Column, ...], bundle: Bundle) -> NDArray[np.datetime64]:
    """Each row's own date.

    Parameters
    ----------
    batch : RecordBatch
        With the column of that role, where the model has one.
    columns : tuple of Column
        The model's columns as the source writes them.
    bundle : Bundle
        The model.

    Returns
    -------
    ndarray of datetime64[us], shape (n_rows,)
        NaT where there is none.
    """
    own = next((column for column in columns if column.role == "observed_at"), None)
    if own is None:
        return np.full(len(batch), np.datetime64("NaT", "us"))
    dates, _ = parse_column(batch.column(own.name), own, bundle.missing_values)
    return dates.astype("datetime64[us]")
