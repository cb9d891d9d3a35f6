"""Sign-off: which definition of best both teams agreed to, and on which day.

A definition has a fingerprint made of its recipe and options, not of its as-of date: next month's training of the same
definition is still the one that was signed. Names are read to see that a person signed, and not kept: a model, its
report and everything logged hold teams and dates only.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from icp.errors import ConfigError
from icp.options import LabelOptions
from icp.tables import Definition, Finding

__all__ = [
    "TEAMS",
    "definition_sha",
    "is_filled_in",
    "read_signoff",
    "sheet_line",
    "signoff_template",
    "stored_options",
]

TEAMS = ("marketing", "sales")
_NOT_MEANING = ("signoff",)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def stored_options(options: LabelOptions) -> dict[str, Any]:
    """The options of a definition as a model keeps them.

    Parameters
    ----------
    options : LabelOptions
        As given.

    Returns
    -------
    dict
        Plain values; the path of the sign-off is left out.
    """
    return {key: value for key, value in asdict(options).items() if key not in _NOT_MEANING}


def definition_sha(options: LabelOptions) -> str:
    """Fingerprint of what "best" means.

    Parameters
    ----------
    options : LabelOptions
        The definition.

    Returns
    -------
    str
        sha256, hexadecimal; the same whatever the as-of date, another for any other option or version.

    Examples
    --------
    >>> one, two = LabelOptions(column="won"), LabelOptions(column="won", signoff="signoff.yaml")
    >>> definition_sha(one) == definition_sha(two), definition_sha(one) == definition_sha(LabelOptions(column="paid"))
    (True, False)
    """
    text = json.dumps(stored_options(options), sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def check_signoff(path: str | None) -> None:
    """Whether a sign-off can be read, whatever it signs.

    Parameters
    ----------
    path : str or None
        As for :func:`read_signoff`.

    Raises
    ------
    ConfigError
        The file is missing or cannot be understood (``ICP316``).
    """
    if path is not None:
        content = _load(path)
        for team in TEAMS:
            _signed_on(content.get(team), team, path)


def read_signoff(path: str | None, definition: Definition) -> tuple[dict[str, Any], list[Finding]]:
    """Who signed the definition, and when.

    Parameters
    ----------
    path : str or None
        A file as :func:`signoff_template` writes it, filled in; None when nobody signed.
    definition : Definition
        The present one, with its fingerprint.

    Returns
    -------
    signoff : dict
        ``signed`` (both teams, this definition), and the ISO date of ``marketing`` and ``sales`` or None. No names.
    findings : list of Finding
        ``ICP317`` when a file is given and the definition does not count as signed by both.

    Raises
    ------
    ConfigError
        The file is missing or cannot be understood (``ICP316``).
    """
    nobody = {"signed": False, **dict.fromkeys(TEAMS)}
    if path is None:
        return nobody, []
    content = _load(path)
    if not _same(content.get("definition"), definition):
        message = "the sign-off is of another definition of best: this one does not count as signed."
        evidence = {"definition_sha": definition.sha256, "version": definition.version}
        return nobody, [Finding("ICP317", "warning", message, evidence=evidence)]
    dates = {team: _signed_on(content.get(team), team, path) for team in TEAMS}
    missing = [team for team, date in dates.items() if date is None]
    if not missing:
        return {"signed": True, **dates}, []
    message = f"the definition of best is not signed by {' and '.join(missing)}: a name and a date are needed of each."
    return {"signed": False, **dates}, [Finding("ICP317", "note", message)]


def signoff_template(definition: Definition) -> str:
    """A sheet for both teams to fill in.

    Parameters
    ----------
    definition : Definition
        What they agree to.

    Returns
    -------
    str
        YAML with the fingerprint of this definition and empty names.
    """
    import yaml  # type: ignore[import-untyped]

    def quoted(text: str) -> str:
        return str(yaml.safe_dump(text, allow_unicode=True, width=10_000, default_style='"')).strip()

    lines = [
        "# What a best customer is. Both teams fill in name and date (such as 2026-03-31), then give the file with",
        "# labels.signoff=path/to/signoff.yaml. Any other definition counts as not signed. Names are not stored.",
        "definition:",
        f"  sha256: {definition.sha256}",
        f"  version: {quoted(definition.version)}",
        f"  text: {quoted(definition.text)}",
    ]
    for team in TEAMS:
        lines += [f"{team}:", '  name: ""', '  date: ""']
    return "\n".join(lines) + "\n"


def is_filled_in(path: str | Path) -> bool:
    """Whether a file holds what somebody wrote, so that it must not be replaced.

    Parameters
    ----------
    path : str or Path
        Where a sheet would be written.

    Returns
    -------
    bool
        False for no file and for a sheet whose names and dates are all empty.
    """
    if not Path(path).exists():
        return False
    try:
        content = _load(str(path))
    except ConfigError:
        return True
    entries = [content[team] for team in TEAMS]
    return not all(isinstance(entry, Mapping) and not any(entry.values()) for entry in entries)


def sheet_line(path: str | Path, definition: Definition) -> str:
    """What is to be done with the sheet of a definition, in one line.

    Parameters
    ----------
    path : str or Path
        Where it is written.
    definition : Definition
        The present one.

    Returns
    -------
    str
        Says so where a sheet that somebody filled in is kept, and where that one is of another definition.
    """
    if not is_filled_in(path):
        return f"to be signed by both teams: {path}"
    try:
        same = _same(_load(str(path))["definition"], definition)
    except ConfigError:
        same = False
    other = "" if same else "; it is not of this definition: move it away, and the next run writes a new one"
    return f"kept, as somebody filled it in: {path}{other}"


def _load(path: str) -> Mapping[str, Any]:
    import yaml

    problem = f"labels.signoff: '{path}'"
    try:
        content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except OSError:
        raise ConfigError.one("ICP316", f"{problem} cannot be read.", "Check the path.") from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise ConfigError.one(
            "ICP316", f"{problem} is not valid YAML.", "Start from the sheet of icp.validate."
        ) from None
    if not isinstance(content, Mapping) or not {"definition", *TEAMS} <= set(content):
        action = "It needs the keys definition, marketing and sales: start from the sheet that icp.validate writes."
        raise ConfigError.one("ICP316", f"{problem} is not a sign-off.", action)
    return content


def _same(given: Any, definition: Definition) -> bool:
    """Whether a sign-off speaks of this definition: by fingerprint, else by version and text (dates aside)."""
    if isinstance(given, Mapping) and given.get("sha256"):
        given = given["sha256"]
    if isinstance(given, Mapping):
        text, own = (_DATE.sub("DATE", str(words)).strip() for words in (given.get("text"), definition.text))
        return str(given.get("version")) == definition.version and text == own
    sha = str(given or "").strip().lower()
    return len(sha) >= 12 and definition.sha256.startswith(sha)


def _signed_on(entry: Any, team: str, path: str) -> str | None:
    """The date a team signed on; None without a name or a date."""
    if entry is None:
        return None
    if not isinstance(entry, Mapping):
        action = "Write name and date below it, as in the sheet that icp.validate writes."
        raise ConfigError.one("ICP316", f"labels.signoff: '{team}' in '{path}' is not a name with a date.", action)
    name, date = (str(entry.get(key) or "").strip() for key in ("name", "date"))
    if not name or not date:
        return None
    try:
        return datetime.date.fromisoformat(date).isoformat()
    except ValueError:
        message = f"labels.signoff: the date of '{team}' in '{path}' is '{date}'."
        raise ConfigError.one("ICP316", message, "Write it as 2026-03-31.") from None
