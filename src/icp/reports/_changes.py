"""What became of the profiles of the version before, as a part of the page."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2

from icp.reports import _format

__all__ = ["changes_section"]

_WORDS = {
    "kept": "Kept",
    "split": "Split",
    "merged": "Merged",
    "born": "New",
    "retired": "Retired",
}


def changes_section(changes: Mapping[str, Any]) -> str:
    """Profiles of now beside those of the version before, ready to be put into a page.

    Parameters
    ----------
    changes : mapping
        As in ``profile_changes.json``; keys may be missing.

    Returns
    -------
    str
        One ``<article id="profile-changes">``, every text of the user's escaped; empty where there was no version
        before.

    Examples
    --------
    >>> row = {"event": "kept", "id_before": "P1", "name_before": "<b>", "id": "P1", "name": "<b>", "n": 40}
    >>> page = changes_section({"against": "leads-1", "n": 50, "share_kept": 0.98, "events": [row]})
    >>> "98" in page, "&lt;b&gt;" in page, changes_section({})
    (True, True, '')
    """
    found = _format.clean(dict(changes))
    if not found.get("against") or not found.get("events"):
        return ""
    return _template().render(
        against=found["against"],
        n=found.get("n"),
        share=found.get("share_kept"),
        rows=found["events"],
        words=_WORDS,
        count=_format.count,
        percent=_format.percent,
    )


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    text = files("icp.reports").joinpath("templates", "changes.html.j2").read_text(encoding="utf-8")
    return environment.from_string(text)
