"""Machines that are not like the developer's: a full disk, no rights, no home, other locales, other alphabets."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from commands import Ended, contents

from trained_models import QUICK

WITHOUT_RIGHTS = [
    "setpriv",
    "--bounding-set=-dac_override,-dac_read_search",
    "--inh-caps=-dac_override,-dac_read_search",
]
"""Root opens any file; this root does not."""
LOCALE = ("LANG", "LC_ALL", "LC_CTYPE", "PYTHONUTF8", "PYTHONCOERCECLOCALE")


def run(
    folder: Path, name: str, *arguments: str, rights: bool = True, without: tuple[str, ...] = (), **more: str
) -> Ended:
    """A command as a process of its own, with other rights or another environment."""
    mine = {key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW_", "HYDRA_", *without))}
    before = [] if rights or os.geteuid() != 0 else WITHOUT_RIGHTS
    command = [*before, sys.executable, "-m", f"icp.{name}", *arguments]
    done = subprocess.run(command, cwd=folder, env=mine | more, capture_output=True, timeout=300, check=False)
    return Ended(
        done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"), folder
    )


@pytest.fixture(scope="module")
def place(leads, tmp_path_factory) -> Path:
    """Accounts and a model in a folder whose name holds a space, umlauts and a rocket; a list as it should be."""
    folder = tmp_path_factory.mktemp("machine") / "Größe µ 🚀 heute"
    folder.mkdir()
    leads.accounts.to_csv(folder / "Käufer.csv", index=False)
    shutil.copytree(leads.bundle, folder / "Modell é")
    ended = run(folder, "score", *arguments(leads), "output='wie es soll'")
    assert ended.code == 0, ended.err
    return folder


def arguments(leads) -> tuple[str, ...]:
    return (*leads.reading, "accounts.path='Käufer.csv'", "model='Modell é'", "delivery=generic", "tracking=none")


def same_list(folder: Path, output: str) -> bool:
    one, two = contents(folder / "wie es soll"), contents(folder / output)
    for files in (one, two):
        files.pop("config.yaml")  # names its own folder
    return one == two


@pytest.mark.parametrize(
    ("without", "more"),
    [
        (("HOME", "XDG_"), {}),
        ((), {"HOME": "/nonexistent"}),
        (LOCALE, {}),
        (LOCALE, {"LC_ALL": "C"}),
        (LOCALE, {"LC_ALL": "POSIX", "LANG": "C"}),
        (LOCALE, {"LC_ALL": "tr_TR.UTF-8"}),
        (("TZ",), {"TZ": "Pacific/Kiritimati"}),
    ],
    ids=["no-home", "home-not-there", "no-locale", "C", "POSIX", "turkish", "far-east"],
)
def test_the_list_is_the_same_whatever_the_surroundings(place, leads, without, more, request):
    output = request.node.callspec.id
    ended = run(place, "score", *arguments(leads), f"output={output}", without=without, **more)
    assert ended.code == 0, ended.err
    assert same_list(place, output)


def test_a_shell_without_utf_8_is_told_before_names_are_garbled(place, leads):
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    ended = run(place, "score", *arguments(leads), "output=garbled", without=LOCALE, **ascii_only)
    ended.refused("ICP019", "PYTHONUTF8=1")
    assert not (place / "garbled").exists()
    plain = place.parent / "plain"
    shutil.copytree(place, plain)
    (plain / "Käufer.csv").rename(plain / "buyers.csv")
    (plain / "Modell é").rename(plain / "model")
    told = (
        *leads.reading,
        "accounts.path=buyers.csv",
        "model=model",
        "delivery=generic",
        "tracking=none",
        "output=told",
    )
    ended = run(plain, "score", *told, without=LOCALE, **ascii_only)
    assert ended.code == 0, ended.err
    assert contents(plain / "told")["scores.csv"] == contents(place / "wie es soll")["scores.csv"]


@pytest.mark.skipif(os.geteuid() == 0 and shutil.which("setpriv") is None, reason="no setpriv, so root opens any file")
def test_a_model_that_may_only_be_read_serves_and_a_folder_that_may_not_be_written_is_refused(place, leads):
    bundle, shut = place / "Modell é", place / "shut"
    shut.mkdir()
    for folder in (bundle, shut):
        folder.chmod(0o555)
    try:
        ended = run(place, "score", *arguments(leads), "output=read-only", rights=False, without=("HOME",))
        assert ended.code == 0, ended.err
        assert same_list(place, "read-only")
        for output in ("shut", "shut/deeper"):
            run(place, "score", *arguments(leads), f"output={output}", rights=False).refused("ICP010", "output=")
        assert not any(shut.iterdir())
    finally:
        for folder in (bundle, shut):
            folder.chmod(0o755)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 300 kB, and a way to make room."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no file system of 300 kB can be mounted here (root may)")

    def more_room() -> None:
        subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)

    try:
        yield disk, more_room
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_full_disk_leaves_no_list_and_with_room_the_list_is_as_it_should_be(place, leads, small_disk):
    disk, more_room = small_disk
    ended = run(place, "score", *arguments(leads), f"output='{disk}/list'")
    ended.refused("ICP013", "Make room")
    assert contents(disk) == {}
    more_room()
    ended = run(place, "score", *arguments(leads), f"output='{disk}/list'")
    assert ended.code == 0, ended.err
    assert contents(disk / "list")["scores.csv"] == contents(place / "wie es soll")["scores.csv"]


def test_a_full_disk_under_the_ledger_enters_nothing_and_delivers_nothing(place, leads, small_disk):
    disk, more_room = small_disk
    told = (*arguments(leads), "campaign=spring", f"ledger.url='sqlite:///{disk}/ledger.db'", "output=entered")
    ended = run(place, "score", *told)
    ended.refused("ICP701", "ledger.url")
    assert not (place / "entered").exists()
    more_room()
    ended = run(place, "score", *told)
    assert ended.code == 0, ended.err
    assert "entered" in ended.out and "had this list already" not in ended.out


@pytest.mark.slow
def test_a_full_disk_leaves_no_model_and_no_version(leads, small_disk, tmp_path):
    disk, more_room = small_disk
    leads.accounts.to_csv(tmp_path / "accounts.csv", index=False)
    shared = f"tracking.uri='sqlite:///{tmp_path}/mlflow.db'"
    told = [*leads.overrides, *QUICK, shared, f"output='{disk}/trained'"]
    ended = run(tmp_path, "train", *told)
    ended.refused("ICP013")
    assert contents(disk) == {}
    more_room()
    ended = run(tmp_path, "train", *told)
    assert ended.code == 0, ended.err
    assert contents(disk / "trained" / "bundle") == contents(leads.bundle)
