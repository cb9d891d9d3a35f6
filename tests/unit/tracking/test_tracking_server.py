"""The same calls against a real MLflow server on loopback."""

from __future__ import annotations

import socket

import pytest

from icp.errors import ModelNotFoundError, TrackingError
from icp.options import TrackingOptions
from icp.tracking import find_bundle, find_gate, find_version, log_version, promote, promotion_log, roll_back
from icp.tracking._store import quiet_mlflow
from mlflow_server import free_port, running_server


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_server(tmp_path_factory.mktemp("server")) as uri:
        yield uri


@pytest.mark.slow
def test_log_find_promote_and_roll_back_on_a_server(server, workdir, make_record):
    options = TrackingOptions(store="server", uri=server)
    first = log_version(make_record(mark="one"), options)
    record = make_record(mark="two")
    (record.artifacts / "gate.json").write_text('{"verdict": "hold", "why": "no"}', "utf-8")
    second = log_version(record, options)
    assert second.sentence().endswith(f"icp.promote model=models:/leads/2 tracking=server tracking.uri={server}")
    assert find_gate("models:/leads/1", options) is None
    assert find_gate("models:/leads/2", options) == {"verdict": "hold", "why": "no"}
    assert (first.alias, second.alias) == ("champion", "challenger")
    assert '"one"' in (find_bundle("models:/leads@champion", options) / "model.json").read_text("utf-8")
    copies = [find_bundle("models:/leads/1", options) for _ in range(3)]
    assert copies[0] == copies[1] == copies[2], "a process that scores all day fetches a version once"
    promote("leads", second.version, reason="better", options=options)
    assert find_version("models:/leads@champion", options) == ("leads", "2")
    assert '"two"' in (find_bundle("models:/leads@champion", options) / "model.json").read_text("utf-8")
    roll_back("leads", options=options)
    assert find_version("models:/leads@champion", options) == ("leads", "1")
    assert [entry.action for entry in promotion_log("leads", options)] == ["promote", "promote", "rollback"]
    with pytest.raises(ModelNotFoundError, match="no version 7"):
        find_bundle("models:/leads/7", options)
    assert list(workdir.iterdir()) == []


@pytest.mark.slow
def test_address_of_the_server_may_come_from_the_environment(server, workdir, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    assert promotion_log("nobody", TrackingOptions(store="server")) == ()


def test_a_server_that_is_not_there_gives_our_words(workdir):
    options = TrackingOptions(store="server", uri=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(TrackingError, match="does not answer") as error:
        find_bundle("models:/leads/1", options)
    assert "HTTPConnectionPool" not in str(error.value)


def test_a_server_that_says_nothing_is_not_waited_for_without_end(workdir, monkeypatch):
    for name, given in (("MLFLOW_HTTP_REQUEST_TIMEOUT", "1"), ("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")):
        monkeypatch.setenv(name, given)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        options = TrackingOptions(store="server", uri=f"http://127.0.0.1:{mute.getsockname()[1]}")
        with pytest.raises(TrackingError, match="does not answer"):
            find_bundle("models:/leads/1", options)


def test_without_a_word_of_the_user_a_request_waits_half_a_minute_and_is_sent_three_times(monkeypatch):
    names = ("MLFLOW_HTTP_REQUEST_TIMEOUT", "MLFLOW_HTTP_REQUEST_MAX_RETRIES")
    for name in names:
        monkeypatch.setenv(name, "")  # put back after
        monkeypatch.delenv(name)
    mlflow = quiet_mlflow()
    assert [getattr(mlflow.environment_variables, name).get() for name in names] == [30, 2]
