"""Groups of accounts that a person would name: ranges with round edges, levels, and "not known"."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from icp._groups import level_words, make_ranges, unknown_words
from icp.tables import Trait

__all__ = ["TraitGroups", "group_codes", "make_groups"]

MAX_RANGES = 6


@dataclass(frozen=True)
class TraitGroups:
    """How one trait divides accounts into named groups; the last group is always "not known".

    Parameters
    ----------
    edges : tuple of float
        Lower edges of all ranges but the first (numeric traits); empty for levels.
    names : tuple of str
        One per group.
    above, below : tuple of str
        For each range: its name when everything above, or below, is added to it; empty for levels.
    """

    edges: tuple[float, ...]
    names: tuple[str, ...]
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()


def group_codes(
    values: NDArray[np.float64], edges: tuple[float, ...], n_groups: int, levels: bool
) -> NDArray[np.int16]:
    """The group of each value.

    Parameters
    ----------
    values : ndarray of float64, shape (n_accounts,)
        Numbers, or codes of levels; NaN is "not known".
    edges : tuple of float
        Lower edges of all ranges but the first.
    n_groups : int
        Groups, "not known" included.
    levels : bool
        Whether values are codes of levels.

    Returns
    -------
    ndarray of int16, shape (n_accounts,)
        0 ... n_groups - 1; the last is "not known".
    """
    missing = n_groups - 1
    if levels:
        safe = np.where(np.isfinite(values) & (values >= 0) & (values < missing), values, missing)
        return safe.astype(np.int16)
    codes = np.searchsorted(np.array(edges), values, side="right").astype(np.int16)
    codes[np.isnan(values)] = missing
    return codes


def make_groups(trait: Trait, values: NDArray[np.float64], min_group: int) -> TraitGroups:
    """Divide accounts by one trait.

    Parameters
    ----------
    trait : Trait
        What the values mean.
    values : ndarray of float64, shape (n_accounts,)
        Training values.
    min_group : int
        Fewest accounts in a range.

    Returns
    -------
    TraitGroups
        At most six ranges at round edges, or one group per level, and "not known".
    """
    unknown = unknown_words(trait)
    if trait.kind == "categorical":
        return TraitGroups((), (*(level_words(level) for level in trait.levels), unknown))
    ranges = make_ranges(trait, values[np.isfinite(values)], MAX_RANGES, min_group)
    above = (ranges.names[0], *ranges.above)
    below = (*ranges.below, ranges.names[-1])
    return TraitGroups(ranges.edges, (*ranges.names, unknown), above, below)
