"""A sensitive column that other traits give away is told, by one trait or by three; noise never is."""

import numpy as np
import pandas as pd
import pytest

from icp.checks import proxies
from icp.reports._selection import proxy_words
from icp.tables import AccountTable, Column, Trait, TraitTable


def told(seed, n, *, n_traits=20, n_groups=2, shift=0.0, shifted=1, kind="categorical"):
    """Accounts of some groups; the first traits lie higher in group g0, half of the others are numbers, half levels."""
    rng = np.random.default_rng(seed)
    who = rng.integers(0, n_groups, n)
    half = n_traits // 2
    values = np.column_stack([rng.normal(size=(n, half)), rng.integers(0, 8, size=(n, n_traits - half))])
    values[:, :shifted] += shift * (who == 0)[:, None]
    traits = tuple(
        Trait(
            f"t{j}", "numeric" if j < half else "categorical", "fit", f"Trait {j}", (f"t{j}",), levels=tuple("abcdefgh")
        )
        for j in range(n_traits)
    )
    index = pd.Index([f"A-{i:05d}" for i in range(n)], name="account_id")
    cells = pd.Series([f"g{i}" for i in who], index) if kind == "categorical" else pd.Series(who * 10.0, index)
    accounts = AccountTable(pd.DataFrame({"who": cells}), (Column("who", "sensitive", kind, "declared"),), "demo", None)
    return proxies(accounts, TraitTable(values, traits, index), np.arange(n), np.full(n, np.datetime64("NaT", "us")))


@pytest.mark.parametrize(("n", "n_traits", "n_groups"), [(150, 40, 2), (220, 40, 4), (600, 60, 8)])
def test_noise_gives_nothing_away(n, n_traits, n_groups):
    found = [told(seed, n, n_traits=n_traits, n_groups=n_groups) for seed in range(10)]
    assert not any(findings for _, findings in found)
    chance = [by_column["who"]["together"]["auc"] for by_column, _ in found]
    assert all("gives these groups away (AUC 0." in proxy_words({"proxy": proxy["who"]}) for proxy, _ in found)
    assert abs(np.mean(chance) - 0.5) < 0.07 and max(chance) < 0.7


def test_one_trait_that_stands_for_it_is_named_with_its_interval():
    by_column, (found,) = told(1, 1000, shift=1.5)
    alone = by_column["who"]["alone"]
    assert (found.code, found.severity, found.column) == ("ICP320", "warning", "who")
    assert alone["traits"] == ["t0"] and alone["given_away"]
    # two normal distributions 1.5 apart: AUC is Phi(1.5 / sqrt 2) = 0.856
    assert alone["auc_low"] < 0.856 < alone["auc_high"] and "'t0' tells who is g" in found.message


def test_three_that_give_it_away_together_only_are_named_together():
    by_column, (found,) = told(2, 1500, shift=0.6, shifted=3)
    proxy = by_column["who"]
    assert not proxy["alone"]["given_away"] and proxy["together"]["given_away"]
    assert set(proxy["together"]["traits"]) == {"t0", "t1", "t2"}
    assert proxy["together"]["auc_low"] < 0.769 < proxy["together"]["auc_high"]  # Phi(0.6 * sqrt 3 / sqrt 2)
    assert " together tell who is g" in found.message


def test_numbers_are_told_in_ranges_and_small_groups_are_left_out():
    by_column, (found,) = told(3, 1000, shift=2.0, kind="numeric")
    assert by_column["who"]["alone"]["given_away"] and found.code == "ICP320"
    assert told(4, 90, shift=3.0)[0] == {} and told(4, 400, shift=3.0, n_groups=9)[1] == []
