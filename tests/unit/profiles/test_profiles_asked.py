"""A number of profiles that somebody asked for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from icp.model._findings import verdict_findings
from icp.profiles import ProfileClusterer, describe
from icp.tables import Trait, TraitTable


@pytest.fixture
def two():
    """Two kinds of 90, ten numbers: two profiles hold."""
    rng = np.random.default_rng(3)
    kind = np.repeat([0, 1], 90)
    return rng.normal(size=(180, 6)) + 3.0 * np.eye(2)[kind].repeat(3, axis=1), kind


def test_as_many_as_asked_whatever_is_seen(two):
    X, kind = two
    assert ProfileClusterer(n_resamples=8).fit(X).n_profiles_ == 2
    asked = ProfileClusterer(n_resamples=8, n_profiles=3).fit(X)
    assert asked.n_profiles_ == 3 == len(set(asked.labels_)) and len(asked.stability_) == 3
    (seen,) = [one for one in asked.candidates_ if one.n_profiles == 3]
    assert not seen.accepted
    beyond = ProfileClusterer(n_resamples=4, n_profiles=9, max_profiles=4).fit(X)
    assert beyond.n_profiles_ == 9 and adjusted_rand_score(kind, beyond.labels_) > 0.1
    assert ProfileClusterer(n_resamples=4, n_profiles=1).fit(X).n_profiles_ == 1


def test_what_speaks_against_it_is_said(two):
    X, _ = two
    traits = tuple(Trait(f"t{j}", "numeric", "fit", f"trait {j}", (f"t{j}",)) for j in range(6))
    table = TraitTable(X, traits, pd.Index([f"A-{i}" for i in range(180)]))
    for asked, told in ((2, []), (3, ["ICP255"]), (None, [])):
        profiles = describe(ProfileClusterer(n_resamples=8, n_profiles=asked).fit(X), table, table)
        found = verdict_findings({"signal": True}, Judged(), profiles, True, asked)
        assert [one.code for one in found if one.code in ("ICP255", "ICP323")] == told
        assert all("3 profiles were asked for" in one.message for one in found if one.code == "ICP255")


def test_where_no_traits_go_together_there_is_nothing_to_group_by():
    X = np.random.default_rng(5).normal(size=(200, 5))
    fitted = ProfileClusterer(n_resamples=4, n_profiles=2).fit(X)
    assert (fitted.n_profiles_, fitted.candidates_) == (1, ())


class Judged:
    """Rows in time order, dated by the user: nothing is said about that."""

    class split:
        name = "rows"

    dates = None
