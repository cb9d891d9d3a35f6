"""The recipes: each turns accounts and outcomes into marks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icp._history import DAY
from icp.errors import ConfigError, TableError
from icp.labels._values import NOT_KNOWN, as_list, in_words, looks_open, pick_values, value_counts
from icp.labels._window import Window
from icp.options import LabelOptions
from icp.tables import AccountTable, DatedTable, Finding

__all__ = [
    "Marks",
    "flag",
    "money_column",
    "revenue_column",
    "revenue_window",
    "rfm",
    "threshold",
    "winning_kinds",
    "won",
]


@dataclass(frozen=True)
class Marks:
    """What a recipe says of every account.

    Parameters
    ----------
    label : ndarray of float64, shape (n_accounts,)
        1, 0 or NaN.
    amount : ndarray of float64, shape (n_accounts,)
        Money brought; NaN where unknown.
    eligible : ndarray of bool, shape (n_accounts,)
        Who could become best.
    text : str
        The definition in one sentence.
    findings : tuple of Finding, default=()
        What was noticed.
    """

    label: NDArray[np.float64]
    amount: NDArray[np.float64]
    eligible: NDArray[np.bool_]
    text: str
    findings: tuple[Finding, ...] = ()


def flag(options: LabelOptions, accounts: AccountTable) -> Marks:
    """Best is a value of a column.

    Parameters
    ----------
    options : LabelOptions
        ``column``, ``positive``, ``negative``.
    accounts : AccountTable
        With the column as text.

    Returns
    -------
    Marks
        Empty cells and values in neither list are unlabelled.
    """
    column = str(options.column)
    counts = value_counts(accounts.frame[column])
    n_unknown = len(accounts.frame) - sum(counts.values())
    best, rest = pick_values(counts, options.positive, options.negative, column=column, n_unknown=n_unknown)
    cells = accounts.frame[column].astype(object).where(accounts.frame[column].notna(), "").astype(str).str.strip()
    label = _two_lists(cells.to_numpy(object), best, rest)
    findings = []
    n_unlabelled = int(np.isnan(label).sum())
    if n_unlabelled:
        message = (
            f"{n_unlabelled:,} accounts have no value of '{column}' that means best or not best; they are unlabelled."
        )
        message += f" {n_unknown:,} of these cells {NOT_KNOWN}." if n_unknown else ""
        findings.append(Finding("ICP222", "note", message, column=column, n_rows=n_unlabelled))
    doubtful = [value for value in rest if looks_open(value)] if options.negative is None else []
    if doubtful:
        n = sum(counts[value] for value in doubtful)
        message = (
            f"'{column}' is {in_words(doubtful)} in {n:,} rows, taken as not best; an open deal is not a lost one: "
            "say which values mean not best with labels.negative."
        )
        findings.append(Finding("ICP229", "warning", message, column=column, n_rows=n))
    unknown = np.full(len(label), np.nan)
    return Marks(label, unknown, np.isfinite(label), f"{column} is {in_words(best)}", tuple(findings))


def won(options: LabelOptions, window: Window, outcomes: DatedTable) -> Marks:
    """Best is who has a winning outcome in the window and had none before.

    Parameters
    ----------
    options : LabelOptions
        ``positive`` and ``negative`` list kinds of outcome. Without ``negative``, accounts with no outcome in the
        window are not best; with it, they are in neither list and stay unlabelled.
    window : Window
        The outcomes.
    outcomes : DatedTable
        For its kinds; without kinds every outcome is a win.

    Returns
    -------
    Marks
        Accounts with an undecided outcome in the window, and no win, are unlabelled.
    """
    past = window.past
    best, rest = winning_kinds(options, outcomes)
    kinds = np.array([str(kind).strip() for kind in past.kind], dtype=object) if outcomes.has_kind else past.kind
    is_win = np.isin(kinds, best) if outcomes.has_kind else np.ones(len(past), dtype=bool)
    wins, lost = past.where(is_win), past.where(np.isin(kinds, rest) & ~is_win)
    n_won, n_lost, n_all = (window.count(rows) for rows in (wins, lost, past))
    label = np.where(n_lost == n_all, 0.0, np.nan)
    if options.negative is not None:
        label[n_all == 0] = np.nan
    label[n_won > 0] = 1.0
    undecided = window.eligible & (n_all > 0) & np.isnan(label)
    before = wins.span(None, window.start).count > 0
    silent = window.eligible & window.over & (n_all == 0) if options.negative is not None else np.zeros_like(before)
    why = (
        "accounts have no outcome in the window and are unlabelled: with labels.negative only what it names is not best"
    )
    findings = [
        *_note("ICP221", "accounts had a win at or before the as-of date and are not eligible", before),
        *_note("ICP222", "accounts have only undecided outcomes in the window and are unlabelled", undecided & ~before),
        *_note("ICP222", why, silent & ~before),
    ]
    eligible = window.eligible & ~before
    label[~eligible | ~window.over] = np.nan
    what = f"an outcome {in_words(best)}" if outcomes.has_kind else "an outcome"
    return Marks(label, window.money(wins), eligible, f"first has {what} {window.words}", tuple(findings))


def winning_kinds(options: LabelOptions, outcomes: DatedTable) -> tuple[list[str], list[str]]:
    """Kinds that win and kinds that lose.

    Parameters
    ----------
    options : LabelOptions
        ``positive`` and ``negative``, as for :func:`won`.
    outcomes : DatedTable
        For its kinds.

    Returns
    -------
    best, rest : list of str
        As they stand in the table; both empty where it has no kinds and every outcome is a win.

    Raises
    ------
    ConfigError
        The kinds cannot be told (``ICP213`` to ``ICP215``, ``ICP232``).
    """
    if outcomes.has_kind:
        counts = value_counts(outcomes.frame["kind"])
        return pick_values(counts, options.positive, options.negative, column="outcomes.kind", open_words=True)
    if as_list(options.positive) or as_list(options.negative):
        raise ConfigError.one(
            "ICP232", "labels.positive or labels.negative names kinds of outcome, and outcomes.kind is not set.",
            "Set outcomes.kind to the column with the kind, or leave both out: then every outcome is a win.",
        )  # fmt: skip
    return [], []


def revenue_window(options: LabelOptions, window: Window, outcomes: DatedTable) -> Marks:
    """Best is who brought the most money in the window, refunds netted.

    Parameters
    ----------
    options : LabelOptions
        ``top_share``, or ``amount`` as the least money.
    window : Window
        The outcomes.
    outcomes : DatedTable
        Must have amounts.

    Returns
    -------
    Marks
        Accounts without outcomes in the window brought 0.

    Raises
    ------
    ConfigError
        There are no amounts (``ICP218``).
    """
    _need_amounts(options, outcomes)
    money = window.money(window.past)
    eligible = window.eligible & np.isfinite(money)
    return _most_money(options, money, eligible, eligible & window.over, window.words)


def revenue_column(options: LabelOptions, accounts: AccountTable) -> Marks:
    """Best is who brought the most money by a column of the accounts table.

    Parameters
    ----------
    options : LabelOptions
        ``column``, and ``top_share`` or ``amount``.
    accounts : AccountTable
        With the column as numbers.

    Returns
    -------
    Marks
        Accounts without a number are unlabelled.

    Raises
    ------
    TableError
        The column holds no numbers (``ICP234``).
    """
    money = money_column(accounts, str(options.column))
    known = np.isfinite(money)
    return _most_money(options, money, known, known, f"by {options.column}")


def _most_money(
    options: LabelOptions,
    money: NDArray[np.float64],
    eligible: NDArray[np.bool_],
    judged: NDArray[np.bool_],
    words: str,
) -> Marks:
    least = threshold(options)
    findings: list[Finding]
    if least is not None:
        best, findings = judged & (money >= least), []
        text = f"brings at least {least:,.12g} {words}"
    else:
        best, findings = _top(options.top_share, judged & (money > 0), judged, np.zeros(len(money)), money)
        text = f"is in the top {options.top_share * 100:.12g} % by money {words}"
    label = np.where(judged, best.astype(np.float64), np.nan)
    return Marks(label, money, eligible, text, tuple(findings))


def rfm(options: LabelOptions, window: Window, outcomes: DatedTable) -> Marks:
    """Best are the champions by recency, frequency and money in the window.

    Each buying account gets 1 to 5 for how lately it last bought, on how many days it bought, and how much money it
    brought net of refunds; the champions are the ``top_share`` of eligible accounts by the sum, money deciding ties.
    Rows with a negative amount are refunds: they lower the money and count as no purchase.

    Parameters
    ----------
    options : LabelOptions
        ``top_share``.
    window : Window
        The outcomes.
    outcomes : DatedTable
        Must have amounts.

    Returns
    -------
    Marks
        Accounts without a purchase in the window are not best.

    Raises
    ------
    ConfigError
        There are no amounts (``ICP218``).
    """
    _need_amounts(options, outcomes)
    bought = window.past.where(~(window.past.amount < 0))
    span = bought.span(window.start, window.end)
    money = np.nan_to_num(window.money(window.past))
    judged = window.eligible & window.over
    active = judged & (span.count > 0)
    age = np.full(len(money), np.nan)
    age[active] = (window.end[active] - bought.at[span.stop[active] - 1]) // DAY
    parts = (-age, bought.days(span).astype(np.float64), money)
    score = sum((_quintile(part, active) for part in parts), np.zeros(len(money)))
    best, findings = _top(options.top_share, active & (money > 0), judged, score, money)
    label = np.where(judged, best.astype(np.float64), np.nan)
    text = f"is in the top {options.top_share * 100:.12g} % by recency, frequency and money {window.words}"
    return Marks(label, money, window.eligible, text, tuple(findings))


def _quintile(part: NDArray[np.float64], active: NDArray[np.bool_]) -> NDArray[np.float64]:
    """1 (lowest fifth) to 5 (highest) among the active accounts, equal values alike; 0 for the others."""
    ranks = pd.Series(np.where(active, part, np.nan)).rank(method="average", pct=True).to_numpy()
    return np.where(active, np.ceil(np.round(ranks * 5.0, 9)), 0.0)


def _top(
    share: float,
    may: NDArray[np.bool_],
    judged: NDArray[np.bool_],
    score: NDArray[np.float64],
    money: NDArray[np.float64],
) -> tuple[NDArray[np.bool_], list[Finding]]:
    """The share of the judged accounts with the highest score, then money; all that tie at the cut are in."""
    n_best = max(1, round(share * int(judged.sum())))
    place = np.flatnonzero(may)
    if len(place) <= n_best:
        return may, []
    cut = place[np.lexsort((money[place], score[place]))[-n_best]]
    best = may & ((score > score[cut]) | ((score == score[cut]) & (money >= money[cut])))
    n_more = int(best.sum()) - n_best
    if not n_more:
        return best, []
    text = f"accounts tie at the cut and are best too: {int(best.sum()):,} instead of {n_best:,}"
    return best, _note("ICP223", text, n_more)


def threshold(options: LabelOptions) -> float | None:
    """The least money that makes an account best, where ``labels.amount`` is a number.

    Parameters
    ----------
    options : LabelOptions
        The definition.

    Returns
    -------
    float or None
        None where ``top_share`` decides.
    """
    if options.recipe != "revenue" or isinstance(options.amount, str) or options.amount is None:
        return None
    return float(options.amount)


def money_column(accounts: AccountTable, name: str) -> NDArray[np.float64]:
    """A column of numbers of the accounts table.

    Parameters
    ----------
    accounts : AccountTable
        Accounts.
    name : str
        Column.

    Returns
    -------
    ndarray of float64, shape (n_accounts,)
        NaN where not known.

    Raises
    ------
    TableError
        It does not hold numbers (``ICP234``).
    """
    cells = accounts.frame[name]
    if cells.dtype.kind not in "fiu":
        raise TableError.one(
            "ICP234",
            f"column '{name}' holds no numbers.",
            "Choose a column of amounts.",
            column=name,
            n_rows=len(cells),
        )
    return cells.to_numpy(np.float64)


def _two_lists(cells: NDArray[np.object_], best: list[str], rest: list[str]) -> NDArray[np.float64]:
    marks = {**dict.fromkeys(rest, 0.0), **dict.fromkeys(best, 1.0)}
    return pd.Series(cells, dtype=object).map(marks).to_numpy(np.float64)


def _need_amounts(options: LabelOptions, outcomes: DatedTable) -> None:
    if not outcomes.has_amount:
        raise ConfigError.one(
            "ICP218", f"labels={options.recipe} adds up money, and outcomes.amount is not set.",
            'Set it to a column, or a product such as "Quantity * UnitPrice".',
        )  # fmt: skip


def _note(code: str, text: str, mask: NDArray[np.bool_] | int) -> list[Finding]:
    n = int(np.sum(mask))
    return [Finding(code, "note", f"{n:,} {text}.", n_rows=n)] if n else []


RECIPES: dict[str, Callable[[LabelOptions, Window, DatedTable], Marks]] = {
    "won": won,
    "revenue": revenue_window,
    "rfm": rfm,
}
