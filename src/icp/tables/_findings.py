"""What a check found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from icp._notebook import Box, Boxed

__all__ = ["Finding"]

Severity = Literal["note", "warning", "issue"]
Action = Literal["quarantined", "repaired", "refused", "noted"]


@dataclass(frozen=True)
class Finding(Boxed):
    """Something a check found, with its evidence and what was done about it.

    Parameters
    ----------
    code : str
        Number of the check, for example ``"ICP301"``.
    severity : {"note", "warning", "issue"}
        An ``issue`` makes a command end with exit code 3.
    message : str
        One sentence a person understands.
    action : {"quarantined", "repaired", "refused", "noted"}
        What was done.
    column : str or None, default=None
        Column concerned.
    n_rows : int or None, default=None
        Rows concerned.
    evidence : mapping, default={}
        Plain JSON values behind the message; no cell of a real account.
    """

    code: str
    severity: Severity
    message: str
    action: Action = "noted"
    column: str | None = None
    n_rows: int | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)

    def _box(self) -> Box:
        facts = {"severity": self.severity, "done": self.action, "column": self.column, "rows": self.n_rows}
        return Box(f"{self.code}  {self.message}", {key: value for key, value in facts.items() if value is not None})

    def to_dict(self) -> dict[str, Any]:
        """The finding as it stands in ``findings.json``.

        Returns
        -------
        dict
            Keys ``code, severity, column, n_rows, message, evidence, action``.
        """
        return {
            "code": self.code,
            "severity": self.severity,
            "column": self.column,
            "n_rows": self.n_rows,
            "message": self.message,
            "evidence": dict(self.evidence),
            "action": self.action,
        }
