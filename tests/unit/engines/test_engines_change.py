"""explain_change: the parts add up, each stands for what it says, and the words follow the tiers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import icp
from icp.scoring import ReferenceTable


@pytest.fixture
def model(leads):
    return icp.load_bundle(leads.bundle)


@pytest.fixture
def accounts(leads):
    return leads.accounts.set_index("account_id").iloc[:150]


def parts_of(changes):
    return changes[["margin_before", "data", "model", "calibration"]].sum(axis=1, skipna=False)


def recalibrated(bundle, level, slope):
    score = bundle.score
    return replace(
        bundle,
        score=replace(
            score,
            intercept=score.intercept * slope + level,
            linear_weight=score.linear_weight * slope,
            forest_weight=score.forest_weight * slope,
        ),
    )


def test_nothing_changed_gives_zeros(model, accounts):
    changes = icp.explain_change(model, model, accounts)
    assert (changes[["data", "model", "calibration"]].abs().max() == 0).all()
    assert changes["why"].str.fullmatch(r"tier stays [ABCD]: nothing changed").all()


def test_changed_cells_are_data_and_the_source_is_named(model, accounts):
    later = accounts.copy()
    later["webinar_visits"] = (later["webinar_visits"].astype(int) + 4).astype(str)
    changes = icp.explain_change(model, model, accounts, later)
    assert np.abs(parts_of(changes) - changes["margin_after"]).max() < 1e-9
    assert (changes[["model", "calibration"]].abs().max() < 1e-12).all()
    moved = changes[changes["data"].abs() > 0.05]
    assert len(moved) and moved["why"].str.contains("its data (webinar_visits", regex=False).all()
    margins = icp.explain_change(model, model, later)["margin_before"]
    assert np.abs(margins - changes["margin_after"]).max() == 0


def test_another_line_is_calibration_alone(model, accounts):
    after = recalibrated(model, 0.5, 1.3)
    changes = icp.explain_change(model, after, accounts)
    assert np.abs(parts_of(changes) - changes["margin_after"]).max() < 1e-9
    assert changes["model"].abs().max() < 1e-9
    assert changes["calibration"].abs().min() > 0


def test_another_cut_off_changes_tiers_and_no_margin(model, accounts):
    table = model.reference
    lower = ReferenceTable(table.margins, table.percentiles, table.tiers, tuple(cut - 1.0 for cut in table.cutoffs))
    changes = icp.explain_change(model, replace(model, reference=lower), accounts)
    moved = changes[changes["tier_before"] != changes["tier_after"]]
    assert len(moved) and moved["why"].str.endswith("by the cut-off").all()
    assert (changes[["data", "model", "calibration"]].abs().max() == 0).all()


def test_new_and_empty_accounts_keep_the_sum(model, accounts):
    later = accounts.copy()
    later.iloc[3] = ""
    later = later.rename(index={accounts.index[5]: "brand-new"})
    changes = icp.explain_change(model, recalibrated(model, -0.2, 0.9), accounts, later)
    there = changes.drop(index="brand-new")
    assert np.abs(parts_of(there) - there["margin_after"]).max() < 1e-9
    assert changes.loc["brand-new", "why"] == "not in the earlier list"
    assert changes.loc["brand-new", ["margin_before", "data", "model", "calibration"]].isna().all()
    assert np.isfinite(changes.loc["brand-new", "margin_after"])
    assert changes.index.tolist() == later.index.tolist()
