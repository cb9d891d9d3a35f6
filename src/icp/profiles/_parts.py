"""What a profile is told by: its distinctive traits and its short rule."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icp._groups import level_words
from icp._wording import capital, fact
from icp.profiles._groups import Group

__all__ = ["ProfileTrait", "Rule", "condition_holds", "plain_numbers"]


Floats = NDArray[np.float64]

_TESTS: dict[str, Callable[[Floats, Any], Any]] = {
    "level": lambda cells, value: cells == value,
    "not level": lambda cells, value: np.isfinite(cells) & (cells != value),
    "at least": lambda cells, value: cells >= value,
    "below": lambda cells, value: cells < value,
    "known": lambda cells, value: np.isfinite(cells),
    "not known": lambda cells, value: ~np.isfinite(cells),
}


@dataclass(frozen=True)
class ProfileTrait:
    """One group of a trait's values that sets best customers apart from the base.

    Parameters
    ----------
    trait, label : str
        Name of the trait, and its words.
    column : int
        Its position among the traits.
    group : Group
        The values.
    n, share : int, float
        Best customers of the profile in the group, and their share of the profile.
    base_n, base_share : int, float
        The same in the base.
    index, low, high : float
        100 = as common as in the base, with its interval; ``high`` is NaN where nothing bounds it.
    q : float
        False-discovery rate at which it is still listed.
    """

    trait: str
    label: str
    column: int
    group: Group
    n: int
    share: float
    base_n: int
    base_share: float
    index: float
    low: float
    high: float
    q: float

    @property
    def words(self) -> str:
        """The trait and its group, for example ``"Industry: Software"``."""
        return capital(fact(self.label, level_words(self.group.text)))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values.

        Returns
        -------
        dict
            One key per parameter.
        """
        return {**plain_numbers(self.__dict__), "group": self.group.to_dict()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> ProfileTrait:
        """The trait that :meth:`to_dict` described.

        Parameters
        ----------
        values : mapping
            As made by :meth:`to_dict`.

        Returns
        -------
        ProfileTrait
            Equal to the one described.
        """
        high = np.nan if values["high"] is None else values["high"]
        return cls(**{**values, "group": Group.from_dict(values["group"]), "high": high})

    def row(self) -> dict[str, Any]:
        """The trait as it stands in ``profiles.json``.

        Returns
        -------
        dict
            All but the position, the group in words.
        """
        row = {key: value for key, value in self.to_dict().items() if key != "column"}
        return {**row, "group": self.group.text}


@dataclass(frozen=True)
class Rule:
    """A profile in at most three conditions, judged on accounts it was not made from.

    Parameters
    ----------
    text : str
        In words, for example ``"Industry is Software and Employees at least 50"``.
    conditions : tuple of mapping
        ``column, trait, kind`` (``level, not level, at least, below, known`` or ``not known``), ``value``, ``words``.
    coverage : float
        Share of the profile's best customers that the rule finds.
    precision : float
        Share of the accounts it finds that are best customers of the profile.
    n : int
        Accounts it finds.
    rate, rate_low, rate_high : float or None
        Share of the labelled accounts it finds that are best customers of any profile, with its interval.
    """

    text: str
    conditions: tuple[Mapping[str, Any], ...]
    coverage: float
    precision: float
    n: int
    rate: float | None = None
    rate_low: float | None = None
    rate_high: float | None = None

    def __post_init__(self) -> None:
        for one in self.conditions:
            value = one["value"]
            if one["kind"] not in _TESTS or type(one["column"]) is not int:
                raise ValueError("a condition is of a known kind")
            if not one["kind"].endswith("known") and not (type(value) in (int, float) and math.isfinite(value)):
                raise ValueError("a condition compares with a number")

    def holds(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which accounts the rule finds.

        Parameters
        ----------
        values : ndarray of float64, shape (n_accounts, n_traits)
            Traits that profiles are made of.

        Returns
        -------
        ndarray of bool, shape (n_accounts,)
            True where every condition holds.
        """
        found = [condition_holds(condition, values) for condition in self.conditions]
        return np.asarray(np.all(found, axis=0), dtype=bool)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values.

        Returns
        -------
        dict
            One key per parameter.
        """
        return {**plain_numbers(self.__dict__), "conditions": [dict(condition) for condition in self.conditions]}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Rule:
        """The rule that :meth:`to_dict` described.

        Parameters
        ----------
        values : mapping
            As made by :meth:`to_dict`.

        Returns
        -------
        Rule
            Equal to the one described.
        """
        return cls(**{**values, "conditions": tuple(values["conditions"])})


def condition_holds(condition: Mapping[str, Any], values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Where one condition of a rule holds.

    Parameters
    ----------
    condition : mapping
        ``column, kind, value``, see :class:`Rule`.
    values : ndarray of float64, shape (n_accounts, n_traits)
        Traits that profiles are made of.

    Returns
    -------
    ndarray of bool, shape (n_accounts,)
        What is not known satisfies "not known" and nothing else.
    """
    test = _TESTS[condition["kind"]]
    return np.asarray(test(values[:, condition["column"]], condition["value"]), dtype=bool)


def plain_numbers(values: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers as JSON takes them.

    Parameters
    ----------
    values : mapping
        Any values.

    Returns
    -------
    dict
        The same, NaN and infinities as None.
    """
    return {key: None if isinstance(x, float) and not np.isfinite(x) else x for key, x in values.items()}
