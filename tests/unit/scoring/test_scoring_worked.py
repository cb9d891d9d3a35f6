"""Where sales worked, and where it never went."""

import json

import numpy as np
import pytest

from icp.scoring import WorkedRegion, learn_worked

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
