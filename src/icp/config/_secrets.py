"""Hiding what must not be printed or written: passwords in addresses, values of keys that name a secret."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["mask_secrets", "mask_tree"]

_IN_ADDRESS = re.compile(r"(?P<scheme>[A-Za-z][\w+.-]*://)(?P<user>[^\s:/@]*):(?P<password>[^\s/]*)@")
_NAMED = re.compile(
    r"(?P<key>\b\w*(?:password|passwd|pwd|token|secret|api_?key)[\w.-]*\s*[=:]\s*)(?P<value>[^\s&;,'\"]+)", re.I
)
_SECRET_KEY = re.compile(r"password|passwd|token|secret|api_?key|credential", re.I)
MASK = "***"


def mask_secrets(text: str) -> str:
    """The text with every password in an address, and every value beside a word for a secret, masked.

    Parameters
    ----------
    text : str
        Anything meant for a screen, a log or a file.

    Returns
    -------
    str
        The same with ``***`` in place of secrets.

    Examples
    --------
    >>> mask_secrets("postgresql://reader:hunter2@db/crm?password=hunter2")
    'postgresql://reader:***@db/crm?password=***'
    """
    hidden = _IN_ADDRESS.sub(rf"\g<scheme>\g<user>:{MASK}@", text)
    return _NAMED.sub(rf"\g<key>{MASK}", hidden)


def mask_tree(value: Any, key: str = "") -> Any:
    """A nested value of mappings, lists and scalars with its secrets masked.

    Parameters
    ----------
    value : Any
        Plain values.
    key : str, default=""
        Key the value stands under.

    Returns
    -------
    Any
        A copy.
    """
    if isinstance(value, dict):
        return {name: mask_tree(item, str(name)) for name, item in value.items()}
    if isinstance(value, list):
        return [mask_tree(item, key) for item in value]
    if value is not None and _SECRET_KEY.search(key):
        return MASK
    return mask_secrets(value) if isinstance(value, str) else value
