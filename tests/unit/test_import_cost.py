"""Importing icp and asking for help load nothing heavy; both cost little over bare Python."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys

import pytest

import icp
from icp.config import commands

HEAVY = (
    "shap",
    "mlflow",
    "sklearn",
    "pandas",
    "matplotlib",
    "hydra",
    "omegaconf",
    "numpy",
    "pyarrow",
    "lightgbm",
    "rich",
)
MODULES = (
    "import json,sys; print(json.dumps(sorted({n.split('.')[0] for n in sys.modules} & set(sys.argv[1].split(',')))), "
    "file=sys.stderr)"
)


def loaded_by(code: str) -> list[str]:
    arguments = [sys.executable, "-c", f"{code}\n{MODULES}", ",".join(HEAVY)]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stderr.splitlines()[-1])


HELP = """
import runpy, sys
keep = sys.argv
sys.argv = ['icp', '--help']
try:
    runpy.run_module('icp.{command}', run_name='__main__')
except SystemExit as left:
    assert left.code == 0
sys.argv = keep
"""


def test_import_loads_nothing_heavy():
    assert loaded_by("import icp") == []


@pytest.mark.parametrize("command", commands())
def test_help_loads_nothing_heavy(command):
    assert loaded_by(HELP.format(command=command)) == []


def seconds(*arguments):
    """Processor time of a whole interpreter: unlike wall time it says the same on a busy machine."""
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return used.ru_utime + used.ru_stime


def test_help_and_import_cost_less_than_three_tenths_over_bare_python():
    rounds = [
        (seconds("-c", "pass"), seconds("-c", "import icp"), seconds("-m", "icp.train", "--help")) for _ in range(7)
    ]
    bare, imported, helped = (min(times) for times in zip(*rounds, strict=True))
    assert imported - bare < 0.3
    assert helped - bare < 0.3


SCORE = """
import json, runpy, sys
sys.argv = ['icp.score', *{arguments!r}]
try:
    runpy.run_module('icp.score', run_name='__main__')
except SystemExit as left:
    assert left.code in (0, 3), left.code
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def test_a_short_list_is_scored_without_what_it_does_not_need(leads, tmp_path):
    """What learning, lists, Spark, a registry and long tables need takes longer to load than a short list to score."""
    accounts = tmp_path / "accounts.csv"
    leads.accounts.head(60).to_csv(accounts, index=False)
    arguments = ["accounts=csv", f"accounts.path={accounts}", "accounts.account_id=account_id", "tracking=none"]
    code = SCORE.format(arguments=[*arguments, f"model={leads.bundle}", f"output={tmp_path / 'out'}"])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    loaded = set(json.loads(done.stderr.splitlines()[-1]))
    packages = {name.partition(".")[0] for name in loaded}
    heavy = {"scipy", "sklearn", "numba", "lightgbm", "mlflow", "sqlalchemy", "pandera", "pyspark", "shap", "jinja2"}
    heavy |= {"splink", "duckdb", "rich"}  # stderr is no terminal here
    assert not packages & heavy
    ours = {"_inputs", "_base", "model", "evaluation", "outcomes", "accounts._accounts", "accounts._contract"}
    ours |= {"engines._spark", "engines._change", "delivery._package", "tracking._record", "tracking._promotion"}
    assert not loaded & {f"icp.{name}" for name in ours}
    assert not loaded & {"urllib.request", "xml.sax", "pyarrow.parquet"}  # the salesforce list writes XML


def test_importing_writes_nothing(tmp_path):
    env = {**os.environ, "HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-c", "import icp, icp.config, icp._command"], cwd=tmp_path, env=env, check=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", icp.__all__)
def test_every_public_name_is_there(name):
    assert getattr(icp, name) is not None


def test_no_public_name_is_a_command_and_commands_are_reachable():
    assert not set(icp.__all__) & set(commands())
    assert set(commands()) <= set(dir(icp))
    assert callable(icp.promote.run)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = icp.nothing


def test_version_is_that_of_the_package():
    assert importlib.metadata.version("icp") == icp.__version__
