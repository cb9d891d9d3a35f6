"""Output folders: all files or none, and nothing of a failed run left."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from icp import _files
from icp._files import SCRATCH, staged_folder, to_json
from icp._interrupts import Terminated, terminable
from icp.errors import ConfigError


def test_files_appear_together_at_the_end(tmp_path):
    with staged_folder(tmp_path / "a" / "b") as stage:
        (stage / "one.txt").write_text("1")
        (stage / "sub").mkdir()
        (stage / "sub" / "two.txt").write_text("2")
        assert not (tmp_path / "a" / "b" / "one.txt").exists()
    assert sorted(p.name for p in (tmp_path / "a" / "b").iterdir()) == ["one.txt", "sub"]


def test_a_failure_leaves_what_was_there_before(tmp_path):
    (tmp_path / "one.txt").write_text("old")
    with pytest.raises(RuntimeError), staged_folder(tmp_path) as stage:
        (stage / "one.txt").write_text("new")
        raise RuntimeError
    assert [p.name for p in tmp_path.iterdir()] == ["one.txt"]
    assert (tmp_path / "one.txt").read_text() == "old"


def test_a_failure_removes_the_folders_it_made(tmp_path):
    with pytest.raises(RuntimeError), staged_folder(tmp_path / "a" / "b"):
        raise RuntimeError
    assert not (tmp_path / "a").exists()


def test_a_sub_folder_is_replaced_whole(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "stale.txt").write_text("x")
    with staged_folder(tmp_path) as stage:
        (stage / "sub").mkdir()
        (stage / "sub" / "fresh.txt").write_text("y")
    assert [p.name for p in (tmp_path / "sub").iterdir()] == ["fresh.txt"]


@pytest.mark.parametrize("new", ["file", "folder"])
def test_a_file_never_takes_the_place_of_a_folder_nor_a_folder_that_of_a_file(tmp_path, new):
    (tmp_path / "one.txt").write_text("old")
    (tmp_path / "two").mkdir() if new == "file" else (tmp_path / "two").write_text("old")
    before = {path.name: path.is_dir() for path in tmp_path.iterdir()}
    with pytest.raises(ConfigError, match="'two' in the output folder is a"), staged_folder(tmp_path) as stage:
        (stage / "one.txt").write_text("new")
        (stage / "two").write_text("new") if new == "file" else (stage / "two").mkdir()
    assert {path.name: path.is_dir() for path in tmp_path.iterdir()} == before
    assert (tmp_path / "one.txt").read_text() == "old"


def test_a_file_where_the_folder_should_be_is_one_block(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(ConfigError, match="ICP010"), staged_folder(tmp_path / "out"):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_place_is_one_block(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(ConfigError, match="ICP010"), staged_folder(tmp_path / "out"):
        pass


def test_json_has_one_form_and_no_nan():
    assert to_json({"b": 1, "a": "ä"}) == '{\n  "a": "ä",\n  "b": 1\n}\n'
    with pytest.raises(ValueError, match="Out of range"):
        to_json({"a": float("nan")})


def test_a_sub_folder_with_files_of_another_kind_is_not_replaced(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "mine.txt").write_text("precious")
    with pytest.raises(ConfigError, match=r"ICP010.*mine\.txt"), staged_folder(tmp_path) as stage:
        (stage / "sub").mkdir()
        (stage / "sub" / "list.csv").write_text("a")
    assert (tmp_path / "sub" / "mine.txt").read_text() == "precious"


def test_a_folder_is_replaced_whole_with_what_its_own_manifest_names(tmp_path):
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "forest_00.txt").write_text("trees")
    (tmp_path / "bundle" / "manifest.json").write_text('{"files": {"forest_00.txt": "sha"}}')
    with staged_folder(tmp_path) as stage:
        (stage / "bundle").mkdir()
        (stage / "bundle" / "manifest.json").write_text('{"files": {}}')
    assert not (tmp_path / "bundle" / "forest_00.txt").exists()


@pytest.mark.parametrize("manifest", ["[]", "{", '{"files": ["mine.txt"]}', '{"files": {"other.txt": ""}}'])
def test_a_manifest_that_does_not_name_a_file_does_not_give_it_away(tmp_path, manifest):
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "mine.txt").write_text("precious")
    (tmp_path / "bundle" / "manifest.json").write_text(manifest)
    with pytest.raises(ConfigError, match=r"ICP010.*mine\.txt"), staged_folder(tmp_path) as stage:
        (stage / "bundle").mkdir()
        (stage / "bundle" / "manifest.json").write_text("{}")
    assert (tmp_path / "bundle" / "mine.txt").read_text() == "precious"


HOLD = """
import sys
import time
from icp._files import staged_folder
with staged_folder(sys.argv[1]) as stage:
    (stage / "half.txt").write_text("half")
    print(stage.name, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that is in the middle of writing into the same folder."""
    arguments = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run:
        name = run.stdout.readline().strip()
        assert (tmp_path / name / "half.txt").exists()
        yield run, tmp_path / name
        run.kill()


def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path, holder):
    run, stage = holder
    run.send_signal(signal.SIGKILL)
    run.wait(timeout=30)
    assert stage.is_dir()
    with staged_folder(tmp_path) as own:
        assert not stage.exists()
        (own / "one.txt").write_text("1")
    assert [path.name for path in tmp_path.iterdir()] == ["one.txt"]


def test_what_a_running_process_writes_is_left_alone(tmp_path, holder):
    run, stage = holder
    with pytest.raises(ConfigError, match="ICP017") as told, staged_folder(tmp_path):
        raise AssertionError("two runs write one folder")
    assert f"process {run.pid} (-c) on '{socket.gethostname()}', since 20" in str(told.value)
    assert (stage / "half.txt").read_text() == "half"
    run.communicate("", timeout=30)
    assert run.returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["half.txt"]
    with staged_folder(tmp_path) as own:
        (own / "one.txt").write_text("1")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["half.txt", "one.txt"]


def test_a_folder_that_a_killed_run_was_replacing_goes_back(tmp_path, holder):
    run, stage = holder
    run.send_signal(signal.SIGKILL)
    run.wait(timeout=30)
    (stage / ".old-list").mkdir()
    (stage / ".old-list" / "a.csv").write_text("a")
    with staged_folder(tmp_path):
        pass
    assert (tmp_path / "list" / "a.csv").read_text() == "a" and not stage.exists()


@pytest.mark.parametrize("name", [".partial-", ".partial-of my own", ".partial-12345678x"])
def test_only_folders_of_runs_are_removed(tmp_path, name):
    (tmp_path / name).mkdir()
    (tmp_path / ".partial-abcdefgh").write_text("a file")
    with staged_folder(tmp_path):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, ".partial-abcdefgh"])


def test_what_is_needed_on_the_way_only_does_not_move(tmp_path):
    with staged_folder(tmp_path / "out") as stage:
        (stage / SCRATCH).mkdir()
        (stage / SCRATCH / "rows").write_text("many")
        (stage / "scores.csv").write_text("few")
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["scores.csv"]


def test_files_and_folders_move_by_renaming(tmp_path):
    """A copy could be seen, or be left, half-written."""
    with staged_folder(tmp_path / "out") as stage:
        (stage / "list").mkdir()
        for name in ("scores.csv", "list/part.csv"):
            (stage / name).write_text(name)
        before = {name: (stage / name).stat().st_ino for name in ("scores.csv", "list", "list/part.csv")}
    assert {name: (tmp_path / "out" / name).stat().st_ino for name in before} == before


@pytest.mark.parametrize("step", ["_move", "shutil.rmtree"])
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_while_files_move_or_scratch_goes_waits_until_all_are_in_place(tmp_path, monkeypatch, step, stop):
    owner = _files.shutil if step == "shutil.rmtree" else _files
    real = getattr(owner, step.rpartition(".")[2])

    def interrupted(*args, **how):
        os.kill(os.getpid(), stop)
        time.sleep(0.01)
        return real(*args, **how)

    monkeypatch.setattr(owner, step.rpartition(".")[2], interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
    try:
        with terminable():
            handlers = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
            with pytest.raises(KeyboardInterrupt) as told, staged_folder(tmp_path / "out") as stage:
                (stage / "scores.csv").write_text("a\n")
            assert isinstance(told.value, Terminated) == (stop == signal.SIGTERM)
            assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == handlers
        signal.signal(stop, signal.SIG_IGN)
        with staged_folder(tmp_path / "out") as stage:
            (stage / "drift.csv").write_text("a\n")
    finally:
        signal.signal(signal.SIGINT, before)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["drift.csv", "scores.csv"]
