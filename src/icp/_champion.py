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
    """

    version: str
    bundle: Bundle | None
    problem: str = ""


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
    from icp.bundle import read
    from icp.tracking import find_bundle, find_champion

    if config.tracking.store == "none":
        return Champion("", None)
    version = find_champion(config.name, config.tracking)
    if not version:
        return Champion("", None)
    try:
        return Champion(version, read(find_bundle(f"models:/{config.name}/{version}", config.tracking)))
    except ICPError as error:
        return Champion(version, None, error.problems[0].message)
