"""A model folder holds data: nothing in it is run, and nothing but the bundle's own files is opened."""

from __future__ import annotations

import json
import pickle
import shutil
import sys
from pathlib import Path

import pytest

from forged_models import forge

_watched: list[list[str]] = []


def _listen(event: str, arguments: tuple[object, ...]) -> None:
    if _watched and event == "open" and isinstance(arguments[0], str | bytes):
        _watched[-1].append(str(arguments[0]))


sys.addaudithook(_listen)


class Trap:
    """Leaves a file behind wherever it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = str(marker)

    def __reduce__(self):
        return (Path.touch, (Path(self.marker),))


def plant(folder: Path, marker: Path) -> list[Path]:
    """Files that would leave ``marker`` behind if anybody loaded or ran them; scripts already there are replaced."""
    code = f"from pathlib import Path\nPath({str(marker)!r}).touch()\n"
    scripts = [*folder.rglob("*.py"), *(folder / name for name in ("__init__.py", "sitecustomize.py", "conftest.py"))]
    for script in scripts:
        script.write_text(code)
    pickles = [folder / name for name in ("model.pkl", "python_model.pkl", "model.joblib", "forest_98.txt.pkl")]
    for file in pickles:
        file.write_bytes(pickle.dumps(Trap(marker)))
    return [*scripts, *pickles]


@pytest.fixture
def trapped(leads, tmp_path):
    """A copy of the working directory of the model, with traps in each of its model folders."""
    shutil.copytree(leads.folder, tmp_path / "work", ignore=shutil.ignore_patterns("events.csv", "outcomes.csv"))
    work, marker = tmp_path / "work", tmp_path / "marker"
    registered = next(work.glob("mlruns/artifacts/*/artifacts/model"))
    assert list(registered.rglob("*.py")), "the registered model has its script"
    traps = []
    for folder in (work / "out/leads/bundle", registered, registered / "artifacts/bundle"):
        traps += plant(folder, marker)
    return work, marker, traps


def test_the_traps_work(tmp_path):
    traps = plant(tmp_path, tmp_path / "marker")
    pickle.loads(traps[-1].read_bytes())
    assert (tmp_path / "marker").exists()


@pytest.mark.parametrize("model", ["out/leads/bundle", "models:/leads@champion", "models:/leads/1"])
def test_nothing_planted_is_opened_or_run(command, leads, trapped, model):
    work, marker, traps = trapped
    opened: list[str] = []
    _watched.append(opened)
    try:
        ended = command("score", *leads.reading, "accounts.path=accounts.csv", f"model={model}", folder=work)
    finally:
        _watched.pop()
    assert ended.code == 0, ended.err
    assert not marker.exists()
    names = {Path(name).name for name in opened if "bundle" in name or "artifacts" in name}
    assert "model.json" in names, "the audit sees what is opened"
    assert names & {trap.name for trap in traps} == set()


def test_a_changed_byte_in_the_registry_is_refused_by_name(command, leads, trapped):
    work, _, _ = trapped
    file = next(work.glob("mlruns/artifacts/*/artifacts/model/artifacts/bundle/model.json"))
    altered = bytearray(file.read_bytes())
    altered[1000] ^= 1
    file.write_bytes(altered)
    arguments = (*leads.reading, "accounts.path=accounts.csv", "model=models:/leads@champion", "output=new")
    command("score", *arguments, folder=work).refused("ICP513", "model.json was altered")
    assert not (work / "new").exists()
    command("promote", "model=models:/leads/1", folder=work).refused("model.json was altered")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda card: card.update(drivers=3),
        lambda card: card["briefs"][0].update(facts=[None]),
        lambda card: card["drivers"].append(None),
        lambda card: card["drivers"][0].update(groups="none"),
    ],
)
def test_a_card_that_no_page_can_be_made_of_is_refused(command, leads, tmp_path, spoil):
    card = json.loads((leads.bundle / "card.json").read_text("utf-8"))
    spoil(card)
    forge(leads.bundle, tmp_path / "model", card=card)
    command("report", "model=model").refused("ICP514", "the card of 'leads'")
    assert not (tmp_path / "out").exists()
