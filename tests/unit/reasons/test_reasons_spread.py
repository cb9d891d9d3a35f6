"""How contributions spread: what is stored shows no account, and what a notebook shows is shap's."""

import numpy as np
import pandas as pd
import pytest

from icp.reasons import PER_POINT, Contributions, ReasonExtractor, _spread, drivers
from icp.tables import Trait, TraitTable

N = 603


def table(n: int = N) -> tuple[TraitTable, np.ndarray, np.ndarray]:
    """Two traits, one rare level of three accounts, and what they add."""
    rng = np.random.default_rng(5)
    industry = Trait("industry", "categorical", "fit", "industry", ("industry",), levels=("Retail", "Software", "Odd"))
    size = Trait("size", "numeric", "fit", "size", ("size",))
    codes = rng.integers(0, 2, n).astype(float)
    codes[:3] = 2.0
    values = np.column_stack([codes, rng.lognormal(3, 1, n)])
    values[5:25, 1] = np.nan
    added = np.column_stack([np.where(codes == 1, 0.5, -0.4) + rng.normal(0, 0.1, n), rng.normal(0, 0.2, n)])
    ids = pd.Index([f"A-{i}" for i in range(n)], name="account_id")
    return TraitTable(values, (industry, size), ids), added, rng.random(n) < 0.3


def found() -> list[dict]:
    traits, added, best = table()
    book = ReasonExtractor().fit(traits, best.astype(float)).book_
    return drivers(book, traits, added)


def test_points_are_means_of_at_least_five_accounts_and_average_to_the_group():
    for driver in found():
        assert driver["groups"]
        for group in driver["groups"]:
            assert len(group["points"]) <= group["n"] // PER_POINT
            assert group["points"] == sorted(group["points"])
            if group["n"] >= 50:
                assert np.mean(group["points"]) == pytest.approx(group["mean_contribution"], abs=0.02)


def test_a_group_of_three_accounts_has_no_point():
    sizes = {group["group"]: (group["n"], group["points"]) for driver in found() for group in driver["groups"]}
    assert any(n < PER_POINT and points == [] for n, points in sizes.values())
    assert sum(len(points) for _, points in sizes.values()) > 150


def test_the_stored_points_hold_no_contribution_of_an_account():
    _, added, _ = table()
    own = {round(value, 3) for value in added.ravel().tolist()}
    points = [point for driver in found() for group in driver["groups"] for point in group["points"]]
    extremes = {max(own), min(own)}
    assert not extremes & set(points)


def test_only_numbers_have_groups_in_order():
    assert {driver["trait"]: driver["ordered"] for driver in found()} == {"industry": False, "size": True}


def test_a_sample_is_drawn_of_many_and_all_are_kept_of_few():
    traits, added, _ = table(2600)
    sample = Contributions.sample(traits, added, seed=1)
    assert sample.frame().shape == (2000, 2)
    assert sample.frame().equals(pd.DataFrame(added, traits.account_id, ["industry", "size"]).loc[sample.frame().index])
    assert Contributions.sample(*table()[:2]).frame().shape == (N, 2)


def test_shap_draws_a_beeswarm_and_a_dependence_plot_and_leaves_no_figure_open():
    from matplotlib import pyplot as plt

    traits, added, _ = table()
    contributions = Contributions(traits, added)
    swarm, industry = contributions.plot(), contributions.plot("industry")
    assert swarm.svg().startswith("<svg")
    assert "added to the score, in log-odds" in swarm.svg()
    assert all(level in industry.svg() for level in ("Retail", "Software", "Odd"))
    assert industry.frame()["contribution"].tolist() == added[:, 0].tolist()
    assert len(swarm.frame()) == 2 * N
    assert "<figure>" in contributions._repr_html_()
    assert plt.get_fignums() == []
    with pytest.raises(KeyError, match="no trait 'colour'; the traits are industry, size"):
        contributions.plot("colour")


def test_a_sample_keeps_traits_and_contributions_of_an_account_together(monkeypatch):
    traits, added, _ = table()
    assert Contributions.sample(traits, added).frame().equals(Contributions(traits, added).frame())
    monkeypatch.setattr(_spread, "_MOST", 100)
    part, again, other = (Contributions.sample(traits, added, *seed) for seed in ((), (0,), (1,)))
    assert len(part.frame()) == 100 and part.frame().equals(again.frame()) and not part.frame().equals(other.frame())
    whole = Contributions(traits, added).frame()
    assert part.frame().equals(whole.loc[part.frame().index])
    rows = whole.index.get_indexer(part.traits.account_id)
    np.testing.assert_array_equal(part.traits.values, traits.values[rows])
