"""How many accounts are in each group of each trait, without saying of every account whether it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from icp._groups import Group

__all__ = ["count_groups"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def count_groups(values: Floats, at: Ints, groups: Sequence[tuple[int, Group]], n_profiles: int) -> Ints:
    """Accounts in each group, of all and of each profile.

    One column is looked at after the other, and all levels of a column at once: memory does not grow with accounts
    times groups, nor time with accounts times levels.

    Parameters
    ----------
    values : ndarray of float64, shape (n_accounts, n_traits)
        Traits, NaN where not known.
    at : ndarray of int64, shape (n_accounts,)
        Profile of each account; -1 for none.
    groups : sequence of (int, Group)
        Position of the trait, and the group; groups of a trait follow one another.
    n_profiles : int
        Profiles there are.

    Returns
    -------
    ndarray of int64, shape (n_profiles + 1, n_groups)
        All accounts first.
    """
    key, width = at + 1, n_profiles + 1
    found = [np.zeros((0, width), dtype=np.int64)]
    for j, same in groupby(groups, key=lambda pair: pair[0]):
        found.append(np.array(list(_of_column(values[:, j], key, [group for _, group in same], width))))
    counts = np.concatenate(found).T.copy()
    counts[0] = counts.sum(axis=0)  # those of no profile so far
    return counts


def _of_column(column: Floats, key: Ints, groups: Sequence[Group], width: int) -> Iterator[Ints]:
    """Accounts in each group of one trait, by key."""
    n_codes = 1 + max(group.code for group in groups)
    coded = np.flatnonzero((column >= 0.0) & (column < n_codes) & (column == np.floor(column)))
    by_code = np.bincount(column[coded].astype(np.int64) * width + key[coded], minlength=n_codes * width)
    for group in groups:
        if group.kind == "level":
            yield by_code[group.code * width : (group.code + 1) * width]
        else:
            yield np.bincount(key[group.holds(column)], minlength=width)
