"""What every command gives back: findings, words for a person, figures for a scheduler, a box for a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from icp._notebook import Box, Boxed

if TYPE_CHECKING:
    from icp.tables import Finding

__all__ = ["SEVERITIES", "Outcome"]

SEVERITIES = ("issue", "warning", "note")


class Outcome(Boxed):
    """Base of the result of every command.

    Each has ``findings`` and, where it makes sense, ``output``, ``model_version`` (as in ``scores.csv``) and ``counts``
    (how many of what there were).
    """

    if TYPE_CHECKING:  # a default here would become one of the fields of each result

        @property
        def findings(self) -> tuple[Finding, ...]:
            """What its checks found."""
            ...

    def summary(self) -> str:
        """A few lines for a person."""
        raise NotImplementedError

    def facts(self) -> dict[str, Any]:
        """What a scheduler may want to know, as plain JSON values.

        Returns
        -------
        dict
            ``output, model_version, counts`` and ``findings`` (how many of each severity).
        """
        output: Path | None = getattr(self, "output", None)
        found: list[str] = [finding.severity for finding in self.findings]
        return {
            "output": None if output is None else str(output),
            "model_version": getattr(self, "model_version", None) or None,
            "counts": dict(getattr(self, "counts", {})),
            "findings": {severity: found.count(severity) for severity in SEVERITIES},
        }

    def _box(self) -> Box:
        return Box(type(self).__name__, text=self.summary())
