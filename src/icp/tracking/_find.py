"""From ``models:/name@alias``, ``models:/name/3`` or a folder to a bundle on disk."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from icp.errors import ModelNotFoundError
from icp.options import TrackingOptions
from icp.tracking._store import CHAMPION, Store, open_store, quiet_mlflow
from icp.tracking._versions import address_parts, version_of, versions_of

__all__ = [
    "find_bundle",
    "find_gate",
    "find_hash",
    "find_profile_changes",
    "find_release_note",
    "find_version",
    "find_versions",
    "model_name",
]

_kept: dict[tuple[str, str], tempfile.TemporaryDirectory[str]] = {}
"""Copies of what servers hold, by address and run: a process that scores all day has one of each."""
BUNDLE_IN_MODEL = Path("artifacts") / "bundle"
_GATE = "gate.json"
_CHANGES = "profile_changes.json"
_RELEASE = "release_note.json"


def find_bundle(model: str | Path | None, options: TrackingOptions) -> Path:
    """The bundle folder of a model.

    Parameters
    ----------
    model : str or Path
        ``models:/name@alias``, ``models:/name/3``, or a folder with a bundle.
    options : TrackingOptions
        Where versions are kept.

    Returns
    -------
    Path
        The folder; for a server, a downloaded copy that lasts as long as the process.

    Raises
    ------
    ModelNotFoundError
        No such model, version, alias or folder; says what there is (``ICP503``).
    TrackingError
        The store does not answer or refuses.
    """
    text = str(model or "").strip()
    if not text.startswith(("models:", "runs:")):
        return _folder(text)
    name, alias, version = address_parts(text)
    with open_store(options) as store:
        found = version_of(store, name, alias=alias, version=version)
        assert store is not None  # noqa: S101 - a version was found in it
        local = store.local_model(found.run_id)
        folder = local if local is not None else _download(store, found)
    bundle = folder / BUNDLE_IN_MODEL
    if not bundle.is_dir():
        message = f"version {found.version} of '{name}' is registered, but its files are gone."
        raise ModelNotFoundError.one("ICP504", message, "Restore mlruns/artifacts, or train again.")
    return bundle


def find_gate(model: str | Path | None, options: TrackingOptions) -> dict[str, Any] | None:
    """What the gate decided when a version was trained.

    Parameters
    ----------
    model : str or Path
        As for :func:`find_bundle`.
    options : TrackingOptions
        Where versions are kept.

    Returns
    -------
    dict or None
        The content of ``gate.json``: of the version's run, or from beside a model folder. None where the gate was not
        asked, or the file is not there.

    Raises
    ------
    ModelNotFoundError
        No such model, version, alias or folder (``ICP503``), or ``gate.json`` is damaged (``ICP504``).
    TrackingError
        The store does not answer or refuses.
    """
    return _find_beside(model, options, _GATE, "verdict")


def find_profile_changes(model: str | Path | None, options: TrackingOptions) -> dict[str, Any] | None:
    """What became of the profiles of the version before when a version was trained.

    Parameters
    ----------
    model : str or Path
        As for :func:`find_bundle`.
    options : TrackingOptions
        Where versions are kept.

    Returns
    -------
    dict or None
        The content of ``profile_changes.json``, found like ``gate.json``; None where there was nothing to tell.

    Raises
    ------
    ModelNotFoundError
        As for :func:`find_gate`.
    TrackingError
        The store does not answer or refuses.
    """
    return _find_beside(model, options, _CHANGES, "findings")


def find_release_note(model: str | Path | None, options: TrackingOptions) -> dict[str, Any] | None:
    """What was proposed and said before a version was trained, each with its answer.

    Parameters
    ----------
    model : str or Path
        As for :func:`find_bundle`.
    options : TrackingOptions
        Where versions are kept.

    Returns
    -------
    dict or None
        The content of ``release_note.json``, found like ``gate.json``; None where the version has none.

    Raises
    ------
    ModelNotFoundError
        As for :func:`find_gate`.
    TrackingError
        The store does not answer or refuses.
    """
    return _find_beside(model, options, _RELEASE, "model_version")


def _find_beside(model: str | Path | None, options: TrackingOptions, name: str, key: str) -> dict[str, Any] | None:
    """A JSON file of a version's run, or from beside a model folder; None where ``key`` is empty in it."""
    text = str(model or "").strip()
    if not text.startswith(("models:", "runs:")):
        return _read_json(_folder(text).parent / name, key)
    registered, alias, version = address_parts(text)
    with open_store(options) as store:
        found = version_of(store, registered, alias=alias, version=version)
        assert store is not None  # noqa: S101 - a version was found in it
        local = store.local_model(found.run_id)
        if local is not None:
            return _read_json(local.parent / name, key)
        with tempfile.TemporaryDirectory(prefix="icp-beside-") as scratch:
            if any(item.path == name for item in store.client.list_artifacts(found.run_id)):
                store.client.download_artifacts(found.run_id, name, scratch)
            return _read_json(Path(scratch) / name, key)


def _read_json(file: Path, key: str) -> dict[str, Any] | None:
    if not file.is_file():
        return None
    try:
        content = json.loads(file.read_text("utf-8"))
        return dict(content) if content[key] else None
    except (ValueError, TypeError, KeyError):
        message = f"the version's '{file.name}' is damaged."
        raise ModelNotFoundError.one("ICP504", message, "Restore it, or train again.") from None


def find_versions(name: str, options: TrackingOptions) -> tuple[str, str]:
    """Version numbers of the champion and of the newest version.

    Parameters
    ----------
    name : str
        Registered name.
    options : TrackingOptions
        Where versions are kept.

    Returns
    -------
    champion, newest : str
        Such as ``"3"``; empty where there is none, no such model or no store.

    Raises
    ------
    TrackingError
        The store does not answer or refuses.
    """
    with open_store(options) as store:
        versions = [] if store is None else versions_of(store, name)
        champion = next((str(item.version) for item in versions if CHAMPION in item.aliases), "")
        return champion, str(versions[-1].version) if versions else ""


def find_hash(name: str, content_hash: str, options: TrackingOptions) -> str:
    """The version that holds a model.

    Parameters
    ----------
    name : str
        Registered name.
    content_hash : str
        Of its bundle.
    options : TrackingOptions
        Where versions are kept.

    Returns
    -------
    str
        The newest such version's number; empty where there is none.

    Raises
    ------
    TrackingError
        The store does not answer or refuses.
    """
    with open_store(options) as store:
        versions = [] if store is None else versions_of(store, name)
        held = [str(item.version) for item in versions if item.tags.get("icp.content_hash") == content_hash]
        return held[-1] if held else ""


def find_version(model: str, options: TrackingOptions) -> tuple[str, str]:
    """Name and version number behind an address.

    Parameters
    ----------
    model : str
        ``models:/name@alias`` or ``models:/name/3``.
    options : TrackingOptions
        Where versions are kept.

    Returns
    -------
    name, version : str
        Such as ``("leads", "3")``.

    Raises
    ------
    ModelNotFoundError
        No such model, version or alias; says what there is (``ICP503``).
    """
    name, alias, version = address_parts(model)
    with open_store(options) as store:
        return name, str(version_of(store, name, alias=alias, version=version).version)


def model_name(model: str) -> str:
    """The registered name in an address.

    Parameters
    ----------
    model : str
        ``models:/name@alias`` or ``models:/name/3``.

    Returns
    -------
    str
        Such as ``leads``.

    Raises
    ------
    ModelNotFoundError
        It is not such an address (``ICP503``).
    """
    return address_parts(model)[0]


def _folder(text: str) -> Path:
    folder = Path(text)
    if text:
        for candidate in (folder, folder / "bundle", folder / BUNDLE_IN_MODEL):
            if (candidate / "manifest.json").is_file():
                return candidate
    message = f"there is no model folder '{text}'." if text else "no model is named."
    if text and folder.is_dir():
        message = f"the folder '{text}' holds no model."
    raise ModelNotFoundError.one(
        "ICP503", message, "Give model=models:/name@champion, models:/name/3 or a model folder."
    )


def _download(store: Store, version: Any) -> Path:
    """A copy of the model that lasts as long as the process; what was fetched before is not fetched again."""
    key = (store.uri, str(version.run_id))
    if key not in _kept or not (Path(_kept[key].name) / BUNDLE_IN_MODEL).is_dir():
        _kept[key] = _fetched(store, version)
    return Path(_kept[key].name)


def _fetched(store: Store, version: Any) -> tempfile.TemporaryDirectory[str]:
    quiet_mlflow()
    import mlflow.artifacts

    keep = tempfile.TemporaryDirectory(prefix="icp-model-")
    source = f"runs:/{version.run_id}/model/{BUNDLE_IN_MODEL.as_posix()}"
    target = Path(keep.name) / BUNDLE_IN_MODEL.parent
    target.mkdir(parents=True)
    mlflow.artifacts.download_artifacts(artifact_uri=source, dst_path=str(target), tracking_uri=store.uri)
    fetched = Path(keep.name) / BUNDLE_IN_MODEL
    nested = target / "model" / BUNDLE_IN_MODEL
    if not fetched.is_dir() and nested.is_dir():
        nested.rename(fetched)
    return keep
