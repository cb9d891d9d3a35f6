from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from icp.checks import leakage
from icp.checks._names import suspicious_words
from icp.tables import AccountTable, Column, Trait, TraitTable

N = 4000


def tables(columns, rule="value"):
    """Columns by name (float values; a pair (codes, levels) is categorical) as the audit takes them."""
    traits, values = [], []
    for name, data in columns.items():
        if isinstance(data, tuple):
            traits.append(Trait(name, "categorical", "fit", name, (name,), rule, levels=data[1]))
            values.append(np.asarray(data[0], dtype=float))
        else:
            traits.append(Trait(name, "numeric", "fit", name, (name,), rule))
            values.append(np.asarray(data, dtype=float))
    X = np.column_stack(values)
    index = pd.Index([str(i) for i in range(len(X))])
    known = tuple(Column(t.name, "trait", t.kind, "") for t in traits)
    return AccountTable(pd.DataFrame(X, index, list(columns)), known, "x.csv", None), TraitTable(
        X, tuple(traits), index
    )


@pytest.fixture(scope="module")
def world():
    rng = np.random.default_rng(7)
    strength = rng.normal(size=N)
    label = (rng.random(N) < 1 / (1 + np.exp(2.6 - 1.15 * strength))).astype(float)
    return 11, strength, label


def honest(seed, strength):
    rng = np.random.default_rng(seed)
    driver = np.exp(strength + 4)
    skipped = driver.copy()
    skipped[rng.random(N) < 0.3] = np.nan
    return {
        "employees": driver,
        "revenue": skipped,
        "industry": (rng.integers(0, 8, N), tuple("abcdefgh")),
        "stage_of_growth": rng.normal(size=N),
        "city": (rng.integers(0, 200, N), tuple(f"c{i}" for i in range(200))),
        "constant": np.ones(N),
        "empty": np.full(N, np.nan),
    }


def test_honest_columns_are_left_alone(world):
    seed, strength, label = world
    assert leakage(*tables(honest(seed, strength)), label, keep=()) == (frozenset(), [])


@pytest.mark.parametrize("seed", range(5))
def test_noise_raises_no_alarm(seed):
    rng = np.random.default_rng(seed)
    label = (rng.random(600) < 0.08).astype(float)
    columns = {f"status_{i}": rng.normal(size=600) for i in range(10)}
    columns |= {f"tag_{i}": (rng.integers(0, 60, 600), tuple(map(str, range(60)))) for i in range(10)}
    assert leakage(*tables(columns), label, keep=())[0] == frozenset()


def test_a_market_nobody_sells_to_is_not_a_leak():
    rng = np.random.default_rng(3)
    abroad = rng.random(N) < 0.3
    label = ((rng.random(N) < 0.15) & ~abroad).astype(float)
    assert leakage(*tables({"country": (abroad, ("home", "abroad"))}), label, keep=())[0] == frozenset()


LEAKS = {
    "copy": lambda rng, y: np.where(rng.random(N) < 0.02, 1 - y, y),
    "noisy copy": lambda rng, y: y + rng.normal(0, 0.4, N),
    "filled after the win": lambda rng, y: np.where((y == 1) & (rng.random(N) < 0.8), rng.normal(size=N), np.nan),
    "emptied after the loss": lambda rng, y: np.where((y == 0) & (rng.random(N) < 0.75), np.nan, rng.normal(size=N)),
    "call duration": lambda rng, y: np.exp(rng.normal(size=N) * 0.8 + 1.6 * y) * (60 + 60 * y),
    "a value that always wins": lambda rng, y: ((y == 1) & (rng.random(N) < 0.4), ("open", "onboarding")),
    "deal probability": lambda rng, y: rng.normal(size=N) + 1.4 * y,
    "other model's score": lambda rng, y: rng.normal(size=N) + 1.5 * y,
}  # fmt: skip


@pytest.mark.parametrize("name", LEAKS)
def test_planted_leaks_are_found_with_evidence(world, name):
    seed, strength, label = world
    accounts, traits = tables({**honest(seed, strength), name: LEAKS[name](np.random.default_rng(5), label)})
    quarantined, findings = leakage(accounts, traits, label, keep=())
    assert quarantined == {name}
    (finding,) = findings
    assert (finding.code, finding.severity, finding.action, finding.column) == ("ICP301", "issue", "quarantined", name)
    assert 0 <= finding.evidence["auc"] <= 1
    assert f'traits.keep=["{name}"]' in finding.message
    json.dumps(finding.to_dict())


def test_a_column_kept_on_request_stays_and_is_said(world):
    _, _, label = world
    quarantined, findings = leakage(*tables({"status": label}), label, keep=["status"])
    assert quarantined == frozenset()
    assert [(f.code, f.severity, f.action) for f in findings] == [("ICP302", "warning", "noted")]


def test_traits_from_dated_tables_are_never_quarantined(world):
    _, _, label = world
    accounts, traits = tables({"orders": label}, rule="outcomes:count:90")
    assert leakage(accounts, traits, label, keep=()) == (frozenset(), [])


def test_row_order_of_equal_data_gives_the_same_findings(world):
    seed, strength, label = world
    arguments = tables({**honest(seed, strength), "won amount": label * 3})
    assert leakage(*arguments, label, keep=()) == leakage(*arguments, label, keep=())


def test_names_are_matched_by_whole_words():
    assert suspicious_words("DealStage") == ("stage",)
    assert suspicious_words("won_lost") == ("won", "lost")
    assert suspicious_words("Close Date") == ("close",)
    assert suspicious_words("Wonderland stages enclosed") == ()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from([np.nan, 0.0, 1.0, 2.5, -1e300, 1e300]), min_size=20, max_size=60),
    st.integers(min_value=1, max_value=19),
)
def test_any_numbers_are_audited_without_a_warning(cells, n_best):
    label = np.zeros(len(cells))
    label[:n_best] = 1
    quarantined, findings = leakage(*tables({"x": np.array(cells)}), label, keep=())
    assert quarantined <= {"x"} and len([f for f in findings if f.column]) == len(quarantined)


def test_a_column_to_keep_that_is_not_there_is_told_with_the_nearest():
    label = np.repeat([1.0, 0.0], 100)
    _, findings = leakage(*tables({"status": label}), label, keep=["staus"])
    told = next(finding.message for finding in findings if finding.code == "ICP208")
    assert "'staus'" in told and "Did you mean 'status'?" in told


@pytest.mark.parametrize(
    ("role", "why"),
    [("known_after", "accounts.known_after leaves out"), ("ignored", "accounts.ignore"), ("label", "says who is best")],
)
def test_a_column_to_keep_that_another_option_leaves_out_is_told(role, why):
    label = np.repeat([1.0, 0.0], 100)
    accounts, traits = tables({"size": np.arange(200.0)})
    accounts.frame["notes"] = label
    both = replace(accounts, columns=(*accounts.columns, Column("notes", role, "numeric", "")))
    _, findings = leakage(both, traits, label, keep=["notes", "size"])
    told = [finding.message for finding in findings if finding.code == "ICP208"]
    assert len(told) == 1 and f"traits.keep names 'notes', which {why}" in told[0]
