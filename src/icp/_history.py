"""What each account had done by a date: spans of dated rows, summed so that no account's figure depends on another's.

Labels look at the rows after the as-of date, traits at the rows up to it; both ask the same question of the same sorted
rows. Sums run over one account's rows in time order, never through a running total that other accounts share, so a
figure is the same bytes whatever else is in the batch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["DAY", "History", "Span", "history", "microseconds"]

DAY = 86_400_000_000
"""Microseconds in a day."""

_MAX_PAIRS = 4_000_000
_NAT = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Span:
    """One run of sorted dated rows per asked-for row: positions ``start`` up to, not including, ``stop``.

    Parameters
    ----------
    start, stop : ndarray of int64, shape (n_rows,)
        Equal where the run is empty.
    """

    start: NDArray[np.int64]
    stop: NDArray[np.int64]

    @property
    def count(self) -> NDArray[np.int64]:
        """Dated rows in each run, shape (n_rows,)."""
        return self.stop - self.start


@dataclass(frozen=True)
class History:
    """Dated rows of the accounts asked for, sorted by account, then time, then amount.

    Parameters
    ----------
    code : ndarray of int64, shape (n_rows,)
        Number of the account of each asked-for row; an account asked for twice has one number.
    owner : ndarray of int64, shape (n_dated,)
        Number of the account of each dated row.
    at : ndarray of int64, shape (n_dated,)
        Microseconds since 1970.
    amount : ndarray of float64, shape (n_dated,)
        NaN where unknown.
    kind : ndarray of object, shape (n_dated,)
        Text, empty without a kind.
    """

    code: NDArray[np.int64]
    owner: NDArray[np.int64]
    at: NDArray[np.int64]
    amount: NDArray[np.float64]
    kind: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.at)

    @cached_property
    def _order(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The different times, and per dated row a number that grows with account, then time."""
        times, rank = np.unique(self.at, return_inverse=True)
        return times, self.owner * (len(times) + 1) + rank

    def where(self, keep: NDArray[np.bool_]) -> History:
        """The dated rows where ``keep`` is true, for the same asked-for rows.

        Parameters
        ----------
        keep : ndarray of bool, shape (n_dated,)
            Rows to keep.

        Returns
        -------
        History
            Still sorted.
        """
        return History(self.code, self.owner[keep], self.at[keep], self.amount[keep], self.kind[keep])

    def span(self, after: NDArray[np.int64] | None, until: NDArray[np.int64]) -> Span:
        """The account's rows in ``(after, until]``.

        Parameters
        ----------
        after : ndarray of int64, shape (n_rows,), or None
            Microseconds since 1970, not included; None means from the first row on.
        until : ndarray of int64, shape (n_rows,)
            Microseconds since 1970, included; NaT gives an empty run.

        Returns
        -------
        Span
            One run per asked-for row.
        """
        times, key = self._order
        width = len(times) + 1
        known = until != _NAT
        stop = np.searchsorted(key, self.code * width + np.searchsorted(times, until, side="right"))
        first = self.code * width
        if after is not None:
            first = first + np.searchsorted(times, after, side="right")
        start = np.searchsorted(key, first)
        start, stop = np.where(known, start, 0), np.where(known, stop, 0)
        return Span(start, np.maximum(start, stop))

    def days(self, span: Span) -> NDArray[np.int64]:
        """Different calendar days on which the account has rows.

        Parameters
        ----------
        span : Span
            Runs to look at.

        Returns
        -------
        ndarray of int64, shape (n_rows,)
            0 where the run is empty.
        """
        day = self.at // DAY
        new = np.ones(len(day), dtype=np.int64)
        new[1:] = (day[1:] != day[:-1]) | (self.owner[1:] != self.owner[:-1])
        seen = np.concatenate([[0], np.cumsum(new)])
        inner = seen[span.stop] - seen[np.minimum(span.start + 1, span.stop)]
        return np.where(span.count > 0, inner + 1, 0)

    def total(self, span: Span, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum of a weight of each dated row over each run, added in time order.

        Parameters
        ----------
        span : Span
            Runs to sum over.
        weights : ndarray of float64, shape (n_dated,)
            One per dated row, finite.

        Returns
        -------
        ndarray of float64, shape (n_rows,)
            0.0 where the run is empty.
        """
        totals = np.zeros(len(span.start))
        for rows, row, position in self._pairs(span):
            totals[rows] = np.bincount(row, weights[position], minlength=rows.stop - rows.start)
        return totals

    def decayed(self, span: Span, until: NDArray[np.int64], half_life_days: float) -> NDArray[np.float64]:
        r"""Rows of each run, each weighing :math:`2^{-\mathrm{age} / \mathrm{half\ life}}`, at most 1.

        Parameters
        ----------
        span : Span
            Runs to sum over, none of whose rows is later than ``until``.
        until : ndarray of int64, shape (n_rows,)
            Microseconds since 1970 from which ages count.
        half_life_days : float
            Age at which a row counts half.

        Returns
        -------
        ndarray of float64, shape (n_rows,)
            0.0 where the run is empty.
        """
        totals = np.zeros(len(span.start))
        for rows, row, position in self._pairs(span):
            age_days = (until[rows][row] - self.at[position]) / DAY
            totals[rows] = np.bincount(row, np.exp2(-age_days / half_life_days), minlength=rows.stop - rows.start)
        return totals

    @staticmethod
    def _pairs(span: Span) -> Iterator[tuple[slice, NDArray[np.int64], NDArray[np.int64]]]:
        """Every (asked-for row, dated row) pair, a bounded number at a time: the slice, row in it, position."""
        ends = np.cumsum(span.count)
        first = 0
        while first < len(ends):
            done = int(ends[first - 1]) if first else 0
            last = max(first + 1, int(np.searchsorted(ends, done + _MAX_PAIRS, side="right")))
            rows = slice(first, last)
            count = span.count[rows]
            row = np.repeat(np.arange(last - first), count)
            before = np.cumsum(count) - count
            yield rows, row, np.arange(len(row)) - before[row] + span.start[rows][row]
            first = last


def history(frame: pd.DataFrame, ids: pd.Index) -> History:
    """Sort the dated rows of the accounts asked for.

    Parameters
    ----------
    frame : DataFrame, shape (n_dated, 4)
        As in :class:`icp.tables.DatedTable`, in any order; rows of accounts not asked for are left out.
    ids : Index of str, shape (n_rows,)
        Accounts asked for, repeats allowed.

    Returns
    -------
    History
        Rows that tie in account and time are put in order of amount, so input order does not matter.
    """
    code, unique = pd.factorize(ids)
    text = pa.large_string()
    found = pc.index_in(pa.array(frame["account_id"], text), value_set=pa.array(unique, text))
    owner = found.fill_null(-1).to_numpy(zero_copy_only=False)
    known = np.flatnonzero(owner >= 0)
    at, amount = microseconds(frame["at"])[known], frame["amount"].to_numpy(np.float64)[known]
    owner = owner[known].astype(np.int64)
    order = _sorted(owner, at, amount)
    kind = frame["kind"].to_numpy(object)[known]
    return History(code.astype(np.int64), owner[order], at[order], amount[order], kind[order])


def _sorted(owner: NDArray[np.int64], at: NDArray[np.int64], amount: NDArray[np.float64]) -> NDArray[np.intp]:
    """Order by account, time, amount: two stable sorts of mostly sorted numbers, then amounts only where rows tie."""
    order = np.argsort(at, kind="stable")
    order = order[np.argsort(owner[order], kind="stable")]
    same = (owner[order][1:] == owner[order][:-1]) & (at[order][1:] == at[order][:-1])
    tied = np.zeros(len(order), dtype=bool)
    tied[1:] |= same
    tied[:-1] |= same
    part = order[tied]
    order[tied] = part[np.lexsort((amount[part], at[part], owner[part]))]
    return order


def microseconds(dates: pd.Series | NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Dates as whole microseconds since 1970; NaT is the smallest integer.

    Parameters
    ----------
    dates : Series or ndarray of datetime64
        Without a time zone.

    Returns
    -------
    ndarray of int64
        Same length.

    Examples
    --------
    >>> microseconds(np.array(["1970-01-02"], dtype="datetime64[D]")).tolist()
    [86400000000]
    """
    return np.asarray(dates).astype("datetime64[us]").astype(np.int64)
