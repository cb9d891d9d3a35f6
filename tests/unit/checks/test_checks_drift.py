"""Drift is found where it is planted, and not told where nothing changed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from icp._statistics import wilson
from icp.checks import LabelRate, WatchReference, drift, learn_watch, psi
from icp.tables import OTHER_LEVEL, Trait, TraitTable

SECTORS = ("Steel", "Toys", "Food", "Rail", OTHER_LEVEL)
TRAITS = (
    *(Trait(f"size_{i}", "numeric", "fit", f"size {i}", (f"size_{i}",)) for i in range(8)),
    Trait("visits", "numeric", "engagement", "visits", ("events",), "events:count:90"),
    Trait("sector", "categorical", "fit", "sector", ("sector",), levels=SECTORS),
    Trait("country", "categorical", "fit", "country", ("country",), levels=("DE", "FR")),
)
NO_UNSEEN = np.zeros(len(TRAITS), dtype=np.int64)


def population(n: int, rng: np.random.Generator) -> np.ndarray:
    """Sizes of very different scale, some missing; counts with many zeros; two categories."""
    sizes = rng.lognormal(np.arange(8), 1.5, (n, 8))
    sizes[rng.random((n, 8)) < np.linspace(0, 0.4, 8)] = np.nan
    visits = rng.poisson(0.8, n).astype(float)
    sector = rng.choice(5, n, p=[0.5, 0.3, 0.1, 0.08, 0.02]).astype(float)
    country = (rng.random(n) < 0.3).astype(float)
    return np.column_stack([sizes, visits, sector, country])


def reference_of(values: np.ndarray, rng: np.random.Generator) -> WatchReference:
    ids = pd.Index([f"A-{i}" for i in range(len(values))])
    percentile, tier = place(len(values), rng)
    return learn_watch(TraitTable(values, TRAITS, ids), percentile, tier)


def place(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    percentile = rng.uniform(0, 100, n)
    return percentile, np.array(list("DCBA"))[np.searchsorted([40, 70, 90], percentile, side="right")]


def compare(reference: WatchReference, values: np.ndarray, rng: np.random.Generator, unseen=NO_UNSEEN):
    return drift(reference, reference.tally(values, unseen, *place(len(values), rng)))


@pytest.fixture(scope="module")
def learned():
    rng = np.random.default_rng(5)
    return reference_of(population(3000, rng), rng)


@pytest.mark.parametrize("n", [60, 300, 3000])
def test_the_same_population_gives_an_alarm_in_at_most_one_run_in_twenty(n):
    alarms, runs = 0, 200
    rng = np.random.default_rng(n)
    for run in range(runs):
        if run % 20 == 0:
            reference = reference_of(population(1000, rng), rng)
        alarms += bool(compare(reference, population(n, rng), rng).findings)
    assert wilson(alarms, runs)[1] < 0.08 and alarms / runs <= 0.05, alarms


def test_without_change_psi_follows_its_reference_distribution():
    rng = np.random.default_rng(2)
    n, m, shares = 2000, 900, np.full(10, 0.1)
    scaled = [psi(rng.multinomial(n, shares), rng.multinomial(m, shares)) / (1 / n + 1 / m) for _ in range(2000)]
    assert np.mean(scaled) == pytest.approx(9, rel=0.05)
    assert np.mean(np.array(scaled) > chi2.isf(0.05, 9)) == pytest.approx(0.05, abs=0.02)


PLANTED = {
    "unit": ("size_3", "ICP414", "issue", lambda v: v.__setitem__((slice(None), 3), v[:, 3] * 1000)),
    "moved": ("size_0", "ICP411", "warning", lambda v: v.__setitem__((slice(None), 0), v[:, 0] * 2.5)),
    "emptied": ("sector", "ICP412", "issue", lambda v: v.__setitem__((slice(None), 9), np.nan)),
    "missing": ("size_1", "ICP412", "warning", lambda v: v.__setitem__((slice(None, None, 4), 1), np.nan)),
    "rare values": ("sector", "ICP413", "warning", lambda v: v.__setitem__((slice(None, None, 5), 9), 4.0)),
    "visits": ("visits", "ICP411", "warning", lambda v: v.__setitem__((slice(None), 8), v[:, 8] + 1)),
}


@pytest.mark.parametrize("kind", sorted(PLANTED))
def test_a_planted_shift_is_found_and_nothing_else(learned, kind):
    name, code, severity, plant = PLANTED[kind]
    rng = np.random.default_rng(7)
    values = population(500, rng)
    plant(values)
    found = compare(learned, values, rng)
    assert [(finding.code, finding.severity) for finding in found.findings] == [(code, severity)]
    assert f"'{name}'" in found.findings[0].message
    table = found.frame().set_index("name")
    assert table.index.tolist() == [*(trait.name for trait in TRAITS), "score"]
    assert [row for row in table.index if table.loc[row, "verdict"] != "steady"] == [name]
    assert name in found.line() and "drift.csv" in found.line()


def test_values_without_any_code_are_new_values_and_not_missing(learned):
    rng = np.random.default_rng(8)
    values = population(500, rng)
    values[::5, 10] = np.nan
    unseen = NO_UNSEEN.copy()
    unseen[10] = 100
    found = compare(learned, values, rng, unseen)
    assert [(finding.code, finding.column) for finding in found.findings] == [("ICP413", "country")]
    row = found.frame().set_index("name").loc["country"]
    assert (row["missing_now"], row["new_levels"], row["new_levels_before"]) == (0.0, 0.2, 0.0)


def test_a_score_that_moved_is_told_with_the_share_of_each_tier(learned):
    rng = np.random.default_rng(9)
    values = population(400, rng)
    percentile = 100 * rng.beta(3, 1, 400)
    tier = np.array(list("DCBA"))[np.searchsorted([40, 70, 90], percentile, side="right")]
    found = drift(learned, learned.tally(values, NO_UNSEEN, percentile, tier))
    assert [finding.code for finding in found.findings] == ["ICP415"]
    assert found.tiers["A"][1] == pytest.approx(np.mean(tier == "A")) and found.tiers["A"][0] < 0.15


def test_a_large_table_does_not_cry_wolf_over_a_difference_too_small_to_matter(learned):
    rng = np.random.default_rng(10)
    values = population(100_000, rng)
    values[:, 0] *= 1.1
    assert compare(learned, values, rng).findings == ()


def test_tallies_add_up_whatever_the_batches_and_the_order(learned):
    rng = np.random.default_rng(11)
    values, (percentile, tier) = population(997, rng), place(997, rng)
    whole = learned.tally(values, NO_UNSEEN, percentile, tier)
    order = rng.permutation(997)
    parts = [learned.tally(values[rows], NO_UNSEEN, percentile[rows], tier[rows]) for rows in np.array_split(order, 7)]
    assert np.array_equal(np.sum(parts, axis=0), whole)


def test_few_rows_are_said_to_be_too_few(learned):
    rng = np.random.default_rng(12)
    found = compare(learned, population(49, rng) * 1000, rng)
    assert [(finding.code, finding.severity) for finding in found.findings] == [("ICP410", "note")]
    assert "too few rows to watch" in found.line() and found.frame().empty
    assert "train it again" in drift(None, None).line()


def test_the_reference_survives_json_and_holds_no_value_of_an_account(learned):
    rng = np.random.default_rng(5)
    values = population(3000, rng)
    again = WatchReference.from_dict(learned.to_dict())
    assert again == learned
    cells = set(values[:, :8].ravel().tolist())
    kept = {edge for watch in learned.traits[:8] for edge in (*watch.edges, watch.low, watch.high)}
    assert not kept & cells
    assert all(min(watch.counts[:-1], default=20) >= 20 for watch in learned.traits)


def test_rows_of_the_same_accounts_count_once():
    rng = np.random.default_rng(13)
    values = population(400, rng)
    ids = pd.Index(np.repeat([f"A-{i}" for i in range(40)], 10))
    few = learn_watch(TraitTable(values, TRAITS, ids), *place(400, rng))
    many = reference_of(values, rng)
    now = population(200, rng)
    limits = [
        compare(reference, now, rng).frame().set_index("name").loc["size_0", "limit"] for reference in (few, many)
    ]
    assert limits[0] > limits[1]


def test_a_rate_of_best_customers_that_moved_is_told(learned):
    rng = np.random.default_rng(14)
    tally = learned.tally(population(300, rng), NO_UNSEEN, *place(300, rng))
    steady = drift(learned, tally, LabelRate(240, 3000, 85, 1000, "2026-03-31"))
    assert steady.findings == () and steady.frame()["name"].iloc[-1] == "best customers"
    moved = drift(learned, tally, LabelRate(240, 3000, 20, 1000, "2026-03-31"))
    assert [finding.code for finding in moved.findings] == ["ICP416"]
    assert "2 %" in moved.findings[0].message and "8 %" in moved.findings[0].message


def test_of_many_findings_the_strongest_are_told_and_the_rest_counted():
    rng = np.random.default_rng(15)
    traits = tuple(Trait(f"x{i}", "numeric", "fit", f"x{i}", (f"x{i}",)) for i in range(30))
    values, ids = rng.normal(size=(1000, 30)), pd.Index([f"A-{i}" for i in range(1000)])
    reference = learn_watch(TraitTable(values, traits, ids), *place(1000, rng))
    now = rng.normal(loc=np.linspace(0.8, 1.5, 30), size=(1000, 30))
    found = drift(reference, reference.tally(now, np.zeros(30, dtype=np.int64), *place(1000, rng)))
    assert len(found.findings) == 11 and found.findings[-1].evidence["n_traits"] == 20
    told = [finding.evidence["psi"] for finding in found.findings[:10]]
    assert told == sorted(found.frame()["psi"].iloc[:30], reverse=True)[:10]
