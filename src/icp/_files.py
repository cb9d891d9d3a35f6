"""Writing so that a kill at any moment leaves nothing half-written under a final name."""

from __future__ import annotations

import json
import math
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from icp._hold import held_folder, not_writable
from icp._interrupts import to_the_end
from icp.errors import ConfigError

__all__ = ["SCRATCH", "from_json", "staged_folder", "to_json"]

SCRATCH = ".scratch"
"""Sub-folder of a stage for what is needed on the way only."""

_WHOLE = 2**63
_STAGE, _OLD = ".partial-", ".old-"
_OF_A_RUN = re.compile(rf"{re.escape(_STAGE)}[a-z0-9_]{{8}}")


def to_json(value: Any) -> str:
    """Text that is the same for the same value, on every machine.

    Parameters
    ----------
    value : Any
        Plain JSON values; NaN and infinities are an error.

    Returns
    -------
    str
        Sorted keys, two spaces, final newline.
    """
    return json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def from_json(data: bytes) -> Any:
    """The value that :func:`to_json` wrote, from whoever may have written the text.

    Parameters
    ----------
    data : bytes
        JSON in UTF-8.

    Returns
    -------
    Any
        Plain JSON values.

    Raises
    ------
    ValueError
        It is no JSON, a number in it is none, infinite or too long for 64 bits, or a text is no Unicode.
    """
    text = data.decode()
    value = json.loads(text, parse_float=_real, parse_int=_whole, parse_constant=_real)
    if "\\ud" in text.lower():  # half a character, which nothing could write again
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _real(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number is none, or infinite")
    return number


def _whole(digits: str) -> int:
    number = int(digits)
    if not -_WHOLE <= number < _WHOLE:
        raise ValueError("a whole number is too large")
    return number


@contextmanager
def staged_folder(output: str | Path) -> Iterator[Path]:
    """A folder to write into; its files move to ``output`` together when the block ends well.

    Parameters
    ----------
    output : str or Path
        Final folder; made if it is not there. Sub-folders written in the stage replace those of the same name, unless
        they hold files of another kind; what starts with a dot does not move.

    Yields
    ------
    Path
        The stage, inside the final folder. When the block raises, it is removed and ``output`` is as it was. Stages of
        runs that were killed are removed first.

    Raises
    ------
    ConfigError
        ``output`` cannot be written to (``ICP010``), or another run writes to it (``ICP017``).
    """
    with held_folder(output) as final:
        try:
            _remove_abandoned(final)
            stage = Path(tempfile.mkdtemp(prefix=_STAGE, dir=final))
        except OSError as error:
            raise not_writable(output, error) from None
        try:
            yield stage
            with to_the_end():
                _move(stage, final)
        finally:
            with to_the_end():
                shutil.rmtree(stage, ignore_errors=True)


def _remove_abandoned(final: Path) -> None:
    """Remove stages of runs that were killed; an older folder that was just being replaced goes back first."""
    for stage in sorted(final.glob(f"{_STAGE}*")):
        if not _OF_A_RUN.fullmatch(stage.name) or stage.is_symlink() or not stage.is_dir():
            continue
        for old in stage.glob(f"{_OLD}*"):
            target = final / old.name.removeprefix(_OLD)
            if not target.exists():
                old.replace(target)
        shutil.rmtree(stage, ignore_errors=True)


def _refuse_strangers(old: Path, new: Path) -> None:
    """A folder is replaced only when everything in it is of the kind that is written again, or of its own manifest."""
    ours = {file.relative_to(new).as_posix() for file in new.rglob("*")} | _of_manifest(old)
    kinds = {file.suffix for file in new.rglob("*") if file.is_file()}
    strange = [
        file.relative_to(old).as_posix()
        for file in sorted(old.rglob("*"))
        if file.is_file() and file.relative_to(old).as_posix() not in ours and file.suffix not in kinds
    ]
    if strange:
        raise ConfigError.one(
            "ICP010",
            f"'{old.name}' in the output folder holds files that are not of this kind, and would be replaced whole.",
            "Move them away or choose another output=.",
            examples=tuple(strange),
        )


def _of_manifest(folder: Path) -> set[str]:
    """Files that an earlier run wrote, as its manifest says: a model without forests replaces one that had some."""
    try:
        files = json.loads((folder / "manifest.json").read_text("utf-8"))["files"]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return set()
    return {name for name in files if isinstance(name, str)} if isinstance(files, dict) else set()


def _move(stage: Path, final: Path) -> None:
    """Move everything, each by renaming: a folder of the same name goes whole into the stage, which is removed."""
    items = sorted(item for item in stage.iterdir() if not item.name.startswith("."))
    for item in items:
        target = final / item.name
        if target.is_dir() and item.is_dir():
            _refuse_strangers(target, item)
        if target.exists() and target.is_dir() != item.is_dir():
            kind = "folder" if target.is_dir() else "file"
            raise ConfigError.one(
                "ICP010",
                f"'{target.name}' in the output folder is a {kind}.",
                "Move it away or choose another output=.",
            )
    for item in items:
        target = final / item.name
        if target.is_dir():
            target.replace(stage / f"{_OLD}{item.name}")
        item.replace(target)
