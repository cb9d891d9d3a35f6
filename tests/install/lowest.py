"""Print the lowest version of each dependency that pyproject.toml admits, as constraints for pip."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def lowest() -> dict[str, str]:
    """Name and floor of every dependency that a run needs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    found = {}
    for text in project["dependencies"]:
        name, floor = re.match(r"([\w-]+)(?:\[\w+\])?>=([\d.]+)", text).groups()
        found[name] = floor
    return found


if __name__ == "__main__":
    print("\n".join(f"{name}=={floor}" for name, floor in lowest().items()))
