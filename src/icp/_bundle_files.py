"""The files of a model folder, each checked against its manifest before it is parsed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

from icp.errors import BundleError, Problem

__all__ = ["FORMAT", "MANIFEST", "checked_files", "hash_of_files", "manifest_hashes"]

FORMAT = 1
MANIFEST = "manifest.json"
_FILE_NAME = re.compile(r"(model|card)\.json|forest_\d{2}\.txt")
_MAX_BYTES = 512 * 1024 * 1024
_MAX_MANIFEST = 1_000_000


def hash_of_files(hashes: Mapping[str, str]) -> str:
    """Hash of every file's name and bytes, from the hashes of the files."""
    lines = "".join(f"{name} {digest}\n" for name, digest in sorted(hashes.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def manifest_hashes(path: Path) -> dict[str, str]:
    """File hashes of the manifest, after checking that it is one of ours."""
    manifest_file = path / MANIFEST
    try:
        there = path.is_dir() and not manifest_file.is_symlink() and manifest_file.is_file()
        if not there or manifest_file.stat().st_size > _MAX_MANIFEST:
            raise ValueError("no manifest")
        manifest = json.loads(manifest_file.read_text(encoding="utf-8"))
        hashes = {str(name): str(digest) for name, digest in manifest["files"].items()}
        version, content_hash = manifest["format"], manifest["content_hash"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BundleError.one(
            "ICP511",
            f"'{path}' is not a model folder: it has no readable {MANIFEST}.",
            "Give the folder 'bundle' that icp.train wrote, or models:/name@champion.",
        ) from None
    if version != FORMAT:
        newer = isinstance(version, int) and version > FORMAT
        raise BundleError.one(
            "ICP512",
            f"the model in '{path}' has format {version!r}, this icp reads {FORMAT}.",
            "Read it with the icp that made it, or a later one; else train it again." if newer else "Train it again.",
        )
    strange = [name for name in hashes if not _FILE_NAME.fullmatch(name)]
    if strange or not {"model.json", "card.json"} <= set(hashes) or hash_of_files(hashes) != content_hash:
        message = f"{MANIFEST} in '{path}' was altered."
        raise BundleError.one("ICP513", message, "Copy the folder again from where it was made.")
    return hashes


def checked_files(path: Path, hashes: Mapping[str, str]) -> dict[str, bytes]:
    """Bytes of every named file, or one error that names each that is missing or altered."""
    files, problems = {}, []
    for name, digest in sorted(hashes.items()):
        file = path / name
        again = "Copy the folder again from where it was made."
        if file.is_symlink() or not file.is_file():
            problems.append(Problem("ICP513", f"{name} is missing.", again))
        elif file.stat().st_size > _MAX_BYTES:
            problems.append(Problem("ICP513", f"{name} is larger than {_MAX_BYTES:,} bytes.", again))
        else:
            data = file.read_bytes()
            if hashlib.sha256(data).hexdigest() == digest:
                files[name] = data
            else:
                problems.append(Problem("ICP513", f"{name} was altered: its sha256 is not the manifest's.", again))
    if problems:
        raise BundleError(f"The model in '{path}' is damaged or altered.", problems)
    return files
