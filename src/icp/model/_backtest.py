"""Judging a definition and a way of learning, block by block, as if it had been used all along."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from icp._history import DAY, microseconds
from icp._progress import step
from icp.checks import sufficiency
from icp.errors import ConfigError, NotEnoughDataError
from icp.evaluation import (
    ACCOUNT_FOLDS,
    MIN_JUDGED,
    Block,
    Span,
    base_margin,
    date_spans,
    forward_blocks,
    learn_rule,
    random_blocks,
    row_spans,
    today_margin,
)
from icp.model._gap import check_gap, gap_days
from icp.model._judge import MANY_BEST, RowDates, row_dates, row_groups
from icp.model._known import Known, know
from icp.model._learning import Learner
from icp.model._pictures import take_pictures
from icp.options import BacktestOptions, LabelOptions, ScoringOptions, TraitOptions
from icp.tables import AccountTable, DatedTable, Finding, LabelTable, TraitTable, account_mask

__all__ = ["Rehearsal", "rehearse"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RANDOM_FOLDS = 2
"""Folds of the comparison with random rows."""

MANY_FOLDS = 3
"""Folds of random order where best customers are so many that one fold of each repeat tells enough."""

_NEVER = np.iinfo(np.int64).max // 2


@dataclass(frozen=True)
class Rehearsal:
    """Every judged row with what each list said of it, and how it was judged.

    Parameters
    ----------
    order : {"pictures", "column", "rows", "random"}
        How blocks were told apart.
    blocks : tuple of Block
        Oldest first; in random order the repeats.
    rows : ndarray of int64, shape (n,)
        Row of ``known`` that each judged row is; blocks one after the other.
    block : ndarray of int64, shape (n,)
        Its block.
    margins : dict of str to ndarray of float64, shape (n,)
        ``score``, ``rule``, ``base``, ``today: <column>`` and, in time order, ``random``: the same way of learning,
        from rows of any time.
    rules : tuple of str
        Trait of the simple rule in each block (and part).
    n_random : int
        Rows that the random comparison learned from; 0 without one.
    known : Known
        All labelled rows.
    at : ndarray of int64, shape (n_labelled,)
        When each row of ``known`` was seen, in the unit of the blocks' starts.
    gap : int
        In the same unit: a row is learned from when ``at + gap`` is not after the start of the block.
    gap_days : int
        The same in days.
    dates : RowDates or None
        What rows were ordered by in ``column`` order.
    dropped : tuple of str
        Blocks that could not be judged, and why.
    findings : tuple of Finding
        Of reading, labelling, the checks, and of judging.
    """

    order: str
    blocks: tuple[Block, ...]
    rows: Ints
    block: Ints
    margins: dict[str, Floats]
    rules: tuple[str, ...]
    n_random: int
    known: Known
    at: Ints
    gap: int
    gap_days: int
    dates: RowDates | None
    dropped: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def y(self) -> Floats:
        """1 best, 0 not, shape (n,)."""
        return self.known.y[self.rows]

    @property
    def unit(self) -> Ints:
        """Rows of one number are one account, one parent, or copies, shape (n,)."""
        return self.known.groups[self.rows]


@dataclass(frozen=True)
class _Plan:
    """Rows in the order in which they are judged."""

    order: str
    accounts: AccountTable
    labels: LabelTable
    at: Ints
    gap: int
    gap_days: int
    spans: tuple[Span, ...]
    dates: RowDates | None = None
    findings: tuple[Finding, ...] = ()


def rehearse(
    accounts: AccountTable,
    labels: LabelTable,
    history: tuple[DatedTable | None, DatedTable | None],
    *,
    definition: LabelOptions,
    traits: TraitOptions,
    scoring: ScoringOptions,
    options: BacktestOptions,
    seed: int,
) -> Rehearsal:
    """Learn and judge in every block, in the order of time where there is one.

    Parameters
    ----------
    accounts : AccountTable
        As read.
    labels : LabelTable
        The same rows; of the newest picture where labels come from dated outcomes.
    history : tuple of (DatedTable or None, DatedTable or None)
        Events and outcomes.
    definition, traits, scoring : options of the stages
        What is judged.
    options : BacktestOptions
        How.
    seed : int
        Of everything random.

    Returns
    -------
    Rehearsal
        Margins of every judged row, from models that knew nothing later.

    Raises
    ------
    ConfigError
        The gap cannot be used (``ICP336``), or there are no dates to order by (``ICP332``).
    NotEnoughDataError
        Too few best customers (``ICP201``), or no block that can be judged (``ICP335``).
    """
    label = labels.label.to_numpy(dtype=np.float64)
    _, few = sufficiency(int((label == 1).sum()), int((label == 0).sum()), labels.findings)
    plan = _plan(accounts, labels, history, definition, options)
    known, found, blocks, dropped = _blocks(plan, history, traits, seed)
    said: list[Finding] = []
    if plan.order != "random" and not blocks:
        why = f"no block can be judged: {'; '.join(dropped) or 'there are too few rows'}"
        _forward_or_stop(options, why)
        plan = replace(_undated(accounts, labels, plan.findings), order="random")
        said.append(_fell_back(why))
        known, found, blocks, dropped = _blocks(plan, history, traits, seed)
    if plan.order == "random":
        one_part = known.y.sum() >= MANY_BEST
        n_folds = MANY_FOLDS if one_part else options.n_folds
        blocks = random_blocks(
            known.y, known.groups, n_folds=n_folds, repeats=options.repeats, seed=seed, one_part=bool(one_part)
        )
    learner = Learner(scoring, seed)
    rows = np.concatenate([test for block in blocks for _, test in block.parts])
    number = np.concatenate([np.full(len(block.span.rows), i) for i, block in enumerate(blocks)])
    order = None if plan.order == "random" else np.where(plan.at < _NEVER, plan.at, np.nan)
    margins, rules = _lists(known, blocks, learner, _todays_scores(plan.accounts, known), order)
    n_random = 0
    if plan.order != "random":
        n_random = int(np.median([block.n_train for block in blocks]))
        margins["random"] = _random_margins(known, learner, rows, n_random, seed)
    findings = (*accounts.findings, *labels.findings, *few, *plan.findings, *found, *said)
    return Rehearsal(
        plan.order, tuple(blocks), rows, number, margins, rules, n_random, known, plan.at, plan.gap,
        plan.gap_days, plan.dates, tuple(dropped), findings,
    )  # fmt: skip


def _plan(
    accounts: AccountTable,
    labels: LabelTable,
    history: tuple[DatedTable | None, DatedTable | None],
    definition: LabelOptions,
    options: BacktestOptions,
) -> _Plan:
    window = labels.definition.window_days
    check_gap(options, definition)
    gap = gap_days(options, window)
    if window is not None and accounts.observed_at is None and options.order in (None, "column"):
        taken = take_pictures(accounts, labels, history, definition, gap_days=gap, n_blocks=options.n_blocks)
        if isinstance(taken, str):
            _forward_or_stop(options, taken)
            return _undated(accounts, labels, (_fell_back(taken),))
        kept, known = _labelled(taken.accounts, taken.labels)
        at = microseconds(known.as_of) // DAY
        spans = [
            Span(str(i + 1), np.flatnonzero(at == day), day, iso, iso)
            for i, day in enumerate(taken.judged)
            for iso in [str(np.datetime64(day, "D"))]
        ]
        return _Plan("pictures", kept, known, at, gap, gap, tuple(spans), findings=taken.findings)
    kept, known = _labelled(accounts, labels)
    y = known.label.to_numpy(dtype=np.float64)
    dates = row_dates(kept, y, undated_label=window is None, test_share=options.test_share)
    order = options.order or ("column" if dates is not None else "random")
    share = min(options.test_share, 0.8 / options.n_blocks)
    if order == "rows":
        spans = row_spans(len(y), options.n_blocks, share)
        return _Plan("rows", kept, known, np.arange(len(y)), 0, 0, tuple(spans))
    if order == "random":
        return _undated(accounts, labels, ())
    found = [] if dates is None else date_spans(dates.dates, options.n_blocks, share)
    if dates is None or not found:
        raise ConfigError.one(
            "ICP332", "backtest.order=column needs rows of at least two dates.",
            "Set accounts.observed_at to a column of dates, or backtest.order=random.",
        )  # fmt: skip
    at = microseconds(dates.dates)
    at = np.where(at == np.iinfo(np.int64).min, _NEVER, at)
    return _Plan("column", kept, known, at, gap * DAY, gap, tuple(found), dates)


def _forward_or_stop(options: BacktestOptions, why: str) -> None:
    """Random order only where nothing else was asked for."""
    if options.order is not None:
        raise NotEnoughDataError.one(
            "ICP335", f"{why}.",
            "Bring more history, shorten labels.window, set backtest.n_blocks lower, or backtest.order=random.",
        )  # fmt: skip


def _fell_back(why: str) -> Finding:
    message = f"{why}: rows were held out at random instead, which says nothing about later accounts."
    return Finding("ICP337", "warning", message)


def _undated(accounts: AccountTable, labels: LabelTable, findings: tuple[Finding, ...]) -> _Plan:
    kept, known = _labelled(accounts, labels)
    return _Plan("random", kept, known, np.zeros(len(kept), np.int64), 0, 0, (), findings=findings)


def _labelled(accounts: AccountTable, labels: LabelTable) -> tuple[AccountTable, LabelTable]:
    keep = labels.label.notna().to_numpy()
    kept = replace(labels, label=labels.label[keep], amount=labels.amount[keep], as_of=labels.as_of[keep])
    return account_mask(accounts, keep), kept


def _blocks(
    plan: _Plan, history: tuple[DatedTable | None, DatedTable | None], traits: TraitOptions, seed: int
) -> tuple[Known, list[Finding], list[Block], list[str]]:
    """Traits, learned and audited without the last block, and the blocks with what each may learn from."""
    y = plan.labels.label.to_numpy(dtype=np.float64)
    fit = [s for s in plan.spans if min(y[s.rows].sum(), (1.0 - y[s.rows]).sum()) >= MIN_JUDGED]
    open_rows = np.ones(len(y), dtype=bool)
    if fit:
        open_rows[fit[-1].rows] = False
    known, found = know(plan.accounts, plan.labels, *history, traits, learn_from=open_rows)
    known = replace(known, groups=_groups(plan, known))
    folds = ACCOUNT_FOLDS if plan.order == "pictures" else 1
    blocks, dropped = forward_blocks(plan.spans, plan.at, plan.gap, known.groups, y, account_folds=folds, seed=seed)
    return known, found, blocks, dropped


def _groups(plan: _Plan, known: Known) -> Ints:
    """One number for rows of one account, of one parent, or copies of one another."""
    account = pd.factorize(known.accounts.frame.index)[0].astype(np.int64)
    if plan.order != "pictures" or known.accounts.parents is not None:
        return _joined(account, known.groups)
    newest = plan.at == plan.at.max()
    own = np.array([trait.rule in ("value", "age") for trait in known.traits.traits], dtype=bool)
    who = TraitTable(
        known.traits.values[np.ix_(newest, own)],
        tuple(trait for trait, kept in zip(known.traits.traits, own, strict=True) if kept),
        known.traits.account_id[newest],
    )
    alike = row_groups(account_mask(known.accounts, newest), who)
    other = int(account.max(initial=0)) + 1 + account
    other[newest] = alike
    return _joined(account, other)


def _joined(first: Ints, second: Ints) -> Ints:
    """Connected rows: a number shared in either list."""
    left, right = np.unique(first, return_inverse=True)[1], np.unique(second, return_inverse=True)[1]
    n_left, n_right = int(left.max(initial=-1)) + 1, int(right.max(initial=-1)) + 1
    edges = coo_array((np.ones(len(left)), (left, n_left + right)), shape=(n_left + n_right, n_left + n_right))
    return connected_components(edges, directed=False)[1][left].astype(np.int64)


def _todays_scores(accounts: AccountTable, known: Known) -> dict[str, NDArray[np.object_]]:
    """Cells of today's scores, by column.

    Parameters
    ----------
    accounts : AccountTable
        The judged accounts.
    known : Known
        The same rows.

    Returns
    -------
    dict of str to ndarray, shape (n_labelled,)
        Empty where no column is named in ``accounts.current_score``.
    """
    names = [column.name for column in accounts.columns if column.role == "current_score"]
    return {name: known.accounts.frame[name].to_numpy() for name in names if name in known.accounts.frame}


def _lists(
    known: Known,
    blocks: list[Block],
    learner: Learner,
    today: dict[str, NDArray[np.object_]],
    order: Floats | None,
) -> tuple[dict[str, Floats], tuple[str, ...]]:
    """What the score and everything it is compared with say of the judged rows, part after part."""
    X, y = known.traits.values, known.y
    parts = [part for block in blocks for part in block.parts]
    found: dict[str, list[Floats]] = {"score": [], "rule": [], **{f"today: {name}": [] for name in today}}
    base, rules = [], []
    for block in blocks:  # one number for a whole block: no order at all
        learned = np.unique(np.concatenate([train for train, _ in block.parts]))
        base.append(np.full(len(block.span.rows), base_margin(y[learned])))
    with step("judging block by block" if order is not None else "judging on folds drawn at random") as advance:
        for i, (train, test) in enumerate(parts):
            found["score"].append(learner.margins(known, train, test, order))
            rule = learn_rule(X[train], y[train], known.traits.categorical, known.groups[train], learner.seed)
            rules.append(known.traits.traits[rule.column].label)
            found["rule"].append(rule.margin(X[test]))
            for name, cells in today.items():
                said = today_margin(cells, train, test, y)
                found[f"today: {name}"].append(np.zeros(len(test)) if said is None else said)
            advance((i + 1) / len(parts))
    lists = {name: np.concatenate(pieces) for name, pieces in found.items()}
    return {**lists, "base": np.concatenate(base)}, tuple(rules)


def _random_margins(known: Known, learner: Learner, rows: Ints, n_train: int, seed: int) -> Floats:
    """Margins of the same rows from models that learned from as many rows of any time, and were not told of time."""
    judged = np.zeros(len(known.y), dtype=bool)
    judged[rows] = True
    drawn = random_blocks(
        known.y, known.groups, n_folds=RANDOM_FOLDS, repeats=1, seed=seed, judged=judged, n_train=n_train
    )
    margin = np.full(len(known.y), np.nan)
    with step("judging the same accounts with rows held out at random") as advance:
        for i, (train, test) in enumerate(drawn[0].parts):
            margin[test] = learner.margins(known, train, test)
            advance((i + 1) / len(drawn[0].parts))
    return margin[rows]
