"""A list that is read again is the one that was written, or it is refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from icp.delivery._check import altered_file, check_load, read_manifest
from icp.delivery._diagnosis import what_changed
from icp.errors import DeliveryError, Problem

__all__ = ["altered", "as_written"]


def altered(folder: Path, manifest: Mapping[str, Any]) -> list[Problem]:
    """Files of a list that are not as they were written, with what can be seen to have changed.

    Parameters
    ----------
    folder : Path
        Of the list.
    manifest : mapping
        Of the list.

    Returns
    -------
    list of Problem
        ``ICP742`` for each file; ``ICP608`` where the manifest counts other rows than a file has.
    """
    found = []
    for entry in manifest["files"]:
        problem = altered_file(folder / entry["name"], entry)
        if problem is not None and problem.code == "ICP609":
            file, message = folder / entry["name"], problem.message
            if file.is_file():
                message = f"'{file.name}' was changed after it was written: {'; '.join(what_changed(file, manifest))}."
            action = "Copy it again from where icp.score wrote it, or write the list again."
            problem = Problem("ICP742", message, action)
        if problem is not None:
            found.append(problem)
    return found


def as_written(folder: Path) -> dict[str, Any]:
    """The manifest of a list whose files are those that were written.

    Parameters
    ----------
    folder : Path
        Of the list.

    Returns
    -------
    dict
        As :func:`read_manifest` gives it.

    Raises
    ------
    DeliveryError
        There is no list, it is not for loading, or its manifest is damaged (``ICP608``); a file is missing or was
        altered (``ICP742``).
    """
    manifest = read_manifest(folder)
    if not manifest["loadable"]:
        raise DeliveryError("The list cannot be used.", check_load(folder))
    problems = altered(folder, manifest)
    if problems:
        raise DeliveryError(f"The list in '{folder}' is not as it was written.", problems)
    return manifest
