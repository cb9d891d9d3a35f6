"""Where sales worked, and where it never went."""

import json

import numpy as np
import pytest

from icp.scoring import WorkedRegion, _worked, learn_worked

NUMBERS = np.array([False, False])


def pool(n, seed, choosy):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2))
    return X, rng.random(n) < 1.0 / (1.0 + np.exp(-choosy * (X[:, 0] - 0.5)))


def test_worked_accounts_are_inside_and_those_never_worked_outside():
    region = learn_worked(*pool(3000, 0, 6.0), NUMBERS)
    X, worked = pool(3000, 1, 6.0)
    outside = region.outside(X)
    assert outside[worked].mean() < 0.03
    assert outside[X[:, 0] < -0.5].mean() > 0.95


@pytest.mark.parametrize("choosy", [0.0, 0.5])
def test_nobody_is_outside_where_sales_goes_nearly_everywhere(choosy):
    region = learn_worked(*pool(3000, 0, choosy), NUMBERS)
    assert region.outside(pool(3000, 1, choosy)[0]).mean() < 0.01


def test_plain_data_gives_the_same_bits_and_a_row_is_judged_by_itself():
    X, worked = pool(1000, 0, 4.0)
    region = learn_worked(X, worked, NUMBERS)
    again = WorkedRegion.from_dict(json.loads(json.dumps(region.to_dict())))
    assert np.array_equal(again.line.margin(X), region.line.margin(X))
    assert np.array_equal(again.outside(X[5:6]), region.outside(X)[5:6])


def test_the_limit_is_that_of_worked_accounts_that_were_held_out():
    """Lines through 80 columns part the rows they learned from too well: by their margins a seventh was outside."""
    rng = np.random.default_rng(4)
    shares = []
    for _ in range(5):
        X = rng.normal(size=(3300, 80))
        worked = rng.random(3300) < 1.0 / (1.0 + np.exp(-1.5 * (X[:, 0] - 1.0)))
        region = learn_worked(X[:300], worked[:300], np.zeros(80, dtype=bool))
        shares.append(region.outside(X[300:])[worked[300:]].mean())
    assert np.mean(shares) < 0.03


def test_nobody_is_outside_of_whose_kind_one_in_ten_was_worked():
    X = np.linspace(-3.0, 3.0, 4000)[:, None]
    region = learn_worked(X, X[:, 0] > 0.5, np.array([False]))
    assert region.least == pytest.approx(np.log(1 / 9))
    assert learn_worked(*pool(3000, 0, 2.0), NUMBERS).least < np.log(1 / 9)


def test_of_a_long_table_evenly_spaced_rows_are_learned_from(monkeypatch):
    X, worked = pool(3000, 0, 4.0)
    monkeypatch.setattr(_worked, "_MAX_ROWS", 600)
    rows = np.linspace(0, 2999, 600).astype(int)
    part, whole = learn_worked(X[rows], worked[rows], NUMBERS), learn_worked(X, worked, NUMBERS)
    assert whole.to_dict() == part.to_dict()
