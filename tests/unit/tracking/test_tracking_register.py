"""A training registered from its folder: as it would have registered itself, in another store, and only whole."""

from __future__ import annotations

import json
import shutil

import pandas as pd
import pytest
from sqlalchemy.exc import SQLAlchemyError

import icp
from icp.errors import BundleError, ModelNotFoundError, TrackingError
from icp.options import TrackingOptions
from icp.tracking import _record, find_bundle
from trained_models import QUICK, inside, train

LOCAL = TrackingOptions()


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A working directory without a store."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return tmp_path


@pytest.fixture
def copied(leads, place):
    """The output folder of a training, and no store beside it."""
    return shutil.copytree(leads.bundle.parent, place / "out/train")


def register(model, *more):
    return icp.promote.run(icp.load_config("promote", ["action=register", f"model={model}", *more]))


def logged(folder):
    """What the registry holds beside the model, by path."""
    (run,) = (folder / "mlruns/artifacts").iterdir()
    root = run / "artifacts"
    files = (file for file in root.rglob("*") if file.is_file() and "model" not in file.relative_to(root).parts)
    return {str(file.relative_to(root)): file.read_bytes() for file in files}


def told(folder, version):
    """Params, metrics and tags of a version's run."""
    from icp.tracking._store import open_store
    from icp.tracking._versions import version_of

    with inside(folder), open_store(LOCAL) as store:
        found = version_of(store, "leads", version=version)
        run = store.client.get_run(found.run_id)
        return run.data.params, run.data.metrics, dict(found.tags)


def test_it_is_as_if_the_training_had_registered_itself(leads, copied, place):
    result = register("out/train")
    assert (result.version.address, result.version.alias) == ("models:/leads/1", "champion")
    assert "registered: models:/leads/1 in mlruns/; it is the champion." in result.summary()
    assert logged(place) == logged(leads.folder)
    assert told(place, "1") == told(leads.folder, "1")
    bundle = find_bundle("models:/leads@champion", LOCAL)
    assert icp.bundle.read(bundle).content_hash == icp.bundle.read(leads.bundle).content_hash


def test_no_account_and_no_file_of_ones_own_is_registered(copied, place):
    examples = pd.read_csv(copied / "examples.csv", dtype=str)["account_id"]
    assert len(examples) and all(name in (copied / "report.html").read_text("utf-8") for name in examples)
    (copied / "my accounts.csv").write_text("secret")
    (place / "elsewhere.csv").write_text("secret")
    (copied / "tiers.csv").unlink()
    (copied / "tiers.csv").symlink_to(place / "elsewhere.csv")
    register(copied / "bundle")
    held = logged(place)
    assert {"examples.csv", "my accounts.csv", "tiers.csv"}.isdisjoint(held)
    assert not any(b"secret" in content for content in held.values())
    assert not any(name in held["report.html"].decode() for name in examples)


def test_a_later_one_challenges_and_the_same_is_not_registered_twice(leads, copied, place):
    register(copied)
    with pytest.raises(TrackingError, match="version 1 of 'leads' already") as error:
        register(copied)
    assert error.value.problems[0].code == "ICP509"
    shutil.copyfile(leads.folder / "accounts.csv", place / "accounts.csv")
    train(place, "other", (*leads.overrides, "seed=7", "tracking=none"))
    result = register("out/other")
    assert (result.version.version, result.version.alias, result.version.champion) == ("2", "challenger", "1")
    assert [entry.after for entry in result.log] == ["1"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda folder: (folder / "run.json").unlink(), "it has no 'run.json'"),
        (lambda folder: (folder / "metrics.json").write_text("{"), "'run.json' or 'metrics.json' is damaged"),
        (lambda folder: (folder / "run.json").write_text("[1]"), "'run.json' or 'metrics.json' is damaged"),
        (lambda folder: (folder / "run.json").write_text("[" * 100_000), "'run.json' or 'metrics.json' is damaged"),
        (
            lambda folder: (folder / "run.json").write_text(
                json.dumps({"params": {}, "tags": {"icp.content_hash": "0"}, "data_sha256": ""})
            ),
            "its 'run.json' is of another model",
        ),
    ],
)
def test_a_folder_that_is_not_whole_is_refused_and_nothing_is_made(copied, place, change, why):
    change(copied)
    with pytest.raises(TrackingError) as error:
        register("out/train")
    assert error.value.problems[0].code == "ICP510"
    assert why in str(error.value)
    assert not (place / "mlruns").exists()


def test_what_is_no_training_is_refused(copied, place):
    with pytest.raises(TrackingError, match="takes a folder"):
        icp.promote.run(icp.load_config("promote", ["action=register", "name=leads"]))
    with pytest.raises(ModelNotFoundError):
        register("out/nothing")
    with pytest.raises(TrackingError, match="no store"):
        register("out/train", "tracking=none")
    shutil.copytree(copied / "bundle", place / "alone/bundle")
    with pytest.raises(TrackingError, match=r"it has no 'run\.json'"):
        register("alone")
    (copied / "bundle/model.json").write_text("{}")
    with pytest.raises(BundleError):
        register("out/train")
    assert not (place / "mlruns").exists()


def test_what_the_message_of_a_lost_store_says_works(leads, place, monkeypatch):
    shutil.copyfile(leads.folder / "accounts.csv", place / "accounts.csv")
    with monkeypatch.context() as broken:
        broken.setattr(_record, "_log", lambda *_: (_ for _ in ()).throw(SQLAlchemyError("gone")))
        with pytest.raises(TrackingError) as error:
            icp.train.run(icp.load_config("train", [*leads.overrides, *QUICK]))
    problem = error.value.problems[-1]
    assert problem.code == "ICP508"
    words = problem.action.partition("python -m icp.promote ")[2].split()
    result = icp.promote.run(icp.load_config("promote", words))
    assert result.version.address == "models:/leads/1"
    assert told(place, "1")[:2] == told(leads.folder, "1")[:2]
