"""Best for the same reasons: planted groups are found in what the score counts, and noise has none."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from icp.errors import ConfigError
from icp.model._reasons_view import reasons_view
from icp.options import ProfileOptions
from icp.tables import Trait, TraitTable
from planted_customers import customers, train

VIEW = ProfileOptions(view="reasons", n_resamples=6)


def known_of(contributions):
    """All best, with one trait per column of contributions."""
    n, p = contributions.shape
    traits = tuple(Trait(f"x{j}", "numeric", "fit", f"x{j}", (f"x{j}",)) for j in range(p))
    table = TraitTable(np.zeros((n, p)), traits, pd.Index([str(i) for i in range(n)]))
    return SimpleNamespace(y=np.ones(n), traits=table, profiled=lambda: table)


def view_of(contributions, options=VIEW):
    return reasons_view(known_of(contributions), contributions, SimpleNamespace(profiles=()), options, 0)


def test_it_is_made_only_where_it_is_asked_for():
    assert view_of(np.zeros((50, 3)), ProfileOptions()) is None


def test_planted_reasons_are_found_whatever_columns_that_do_not_count_say():
    rng = np.random.default_rng(0)
    kind = np.repeat([0, 1, 2], [90, 70, 60])
    counts = 0.15 * rng.normal(size=(220, 6)) + 0.8 * np.eye(3)[kind].repeat(2, axis=1)
    trifles = 0.001 * (2 * np.repeat([0.0, 1.0], 110)[rng.permutation(220), None] + 0.3 * rng.normal(size=(220, 20)))
    found = view_of(np.hstack([counts, trifles]))
    assert [group["n"] for group in found["groups"]] == pytest.approx([90, 70, 60], abs=3)
    for group, own in zip(found["groups"], ({"x0", "x1"}, {"x2", "x3"}, {"x4", "x5"}), strict=True):
        assert {reason["label"] for reason in group["reasons"] if reason["mean"] > reason["mean_best"]} == own
    assert [group["id"] for group in found["groups"]] == ["R1", "R2", "R3"]


def test_contributions_without_groups_have_none():
    rng = np.random.default_rng(1)
    for _ in range(5):
        assert view_of(rng.normal(size=(200, 1)) @ np.ones((1, 6)) + rng.normal(size=(200, 6)))["groups"] == []
    assert view_of(np.zeros((50, 3)))["groups"] == []


def test_the_card_and_the_page_show_it_beside_the_profiles(tmp_path):
    result = train(tmp_path, customers(0), "a", "profiles.view=reasons", "tracking=none")
    groups = result.model.bundle_.card["reasons_view"]["groups"]
    profiles = [sum(row["n"] for row in group["profiles"]) for group in groups]
    assert sum(group["n"] for group in groups) == 210 and sum(profiles) <= 210
    assert len(groups) == 3 and all(max(row["n"] for row in group["profiles"]) > 0.8 * group["n"] for group in groups)
    page = (tmp_path / result.output / "report.html").read_text(encoding="utf-8")
    assert "Best for the same reasons" in page and ">R3<" in page


def test_another_view_is_refused_by_name():
    import icp

    with pytest.raises(ConfigError, match=r"profiles\.view"):
        icp.load_config("train", ["profiles.view=reason"])
