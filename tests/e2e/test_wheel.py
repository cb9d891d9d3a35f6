"""The wheel holds everything a run needs: configs, sample, templates, limits."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    place = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = place.glob("icp-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place / "site")
    return place / "site"


def test_configs_sample_and_package_data_are_inside(unpacked):
    inside = {str(file.relative_to(unpacked)) for file in unpacked.rglob("*") if file.is_file()}
    for folder, packed in (("conf", "icp/_conf"), ("data/sample", "icp/_sample"), ("data/messages", "icp/_messages")):
        wanted = {f"{packed}/{file.relative_to(ROOT / folder)}" for file in (ROOT / folder).rglob("*.*")}
        assert wanted <= inside
    sources = {
        str(file.relative_to(ROOT / "src")) for file in (ROOT / "src").rglob("*.*") if "__pycache__" not in str(file)
    }
    assert {name for name in sources if name.startswith("icp/")} <= inside


def test_help_and_sample_work_from_the_wheel_alone_in_another_folder(unpacked, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(unpacked)}
    run = {"cwd": tmp_path, "env": environment, "capture_output": True, "text": True, "check": True}
    shown = subprocess.run([sys.executable, "-m", "icp.train", "--help"], **run)
    assert "accounts" in shown.stdout
    code = "import icp, icp.accounts as a; print(icp.__file__); print(a.sample_folder()); print(icp.config_dir())"
    where = subprocess.run([sys.executable, "-c", code], **run)
    assert all(str(unpacked) in line for line in where.stdout.strip().splitlines())
