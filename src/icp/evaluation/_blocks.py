"""Blocks of rows that are judged one after the other, each by a model that knew only what was known before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icp._folds import assign_folds
from icp._history import DAY, microseconds

__all__ = ["Block", "Span", "date_spans", "forward_blocks", "picture_dates", "random_blocks", "row_spans"]

Rows = NDArray[np.int64]

MIN_TRAIN = 10
"""Fewest best customers, and others, that a block's model learns from."""

MIN_JUDGED = 5
"""Fewest best customers, and others, in a judged block."""

ACCOUNT_FOLDS = 2
"""Where an account is in several pictures, the accounts of a block are judged in this many parts: each half by a model
that learned from the other half's older pictures."""

MAX_PICTURES = 4
"""Most pictures older than the judged ones that are learned from."""


@dataclass(frozen=True)
class Span:
    """Rows to be judged together, and when they begin.

    Parameters
    ----------
    name : str
        Number of the block, oldest first.
    rows : ndarray of int64
        Row numbers, ascending.
    start : int
        In the unit of the rows' own times: microseconds since 1970, or the number of the first row.
    first, last : str
        First and last day (ISO), or first and last row, for people.
    """

    name: str
    rows: Rows
    start: int
    first: str
    last: str


@dataclass(frozen=True)
class Block:
    """Rows that are judged, and the rows that their model learned from.

    Parameters
    ----------
    span : Span
        The judged rows.
    parts : tuple of (ndarray of int64, ndarray of int64)
        Row numbers to learn from and to judge on; the judged ones together are those of the span.
    sealed : bool
        Whether no choice may look at it.
    """

    span: Span
    parts: tuple[tuple[Rows, Rows], ...]
    sealed: bool

    @property
    def n_train(self) -> int:
        """Rows that the largest of its models learned from."""
        return max(len(train) for train, _ in self.parts)


def date_spans(dates: ArrayLike, n_blocks: int, share: float) -> list[Span]:
    """The newest rows in blocks of about equal size; rows of one day stay together.

    Parameters
    ----------
    dates : array-like of datetime64, shape (n,)
        NaT where unknown; such rows are in no block.
    n_blocks : int
        Most blocks.
    share : float
        Share of the dated rows in each.

    Returns
    -------
    list of Span
        Oldest first; fewer where there are not enough days.

    Examples
    --------
    >>> spans = date_spans(np.arange("2025-01-01", "2025-01-11", dtype="datetime64[D]"), 2, 0.2)
    >>> [(span.first, span.last, len(span.rows)) for span in spans]
    [('2025-01-07', '2025-01-08', 2), ('2025-01-09', '2025-01-10', 2)]
    """
    at = microseconds(np.asarray(dates))
    known = np.flatnonzero(at != np.iinfo(np.int64).min)
    day = at[known] // DAY
    days, counts = np.unique(day, return_counts=True)
    before = np.concatenate([[0], np.cumsum(counts)])
    wanted = len(known) - share * len(known) * np.arange(n_blocks, 0, -1)
    cuts = sorted({int(np.argmin(np.abs(before[:-1] - want))) for want in wanted} - {0})
    edges = [*cuts, len(days)]
    spans = []
    for i, (low, high) in enumerate(pairwise(edges)):
        rows = known[(day >= days[low]) & (day <= days[high - 1])]
        spans.append(Span(str(i + 1), rows, int(days[low]) * DAY, _iso(days[low]), _iso(days[high - 1])))
    return spans


def row_spans(n: int, n_blocks: int, share: float) -> list[Span]:
    """The last rows in blocks of equal size.

    Parameters
    ----------
    n : int
        Rows.
    n_blocks : int
        Blocks.
    share : float
        Share of the rows in each.

    Returns
    -------
    list of Span
        Oldest first.

    Examples
    --------
    >>> [(span.first, span.last) for span in row_spans(10, 2, 0.2)]
    [('row 7', 'row 8'), ('row 9', 'row 10')]
    """
    edges = [n - round(share * n * i) for i in range(n_blocks, -1, -1)]
    return [
        Span(str(i + 1), np.arange(low, high), low, f"row {low + 1:,}", f"row {high:,}")
        for i, (low, high) in enumerate(pairwise(edges))
        if 0 < low < high
    ]


def picture_dates(newest: int, oldest: int, gap_days: int, n_blocks: int) -> tuple[list[int], list[int]]:
    """Days at which pictures are taken, and which of them are judged.

    Pictures lie one gap apart, or closer where history is short (at least a quarter of it); a judged one has an older
    one at least a gap before it.

    Parameters
    ----------
    newest, oldest : int
        Day of the newest picture, and first day that shows enough of the past, as days since 1970.
    gap_days : int
        Days between what is learned from and what is judged.
    n_blocks : int
        Most judged pictures.

    Returns
    -------
    pictures, judged : list of int
        Days since 1970, oldest first; both empty where history does not reach back far enough.

    Examples
    --------
    >>> picture_dates(1000, 100, 180, 4)
    ([100, 280, 460, 640, 820, 1000], [460, 640, 820, 1000])
    >>> picture_dates(1000, 740, 180, 4)
    ([775, 820, 865, 910, 955, 1000], [955, 1000])
    >>> picture_dates(1000, 900, 180, 4)
    ([], [])
    """
    room = newest - oldest - gap_days
    if room < 0:
        return [], []
    step = gap_days if n_blocks == 1 else min(gap_days, max(room // (n_blocks - 1), -(-gap_days // 4), 1))
    n_judged = min(n_blocks, room // step + 1)
    first_judged = newest - step * (n_judged - 1)
    most = n_judged + MAX_PICTURES - 1 + -(-gap_days // step)
    pictures = [newest - step * i for i in range(most) if newest - step * i >= oldest][::-1]
    if not any(day <= first_judged - gap_days for day in pictures):
        pictures = [first_judged - gap_days, *pictures]
    return pictures, [day for day in pictures if day >= first_judged]


def forward_blocks(
    spans: Sequence[Span],
    at: NDArray[np.int64],
    gap: int,
    groups: NDArray[np.int64],
    y: NDArray[np.float64],
    *,
    account_folds: int = 1,
    seed: int = 0,
) -> tuple[list[Block], list[str]]:
    """Give every span the rows that its model may learn from: those whose label was known when it began.

    Parameters
    ----------
    spans : sequence of Span
        Oldest first.
    at : ndarray of int64, shape (n,)
        Time of each row in the unit of the spans.
    gap : int
        In the same unit: a row is learned from when ``at + gap`` is not after the start of the span, and ``at`` is
        before it.
    groups : ndarray of int64, shape (n,)
        Rows of one group are on one side only.
    y : ndarray of float64, shape (n,)
        1 best, 0 not.
    account_folds : int, default=1
        Parts in which a span is judged. With 1 the older rows of judged groups are left out of learning; with more,
        each part is judged by a model that learned from the groups of the others, which keeps enough to learn from
        where every group is in every span.
    seed : int, default=0
        Decides the parts.

    Returns
    -------
    blocks : list of Block
        Those that can be judged, the newest sealed.
    dropped : list of str
        Why the others cannot.
    """
    fold = assign_folds(np.zeros(len(y)), account_folds, seed, groups) if account_folds > 1 else np.zeros(len(y), int)
    blocks, dropped = [], []
    for span in spans:
        older = np.flatnonzero((at + gap <= span.start) & (at < span.start))
        parts = []
        for number in np.unique(fold[span.rows]):
            test = span.rows[fold[span.rows] == number]
            taken = groups[test] if account_folds == 1 else groups[fold == number]
            parts.append((older[~np.isin(groups[older], taken)], test))
        why = _unfit(parts, span.rows, y)
        if why:
            dropped.append(f"{span.first} to {span.last}: {why}" if span.first != span.last else f"{span.first}: {why}")
        else:
            blocks.append(Block(span, tuple(parts), sealed=False))
    if blocks:
        blocks[-1] = Block(blocks[-1].span, blocks[-1].parts, sealed=True)
    return blocks, dropped


def random_blocks(
    y: NDArray[np.float64],
    groups: NDArray[np.int64],
    *,
    n_folds: int,
    repeats: int,
    seed: int,
    one_part: bool = False,
    judged: NDArray[np.bool_] | None = None,
    n_train: int | None = None,
) -> list[Block]:
    """Folds at random, drawn again in each repeat.

    Parameters
    ----------
    y : ndarray of float64, shape (n,)
        1 best, 0 not.
    groups : ndarray of int64, shape (n,)
        Rows of one group share a fold.
    n_folds : int
        Folds of one repeat.
    repeats : int
        How often they are drawn.
    seed : int
        Decides them.
    one_part : bool, default=False
        Judge one fold of each repeat only.
    judged : ndarray of bool, shape (n,), default=None
        Rows that are judged; None means all.
    n_train : int, default=None
        Learn from about so many rows, whole groups of them left out at random; None means all that are not judged.

    Returns
    -------
    list of Block
        One per repeat, none of them sealed.
    """
    n_folds = max(2, min(n_folds, int(y.sum()), int((1.0 - y).sum())))
    wanted = np.ones(len(y), bool) if judged is None else judged
    blocks = []
    for repeat in range(repeats):
        fold = assign_folds(y, n_folds, seed + 1000 * repeat, groups)
        lot = np.random.default_rng(seed + 1000 * repeat).random(int(groups.max(initial=0)) + 1)[groups]
        parts = []
        for i in range(1 if one_part else n_folds):
            train, test = np.flatnonzero(fold != i), np.flatnonzero((fold == i) & wanted)
            if n_train is not None and n_train < len(train):
                train = np.sort(train[np.argsort(lot[train], kind="stable")][:n_train])
            if len(test):
                parts.append((train, test))
        rows = np.sort(np.concatenate([test for _, test in parts]))
        blocks.append(Block(Span(f"repeat {repeat + 1}", rows, 0, "", ""), tuple(parts), sealed=False))
    return blocks


def _unfit(parts: Sequence[tuple[Rows, Rows]], judged: Rows, y: NDArray[np.float64]) -> str:
    """Why a span cannot be judged; empty when it can."""
    best, rest = int(y[judged].sum()), int((1.0 - y[judged]).sum())
    if min(best, rest) < MIN_JUDGED:
        return f"{best:,} best customers and {rest:,} others to judge on, {MIN_JUDGED} of each are needed"
    best = min(int(y[train].sum()) for train, _ in parts)
    rest = min(int((1.0 - y[train]).sum()) for train, _ in parts)
    if min(best, rest) < MIN_TRAIN:
        return f"{best:,} best customers and {rest:,} others to learn from, {MIN_TRAIN} of each are needed"
    return ""


def _iso(day: int) -> str:
    return str(np.datetime64(int(day), "D"))
