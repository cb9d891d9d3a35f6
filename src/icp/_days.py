"""Days as a person or a program writes them."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from icp.errors import ConfigError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["as_day", "is_day"]


def is_day(text: object) -> bool:
    """Whether a text is a date as 2026-03-31.

    Parameters
    ----------
    text : object
        What was given.

    Returns
    -------
    bool
        False for other ways to write a date.

    Examples
    --------
    >>> is_day("2026-03-31"), is_day("20260331"), is_day("2026-02-30"), is_day(20260331)
    (True, False, False, False)
    """
    try:
        return isinstance(text, str) and datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def as_day(as_of: object) -> pd.Timestamp | None:
    """The date that the caller of a Python function gave.

    Parameters
    ----------
    as_of : str, date, Timestamp or None
        Text as 2026-03-31; of a time with a zone the zone is dropped.

    Returns
    -------
    Timestamp or None
        Without a zone.

    Raises
    ------
    ConfigError
        It is none of these (``ICP003``): a number would be taken for nanoseconds since 1970, ``03/04`` for either day.

    Examples
    --------
    >>> as_day("2026-03-31"), as_day(None)
    (Timestamp('2026-03-31 00:00:00'), None)
    """
    if as_of is None:
        return None
    import numpy as np
    import pandas as pd

    if is_day(as_of) or (isinstance(as_of, (datetime.date, np.datetime64)) and not pd.isna(as_of)):
        return pd.Timestamp(as_of).tz_localize(None)
    raise ConfigError.one("ICP003", f"'as_of' is {as_of!r:.40}.", "Write the date as 2026-03-31.")
