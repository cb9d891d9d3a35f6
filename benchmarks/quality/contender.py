"""One contender on one task: ``python -m benchmarks.quality.contender NAME TASK OUT [SECONDS]``, a process of its own.

Writes ``OUT.csv``, one probability for each test row in row order, and ``OUT.json`` with the versions used.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from benchmarks.quality import peers
from benchmarks.quality.tasks import load


def main(name: str, task: Path, out: Path, seconds: float = 300.0) -> None:
    """Fit on the training rows, write the probabilities of the test rows."""
    peer = peers.PEERS[name]
    if peer.by_command:
        scores = peer.run(task)
    else:
        X_train, y_train, X_test, _ = load(task)
        scores = peer.run(X_train, y_train, X_test, seconds)
    pd.Series(scores, name="probability").to_csv(f"{out}.csv", index=False)
    versions = {package: version(package) for package in peer.packages}
    Path(f"{out}.json").write_text(json.dumps({"contender": name, "versions": versions}) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]).resolve(), Path(sys.argv[3]).resolve(), *map(float, sys.argv[4:]))
