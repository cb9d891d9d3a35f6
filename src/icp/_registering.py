"""A training that is not in a registry yet, or in another one, registered from its folder: nothing is learned again."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icp._files import from_json
from icp._outputs import EVIDENCE, RUN_FACTS, numbers_of
from icp._progress import step
from icp._reporting import page_of
from icp.bundle import Bundle, read
from icp.config import RunConfig
from icp.errors import TrackingError
from icp.reports import release_markdown
from icp.tracking import RunRecord, find_bundle, find_hash, find_release_note, log_version

if TYPE_CHECKING:
    from icp.tracking import VersionInfo

__all__ = ["register"]


def register(config: RunConfig) -> VersionInfo:
    """Register the model of a training's folder, with its evidence, as that training would have done.

    What the gate said in another store, or before the store was gone, decides nothing here: a first version becomes
    champion, a later one challenger.

    Parameters
    ----------
    config : RunConfig
        Resolved; ``model`` is the output folder of a training, ``tracking`` the store.

    Returns
    -------
    VersionInfo
        The version, under the name that the model was trained with.

    Raises
    ------
    ModelNotFoundError, BundleError
        There is no model in the folder (``ICP503``), or it is damaged.
    TrackingError
        The model is registered already (``ICP509``), the folder is not that of a training (``ICP510``), or the store
        does not take it.
    """
    if str(config.model).startswith(("models:", "runs:")):
        raise TrackingError.one(
            "ICP510",
            f"'{config.model}' is registered already, and action=register takes a folder.",
            "Give the output folder of a training, as in model=out/train.",
        )
    place = find_bundle(config.model, config.tracking)
    bundle = read(place)
    folder, facts, metrics = place.parent, *_told(place.parent, bundle)
    held = find_hash(bundle.name, bundle.content_hash, config.tracking)
    if held:
        message = f"this very model is version {held} of '{bundle.name}' already."
        raise TrackingError.one("ICP509", message, f"Nothing was changed. Use model=models:/{bundle.name}/{held}.")
    with tempfile.TemporaryDirectory(prefix="icp-register-") as scratch, step("registering the version"):
        _gather(folder, Path(scratch), config, bundle)
        record = RunRecord(
            name=bundle.name,
            params=facts["params"],
            metrics=numbers_of(metrics),
            tags=facts["tags"],
            artifacts=Path(scratch),
            bundle=place,
            data_fingerprint=facts["data_sha256"],
        )
        return log_version(record, config.tracking)


def _told(folder: Path, bundle: Bundle) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the training told of itself, and its metrics; it must be the training of this very model."""
    why = f"its '{RUN_FACTS}' or 'metrics.json' is damaged"
    try:
        facts, metrics = (from_json((folder / name).read_bytes()) for name in (RUN_FACTS, "metrics.json"))
        if facts["tags"]["icp.content_hash"] == bundle.content_hash:
            parts = {"params": dict(facts["params"]), "tags": dict(facts["tags"])}
            return {**parts, "data_sha256": str(facts["data_sha256"])}, dict(metrics)
        why = f"its '{RUN_FACTS}' is of another model"
    except FileNotFoundError as error:
        why = f"it has no '{Path(error.filename).name}'"
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        pass
    message = f"'{folder}' is not the folder of a training: {why}."
    raise TrackingError.one("ICP510", message, "Give the output folder as icp.train left it, or train again.")


def _gather(folder: Path, stage: Path, config: RunConfig, bundle: Bundle) -> None:
    """Copies of the evidence, and the two files that name accounts without them; no link is followed."""
    for item in (folder / name for name in EVIDENCE):
        for file in sorted(item.glob("*.svg")) if item.is_dir() and not item.is_symlink() else [item]:
            if file.is_file() and not file.is_symlink():
                to = stage / file.relative_to(folder)
                to.parent.mkdir(exist_ok=True)
                shutil.copyfile(file, to)
    page, _ = page_of(config, bundle)
    (stage / "report.html").write_text(page, encoding="utf-8")
    note = find_release_note(config.model, config.tracking)
    if note is not None:
        (stage / "release_note.md").write_text(release_markdown(note), encoding="utf-8")
