"""Texts that are no trees are refused before compiled code or LightGBM follows them anywhere."""

from __future__ import annotations

import os
import re
import signal

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from icp.scoring._forest import Forest
from icp.trees import read_trees

N_COLUMNS = 4
PREDICTED, REFUSED = 0, 7


@pytest.fixture(scope="module")
def text():
    """Two trees of six leaves, with category sets, as a bundle holds them."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(400, N_COLUMNS))
    X[:, 0] = rng.integers(0, 70, 400)
    X[rng.random(X.shape) < 0.1] = np.nan
    y = np.nan_to_num(X[:, 1]) + 2 * (np.nan_to_num(X[:, 0]) % 3) > 2
    settings = {"objective": "binary", "num_leaves": 6, "max_cat_to_onehot": 2, "num_threads": 1, "verbosity": -1}
    data = lightgbm.Dataset(X, y, categorical_feature=[0])
    whole = lightgbm.train({**settings, "min_data_per_group": 1, "cat_smooth": 0.0}, data, 2).model_to_string()
    return whole[: whole.index("end of trees")] + "end of trees\n"


def changed(text, name, place, value, tree=0):
    """The text with one number of one tree changed."""
    head, *blocks = re.split(r"(?m)^(?=Tree=)", text)
    line = re.search(rf"(?m)^{name}=(.*)$", blocks[tree])
    numbers = line.group(1).split(" ")
    numbers[place] = value
    blocks[tree] = blocks[tree][: line.start(1)] + " ".join(numbers) + blocks[tree][line.end(1) :]
    return head + "".join(blocks)


def tried(forest):
    try:
        forest.check(N_COLUMNS)
    except ValueError:
        return REFUSED
    X = np.linspace(-2.0, 80.0, 4 * N_COLUMNS).reshape(4, N_COLUMNS)
    sums = forest.base + forest.contributions(X).sum(axis=1)
    return PREDICTED if np.allclose(sums, forest.margin(X), rtol=0, atol=1e-6) else 1


def outcome(text):
    """Whether a process of its own refuses the forest or explains and predicts with it; it must not die."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            signal.alarm(20)
            code = tried(Forest((text,)))
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])  # below 0 where a signal ended it


def test_the_text_as_it_is_is_read(text):
    assert "num_cat=0" not in text
    assert " " in re.search(r"(?m)^cat_threshold=(.*)$", text).group(1)
    assert len(read_trees(text)) == 2
    assert read_trees(changed(text, "leaf_value", 0, "0.25")).value[0] == 0.25
    Forest((text,)).check(N_COLUMNS)


@pytest.mark.parametrize(
    ("name", "place", "value"),
    [
        ("left_child", 0, "0"),  # a circle
        ("left_child", 3, "1"),  # back up
        ("right_child", 0, "1000000"),  # anywhere in memory
        ("right_child", 1, "-1000000"),
        ("left_child", 0, "-1"),  # a leaf that another node has too
        ("split_feature", 0, "-1"),
        ("decision_type", 0, "255"),
        ("leaf_value", 0, "nan"),
        ("leaf_value", 0, "inf"),
        ("threshold", 0, "nan"),
        ("internal_count", 0, "x"),
        ("leaf_count", 0, "-5"),
        ("internal_count", 0, "0"),
        ("num_leaves", 0, "7"),
        ("num_leaves", 0, "0"),
        ("num_leaves", 0, "99999999999999"),
        ("num_cat", 0, "1000000000"),
        ("cat_boundaries", 0, "1"),
        ("cat_boundaries", 1, "1000000000000"),
        ("cat_boundaries", -1, "0"),
        ("cat_threshold", 0, "-"),
    ],
)
@pytest.mark.parametrize("tree", [0, 1])
def test_what_is_no_tree_is_refused(text, name, place, value, tree):
    with pytest.raises(ValueError, match=r"."):
        read_trees(changed(text, name, place, value, tree))


def test_sets_are_asked_for_where_there_are_none_and_there_where_none_asks(text):
    tree = next(i for i, n in enumerate(re.findall(r"(?m)^num_cat=(.*)$", text)) if n != "0")
    with pytest.raises(ValueError, match="is not there"):
        read_trees(changed(text, "num_cat", 0, "0", tree))
    with pytest.raises(ValueError, match="cat_boundaries"):
        read_trees(re.sub(r"(?m)^cat_.*=.*\n", "", text))


def test_a_category_set_that_is_not_there_is_refused(text):
    decisions = re.search(r"(?m)^decision_type=(.*)$", text).group(1).split(" ")
    node = next(i for i, decision in enumerate(decisions) if int(decision) & 1)
    for value in ("-1", "77", "inf"):
        with pytest.raises(ValueError, match="is not there"):
            read_trees(changed(text, "threshold", node, value))


@pytest.mark.parametrize(
    "damage",
    [
        ("\nnum_leaves=", "\nnum_leaves=6\nnum_leaves="),  # LightGBM takes the last, others the first
        ("\nshrinkage=", "\n\nleft_child=0 0 0 0 0\nshrinkage="),  # behind what LightGBM takes for the end
        ("\nleaf_value=", "\rleaf_value="),
        ("\nleaf_value=", "\x00\nleaf_value="),
        ("\nsplit_gain=", "\nno name and value\nsplit_gain="),
        ("\nsplit_gain=", "\nsplit_gain=\u0661 "),
    ],
)
def test_a_text_that_two_readers_could_read_in_two_ways_is_refused(text, damage):
    with pytest.raises(ValueError, match=r"names and values|twice"):
        read_trees(text.replace(*damage, 1))


@pytest.mark.parametrize("name", ["split_gain", "leaf_weight", "internal_value", "internal_weight"])
@pytest.mark.parametrize("value", ["", "-", "1.2.3 e-", "1 2"])
def test_what_predicts_nothing_is_not_shown_to_lightgbm(text, name, value):
    assert outcome(re.sub(rf"(?m)^{name}=.*$", f"{name}={value}", text, count=1)) == PREDICTED


@pytest.mark.parametrize("name", ["num_class", "objective", "feature_names", "feature_infos", "tree_sizes", "version"])
@pytest.mark.parametrize("value", ["", "-1", "99999999", "x y"])
def test_a_head_is_not_shown_to_lightgbm(text, name, value):
    assert outcome(re.sub(rf"(?m)^{name}=.*$", f"{name}={value}", text)) == PREDICTED


@pytest.mark.parametrize("name", ["num_leaves", "num_cat", "leaf_value", "threshold", "cat_boundaries", "shrinkage"])
def test_a_line_that_is_gone_ends_no_process(text, name):
    gone = re.sub(rf"(?m)^{name}=.*\n", "", text, count=1)
    assert outcome(gone) == (PREDICTED if name == "shrinkage" else REFUSED)


def test_a_column_beyond_the_traits_of_the_model_is_refused(text):
    with pytest.raises(ValueError, match="has not"):
        Forest((changed(text, "split_feature", 0, "9"),)).check(N_COLUMNS)


@settings(max_examples=300)
@given(data=st.data())
def test_whatever_number_is_changed_it_is_refused_or_both_readers_follow_the_same_trees(text, data):
    names = sorted(set(re.findall(r"(?m)^([a-z_]+)=[-0-9]", text.partition("\nTree=0")[2])))
    name, tree = data.draw(st.sampled_from(names)), data.draw(st.integers(0, 1))
    n = len(re.findall(rf"(?m)^{name}=(.*)$", text)[tree].split(" "))
    number = st.one_of(st.integers(-40, 40), st.integers(-(2**63), 2**63), st.floats()).map(str)
    other = changed(text, name, data.draw(st.integers(0, n - 1)), data.draw(number), tree)
    forest = Forest((other,))
    try:
        forest.check(N_COLUMNS)
    except ValueError:
        return
    rng = np.random.default_rng(1)
    X = np.column_stack([rng.integers(-1, 80, 50).astype(float), rng.normal(size=(50, 3))])
    sums = forest.base + forest.contributions(X).sum(axis=1)
    margin = forest.margin(X)
    if "count" not in name and np.abs(margin).max() < 100:  # shares of rows need not be shares, sums may be rounded off
        np.testing.assert_allclose(sums, margin, rtol=0, atol=1e-6)
