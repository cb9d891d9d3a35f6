"""Counts of groups are those of a mask for each group, and take no memory for accounts times groups."""

import tracemalloc

import numpy as np
import pytest

from icp._groups import Group
from icp.profiles._counts import count_groups


def drawn(n, n_levels, seed=0):
    """A column of levels with codes beyond them, and a number, both with gaps; and the profile of each account."""
    rng = np.random.default_rng(seed)
    values = np.column_stack([rng.integers(-1, n_levels + 3, n).astype(float), rng.normal(size=n)])
    values[rng.random(values.shape) < 0.2] = np.nan
    values[:: n // 7, 0] += 0.5
    groups = [(0, Group("level", f"L{code}", code=code)) for code in range(n_levels)]
    groups += [(0, Group("missing", "unknown"))]
    groups += [(1, Group("range", "low", high=0.0)), (1, Group("range", "high", low=0.0)), (1, Group("missing", "?"))]
    return values, rng.integers(-1, 3, n), groups


@pytest.mark.parametrize("seed", range(5))
def test_counts_are_those_of_a_mask_for_each_group(seed):
    values, at, groups = drawn(500, 6, seed)
    masks = [group.holds(values[:, j]) for j, group in groups]
    expected = [[mask.sum() for mask in masks]] + [[(mask & (at == i)).sum() for mask in masks] for i in range(3)]
    np.testing.assert_array_equal(count_groups(values, at, groups, 3), expected)
    np.testing.assert_array_equal(count_groups(values, np.full(500, -1), groups, 0), expected[:1])
    assert count_groups(values, at, [], 3).shape == (4, 0)


def test_memory_does_not_grow_with_the_groups():
    peaks = []
    for n_levels in (50, 1000):
        values, at, groups = drawn(100_000, n_levels)
        tracemalloc.start()
        count_groups(values, at, groups, 3)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]
    assert peaks[1] < 1000 * 100_000 / 10  # a tenth of what a mask for each group takes
