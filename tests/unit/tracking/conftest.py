"""A bundle folder as tracking sees it, and a working directory of its own."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from icp.options import TrackingOptions
from icp.tracking import RunRecord, log_version

COLUMNS = [("employees", "numeric"), ("Größe (cm)", "categorical"), ("since", "date"), ("seen", "numeric")]


@pytest.fixture
def workdir(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return tmp_path


def write_bundle(folder: Path, mark: str = "one") -> Path:
    traits = [{"rule": "age" if kind == "date" else "value", "sources": [name]} for name, kind in COLUMNS[:3]]
    columns = [{"name": name, "kind": kind, "role": "trait"} for name, kind in COLUMNS]
    folder.mkdir(parents=True)
    (folder / "model.json").write_text(json.dumps({"traits": traits, "columns": columns, "mark": mark}), "utf-8")
    (folder / "manifest.json").write_text("{}", "utf-8")
    return folder


@pytest.fixture(scope="session")
def make_record(tmp_path_factory):
    def make(name: str = "leads", mark: str = "one") -> RunRecord:
        folder = tmp_path_factory.mktemp("run")
        bundle = write_bundle(folder / "bundle", mark)
        (folder / "report.html").write_text("<p>report</p>", "utf-8")
        (folder / "figures").mkdir()
        (folder / "figures" / "gain.svg").write_text("<svg/>", "utf-8")
        metrics = {"auc": 0.8, "lift_at_10": float("nan")}
        return RunRecord(name, {"seed": 0}, metrics, {"icp.version": f"{name}-{mark}"}, folder, bundle, "ab" * 32)

    return make


@pytest.fixture(scope="session")
def three_versions(make_record, tmp_path_factory):
    """A working directory whose local store holds three versions of 'leads'; making the database is the slow part."""
    folder = tmp_path_factory.mktemp("work")
    before = Path.cwd()
    os.chdir(folder)
    try:
        infos = [log_version(make_record(mark=mark), TrackingOptions()) for mark in ("one", "two", "three")]
    finally:
        os.chdir(before)
    return folder, infos


@pytest.fixture
def moved_store(three_versions, workdir):
    """A copy of that store in a new working directory."""
    shutil.copytree(three_versions[0] / "mlruns", workdir / "mlruns")
    return workdir
