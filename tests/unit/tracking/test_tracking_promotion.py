"""Champions: moved, rolled back, every move remembered."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

import icp
from icp.errors import ModelNotFoundError, TrackingError
from icp.options import TrackingOptions
from icp.tracking import _promotion, find_version, promote, promotion_log, roll_back
from icp.tracking._store import _make_database, open_store, quiet_mlflow

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
    with pytest.raises(TrackingError, match="no champion before") as caught:
        roll_back("leads", options=LOCAL)
    assert "Its versions: 1 (champion), 2, 3." in caught.value.problems[0].action
    actions = [entry.action for entry in promotion_log("leads", LOCAL)]
    assert actions == ["promote", "promote", "promote", "rollback", "rollback"]


def test_a_folder_is_told_how_it_becomes_a_version(moved_store):
    Path("out").mkdir()
    with pytest.raises(ModelNotFoundError, match="action=register model=out"):
        find_version("out", LOCAL)


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


def test_showing_an_unknown_model_says_which_there_are(moved_store):
    assert icp.promote.run(icp.load_config("promote", ["action=show", "name=leads"])).log
    with pytest.raises(ModelNotFoundError, match=r"no model 'lead' in .* Did you mean 'leads'"):
        icp.promote.run(icp.load_config("promote", ["action=show", "name=lead"]))


class Killed(BaseException):
    """What a kill does: nothing after it is done."""


@pytest.mark.parametrize("step", range(1, 5))
def test_a_promotion_killed_between_any_two_writes_agrees_with_the_alias(moved_store, monkeypatch, step):
    with open_store(LOCAL) as store:
        client = type(store.client)
    done = []

    def counted(method):
        def call(*given, **named):
            done.append(method)
            if len(done) == step:
                raise Killed
            return method(*given, **named)

        return call

    writes = ("set_registered_model_tag", "set_registered_model_alias", "delete_registered_model_alias")
    with monkeypatch.context() as patched:
        for name in writes:
            patched.setattr(client, name, counted(getattr(client, name)))
        with pytest.raises(Killed):
            promote("leads", "3", reason="wins", who="Ada", options=LOCAL)
    assert promotion_log("leads", LOCAL)[-1].after == champion()
    moved = champion() == "3"
    assert moved == (step > 2)
    if moved:
        assert promotion_log("leads", LOCAL)[-1].who == "Ada"
        with pytest.raises(TrackingError, match="champion already"):
            promote("leads", "3", options=LOCAL)
    else:
        promote("leads", "3", reason="wins", who="Ada", options=LOCAL)
    assert [(entry.before, entry.after) for entry in promotion_log("leads", LOCAL)] == [("", "1"), ("1", "3")]
    with pytest.raises(ModelNotFoundError, match="no alias 'challenger'"):
        find_version("models:/leads@challenger", LOCAL)
    assert roll_back("leads", options=LOCAL).after == "1"


def test_a_clock_set_back_leaves_the_log_in_order(moved_store, monkeypatch):
    class Earlier(datetime):
        @classmethod
        def now(cls, zone=None):
            return datetime(2020, 1, 1, tzinfo=UTC)

    monkeypatch.setattr(_promotion, "datetime", Earlier)
    promote("leads", "2", options=LOCAL)
    promote("leads", "3", options=LOCAL)
    log = promotion_log("leads", LOCAL)
    assert [entry.after for entry in log] == ["1", "2", "3"]
    assert log[-1].when.startswith("2020-01-01")
    assert roll_back("leads", options=LOCAL).after == "2"


def test_a_store_killed_while_it_is_made_is_made_by_the_next_run(workdir, monkeypatch):
    def killed(mlflow, scratch, final):
        scratch.mkdir()
        (scratch / "made.db").write_bytes(b"half")
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("icp.tracking._store._make_database", killed)
        with pytest.raises(Killed), open_store(LOCAL, create=True):
            pass
    assert not (workdir / "mlruns/mlflow.db").exists()
    with open_store(LOCAL, create=True) as store:
        assert store.client.search_registered_models() == []
    assert sorted(item.name for item in (workdir / "mlruns").iterdir()) == ["artifacts", "mlflow.db"]


def test_a_store_that_another_run_made_meanwhile_is_left_alone(workdir):
    final = workdir / "mlflow.db"
    final.write_bytes(b"of another run")
    _make_database(quiet_mlflow(), workdir / "scratch", final)
    assert final.read_bytes() == b"of another run"
