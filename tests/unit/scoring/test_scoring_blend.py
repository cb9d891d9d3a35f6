import numpy as np
from scipy.special import expit

from icp.scoring._blend import blend_weights


def drawn(n, seed, *spreads):
    """Two parts that say the truth with noise, and labels."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=n)
    parts = np.column_stack([truth + spread * rng.normal(size=n) for spread in spreads])
    return parts, (rng.random(n) < expit(2.0 * truth - 1.0)).astype(float)


def test_one_part_is_calibrated():
    parts, y = drawn(100_000, 0, 0.0)
    intercept, weights = blend_weights(parts, y, [1])
    np.testing.assert_allclose([intercept, weights[0]], [-1.0, 2.0], atol=0.05)


def test_several_parts_weigh_one_at_most_and_the_mean_propensity_is_the_rate():
    parts, y = drawn(20_000, 1, 0.3, 0.6)
    intercept, weights = blend_weights(parts, y, [1, 3])
    np.testing.assert_allclose(weights.sum(), 1.0, atol=1e-6)
    np.testing.assert_allclose(expit(intercept + parts @ weights).mean(), y.mean(), atol=1e-4)


def test_the_better_part_weighs_more_and_a_useless_one_nothing():
    parts, y = drawn(20_000, 2, 0.2, 2.0)
    _, weights = blend_weights(parts, y, [1, 3])
    assert weights[0] > 5 * weights[1]
    rng = np.random.default_rng(3)
    _, weights = blend_weights(np.column_stack([parts[:, 0], -parts[:, 0] + rng.normal(size=len(y))]), y, [1, 3])
    assert weights[1] < 1e-6


def test_where_rows_cannot_tell_every_model_has_an_equal_say():
    parts, y = drawn(2_000, 4, 0.5)
    _, weights = blend_weights(np.repeat(parts, 2, axis=1), y, [1, 3])
    np.testing.assert_allclose(weights, [0.25, 0.75], atol=1e-3)
