"""What came of the lists: what counts as used, as won, and as agreed."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["ReleaseOptions", "ScorecardOptions"]


@dataclass
class ReleaseOptions:
    """What the release note of a version answers.

    Parameters
    ----------
    proposals : list of str, default=[]
        What reps proposed before this training: files (CSV or YAML) of traits and exclusions, or names of columns.
    meeting : str, default=None
        Folder of the ``icp.scorecard`` run that was looked at before this training: what sales said there is answered,
        and so are its proposals.
    """

    proposals: list[str] = field(default_factory=list)
    meeting: str | None = None


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
        CSV with what is known of the accounts: which kinds of them sales rejects.
    account_id : str, default="account_id"
        Its column with the id.
    accepted : str, default=None
        ``proposed_exclusions.csv``, in which a person wrote yes or no and a name; None takes the one in the output
        folder, where there is one.
    scores : str, default=None
        ``scores.csv`` of a newer version: what became of the accounts that reps spoke up about.
    proposals : list of str, default=[]
        What reps propose: files (CSV or YAML) of traits and exclusions, or names of columns; exclusions among them get
        a line of ``proposed_exclusions.csv``.
    release : str, default=None
        Output folder of the newest training: what its release note answered stands on the page.
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
    account_id: str = "account_id"
    accepted: str | None = None
    scores: str | None = None
    proposals: list[str] = field(default_factory=list)
    release: str | None = None
    per_person: bool = False
