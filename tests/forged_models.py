"""Model folders by a stranger: any content, with hashes that fit."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from icp.bundle import MANIFEST

__all__ = ["forge"]


def forge(bundle: Path, folder: Path, model: dict[str, Any]) -> Path:
    """A copy of a model folder with another ``model.json``."""
    shutil.copytree(bundle, folder)
    content = json.dumps(model).encode()
    (folder / "model.json").write_bytes(content)
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    manifest["files"]["model.json"] = hashlib.sha256(content).hexdigest()
    lines = "".join(f"{name} {digest}\n" for name, digest in sorted(manifest["files"].items()))
    manifest["content_hash"] = hashlib.sha256(lines.encode()).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest), "utf-8")
    return folder
