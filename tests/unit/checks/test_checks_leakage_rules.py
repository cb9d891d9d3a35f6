"""Each kind of evidence speaks where it should, and keeps silent on the honest column that looks most like it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from icp.checks import grouped_rows, leakage
from icp.checks._copies import undeclared_groups
from icp.checks._order import running_numbers
from icp.tables import AccountTable, Column, DatedTable, Trait, TraitTable

N = 3000
AS_OF = pd.Timestamp("2026-03-31")


@pytest.fixture
def rng():
    return np.random.default_rng(11)


@pytest.fixture
def best(rng):
    return rng.random(N) < 0.12


def accounts_of(columns, roles=None, reasons=None):
    """A table of these columns: floats, dates, or words; and the traits that reading would make of it."""
    roles, reasons = roles or {}, reasons or {}
    index = pd.Index([f"A-{i}" for i in range(len(next(iter(columns.values()))))])
    frame = pd.DataFrame(index=index)
    known, traits, values = [Column("account_id", "id", "identifier", "")], [], []
    for name, data in columns.items():
        series = pd.Series(np.asarray(data), index=index)
        frame[name] = series.astype("str").where(series.notna()) if series.dtype == object else series
        kind = {"M": "date", "f": "numeric"}.get(frame[name].dtype.kind, "categorical")
        role = roles.get(name, "trait")
        if role == "ignored" and reasons.get(name) == "id":
            kind = "identifier"
        known.append(Column(name, role, kind, reasons.get(name, ""), n_distinct=frame[name].nunique()))
        if role != "trait":
            continue
        if kind == "date":
            age = (AS_OF - frame[name]) / pd.Timedelta(days=1)
            traits.append(Trait(f"days_since_{name}", "numeric", "fit", name, (name,), "age"))
            values.append(age.where(age >= 0).to_numpy())
        elif kind == "numeric":
            traits.append(Trait(name, "numeric", "fit", name, (name,)))
            values.append(frame[name].to_numpy())
        else:
            codes, levels = pd.factorize(frame[name])
            traits.append(Trait(name, "categorical", "fit", name, (name,), levels=tuple(map(str, levels))))
            values.append(np.where(codes < 0, np.nan, codes))
    X = np.column_stack(values) if values else np.empty((len(index), 0))
    return AccountTable(frame, tuple(known), "x.csv", AS_OF), TraitTable(X, tuple(traits), index)


def as_of_of(accounts):
    return pd.Series(AS_OF, index=accounts.frame.index)


def rules(findings, column):
    return next((f.evidence["rules"] for f in findings if f.column == column and f.code == "ICP301"), [])


def days(rng, low, high, n=N):
    return (AS_OF + pd.to_timedelta(rng.integers(low, high, n), unit="D")).to_numpy()


def test_values_that_hold_many_winners_and_hardly_anyone_else_speak(rng, best):
    leak = np.where(best & (rng.random(N) < 0.6), "handed over", np.where(rng.random(N) < 0.02, "handed over", "open"))
    accounts, traits = accounts_of({"step": leak.astype(object)})
    quarantined, findings = leakage(accounts, traits, best.astype(float))
    assert quarantined == {"step"} and rules(findings, "step") == ["ICP304"]


def test_previous_buyers_who_buy_again_are_honest(rng, best):
    """A fifth of the best bought before and one in seventy of the others: the strongest honest group we know of."""
    again = np.where(rng.random(N) < np.where(best, 0.20, 0.0135), "success", "none").astype(object)
    accounts, traits = accounts_of({"last_campaign": again})
    assert leakage(accounts, traits, best.astype(float))[0] == frozenset()


def test_a_value_that_fills_most_cells_does_not_hide_the_rest(rng, best):
    money = np.where(best & (rng.random(N) < 0.4), rng.lognormal(8, 1, N), 0.0)
    accounts, traits = accounts_of({"billed": money})
    quarantined, findings = leakage(accounts, traits, best.astype(float))
    assert quarantined == {"billed"} and "ICP304" in rules(findings, "billed")


@pytest.mark.parametrize("filled_of_best, filled_of_others", [(0.6, 0.03), (0.0, 0.4), (0.9, 0.2)])
def test_being_filled_speaks(rng, best, filled_of_best, filled_of_others):
    filled = rng.random(N) < np.where(best, filled_of_best, filled_of_others)
    accounts, traits = accounts_of({"town": np.where(filled, rng.normal(size=N), np.nan)})
    quarantined, findings = leakage(accounts, traits, best.astype(float))
    assert quarantined == {"town"} and rules(findings, "town")[0] == "ICP305"


def test_a_form_that_the_interested_fill_in_more_often_is_honest(rng, best):
    filled = rng.random(N) < np.where(best, 0.9, 0.6)
    accounts, traits = accounts_of({"town": np.where(filled, rng.normal(size=N), np.nan)})
    assert leakage(accounts, traits, best.astype(float))[0] == frozenset()


def test_dates_after_the_as_of_date_speak_where_winners_have_them(rng, best):
    signed = np.where(best & (rng.random(N) < 0.5), days(rng, 1, 90), np.datetime64("NaT"))
    renewal = np.where(rng.random(N) < 0.3, days(rng, 1, 400), days(rng, -400, 0))
    accounts, traits = accounts_of({"signed": signed, "renewal": renewal})
    quarantined, findings = leakage(accounts, traits, best.astype(float), as_of=as_of_of(accounts))
    assert quarantined == {"signed"} and rules(findings, "signed") == ["ICP306"]


@pytest.mark.parametrize("of_best, of_others, said", [(0.6, 0.1, ["last_contact"]), (0.3, 0.2, [])])
def test_dates_that_outlast_all_others_mostly_of_winners_ask_for_an_as_of_date(rng, best, of_best, of_others, said):
    late = rng.random(N) < np.where(best, of_best, of_others)
    columns = {
        "founded": days(rng, -9000, -300),
        "created": days(rng, -900, 0),
        "last_contact": np.where(late, days(rng, 1, 180), days(rng, -400, 0)),
    }
    accounts, traits = accounts_of(columns)
    quarantined, findings = leakage(accounts, traits.rows(np.ones(N, dtype=bool)), best.astype(float))
    assert [f.column for f in findings if (f.code, f.severity) == ("ICP306", "warning")] == said
    assert "last_contact" not in quarantined


def test_a_column_filled_once_the_outcome_is_known_speaks(rng, best):
    columns = {"close_day": days(rng, -300, 0), "created": days(rng, -900, -300)}
    accounts, traits = accounts_of(columns)
    still_open, _ = accounts_of({"close_day": np.full(N, "NaT", "datetime64[ns]"), "created": days(rng, -900, -300)})
    quarantined, findings = leakage(accounts, traits, best.astype(float), unlabelled=still_open)
    assert quarantined == {"close_day"} and rules(findings, "close_day") == ["ICP306"]


def test_a_column_that_changes_for_winners_in_the_later_table_speaks(rng, best):
    stage = rng.choice(["new", "warm"], N).astype(object)
    size = rng.normal(size=N)
    accounts, traits = accounts_of({"stage": stage, "size": size})
    later = accounts.frame.copy()
    later["stage"] = np.where(best & (rng.random(N) < 0.7), "done", stage)
    later["size"] = np.where(rng.random(N) < 0.5, size + 1, size)
    seen = AccountTable(accounts.frame, accounts.columns, "x.csv", AS_OF, later=later)
    quarantined, findings = leakage(seen, traits, best.astype(float))
    assert quarantined == {"stage"} and rules(findings, "stage") == ["ICP306"]


def test_a_column_filled_only_together_with_a_suspect_is_one_unless_the_suspect_is_kept(rng, best):
    touched = rng.random(N) < 0.7
    tags = np.where(touched, np.where(best, "will sign", "no"), None)
    hint = np.where(touched & (rng.random(N) < 0.8), best + rng.normal(0, 0.8, N), np.nan)
    form = np.where(rng.random(N) < 0.6, best + rng.normal(0, 0.8, N), np.nan)
    accounts, traits = accounts_of({"tags": tags, "hint": hint, "form": form})
    quarantined, findings = leakage(accounts, traits, best.astype(float))
    assert quarantined == {"tags", "hint"} and rules(findings, "hint") == ["ICP309"]
    assert leakage(accounts, traits, best.astype(float), keep=["tags"])[0] == frozenset()


def test_a_score_that_has_seen_the_outcome_is_called_one(rng, best):
    seen = best + rng.normal(0, 0.7, N)
    accounts, traits = accounts_of({"vendor_score": seen})
    assert rules(leakage(accounts, traits, best.astype(float))[1], "vendor_score")[0] == "ICP308"
    accounts, traits = accounts_of(
        {"vendor_score": seen, "size": rng.normal(size=N)}, {"vendor_score": "current_score"}
    )
    quarantined, findings = leakage(accounts, traits, best.astype(float))
    assert quarantined == frozenset() and [(f.code, f.severity) for f in findings] == [("ICP308", "warning")]


def test_a_score_that_has_not_is_left_alone(rng, best):
    accounts, traits = accounts_of({"vendor_score": best + rng.normal(0, 1.6, N)})
    assert leakage(accounts, traits, best.astype(float)) == (frozenset(), [])


def test_ids_given_at_signing_are_noted_though_no_model_reads_them(rng, best):
    numbers = np.where(best & (rng.random(N) < 0.6), 9_000_000 + np.arange(N), 100 + np.arange(N))
    cells = np.array([f"C{n}" for n in numbers], dtype=object)
    accounts, traits = accounts_of(
        {"number": cells, "size": rng.normal(size=N)}, {"number": "ignored"}, {"number": "id"}
    )
    quarantined, findings = leakage(accounts, traits, best.astype(float))
    assert quarantined == {"number"} and rules(findings, "number") == ["ICP307"]
    assert [f.severity for f in findings] == ["note"]


def test_a_file_sorted_by_the_outcome_is_said_and_one_in_order_of_time_is_not(rng):
    accounts, traits = accounts_of({"size": rng.normal(size=N)})
    ordered = np.sort(rng.random(N) < 0.1)[::-1].astype(float)
    codes = {(f.code, f.severity) for f in leakage(accounts, traits, ordered)[1]}
    assert codes == {("ICP307", "warning")}
    drifting = (rng.random(N) < np.linspace(0.03, 0.5, N)).astype(float)
    assert leakage(accounts, traits, drifting)[1] == []


def test_ids_without_running_numbers_have_none():
    assert running_numbers(pd.Series(["kite", "owl", "fox"])) is None
    assert running_numbers(pd.Series(["x-7", "x-7", "x-7", "x-8"])) is None


@pytest.mark.parametrize("of_best, of_others, severity", [(0.8, 0.1, "warning"), (0.3, 0.3, "note")])
def test_events_after_the_as_of_date_are_counted(rng, best, of_best, of_others, severity):
    accounts, traits = accounts_of({"size": rng.normal(size=N)})
    some = accounts.frame.index[rng.random(N) < np.where(best, of_best, of_others)]
    frame = pd.DataFrame({"account_id": some, "at": AS_OF + pd.Timedelta(days=9), "kind": "call", "amount": np.nan})
    events = DatedTable("events", frame, "e.csv", True, False)
    found = leakage(accounts, traits, best.astype(float), as_of=as_of_of(accounts), events=events)[1]
    assert [(f.code, f.severity, f.n_rows) for f in found] == [("ICP311", severity, len(some))]


def test_events_on_the_as_of_day_are_not_late(rng, best):
    accounts, traits = accounts_of({"size": rng.normal(size=N)})
    at = AS_OF + pd.Timedelta(hours=20)
    frame = pd.DataFrame({"account_id": accounts.frame.index, "at": at, "kind": "call", "amount": np.nan})
    events = DatedTable("events", frame, "e.csv", True, False)
    assert leakage(accounts, traits, best.astype(float), as_of=as_of_of(accounts), events=events)[1] == []


def test_declared_columns_are_named_with_what_they_would_have_given_away(rng, best):
    accounts, traits = accounts_of(
        {"closed": best.astype(float), "size": rng.normal(size=N)}, {"closed": "known_after"}
    )
    quarantined, (finding,) = leakage(accounts, traits, best.astype(float))
    assert quarantined == frozenset() and (finding.code, finding.severity) == ("ICP312", "note")
    assert finding.evidence["columns"]["closed"]["auc"] > 0.99


def test_rows_of_one_customer_in_a_column_nobody_declared_are_a_warning(rng):
    customer = np.repeat(np.arange(N // 2), 2)
    best = (rng.random(N // 2) < 0.2)[customer]
    domain = np.array([f"www.c{i}.test" for i in customer], dtype=object)
    chance = rng.permutation(domain)
    accounts, _ = accounts_of({"domain": domain, "chance": chance}, {"domain": "ignored", "chance": "ignored"})
    assert [(f.code, f.column) for f in undeclared_groups(accounts, best)] == [("ICP310", "domain")]


def test_grouped_rows_are_counted_and_single_ones_are_not_mentioned():
    (finding,) = grouped_rows(np.array([0, 0, 1, 2, 2, 2]), by_parent=True)
    assert (finding.code, finding.severity, finding.n_rows) == ("ICP310", "note", 5)
    assert finding.evidence["n_groups"] == 2
    assert grouped_rows(np.arange(4), by_parent=False) == []


def test_values_that_give_the_answer_away_are_counted_as_a_reader_would(rng):
    best = rng.random(N) < 0.12
    stage = np.where(best, np.where(rng.random(N) < 0.8, "done", "started"), None)
    stage = np.where(~best & (rng.random(N) < 0.11), "open", stage)
    accounts, traits = accounts_of({"stage": stage, "size": rng.normal(size=N)})
    _, findings = leakage(accounts, traits, best.astype(float))
    told = next(one for one in findings if one.column == "stage")
    assert f"({best.sum():,} of {best.sum():,})" in told.message and "are always those of best" in told.message
