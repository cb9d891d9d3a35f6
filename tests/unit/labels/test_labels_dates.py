"""The as-of date and the window."""

import pandas as pd
import pytest

from icp.errors import ConfigError
from icp.labels import choose_as_of, window_days
from icp.options import LabelOptions
from icp.tables import AccountTable, DatedTable

WON = LabelOptions(recipe="won", window="180d")


def accounts(as_of=None, observed_at=None):
    index = pd.Index(["x"], dtype="str", name="account_id")
    own = None if observed_at is None else pd.Series(pd.to_datetime([observed_at]), index)
    return AccountTable(pd.DataFrame(index=index), (), "demo.csv", as_of, own)


def dated(at, name="outcomes"):
    frame = pd.DataFrame({"account_id": ["x"], "at": pd.to_datetime([at]), "kind": [""], "amount": [1.0]})
    return DatedTable(name, frame, "demo.csv", False, True)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("180d", 180),
        (" 180 days ", 180),
        ("26w", 182),
        ("6m", 183),
        ("12 months", 365),
        ("1y", 365),
        (90, 90),
        ("90", 90),
    ],
)
def test_windows_are_read(text, days):
    assert window_days(text) == days


@pytest.mark.parametrize("text", ["soon", "", "0d", "-5d", "6min", True, None, "1.5m", "9999y"])
def test_other_windows_are_refused(text):
    with pytest.raises(ConfigError, match="ICP216"):
        window_days(text)


def test_a_wish_wins_and_is_not_remarked_on():
    found, finding = choose_as_of(WON, accounts(), None, dated("2025-12-31"), "2025-03-31")
    assert (found, finding) == (pd.Timestamp("2025-03-31"), None)
    assert choose_as_of(WON, accounts(), None, None, pd.Timestamp("2025-03-31 10:00"))[0] == pd.Timestamp(
        "2025-03-31 10:00"
    )


def test_a_wish_that_is_no_date_is_refused():
    with pytest.raises(ConfigError, match="ICP219"):
        choose_as_of(WON, accounts(), None, None, "spring")


def test_dated_recipes_end_their_window_with_the_last_outcome():
    found, finding = choose_as_of(WON, accounts(pd.Timestamp("2030-01-01")), None, dated("2011-12-09 12:50"))
    assert found == pd.Timestamp("2011-06-12")
    assert finding.code == "ICP226"


def test_other_recipes_and_rows_with_their_own_date_take_the_date_of_the_accounts():
    day = pd.Timestamp("2024-01-01")
    assert choose_as_of(LabelOptions(column="c"), accounts(day), None, dated("2025-12-31"))[0] == day
    assert choose_as_of(WON, accounts(day, observed_at="2024-01-01"), None, dated("2025-12-31"))[0] == day


def test_events_later_than_any_date_of_the_accounts_move_the_picture():
    founded = accounts(pd.Timestamp("2019-01-01"))
    events = dated("2025-06-01", "events")
    assert choose_as_of(LabelOptions(column="c"), founded, events, None)[0] == pd.Timestamp("2025-06-01")
    observed = accounts(pd.Timestamp("2024-01-01"), observed_at="2024-01-01")
    assert choose_as_of(LabelOptions(column="c"), observed, events, None)[0] == pd.Timestamp("2024-01-01")


def test_accounts_without_dates_take_the_last_event_and_nothing_dated_gives_none():
    options = LabelOptions(column="c")
    assert choose_as_of(options, accounts(), dated("2025-06-01", "events"), None)[0] == pd.Timestamp("2025-06-01")
    assert choose_as_of(options, accounts(), None, None) == (None, None)
