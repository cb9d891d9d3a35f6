"""The local store: found again, moved, nothing else touched, no network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from icp.errors import ConfigError, ModelNotFoundError, TrackingError
from icp.options import TrackingOptions
from icp.tracking import find_bundle, find_gate, find_version, log_version
from icp.tracking._running import PROCESS, this_process
from icp.tracking._store import open_store

LOCAL = TrackingOptions()


def mark_of(bundle: Path) -> str:
    return json.loads((bundle / "model.json").read_text("utf-8"))["mark"]


def test_first_version_is_champion_and_later_ones_challenge(three_versions):
    infos = three_versions[1]
    assert [(info.version, info.alias, info.champion) for info in infos] == [
        ("1", "champion", "1"),
        ("2", "challenger", "1"),
        ("3", "challenger", "1"),
    ]
    assert "it is the champion" in infos[0].sentence()
    assert "champion is version 1" in infos[2].sentence()


@pytest.mark.parametrize(
    ("model", "mark"),
    [("models:/leads@champion", "one"), ("models:/leads@challenger", "three"), ("models:/leads/2", "two")],
)
def test_each_address_gives_its_own_bundle(moved_store, model, mark):
    assert mark_of(find_bundle(model, LOCAL)) == mark


def test_a_moved_store_is_read_where_it_is_now(moved_store):
    assert find_bundle("models:/leads/1", LOCAL).is_relative_to(moved_store)


def test_a_moved_store_takes_new_versions_beside_the_old(moved_store, make_record):
    info = log_version(make_record(mark="four"), LOCAL)
    assert info.version == "4"
    assert find_bundle(info.address, LOCAL).is_relative_to(moved_store)
    assert mark_of(find_bundle(info.address, LOCAL)) == "four"


def test_always_promotes_and_never_sets_no_alias(moved_store, make_record):
    never = log_version(make_record(mark="four"), LOCAL, promotion="never")
    assert (never.alias, never.champion) == ("", "1")
    always = log_version(make_record(mark="five"), LOCAL, promotion="always")
    assert (always.alias, always.champion) == ("champion", always.version)
    assert find_version("models:/leads@champion", LOCAL) == ("leads", always.version)


def test_run_holds_params_metrics_data_and_artifacts(moved_store):
    with open_store(LOCAL) as store:
        version = store.client.get_model_version("leads", "1")
        run = store.client.get_run(version.run_id)
    assert run.data.metrics == {"auc": 0.8}
    assert run.data.params["data_sha256"] == "ab" * 32
    assert run.inputs.dataset_inputs[0].dataset.digest == ("ab" * 32)[:36]
    assert run.info.status == "FINISHED"
    folder = store.root / "artifacts" / version.run_id / "artifacts"
    assert sorted(item.name for item in folder.iterdir()) == ["figures", "model", "report.html"]


def test_signature_is_optional_doubles_and_strings_and_the_example_is_invented(moved_store):
    model = find_bundle("models:/leads/1", LOCAL).parents[1]
    text = (model / "MLmodel").read_text("utf-8")
    inputs = json.loads(text.split("inputs: '")[1].split("'")[0].replace("\n", ""))
    assert {(item["type"], item["required"]) for item in inputs} == {("double", False), ("string", False)}
    assert "seen" not in [item["name"] for item in inputs]
    example = json.loads((model / "input_example.json").read_text("utf-8"))
    assert example["data"] == [[1.0, "example", "2026-01-31"]]


def test_no_path_of_the_machine_in_the_logged_model(three_versions):
    folder = three_versions[0]
    for file in folder.rglob("model/*"):
        if file.is_file():
            text = file.read_text("utf-8")
            assert str(folder) not in text and str(Path(__file__).parents[3]) not in text, file


def test_missing_model_says_what_there_is(moved_store):
    with pytest.raises(ModelNotFoundError, match="Did you mean 'leads'"):
        find_bundle("models:/leds@champion", LOCAL)
    with pytest.raises(ModelNotFoundError, match=r"no version 9.*1 \(champion\), 2, 3 \(challenger\)"):
        find_bundle("models:/leads/9", LOCAL)
    with pytest.raises(ModelNotFoundError, match="no alias 'prod'"):
        find_bundle("models:/leads@prod", LOCAL)


@pytest.mark.parametrize("model", ["", "nowhere", "models:/", "models:/leads", "models:/leads/latest", "runs:/1/model"])
def test_an_address_that_is_none_is_refused(workdir, model):
    with pytest.raises(ModelNotFoundError):
        find_bundle(model, LOCAL)


def test_looking_for_a_model_makes_no_store(workdir):
    with pytest.raises(ModelNotFoundError, match="nothing was trained"):
        find_bundle("models:/leads@champion", LOCAL)
    assert list(workdir.iterdir()) == []


def test_a_folder_is_found_itself_and_inside_an_output(workdir, make_record):
    record = make_record()
    assert find_bundle(record.bundle, LOCAL) == record.bundle
    assert find_bundle(record.artifacts, LOCAL) == record.bundle


def test_deleted_files_of_a_version_are_named(moved_store):
    bundle = find_bundle("models:/leads/1", LOCAL)
    bundle.rename(bundle.with_name("gone"))
    with pytest.raises(ModelNotFoundError, match="files are gone"):
        find_bundle("models:/leads/1", LOCAL)


def test_a_damaged_gate_is_said_and_a_missing_one_is_none(workdir, make_record):
    record = make_record()
    assert find_gate(record.bundle, LOCAL) is None
    (record.artifacts / "gate.json").write_text("[]", "utf-8")
    with pytest.raises(ModelNotFoundError, match=r"ICP504.*'gate.json' is damaged"):
        find_gate(record.bundle, LOCAL)


def test_environment_does_not_redirect_the_local_store(moved_store, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    assert mark_of(find_bundle("models:/leads/1", LOCAL)) == "one"


def test_a_server_without_address_is_a_config_error(workdir):
    with pytest.raises(ConfigError, match=r"tracking\.uri"):
        find_bundle("models:/leads/1", TrackingOptions(store="server"))


def test_a_damaged_store_gives_our_words(workdir):
    (workdir / "mlruns").mkdir()
    (workdir / "mlruns" / "mlflow.db").write_bytes(b"this is no database, but long enough to be taken for one" * 50)
    with pytest.raises(TrackingError, match=r"ICP50[12]") as error:
        find_bundle("models:/leads/1", LOCAL)
    assert "sqlite3" not in str(error.value) and "Traceback" not in str(error.value)


WATCHED = """
import json, os, socket, sys
attempts = []
real_connect = socket.socket.connect
def connect(self, address):
    attempts.append(repr(address)); raise OSError("no network in this test")
def lookup(*args, **kwargs):
    attempts.append(repr(args)); raise OSError("no network in this test")
socket.socket.connect = connect
socket.socket.connect_ex = connect
socket.getaddrinfo = socket.gethostbyname = lookup
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from conftest import write_bundle
from icp.options import TrackingOptions
from icp.tracking import RunRecord, find_bundle, log_version, promotion_log
record = Path(sys.argv[2])
write_bundle(record / "bundle")
log_version(RunRecord("leads", {}, {}, {}, record, record / "bundle", "ab" * 32), TrackingOptions())
find_bundle("models:/leads@champion", TrackingOptions())
promotion_log("leads", TrackingOptions())
import mlflow, threading
print(json.dumps({"attempts": attempts, "threads": [t.name for t in threading.enumerate()]}))
"""


def test_no_network_attempt_and_nothing_written_outside_mlruns(tmp_path):
    folders = {name: tmp_path / name for name in ("work", "home", "scratch", "record")}
    for folder in folders.values():
        folder.mkdir()
    keep = {key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW", "DO_NOT_TRACK", "XDG"))}
    env = {**keep, "HOME": str(folders["home"]), "TMPDIR": str(folders["scratch"]), "PYTHONDONTWRITEBYTECODE": "1"}
    arguments = [sys.executable, "-c", WATCHED, str(Path(__file__).parent), str(folders["record"])]
    done = subprocess.run(arguments, cwd=folders["work"], env=env, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["attempts"] == []
    assert not [name for name in seen["threads"] if "telemetry" in name.lower()]
    assert done.stderr == ""
    assert [item.name for item in folders["work"].iterdir()] == ["mlruns"]
    assert sorted(item.name for item in (folders["work"] / "mlruns").iterdir()) == ["artifacts", "mlflow.db"]
    assert list(folders["home"].rglob("*")) == []
    assert list(folders["scratch"].rglob("*")) == []


SLOW = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from conftest import write_bundle
from icp.options import TrackingOptions
from icp.tracking import RunRecord, log_version
record = Path(sys.argv[2])
write_bundle(record / "bundle")
for i in range(20_000):
    (record / f"{i}.txt").touch()
log_version(RunRecord("leads", {}, {}, {}, record, record / "bundle", "ab" * 32), TrackingOptions())
"""


def test_the_run_of_a_killed_process_is_marked_and_those_of_others_are_left_alone(moved_store, make_record, tmp_path):
    info = log_version(make_record(mark="four"), LOCAL)
    with open_store(LOCAL) as store:
        experiment = store.client.get_run(info.run_id).info.experiment_id
        ours, foreign = (store.client.create_run(experiment, tags=tags) for tags in ({PROCESS: this_process()}, {}))
        elsewhere = store.client.create_run(experiment, tags={PROCESS: "0123456789ab:1:1"})
    (tmp_path / "record").mkdir()
    arguments = [sys.executable, "-c", SLOW, str(Path(__file__).parent), str(tmp_path / "record")]
    known = {ours.info.run_id, foreign.info.run_id, elsewhere.info.run_id}
    with subprocess.Popen(arguments, cwd=moved_store, stderr=subprocess.DEVNULL) as process:
        killed: set[str] = set()
        with open_store(LOCAL) as store:
            while not killed and process.poll() is None:
                open_runs = store.client.search_runs([experiment], "attributes.status = 'RUNNING'")
                killed = {run.info.run_id for run in open_runs} - known
        process.kill()
    assert len(killed) == 1
    log_version(make_record(mark="five"), LOCAL)
    with open_store(LOCAL) as store:
        status = {run.info.run_id: run.info.status for run in store.client.search_runs([experiment])}
    assert {status[run_id] for run_id in killed} == {"KILLED"}
    assert {status[run_id] for run_id in known} == {"RUNNING"}
