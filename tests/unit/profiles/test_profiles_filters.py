"""Rules as filters: the SQL finds in a real database exactly the accounts that the rule finds."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from profiles_planted import planted, table

from icp.profiles import NO_RULE, ProfileClusterer, Rule, describe, rule_filter
from icp.tables import OTHER_LEVEL, Trait
from icp.traits import encode

AS_OF = np.datetime64("2026-03-31", "us")
ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=8)
TEXT = st.one_of(st.text("'\"\\;a", min_size=1, max_size=3), st.text("'\"- %_?ß", min_size=1, max_size=3), ANY)
NUMBERS = st.one_of(st.none(), st.integers(-5, 5).map(float), st.floats(-1e300, 1e300))
DAYS = st.one_of(st.none(), st.dates(pd.Timestamp("2020-01-01").date(), pd.Timestamp("2027-01-01").date()))
KINDS = {
    "categorical": ("level", "level", "not level", "not level", "known", "not known"),
    "numeric": ("at least", "at least", "below", "below", "known", "not known"),
}


@pytest.fixture(scope="module")
def some_profile():
    X, categorical, _ = planted(0, 3, 300)
    best = table(X, categorical)
    clusterer = ProfileClusterer(categorical=categorical, n_resamples=3).fit(best.values)
    return describe(clusterer, best, best).profiles[0]


def with_rule(profile, conditions):
    return replace(profile, rule=Rule("as made", tuple(conditions), 0.7, 0.5, 10))


def found_by(where, columns):
    """Rows that SQLite finds, the cells of each column as a database holds them."""
    with sqlite3.connect(":memory:") as base:
        names = ", ".join('"' + name.replace('"', '""') + '"' for name in columns)
        base.execute(f"CREATE TABLE accounts (row_number_, {names})")
        cells = zip(range(len(next(iter(columns.values())))), *columns.values(), strict=True)
        base.executemany(f"INSERT INTO accounts VALUES ({', '.join('?' * (len(columns) + 1))})", list(cells))
        return {row for (row,) in base.execute(f"SELECT row_number_ FROM accounts WHERE {where}")}


@st.composite
def tables(draw):
    """Three columns of odd names and cells, their traits, and up to three conditions on them."""
    names = draw(st.lists(TEXT, min_size=3, max_size=3, unique_by=lambda name: name.casefold()))
    n = draw(st.integers(1, 12))
    words = draw(st.lists(TEXT, min_size=2, max_size=4, unique=True))
    columns = {
        names[0]: draw(st.lists(st.one_of(st.none(), st.sampled_from(words)), min_size=n, max_size=n)),
        names[1]: draw(st.lists(NUMBERS, min_size=n, max_size=n)),
        names[2]: draw(st.lists(DAYS, min_size=n, max_size=n)),
    }
    levels = (*words[:-1], OTHER_LEVEL) if draw(st.booleans()) else tuple(words)
    traits = (
        Trait("a", "categorical", "fit", "a", (names[0],), levels=levels),
        Trait("b", "numeric", "fit", "b", (names[1],)),
        Trait("c", "numeric", "fit", "c", (names[2],), rule="age"),
    )
    conditions = []
    for j in draw(st.lists(st.integers(0, 2), min_size=1, max_size=3, unique=True)):
        kind = draw(st.sampled_from(KINDS[traits[j].kind]))
        numbers = [cell for cell in columns[names[1]] if cell is not None] or [1.0]
        days = [(AS_OF - np.datetime64(day, "us")) // np.timedelta64(1, "D") for day in columns[names[2]] if day]
        ages = st.sampled_from([*map(float, days), *map(float, days), 0.0, -3.0, 365.25])
        values = {0: st.integers(0, len(words) - 2), 1: st.sampled_from(numbers), 2: ages}
        conditions.append({"column": j, "trait": "x", "kind": kind, "value": draw(values[j]), "words": "x"})
    return columns, traits, conditions


@settings(max_examples=300)
@given(tables())
def test_sqlite_finds_the_rows_that_the_rule_finds(some_profile, case):
    columns, traits, conditions = case
    (a, words), (b, numbers), (c, days) = columns.items()
    parsed = {
        a: np.array(words, dtype=object),
        b: np.array([np.nan if cell is None else cell for cell in numbers]),
        c: np.array(["NaT" if day is None else str(day) for day in days], dtype="datetime64[us]"),
    }
    values = encode(parsed, np.full(len(words), AS_OF), traits)

    def spellings(trait, code):
        cells = [cell for cell in dict.fromkeys(words) if cell is not None]
        cells = np.array(cells, dtype=object)
        codes = encode({a: cells}, np.full(len(cells), AS_OF), (trait,))[:, 0]
        return [cell for cell, own in zip(cells, codes, strict=True) if own == code]

    profile = with_rule(some_profile, conditions)
    made = rule_filter(profile, traits, spellings, AS_OF)
    for form in (str, lambda day: f"{day} 00:00:00"):  # dates with and without a time
        stored = {**columns, c: [None if day is None else form(day) for day in days]}
        assert found_by(made.where, stored) == set(np.flatnonzero(profile.rule.holds(values)))
    assert json.loads(json.dumps(made.to_dict(), allow_nan=False))["where"] == made.where


def test_a_profile_without_a_rule_says_so_and_has_no_statement(some_profile):
    made = rule_filter(replace(some_profile, rule=None), (), lambda trait, code: ())
    assert (made.text, made.where, made.to_dict()["where"]) == (NO_RULE, "", None)
    assert made.sql() == f"-- P1 {some_profile.name}: no short rule\n"


def test_what_the_accounts_table_does_not_hold_has_no_sql_and_the_reason_is_told(some_profile):
    visits = Trait("visits", "numeric", "fit", "visits", ("at",), rule="events:count:90")
    founded = Trait("founded", "numeric", "fit", "founded", ("founded",), rule="age")
    condition = {"column": 0, "trait": "x", "kind": "at least", "value": 3.0, "words": "x"}
    profile = with_rule(some_profile, [condition])
    of_events = rule_filter(profile, (visits,), lambda trait, code: (), AS_OF)
    assert not of_events.where and "dated rows" in of_events.why and "no SQL" in of_events.sql()
    undated = rule_filter(profile, (founded,), lambda trait, code: ())
    assert not undated.where and "no date in common" in undated.why
