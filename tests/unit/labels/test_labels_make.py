"""Labels: each recipe finds the accounts planted as best, and says what it left out."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from icp.errors import ConfigError, TableError
from icp.labels import BestCustomerLabeler, label_columns, make_labels
from icp.options import LabelOptions
from icp.tables import AccountTable, DatedTable

AS_OF = pd.Timestamp("2025-01-01")


def accounts(ids, observed_at=None, **columns):
    index = pd.Index(list(ids), dtype="str", name="account_id")
    data = {
        name: pd.array(cells, dtype="str") if isinstance(cells[0], str) else cells for name, cells in columns.items()
    }
    own = None if observed_at is None else pd.Series(pd.to_datetime(observed_at), index).astype("datetime64[us]")
    return AccountTable(pd.DataFrame(data, index=index), (), "demo.csv", None, own)


def outcomes(rows, *, has_kind=True, has_amount=True, name="outcomes"):
    frame = pd.DataFrame(rows, columns=["account_id", "at", "kind", "amount"])
    frame = frame.astype({"account_id": "str", "at": "datetime64[us]", "kind": "str", "amount": float})
    return DatedTable(name, frame, "deals.csv", has_kind, has_amount)


def codes(found):
    return {finding.code for finding in found.findings}


def raises(code, *args, error=ConfigError, **kwargs):
    with pytest.raises(error) as caught:
        make_labels(*args, **kwargs)
    assert code in [problem.code for problem in caught.value.problems]
    return str(caught.value)


# flag


@pytest.mark.parametrize(
    ("cells", "positive"),
    [
        (["1", "0", "1"], 1),
        (["1.0", "0.0", "1"], "1"),
        (["TRUE", "false", "True"], True),
        (["Yes", "no", "yes"], None),
        (["1", "0", "1"], None),
        (["Won ", "Lost", " Won"], "Won"),
        (["gold", "tin", "silver"], ["gold", "silver"]),
    ],
)
def test_flag_compares_text_numbers_and_booleans(cells, positive):
    found = make_labels(LabelOptions(column="c", positive=positive), accounts("xyz", c=cells), as_of=None)
    assert found.label.tolist() == [1.0, 0.0, 1.0]
    assert found.as_of.isna().all()


def test_flag_leaves_empty_and_unlisted_values_unlabelled():
    table = accounts("vwxyz", c=["Won", "Lost", "Open", "", " "])
    table.frame.loc["z", "c"] = None
    found = make_labels(LabelOptions(column="c", positive="Won", negative="Lost"), table, as_of=None)
    np.testing.assert_array_equal(found.label, [1.0, 0.0, np.nan, np.nan, np.nan])
    definition = found.definition
    assert (definition.n_attained, definition.n_attrited, definition.n_unlabelled) == (1, 1, 3)
    assert codes(found) == {"ICP222"}


def test_flag_warns_of_open_deals_taken_as_not_best():
    table = accounts("xyz", c=["Won", "Lost", "Engaging"])
    found = make_labels(LabelOptions(column="c", positive="Won"), table, as_of=None)
    assert found.label.tolist() == [1.0, 0.0, 0.0]
    assert codes(found) == {"ICP229"}


def test_flag_cannot_guess_which_value_is_best():
    block = raises("ICP213", LabelOptions(column="c"), accounts("xyz", c=["gold", "tin", "tin"]), as_of=None)
    assert "tin (2), gold (1)" in block
    raises("ICP213", LabelOptions(column="c"), accounts("xyz", c=["yes", "no", "perhaps"]), as_of=None)


def test_flag_names_a_value_that_never_occurs():
    block = raises("ICP214", LabelOptions(column="c", positive="won"), accounts("xy", c=["Won", "Lost"]), as_of=None)
    assert "Did you mean 'Won'?" in block
    options = LabelOptions(column="c", positive="Won", negative=["Lots"])
    block = raises("ICP214", options, accounts("xyz", c=["Won", "Lost", "Open"]), as_of=None)
    assert "Did you mean 'Lost'?  Set labels.negative to values that occur." in block


def test_flag_says_how_many_cells_are_not_known():
    table = accounts("wxyz", c=["gold", None, None, ""])
    block = raises("ICP214", LabelOptions(column="c", positive="none"), table, as_of=None)
    assert "gold (1); 3 cells are not known: empty, or a word such as none, n/a or -" in block
    block = raises("ICP214", LabelOptions(column="c", positive="gold", negative="none"), table, as_of=None)
    assert "Set labels.negative" in block
    table = accounts("vwxyz", c=["gold", "tin", None, None, ""])
    (finding,) = make_labels(LabelOptions(column="c", positive="gold", negative="tin"), table, as_of=None).findings
    assert finding.code == "ICP222"
    assert "3 of these cells are not known: empty, or a word such as none, n/a or -." in finding.message
    (finding,) = make_labels(
        LabelOptions(column="c", positive="1", negative="0"), accounts("xyz", c=["1", "0", "2"]), as_of=None
    ).findings
    assert "not known" not in finding.message


def test_flag_refuses_a_value_on_both_sides():
    raises("ICP215", LabelOptions(column="c", positive="1", negative=[0, 1]), accounts("xy", c=["1", "0"]), as_of=None)


def test_flag_uses_each_rows_own_date_and_else_the_common_one():
    table = accounts("xy", observed_at=["2024-05-01", None], c=["1", "0"])
    found = make_labels(LabelOptions(column="c"), table, as_of=AS_OF)
    assert found.as_of.tolist() == [pd.Timestamp("2024-05-01"), AS_OF]


def test_amounts_belong_to_best_customers_only():
    table = accounts("xy", c=["1", "0"], spend=[10.0, 20.0])
    found = make_labels(LabelOptions(column="c", amount="spend"), table, as_of=None)
    np.testing.assert_array_equal(found.amount, [10.0, np.nan])


# won


DEALS = outcomes([
    ("early", "2024-12-01", "Won", 5.0), ("early", "2025-02-01", "Won", 5.0),
    ("edge", "2025-01-01", "Won", 5.0),
    ("won", "2025-02-01", "Lost", 1.0), ("won", "2025-03-01", "Won", 7.0), ("won", "2025-04-01", "Won", np.nan),
    ("last", "2025-06-30", "Won", np.nan),
    ("late", "2025-07-01", "Won", 5.0),
    ("lost", "2025-02-01", "Lost", np.nan),
    ("open", "2025-02-01", "Lost", 1.0), ("open", "2025-02-02", "Open", 1.0),
])  # fmt: skip
NAMES = ["early", "edge", "won", "last", "late", "lost", "open", "none"]


def test_won_reads_the_window_and_nothing_else():
    found = make_labels(LabelOptions(recipe="won", positive="Won"), accounts(NAMES, a=["x"] * 8), DEALS, as_of=AS_OF)
    expected = [np.nan, np.nan, 1, 1, 0, 0, np.nan, 0]
    np.testing.assert_array_equal(found.label, expected)
    np.testing.assert_array_equal(found.amount, [np.nan, np.nan, 7.0, np.nan, np.nan, np.nan, np.nan, np.nan])
    assert found.definition.n_eligible == 6
    assert found.definition.window_days == 180
    assert found.definition.text == "first has an outcome Won in the 180 days after 2025-01-01"
    assert codes(found) == {"ICP221", "ICP222"}
    json.dumps(found.definition.to_dict(), allow_nan=False)


def test_won_guesses_the_winning_kind():
    guessed, said = (
        make_labels(LabelOptions(recipe="won", positive=p), accounts(NAMES, a=["x"] * 8), DEALS, as_of=AS_OF)
        for p in (None, "Won")
    )
    pd.testing.assert_series_equal(guessed.label, said.label)


def test_won_with_negatives_listed_leaves_untouched_accounts_unlabelled():
    options = LabelOptions(recipe="won", positive="Won", negative="Lost")
    found = make_labels(options, accounts(NAMES, a=["x"] * 8), DEALS, as_of=AS_OF)
    np.testing.assert_array_equal(found.label, [np.nan, np.nan, 1, 1, np.nan, 0, np.nan, np.nan])
    told = {finding.message.split(" accounts have ")[1][:4]: finding.n_rows for finding in found.findings[1:]}
    assert told == {"only": 1, "no o": 2}  # "open" is undecided; "late" and "none" have nothing in the window


def test_won_without_kinds_takes_every_outcome_for_a_win():
    deals = outcomes([("x", "2025-02-01", "", 1.0)], has_kind=False)
    found = make_labels(LabelOptions(recipe="won"), accounts("xy", a=["p", "q"]), deals, as_of=AS_OF)
    assert found.label.tolist() == [1.0, 0.0]
    raises("ICP232", LabelOptions(recipe="won", positive="Won"), accounts("xy", a=["p", "q"]), deals, as_of=AS_OF)


def test_rows_with_their_own_date_have_their_own_window_and_censored_ones_no_label():
    table = accounts("xxyz", observed_at=["2025-01-01", "2025-02-15", "2025-02-01", "2025-05-20"], a=["p"] * 4)
    deals = outcomes([("x", "2025-02-01", "", 1.0), ("w", "2025-06-01", "", 1.0)], has_kind=False)
    found = make_labels(LabelOptions(recipe="won", window="90d"), table, deals, as_of=pd.Timestamp("2025-05-20"))
    np.testing.assert_array_equal(found.label, [1.0, np.nan, 0.0, np.nan])  # won before; not won; window not over
    assert codes(found) == {"ICP220", "ICP221", "ICP225"}


def test_a_window_that_ends_after_the_data_is_said():
    deals = outcomes([("x", "2025-02-01", "Won", 1.0), ("y", "2025-02-01", "Lost", 1.0)])
    found = make_labels(LabelOptions(recipe="won"), accounts("xy", a=["p", "q"]), deals, as_of=AS_OF)
    assert "ICP228" in codes(found)


# revenue and rfm


def test_revenue_nets_refunds_and_takes_the_top_share():
    deals = outcomes([
        ("a", "2025-02-01", "", 100.0), ("a", "2025-03-01", "", -90.0),
        ("b", "2025-02-01", "", 50.0), ("c", "2025-02-01", "", 20.0), ("c", "2024-02-01", "", 900.0),
        ("d", "2025-02-01", "", 0.1), ("d", "2025-02-02", "", 0.2), ("d", "2025-02-03", "", -0.3),
    ])  # fmt: skip
    table = accounts("abcde", a=["p"] * 5)
    found = make_labels(LabelOptions(recipe="revenue", top_share=0.4), table, deals, as_of=AS_OF)
    assert found.label.tolist() == [0.0, 1.0, 1.0, 0.0, 0.0]
    assert found.amount.tolist()[1:3] == [50.0, 20.0]
    wide = make_labels(LabelOptions(recipe="revenue", top_share=0.9), table, deals, as_of=AS_OF)
    assert wide.label.tolist() == [1.0, 1.0, 1.0, 0.0, 0.0]  # nobody is best with nothing
    least = make_labels(LabelOptions(recipe="revenue", amount=50), table, deals, as_of=AS_OF)
    assert least.label.tolist() == [0.0, 1.0, 0.0, 0.0, 0.0]


def test_revenue_takes_all_that_tie_at_the_cut():
    deals = outcomes([(name, "2025-02-01", "", 10.0) for name in "abc"])
    found = make_labels(
        LabelOptions(recipe="revenue", top_share=0.2), accounts("abcde", a=["p"] * 5), deals, as_of=AS_OF
    )
    assert found.label.tolist() == [1.0, 1.0, 1.0, 0.0, 0.0]
    assert "ICP223" in codes(found)


def test_revenue_from_a_column_needs_no_outcomes():
    table = accounts("abcd", spend=[5.0, np.nan, 1.0, 9.0])
    found = make_labels(LabelOptions(recipe="revenue", column="spend", top_share=0.34), table, as_of=None)
    np.testing.assert_array_equal(found.label, [0.0, np.nan, 0.0, 1.0])
    assert found.definition.window_days is None
    assert found.definition.text == "is in the top 34 % by money by spend"


def test_accounts_known_by_id_only_are_eligible_once_seen():
    deals = outcomes([("a", "2024-12-01", "", 1.0), ("a", "2025-02-01", "", 9.0), ("b", "2025-02-01", "", 9.0)])
    events = outcomes([("c", "2024-12-01", "", np.nan)], name="events")
    found = make_labels(LabelOptions(recipe="revenue"), accounts("abc"), deals, as_of=AS_OF, events=events)
    np.testing.assert_array_equal(found.label, [1.0, np.nan, 0.0])
    assert found.definition.n_eligible == 2
    assert "ICP224" in codes(found)


def test_rfm_finds_planted_champions():
    generator = np.random.default_rng(0)
    names = [f"n{i:03d}" for i in range(100)]
    rows = []
    for i, name in enumerate(names):
        champion = i < 20
        for day in generator.integers(100 if champion else 1, 170 if champion else 100, 8 if champion else 2):
            rows.append((name, AS_OF + pd.Timedelta(days=int(day)), "", 100.0 + i if champion else 10.0 + i / 10))
    found = make_labels(LabelOptions(recipe="rfm"), accounts(names, a=["p"] * 100), outcomes(rows), as_of=AS_OF)
    assert found.label.tolist() == [1.0] * 20 + [0.0] * 80


def test_rfm_counts_a_refund_as_no_purchase():
    rows = [("a", "2025-02-01", "", 10.0), ("b", "2025-02-01", "", 10.0), ("b", "2025-06-01", "", -5.0)]
    found = make_labels(
        LabelOptions(recipe="rfm", top_share=0.5), accounts("ab", a=["p", "q"]), outcomes(rows), as_of=AS_OF
    )
    assert found.label.tolist() == [1.0, 0.0]


# what is wrong is said


def test_every_wrong_option_is_named_at_once():
    options = LabelOptions(recipe="flagg", window="soon", top_share=2.0, amount=True)
    with pytest.raises(ConfigError) as caught:
        make_labels(options, accounts("x", c=["1"]), as_of=None)
    assert [problem.code for problem in caught.value.problems] == ["ICP211", "ICP216", "ICP233", "ICP233"]
    assert "Did you mean 'flag'?" in str(caught.value)


def test_wrong_inputs_are_refused():
    table = accounts("xy", c=["1", "0"])
    raises("ICP210", LabelOptions(), table, as_of=None)
    raises("ICP102", LabelOptions(column="cc"), table, as_of=None, error=TableError)
    raises("ICP234", LabelOptions(column="c", amount="c"), table, as_of=None, error=TableError)
    raises("ICP233", LabelOptions(column="c", amount=5), table, as_of=None)
    raises("ICP217", LabelOptions(recipe="won"), table, None, as_of=AS_OF)
    raises("ICP219", LabelOptions(recipe="won"), table, DEALS, as_of=None)
    raises("ICP225", LabelOptions(recipe="won"), table, DEALS, as_of=AS_OF, error=TableError)
    deals = outcomes([("x", "2025-02-01", "Won", np.nan)], has_amount=False)
    raises("ICP218", LabelOptions(recipe="revenue"), table, deals, as_of=AS_OF)
    raises("ICP218", LabelOptions(recipe="rfm"), table, deals, as_of=AS_OF)
    raises("ICP227", LabelOptions(recipe="won"), table, deals, as_of=pd.Timestamp("2026-01-01"), error=TableError)


def test_the_columns_a_definition_reads():
    assert label_columns(LabelOptions(column="c", amount="spend")) == (("c",), ("spend",))
    assert label_columns(LabelOptions(recipe="revenue", column="spend", amount=5)) == ((), ("spend",))
    assert label_columns(LabelOptions(recipe="won", column="c")) == ((), ())


def test_the_labeler_says_the_same_as_the_function():
    fitted = BestCustomerLabeler(recipe="won", positive="Won").fit(
        accounts(NAMES, a=["x"] * 8), DEALS, as_of="2025-01-01"
    )
    direct = make_labels(LabelOptions(recipe="won", positive="Won"), accounts(NAMES, a=["x"] * 8), DEALS, as_of=AS_OF)
    pd.testing.assert_series_equal(fitted.labels_.label, direct.label)
    assert fitted.as_of_ == AS_OF


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", "d"]),
        st.integers(-200, 400).map(lambda days: AS_OF + pd.Timedelta(days=days)),
        st.sampled_from(["Won", "Lost", "Open"]),
        st.sampled_from([10.0, 0.1, -10.0, float("nan")]),
    ),
    max_size=30,
)
SURE = [("z", "2025-02-01", "Won", 3.0), ("z", "2026-02-05", "Lost", 1.0)]


@settings(max_examples=30, deadline=None)
@given(ROWS, st.randoms(use_true_random=False), st.sampled_from(["won", "revenue", "rfm"]))
def test_neither_row_order_nor_rows_after_the_window_change_a_label(rows, random, recipe):
    options = LabelOptions(recipe=recipe, positive="Won" if recipe == "won" else None)
    table = accounts("abcdz", a=["p"] * 5)
    whole = make_labels(options, table, outcomes([*rows, *SURE]), as_of=AS_OF)
    shuffled = [row for row in rows if row[1] <= AS_OF + pd.Timedelta(days=180)]
    random.shuffle(shuffled)
    less = make_labels(options, table, outcomes([*shuffled, *SURE]), as_of=AS_OF)
    pd.testing.assert_series_equal(whole.label, less.label)
    pd.testing.assert_series_equal(whole.amount, less.amount)
