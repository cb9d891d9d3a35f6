"""Groups of one trait's values that a person would choose: levels, round ranges, and "not known"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icp._groups import Ranges, level_words, make_ranges, unknown_words
from icp.tables import OTHER_LEVEL, Trait

__all__ = ["Group", "groups_of", "ranges_of"]

Floats = NDArray[np.float64]

_MAX_RANGES = 5
_MIN_SHARE = 0.05


@dataclass(frozen=True)
class Group:
    """One group of a trait's values.

    Parameters
    ----------
    kind : {"level", "range", "missing"}
        What it holds.
    text : str
        In words, for example ``"50 to 199"``.
    code : int, default=-1
        Code of the level.
    low, high : float or None, default=None
        Range ``low <= x < high``; None is open.
    """

    kind: str
    text: str
    code: int = -1
    low: float | None = None
    high: float | None = None

    def holds(self, values: Floats) -> NDArray[np.bool_]:
        """Which cells belong to the group.

        Parameters
        ----------
        values : ndarray of float64, shape (n_accounts,)
            Cells of the trait.

        Returns
        -------
        ndarray of bool, shape (n_accounts,)
            True inside.
        """
        if self.kind == "missing":
            return ~np.isfinite(values)
        if self.kind == "level":
            return values == self.code
        low = -np.inf if self.low is None else self.low
        high = np.inf if self.high is None else self.high
        return (values >= low) & (values < high)

    @property
    def is_telling(self) -> bool:
        """Whether it says what the account is: not that nobody knows, something rare, or a machine's code."""
        if self.kind == "level":
            return self.text != OTHER_LEVEL and not level_words(self.text).endswith("...")
        return self.kind != "missing" and self.text != "none on record"

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values.

        Returns
        -------
        dict
            One key per parameter.
        """
        return dict(self.__dict__)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Group:
        """The group that :meth:`to_dict` described.

        Parameters
        ----------
        values : mapping
            As made by :meth:`to_dict`.

        Returns
        -------
        Group
            Equal to the one described.
        """
        return cls(**values)


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
