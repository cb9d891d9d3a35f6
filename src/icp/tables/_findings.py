"""What a check found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Finding"]

Severity = Literal["note", "warning", "issue"]
Action = Literal["quarantined", "repaired", "refused", "noted"]


@dataclass(frozen=True)
class Finding:
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
