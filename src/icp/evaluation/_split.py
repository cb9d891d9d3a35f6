"""Which rows the model is judged on, and what that says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from icp._folds import assign_folds
from icp.errors import ConfigError, NotEnoughDataError

__all__ = ["Split", "split"]

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """Training rows and rows to judge on.

    Parameters
    ----------
    folds : tuple of (ndarray of int64, ndarray of int64)
        Row numbers to train on and to judge on; one pair in ``column`` and ``rows`` order.
    name : {"column", "rows", "random"}
        How they were told apart.
    text : str
        The same in words.
    estimand : str
        What figures on the judged rows are an estimate of.
    """

    folds: tuple[tuple[Rows, Rows], ...]
    name: str
    text: str
    estimand: str

    @property
    def test_rows(self) -> Rows:
        """All rows judged on, in ascending order."""
        return np.sort(np.concatenate([test for _, test in self.folds]))


def split(
    order: str | None,
    n: int,
    y: ArrayLike,
    *,
    observed_at: Any = None,
    groups: ArrayLike | None = None,
    test_share: float = 0.2,
    n_folds: int = 5,
    seed: int = 0,
) -> Split:
    """Tell rows to train on from rows to judge on.

    Parameters
    ----------
    order : {"column", "rows", "random"} or None
        ``column``: the newest rows by ``observed_at`` are judged on; ``rows``: the last rows; ``random``: every row
        once, in folds. None takes ``column`` where there are dates, else ``random``.
    n : int
        Rows.
    y : array-like of float, shape (n,)
        1 best, 0 not.
    observed_at : array-like of datetime64, shape (n,), default=None
        The row's own date; rows without one are left out of ``column`` order.
    groups : array-like, shape (n,), default=None
        Rows of one group are on one side only: in time order, older rows of a group that is judged are left out.
    test_share : float, default=0.2
        Share of rows judged on in ``column`` and ``rows`` order.
    n_folds : int, default=5
        Folds of ``random`` order.
    seed : int, default=0
        Decides the folds.

    Returns
    -------
    Split
        With every training row before every judged row in ``column`` and ``rows`` order.

    Raises
    ------
    ConfigError
        An unknown order or share (``ICP331``), or no dates to order by (``ICP332``).
    NotEnoughDataError
        A side without best customers or without others (``ICP333``).
    """
    target = np.asarray(y, dtype=np.float64)
    if order not in (None, "column", "rows", "random") or not 0 < test_share < 1 or n_folds < 2:
        raise ConfigError.one(
            "ICP331",
            f"backtest.order={order}, test_share={test_share}, n_folds={n_folds} cannot be used.",
            "order is column, rows or random; test_share lies between 0 and 1; n_folds is at least 2.",
        )
    unit = None if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1].astype(np.int64)
    if order == "random" or (order is None and observed_at is None):
        made = _random(target, unit, n_folds, seed)
    elif order == "rows":
        cut = n - max(1, round(n * test_share))
        text = f"trained on the first {cut:,} rows, judged on the last {n - cut:,}"
        made = _in_time(np.arange(n), cut, unit, "rows", text)
    else:
        made = _by_date(n, observed_at, unit, test_share)
    _check(target, made, grouped=unit is not None and len(np.unique(unit)) < n)
    return made


def _random(y: NDArray[np.float64], unit: Rows | None, n_folds: int, seed: int) -> Split:
    n_folds = max(2, min(n_folds, int(y.sum()), int((1.0 - y).sum())))
    fold = assign_folds(y, n_folds, seed, unit)
    folds = tuple((np.flatnonzero(fold != i), np.flatnonzero(fold == i)) for i in range(n_folds))
    return Split(
        folds,
        "random",
        f"{n_folds} folds at random: every row judged by a model that had not seen it; no account of time",
        "accounts like these, drawn from the same time; a later time may differ",
    )


def _by_date(n: int, observed_at: Any, unit: Rows | None, test_share: float) -> Split:
    """The newest dates that hold about ``test_share`` of the rows; rows of one date stay on one side."""
    dates = pd.Series(pd.NaT, range(n)) if observed_at is None else pd.Series(pd.to_datetime(np.asarray(observed_at)))
    known = np.flatnonzero(dates.notna())
    values = dates.to_numpy()[known]
    days, counts = np.unique(values, return_counts=True)
    if len(days) < 2:
        raise ConfigError.one(
            "ICP332",
            "backtest.order=column needs rows of at least two dates.",
            "Set accounts.observed_at to a column of dates, or backtest.order=random.",
        )
    newest = np.cumsum(counts[::-1])[::-1][1:]
    first_test_day = days[1:][np.argmin(np.abs(newest - test_share * len(known)))]
    order = known[np.argsort(values, kind="stable")]
    cut = int((values < first_test_day).sum())
    text = (
        f"trained on rows before {pd.Timestamp(first_test_day).date()}, judged on the {len(known) - cut:,} rows since"
    )
    return _in_time(order, cut, unit, "column", text)


def _in_time(order: Rows, cut: int, unit: Rows | None, name: str, text: str) -> Split:
    train, test = np.sort(order[:cut]), np.sort(order[cut:])
    if unit is not None:
        train = train[~np.isin(unit[train], unit[test])]
    return Split(((train, test),), name, text, "later accounts, scored by a model that knew only earlier ones")


def _check(y: NDArray[np.float64], made: Split, *, grouped: bool) -> None:
    how = f"{made.text}; rows of one account or parent are on one side" if grouped else made.text
    for train, test in made.folds:
        for side, rows in (("trained on", train), ("judged on", test)):
            best = int(y[rows].sum())
            if best == 0 or best == len(rows):
                raise NotEnoughDataError.one(
                    "ICP333",
                    f"the rows {side} hold {best:,} best customers and {len(rows) - best:,} others ({how}).",
                    "Both are needed: change backtest.test_share, or set backtest.order=random.",
                )
