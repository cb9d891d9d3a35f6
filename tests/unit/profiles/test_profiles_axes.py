"""All traits in one go give the points that trait after trait gives, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from icp.profiles._axes import Axis, Points

KINDS = ("numeric", "logarithm", "gaps", "flag", "levels", "unused")


def axis(kind, rng):
    low, high = sorted(rng.normal(size=2))
    share = float(rng.uniform(0.05, 0.95)) if kind in ("gaps", "flag") else 0.0
    if kind == "levels":
        shares = rng.dirichlet(np.ones(int(rng.integers(2, 6))))
        group_of = rng.integers(0, len(shares), int(rng.integers(1, 9)))
        return Axis("categorical", group_of=tuple(group_of.tolist()), shares=tuple(shares.tolist()))
    if kind in ("flag", "unused"):
        return Axis(kind, flag_share=share)
    scale, mean, spread = (float(x) for x in rng.uniform(0.1, 3.0, 3))
    return Axis("numeric", float(low), float(high), kind == "logarithm", scale, mean, spread, share)


def cells(one, n, rng):
    cells = rng.integers(-1, len(one.group_of) + 2, n) if one.kind == "categorical" else rng.normal(size=n) * 4
    return np.where(rng.random(n) < 0.3, np.nan, cells)


def one_after_the_other(axes, parts, X):
    points, start = np.zeros((len(X), parts.shape[1])), 0
    for j, one in enumerate(axes):
        encoded, added = one.encode(X[:, j]), np.zeros(points.shape)
        for k in range(one.width):
            added += encoded[:, k, None] * parts[start + k]
        points, start = points + added, start + one.width
    return points


@given(
    st.lists(st.sampled_from(KINDS), max_size=12), st.integers(0, 3), st.sampled_from([0, 1, 2, 3000]), st.integers(0)
)
def test_points_are_those_of_trait_after_trait(kinds, n_parts, n, seed):
    rng = np.random.default_rng(seed)
    axes = tuple(axis(kind, rng) for kind in kinds)
    parts = rng.normal(size=(sum(one.width for one in axes), n_parts))
    X = np.column_stack([np.zeros((n, 0)), *(cells(one, n, rng) for one in axes)])
    assert Points(axes, parts)(X).tobytes() == one_after_the_other(axes, parts, X).tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_alone(kind):
    rng = np.random.default_rng(0)
    axes = (axis(kind, rng),)
    parts, X = rng.normal(size=(axes[0].width, 2)), cells(axes[0], 50, rng)[:, None]
    points = Points(axes, parts)(X)
    assert points.tobytes() == one_after_the_other(axes, parts, X).tobytes()
    assert (kind == "unused") == (not points.any())
