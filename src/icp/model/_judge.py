"""Judging a way of learning on rows it never saw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icp._progress import step
from icp.evaluation import Evaluation, Split, evaluate, split
from icp.options import BacktestOptions
from icp.tables import AccountTable, TraitTable

__all__ = ["Judgement", "judge", "row_groups"]

MANY_BEST = 1000
"""From so many best customers on, one held-out third tells as much as five folds do."""

MIN_FILLED = 0.9
MIN_DATES = 20
MIN_JUDGED = 20
"""A date column orders rows that did not name one if it fills this share of them, holds so many different dates, and
leaves so many best customers and so many others among the newest rows."""

Rows = NDArray[np.intp]
Order = NDArray[np.float64] | None
Margins = Callable[[Rows, Rows, Order], NDArray[np.float64]]


@dataclass(frozen=True)
class Judgement:
    """How a way of learning did on rows it never saw.

    Parameters
    ----------
    evaluation : Evaluation
        Of all held-out rows together.
    margin : ndarray of float64, shape (n_test,)
        Their margins.
    rows : ndarray of intp, shape (n_test,)
        Which of the labelled rows they are.
    split : Split
        How the rows were divided.
    n_train : int
        Rows the (largest) judged model learned from.
    train_base_rate : float
        Share of best customers among the rows learned from.
    dates : RowDates or None
        What the rows were ordered by in ``column`` order.
    order : ndarray of float64, shape (n_labelled,), or None
        Place of each labelled row in time, larger is later, NaN where unknown; None in ``random`` order.
    only_random : bool
        Whether random rows were the only possibility.
    engagement : ndarray of float64, shape (n_test,), or None, default=None
        What engagement traits add to the margins; None without such traits and for a user's own estimator.
    """

    evaluation: Evaluation
    margin: NDArray[np.float64]
    rows: NDArray[np.intp]
    split: Split
    n_train: int
    train_base_rate: float
    dates: RowDates | None
    order: NDArray[np.float64] | None
    only_random: bool
    engagement: NDArray[np.float64] | None = None

    @property
    def order_named(self) -> bool:
        """Whether the user said what orders the rows."""
        return self.order is not None and (self.dates is None or self.dates.named)

    @property
    def rate_moved(self) -> bool:
        """Whether later rows hold a clearly other share of best customers: a quarter, and four standard errors."""
        metrics = self.evaluation.metrics()
        before, after, n = self.train_base_rate, float(metrics["base_rate"] or 0.0), int(metrics["n_test"] or 1)
        error = np.sqrt(before * (1.0 - before) * (1.0 / n + 1.0 / self.n_train))
        by_time = self.split.name != "random"
        return bool(by_time and abs(after - before) > max(4.0 * error, 0.25 * min(before, 1.0 - before)))

    @property
    def in_folds(self) -> bool:
        """Whether rows were judged by models that learned from each other's rows."""
        return len(self.split.folds) > 1

    def metrics(self) -> dict[str, Any]:
        """The figures of ``metrics.json``, with what they are figures of.

        Returns
        -------
        dict
            Plain JSON values.
        """
        facts = {"split": self.split.name, "estimand": self.split.estimand, "n_train": int(self.n_train)}
        return {**self.evaluation.metrics(), **facts, "train_base_rate": self.train_base_rate}


def judge(
    margins: Margins,
    label: NDArray[np.float64],
    options: BacktestOptions,
    *,
    dates: RowDates | None,
    groups: NDArray[np.int64],
    amount: NDArray[np.float64] | None,
    seed: int,
) -> Judgement:
    """Fit on one part, score the other, and measure.

    Parameters
    ----------
    margins : callable
        ``margins(train, test, order)`` fits on the rows ``train``, told their order in time if there is one, and gives
        the margins of the rows ``test``.
    label : ndarray of float64, shape (n_labelled,)
        1 best, 0 not.
    options : BacktestOptions
        Which rows are held out.
    dates : RowDates or None
        What rows can be ordered by.
    groups : ndarray of int64, shape (n_labelled,)
        Rows of one group stay on one side.
    amount : ndarray of float64 or None
        Money a best customer brought.
    seed : int
        Of the folds.

    Returns
    -------
    Judgement
        Of all held-out rows together.
    """
    order = options.order or ("column" if dates is not None else "random")
    one_part = order == "random" and label.sum() >= MANY_BEST
    chosen = split(
        order,
        len(label),
        label,
        observed_at=None if dates is None else dates.dates,
        groups=groups,
        test_share=options.test_share,
        n_folds=3 if one_part else options.n_folds,
        seed=seed,
    )
    if one_part:
        estimand = f"{chosen.estimand}; one row in three was held out once, which is enough with so many best customers"
        chosen = replace(chosen, folds=chosen.folds[:1], estimand=estimand)
    by = dates if chosen.name == "column" else None
    in_time = None if chosen.name == "random" else place_in_time(len(label), by)
    tested: list[NDArray[np.intp]] = []
    found: list[NDArray[np.float64]] = []
    with step("judging on accounts the model never saw") as advance:
        for i, (train, test) in enumerate(chosen.folds):
            tested.append(test)
            found.append(margins(train, test, in_time))
            advance((i + 1) / len(chosen.folds))
    rows, margin = np.concatenate(tested), np.concatenate(found)
    evaluation = evaluate(
        label[rows],
        margin,
        groups=groups[rows],
        amount=None if amount is None else amount[rows],
    )
    only_random = options.order is None and dates is None
    learned_from = np.concatenate([train for train, _ in chosen.folds])
    return Judgement(
        evaluation=evaluation,
        margin=margin,
        rows=rows,
        split=chosen,
        n_train=max(len(train) for train, _ in chosen.folds),
        train_base_rate=float(label[learned_from].mean()),
        dates=by,
        order=in_time,
        only_random=only_random,
    )


def place_in_time(n: int, dates: RowDates | None) -> NDArray[np.float64]:
    """Place of each row in time: its date, or its number.

    Parameters
    ----------
    n : int
        Rows.
    dates : RowDates or None
        Of the same rows.

    Returns
    -------
    ndarray of float64, shape (n,)
        NaN where the date is not known.
    """
    if dates is None:
        return np.arange(n, dtype=np.float64)
    known = ~np.isnat(dates.dates)
    return np.where(known, dates.dates.astype("datetime64[s]").astype(np.float64), np.nan)


@dataclass(frozen=True)
class RowDates:
    """A date for every row, to judge later rows by a model that knew earlier ones.

    Parameters
    ----------
    column : str
        Column they come from.
    dates : ndarray of datetime64, shape (n_labelled,)
        NaT where unknown.
    named : bool
        Whether the user named the column (``accounts.observed_at``).
    """

    column: str
    dates: NDArray[np.datetime64]
    named: bool


def row_dates(
    accounts: AccountTable, y: NDArray[np.float64], *, undated_label: bool, test_share: float
) -> RowDates | None:
    """The dates that rows can be ordered by: the named ones, else the date column that reaches furthest.

    A label without a date of its own (``flag``) may belong to any time, so rows are ordered by the latest of the date
    columns that nearly every row fills, as long as the newest rows hold enough best customers and others to judge on.
    Labels from a window after one as-of date belong to one time, whatever other dates the rows carry.

    Parameters
    ----------
    accounts : AccountTable
        Labelled accounts.
    y : ndarray of float64, shape (n_labelled,)
        1 best, 0 not.
    undated_label : bool
        Whether the label is an undated flag.
    test_share : float
        Share of the rows that would be judged on.

    Returns
    -------
    RowDates or None
        None where nothing dates the rows.
    """
    if accounts.observed_at is not None:
        name = next(column.name for column in accounts.columns if column.role == "observed_at")
        return RowDates(name, accounts.observed_at.to_numpy(), True)
    if not undated_label:
        return None
    best: RowDates | None = None
    for column in accounts.columns:
        if column.kind != "date" or not column.is_trait:
            continue
        dates = accounts.frame[column.name].to_numpy()
        filled = dates[~np.isnat(dates)]
        if len(filled) < MIN_FILLED * len(dates) or len(np.unique(filled)) < MIN_DATES:
            continue
        newest = y[~np.isnat(dates)][np.argsort(filled, kind="stable")][-round(test_share * len(filled)) :]
        enough = min((newest == 1).sum(), (newest == 0).sum()) >= MIN_JUDGED
        if enough and (best is None or filled.max() > best.dates[~np.isnat(best.dates)].max()):
            best = RowDates(column.name, dates, False)
    return best


def row_groups(accounts: AccountTable, traits: TraitTable) -> NDArray[np.int64]:
    """Rows that must not be on both sides of a split: one parent, or copies of one another.

    Copies are looked for only where rows are rich enough that equal rows mean one company entered twice: at least
    eight traits, and four rows in five different from every other.

    Parameters
    ----------
    accounts : AccountTable
        With ``parents`` where the source names them.
    traits : TraitTable
        The same rows as numbers.

    Returns
    -------
    ndarray of int64, shape (n_accounts,)
        Group number of each row.
    """
    n_rows = len(accounts)
    own = np.arange(n_rows)
    if accounts.parents is not None:
        parents = accounts.parents.where(accounts.parents.notna(), pd.Series(own.astype(str), accounts.parents.index))
        return pd.factorize(parents.to_numpy(dtype=object))[0].astype(np.int64)
    if len(traits.traits) < 8:
        return own
    codes = pd.factorize(pd.util.hash_pandas_object(pd.DataFrame(traits.values), index=False))[0].astype(np.int64)
    return codes if codes.max(initial=0) + 1 >= 0.8 * n_rows else own
