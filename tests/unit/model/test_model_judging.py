"""Which rows a model is judged on, and what is said when the later ones differ."""

import numpy as np
import pandas as pd
import pytest

from icp.model._judge import judge, row_dates, row_groups
from icp.options import BacktestOptions
from icp.tables import AccountTable, Column, Trait, TraitTable

DAYS = pd.date_range("2024-01-01", periods=1000)


def table(n, observed=None, parents=None, **dates):
    index = pd.Index([f"A-{i}" for i in range(n)])
    frame = pd.DataFrame({name: pd.Series(values, index=index) for name, values in dates.items()}, index=index)
    columns = [Column(name, "trait", "date", "") for name in dates]
    if observed is not None:
        columns.append(Column("seen", "observed_at", "date", ""))
        observed = pd.Series(observed, index=index)
    if parents is not None:
        parents = pd.Series(parents, index=index)
    return AccountTable(frame, tuple(columns), "x", None, observed, None, parents)


def labels(n, seed=0, rate=0.3):
    return (np.random.default_rng(seed).random(n) < rate).astype(float)


def test_named_dates_win():
    found = row_dates(table(1000, observed=DAYS, created=DAYS), labels(1000), undated_label=True, test_share=0.2)
    assert (found.column, found.named) == ("seen", True)


def test_an_undated_flag_is_ordered_by_the_date_that_reaches_furthest():
    accounts = table(1000, founded=DAYS - pd.Timedelta(days=9000), engaged=DAYS)
    found = row_dates(accounts, labels(1000), undated_label=True, test_share=0.2)
    assert (found.column, found.named) == ("engaged", False)


def test_labels_of_one_window_are_not_ordered_by_other_dates():
    assert row_dates(table(1000, engaged=DAYS), labels(1000), undated_label=False, test_share=0.2) is None


@pytest.mark.parametrize("case", ["half empty", "few dates", "no best customers among the newest"])
def test_a_date_that_cannot_judge_is_not_taken(case):
    y, dates = labels(1000), DAYS.to_series().reset_index(drop=True)
    if case == "half empty":
        dates[::2] = pd.NaT
    elif case == "few dates":
        dates[:] = DAYS[:10].repeat(100)
    else:
        y[800:] = 0
    assert row_dates(table(1000, engaged=dates.to_numpy()), y, undated_label=True, test_share=0.2) is None


def test_rows_of_one_parent_are_one_group_and_rows_without_stay_alone():
    traits = TraitTable(np.zeros((4, 1)), (Trait("a", "numeric", "fit", "a", ("a",)),), pd.Index(list("abcd")))
    groups = row_groups(table(4, parents=["P", None, "P", None]), traits)
    assert groups[0] == groups[2]
    assert len(set(groups)) == 3


def test_copies_are_one_group_only_where_rows_are_rich():
    values = np.random.default_rng(0).normal(size=(100, 9))
    values[1] = values[0]
    traits = tuple(Trait(str(j), "numeric", "fit", str(j), (str(j),)) for j in range(9))
    index = pd.Index([str(i) for i in range(100)])
    groups = row_groups(table(100), TraitTable(values, traits, index))
    assert groups[0] == groups[1]
    few = row_groups(table(100), TraitTable(values[:, :2], traits[:2], index))
    assert len(set(few)) == 100


def judged(y, order="rows"):
    noise = np.random.default_rng(1).normal(size=len(y))
    options = BacktestOptions(order=order, n_bootstrap=50)
    groups = np.arange(len(y))
    return judge(lambda train, test, order: noise[test], y, options, dates=None, groups=groups, amount=None, seed=0)


def test_a_moved_base_rate_is_seen_in_time_order_only():
    y = np.concatenate([labels(1600, rate=0.1), labels(400, rate=0.3)])
    assert judged(y).rate_moved
    assert not judged(y, "random").rate_moved
    assert not judged(labels(2000)).rate_moved


def test_later_rows_are_never_learned_from():
    chosen = judged(labels(1000)).split
    train, test = chosen.folds[0]
    assert train.max() < test.min()
