"""The simulated CRM keeps its promises: known truth, learnable signal, nothing in noise, the same bytes."""

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, roc_auc_score
from sklearn.preprocessing import StandardScaler

from icp.errors import ConfigError
from icp.options import SimulationOptions
from icp.simulation import SimulatedCRM, leak_kinds, simulate

SAMPLE = Path(__file__).parents[3] / "data" / "sample"
CATEGORIES = ["industry", "ownership", "crm_system", "cloud_setup", "online_shop", "has_data_team", "country"]


@pytest.fixture(scope="module")
def crm():
    return simulate(SimulationOptions(), seed=0)


@pytest.fixture(scope="module")
def plain():
    """No dirt, another seed."""
    return simulate(SimulationOptions(dirt=0.0), seed=1)


@pytest.fixture(scope="module")
def noise():
    return simulate(SimulationOptions(signal=0.0), seed=2)


def true_traits(crm: SimulatedCRM) -> np.ndarray:
    clean = crm.clean
    numbers = np.column_stack(
        [
            np.log(clean["employees"]),
            np.log(clean["annual_revenue_eur"]),
            clean["revenue_growth"],
            np.log1p(clean["n_locations"]),
            clean["founded_on"].dt.year,
        ]
    )
    return np.column_stack([StandardScaler().fit_transform(numbers), pd.get_dummies(clean[CATEGORIES]).to_numpy(float)])


def one_column_auc(cells: pd.Series, best: np.ndarray) -> float:
    """Ranking by the number in the cell, or by the mean of its value where it is no number."""
    number = pd.to_numeric(cells, errors="coerce")
    if number.notna().mean() < 0.5:
        number = cells.map(pd.Series(best).groupby(cells.to_numpy()).mean())
    area = roc_auc_score(best, number.fillna(-1))
    return max(area, 1 - area)


# -- the built-in sample -----------------------------------------------------------------------------------------------


def test_committed_sample_is_the_output_of_the_generator_byte_for_byte(crm, tmp_path):
    crm.write(tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kept = {path.name: path.read_bytes() for path in SAMPLE.iterdir()}
    assert made.keys() == kept.keys()
    assert [name for name in made if made[name] != kept[name]] == []


def test_sample_is_small_and_has_some_hundred_best_customers(crm):
    sizes = [path.stat().st_size for path in SAMPLE.iterdir()]
    assert max(sizes) < 1_000_000
    assert sum(sizes) < 3_000_000
    assert len(crm.accounts) == 5000
    assert 300 <= crm.truth["best"].sum() <= 500


def test_sample_is_utf8_with_line_feeds_and_reads_back_as_it_was(crm):
    raw = (SAMPLE / "accounts.csv").read_bytes()
    assert b"\r" not in raw
    back = pd.read_csv(SAMPLE / "accounts.csv", dtype=str, keep_default_na=False, encoding="utf-8")
    pd.testing.assert_frame_equal(back, crm.accounts, check_dtype=False)


# -- the same bytes ----------------------------------------------------------------------------------------------------


def test_same_seed_gives_the_same_files_and_another_seed_others(tmp_path):
    options = SimulationOptions(n_accounts=300, leaks=list(leak_kinds()), drift=1.0, selective=True)
    for folder, seed in (("a", 5), ("b", 5), ("c", 6)):
        (tmp_path / folder).mkdir()
        simulate(options, seed).write(tmp_path / folder)
    names = [path.name for path in sorted((tmp_path / "a").iterdir())]
    read = {f: {name: (tmp_path / f / name).read_bytes() for name in names} for f in "abc"}
    assert read["a"] == read["b"]
    assert read["a"]["accounts.csv"] != read["c"]["accounts.csv"]


def test_dirt_and_leaks_leave_the_true_companies_as_they_are(plain):
    dirty = simulate(SimulationOptions(dirt=0.0, leaks=["status"]), seed=1)
    pd.testing.assert_frame_equal(dirty.truth, plain.truth)
    pd.testing.assert_frame_equal(dirty.accounts.drop(columns="lead_status"), plain.accounts)


def test_five_thousand_accounts_take_less_than_two_seconds():
    started = time.process_time()
    simulate(SimulationOptions(), seed=9)
    assert time.process_time() - started < 2.0


# -- the truth ---------------------------------------------------------------------------------------------------------


def test_effects_add_up_to_the_log_odds_and_the_log_odds_to_the_propensity(crm):
    truth = crm.truth
    effects = truth.filter(like="effect_")
    assert np.allclose(truth["intercept"] + effects.sum(axis=1), truth["log_odds"])
    assert np.allclose(1 / (1 + np.exp(-truth["log_odds"])), truth["propensity"])
    assert np.allclose(effects.mean(), 0, atol=1e-9)
    assert [f"effect_{name}" for name in crm.drivers["driver"]] == list(effects)


@pytest.mark.parametrize("rate", [0.02, 0.08, 0.3])
def test_mean_propensity_is_the_base_rate_asked_for(rate):
    truth = simulate(SimulationOptions(n_accounts=2000, base_rate=rate), seed=3).truth
    assert abs(truth.loc[truth["eligible"], "propensity"].mean() - rate) < 1e-9


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_true_propensity_ranks_about_as_well_as_good_scores_do_in_practice(seed):
    truth = simulate(SimulationOptions(), seed).truth
    able = truth[truth["eligible"]]
    assert 0.84 < roc_auc_score(able["best"], able["propensity"]) < 0.91


def test_propensity_is_calibrated(crm):
    able = crm.truth[crm.truth["eligible"]]
    for _, part in able.groupby(pd.qcut(able["propensity"], 5)):
        expected = part["propensity"].sum()
        assert abs(part["best"].sum() - expected) < 4 * np.sqrt(expected) + 3


@pytest.mark.parametrize(("n_profiles", "seed"), [(2, 0), (3, 0), (3, 1), (4, 0)])
def test_true_traits_of_best_customers_give_the_planted_profiles_back(n_profiles, seed):
    crm = simulate(SimulationOptions(n_profiles=n_profiles), seed)
    chosen = (crm.truth["best"] & (crm.truth["profile"] > 0)).to_numpy()
    found = KMeans(n_profiles, n_init=10, random_state=0).fit_predict(true_traits(crm)[chosen])
    assert adjusted_rand_score(crm.truth["profile"][chosen], found) > 0.97


def test_nearly_all_best_customers_belong_to_a_planted_profile(crm):
    assert (crm.truth.loc[crm.truth["best"], "profile"] == 0).mean() < 0.05


def test_six_profiles_can_be_planted():
    truth = simulate(SimulationOptions(n_accounts=20_000, n_profiles=6), seed=0).truth
    assert truth.loc[truth["best"], "profile"].value_counts().drop(0).min() >= 40


def test_large_companies_are_better_without_a_shop_and_worse_with_one(plain):
    effect = plain.truth["effect_size_and_shop"]
    shop = plain.clean["online_shop"].isin(["hosted shop", "open-source shop", "custom shop"])
    size = np.log(plain.clean["employees"])
    assert np.corrcoef(size[shop], effect[shop])[0, 1] < -0.9
    assert np.corrcoef(size[~shop], effect[~shop])[0, 1] > 0.9


def test_winners_were_more_active_in_the_last_90_days_before_the_as_of_date(crm):
    recent = crm.events[crm.events["at"] > "2025-12-31"].groupby("account_id").size()
    count = crm.truth["account_id"].map(recent).fillna(0)
    able = crm.truth["eligible"]
    assert count[able & crm.truth["best"]].mean() > 1.15 * count[able & ~crm.truth["best"]].mean()


# -- the null ----------------------------------------------------------------------------------------------------------


def test_noise_has_no_profiles_and_one_propensity(noise):
    assert (noise.truth["profile"] == 0).all()
    assert np.ptp(noise.truth["propensity"]) == 0
    assert (noise.drivers["spread"] == 0).all()


def test_no_column_of_noise_ranks_the_best_customers(noise):
    best = noise.truth["best"].to_numpy()
    for name in ("employees", "revenue_growth", "n_locations"):
        assert abs(roc_auc_score(best, noise.clean[name]) - 0.5) < 0.06
    active = noise.truth["account_id"].map(noise.events.groupby("account_id").size()).fillna(0)
    assert abs(roc_auc_score(best, active) - 0.5) < 0.06


# -- how it looks ------------------------------------------------------------------------------------------------------


def test_labels_of_the_window_are_the_truth(crm):
    window = crm.outcomes[crm.outcomes["at"] > "2026-03-31"]
    known = window[window["stage"] != "Open"].set_index("account_id")["stage"] == "Won"
    truth = crm.truth.set_index("account_id")["best"]
    assert known.index.is_unique
    assert (known == truth[known.index]).all()
    assert window["at"].max() == "2026-09-27"
    assert 0.01 < (window["stage"] == "Open").mean() < 0.05


def test_customers_and_second_records_have_no_opportunity_in_the_window(crm):
    window = set(crm.outcomes.loc[crm.outcomes["at"] > "2026-03-31", "account_id"])
    assert window == set(crm.truth.loc[crm.truth["eligible"], "account_id"])
    won_before = set(
        crm.outcomes.loc[(crm.outcomes["at"] <= "2026-03-31") & (crm.outcomes["stage"] == "Won"), "account_id"]
    )
    alone = crm.truth["duplicate_of"] == ""
    assert won_before == set(crm.truth.loc[~crm.truth["eligible"] & alone, "account_id"])


def test_one_in_four_quoted_opportunities_is_won(crm):
    window = crm.outcomes[(crm.outcomes["at"] > "2026-03-31") & (crm.outcomes["stage"] != "Open")]
    quoted = window[window["amount_eur"] != ""]
    assert 0.2 < (quoted["stage"] == "Won").mean() < 0.35
    assert (window.loc[window["stage"] == "Won", "amount_eur"] != "").all()


def test_deals_close_more_often_at_the_end_of_a_quarter_and_never_at_weekends(crm):
    at = pd.to_datetime(crm.outcomes["at"])
    month = at[(at > "2026-03-31") & (at < "2026-09-27")].dt.month.value_counts()
    assert month[6] > 1.2 * month[5]
    assert (at[at < "2026-09-27"].dt.day_of_week < 5).mean() > 0.99


def test_events_rest_at_weekends_and_in_august_and_end_at_the_as_of_date(crm):
    at = pd.to_datetime(crm.events["at"])
    assert at.max() <= pd.Timestamp("2026-03-31")
    assert (at.dt.day_of_week >= 5).mean() < 0.12
    month = at.dt.to_period("M").astype(str).value_counts()
    assert month["2025-08"] < 0.7 * month["2025-07"]
    assert at.is_monotonic_increasing


def test_nothing_happens_before_an_account_is_created(crm):
    created = crm.truth["account_id"].to_frame().assign(created_on=crm.clean["created_on"]).set_index("account_id")
    for table in (crm.events, crm.outcomes):
        assert (
            pd.to_datetime(table["at"]).to_numpy() >= created.loc[table["account_id"], "created_on"].to_numpy()
        ).all()


def test_accounts_stand_in_the_order_of_their_creation(crm):
    assert crm.truth["account_id"].is_monotonic_increasing
    assert crm.truth["account_id"].is_unique


def test_web_addresses_use_the_reserved_ending(plain):
    assert plain.accounts["website"].str.endswith(".example").all()


# -- dirt --------------------------------------------------------------------------------------------------------------


def test_without_dirt_every_cell_is_filled_and_spelt(plain):
    assert (plain.accounts != "").all(axis=None)
    assert plain.accounts["industry"].nunique() == 14
    assert (plain.accounts["industry"] == plain.clean["industry"]).all()
    assert (plain.truth["duplicate_of"] == "").all()


def test_ordinary_dirt_has_typos_mixed_formats_gaps_and_second_records(crm):
    cells = crm.accounts
    assert {"germany", "GERMANY", " Germany "} <= set(cells["country"])
    assert (~cells["industry"].str.strip().str.lower().isin(crm.clean["industry"].str.lower())).sum() > 20
    money = cells["annual_revenue_eur"]
    for pattern in (r"^EUR \d{1,3}(,\d{3})+$", r"^\d+(\.\d+)?m$", r"^€[\d,]+$", r"^n/a$", r"^$"):
        assert money.str.match(pattern).sum() > 20
    assert cells["founded_on"].str.match(r"^\d\d\.\d\d\.\d{4}$").mean() > 0.05
    assert 10 <= (crm.truth["duplicate_of"] != "").sum() <= 60


def test_mixed_formats_stand_for_the_true_numbers(crm):
    text = crm.accounts["annual_revenue_eur"].str.replace(r"EUR |€|,", "", regex=True)
    value = pd.to_numeric(text.str.replace("m", "", regex=False), errors="coerce") * np.where(
        text.str.endswith("m"), 1e6, 1
    )
    known = value.notna()
    assert known.mean() > 0.8
    assert np.allclose(value[known], crm.clean["annual_revenue_eur"][known])
    share = pd.to_numeric(crm.accounts["revenue_growth"].str.strip("%+ "), errors="coerce")
    known = share.notna()
    assert np.allclose(share[known], crm.clean["revenue_growth"][known])


def test_small_companies_leave_more_gaps_in_their_numbers(crm):
    gap = crm.accounts["annual_revenue_eur"].isin(["", "n/a", "-", "NULL"])
    small = crm.clean["employees"] < 60
    assert gap[small].mean() > 1.3 * gap[~small].mean()


def test_more_dirt_means_more_gaps():
    share = [
        (simulate(SimulationOptions(n_accounts=1000, dirt=dirt), seed=4).accounts == "").mean().mean()
        for dirt in (0.5, 1.0, 2.0)
    ]
    assert share[0] < share[1] < share[2]


def test_a_second_record_repeats_its_original_under_another_id(crm):
    ids = crm.truth["account_id"]
    for row in np.flatnonzero(crm.truth["duplicate_of"] != ""):
        original = int(np.flatnonzero(ids == crm.truth["duplicate_of"][row])[0])
        assert original < row
        assert crm.clean["website"][row] == crm.clean["website"][original]
        assert crm.clean["name"][row] != crm.clean["name"][original]


# -- leaks, drift, selective working -----------------------------------------------------------------------------------


def test_every_leaking_column_is_worth_much_more_than_an_honest_one():
    kinds = leak_kinds()
    assert len(kinds) >= 8
    crm = simulate(SimulationOptions(leaks=list(kinds)), seed=3)
    able = crm.truth["eligible"].to_numpy()
    best = crm.truth["best"].to_numpy()[able]
    columns = [name for name in crm.leaks["column"] if name not in ("", "events")]
    assert len(columns) >= 8
    for name in columns:
        assert one_column_auc(crm.accounts[name][able].reset_index(drop=True), best) > 0.9, name


def test_leaking_rows_and_events_know_the_outcome():
    crm = simulate(SimulationOptions(leaks=["row_order", "late_events"]), seed=3)
    best = crm.truth["best"].to_numpy()
    assert best[: best.sum()].all()
    assert (crm.accounts["account_id"] == crm.truth["account_id"]).all()
    late = crm.events[crm.events["at"] > "2026-03-31"].groupby("account_id").size()
    count = crm.truth["account_id"].map(late).fillna(0)
    assert roc_auc_score(best, count) > 0.9


def test_a_leak_is_the_same_whichever_others_are_planted():
    alone = simulate(SimulationOptions(n_accounts=300, leaks=["meetings"]), seed=3).accounts
    both = simulate(SimulationOptions(n_accounts=300, leaks=["status", "meetings"]), seed=3).accounts
    assert (alone["meetings_total"] == both["meetings_total"]).all()


def test_drift_changes_mix_and_rate_and_its_absence_does_not():
    def late_minus_early(drift: float) -> tuple[float, float]:
        crm = simulate(SimulationOptions(n_accounts=4000, drift=drift), seed=5)
        early = np.arange(4000) < 2000
        first_profile = crm.truth["profile"] == 1
        rate = crm.truth["propensity"]
        return (first_profile[~early].mean() - first_profile[early].mean(), rate[~early].mean() / rate[early].mean())

    assert abs(late_minus_early(0.0)[0]) < 0.04
    assert 0.8 < late_minus_early(0.0)[1] < 1.25
    assert late_minus_early(1.0)[0] > 0.05
    assert late_minus_early(1.0)[1] > 1.4


def test_selective_working_leaves_most_accounts_without_outcome_and_works_the_better_looking():
    crm = simulate(SimulationOptions(selective=True), seed=6)
    truth = crm.truth
    seen = set(crm.outcomes.loc[crm.outcomes["at"] > "2026-03-31", "account_id"])
    assert seen == set(truth.loc[truth["worked"], "account_id"])
    assert 0.3 < truth["worked"].mean() < 0.45
    able = truth[truth["eligible"]]
    assert able.loc[able["worked"], "propensity"].mean() > 1.3 * able.loc[~able["worked"], "propensity"].mean()
    assert able.loc[~able["worked"], "best"].sum() > 50


# -- options -----------------------------------------------------------------------------------------------------------


def test_all_wrong_options_are_said_at_once():
    options = SimulationOptions(n_accounts=3, n_profiles=9, base_rate=0.7, leaks=["statu"], as_of="soon")
    with pytest.raises(ConfigError) as caught:
        simulate(options, seed=-1)
    codes = [problem.code for problem in caught.value.problems]
    assert codes == ["ICP801"] * 5 + ["ICP802"]
    assert "Did you mean 'status'?" in str(caught.value)
    for word in ("n_accounts", "n_profiles", "base_rate", "as_of", "seed"):
        assert word in str(caught.value)


def test_readme_says_how_to_make_the_files_again(tmp_path):
    simulate(SimulationOptions(n_accounts=100, leaks=["status", "manager"]), seed=8).write(tmp_path)
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert (
        "python -m icp.simulate seed=8 simulation.n_accounts=100 simulation.leaks=[status,manager] output=FOLDER"
        in text
    )
    assert "CC0" in text
