"""``python -m icp.feedback``: was a list altered, what did the CRM make of it, and what did sales do with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icp._outcome import Outcome
from icp.errors import ConfigError, Problem

if TYPE_CHECKING:
    from icp.delivery import Reconciled
    from icp.tables import Finding

__all__ = ["FeedbackResult", "run"]


@dataclass(frozen=True)
class FeedbackResult(Outcome):
    """What was found.

    Parameters
    ----------
    findings : tuple of Finding
        ``ICP742`` for each file that was altered, ``ICP743`` for each kind of difference.
    text : str
        What there is to say, for the terminal.
    reconciled : Reconciled or None, default=None
        What differs, with ``action=reconcile``.
    """

    findings: tuple[Finding, ...]
    text: str
    reconciled: Reconciled | None = None

    @property
    def counts(self) -> Mapping[str, int]:
        """Accounts sent, found and found equal, and how many of each difference; nothing without a read-back."""
        found = self.reconciled
        if found is None:
            return {}
        return {"sent": found.n_sent, "found": found.n_found, "equal": found.n_equal, **found.counts}

    def summary(self) -> str:
        """What was found, in words.

        Returns
        -------
        str
            A few lines for the terminal.
        """
        return "\n".join([self.text, *(f"  {one.code}  {one.message}" for one in self.findings)])


def run(cfg: Any) -> FeedbackResult:
    """Do what ``action`` says.

    Parameters
    ----------
    cfg : config
        From ``icp.load_config("feedback", overrides)``.

    Returns
    -------
    FeedbackResult
        What was found.

    Raises
    ------
    ConfigError
        ``manifest``, ``readback``, ``account`` or ``before`` is not set, no table is named, or ``action`` is one of
        another command.
    DeliveryError
        There is no list (``ICP608``), or the read-back has no key (``ICP741``).
    TableError
        The read-back cannot be read.
    """
    from icp._returning import check_list, reconcile_list
    from icp.config import check_action, resolve

    config = resolve(cfg)
    check_action(config, "feedback")
    needed = {"check": ("manifest",), "reconcile": ("manifest", "readback"), "load": (), "erase": ("account",),
              "forget": ("before",)}  # fmt: skip
    missing = [name for name in needed[config.action] if not getattr(config, name)]
    if missing:
        problems = [Problem("ICP008", f"action={config.action} needs '{name}'.", f"Add {name}=...") for name in missing]
        raise ConfigError("There is nothing to look at.", problems)
    if config.action in ("load", "erase", "forget"):
        from icp._returning import load_returned, remove_returned

        return FeedbackResult(*(load_returned(config) if config.action == "load" else remove_returned(config)))
    place = Path(str(config.manifest))
    folder = place if place.is_dir() else place.parent
    if config.action == "check":
        findings, text = check_list(folder)
        return FeedbackResult(findings, text)
    return FeedbackResult(*reconcile_list(folder, config))


if __name__ == "__main__":
    from icp._command import main

    main("feedback")
