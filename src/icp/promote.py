"""``python -m icp.promote``: move or show the champion alias, roll it back, or register a trained folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icp._outcome import Outcome

if TYPE_CHECKING:
    from icp.tables import Finding
    from icp.tracking import PromotionEntry, VersionInfo

__all__ = ["PromoteResult", "run"]


@dataclass(frozen=True)
class PromoteResult(Outcome):
    """What was done to the champion alias.

    Parameters
    ----------
    name : str
        Registered name.
    entry : PromotionEntry or None
        The move; None for ``action=show`` and ``action=register``.
    log : tuple of PromotionEntry
        Every move so far, oldest first.
    output : Path or None, default=None
        Nothing is written to a folder.
    findings : tuple of Finding, default=()
        None.
    version : VersionInfo or None, default=None
        What ``action=register`` registered.
    """

    name: str
    entry: PromotionEntry | None
    log: tuple[PromotionEntry, ...]
    output: Path | None = None
    findings: tuple[Finding, ...] = ()
    version: VersionInfo | None = None

    @property
    def counts(self) -> Mapping[str, int]:
        """How often the alias was moved so far."""
        return {"moves": len(self.log)}

    def summary(self) -> str:
        """Who is champion, and the log with the evidence behind each move.

        Returns
        -------
        str
            A few lines.
        """
        champion = f"champion of '{self.name}' is version {self.log[-1].after}" if self.log else "no champion so far"
        lines = [champion] if self.version is None else [self.version.sentence(), champion]
        for entry in self.log:
            lines.append(f"  {entry.sentence()}")
            lines += [f"    {entry.evidence}"] if entry.evidence else []
        return "\n".join(lines)


def run(cfg: Any) -> PromoteResult:
    """Do what ``action`` says.

    Parameters
    ----------
    cfg : config
        From ``icp.load_config("promote", overrides)``.

    Returns
    -------
    PromoteResult
        The move or the new version, and the log.

    Raises
    ------
    ConfigError
        There is no such action (``ICP003``).
    ModelNotFoundError
        No such model, version, alias or folder.
    TrackingError
        It is champion or registered already, or there is nothing to roll back to.
    """
    from icp.config import check_action, resolve
    from icp.tracking import find_bundle, find_version, find_versions, model_name, promote, promotion_log, roll_back

    config = resolve(cfg)
    check_action(config, "promote")
    if config.action == "register":
        from icp._registering import register

        version = register(config)
        return PromoteResult(version.name, None, promotion_log(version.name, config.tracking), version=version)
    address = config.model or f"models:/{config.name}@challenger"
    name, entry, why, who = model_name(address), None, config.reason or "", config.who or ""
    if config.action == "rollback":
        entry = roll_back(name, reason=why, who=who, options=config.tracking)
    elif config.action == "promote":
        _, number = find_version(address, config.tracking)
        from icp.bundle import read  # heavy: only for a version that is there

        read(find_bundle(f"models:/{name}/{number}", config.tracking))
        entry = promote(name, number, reason=why, who=who, options=config.tracking)
    elif not find_versions(name, config.tracking)[1]:
        find_version(address, config.tracking)  # says which models there are
    return PromoteResult(name, entry, promotion_log(name, config.tracking))


if __name__ == "__main__":
    from icp._command import main

    main("promote")
