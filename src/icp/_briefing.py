"""The library of messages that a run was given: read for training, bound anew to a model for scoring."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from icp.config import RunConfig
from icp.errors import BundleError, ConfigError

if TYPE_CHECKING:
    from icp.bundle import Bundle
    from icp.messages import Library, MessageBook
    from icp.tables import Finding

__all__ = ["library_for_training", "messages_for_scoring", "sample_library"]

_OF_THE_RUN, _NONE = "auto", "none"


def sample_library() -> Path:
    """The messages of the built-in sample, in a checkout and in an installed wheel.

    Returns
    -------
    Path
        A YAML file.
    """
    package = Path(__file__).resolve().parent
    installed = package / "_messages"
    return (installed if installed.is_dir() else package.parents[1] / "data" / "messages") / "sample.yaml"


def library_for_training(config: RunConfig) -> Library | None:
    """The messages a training run was given.

    Parameters
    ----------
    config : RunConfig
        Resolved.

    Returns
    -------
    Library or None
        None where there are none.

    Raises
    ------
    ConfigError
        The file cannot be used (``ICP651`` to ``ICP654``).
    """
    from icp.messages import read_library

    choice = config.messages.library
    if choice == _OF_THE_RUN:
        return read_library(sample_library()) if config.accounts.source == "sample" else None
    return None if choice == _NONE else read_library(choice)


def messages_for_scoring(config: RunConfig, bundle: Bundle) -> tuple[MessageBook | None, tuple[Finding, ...]]:
    """The messages a scoring run was given, bound to the statistics that the model holds.

    Parameters
    ----------
    config : RunConfig
        Resolved.
    bundle : Bundle
        The model.

    Returns
    -------
    MessageBook or None
        None takes those of the model.
    tuple of Finding
        Messages whose evidence is gone (``ICP656``).

    Raises
    ------
    ConfigError
        The file cannot be used (``ICP651`` to ``ICP654``), or names what the model does not have (``ICP655``).
    BundleError
        The model keeps no statistics to bind messages to (``ICP657``).
    """
    from icp.messages import MessageBook, bind, binding_findings, name_problems, read_library

    choice = config.messages.library
    if choice == _OF_THE_RUN:
        return None, ()
    if choice == _NONE:
        return MessageBook(()), ()
    library = read_library(choice)
    if bundle.index is None:
        message = f"the model {bundle.version} was made before statistics were kept, so no message can be bound to it."
        raise BundleError.one("ICP657", message, "Train it again, or leave messages.library out.")
    statistics, ids = bundle.index.statistics(), bundle.profiles.names
    problems = name_problems(library, statistics, ids)
    if problems:
        many = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
        raise ConfigError(f"{many} in the messages of '{library.source}', with model {bundle.version}", problems)
    book, bound = bind(library, statistics, ids)
    return book, binding_findings(library, bound, ())
