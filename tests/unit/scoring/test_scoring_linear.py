"""The linear part: its matrix in pieces, its curves, and the regression behind them."""

import numpy as np
import pytest
from scipy.special import expit

from icp.scoring import _design
from icp.scoring._design import Design
from icp.scoring._linear import draw_curves, sum_margin
from icp.scoring._ridge import fit_ridge

CATEGORICAL = np.array([False, True, False, True])


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(3)
    X = np.column_stack([
        rng.normal(size=900), rng.integers(0, 9, 900), np.exp(2 * rng.normal(size=900)), rng.integers(0, 40, 900)
    ]).astype(float)  # fmt: skip
    X[rng.random(X.shape) < 0.1] = np.nan
    return X, draw_curves(X, CATEGORICAL, coarse=False)


def test_a_long_table_is_never_made_whole_and_gives_the_same(table, monkeypatch):
    X, curves = table
    held = Design(X, curves)
    rows, weights = np.arange(0, 900, 7), np.random.default_rng(0).normal(size=held.n_columns + 1)
    monkeypatch.setattr(_design, "_HELD_ROWS", 100)
    monkeypatch.setattr(_design, "_BLOCK", 50)
    made = Design(X, curves)
    assert made._whole is None
    np.testing.assert_array_equal(made.rows(rows), held.rows(rows))
    np.testing.assert_allclose(made.margin(rows, weights), held.margin(rows, weights), rtol=0, atol=1e-12)
    assert len(made.margin(rows[:0], weights)) == 0


def test_curves_are_the_margin_of_the_weights_that_made_them(table):
    X, curves = table
    design = Design(X, curves)
    weights = np.random.default_rng(1).normal(size=design.n_columns + 1)
    part = design.bent(weights, 1.0)
    np.testing.assert_allclose(part.margin(X), design.margin(np.arange(900), weights), rtol=0, atol=1e-10)
    np.testing.assert_allclose([curve(X[:, j]).mean() for j, curve in enumerate(part.curves)], 0.0, atol=1e-12)


@pytest.mark.parametrize("n", [300, 9000])
def test_the_regression_ends_where_the_penalised_likelihood_is_flat(n):
    rng = np.random.default_rng(n)
    matrix = rng.normal(size=(n, 6))
    y = (rng.random(n) < expit(matrix[:, 0] - 1.0)).astype(float)
    weights = fit_ridge(matrix, y, 10.0)
    missed = expit(weights[0] + matrix @ weights[1:]) - y
    assert abs(missed.sum()) < 1e-5
    np.testing.assert_allclose(matrix.T @ missed + 10.0 * weights[1:], 0.0, atol=1e-5)
    again = fit_ridge(matrix, y, 10.0, weights + 0.1)
    np.testing.assert_allclose(again, weights, rtol=0, atol=1e-7)


@pytest.mark.parametrize("columns", [None, np.arange(58) % 3 > 0])
def test_the_sum_of_a_row_does_not_depend_on_the_rows_beside_it(columns):
    contributions = np.random.default_rng(0).normal(size=(500, 58))
    together = sum_margin(-2.5, contributions, columns)
    for n in (1, 3, 15, 16, 17):
        np.testing.assert_array_equal(sum_margin(-2.5, contributions[:n], columns), together[:n])


def test_columns_of_zeros_take_no_weight_and_change_no_other():
    rng = np.random.default_rng(5)
    matrix, y = rng.normal(size=(400, 6)), (rng.random(400) < 0.3).astype(float)
    wide = np.zeros((400, 9))
    wide[:, [0, 2, 3, 5, 6, 8]] = matrix
    live = np.array([True, True, False, True, True, False, True, True, False, True])
    narrow = fit_ridge(matrix, y, 2.0)
    for start in (None, np.full(10, 0.5)):
        weights = fit_ridge(wide, y, 2.0, start)
        np.testing.assert_array_equal(weights[~live], 0.0)
        np.testing.assert_allclose(weights[live], narrow, rtol=0, atol=1e-7)
