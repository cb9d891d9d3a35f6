import numpy as np
import pandas as pd
import pytest
from profiles_planted import noise, table

from icp.errors import NotEnoughDataError
from icp.profiles import distinctive_traits, trait_index
from icp.profiles._groups import groups_of
from icp.profiles._index import count_index
from icp.tables import Trait

NUMBER = Trait("employees", "numeric", "fit", "Employees", ("employees",))


def test_index_is_the_share_among_best_customers_over_the_share_in_the_base():
    best = pd.Series([True] * 40 + [False] * 160)
    city = pd.Series(["Rome"] * 30 + ["Oslo"] * 10 + ["Rome"] * 30 + ["Oslo"] * 130)
    rome = trait_index(best, city).loc["Rome"]
    assert (rome["n"], rome["base_n"]) == (30, 60)
    assert rome["share"] == pytest.approx(0.75)
    assert rome["base_share"] == pytest.approx(0.30)
    assert rome["index"] == 250.0
    assert rome["low"] < 250.0 < rome["high"]
    assert rome["woe"] == pytest.approx(np.log(2.5))
    assert rome["information"] == pytest.approx(0.45 * np.log(2.5))


@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize(("among_best", "among_rest"), [(0.12, 0.05), (0.05, 0.1), (0.6, 0.3), (0.03, 0.03)])
def test_index_intervals_cover_the_truth(inside, among_best, among_rest):
    rng = np.random.default_rng(11)
    n, rest_n = rng.binomial(150, among_best, 4000), rng.binomial(1350, among_rest, 4000)
    if inside:
        truth = among_best / (0.1 * among_best + 0.9 * among_rest)
        numbers = count_index(n, 150, n + rest_n, 1500, 150, n, 0.95)
    else:
        truth = among_best / among_rest
        numbers = count_index(n, 150, rest_n, 1350, 0, np.zeros_like(n), 0.95)
    covered = (numbers["low"] <= 100 * truth) & (100 * truth <= numbers["high"])
    assert 0.93 <= covered.mean() <= 0.97


def test_another_base_gives_another_index():
    best = pd.Series([True] * 20 + [False] * 80)
    size = pd.Series((["large"] * 3 + ["small"]) * 5 + (["large"] * 1 + ["small"] * 3) * 20)
    half = pd.Series([True] * 20 + [True] * 20 + [False] * 60)
    assert trait_index(best, size).loc["large", "index"] != trait_index(best, size, base=half).loc["large", "index"]


def test_a_group_without_best_customers_has_index_zero_and_a_bounded_interval():
    best = pd.Series([True] * 50 + [False] * 450)
    row = trait_index(best, pd.Series(["a"] * 50 + (["a"] * 8 + ["b"]) * 50)).loc["b"]
    assert (row["index"], row["low"]) == (0.0, 0.0)
    assert 0.0 < row["high"] < 150.0
    assert np.isfinite(row["woe"])


def test_missing_values_are_a_group_of_their_own():
    best = pd.Series([True] * 20 + [False] * 80)
    size = pd.Series([np.nan] * 10 + list(range(90)), dtype=float)
    rows = trait_index(best, size)
    assert rows.loc["not known", "n"] == 10
    assert rows["n"].sum() == 20
    assert rows["base_n"].sum() == 100


def test_too_few_best_customers_are_refused():
    with pytest.raises(NotEnoughDataError, match="ICP240"):
        trait_index(pd.Series([True] * 9 + [False] * 50), pd.Series(range(59)))
    with pytest.raises(NotEnoughDataError, match="ICP212"):
        trait_index(pd.Series([True] * 20), pd.Series(range(20)), base=pd.Series([False] * 20))


def test_noise_yields_no_more_distinctive_traits_than_the_rate_allows():
    tables_with_any = 0
    for seed in range(20):
        X, categorical = noise(seed, 600)
        label = np.random.default_rng(1000 + seed).random(600) < 0.2
        tables_with_any += not distinctive_traits(label, table(X, categorical), fdr=0.05).empty
    assert tables_with_any <= 3


def test_a_planted_trait_is_found_and_its_neighbours_are_not():
    X, categorical = noise(1, 2000)
    rng = np.random.default_rng(2)
    label = rng.random(2000) < np.where(X[:, 1] > np.nanmedian(X[:, 1]), 0.3, 0.05)
    found = distinctive_traits(label, table(X, categorical))
    assert set(found["trait"]) == {"t1"}
    assert found["information"].is_monotonic_decreasing
    assert found["index"].max() > 130


def test_ranges_are_worded_as_a_person_would():
    employees = np.round(np.exp(np.random.default_rng(0).normal(4, 1.2, 4000)))
    texts = [group.text for group in groups_of(NUMBER, employees)]
    assert texts[0].startswith("under ")
    assert texts[-1].endswith(" or more")
    assert all(" to " in text for text in texts[1:-1])


def test_few_whole_numbers_stand_for_themselves_and_years_have_no_comma():
    assert [group.text for group in groups_of(NUMBER, np.array([1.0, 2, 2, 3, np.nan]))] == ["1", "2", "3", "not known"]
    years = groups_of(NUMBER, np.random.default_rng(0).integers(1950, 2020, 900).astype(float))
    assert all("," not in group.text for group in years)


@pytest.mark.parametrize("seed", range(8))
def test_every_cell_is_in_exactly_one_group(seed):
    rng = np.random.default_rng(seed)
    values = [rng.normal(0, 10.0 ** rng.integers(-6, 8), 300), rng.poisson(3, 300), np.full(300, 7.0)][seed % 3]
    values = np.where(rng.random(300) < 0.1, np.nan, values)
    inside = np.sum([group.holds(values) for group in groups_of(NUMBER, values)], axis=0)
    np.testing.assert_array_equal(inside, 1)
