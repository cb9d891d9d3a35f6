"""Two definitions of best as a section of a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from icp.reports import _format
from icp.reports._summary import signoff_words
from icp.reports._templates import environment

__all__ = ["definitions_section"]

_HELD_OUT = {"column": "the newest by date", "rows": "the last of the file", "random": "at random"}
_FIGURES = (
    ("Rate of best customers", "base_rate", _format.percent),
    ("Lift in the top 10 %", "lift_at_10", _format.times),
    ("Rate in the top 10 %", "precision_at_10", _format.percent),
    ("Found in the top 10 %", "capture_at_10", _format.percent),
    ("AUC (0.50 is chance)", "auc", _format.ratio),
    ("Average precision", "average_precision", _format.ratio),
)


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
    return (
        environment()
        .get_template("definitions.html.j2")
        .render(
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
            judged=_judged_rows(found.get("judged") or {}),
        )
    )


def _judged_rows(judged: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Figures of the two scores as cells: the words, then value and interval by A and by B."""
    if not judged:
        return []
    how = [_HELD_OUT.get(str(judged[side].get("split")), _format.UNKNOWN) for side in ("a", "b")]
    rows: list[dict[str, Any]] = [{"name": "Held out", "cells": [how[0], "", how[1], ""]}]
    rows += [
        {"name": name, "cells": [cell for side in ("a", "b") for cell in (_format.count(judged[side].get(key)), "")]}
        for name, key in (("Accounts", "n_test"), ("Best customers", "n_best"))
    ]
    for name, key, say in _FIGURES:
        cells: list[str] = []
        for side in ("a", "b"):
            low, high = (judged[side].get(f"{key}_{end}") for end in ("low", "high"))
            cells += [say(judged[side].get(key)), "" if low is None else _format.interval(low, high, say)]
        rows.append({"name": name, "cells": cells})
    found = ["signal" if judged[side].get("signal") else "no signal" for side in ("a", "b")]
    rows.append({"name": "Better than chance", "cells": [found[0], "", found[1], ""]})
    return rows
