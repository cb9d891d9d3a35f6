"""What the tab key offers: from the files and the schema, and through a real bash."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time

import pytest

from icp._completion import candidates
from icp.config import commands
from icp.config._check import check_overrides, key_names
from icp.config._folder import groups


@pytest.mark.parametrize(
    ("line", "offers"),
    [
        ("icp tr", ["train"]),
        ("icp train promo", ["promotion="]),
        ("icp train promotion=", ["promotion=always", "promotion=gate", "promotion=never"]),
        ("icp train promotion=g", ["promotion=gate"]),
        ("icp train accounts=", [f"accounts={name}" for name in ("csv", "derived", "parquet", "sample", "sql")]),
        ("icp train acc", ["accounts.", "accounts="]),
        ("icp train scoring.cu", ["scoring.cutoffs="]),
        ("icp train seed=1 scoring.cutoffs=r", ["scoring.cutoffs=reset"]),
        ("icp train messages.names=", ["messages.names=false", "messages.names=true"]),
        ("icp promote action=r", ["action=register", "action=rollback"]),
        ("icp feedback action=r", ["action=reconcile"]),
        ("icp train --conf", ["--config-dir", "--config-name"]),
        ("icp completion ", ["bash", "zsh"]),
        ("icp train accounts.path=", []),
        ("icp train nothing=", []),
        ("icp trian ", []),
        ("icp promote scoring.", []),
    ],
)
def test_what_can_follow(line, offers):
    assert candidates(line) == offers


def test_every_command_is_offered():
    assert set(commands()) < set(candidates("icp "))


@pytest.mark.parametrize("command", commands())
def test_every_key_offered_is_one_the_command_takes(command):
    sections = [text for text in candidates(f"icp {command} ") if text.endswith(".")]
    keys = [text for start in ("", *sections) for text in candidates(f"icp {command} {start}") if text[-1] == "="]
    assert len(keys) > 3
    offered = [value for key in keys for value in candidates(f"icp {command} {key}")]
    assert len(offered) > 3
    assert check_overrides(command, offered) == []
    assert {key.rstrip("=") for key in keys} <= {*key_names(command), *groups(command)}
    assert not [key for key in keys if key.endswith((".source=", ".recipe=", ".target=", ".store="))]


BASH = shutil.which("bash")
ASK = """
COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:'
eval "$({python} -m icp completion bash)"
icp() {{ {python} -m icp "$@"; }}
compopt() {{ echo "compopt $*"; }}
COMP_LINE={line!r}; COMP_POINT=${{#COMP_LINE}}
COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_icp
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.mark.skipif(BASH is None, reason="no bash on this machine")
@pytest.mark.parametrize(
    ("line", "words", "offers"),
    [
        ("icp tra", "icp tra", ["train"]),
        ("icp train promo", "icp train promo", ["compopt -o", "nospace", "promotion="]),
        ("icp train promotion=", "icp train promotion =", ["always", "gate", "never"]),
        ("icp train promotion=g", "icp train promotion = g", ["gate"]),
        ("icp train accounts.path=da", "icp train accounts.path = da", [""]),
    ],
)
def test_a_real_bash_gets_what_stands_after_its_word_breaks(line, words, offers):
    script = ASK.format(python=sys.executable, line=line, words=words)
    done = subprocess.run([BASH, "--norc", "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout.splitlines(), done.stderr) == (offers, "")


@pytest.fixture
def at_terminal(tmp_path, monkeypatch):
    """An interactive shell on a terminal of its own, in a folder with a file, where ``icp`` is this one.

    Gives two functions: type keys, and wait for a text.
    """
    place = tmp_path / "icp"
    place.write_text(f'#!/bin/sh\nexec {sys.executable} -m icp "$@"\n')
    place.chmod(0o755)
    (tmp_path / "data.csv").write_text("")
    opened = []

    def start(*line, **environment):
        process, terminal = pty.fork()
        if process == 0:
            os.chdir(tmp_path)
            os.environ.update(environment, PATH=f"{tmp_path}:{os.environ['PATH']}", HOME=str(tmp_path))
            os.execv(line[0], list(line))
        opened.append((process, terminal))
        seen = ""

        def until(wanted):
            nonlocal seen
            deadline = time.monotonic() + 60
            while wanted not in seen and time.monotonic() < deadline:
                if select.select([terminal], [], [], 1)[0]:
                    seen += os.read(terminal, 4096).decode(errors="replace")
            assert wanted in seen, seen

        return lambda keys: os.write(terminal, keys), until

    yield start
    for process, terminal in opened:
        os.kill(process, 9)
        os.waitpid(process, 0)
        os.close(terminal)


@pytest.mark.skipif(BASH is None, reason="no bash on this machine")
def test_a_person_at_a_real_bash_presses_tab(at_terminal):
    """What is typed, the tab key, and what then stands on the line."""
    press, until = at_terminal(BASH, "--norc", "--noprofile", "-i", PS1="$ ", TERM="dumb", INPUTRC="/dev/null")
    press(b'eval "$(icp completion bash)"; echo re""ady\n')
    until("ready")
    press(b"echo icp; icp simulate --he\t")
    until("--help")
    press(b"\x15icp train promotion=al\t")
    until("promotion=always")
    press(b"\x15icp train accounts.path=da\t")
    until("accounts.path=data.csv")


ZSH = shutil.which("zsh")
SHOW = b"""show() { print -r -- "<$BUFFER>"; BUFFER= }; zle -N show; bindkey "^G" show"""


@pytest.mark.skipif(ZSH is None, reason="no zsh on this machine (tests/services.sh installs it)")
def test_a_person_at_a_real_zsh_presses_tab(at_terminal):
    """The same, told by a key that shows the line as the shell has it."""
    press, until = at_terminal(ZSH, "-f", "-i", PS1="$ ", TERM="dumb")
    press(b'eval "$(icp completion zsh)"; ' + SHOW + b'; echo re""ady\n')
    until("ready")
    for keys, line in [
        (b"icp tra\tpromo\tal\t", "<icp train promotion=always >"),  # a space after a whole word, none after a key
        (b"icp train scoring.cu\tr\t", "<icp train scoring.cutoffs=reset >"),
        (b"echo icp; icp simulate --he\t", "<echo icp; icp simulate --help >"),
        (b"icp train accounts.path=da\t", "<icp train accounts.path=data.csv >"),
        (b"icp completion z\t", "<icp completion zsh >"),
    ]:
        press(keys + b"\x07")
        until(line)
