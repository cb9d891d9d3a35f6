"""Two definitions are compared by known counts, and their scores by a rank correlation whose interval covers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from icp.errors import TableError
from icp.labels import compare_definitions
from icp.reports import definitions_section
from icp.scoring import TierAssigner
from icp.tables import Definition, LabelTable


def table(label, text="paid <b>"):
    index = pd.Index([f"A-{i:04d}" for i in range(len(label))], name="account_id")
    values = np.asarray(label, dtype=np.float64)
    definition = Definition("flag", "1", text, {}, "", None, len(values), 0, 0, 0)
    return LabelTable(pd.Series(values, index), pd.Series(np.nan, index), pd.Series(pd.NaT, index), definition)


def scores(margin):
    reference = TierAssigner().fit(margin).reference_
    percentile = np.round(reference.percentile(margin), 2)
    index = pd.Index([f"A-{i:04d}" for i in range(len(margin))], name="account_id")
    return pd.DataFrame({"percentile": percentile, "tier": reference.tier(percentile)}, index=index)


def test_overlap_counts_accounts_that_both_label():
    found = compare_definitions(table([1, 1, 1, 0, 0, np.nan, 1]), table([1, 0, 1, 1, 0, 1, np.nan])).overlap
    assert {key: found[key] for key in ("n_both_labelled", "n_both", "n_only_a", "n_only_b", "n_neither")} == {
        "n_both_labelled": 5, "n_both": 2, "n_only_a": 1, "n_only_b": 1, "n_neither": 1,
    }  # fmt: skip
    assert (found["n_only_a_labelled"], found["n_only_b_labelled"]) == (1, 1)
    assert found["jaccard"] == 0.5 and found["jaccard_low"] < 0.5 < found["jaccard_high"]
    assert found["agreement"] == 0.6 and found["kappa"] == pytest.approx((0.6 - 0.52) / 0.48)


def test_the_same_definition_agrees_with_itself():
    margin = np.random.default_rng(0).normal(size=300)
    label = (margin > 1).astype(float)
    found = compare_definitions(table(label), table(label), scores(margin), scores(margin))
    assert found.overlap["jaccard"] == found.overlap["kappa"] == 1.0
    assert found.ranking["spearman"] == pytest.approx(1.0) and found.changed.empty


def test_accounts_whose_tier_depends_are_listed_largest_difference_first():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=400), rng.normal(size=400)
    found = compare_definitions(table(a > 1), table(b > 1), scores(a), scores(b))
    assert found.ranking["spearman"] == pytest.approx(spearmanr(a, b).statistic, abs=1e-3)
    assert (found.changed["tier_a"] != found.changed["tier_b"]).all()
    assert len(found.changed) == 400 - int(np.trace(found.tiers.to_numpy()))
    assert found.changed["difference"].abs().is_monotonic_decreasing
    assert f"{len(found.changed):,} of 400" in found.text()


def test_accounts_that_both_definitions_label_come_before_those_that_are_open():
    rng = np.random.default_rng(6)
    a, b = rng.normal(size=400), rng.normal(size=400)
    label_a, label_b = (a > 1).astype(float), (b > 1).astype(float)
    label_a[::3], label_b[::5] = np.nan, np.nan
    changed = compare_definitions(table(label_a), table(label_b), scores(a), scores(b)).changed
    n_open = changed[["label_a", "label_b"]].isna().sum(axis=1)
    assert n_open.is_monotonic_increasing and set(n_open) == {0, 1, 2}
    assert all(part["difference"].abs().is_monotonic_decreasing for _, part in changed.groupby(n_open))


def test_the_interval_of_the_rank_correlation_covers():
    rng, rho, hits, runs = np.random.default_rng(2), 0.6, 0, 400
    true = 6 / np.pi * np.arcsin(rho / 2)
    for _ in range(runs):
        a, b = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], 120).T
        ranking = compare_definitions(table(a > 0), table(b > 0), scores(a), scores(b)).ranking
        hits += ranking["low"] <= true <= ranking["high"]
    assert 0.92 <= hits / runs <= 0.98


def test_scores_that_do_not_vary_have_no_correlation_and_the_text_says_nothing_of_it():
    flat = scores(np.zeros(10))
    found = compare_definitions(table([1] * 5 + [0] * 5), table([0] * 10), flat, flat)
    assert found.ranking["spearman"] is None and "rank correlation" not in found.text()
    assert compare_definitions(table([0] * 4), table([0] * 4)).overlap["jaccard"] is None


def test_other_accounts_and_one_score_table_are_refused_at_once():
    with pytest.raises(TableError) as caught:
        compare_definitions(table([1, 0]), table([1, 0, 1]), scores(np.arange(3.0)))
    assert sorted(problem.code for problem in caught.value.problems) == ["ICP318", "ICP318", "ICP319"]


def test_the_section_says_the_same_and_no_account():
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=200), rng.normal(size=200)
    found = compare_definitions(table(a > 1), table(b > 1, "stayed"), scores(a), scores(b))
    page = definitions_section(found.to_dict())
    assert "paid &lt;b&gt;" in page and "<b>" not in page and "A-0" not in page
    assert f"The tier of {len(found.changed)} of 200" in page
    assert page == definitions_section(found.to_dict())
    assert page.count("Not signed by both teams") == 2 and "learned from its label" not in page
    signed = found.to_dict() | {
        "b": {"text": "stayed", "signoff": {"signed": True, "marketing": "2026-03-02", "sales": "2026-03-03"}}
    }
    told = definitions_section(signed, held_out=True)
    assert "Signed by marketing on 2026-03-02 and by sales on 2026-03-03." in told
    assert told.count("Not signed by both teams") == 1 and "learned from its label" in told
    assert "Tiers" not in definitions_section(compare_definitions(table(a > 1), table(b > 1)).to_dict())
