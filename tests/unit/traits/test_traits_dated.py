"""Traits from dated rows: right figures, nothing from the future, each account by itself."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from icp import _history
from icp.errors import TableError
from icp.tables import DatedTable
from icp.traits import dated_values
from icp.traits._dated import dated_traits, top_kinds

KINDS = ("visit", "demo")
START = pd.Timestamp("2025-01-01")


def dated(rows, name="events"):
    frame = pd.DataFrame(rows, columns=["account_id", "at", "kind", "amount"])
    frame = frame.astype({"account_id": "str", "at": "datetime64[us]", "kind": "str", "amount": float})
    return DatedTable(name, frame, "demo.csv", has_kind=True, has_amount=True)


def values(table, ids, as_of, traits=None):
    traits = traits or dated_traits(table, KINDS, 45.0)
    dates = np.array(as_of, dtype="datetime64[us]")
    result = dated_values(table, None, pd.Index(ids, dtype="str"), dates, traits)
    return pd.DataFrame(result, columns=[trait.rule.split(":", 1)[1] for trait in traits])


def test_every_rule_gives_the_figure_it_names():
    table = dated([
        ("a", "2025-01-01", "visit", 10.0),
        ("a", "2025-05-02 09:00", "visit", np.nan),
        ("a", "2025-05-02 17:00", "demo", 30.0),
        ("b", "2025-05-01", "visit", np.nan),
    ])  # fmt: skip
    found = values(table, ["a", "b", "c"], ["2025-06-01"] * 3)
    a, b, c = (found.loc[i] for i in range(3))
    assert (a["count:30"], a["count:90"], a["count:365"]) == (2, 2, 3)
    assert a["days:365"] == 2
    assert a["recency"] == pytest.approx(29 + 7 / 24)
    assert a["tenure"] == 151
    assert a["amount_sum:365"] == 40.0
    assert a["amount_mean:365"] == 20.0
    ages = np.array([151, 29 + 15 / 24, 29 + 7 / 24])
    assert a["decayed:45"] == pytest.approx(np.exp2(-ages / 45).sum())
    assert a["kind:45:demo"] == pytest.approx(np.exp2(-ages[2] / 45))
    assert np.isnan(b["amount_sum:365"])  # it bought something, for an amount not known
    assert np.isnan(b["amount_mean:365"])
    assert c["amount_sum:365"] == 0.0
    assert c["count:365"] == 0.0
    assert np.isnan(c["recency"])


def test_windows_exclude_their_start_and_include_the_as_of_date():
    table = dated([("a", "2025-05-02", "visit", 1.0), ("a", "2025-06-01", "visit", 1.0)])
    assert values(table, ["a"], ["2025-06-01"])["count:30"].item() == 1
    assert values(table, ["a"], ["2025-05-31"])["count:30"].item() == 1
    assert values(table, ["a"], ["2025-05-31"])["count:365"].item() == 1


def test_an_account_without_a_date_has_no_dated_traits():
    assert values(dated([("a", "2025-01-01", "visit", 1.0)]), ["a"], ["NaT"]).isna().all(axis=None)


def test_old_rows_weigh_nothing_and_do_not_overflow():
    found = values(dated([("a", "1900-01-01", "visit", 1.0)]), ["a"], ["2100-01-01"])
    assert found["decayed:45"].item() == 0.0
    assert found["tenure"].item() == 73049


def test_a_missing_table_is_named():
    table = dated([("a", "2025-01-01", "visit", 1.0)])
    with pytest.raises(TableError, match=r"ICP230.*events"):
        dated_values(
            None, None, pd.Index(["a"]), np.array(["2025-01-01"], "datetime64[us]"), dated_traits(table, [], 45)
        )


def test_an_empty_table_gives_zeros():
    found = values(dated([]), ["a"], ["2025-01-01"])
    assert found["count:90"].item() == 0.0
    assert np.isnan(found["recency"].item())


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c"]),
        st.one_of(st.integers(0, 400 * 24), st.sampled_from([24, 2400, 4800])).map(
            lambda hours: START + pd.Timedelta(hours=hours)
        ),
        st.sampled_from([*KINDS, "call", ""]),
        st.sampled_from([0.1, 0.2, 0.3, -0.1, 1e9, float("nan")]),
    ),
    max_size=40,
)
IDS, AS_OF = ["a", "b", "c", "a"], [START + pd.Timedelta(days=n) for n in (100, 200, 300, 350)]


@settings(max_examples=30, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_row_order_of_events_changes_no_byte(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert (
        values(dated(rows), IDS, AS_OF).to_numpy().tobytes() == values(dated(shuffled), IDS, AS_OF).to_numpy().tobytes()
    )


@settings(max_examples=30, deadline=None)
@given(ROWS)
def test_rows_after_the_as_of_date_change_no_byte(rows):
    last = dict(zip(IDS, AS_OF, strict=True))  # the later date of account a
    past = [row for row in rows if row[1] <= last[row[0]]]
    assert values(dated(rows), IDS, AS_OF).to_numpy().tobytes() == values(dated(past), IDS, AS_OF).to_numpy().tobytes()


@settings(max_examples=30, deadline=None)
@given(ROWS)
def test_other_accounts_in_the_batch_change_no_byte(rows):
    together = values(dated(rows), IDS, AS_OF).to_numpy()
    for i, (name, day) in enumerate(zip(IDS, AS_OF, strict=True)):
        assert values(dated(rows), [name], [day]).to_numpy().tobytes() == together[i].tobytes()


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_figures_agree_with_a_plain_loop(rows):
    found = values(dated(rows), IDS, AS_OF)
    for i, (name, day) in enumerate(zip(IDS, AS_OF, strict=True)):
        mine = [row for row in rows if row[0] == name and row[1] <= day]
        month = [row for row in mine if row[1] > day - pd.Timedelta(days=30)]
        year = [row for row in mine if row[1] > day - pd.Timedelta(days=365)]
        assert found["count:30"][i] == len(month)
        assert found["days:365"][i] == len({row[1].date() for row in year})
        demos = [2.0 ** (-((day - row[1]) / pd.Timedelta(days=45))) for row in mine if row[2] == "demo"]
        assert found["kind:45:demo"][i] == pytest.approx(sum(demos))


def test_small_chunks_give_the_same_bytes(monkeypatch):
    generator = np.random.default_rng(0)
    rows = [
        (f"a{n % 7}", START + pd.Timedelta(hours=int(h)), "visit", 0.1 * h)
        for n, h in enumerate(generator.integers(0, 9000, 300))
    ]
    ids, dates = [f"a{n}" for n in range(9)], [START + pd.Timedelta(days=300)] * 9
    whole = values(dated(rows), ids, dates).to_numpy()
    monkeypatch.setattr(_history, "_MAX_PAIRS", 5)
    assert values(dated(rows), ids, dates).to_numpy().tobytes() == whole.tobytes()


def test_kinds_of_the_future_or_of_few_accounts_get_no_trait():
    rows = [(name, "2025-01-01", "visit", 1.0) for name in "abc"]
    rows += [("a", "2025-01-01", "demo", 1.0)] * 9 + [(name, "2025-12-01", "call", 1.0) for name in "abc"] * 9
    as_of = np.array(["2025-06-01"] * 3, dtype="datetime64[us]")
    assert top_kinds(dated(rows), pd.Index(list("abc")), as_of, 12, 3) == ["visit"]
    assert top_kinds(dated(rows), pd.Index(list("abc")), as_of, 12, 1) == ["demo", "visit"]
    assert top_kinds(dated(rows), pd.Index(list("abc")), as_of, 1, 1) == ["demo"]


def test_half_a_million_rows_take_seconds():
    generator = np.random.default_rng(1)
    n = 541_909
    frame = pd.DataFrame({
        "account_id": pd.array(generator.integers(0, 4000, n).astype(str), dtype="str"),
        "at": (np.datetime64("2024-01-01", "us") + generator.integers(0, 3 * 10**13, n)).astype("datetime64[us]"),
        "kind": pd.array(generator.choice(["x", "y"], n), dtype="str"),
        "amount": generator.normal(size=n),
    })  # fmt: skip
    table = DatedTable("outcomes", frame, "demo", has_kind=True, has_amount=True)
    ids = pd.Index(np.arange(4000).astype(str), dtype="str")
    dates = np.datetime64("2024-06-01", "us") + generator.integers(0, 10**13, 4000)
    began = pd.Timestamp.now()
    found = dated_values(None, table, ids, dates, dated_traits(table, ["x", "y"], 45.0))
    assert np.isfinite(found[:, 0]).all()
    assert (pd.Timestamp.now() - began).total_seconds() < 15
