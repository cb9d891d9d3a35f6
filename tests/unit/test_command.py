"""The wrapper of every command: exit codes, one block, no foreign text, nothing left behind."""

from __future__ import annotations

import errno
import json
import logging
import subprocess
import sys
import types
import warnings
from pathlib import Path
from typing import ClassVar

import pytest

from icp import _command
from icp._interrupts import Terminated
from icp._outcome import Outcome
from icp._progress import step
from icp.config import commands, resolve
from icp.errors import ConfigError, ICPWarning, Problem, TableError
from icp.tables import Finding

FOREIGN = ("hydra", "Hydra", "HYDRA", "omegaconf", "struct", "Traceback", "argparse", "usage:", "overrides:")


class Result(Outcome):
    output = Path("out/here")
    model_version = "leads-0123456789ab"
    counts: ClassVar = {"accounts": 7}

    def __init__(self, severity: str = "note") -> None:
        self.findings = (Finding("ICP101", severity, "found", "noted"),)

    def summary(self) -> str:
        return "all done"


@pytest.fixture
def run(monkeypatch, tmp_path, capfd):
    """Run the wrapper around a function in place of training; gives code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HYDRA_FULL_ERROR", "0")
    level, handlers = logging.getLogger().level, logging.getLogger().handlers[:]
    icp_level = logging.getLogger("icp").level

    def call(work, *arguments, command="train"):
        module = types.ModuleType(f"icp.{command}")
        module.run = work
        monkeypatch.setitem(sys.modules, f"icp.{command}", module)
        with warnings.catch_warnings(), pytest.raises(SystemExit) as left:
            _command.main(command, list(arguments))
        out, err = capfd.readouterr()
        return left.value.code, out, err

    yield call
    logging.captureWarnings(False)
    logging.basicConfig(level=level, handlers=handlers, force=True)
    logging.getLogger("icp").setLevel(icp_level)
    assert list(tmp_path.iterdir()) == []


def fails(error):
    def work(cfg):
        raise error

    return work


def never(cfg):
    raise AssertionError("the work must not start")


def test_done_gives_zero_and_the_summary_on_stdout(run):
    seen = []

    def work(cfg):
        seen.append(resolve(cfg))
        logging.getLogger("icp.test").info("a step")
        return Result()

    code, out, err = run(work, "seed=7", "name=leads")
    assert (code, out) == (0, "all done\n")
    assert "a step" in err
    assert (seen[0].seed, seen[0].name, seen[0].accounts.source) == (7, "leads", "sample")


@pytest.mark.parametrize(("severity", "code"), [("note", 0), ("warning", 0), ("issue", 3)])
def test_only_issues_give_three(run, severity, code):
    assert run(lambda cfg: Result(severity))[0] == code


def test_an_error_of_ours_gives_two_and_its_block(run):
    error = TableError("2 problems in table 'accounts'", [Problem("ICP102", "a.", "b."), Problem("ICP104", "c.", "d.")])
    code, out, err = run(fails(error))
    assert (code, out) == (2, "")
    assert err == ("TableError: 2 problems in table 'accounts'\n  ICP102  a.  b.\n  ICP104  c.  d.\n")


def test_a_single_problem_is_not_said_twice(run):
    _, _, err = run(fails(ConfigError.one("ICP003", "it is wrong.", "Mend it.")))
    assert err.count("it is wrong.") == 1


def test_anything_else_is_a_bug_with_its_trace(run):
    code, _, err = run(fails(ZeroDivisionError("by nought")))
    assert code == 1
    assert "This is a bug in icp" in err and "by nought" in err and "Traceback" in err


def test_interrupted_gives_130(run):
    code, _, err = run(fails(KeyboardInterrupt()))
    assert code == 130 and "Traceback" not in err and "the output folder is whole" in err
    assert "the ledger is whole" in run(fails(KeyboardInterrupt()), command="feedback")[2]


def test_a_full_disk_is_told_in_one_line(run):
    code, _, err = run(fails(OSError(errno.ENOSPC, "No space left", "out/x.csv")))
    assert code == 2 and "the disk is full: 'out/x.csv'" in err and "Traceback" not in err


def test_an_unexpected_error_of_the_system_is_a_bug(run):
    assert run(fails(OSError(errno.EIO, "I/O error")))[0] == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["sede=1"], "'seed'"),
        (["accounts=xls"], "Allowed: csv"),
        (["seed=x"], "a whole number"),
        (["accounts.separator=;"], "Quote"),
        (["--outut=x"], "there is no flag '--outut=x'"),
        (["--seed=1"], "Keys have no dashes: seed=1"),
        (["--config-dir", "nowhere"], "'nowhere' of --config-dir is not there"),
        (["--config-dir"], "needs a value"),
        (["--config-path", "x"], "there is no flag '--config-path'"),
        (["--config-name", "nothing"], "'nothing' is not there"),
        (["seed=1,2"], "add -m"),
        (["x._target_=os.system"], "never code"),
        (["accounts=csv"], "accounts.path"),
        (["promotion=now"], "gate, always, never"),
        (["summary=jsn"], "Did you mean 'json'?"),
    ],
)
def test_a_wrong_command_line_gives_two_and_one_block(run, arguments, says):
    def work(cfg):
        resolve(cfg)
        never(cfg)

    code, out, err = run(work, *arguments)
    assert (code, out) == (2, "")
    assert says in err
    assert not [word for word in FOREIGN if word in err.replace("hydra.searchpath", "")]


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_gives_zero_whatever_else_is_written(run, flag):
    code, out, _ = run(never, "sede=1", flag)
    assert code == 0 and "accounts.account_id=" in out and "gate" in out


def test_cfg_shows_the_configuration_with_secrets_masked(run):
    line = ["accounts=sql", "accounts.url=postgresql://me:hunter2@db/x", "accounts.query=SELECT 1", "--cfg", "job"]
    code, out, _ = run(never, *line)
    assert code == 0 and "me:***@db" in out and "hunter2" not in out


def test_several_runs_with_m_give_the_worst_code(run, tmp_path):
    seeds = []

    def work(cfg):
        seeds.append(cfg.seed)
        return Result("issue" if cfg.seed == 1 else "note")

    code, out, _ = run(work, "-m", "seed=0,1,2", f"output={tmp_path.parent / 'sweep'}")
    assert (code, seeds) == (3, [0, 1, 2])
    assert out.count("all done") == 3


def test_a_folder_of_ones_own(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    (folder / "exp").mkdir()
    (folder / "exp" / "acme.yaml").write_text("# @package _global_\nname: acme\n", "utf-8")
    names = []

    def work(cfg):
        names.append(cfg.name)
        return Result()

    assert run(work, "--config-dir", str(folder), "+exp=acme")[0] == 0
    assert names == ["acme"]


def test_secrets_reach_neither_stdout_nor_stderr(run):
    def work(cfg):
        logging.getLogger("icp.test").info("reading postgresql://me:hunter2@db/x")
        raise RuntimeError("cannot open postgresql://me:hunter2@db/x")

    _, out, err = run(work, "accounts.url=postgresql://me:hunter2@db/x")
    assert "hunter2" not in out + err and "me:***@db" in err


def test_only_our_warnings_are_shown(run):
    def work(cfg):
        warnings.warn("few best customers", ICPWarning, stacklevel=1)
        warnings.warn("someone else's", FutureWarning, stacklevel=1)
        return Result()

    _, _, err = run(work)
    assert "few best customers" in err and "someone else" not in err


def test_the_package_alone_says_which_commands_there_are():
    done = subprocess.run([sys.executable, "-m", "icp"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert all(f"python -m icp.{name} " in done.stdout for name in commands())


KEYS = ["command", "exit_code", "status", "output", "model_version", "counts", "findings", "problems", "seconds"]


@pytest.mark.parametrize(("severity", "code", "status"), [("note", 0, "done"), ("issue", 3, "done_with_issues")])
def test_a_scheduler_gets_one_line_and_a_person_the_words(run, severity, code, status):
    left, out, err = run(lambda cfg: Result(severity), "summary=json")
    said = json.loads(out)
    assert (left, out.count("\n"), list(said)) == (code, 1, KEYS)
    assert (said["command"], said["exit_code"], said["status"]) == ("train", code, status)
    assert (said["output"], said["model_version"]) == ("out/here", "leads-0123456789ab")
    assert said["counts"] == {"accounts": 7} and said["problems"] == []
    assert said["findings"] == {"issue": 0, "warning": 0, "note": 0} | {severity: 1}
    assert 0 <= said["seconds"] < 300
    assert "all done" in err


@pytest.mark.parametrize(
    ("error", "code", "status", "codes"),
    [
        (TableError("in two places", [Problem("ICP102", "a.", "b."), Problem("ICP104", "c.", "d.")]), 2, "wrong_input",
         ["ICP102", "ICP104"]),
        (OSError(errno.ENOSPC, "No space left", "out/x.csv"), 2, "wrong_input", ["ICP013"]),
        (OSError(errno.EIO, "I/O error"), 1, "bug", []),
        (ZeroDivisionError("by nought"), 1, "bug", []),
        (KeyboardInterrupt(), 130, "interrupted", []),
        (Terminated(), 143, "terminated", []),
    ],
    ids=["input", "disk", "device", "bug", "interrupt", "terminate"],
)  # fmt: skip
def test_a_scheduler_gets_one_line_of_a_run_that_failed(run, error, code, status, codes):
    left, out, err = run(fails(error), "summary=json")
    said = json.loads(out)
    assert (left, said["exit_code"], said["status"], list(said)) == (code, code, status, KEYS)
    assert [problem["code"] for problem in said["problems"]] == codes
    assert err


def test_a_wrong_command_line_is_told_a_scheduler_too(run):
    left, out, _ = run(never, "sede=1", "summary=json")
    assert left == 2 and json.loads(out)["problems"] == [{"code": "ICP001", "message": "there is no key 'sede'."}]


def test_several_runs_give_a_line_each(run, tmp_path):
    _, out, _ = run(lambda cfg: Result(), "-m", "seed=0,1", "summary=json", f"output={tmp_path.parent / 'sweep'}")
    assert [json.loads(line)["status"] for line in out.splitlines()] == ["done", "done"]


def test_messages_steps_and_problems_are_json_lines_on_request(run):
    def work(cfg):
        with step("learning the score"):
            logging.getLogger("icp.test").info("reading %s", "postgresql://me:hunter2@db/x")
        try:
            raise RuntimeError("secret=hunter2")
        except RuntimeError:
            logging.getLogger("icp.test").exception("it went wrong")
        raise TableError("in one place", [Problem("ICP102", "a.", "b.", n_rows=3, examples=("x",))])

    _, out, err = run(work, "logs=json")
    lines = [json.loads(line) for line in err.splitlines()]
    assert out == "" and "hunter2" not in err
    assert [line["message"] for line in lines] == [
        "learning the score", "reading postgresql://me:***@db/x", "it went wrong", "a."
    ]  # fmt: skip
    assert [line["level"] for line in lines] == ["info", "info", "error", "error"]
    assert all(line["time"].endswith("+00:00") and line["logger"] for line in lines)
    assert "RuntimeError" in lines[2]["trace"]
    assert {key: lines[3][key] for key in ("code", "action", "n_rows", "examples")} == {
        "code": "ICP102", "action": "b.", "n_rows": 3, "examples": ["x"],
    }  # fmt: skip


def test_a_file_of_ones_own_may_ask_for_it(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    (folder / "job").mkdir()
    (folder / "job" / "night.yaml").write_text("# @package _global_\nsummary: json\nlogs: json\n", "utf-8")

    def work(cfg):
        logging.getLogger("icp.test").info("a step")
        return Result()

    _, out, err = run(work, "--config-dir", str(folder), "+job=night")
    assert json.loads(out)["status"] == "done"
    assert json.loads(err)["message"] == "a step"


def in_a_shell(*arguments):
    return subprocess.run([sys.executable, "-m", "icp", *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["simulate", "sede=1"], 2, "Did you mean 'seed'?"),
        (["trian"], 2, "Did you mean 'train'?"),
        (["trian", "--help"], 2, "Did you mean 'train'?"),
        (["train", "--help"], 0, "accounts.account_id="),
        (["--version"], 0, "icp 0."),
        (["completion", "fish"], 2, "icp completion bash or icp completion zsh"),
    ],
)
def test_a_command_is_run_by_its_name(arguments, code, says):
    done = in_a_shell(*arguments)
    assert (done.returncode, says in done.stdout + done.stderr) == (code, True), done.stderr


def test_a_command_by_its_name_does_its_work_with_the_same_exit_code(tmp_path):
    done = in_a_shell("simulate", "simulation.n_accounts=60", f"output={tmp_path / 'out'}", "summary=json")
    said = json.loads(done.stdout)
    assert (done.returncode, said["counts"]["accounts"]) == (0, 60)
    assert (tmp_path / "out/accounts.csv").is_file()
