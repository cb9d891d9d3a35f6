"""Champions: moved, rolled back, every move remembered."""

from __future__ import annotations

import pytest

from icp.errors import ModelNotFoundError, TrackingError
from icp.options import TrackingOptions
from icp.tracking import find_version, promote, promotion_log, roll_back

LOCAL = TrackingOptions()


def champion() -> str:
    return find_version("models:/leads@champion", LOCAL)[1]


def test_promotion_moves_the_alias_and_is_remembered(moved_store):
    entry = promote("leads", "3", reason="wins in June", who="Ada", options=LOCAL)
    assert champion() == "3"
    assert (entry.before, entry.after, entry.who, entry.why) == ("1", "3", "Ada", "wins in June")
    assert promotion_log("leads", LOCAL)[-1] == entry
    with pytest.raises(ModelNotFoundError, match="no alias 'challenger'"):
        find_version("models:/leads@challenger", LOCAL)


def test_roll_back_undoes_one_move_after_the_other(moved_store):
    promote("leads", "2", options=LOCAL)
    promote("leads", "3", options=LOCAL)
    assert roll_back("leads", reason="wrong reasons", options=LOCAL).after == "2"
    assert roll_back("leads", options=LOCAL).after == "1"
    assert champion() == "1"
    with pytest.raises(TrackingError, match="no champion before"):
        roll_back("leads", options=LOCAL)
    actions = [entry.action for entry in promotion_log("leads", LOCAL)]
    assert actions == ["promote", "promote", "promote", "rollback", "rollback"]


def test_promoting_the_champion_again_is_refused_and_not_logged(moved_store):
    with pytest.raises(TrackingError, match="champion already"):
        promote("leads", "1", options=LOCAL)
    assert len(promotion_log("leads", LOCAL)) == 1


def test_promoting_what_is_not_there_changes_nothing(moved_store):
    with pytest.raises(ModelNotFoundError, match="no version 8"):
        promote("leads", "8", options=LOCAL)
    assert champion() == "1"


def test_log_of_an_unknown_model_is_empty(moved_store):
    assert promotion_log("nobody", LOCAL) == ()
