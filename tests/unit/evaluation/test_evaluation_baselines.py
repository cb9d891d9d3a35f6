"""The simple rule and today's score: learned on the training rows only, and never a straw man."""

import numpy as np

from icp.evaluation import base_margin, learn_rule, measure, today_margin


def planted(n=4000, seed=0):
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.normal(size=n), rng.integers(0, 4, n), rng.normal(size=n)])
    X[::7, 2] = np.nan
    y = (rng.random(n) < 1 / (1 + np.exp(2 - 1.5 * np.nan_to_num(X[:, 2])))).astype(float)
    return X, y


def test_the_rule_finds_the_column_that_matters_and_ranks_inside_its_ranges():
    X, y = planted()
    rule = learn_rule(X[:2000], y[:2000], np.array([False, True, False]), np.arange(2000))
    assert rule.column == 2 and rule.sign == 1.0
    margin = rule.margin(X[2000:])
    found = measure({"rule": margin}, y[2000:], np.zeros(2000, int), np.arange(2000), n_bootstrap=20)
    assert found.figure("rule", "auc", [0]).value > 0.72
    assert len(np.unique(margin)) > 500


def test_a_category_is_a_rule_too():
    X, y = planted()
    y = (X[:, 1] == 2).astype(float)
    rule = learn_rule(X, y, np.array([False, True, False]), np.arange(len(y)))
    assert rule.column == 1
    assert rule.margin(np.array([[0.0, 2.0, 0.0]]))[0] > 0 > rule.margin(np.array([[0.0, 1.0, 0.0]]))[0]


def test_codes_never_met_get_the_overall_rate():
    rule = learn_rule(np.array([[0.0], [1.0]] * 50), np.array([0.0, 1.0] * 50), np.array([True]), np.arange(100))
    assert abs(rule.margin(np.array([[7.0]]))[0] - base_margin(np.array([0.0, 1.0]))) < 0.05


def test_todays_score_is_taken_as_it_is_or_turned_round_by_the_training_rows():
    y = np.array([0.0, 1.0] * 50)
    train, test = np.arange(60), np.arange(60, 100)
    good = y + np.linspace(0, 0.1, 100)
    np.testing.assert_array_equal(today_margin(good, train, test, y), good[test])
    np.testing.assert_array_equal(today_margin(-good, train, test, y), good[test])
    wrong = y.copy()
    wrong[test] = 1 - wrong[test]
    np.testing.assert_array_equal(today_margin(good, train, test, wrong), today_margin(good, train, test, y))


def test_rows_without_todays_score_come_last_and_grades_go_by_their_training_rate():
    y = np.array([0.0, 1.0] * 50)
    cells = np.array(["B", "A"] * 50, dtype=object)
    cells[99] = np.nan
    found = today_margin(cells, np.arange(60), np.arange(60, 100), y)
    assert found[1] > found[0] > found[39]
    assert today_margin(np.full(100, np.nan), np.arange(60), np.arange(60, 100), y) is None
