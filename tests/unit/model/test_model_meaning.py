"""What a score means per row: confidence, value, known customers, and accounts that sales never worked."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

import icp
from icp import IdealCustomerModel
from icp.model._learning import _population
from icp.options import SimulationOptions

QUICK = (
    *("accounts=csv", "accounts.account_id=account_id", "accounts.name_column=name", "tracking=none"),
    *("backtest.n_bootstrap=50", "profiles.n_resamples=3", "scoring.max_trees=100", "scoring.n_folds=3"),
)


def fitted(table: pd.DataFrame, folder, *overrides: str) -> IdealCustomerModel:
    table.to_csv(folder / "accounts.csv", index=False)
    cfg = icp.load_config("train", [*QUICK, f"accounts.path={folder}/accounts.csv", *overrides])
    inputs = icp.read_inputs(cfg)
    stages = {part: getattr(cfg, part) for part in ("traits", "profiles", "scoring", "reasons", "backtest")}
    model = IdealCustomerModel("meaning", **stages)
    return model.fit(inputs.accounts, inputs.labels, reading=cfg.accounts)


def market(n: int, seed: int, **options):
    """Eligible accounts of a clean simulated CRM, with their truth."""
    crm = icp.simulate_crm(SimulationOptions(n_accounts=n, dirt=0.0, base_rate=0.2, **options), seed)
    use = (crm.truth["eligible"] & (crm.truth["duplicate_of"] == "")).to_numpy()
    accounts = crm.accounts[use].drop(columns=["website", "owner"]).reset_index(drop=True)
    return accounts, crm.truth[use].reset_index(drop=True)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    accounts, truth = market(2500, 1)
    rng = np.random.default_rng(0)
    size = pd.to_numeric(accounts["employees"]).to_numpy()
    brought = np.where(truth["best"], np.round(40.0 * size * rng.lognormal(0.0, 0.3, len(size))), 0.0)
    table = accounts.assign(best=np.where(truth["best"], "yes", "no"), brought=brought.astype(int).astype(str))
    labels = ("labels=flag", "labels.column=best", "labels.positive=yes", "labels.amount=brought")
    return fitted(table, tmp_path_factory.mktemp("plain"), *labels, "backtest.order=rows")


@pytest.fixture(scope="module")
def fresh():
    return market(2500, 2)


def score(model, accounts):
    return model.score_accounts(accounts.set_index("account_id"))


def low(scores):
    return (scores["confidence"] == "low").to_numpy()


def abroad(accounts):
    return accounts.assign(**dict.fromkeys(("country", "city", "industry", "crm_system"), "Elsewhere"))


def thousandfold(accounts):
    return accounts.assign(annual_revenue_eur=accounts["annual_revenue_eur"].where(
        accounts["annual_revenue_eur"] == "", accounts["annual_revenue_eur"] + "000"
    ))  # fmt: skip


def test_ordinary_accounts_are_seldom_low_and_those_of_another_population_nearly_always(plain, fresh):
    ordinary = low(score(plain, fresh[0])).mean()
    assert 0.002 < ordinary < 0.03
    assert low(score(plain, abroad(fresh[0]))).mean() > 0.9
    assert low(score(plain, thousandfold(fresh[0]))).mean() > 0.6


def test_low_confidence_never_blanks_the_number(plain, fresh):
    scores = score(plain, abroad(fresh[0]))
    assert scores[["propensity", "percentile", "tier", "expected_value"]].notna().all().all()


def test_scores_of_low_confidence_are_further_from_the_truth(plain, fresh):
    accounts, truth = fresh
    half = np.arange(len(accounts)) % 2 == 0
    mixed = pd.concat([accounts[half], abroad(accounts[~half])]).sort_index()
    scores, true = score(plain, mixed), truth["propensity"].to_numpy()
    given = np.clip(scores["propensity"].to_numpy(), 1e-6, 1 - 1e-6)
    excess = true * np.log(true / given) + (1 - true) * np.log((1 - true) / (1 - given))
    assert excess[low(scores)].mean() > 2.0 * excess[~low(scores)].mean()


def test_a_file_of_another_population_is_said(plain, fresh):
    from icp.engines import score_table
    from icp.engines._frames import prepare_frame

    def codes(accounts):
        rows, context = prepare_frame(plain.bundle_, accounts.set_index("account_id"), None, None, None, None)
        return {finding.code: finding.severity for finding in score_table(rows.table(), context).findings}

    assert "ICP407" not in codes(fresh[0])
    assert codes(thousandfold(fresh[0]))["ICP407"] == "warning"


def test_the_card_shows_held_out_accounts_by_confidence(plain):
    shown = plain.bundle_.card["confidence"]["levels"]
    assert [row["confidence"] for row in shown] == ["high", "medium", "low"]
    assert sum(row["n"] for row in shown) == plain.metrics_["n_test"]


def test_amounts_that_follow_a_trait_get_a_model_and_more_money_in_the_first_tenth(plain, fresh):
    value = plain.bundle_.card["value"]
    assert value["kind"] == "model"
    assert value["compared"]["high"] < 0.0
    assert value["captured"]["difference_low"] > 0.0
    scores = score(plain, fresh[0])
    by_profile = replace(plain.bundle_, amount_model=None)
    means = icp.engines.score_frame(by_profile, fresh[0].set_index("account_id"))
    true = np.log(40.0 * np.maximum(pd.to_numeric(fresh[0]["employees"]).to_numpy(), 1.0))
    error = [
        np.median(np.abs(np.log(given["expected_value"].to_numpy() / given["propensity"].to_numpy()) - true))
        for given in (scores, means)
    ]
    assert error[0] < 0.5 * error[1]


def test_the_same_scores_come_from_the_folder(plain, fresh, tmp_path):
    again = IdealCustomerModel.load(plain.save(tmp_path / "bundle"))
    assert score(again, fresh[0]).equals(score(plain, fresh[0]))
    one = again.score_accounts(fresh[0].set_index("account_id").iloc[[7]])
    assert one.iloc[0].equals(score(plain, fresh[0]).iloc[7])


@pytest.mark.slow
def test_half_of_the_customers_hidden_in_the_base_costs_little_ranking(tmp_path):
    gaps = []
    for seed in range(3):
        accounts, truth = market(4000, 20 + seed)
        best = truth["best"].to_numpy(dtype=bool)
        known = best & (np.random.default_rng(seed).random(len(best)) < 0.5)
        learn = np.arange(len(accounts)) % 2 == 0
        auc = []
        for column, marked, recipe in (("best", best, "flag"), ("customer", known, "customers")):
            table = accounts.assign(**{column: np.where(marked, "yes", "no" if recipe == "flag" else "")})
            labels = (f"labels={recipe}", f"labels.column={column}", "labels.positive=yes", "backtest.order=random")
            model = fitted(table[learn], tmp_path, *labels, "backtest.n_folds=2")
            auc.append(roc_auc_score(best[~learn], score(model, accounts[~learn])["propensity"]))
        gaps.append(auc[0] - auc[1])
        assert model.metrics_["auc"] < auc[1]
    assert np.mean(gaps) <= 0.02


def test_a_model_of_known_customers_says_what_its_figures_are(tmp_path):
    accounts, truth = market(1500, 30)
    table = accounts.assign(customer=np.where(truth["best"], "x", ""))
    model = fitted(table, tmp_path, "labels=customers", "labels.column=customer", "backtest.order=rows")
    card = model.bundle_.card
    assert card["definition"]["n_attrited"] == 0
    assert "known customers" in card["unlabelled_base"]["meaning"]
    assert {"auc", "precision_at_10"} <= set(card["unlabelled_base"]["lower_bounds"])
    assert "unlabelled base" in model.metrics_["estimand"]
    assert "ICP355" in {finding.code for finding in model.findings_}


@pytest.mark.slow
def test_unworked_accounts_are_no_evidence_against_themselves(tmp_path):
    accounts, truth = market(5000, 40, selective=True)
    worked, best = truth["worked"].to_numpy(), truth["best"].to_numpy()
    table = accounts.assign(best=np.where(best & worked, "yes", "no"), worked=np.where(worked, "yes", "no"))
    labels = ("labels=flag", "labels.column=best", "labels.positive=yes", "backtest.order=random", "backtest.n_folds=2")
    found = {}
    for name, option in (("naive", "accounts.ignore=[worked]"), ("told", "accounts.worked=worked")):
        model = fitted(table, tmp_path, *labels, option)
        found[name] = score(model, accounts)
    auc = {name: roc_auc_score(best, scores["propensity"]) for name, scores in found.items()}
    assert auc["told"] > auc["naive"]
    bias = {name: abs(scores["propensity"].mean() - truth["propensity"].mean()) for name, scores in found.items()}
    assert bias["told"] < 0.5 * bias["naive"]
    extrapolated = low(found["told"])
    assert extrapolated[~worked].mean() > 0.4
    assert extrapolated[worked].mean() < 0.05
    assert json.loads(json.dumps(model.bundle_.card["worked"]))["n_unworked"] == int((~worked).sum())
    assert "only accounts that sales worked" in model.metrics_["estimand"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_where_little_is_to_be_told_the_best_tier_is_not_empty_and_the_same_accounts_are_no_drift(tmp_path, seed):
    """Held-out margins of several models differ by more than the served model says of any two accounts."""
    rng = np.random.default_rng(seed)
    size, n = rng.normal(250, 250, 2000).round(), 2000
    best = rng.random(n) < 1 / (1 + np.exp(-(1.2 + 2.0 * (size > 0) + 0.0012 * np.minimum(size, 400))))
    table = pd.DataFrame({"account_id": [f"A-{i}" for i in range(n)], "size": size.astype(int).astype(str)})
    table["name"] = table["account_id"]
    table["industry"], table["best"] = rng.choice([*"ABC"], n), np.where(best, "yes", "no")
    model = fitted(table, tmp_path, "labels=flag", "labels.column=best", "labels.positive=yes", f"seed={seed}")
    scored = model.score_accounts(table.set_index("account_id"))
    shares = scored["tier"].value_counts(normalize=True)
    assert shares.get("A", 0.0) >= 0.05 and 0.2 <= shares.get("D", 0.0) <= 0.6


def test_margins_of_the_population_are_the_held_out_ones_unless_they_spread_further_than_the_models_own():
    held_out, narrow, wide = np.linspace(-1, 1, 50), np.linspace(-0.8, 0.8, 80), np.linspace(-2, 2, 80)
    assert _population(held_out, wide) is held_out
    assert _population(held_out, narrow) is narrow
