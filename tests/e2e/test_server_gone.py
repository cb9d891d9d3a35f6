"""A tracking server that goes away while a command runs: nothing that was learned or scored is lost."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest
from commands import contents

from mlflow_server import running_server
from trained_models import QUICK

pytestmark = pytest.mark.slow


def started(folder, name, *line):
    """A command as its own process, whose words can be read while it runs."""
    return subprocess.Popen(
        [sys.executable, "-m", f"icp.{name}", *line],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def wait_for(process, words):
    """Read on until the command says the words."""
    said = []
    for line in process.stderr:
        said.append(line)
        if words in line:
            return
    pytest.fail(f"it never said '{words}': {''.join(said)}")


def ended(process):
    out, err = process.communicate(timeout=600)
    return process.returncode, out, err


def test_a_server_gone_before_registering_costs_no_model_and_one_gone_while_scoring_costs_nothing(
    command, leads, tmp_path
):
    (tmp_path / "server").mkdir()
    accounts = f"accounts.path={leads.folder / 'accounts.csv'}"
    train = ("train", *leads.overrides, accounts, *QUICK, "output=out/train", "tracking=server")
    with running_server(tmp_path / "server") as uri:
        process = started(tmp_path, *train, f"tracking.uri={uri}")
        wait_for(process, "learning the score")
    code, _, err = ended(process)
    block = err[err.index("TrackingError") :].splitlines()
    assert code == 2, err
    assert block[0] == "TrackingError: the model was learned, but is not registered"
    assert block[1].startswith(f"  ICP501  the tracking store {uri} does not answer.")
    assert block[2].startswith("  ICP508  the model and its report are whole in 'out/train', without a version.")
    assert block[2].endswith(f"action=register model=out/train tracking=server tracking.uri={uri}")
    assert len(block) == 3
    assert contents(tmp_path / "out/train/bundle") == contents(leads.bundle)
    assert (tmp_path / "out/train/report.html").is_file()
    assert len(pd.read_csv(tmp_path / "out/train/examples.csv")) > 0
    assert not list((tmp_path / "out/train").glob(".*"))

    with running_server(tmp_path / "server") as uri:
        again = command(*train, f"tracking.uri={uri}")
        assert again.code in (0, 3), again.err
        assert f"registered: models:/leads/1 in {uri}; it is the champion." in again.out
        asked = ("score", *leads.reading, accounts, "tracking=server", f"tracking.uri={uri}")
        process = started(tmp_path, *asked, "model=models:/leads@champion", "output=out/score")
        wait_for(process, "reading accounts")
    code, _, err = ended(process)
    assert code in (0, 3), err
    command(*asked, "model=models:/leads@champion", "output=out/later").refused("ICP501")
    assert not (tmp_path / "out/later").exists()
    folder = command(*asked[:-2], "model=out/train/bundle", "output=out/folder")
    assert folder.code in (0, 3), folder.err
    assert contents(tmp_path / "out/score")["scores.csv"] == contents(tmp_path / "out/folder")["scores.csv"]
