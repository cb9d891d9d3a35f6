"""Blocks: what is learned from was known before, nobody is on both sides, and short history is said."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from icp._history import DAY, microseconds
from icp.evaluation import date_spans, forward_blocks, picture_dates, random_blocks, row_spans

RNG = np.random.default_rng(0)
N = 1000
DATES = np.datetime64("2024-01-01") + RNG.integers(0, 500, N).astype("timedelta64[D]")
Y = (RNG.random(N) < 0.2).astype(float)
GROUPS = RNG.integers(0, 700, N)


@pytest.mark.parametrize("gap_days", [0, 30, 90])
def test_a_label_learned_from_was_known_when_the_block_began(gap_days):
    at = microseconds(DATES)
    spans = date_spans(DATES, 4, 0.15)
    blocks, dropped = forward_blocks(spans, at, gap_days * DAY, GROUPS, Y)
    assert len(blocks) == 4 and not dropped
    for block in blocks:
        for train, test in block.parts:
            assert at[train].max() + gap_days * DAY <= at[test].min()
            assert at[train].max() < at[test].min()


@pytest.mark.parametrize("account_folds", [1, 3])
def test_no_account_is_on_both_sides(account_folds):
    blocks, _ = forward_blocks(
        date_spans(DATES, 3, 0.2), microseconds(DATES), 0, GROUPS, Y, account_folds=account_folds
    )
    assert len(blocks[0].parts) == account_folds
    for block in blocks:
        assert sorted(np.concatenate([test for _, test in block.parts])) == block.span.rows.tolist()
        for train, test in block.parts:
            assert not np.intersect1d(GROUPS[train], GROUPS[test]).size


def test_only_the_newest_block_is_sealed():
    blocks, _ = forward_blocks(row_spans(N, 4, 0.2), np.arange(N), 0, np.arange(N), Y)
    assert [block.sealed for block in blocks] == [False, False, False, True]


def test_blocks_do_not_overlap_and_rows_of_one_day_stay_together():
    spans = date_spans(DATES, 4, 0.2)
    rows = np.concatenate([span.rows for span in spans])
    assert len(np.unique(rows)) == len(rows)
    assert 0.7 * N < len(rows) < 0.9 * N
    for older, newer in pairwise(spans):
        assert DATES[older.rows].max() < DATES[newer.rows].min()


def test_undated_rows_are_in_no_block():
    dates = DATES.copy()
    dates[:50] = np.datetime64("NaT")
    assert min(span.rows.min() for span in date_spans(dates, 3, 0.2)) >= 50


def test_a_block_without_enough_best_customers_is_left_out_and_said():
    y = Y.copy()
    y[800:] = 0
    blocks, dropped = forward_blocks(row_spans(N, 4, 0.2), np.arange(N), 0, np.arange(N), y)
    assert [block.span.name for block in blocks] == ["1", "2", "3"] and blocks[-1].sealed
    assert "0 best customers and 200 others to judge on" in dropped[0]


@given(st.integers(0, 4000), st.integers(1, 400), st.integers(1, 8))
def test_every_judged_picture_has_an_older_one_whose_window_is_over(history, gap, n_blocks):
    pictures, judged = picture_dates(10_000, 10_000 - history, gap, n_blocks)
    assert set(judged) <= set(pictures) and len(judged) <= n_blocks
    assert bool(judged) == (history >= gap)
    assert all(10_000 - history <= day <= 10_000 for day in pictures)
    for day in judged:
        assert any(older + gap <= day for older in pictures)
    if judged:
        assert judged[-1] == 10_000


def test_random_repeats_judge_every_row_once_and_split_no_group():
    blocks = random_blocks(Y, GROUPS, n_folds=4, repeats=3, seed=0)
    assert len(blocks) == 3 and not any(block.sealed for block in blocks)
    tests = [tuple(tuple(test) for _, test in block.parts) for block in blocks]
    assert len(set(tests)) == 3
    for block in blocks:
        assert block.span.rows.tolist() == list(range(N))
        for train, test in block.parts:
            assert not np.intersect1d(GROUPS[train], GROUPS[test]).size


def test_the_random_comparison_learns_from_as_many_rows_and_judges_only_those_asked_for():
    judged = np.arange(N) >= 600
    (block,) = random_blocks(Y, GROUPS, n_folds=2, repeats=1, seed=0, judged=judged, n_train=200)
    assert block.span.rows.tolist() == list(range(600, N))
    assert all(len(train) == 200 for train, _ in block.parts)
