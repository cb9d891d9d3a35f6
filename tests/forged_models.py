"""Model folders by a stranger: any content, with hashes that fit."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from icp.bundle import MANIFEST

__all__ = ["forge"]


def forge(bundle: Path, folder: Path, model: dict[str, Any] | None = None, card: dict[str, Any] | None = None) -> Path:
    """A copy of a model folder with another ``model.json`` or ``card.json``."""
    shutil.copytree(bundle, folder)
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    for name, given in (("model.json", model), ("card.json", card)):
        if given is not None:
            content = json.dumps(given).encode()
            (folder / name).write_bytes(content)
            manifest["files"][name] = hashlib.sha256(content).hexdigest()
    lines = "".join(f"{name} {digest}\n" for name, digest in sorted(manifest["files"].items()))
    manifest["content_hash"] = hashlib.sha256(lines.encode()).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest), "utf-8")
    return folder
