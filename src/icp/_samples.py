"""What looks at a part of the rows of a large table: how many at most, in one place.

Why a part is enough in each case: ``docs/design/0020-training-at-size.md``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

__all__ = ["SAMPLES", "Sample", "samples_of"]


@dataclass(frozen=True)
class Sample:
    """One step that looks at so many rows at most.

    Parameters
    ----------
    what : str
        The step, in words.
    rows : int
        Most rows it looks at.
    of_best : bool, default=False
        Whether its rows are best customers; else all labelled accounts.
    """

    what: str
    rows: int
    of_best: bool = False


LINES = Sample("lines of the score, each fit", 100_000)
PENALTY = Sample("penalty of the lines", 10_000)
NUMBER_OF_PROFILES = Sample("how many profiles there are, and the space they lie in", 2_000, of_best=True)
RULES = Sample("conditions of profiles' rules", 20_000, of_best=True)
USUAL_VALUES = Sample("which values are usual", 20_000)
COMBINED_TRAITS = Sample("which traits reasons combine", 20_000)
AMOUNTS = Sample("amount model", 20_000, of_best=True)
WORKED = Sample("where sales worked", 40_000)
PROXIES = Sample("what gives a sensitive column away", 20_000)

SAMPLES = (
    LINES, PENALTY, NUMBER_OF_PROFILES, RULES, USUAL_VALUES, COMBINED_TRAITS, AMOUNTS, WORKED, PROXIES,
)  # fmt: skip


def samples_of(n_labelled: int, n_best: int, skipped: Collection[Sample] = ()) -> list[dict[str, Any]]:
    """The steps of a training run that looked at a part of the rows.

    Parameters
    ----------
    n_labelled : int
        Labelled accounts.
    n_best : int
        Best customers among them.
    skipped : collection of Sample, default=()
        Steps that were not taken.

    Returns
    -------
    list of dict
        Keys ``what, rows, of, of_best``; empty where every step saw every row.

    Examples
    --------
    >>> samples_of(5_000, 900)
    []
    >>> [one["what"] for one in samples_of(15_000, 900)]
    ['penalty of the lines']
    """
    sizes = {False: n_labelled, True: n_best}
    return [
        {"what": one.what, "rows": one.rows, "of": sizes[one.of_best], "of_best": one.of_best}
        for one in SAMPLES
        if one not in skipped and sizes[one.of_best] > one.rows
    ]
