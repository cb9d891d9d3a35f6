"""Two definitions of best as a section of a page."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2

from icp.reports import _format
from icp.reports._summary import signoff_words

__all__ = ["definitions_section"]


def definitions_section(comparison: Mapping[str, Any], *, held_out: bool = False) -> str:
    """The comparison of two definitions, ready to be put into a page.

    Parameters
    ----------
    comparison : mapping
        As :meth:`icp.labels.DefinitionComparison.to_dict` gives it; keys may be missing.
    held_out : bool, default=False
        Whether accounts were placed by scores that had not learned from their label; the section says so.

    Returns
    -------
    str
        One ``<section id="definitions">``, every text of the user's escaped; styles are those of the report.

    Examples
    --------
    >>> page = definitions_section({"a": {"text": "paid <b>"}, "b": {"text": "stayed"}, "overlap": {"n_both": 4}})
    >>> page.startswith('<section id="definitions"'), "paid &lt;b&gt;" in page
    (True, True)
    """
    found = _format.clean(dict(comparison))
    return _template().render(
        a=found.get("a") or {},
        b=found.get("b") or {},
        overlap=found.get("overlap") or {},
        ranking=found.get("ranking") or {},
        tiers=found.get("tiers") or [],
        letters=[key for key in (found.get("tiers") or [{}])[0] if key != "tier_a"],
        n_changed=found.get("n_changed"),
        n_scored=found.get("n_scored"),
        signed={name: signoff_words({"definition": found.get(name)}) for name in ("a", "b")},
        held_out=held_out,
    )


@cache
def _template() -> jinja2.Template:
    source = files("icp.reports").joinpath("templates", "definitions.html.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.globals.update({name: getattr(_format, name) for name in ("count", "interval", "percent", "ratio")})
    environment.globals.update(unknown=_format.UNKNOWN)
    return environment.from_string(source)
