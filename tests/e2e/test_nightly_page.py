"""The script of the page on a nightly job, as cron would start it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs/how-to/nightly-job.md"
DAY = "2026-03-31"
pytestmark = pytest.mark.slow


@pytest.fixture
def night(leads, tmp_path):
    """Run the script in a folder with a trained model, with no more in the environment than cron gives."""
    (script,) = re.findall(r"^```bash\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)
    assert script.count("/srv/icp") == 1 and script.count("$(date +%F)") == 1
    (tmp_path / "nightly.sh").write_text(script.replace("/srv/icp", str(tmp_path)).replace("$(date +%F)", DAY))
    shutil.copytree(leads.folder / "mlruns", tmp_path / "mlruns")
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "export").mkdir()
    shutil.copy(leads.folder / "accounts.csv", tmp_path / "export/accounts.csv")
    kept = {name: os.environ[name] for name in ("PYTHONPATH", "OMP_NUM_THREADS") if name in os.environ}

    def run():
        done = subprocess.run(
            ["/bin/bash", str(tmp_path / "nightly.sh")],
            cwd="/", env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", **kept},
            capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    return run


def test_a_quiet_night_prints_nothing_and_what_stops_it_is_said_in_one_line(night, tmp_path):
    assert night() == (0, "", ""), (tmp_path / "icp.log").read_text("utf-8")
    assert (tmp_path / "out" / DAY / "generic/manifest.json").is_file()
    assert "accounts scored" in (tmp_path / "icp.log").read_text("utf-8")

    export = tmp_path / "export/accounts.csv"
    two_days = time.time() - 2 * 86_400
    os.utime(export, (two_days, two_days))
    assert night() == (1, "export/accounts.csv is not there, or older than a day\n", "")
    export.write_text("")
    assert night() == (1, "something in the input to mend; see icp.log\n", "")
    assert "ICP101" in (tmp_path / "icp.log").read_text("utf-8")
    (tmp_path / ".venv").unlink()
    export.write_text("account_id\nA-1\n")
    code, said, _ = night()
    assert (code, said) == (1, "a bug, or interrupted; see icp.log\n")
