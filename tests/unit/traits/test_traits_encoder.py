"""The encoder: which traits there are, what they are called, and that serving gives the same numbers."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from icp.errors import ConfigError, TableError
from icp.tables import OTHER_LEVEL, AccountTable, Column, DatedTable, Trait
from icp.traits import TraitEncoder, encode

N = 60


def accounts(**extra):
    ids = pd.Index([f"A-{n:03d}" for n in range(N)], dtype="str", name="account_id")
    data = {
        "size": np.arange(N, dtype=float),
        "sector": pd.array(["Steel"] * 30 + ["Toys"] * 20 + ["Bees"] * 4 + ["Wine"] * 4 + [None] * 2, dtype="str"),
        "shop": pd.array(["yes", "no"] * 30, dtype="str"),
        "founded": pd.date_range("2020-01-01", periods=N, freq="D").as_unit("us"),
        "clicks": np.arange(N, dtype=float) % 5,
        "same": np.ones(N),
        "secret": np.arange(N, dtype=float),
    }
    columns = (
        Column("size", "trait", "numeric", "", unit="EUR"),
        Column("sector", "trait", "categorical", ""),
        Column("shop", "trait", "boolean", ""),
        Column("founded", "trait", "date", ""),
        Column("clicks", "engagement", "numeric", ""),
        Column("same", "trait", "numeric", ""),
        Column("secret", "sensitive", "numeric", ""),
    )
    frame = pd.DataFrame({**data, **extra}, index=ids)
    return AccountTable(frame, columns, "demo.csv", pd.Timestamp("2021-01-01"))


def dates(table, day="2021-01-01"):
    return pd.Series(pd.Timestamp(day), table.frame.index).astype("datetime64[us]")


def table_of(name, n_accounts=20):
    frame = pd.DataFrame({
        "account_id": pd.array([f"A-{n:03d}" for n in range(n_accounts)] * 2, dtype="str"),
        "at": pd.date_range("2020-10-01", periods=2 * n_accounts, freq="D").as_unit("us"),
        "kind": pd.array(["visit"] * n_accounts + ["reply"] * n_accounts, dtype="str"),
        "amount": np.arange(2.0 * n_accounts),
    })  # fmt: skip
    return DatedTable(name, frame, "demo.csv", has_kind=True, has_amount=name == "outcomes")


def fitted(table=None, **options):
    table = table or accounts()
    return TraitEncoder(**options).fit(table, as_of=dates(table))


def test_columns_become_traits_by_role_and_kind():
    traits = {trait.name: trait for trait in fitted().traits_}
    assert list(traits) == ["size", "sector", "shop", "days_since_founded", "clicks"]
    assert traits["size"].unit == "EUR"
    assert traits["clicks"].side == "engagement"
    assert (traits["days_since_founded"].rule, traits["days_since_founded"].unit) == ("age", "days")
    assert traits["days_since_founded"].label == "founded"


def test_constant_sensitive_and_excluded_columns_are_left_out():
    table = accounts()
    encoder = TraitEncoder().fit(table, table_of("events"), as_of=dates(table), exclude={"size", "events"})
    sources = {source for trait in encoder.traits_ for source in trait.sources}
    assert sources == {"sector", "shop", "founded", "clicks"}


def test_levels_go_by_count_then_name_and_rare_ones_share_the_last():
    traits = {trait.name: trait for trait in fitted().traits_}
    assert traits["sector"].levels == ("Steel", "Toys", OTHER_LEVEL)
    assert traits["shop"].levels == ("no", "yes")
    assert {t.name: t for t in fitted(min_level=4).traits_}["sector"].levels == ("Steel", "Toys", "Bees", "Wine")


def test_spellings_that_differ_by_case_or_blanks_are_one_level_called_as_most_have_it():
    table = accounts(
        sector=pd.array(["Live chat"] * 20 + ["live  Chat"] * 15 + ["LIVECHAT"] * 3 + ["Fair"] * 22, dtype="str")
    )
    encoder = fitted(table)
    assert {t.name: t for t in encoder.traits_}["sector"].levels == ("Live chat", "Fair")
    new = accounts(sector=pd.array(["livE chat"] * 30 + ["FAIR"] * 20 + ["fare"] * 10, dtype="str"))
    words = encoder.transform(new, as_of=dates(new)).frame()["sector"]
    assert words.value_counts().to_dict() == {"Live chat": 30, "Fair": 20}
    assert words.isna().sum() == 10


def test_equally_frequent_spellings_are_called_by_the_first_in_order():
    table = accounts(sector=pd.array(["google"] * 20 + ["Google"] * 20 + ["Bing"] * 20, dtype="str"))
    assert {t.name: t for t in fitted(table).traits_}["sector"].levels == ("Google", "Bing")


def test_a_stored_spelling_is_found_by_itself_first():
    old = Trait("s", "categorical", "fit", "s", ("s",), levels=("Google", "google", OTHER_LEVEL))
    cells = np.array(["google", "Google", "GOOGLE", "other", None], dtype=object)
    codes = encode({"s": cells}, np.full(5, np.datetime64("NaT", "us")), (old,))[:, 0]
    np.testing.assert_array_equal(codes, [1, 0, 0, 2, np.nan])


def test_labels_are_words_and_currencies_are_units():
    table = accounts(annual_revenue_eur=np.arange(N, dtype=float), LeadScore=np.arange(N, dtype=float))
    extra = (Column("annual_revenue_eur", "trait", "numeric", ""), Column("LeadScore", "trait", "numeric", ""))
    traits = {
        t.name: t for t in fitted(AccountTable(table.frame, (*table.columns, *extra), "demo", table.as_of)).traits_
    }
    assert (traits["annual_revenue_eur"].label, traits["annual_revenue_eur"].unit) == ("annual revenue", "EUR")
    assert traits["LeadScore"].label == "Lead Score"


def test_unseen_values_are_rare_ones_if_there_are_any_else_not_known():
    table = accounts()
    encoder = fitted(table)
    strange = accounts(sector=pd.array(["Moon"] * N, dtype="str"), shop=pd.array(["maybe"] * N, dtype="str"))
    found = encoder.transform(strange, as_of=dates(strange)).frame()
    assert (found["sector"] == OTHER_LEVEL).all()
    assert found["shop"].isna().all()


def test_no_trait_has_more_levels_than_trees_take():
    table = accounts(sector=pd.array([f"s{n}" for n in range(N)], dtype="str"))
    big = pd.concat([table.frame] * 20)
    big["sector"] = pd.array([f"s{n % 600:03d}" for n in range(len(big))], dtype="str")
    wide = AccountTable(big, table.columns, "demo", table.as_of)
    levels = {t.name: t for t in fitted(wide, min_level=1).traits_}["sector"].levels
    assert len(levels) == 254
    assert levels[-1] == OTHER_LEVEL


def test_a_date_after_the_as_of_date_is_not_known():
    table = accounts()
    encoder = fitted(table)
    found = encoder.transform(table, as_of=dates(table, "2020-01-11")).frame()["days_since_founded"]
    assert found[:11].tolist() == list(range(10, -1, -1))
    assert found[11:].isna().all()


def test_events_are_engagement_and_outcomes_are_fit():
    table = accounts()
    encoder = TraitEncoder(half_life_days=30).fit(table, table_of("events"), table_of("outcomes"), as_of=dates(table))
    by_rule = {trait.rule: trait for trait in encoder.traits_ if ":" in trait.rule}
    assert {trait.side for rule, trait in by_rule.items() if rule.startswith("events:")} == {"engagement"}
    assert {trait.side for rule, trait in by_rule.items() if rule.startswith("outcomes:")} == {"fit"}
    assert by_rule["events:count:90"].label == "events in the last 90 days"
    assert by_rule["events:kind:30:visit"].sources == ("events",)
    assert "outcomes:amount_sum:365" in by_rule
    assert "events:amount_sum:365" not in by_rule


def test_future_rows_change_no_trait():
    table = accounts()
    events = table_of("events")
    later = events.frame.assign(at=events.frame["at"] + pd.Timedelta(days=500), kind="unheard of")
    more = DatedTable("events", pd.concat([events.frame, later], ignore_index=True), "demo", True, False)
    now, then = (TraitEncoder(min_level=1).fit(table, each, as_of=dates(table)) for each in (events, more))
    assert now.traits_ == then.traits_
    np.testing.assert_array_equal(
        now.transform(table, events, as_of=dates(table)).values, then.transform(table, more, as_of=dates(table)).values
    )


def test_an_unlucky_column_name_does_not_collide():
    table = accounts(days_since_founded=np.arange(N, dtype=float))
    columns = (*table.columns, Column("days_since_founded", "trait", "numeric", ""))
    names = [t.name for t in fitted(AccountTable(table.frame, columns, "demo", table.as_of)).traits_]
    assert len(set(names)) == len(names)
    assert "days_since_founded_2" in names


def test_traits_survive_json_and_serve_the_same_bytes_one_row_at_a_time():
    table = accounts()
    encoder = fitted(table)
    whole = encoder.transform(table, as_of=dates(table)).values
    traits = [Trait.from_dict(trait.to_dict()) for trait in encoder.traits_]
    cells = {name: table.frame[name].to_numpy() for name in ("size", "clicks", "founded")}
    for name in ("sector", "shop"):
        cells[name] = np.array([None if pd.isna(cell) else str(cell) for cell in table.frame[name]], dtype=object)
    now = dates(table).to_numpy("datetime64[us]")
    rows = [encode({k: v[i : i + 1] for k, v in cells.items()}, now[i : i + 1], traits) for i in range(N)]
    assert np.vstack(rows).tobytes() == whole.tobytes()


def test_encoding_no_rows_gives_no_rows():
    encoder = fitted()
    cells = {name: np.array([], dtype=object) for name in ("sector", "shop")}
    cells |= {"size": np.array([]), "clicks": np.array([]), "founded": np.array([], dtype="datetime64[us]")}
    assert encode(cells, np.array([], dtype="datetime64[us]"), encoder.traits_).shape == (0, 5)


def test_missing_columns_are_all_named():
    table = accounts()
    encoder = fitted(table)
    less = AccountTable(table.frame.drop(columns=["size", "sector"]), table.columns, "new.csv", table.as_of)
    with pytest.raises(TableError) as caught:
        encoder.transform(less, as_of=dates(less))
    assert [problem.column for problem in caught.value.problems] == ["size", "sector"]


def test_bad_parameters_are_all_named():
    with pytest.raises(ConfigError) as caught:
        fitted(min_level=0, half_life_days=-1.0)
    assert [problem.code for problem in caught.value.problems] == ["ICP231", "ICP231"]


def test_the_encoder_clones():
    assert clone(TraitEncoder(min_level=3)).get_params()["min_level"] == 3


def test_accounts_with_nothing_to_tell_give_no_traits():
    table = accounts()
    bare = AccountTable(table.frame[["same"]], (table.column("same"),), "demo", None)
    assert fitted(bare).traits_ == ()
    assert fitted(bare).transform(bare, as_of=dates(bare)).values.shape == (N, 0)


def test_a_trait_that_tells_a_handful_of_accounts_apart_is_left_out():
    frame = pd.concat([accounts().frame] * 20)
    frame["same"] = np.r_[np.zeros(1195), np.ones(5)]
    frame["size"] = np.r_[np.full(1180, np.nan), np.ones(20)]
    names = [t.name for t in fitted(AccountTable(frame, accounts().columns, "demo", None)).traits_]
    assert "same" not in names
    assert "size" in names


def test_text_in_columns_of_pandas_is_read_as_the_same_text_in_objects():
    sector = Trait("sector", "categorical", "fit", "sector", ("sector",), levels=("Steel", "Toys", OTHER_LEVEL))
    cells, nowhere = ["Steel", " toys", None, "Wine"], np.full(4, "NaT", dtype="datetime64[us]")
    objects = encode({"sector": np.array(cells, dtype=object)}, nowhere, (sector,))
    columns = encode({"sector": pd.Series(cells, dtype="str").array}, nowhere, (sector,))
    np.testing.assert_array_equal(objects, [[0.0], [1.0], [np.nan], [2.0]])
    np.testing.assert_array_equal(columns, objects)
