"""Reading what reps propose: files of proposals, or just names of columns."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from icp.accounts import read_raw
from icp.errors import ConfigError, ICPError
from icp.options import AccountOptions
from icp.outcomes import PROPOSAL_KEYS, Proposal, proposals_of

__all__ = ["answered", "read_proposals", "read_sheet"]

_YAML, _CSV = (".yaml", ".yml"), (".csv", ".tsv", ".txt")
_START = f"Give a CSV with the columns {', '.join(PROPOSAL_KEYS)}, or YAML with a list 'proposals' of the same keys."


def read_proposals(named: Sequence[str], key: str = "release.proposals") -> tuple[Proposal, ...]:
    """Everything that is proposed.

    Parameters
    ----------
    named : sequence of str
        Files (``.csv``, ``.yaml``), or names of columns that somebody wants looked at.
    key : str, default="release.proposals"
        Where they were named, for messages.

    Returns
    -------
    tuple of Proposal
        In the order they were named.

    Raises
    ------
    ConfigError
        A file cannot be read (``ICP630``), or a proposal cannot be used (``ICP631``).

    Examples
    --------
    >>> [(one.id, one.kind, one.column) for one in read_proposals(["has_data_team"])]
    [('p1', 'trait', 'has_data_team')]
    """
    entries: list[Mapping[str, Any]] = []
    for name in named:
        suffix = Path(name).suffix.lower()
        if suffix in _YAML:
            entries += _yaml_entries(Path(name), key)
        elif suffix in _CSV:
            entries += _csv_entries(name, key)
        else:
            entries.append({"kind": "trait", "column": name})
    return proposals_of(entries, ", ".join(Path(name).name for name in named))


def answered(folder: str | None, proposals: Sequence[Proposal]) -> dict[str, Any]:
    """What the newest release note answered, and which proposals wait for the next.

    Parameters
    ----------
    folder : str or None
        Output of a training; None where there was none.
    proposals : sequence of Proposal
        Everything that is proposed today.

    Returns
    -------
    dict
        As ``release_note.json``, its ``proposals`` followed by those without an answer yet; no key but that one where
        there was no training.

    Raises
    ------
    ConfigError
        There is no release note, or it is damaged (``ICP633``).
    """
    note: dict[str, Any] = {"proposals": []}
    if folder is not None:
        path = Path(folder) / "release_note.json"
        try:
            note = json.loads(path.read_text("utf-8"))
            known = {_content(row) for row in note["proposals"]}
        except (OSError, ValueError, TypeError, KeyError) as error:
            message = f"scorecard.release: '{path}' cannot be read ({type(error).__name__})."
            raise ConfigError.one("ICP633", message, "Name the output folder of an icp.train run.") from None
    else:
        known = set()
    waits = {"status": "waits", "answer": "Waits for the next training: its release note answers it."}
    rest = [{**one.to_dict(), **waits} for one in proposals if _content(one.to_dict()) not in known]
    return {**note, "proposals": [*note["proposals"], *rest]}


def _content(row: Mapping[str, Any]) -> tuple[str, ...]:
    """What makes two proposals the same one, whatever they are called."""
    return tuple(str(row[name]).strip().casefold() for name in ("kind", "column", "value"))


def read_sheet(path: str, key: str) -> pd.DataFrame:
    """A small CSV that a person filled in, in whatever separator and encoding a spreadsheet saved it.

    Parameters
    ----------
    path : str
        The file.
    key : str
        Option that named it, for messages.

    Returns
    -------
    DataFrame of str
        Empty texts for empty cells.

    Raises
    ------
    TableError
        It cannot be read (``ICP100`` to ``ICP1..``).
    """
    lines = [line for line in _lines(path) if line.strip()]
    if len(lines) == 1:  # heads only
        mark = max(",;\t|", key=lines[0].count)
        heads = dict.fromkeys(name.strip().strip('"') for name in lines[0].split(mark))
        return pd.DataFrame(columns=list(heads), dtype=object)
    table = read_raw(AccountOptions(source="csv", path=path), key, key=key).table
    cells = {name: [_text(cell) for cell in table.column(name).to_pylist()] for name in table.column_names}
    return pd.DataFrame(cells, dtype=object)


def _lines(path: str) -> list[str]:
    """Of a file, if there is one."""
    return Path(path).read_text("utf-8-sig", errors="replace").splitlines() if Path(path).is_file() else []


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)


def _csv_entries(path: str, key: str) -> list[Mapping[str, Any]]:
    try:
        return read_sheet(path, key).to_dict("records")
    except ICPError as error:
        raise ConfigError.one("ICP630", f"{key}: {error.problems[0].message}", _START) from None


def _yaml_entries(path: Path, key: str) -> list[Mapping[str, Any]]:
    import yaml  # type: ignore[import-untyped]

    try:
        read = yaml.load(path.read_text("utf-8-sig"), Loader=yaml.BaseLoader)  # noqa: S506 - makes nothing but texts
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        message = f"{key}: '{path}' cannot be read ({type(error).__name__})."
        raise ConfigError.one("ICP630", message, _START) from None
    listed = read.get("proposals") if isinstance(read, dict) else read
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        raise ConfigError.one("ICP630", f"{key}: '{path}' holds no list of proposals.", _START)
    return listed
