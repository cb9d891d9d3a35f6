"""Versions of a model in a registry, by name, alias and number."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from icp.errors import ICPError, ModelNotFoundError, did_you_mean
from icp.tracking._store import Store

__all__ = ["address_parts", "known_versions", "version_of", "versions_of"]

_ADDRESS = re.compile(r"models:/(?P<name>[^/@]+)(?:@(?P<alias>[^/@]+)|/(?P<version>\d+))")


def address_parts(text: str) -> tuple[str, str | None, str | None]:
    """Name, alias and number in an address.

    Parameters
    ----------
    text : str
        ``models:/name@alias`` or ``models:/name/3``.

    Returns
    -------
    name : str
        Registered name.
    alias, version : str or None
        One of the two.

    Raises
    ------
    ModelNotFoundError
        It is not such an address (``ICP503``).
    """
    match = _ADDRESS.fullmatch(text)
    if match is None:
        message = f"'{text}' is not the address of a model."
        action = "Write models:/name@champion, models:/name/3 or a model folder."
        if Path(text).is_dir():
            message = f"'{text}' is a folder, and this takes the address of a version."
            action = (
                "Write models:/name@challenger or models:/name/3.  The model of a folder becomes a version with "
                f"python -m icp.promote action=register model={text}."
            )
        raise ModelNotFoundError.one("ICP503", message, action)
    return match["name"], match["alias"], match["version"]


def version_of(store: Store | None, name: str, *, alias: str | None = None, version: str | None = None) -> Any:
    """MLflow's record of a version.

    Parameters
    ----------
    store : Store or None
        Open store; None where there is none.
    name : str
        Registered name.
    alias, version : str, default=None
        One of the two.

    Returns
    -------
    ModelVersion
        As MLflow gives it.

    Raises
    ------
    ModelNotFoundError
        It is not there (``ICP503``).
    """
    versions = [] if store is None else versions_of(store, name)
    for item in versions:
        if str(item.version) == version or (alias is not None and alias in item.aliases):
            return item
    raise _not_found(store, name, alias, version, versions)


def versions_of(store: Store, name: str) -> list[Any]:
    """All versions of a model with their aliases, oldest first.

    Parameters
    ----------
    store : Store
        Open store.
    name : str
        Registered name.

    Returns
    -------
    list of ModelVersion
        Empty where there is no such model.
    """
    quoted = name.replace("'", "''")
    versions = list(store.client.search_model_versions(f"name='{quoted}'", max_results=10_000))
    if not versions:
        return []
    aliases = store.client.get_registered_model(name).aliases
    for item in versions:
        item.aliases = sorted(alias for alias, number in aliases.items() if str(number) == str(item.version))
    return sorted(versions, key=lambda item: int(item.version))


def known_versions(versions: list[Any]) -> str:
    """Versions of a model, for messages.

    Parameters
    ----------
    versions : list of ModelVersion
        Of :func:`versions_of`.

    Returns
    -------
    str
        Such as ``Its versions: 1 (champion), 2.``; the last ten.
    """
    words = [f"{item.version}{''.join(f' ({alias})' for alias in item.aliases)}" for item in versions[-10:]]
    return f"Its versions: {', '.join(words)}."


def _not_found(store: Store | None, name: str, alias: str | None, version: str | None, versions: list[Any]) -> ICPError:
    if store is None:
        message = f"there is no model '{name}': nothing was trained in this working directory."
        return ModelNotFoundError.one(
            "ICP503", message, f"Run python -m icp.train name={name}, or give a model folder."
        )
    if not versions:
        names = sorted(item.name for item in store.client.search_registered_models(max_results=1000))
        known = f"There are: {', '.join(names[:10])}." if names else f"Run python -m icp.train name={name}."
        message = f"there is no model '{name}' in {store.where()}."
        return ModelNotFoundError.one("ICP503", message, f"{did_you_mean(name, names)}{known}")
    wanted = f"alias '{alias}'" if alias else f"version {version}"
    return ModelNotFoundError.one("ICP503", f"model '{name}' has no {wanted}.", known_versions(versions))
