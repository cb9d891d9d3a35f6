"""What came of the lists: what counts as used, as won, and as agreed."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["ScorecardOptions"]


@dataclass
class ScorecardOptions:
    """How lists and teams are measured.

    Parameters
    ----------
    goals : str, default=None
        File of the goals that both leads agreed to; without one a team is held to its own past.
    agreed_days : int, default=5
        Days from delivery to first touch; the file of goals goes before.
    window : str, default="180d"
        Prediction window: later deals are not of the list.
    won, lost : list of str
        Kinds of outcome that mean won and lost.
    until : str, default=None
        Last day that counts; None takes the latest in the ledger.
    since : str, default=None
        Lists delivered from this day on are measured, earlier ones are the past; None measures all.
    accounts : str, default=None
        CSV with ``account_id`` and what is known of the accounts: which kinds of them sales rejects.
    accepted : str, default=None
        ``proposed_exclusions.csv`` of an earlier run, in which a person wrote ``yes`` and a name.
    scores : str, default=None
        ``scores.csv`` of a newer version: what became of the accounts that reps spoke up about.
    per_person : bool, default=False
        Whether adoption is counted by rep too; monitoring people backfires, so it must be switched on.
    """

    goals: str | None = None
    agreed_days: int = 5
    window: str = "180d"
    won: list[str] = field(default_factory=lambda: ["Won"])
    lost: list[str] = field(default_factory=lambda: ["Lost"])
    until: str | None = None
    since: str | None = None
    accounts: str | None = None
    accepted: str | None = None
    scores: str | None = None
    per_person: bool = False
