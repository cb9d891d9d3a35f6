"""The version in use, read as data before a new one is learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from icp.errors import ICPError

if TYPE_CHECKING:
    from icp.bundle import Bundle
    from icp.config import RunConfig

__all__ = ["Champion", "read_champion"]


@dataclass(frozen=True)
class Champion:
    """The champion of a name.

    Parameters
    ----------
    version : str
        Its number; empty where there is none.
    bundle : Bundle or None
        None where there is none, or it cannot be read.
    problem : str, default=""
        Why it cannot be read.
    newest : Bundle or None, default=None
        The newest version, where it is another and can be read: ids that it gave to profiles stay with them.
    """

    version: str
    bundle: Bundle | None
    problem: str = ""
    newest: Bundle | None = None


def read_champion(config: RunConfig) -> Champion:
    """Find and read the champion of the name that is trained.

    Parameters
    ----------
    config : RunConfig
        Of the run.

    Returns
    -------
    Champion
        Without a version where there is no champion; a damaged one stops nothing, and is said.

    Raises
    ------
    TrackingError
        The store does not answer or refuses.
    """
    from icp.tracking import find_versions

    if config.tracking.store == "none":
        return Champion("", None)
    version, newest = find_versions(config.name, config.tracking)
    other = None if newest == version else _read(config, newest)[0]
    if not version:
        return Champion("", None, newest=other)
    return Champion(version, *_read(config, version), newest=other)


def _read(config: RunConfig, version: str) -> tuple[Bundle | None, str]:
    """A version, or why it cannot be read."""
    from icp.bundle import read
    from icp.tracking import find_bundle

    try:
        return read(find_bundle(f"models:/{config.name}/{version}", config.tracking)), ""
    except ICPError as error:
        return None, error.problems[0].message
