"""What speaks against known customers standing for all customers, and silence where nothing does."""

import numpy as np
import pandas as pd
import pytest

from icp.checks import known_customers
from icp.tables import Trait, TraitTable

TRAITS = (
    Trait("size", "numeric", "fit", "size", ("size",)),
    Trait("growth", "numeric", "fit", "growth", ("growth",)),
    Trait("region", "categorical", "fit", "region", ("region",), levels=("north", "south", "east")),
    Trait("days_since_seen", "numeric", "fit", "seen", ("seen",), rule="age", unit="days"),
)


def market(n=2000, seed=0, share=0.2):
    """Customers drawn at random from the larger half of the market, and the days they were seen on."""
    rng = np.random.default_rng(seed)
    size, days = rng.normal(size=n), rng.integers(1, 1000, n)
    values = np.column_stack([size, rng.normal(size=n), rng.integers(0, 3, n), days])
    label = ((size > 0) & (rng.random(n) < 2 * share)).astype(float)
    return values, label, np.datetime64("2026-01-01") - days.astype("timedelta64[D]")


def codes(values, label, dates=None):
    table = TraitTable(values, TRAITS, pd.RangeIndex(len(values)).astype(str))
    return [finding.code for finding in known_customers(table, label, dates)]


def test_nothing_is_found_where_customers_are_a_random_part():
    quiet = [codes(*market(seed=seed)) for seed in range(40)]
    assert sum(map(bool, quiet)) <= 1


def test_a_base_smaller_than_the_customers_is_named():
    values, label, dates = market()
    keep = (label == 1) | (np.arange(len(label)) % 20 == 0)
    assert "ICP235" in codes(values[keep], label[keep], dates[keep])


def test_customers_of_one_region_are_named():
    values, label, dates = market()
    values[label == 1, 2] = 1.0
    assert codes(values, label, dates) == ["ICP236"]


def test_customers_of_one_period_are_named():
    values, label, _ = market()
    values[label == 1, 3] = 20.0 + values[label == 1, 3] / 20.0
    assert codes(values, label) == ["ICP236"]


def test_newer_customers_unlike_older_ones_are_named():
    values, label, dates = market()
    values[:, 1] += np.where((label == 1) & (values[:, 3] < 500), 1.5, 0.0)
    assert codes(values, label, dates) == ["ICP237"]


def test_copies_of_few_customers_are_named():
    values, label, _ = market()
    values[label == 1] = values[label == 1][:5][np.arange(int(label.sum())) % 5]
    assert "ICP238" in codes(values, label)


@pytest.mark.parametrize("n", [1, 30])
def test_few_customers_give_no_finding_by_chance(n):
    values, label, dates = market()
    label[np.flatnonzero(label)[n:]] = 0.0
    assert codes(values, label, dates) == []
