"""split: time is never turned round, groups never sit on both sides."""

import numpy as np
import pandas as pd
import pytest

from icp.errors import ConfigError, NotEnoughDataError
from icp.evaluation import split

Y = (np.arange(100) % 5 == 0).astype(float)


def test_random_judges_every_row_once_and_spreads_best_customers():
    made = split("random", 100, Y, n_folds=5)
    assert made.name == "random"
    assert sorted(np.concatenate([test for _, test in made.folds])) == list(range(100))
    assert [int(Y[test].sum()) for _, test in made.folds] == [4] * 5
    assert all(not np.intersect1d(train, test).size for train, test in made.folds)
    assert made.test_rows.tolist() == list(range(100))


def test_rows_trains_on_the_first_and_judges_the_last():
    ((train, test),) = split("rows", 100, Y, test_share=0.2).folds
    assert train.tolist() == list(range(80)) and test.tolist() == list(range(80, 100))


def test_column_keeps_every_training_date_before_every_judged_date():
    rng = np.random.default_rng(0)
    dates = pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 30, 100), "D")
    dates = pd.Series(dates)
    dates[3] = pd.NaT
    made = split(None, 100, Y, observed_at=dates, test_share=0.3)
    ((train, test),) = made.folds
    assert made.name == "column"
    assert dates[train].max() < dates[test].min()
    assert 3 not in train and 3 not in test
    assert 20 <= len(test) <= 40


@pytest.mark.parametrize("order", ["random", "rows", "column"])
def test_groups_are_on_one_side_only(order):
    groups = np.random.default_rng(1).integers(0, 30, 100).astype(str)
    dates = pd.date_range("2025-01-01", periods=100)
    for train, test in split(order, 100, Y, groups=groups, observed_at=dates, test_share=0.1).folds:
        assert len(train) and len(test)
        assert not set(groups[train]) & set(groups[test])


def test_without_dates_the_default_is_random_and_says_so():
    made = split(None, 100, Y)
    assert made.name == "random"
    assert "no account of time" in made.text


def test_few_best_customers_get_fewer_folds():
    y = np.zeros(50)
    y[:3] = 1
    assert len(split("random", 50, y, n_folds=5).folds) == 3


def test_the_same_seed_gives_the_same_folds():
    first, second = (split("random", 100, Y, seed=4) for _ in range(2))
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(first.folds, second.folds, strict=True))


def test_unusable_settings_and_sides_are_refused():
    with pytest.raises(ConfigError, match="ICP331"):
        split("newest", 100, Y)
    with pytest.raises(ConfigError, match="ICP332"):
        split("column", 100, Y)
    late = np.r_[np.zeros(90), np.ones(10)]
    with pytest.raises(
        NotEnoughDataError, match=r"ICP333.*trained on hold 0 best.*first 90 rows, judged on the last 10\)"
    ):
        split("rows", 100, late, test_share=0.1)
    with pytest.raises(NotEnoughDataError, match=r"ICP333.*last 10; rows of one account or parent are on one side\)"):
        split("rows", 100, late, groups=np.arange(100) // 2, test_share=0.1)
