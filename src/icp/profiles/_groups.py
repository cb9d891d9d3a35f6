"""Groups of one trait's values that a person would choose: levels, round ranges, and "not known"."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from icp._groups import Group, Ranges, make_ranges, unknown_words
from icp.tables import Trait

__all__ = ["Group", "groups_of", "ranges_of"]

Floats = NDArray[np.float64]

_MAX_RANGES = 5
_MIN_SHARE = 0.05


def groups_of(trait: Trait, values: Floats) -> tuple[Group, ...]:
    """Groups of a trait: its levels, or ranges between round edges; "not known" last, where a cell is.

    Parameters
    ----------
    trait : Trait
        Kind, unit and levels.
    values : ndarray of float64, shape (n_accounts,)
        Its cells in the base.

    Returns
    -------
    tuple of Group
        Disjoint; every cell is in one.
    """
    known = values[np.isfinite(values)]
    if trait.kind == "categorical":
        groups = [Group("level", level, code=code) for code, level in enumerate(trait.levels)]
    else:
        ranges = ranges_of(trait, known)
        bounds = pairwise([None, *ranges.edges, None])
        groups = [
            Group("range", name, low=low, high=high) for name, (low, high) in zip(ranges.names, bounds, strict=True)
        ]
    if len(known) < len(values):
        groups.append(Group("missing", unknown_words(trait)))
    return tuple(groups)


def ranges_of(trait: Trait, known: Floats) -> Ranges:
    """At most five ranges of a numeric trait, each with 5 % of the accounts or more.

    Parameters
    ----------
    trait : Trait
        What the numbers mean.
    known : ndarray of float64, shape (n_known,)
        Cells that are known.

    Returns
    -------
    Ranges
        With round edges.
    """
    return make_ranges(trait, known, _MAX_RANGES, _MIN_SHARE * len(known))
