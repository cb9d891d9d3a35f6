"""Wheel and sdist as a stranger gets them: what is in them, that they install, that every command runs from there.

The environment is new and holds icp alone, from the wheel that was built from the sdist; what icp needs it sees in the
environment of the tests (with `make install-check` everything is installed anew).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.install


def build(kind, source, place):
    arguments = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(place)]
    subprocess.run(arguments, cwd=source, check=True, capture_output=True)
    (made,) = place.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built from the sdist, with nothing but what that holds."""
    place = tmp_path_factory.mktemp("built")
    with tarfile.open(build("sdist", ROOT, place)) as archive:
        archive.extractall(place / "source", filter="data")
    (source,) = (place / "source").iterdir()
    return build("wheel", source, place)


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Folder with the programs of an environment that got the wheel, and knows nothing of the checkout."""
    place = tmp_path_factory.mktemp("empty")
    venv.create(place, with_pip=False, symlinks=True)
    packages = next(place.glob("lib/python*/site-packages"))
    (packages / "needed.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    arguments = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(place / "bin/python"),
        "install",
        "--no-deps",
        "--no-index",
    ]
    subprocess.run([*arguments, "--ignore-installed", "--quiet", str(wheel)], check=True, capture_output=True)
    return place / "bin"


@pytest.fixture
def icp(installed, tmp_path):
    env = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME")}

    def call(*arguments, program="icp"):
        return subprocess.run(
            [str(installed / program), *arguments], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )

    return call


def test_the_wheel_holds_the_package_its_configs_and_the_sample_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    folders = {"src/icp": "icp", "conf": "icp/_conf", "data/sample": "icp/_sample", "data/messages": "icp/_messages"}
    kept = subprocess.run(["git", "ls-files", *folders], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    wanted = set()
    for folder, inside in folders.items():
        under = [name for name in kept.splitlines() if name.startswith(f"{folder}/")]
        assert under, folder
        wanted |= {inside + name.removeprefix(folder) for name in under}
    assert packed == wanted


def test_what_is_run_is_what_was_installed(icp, installed):
    code = "import icp, icp.config; print(icp.__file__); print(icp.config_dir())"
    done = icp("-c", code, program="python")
    assert done.returncode == 0, done.stderr
    assert all(line.startswith(str(installed.parent)) for line in done.stdout.splitlines()), done.stdout


SOURCE = [
    *("accounts=csv", "accounts.path=sim/accounts.csv", "accounts.account_id=account_id", "as_of=2026-03-31"),
    *("outcomes=csv", "outcomes.path=sim/outcomes.csv", "outcomes.account_id=account_id", "outcomes.at=at"),
    *("outcomes.kind=stage", "labels=won", "labels.positive=Won"),
]
QUICK = ["profiles.n_resamples=4", "scoring.max_trees=20", "scoring.n_folds=2"]


def test_the_first_round_of_commands_runs_in_another_folder(icp, tmp_path):
    lines = [
        ("simulate", "simulation.n_accounts=1200", "simulation.base_rate=0.3", "output=sim"),
        ("validate", *SOURCE, "output=out/validate"),
        ("train", *SOURCE, *QUICK),
        ("score", *SOURCE[:9], "delivery=generic", "campaign=spring"),
        ("report",),
    ]
    for line in lines:
        done = icp(*line, "summary=json")
        assert done.returncode in (0, 3), (line, done.stderr)  # 3: twelve hundred accounts give findings
        told = json.loads(done.stdout)
        assert told["command"] == line[0]
    assert (tmp_path / "out/train/report.html").is_file() and (tmp_path / "out/score/generic/manifest.json").is_file()
    assert not list(tmp_path.rglob(".partial-*"))


@pytest.mark.parametrize("name", ["backtest", "promote", "feedback", "scorecard", "match"])
def test_the_other_commands_show_their_keys(icp, name):
    done = icp(name, "--help")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(f"python -m icp.{name}") >= 2 and "\nExit codes: 0 done" in done.stdout, done.stdout


WITHOUT = """
import sys
for name in {missing!r}:
    sys.modules[name] = None
sys.argv = ["icp", *sys.argv[1:]]
from icp.__main__ import main
main()
"""


@pytest.mark.parametrize(
    ("missing", "line", "says"),
    [
        (["pyspark"], ("score", "engine=spark"), "pip install 'icp[spark]'"),
        (
            ["psycopg"],
            ("score", "accounts=sql", "accounts.url=postgresql+psycopg://u@127.0.0.1/x", "accounts.query=SELECT 1"),
            "pip install 'icp[postgres]'",
        ),
        (
            ["splink", "duckdb"],
            ("match", "leads.path=leads.csv", "leads.method=splink"),
            "pip install 'icp[match]'",
        ),
        (
            ["psycopg"],
            ("scorecard", "ledger.url=postgresql+psycopg://u@127.0.0.1/x"),
            "pip install 'icp[postgres]'",
        ),
    ],
    ids=["spark", "postgres", "match", "ledger"],
)
def test_an_extra_that_is_absent_is_named_with_how_to_get_it(icp, leads, tmp_path, missing, line, says):
    (tmp_path / "leads.csv").write_text("name\nAcme\n")
    model = () if line[0] != "score" else (f"model={leads.bundle}",)
    done = icp("-c", WITHOUT.format(missing=missing), *line, *model, program="python")
    assert done.returncode == 2 and says in done.stderr, done.stderr


TYPED = """
import icp
model: icp.IdealCustomerModel = icp.IdealCustomerModel("leads")
bundle = icp.load_bundle("folder")
version: str = bundle.version
config = icp.load_config("train", ["seed=1"])
reveal_type(config.seed)
wrong: int = bundle.version
icp.load_config(1)
"""


def test_a_script_against_the_installed_package_is_typed(installed, tmp_path):
    pytest.importorskip("mypy")
    (tmp_path / "script.py").write_text(TYPED)
    arguments = ["--strict", "--python-executable", str(installed / "python"), "--cache-dir", str(tmp_path / "c")]
    env = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "MYPYPATH")}
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *arguments, "--follow-imports", "silent", "script.py"],
        cwd=tmp_path, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert any(line.startswith("script.py:7: note") and "int" in line for line in lines), done.stdout
    errors = [line.partition(":")[2].partition(":")[0] for line in lines if ": error" in line]
    assert errors == ["8", "9"], done.stdout
