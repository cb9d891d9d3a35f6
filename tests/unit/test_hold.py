"""One run writes to a folder at a time; a run that is gone blocks nobody."""

from __future__ import annotations

import errno
import os
import threading

import pytest

from icp import _hold
from icp._files import staged_folder
from icp._hold import HOLDER, held_folder
from icp.errors import ConfigError


def test_a_run_that_holds_its_folder_from_the_start_may_write_to_it_later(tmp_path):
    with held_folder(tmp_path / "out"), staged_folder(tmp_path / "out") as stage:
        (stage / "one.txt").write_text("1")
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["one.txt"]


def test_folders_that_were_made_and_stay_empty_are_removed(tmp_path):
    with held_folder(tmp_path / "a" / "b") as place:
        assert (place / HOLDER).is_file()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_was_there_stays(tmp_path):
    with held_folder(tmp_path):
        pass
    assert tmp_path.is_dir() and list(tmp_path.iterdir()) == []


def test_another_thread_is_refused_and_the_next_one_is_not(tmp_path):
    said = []

    def run():
        try:
            with held_folder(tmp_path):
                said.append("held")
        except ConfigError as error:
            said.append(error.problems[0].code)

    for inside in (True, False):
        thread = threading.Thread(target=run)
        if inside:
            with held_folder(tmp_path):
                thread.start()
                thread.join()
        else:
            thread.start()
            thread.join()
    assert said == ["ICP017", "held"]


@pytest.mark.parametrize("left", ["", "{}", "not JSON", "[1]"])
def test_what_a_killed_run_left_in_its_note_does_not_matter(tmp_path, left):
    (tmp_path / HOLDER).write_text(left)
    with held_folder(tmp_path):
        assert f'"process": {os.getpid()}' in (tmp_path / HOLDER).read_text()
    assert _hold._who(tmp_path) == "a process that has not said which"


def test_another_folder_is_not_concerned(tmp_path):
    with held_folder(tmp_path / "a"), held_folder(tmp_path / "b"):
        pass


@pytest.mark.parametrize("locks", ["no module", "no locks here"])
def test_a_place_without_locks_can_be_written_to(tmp_path, monkeypatch, locks):
    def refuse(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    if locks == "no module":
        monkeypatch.setattr(_hold, "fcntl", None)
    else:
        monkeypatch.setattr(_hold.fcntl, "flock", refuse)
    with staged_folder(tmp_path / "out") as stage:
        (stage / "one.txt").write_text("1")
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["one.txt"]


def test_a_folder_removed_in_between_is_made_again(tmp_path, monkeypatch):
    real, calls = _hold.fcntl.flock, []

    def first_removed(lock, how):
        if not calls:
            (tmp_path / "out").rmdir()
        calls.append(lock)
        return real(lock, how)

    monkeypatch.setattr(_hold.fcntl, "flock", first_removed)
    with held_folder(tmp_path / "out") as place:
        assert (place / HOLDER).is_file()
    assert len(calls) == 2
