import numpy as np
import pytest
from profiles_planted import noise, one_blob, planted
from sklearn.metrics import adjusted_rand_score
from sklearn.utils.estimator_checks import check_estimator

from benchmarks.claims.identity import World
from icp.profiles import ProfileClusterer
from icp.profiles._space import MixedSpace


def fit(X, categorical, seed=0, n_resamples=10):
    return ProfileClusterer(categorical=categorical, random_state=seed, n_resamples=n_resamples).fit(X)


@pytest.mark.parametrize(("seed", "n_profiles"), [(0, 3), (5, 4), (10, 5)])
def test_planted_profiles_are_recovered(seed, n_profiles):
    X, categorical, profile = planted(seed, n_profiles, 300)
    fitted = fit(X, categorical, seed)
    assert fitted.n_profiles_ == n_profiles
    assert adjusted_rand_score(profile, fitted.labels_) > 0.9
    assert min(fitted.stability_) >= 0.75


@pytest.mark.parametrize("seed", range(6))
def test_independent_traits_hold_no_profiles(seed):
    assert fit(*noise(seed, 300), seed).n_profiles_ == 1


@pytest.mark.parametrize("n_factors", [1, 2, 3])
def test_one_population_with_correlated_traits_holds_no_profiles(n_factors):
    assert fit(*one_blob(n_factors, 300, n_factors), n_factors).n_profiles_ == 1


def test_each_number_says_which_rule_refused_it():
    found = [fit(*planted(0, 3, 300)[:2]), fit(*noise(0, 300)), fit(*one_blob(3, 300, 1), 3)]
    found.append(
        ProfileClusterer(categorical=planted(0, 3, 300)[1], min_size=90, random_state=0).fit(planted(0, 3, 300)[0])
    )
    tried = [(one.min_size, candidate) for one in found for candidate in one.candidates_]
    for least, candidate in tried:
        stable, large = min(candidate.stability) >= 0.75, candidate.n_smallest >= least
        rule = candidate.refused_by
        assert (rule == "stability") == (not stable)
        assert (rule == "size") == (stable and not large)
        assert (candidate.gain is None) == (rule in ("stability", "size"))
        assert (candidate.gain_over_fewer is None) == (rule in ("stability", "size", "chance"))
        assert candidate.accepted == candidate.to_dict()["stable"] == (rule == "")
    assert {candidate.refused_by for _, candidate in tried} == {"", "stability", "size", "chance", "fewer"}


@pytest.mark.slow
@pytest.mark.parametrize("n", [2000])  # 300: tests/recovery/test_claims.py
def test_the_right_number_of_profiles_is_found_in_nine_of_ten_tables(n):
    right, close = 0, 0
    for seed in range(12):
        X, categorical, profile = planted(100 + seed, 3 + seed % 4, n)
        fitted = fit(X, categorical, seed)
        right += fitted.n_profiles_ == 3 + seed % 4
        close += adjusted_rand_score(profile, fitted.labels_) > 0.9
    assert right >= 11
    assert close >= 11


@pytest.mark.slow
@pytest.mark.parametrize("n", [2000])  # 300: tests/recovery/test_claims.py
def test_no_profiles_are_found_in_tables_without_any(n):
    tables = [noise(seed, n) for seed in range(20)] + [one_blob(seed, n, 1 + seed % 3) for seed in range(20)]
    found = [fit(*values, seed).n_profiles_ for seed, values in enumerate(tables)]
    assert sum(k > 1 for k in found) <= 2


def test_the_same_seed_gives_the_same_profiles_and_leaves_the_input_alone():
    X, categorical, _ = planted(3, 3, 200)
    before = X.copy()
    first, second = fit(X, categorical), fit(X, categorical)
    np.testing.assert_array_equal(first.labels_, second.labels_)
    np.testing.assert_array_equal(first.centres_, second.centres_)
    assert first.space_.to_dict() == second.space_.to_dict()
    np.testing.assert_array_equal(X, before)


def test_profiles_are_ordered_by_size():
    X, categorical, profile = planted(4, 3, 400)
    keep = (profile > 0) | (np.arange(400) % 3 == 0)
    sizes = np.bincount(fit(X[keep], categorical).labels_)
    assert len(sizes) == 3
    assert list(sizes) == sorted(sizes, reverse=True)


def test_a_group_below_the_least_size_is_no_profile():
    X, categorical, profile = planted(4, 3, 400)
    assert fit(X, categorical).n_profiles_ == 3
    rare = fit(X[(profile > 0) | (np.arange(400) % 20 == 0)], categorical)
    assert np.bincount(rare.labels_).min() >= 30


def test_too_few_best_customers_give_one_profile():
    X, categorical, _ = planted(0, 3, 59)
    fitted = fit(X, categorical)
    assert fitted.n_profiles_ == 1
    assert set(fitted.labels_) == {0}


def test_columns_without_content_change_nothing():
    X, categorical, profile = planted(5, 4, 300)
    empty = np.full((300, 1), np.nan)
    wider = np.hstack([X, empty, np.ones((300, 1)), empty, np.zeros((300, 1))])
    fitted = fit(wider, np.concatenate([categorical, [False, False, True, True]]))
    assert fitted.n_profiles_ == 4
    assert adjusted_rand_score(profile, fitted.labels_) > 0.9


def test_assignment_of_the_training_accounts_is_their_label_and_typicality_falls_with_distance():
    X, categorical, _ = planted(0, 3, 300)
    fitted = fit(X, categorical)
    index, typicality = fitted.assign(X)
    np.testing.assert_array_equal(index, fitted.labels_)
    np.testing.assert_array_equal(fitted.predict(X), fitted.labels_)
    own = fitted.labels_ == 0
    order = np.argsort(fitted.distances_[own])
    assert np.all(np.diff(typicality[own][order]) <= 0)


def test_a_point_does_not_depend_on_the_accounts_beside_it():
    X, categorical, _ = planted(0, 3, 300)
    space = fit(X, categorical).space_
    whole = space.project(X)
    parts = np.vstack([space.project(X[i : i + 7]) for i in range(0, 300, 7)])
    np.testing.assert_array_equal(whole, parts)


def test_a_level_never_seen_in_training_counts_as_not_known():
    X, categorical, _ = planted(0, 3, 300)
    space = MixedSpace.from_dict(fit(X, categorical).space_.to_dict())
    j = int(np.flatnonzero(categorical)[0])
    unseen, unknown = X[:5].copy(), X[:5].copy()
    unseen[:, j], unknown[:, j] = 250.0, np.nan
    np.testing.assert_array_equal(space.project(unseen), space.project(unknown))


def test_categorical_of_another_length_is_refused():
    X, _, _ = planted(0, 3, 100)
    with pytest.raises(ValueError, match=r"categorical has shape \(2,\), but X has 18 columns"):
        fit(X, [True, False])


def test_it_is_a_scikit_learn_clusterer():
    reason = "two groups of 25 accounts are below the least size of a profile"
    check_estimator(
        ProfileClusterer(n_resamples=3),
        expected_failed_checks={"check_clustering": reason},
        on_fail="raise",
        on_skip=None,
    )


def test_the_number_of_the_version_before_needs_less_evidence_but_noise_still_has_none():
    rng = np.random.default_rng([0, 6])
    table, _ = World(rng, 3).draw(rng, dict.fromkeys(range(3), 90))
    again = table.values[rng.integers(0, len(table.values), len(table.values))]  # a third is left out
    alone, after = (
        ProfileClusterer(n_resamples=10, categorical=table.categorical, random_state=7, expected=expected).fit(again)
        for expected in (None, 3)
    )
    assert (alone.n_profiles_, after.n_profiles_) == (1, 3)
    for seed in range(3):
        X, categorical = noise(seed, 300)
        assert ProfileClusterer(n_resamples=10, categorical=categorical, expected=3).fit(X).n_profiles_ == 1
