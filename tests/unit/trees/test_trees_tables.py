"""The tables give LightGBM's own contributions: whatever the depth, the categories and what is missing."""

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from icp.reasons._explain import load_shap
from icp.trees import LeafPaths, PatternTables, Trees, _paths, read_trees

N_COLUMNS = 5


def grown(seed, n_leaves, n_trees, *, missing="nan", categories=2, n=400, **parameters):
    """A booster over numbers (some missing, some zero) and codes, and rows it has never seen."""
    rng = np.random.default_rng(seed)

    def rows(n):
        X = np.round(rng.normal(size=(n, N_COLUMNS)), 1)
        X[:, :categories] = rng.integers(-1, 40, size=(n, categories))
        X[rng.random(X.shape) < 0.15] = np.nan
        X[rng.random(X.shape) < 0.1] = 0.0
        return X

    X = rows(n)
    y = np.nan_to_num(X[:, -1]) + np.nan_to_num(X[:, 0]) % 3 + np.isnan(X[:, 2]) + rng.normal(size=n) > 1
    settings = {
        "objective": "binary",
        "num_leaves": n_leaves,
        "min_data_in_leaf": 1,
        "min_data_per_group": 1,
        "cat_smooth": 0.0,
        "max_cat_to_onehot": 2,
        "learning_rate": 0.3,
        "use_missing": missing != "none",
        "zero_as_missing": missing == "zero",
        "num_threads": 1,
        "seed": seed,
        "verbosity": -1,
        **parameters,
    }
    data = lightgbm.Dataset(X, y, categorical_feature=list(range(categories)))
    booster = lightgbm.train(settings, data, num_boost_round=n_trees)
    odd = np.full((4, N_COLUMNS), np.nan)
    odd[1:] = [[1e9, -7.5, 1e300, -1e300, 0.0], [0.7, -0.5, np.inf, -np.inf, 1e-36], [39.9, 40.0, -0.0, 1e-35, -1e-35]]
    return booster, np.concatenate([rows(100), odd])


def own(booster, X):
    explained = booster.predict(X, pred_contrib=True, num_threads=1)
    return explained[:, :-1], explained[0, -1]


@given(
    seed=st.integers(0, 1000),
    n_leaves=st.sampled_from([2, 3, 8, 31, 120]),
    n_trees=st.integers(1, 8),
    missing=st.sampled_from(["nan", "zero", "none"]),
    categories=st.integers(0, 3),
    bits=st.sampled_from([(9, 12), (1, 1), (3, 12), (4, 2)]),
)
def test_contributions_are_those_of_lightgbm(seed, n_leaves, n_trees, missing, categories, bits):
    booster, X = grown(seed, n_leaves, n_trees, missing=missing, categories=categories)
    tables = PatternTables(read_trees(booster.model_to_string()), N_COLUMNS, *bits)
    expected, base = own(booster, X)
    found = tables.contributions(X)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
    assert tables.base == pytest.approx(base, abs=1e-9)
    np.testing.assert_allclose(found.sum(axis=1) + tables.base, booster.predict(X, raw_score=True), rtol=0, atol=1e-9)
    alone = [tables.contributions(X[row : row + 1])[0] for row in range(0, len(X), 13)]
    np.testing.assert_array_equal(alone, found[::13])


@given(
    seed=st.integers(0, 1000),
    n_leaves=st.sampled_from([2, 8, 31, 120]),
    missing=st.sampled_from(["nan", "zero", "none"]),
    n_rows=st.sampled_from([1, 2, 30, 104]),
)
def test_paths_give_the_numbers_of_the_tables_to_the_last_bit(seed, n_leaves, missing, n_rows):
    booster, X = grown(seed, n_leaves, 6, missing=missing)
    trees = read_trees(booster.model_to_string())
    paths = LeafPaths(trees, N_COLUMNS)
    np.testing.assert_array_equal(
        paths.contributions(X[:n_rows]), PatternTables(trees, N_COLUMNS).contributions(X[:n_rows])
    )


@pytest.mark.parametrize(
    "sizes",
    [
        {"_PATTERNS_A_ROW": 0},
        {"_PATTERNS_A_ROW": 10**6},
        {"_LEAVES_AT_ONCE": 1, "_PLACES_CACHED": 7},
        {"_LEAVES_AT_ONCE": 300, "_NUMBERS_AT_ONCE": 20_000},
        {"_NUMBERS_AT_ONCE": 1},
    ],
)
def test_paths_give_the_same_numbers_however_many_are_walked_at_a_time(sizes, monkeypatch):
    booster, X = grown(5, 120, 6)
    trees = read_trees(booster.model_to_string())
    expected = LeafPaths(trees, N_COLUMNS).contributions(X)
    for name, size in sizes.items():
        monkeypatch.setattr(_paths, name, size)
    np.testing.assert_array_equal(LeafPaths(trees, N_COLUMNS).contributions(X), expected)


def test_trees_in_parts_are_the_trees_and_joined_again_the_same():
    booster, X = grown(3, 31, 9, categories=2)
    trees = read_trees(booster.model_to_string())
    parts = list(trees.parts(64))
    assert [len(part) for part in parts] == [2, 2, 2, 2, 1]
    assert sum(part.expected for part in parts) == pytest.approx(trees.expected, abs=1e-12)
    found = sum(PatternTables(part, N_COLUMNS).contributions(X) for part in parts)
    np.testing.assert_allclose(found, PatternTables(trees, N_COLUMNS).contributions(X), rtol=0, atol=1e-12)
    joined = Trees.joined(parts)
    for name in Trees.__dataclass_fields__:
        if name != "categories":
            np.testing.assert_array_equal(getattr(joined, name), getattr(trees, name), err_msg=name)
    assert list(joined.categories) == list(trees.categories)
    for node, codes in trees.categories.items():
        np.testing.assert_array_equal(joined.categories[node], codes)


@pytest.mark.parametrize("damage", [("threshold=", "threshold=0.5 "), ("leaf_value=", "leaf_value=x ")])
def test_text_that_does_not_fit_is_refused(damage):
    booster, _ = grown(2, 8, 2)
    with pytest.raises(ValueError, match=r"too little|names and values"):
        read_trees(booster.model_to_string().replace(*damage))


def for_shap(trees):
    """The trees as shap takes them: nodes, then leaves."""
    for tree in range(len(trees)):
        nodes = slice(*trees.node_start[tree : tree + 2])
        leaves = slice(*trees.leaf_start[tree : tree + 2])
        m, below = len(trees.column[nodes]), np.zeros(len(trees.value[leaves]), dtype=int)
        sides = [np.where(side[nodes] < 0, m + ~side[nodes], side[nodes]) for side in (trees.left, trees.right)]
        child = [np.append(side, below - 1) for side in sides]
        yield {
            "children_left": child[0].astype(np.int32),
            "children_right": child[1].astype(np.int32),
            "children_default": np.where(np.append(trees.default_left[nodes], below), *child).astype(np.int32),
            "features": np.append(trees.column[nodes], below).astype(np.int32),
            "thresholds": np.append(trees.threshold[nodes], below),
            "values": np.append(np.zeros(m), trees.value[leaves])[:, None],
            "node_sample_weight": np.append(trees.node_count[nodes], trees.leaf_count[leaves]),
        }


@settings(max_examples=10)
@given(seed=st.integers(0, 1000))
def test_contributions_are_those_of_shap(seed):
    booster, X = grown(seed, 16, 10, categories=0)
    trees = read_trees(booster.model_to_string())
    explainer = load_shap().TreeExplainer({"trees": list(for_shap(trees))})
    expected = explainer.shap_values(X[:-4], check_additivity=False)
    np.testing.assert_allclose(PatternTables(trees, N_COLUMNS).contributions(X[:-4]), expected, rtol=0, atol=1e-9)


def test_a_path_of_many_columns_needs_no_table_of_its_size():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3000, 40))
    y = X.sum(axis=1) + rng.normal(size=3000)
    # each column is used once only and on one side only, so paths are as long as trees are large
    parameters = {
        "num_leaves": 40,
        "min_data_in_leaf": 1,
        "feature_fraction_bynode": 0.1,
        "num_threads": 1,
        "verbosity": -1,
    }
    booster = lightgbm.train({"objective": "regression", **parameters}, lightgbm.Dataset(X, y), num_boost_round=20)
    trees = read_trees(booster.model_to_string())
    tables = PatternTables(trees, 40, leaf_bits=3, piece_bits=3)
    assert tables.n_bytes < 1_000_000
    assert (tables._pieces.n_bits == 0).any()
    np.testing.assert_allclose(tables.contributions(X[:200]), own(booster, X[:200])[0], rtol=0, atol=1e-9)
    np.testing.assert_array_equal(
        LeafPaths(trees, 40, piece_bits=3).contributions(X[:200]), tables.contributions(X[:200])
    )


def test_constant_trees_add_to_the_base_alone():
    X = np.zeros((50, 2))
    booster = lightgbm.train({"objective": "binary", "verbosity": -1}, lightgbm.Dataset(X, np.arange(50) < 20), 3)
    for kind in (PatternTables, LeafPaths):
        explained = kind(read_trees(booster.model_to_string()), 2)
        assert explained.base == pytest.approx(booster.predict(X[:1], raw_score=True)[0])
        for rows in (X, X[:1], X[:0]):
            np.testing.assert_array_equal(explained.contributions(rows), np.zeros(rows.shape))


def test_a_row_does_not_depend_on_the_rows_beside_it():
    booster, _ = grown(3, 31, 30)
    X = np.random.default_rng(1).normal(size=(24_001, N_COLUMNS))  # two tasks, the first of two blocks
    tables = PatternTables(read_trees(booster.model_to_string()), N_COLUMNS)
    whole = tables.contributions(X, n_threads=2)
    np.testing.assert_array_equal(whole, tables.contributions(X, n_threads=1))
    np.testing.assert_array_equal(
        whole[9995:10_005], np.concatenate([tables.contributions(X[[i]]) for i in range(9995, 10_005)])
    )
    np.testing.assert_array_equal(whole[:15_001], tables.contributions(X[:15_001]))  # blocks of 7,501 and 7,500
    assert tables.contributions(X[:0]).shape == (0, N_COLUMNS)


def test_what_cannot_be_explained_is_refused():
    booster, X = grown(0, 8, 3)
    text = booster.model_to_string()
    trees = read_trees(text)
    with pytest.raises(ValueError, match="more than the 2 columns"):
        PatternTables(trees, 2)
    with pytest.raises(ValueError, match=r"rows of 5 columns are needed, not an array of shape \(104, 4\)"):
        PatternTables(trees, N_COLUMNS).contributions(X[:, :4])
    for parameters in ({"linear_tree": True}, {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}):
        other, _ = grown(0, 8, 3, categories=0, **parameters)
        with pytest.raises(ValueError, match="can"):
            read_trees(other.model_to_string())
    with pytest.raises(ValueError, match="one output"):
        read_trees(text.replace("num_tree_per_iteration=1", "num_tree_per_iteration=3"))
    with pytest.raises(ValueError, match="one output"):
        read_trees("not a booster")
