"""Sensitive columns are named by name only, and who gets selected is compared by group."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from icp.checks import looks_sensitive, selection
from icp.tables import AccountTable, Column

NO_DATE = np.datetime64("NaT", "us")
TIERS = np.array(["A", "B", "C", "D"])


@pytest.mark.parametrize(
    "name",
    [
        "gender", "Sex", "Geschlecht", "contact_gender", "Anrede", "Marital_Status", "marital", "Familienstand", "age",
        "Alter", "age_years", "Alter des Ansprechpartners", "contactAge", "Year_Birth", "DateOfBirth", "DOB",
        "religion", "Konfession", "Nationality", "Staatsangehörigkeit", "disability", "ethnicity", "race",
    ],
)  # fmt: skip
def test_names_of_protected_attributes_are_told(name):
    (found,) = looks_sensitive([Column(name, "trait", "categorical", "demo")])
    assert (found.code, found.severity) == ("ICP313", "note")
    assert list(found.evidence["columns"]) == [name] and f'accounts.sensitive=["{name}"]' in found.message


@pytest.mark.parametrize(
    "name",
    [
        "company_age", "Age of company", "Unternehmensalter", "Alter der Firma", "account age", "website_age",
        "founded", "founded_on", "language", "average_order", "package", "sextant", "Essex", "trace", "races_sponsored",
        "lead_age_days", "days_since_created", "stage", "usage", "page_views", "country", "industry", "employees",
        "email_open_rate", "birthplace_of_brand", "machine age", "Titel", "traceability",
    ],
)  # fmt: skip
def test_names_of_companies_are_left_alone(name):
    assert looks_sensitive([Column(name, "trait", "categorical", "demo")]) == []


def test_columns_that_are_no_traits_are_not_told():
    assert looks_sensitive([Column("gender", "sensitive", "categorical", "declared")]) == []


def held_out(n: int, shares: tuple[float, float], rates: tuple[float, float], seed: int = 0, kind: str = "categorical"):
    """Two groups, the share of each in tier A or B, and its rate of best customers."""
    rng = np.random.default_rng(seed)
    second = np.arange(n) % 2 == 1
    chosen = rng.random(n) < np.where(second, shares[1], shares[0])
    tier = np.where(chosen, rng.choice(TIERS[:2], n), rng.choice(TIERS[2:], n))
    y = (rng.random(n) < np.where(second, rates[1], rates[0])).astype(float)
    cells = pd.Series(np.where(second, "f", "m")).astype("str")
    if kind == "numeric":
        cells = pd.Series(np.where(second, 60.0, 30.0) + rng.integers(0, 9, n))
    if kind == "date":
        cells = pd.Series(np.datetime64("2026-03-31") - np.where(second, 60 * 365, 30 * 365).astype("timedelta64[D]"))
    index = pd.Index([f"A-{i}" for i in range(n)], name="account_id")
    accounts = AccountTable(
        pd.DataFrame({"who": cells.to_numpy()}, index=index),
        (Column("who", "sensitive", kind, "declared"),),
        "demo",
        None,
    )
    return accounts, rng.normal(-1, 1, n), tier, y, np.full(n, np.datetime64("2026-03-31", "us"))


def test_a_group_selected_less_often_at_the_same_rate_is_told():
    (table,), (found,) = selection(*held_out(2000, (0.4, 0.2), (0.2, 0.2)))
    assert (found.code, found.severity, found.column) == ("ICP314", "warning", "who")
    low = {row["group"]: row for row in table["groups"]}["f"]
    assert table["reference"] == "m" and low["n"] == 1000
    assert low["ab_ratio"] == pytest.approx(low["share_ab"] / (1 - 0.6), rel=0.15)
    assert low["ab_ratio_low"] < 0.5 < low["ab_ratio_high"] < 0.8
    assert low["ab_low"] < low["share_ab"] < low["ab_high"]


def test_a_group_whose_observed_rate_is_clearly_lower_is_shown_and_not_told():
    (table,), found = selection(*held_out(2000, (0.4, 0.2), (0.3, 0.12)))
    assert found == []
    assert {row["group"]: row for row in table["groups"]}["f"]["rate_ratio_high"] < 1


@pytest.mark.parametrize("seed", range(20))
def test_equal_selection_is_not_told(seed):
    assert selection(*held_out(600, (0.3, 0.3), (0.2, 0.2), seed))[1] == []


@pytest.mark.parametrize(("kind", "young", "old"), [("numeric", "under", "or more"), ("date", "ago", "ago")])
def test_numbers_and_dates_are_compared_in_ranges(kind, young, old):
    (table,), (found, *_) = selection(*held_out(2000, (0.4, 0.1), (0.2, 0.2), kind=kind))
    names = [row["group"] for row in table["groups"]]
    assert found.code == "ICP314" and len(names) >= 2
    assert any(young in name for name in names) and any(old in name for name in names)


def test_small_groups_are_pooled_and_never_named():
    accounts, margin, tier, y, as_of = held_out(2000, (0.3, 0.3), (0.2, 0.2))
    accounts.frame.loc[accounts.frame.index[:29], "who"] = "rare one"
    accounts.frame.loc[accounts.frame.index[29:49], "who"] = "rare two"
    (table,), _ = selection(accounts, margin, tier, y, as_of)
    assert {row["group"]: row["n"] for row in table["groups"]}["other values"] == table["n_pooled"] == 49
    assert "rare" not in str(table)


def test_one_group_cannot_be_compared():
    accounts, margin, tier, y, as_of = held_out(100, (0.3, 0.3), (0.2, 0.2))
    accounts.frame["who"] = "m"
    tables, (found,) = selection(accounts, margin, tier, y, as_of)
    assert tables == [] and (found.code, found.severity) == ("ICP315", "note")


def test_calibration_within_a_group_is_the_mean_of_its_stated_rates():
    accounts, margin, tier, y, as_of = held_out(400, (0.3, 0.3), (0.2, 0.2))
    (table,), _ = selection(accounts, margin, tier, y, as_of)
    inside = (accounts.frame["who"] == "f").to_numpy()
    row = {row["group"]: row for row in table["groups"]}["f"]
    assert row["mean_propensity"] == pytest.approx((1 / (1 + np.exp(-margin[inside]))).mean())
    assert row["rate"] == y[inside].mean()
