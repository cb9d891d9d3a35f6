"""Print the lowest version of each dependency that pyproject.toml admits, as constraints for pip.

With ``installed`` as argument: refuse an environment that holds another version of one of them.
"""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import version
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


def release(text: str) -> tuple[int, ...]:
    """A version as numbers, without zeros at its end: 2.1 is 2.1.0."""
    numbers = [int(part) for part in text.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


if __name__ == "__main__":
    if sys.argv[1:] == ["installed"]:
        other = {name: version(name) for name, floor in lowest().items() if release(version(name)) != release(floor)}
        sys.exit(f"not the lowest: {other}" if other else 0)
    print("\n".join(f"{name}=={floor}" for name, floor in lowest().items()))
