"""A statistic that a claim can be bound to: how common a group of a trait's values is, where, and by what evidence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from icp._groups import Group, level_words
from icp._wording import capital, fact

__all__ = ["Statistic", "finite"]


@dataclass(frozen=True)
class Statistic:
    """One group of a trait's values among best customers, against the same group in a named base.

    Parameters
    ----------
    profile_id, profile : str
        Profile whose best customers are counted; ``""`` and ``"all best customers"`` for all of them.
    trait, label : str
        Name of the trait, and its words.
    column : int
        Its position among the traits of profiles.
    group : Group
        The values.
    n, n_best : int
        Best customers in the group, and all that are counted.
    share : float
        ``n / n_best``.
    base, as_of : str
        What is compared with, and the ISO date of the picture, or empty.
    base_n, n_base : int
        Accounts of the base in the group, and all of them.
    base_share : float
        ``base_n / n_base``.
    penetration : float or None
        Share of the base's accounts in the group that are such best customers; None where the base holds none at all.
    index, low, high : float or None
        100 = as common as in the base, with its interval; None where nothing bounds it.
    woe, information : float
        Weight of evidence, and the group's part of the trait's information value.
    q : float
        False-discovery rate at which it is still listed, over all groups of all traits.
    distinctive : bool
        Whether it is listed at the rate asked for, and the interval leaves out 100.
    unworked : int or None
        Accounts of the group that nobody worked and whose nearest profile is this one; None where nobody counted.
    """

    profile_id: str
    profile: str
    trait: str
    label: str
    column: int
    group: Group
    n: int
    n_best: int
    share: float
    base: str
    as_of: str
    base_n: int
    n_base: int
    base_share: float
    penetration: float | None
    index: float | None
    low: float | None
    high: float | None
    woe: float
    information: float
    q: float
    distinctive: bool
    unworked: int | None

    @property
    def over(self) -> bool:
        """Whether the group is clearly more common than in the base."""
        return self.distinctive and (self.low or 0.0) > 100.0

    @property
    def under(self) -> bool:
        """Whether the group is clearly less common than in the base."""
        return self.distinctive and self.high is not None and self.high < 100.0

    @property
    def words(self) -> str:
        """The trait and its group, for example ``"Industry: Software"``."""
        return capital(fact(self.label, level_words(self.group.text)))

    def to_dict(self) -> dict[str, Any]:
        """The statistic as it stands on a brief and in ``index.csv``.

        Returns
        -------
        dict
            Plain JSON values, the group in words; all but the position of the trait.
        """
        row = {key: value for key, value in self.__dict__.items() if key != "column"}
        return {**row, "group": self.group.text, "kind": self.group.kind}


def finite(x: float) -> float | None:
    """A number as JSON takes it.

    Parameters
    ----------
    x : float
        May be NaN or infinite.

    Returns
    -------
    float or None
        None where it is.
    """
    return float(x) if math.isfinite(x) else None
