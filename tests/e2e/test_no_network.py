"""Nothing leaves the machine: a whole journey under a hook that refuses and records every connection."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from planted_customers import QUICK, customers

HOOK = """
import json, os, sys

def watch(event, arguments):
    if event not in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        return
    host = arguments[0] if event.startswith("socket.get") else arguments[1]
    if isinstance(host, (str, bytes)) and event == "socket.connect":
        return  # a socket of the file system
    place = host[0] if isinstance(host, tuple) else host
    if str(place) in ("127.0.0.1", "::1", "localhost", "None"):
        return
    with open(os.environ["SEEN"], "a") as file:
        file.write(json.dumps([event, str(place)]) + "\\n")
    raise OSError(f"no network: {event} {place}")

sys.addaudithook(watch)
"""
JOURNEY = """
import icp
quick = {quick}
reading = ["accounts=csv", "accounts.path=planted.csv", "accounts.account_id=account_id"]
icp.train.run(icp.load_config("train", [*reading, *quick, "output=out/train"]))
icp.validate.run(icp.load_config("validate", [*reading, "labels=flag", "labels.column=best", "labels.positive=yes", "output=out/validate"]))
score = [*reading, "model=models:/planted@champion", "output=out/score", "delivery=salesforce", "campaign=spring", "holdout.share=0.2"]
icp.score.run(icp.load_config("score", score))
icp.report.run(icp.load_config("report", ["model=models:/planted@champion", "output=out/report"]))
icp.scorecard.run(icp.load_config("scorecard", ["output=out/meeting"]))
print("done")
"""  # noqa: E501


@pytest.fixture(scope="module")
def watched(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("watched")
    (folder / "hook").mkdir()
    (folder / "hook" / "sitecustomize.py").write_text(HOOK)
    customers(0).drop(columns="kind").to_csv(folder / "planted.csv", index=False)
    return folder


def run(folder: Path, code: str) -> tuple[subprocess.CompletedProcess, list[list[str]]]:
    """Run it under the hook; what it tried to reach."""
    import os

    seen = folder / "seen.jsonl"
    seen.write_text("")
    paths = [str(folder / "hook"), *filter(None, [os.environ.get("PYTHONPATH")])]
    hooked = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "SEEN": str(seen)}
    hooked.pop("MLFLOW_DISABLE_TELEMETRY", None)  # that is ours to do
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, env=hooked, capture_output=True, text=True)
    return done, [json.loads(line) for line in seen.read_text().splitlines()]


def test_the_hook_sees_what_would_leave(watched):
    for code in (
        "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)",
        "import urllib.request; urllib.request.urlopen('http://example.invalid/')",
    ):
        done, seen = run(watched, code)
        assert done.returncode == 1 and len(seen) == 1


def test_a_whole_journey_reaches_for_nothing(watched):
    done, seen = run(watched, JOURNEY.format(quick=list(QUICK)))
    assert done.stdout.strip().endswith("done"), done.stderr[-2000:]
    assert seen == []
    assert (watched / "out" / "meeting" / "meeting.html").is_file()
