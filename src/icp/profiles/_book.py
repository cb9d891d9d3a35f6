"""Profiles as plain data: what is known of each, and which account belongs to which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icp._notebook import Box, Boxed
from icp._wording import percent, plain
from icp.profiles._parts import ProfileTrait, Rule, plain_numbers
from icp.profiles._space import MixedSpace, nearest

__all__ = ["Profile", "ProfileSet"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Profile(Boxed):
    """One ideal customer profile.

    Parameters
    ----------
    id : str
        ``"P1"``, ``"P2"``, ...: the largest first where there was no version before; it stays with the profile.
    name : str
        From its most distinctive traits, or set by a person; at most 80 characters, safe in a CRM.
    n, share : int, float
        Best customers in it, and their share of all best customers.
    stability : float
        Mean Jaccard similarity with its match on subsamples.
    traits : tuple of ProfileTrait
        Distinctive traits: what is more common than in the base, strongest first, then what is less common.
    rule : Rule or None
        None where no short rule finds 60 % of the profile.
    value : float or None
        Mean amount of its best customers.
    rate : float or None
        Share of best customers among the labelled base accounts that are assigned to the profile.
    named_by : {"traits", "person"}, default="traits"
        Where the name comes from.
    former_names : tuple of str, default=()
        Names it had in earlier versions, by which messages still find it.
    """

    id: str
    name: str
    n: int
    share: float
    stability: float
    traits: tuple[ProfileTrait, ...]
    rule: Rule | None = None
    value: float | None = None
    rate: float | None = None
    named_by: str = "traits"
    former_names: tuple[str, ...] = ()

    def _box(self) -> Box:
        facts = {"best customers": self.n, "share": self.share, "stability": self.stability, "rate": self.rate}
        columns = ("trait", "index", "low", "high", "n", "base n")
        rows = [(one.words, one.index, one.low, one.high, one.n, one.base_n) for one in self.traits]
        return Box(f"{self.id} {self.name}", {**facts, "value": self.value}, columns, rows)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values.

        Returns
        -------
        dict
            One key per parameter.
        """
        rule = None if self.rule is None else self.rule.to_dict()
        traits = [trait.to_dict() for trait in self.traits]
        names = list(self.former_names)
        return {**plain_numbers(self.__dict__), "traits": traits, "rule": rule, "former_names": names}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Profile:
        """The profile that :meth:`to_dict` described.

        Parameters
        ----------
        values : mapping
            As made by :meth:`to_dict`.

        Returns
        -------
        Profile
            Equal to the one described.
        """
        rule = None if values["rule"] is None else Rule.from_dict(values["rule"])
        traits = tuple(ProfileTrait.from_dict(trait) for trait in values["traits"])
        return cls(**{**values, "traits": traits, "rule": rule, "former_names": tuple(values.get("former_names", ()))})


@dataclass(frozen=True)
class ProfileSet(Boxed):
    """All profiles, and all that is needed to find the profile of any account.

    Parameters
    ----------
    profiles : tuple of Profile
        Largest first; empty means that no stable profiles were found.
    overall : tuple of ProfileTrait
        Distinctive traits of all best customers together.
    base_name, base_n : str, int
        What they are compared with.
    n_best : int
        Best customers.
    space : MixedSpace
        Carries traits to points.
    centres : ndarray of float64, shape (n_profiles, n_parts)
        Profile centres.
    distances : ndarray of float64, shape (n_profiles, 101)
        Percentiles of the distances of a profile's best customers to its centre.
    limit : float
        99 % of the best customers lie nearer to their own centre; accounts beyond belong to no profile.
    stability : tuple of mapping
        ``k, stability, null, gain, gain_over_fewer, n_smallest, stable, refused_by`` for each number of profiles tried.
    evidence : mapping
        Where the numbers come from (as-of date, definition), as given by the caller.
    used_ids : tuple of str, default=()
        Ids that this or an earlier version gave, retired ones too: none is given to another profile.
    """

    profiles: tuple[Profile, ...]
    overall: tuple[ProfileTrait, ...]
    base_name: str
    base_n: int
    n_best: int
    space: MixedSpace
    centres: Floats
    distances: Floats
    limit: float
    stability: tuple[Mapping[str, Any], ...] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)
    used_ids: tuple[str, ...] = ()

    def _box(self) -> Box:
        title = "Profiles of best customers" if self.profiles else "No stable profiles"
        facts = {"best customers": self.n_best, "compared with": self.base_name, "base n": self.base_n}
        rows = [(one.id, one.name, one.n, one.share, one.stability, one.rate, one.value) for one in self.profiles]
        return Box(title, facts, ("id", "name", "n", "share", "stability", "rate", "value") if rows else (), rows)

    def __post_init__(self) -> None:
        n = len(self.profiles)
        if (n and not self.centres.shape == (n, self.space.parts.shape[1])) or len(self.distances) != n:
            raise ValueError("each profile has a centre and its distances")
        if (np.diff(self.distances, axis=1) < 0).any() or len({profile.id for profile in self.profiles}) != n:
            raise ValueError("distances are in order, and each profile has an id of its own")
        given = {*self.used_ids, *(profile.id for profile in self.profiles)}
        object.__setattr__(self, "used_ids", tuple(sorted(given, key=lambda key: (len(key), key))))

    @property
    def columns(self) -> set[int]:
        """Positions of the traits that profiles are told by."""
        told = [*self.overall, *(trait for profile in self.profiles for trait in profile.traits)]
        rules = [profile.rule for profile in self.profiles if profile.rule is not None]
        return {one.column for one in told} | {one["column"] for rule in rules for one in rule.conditions}

    @property
    def names(self) -> list[tuple[str, ...]]:
        """Id, name and former names of each profile."""
        return [(profile.id, profile.name, *profile.former_names) for profile in self.profiles]

    def assign(self, values: Floats) -> tuple[NDArray[np.int64], Floats]:
        """The nearest profile of every account and how typical the account is of it.

        Parameters
        ----------
        values : ndarray of float64, shape (n_accounts, n_traits)
            Traits as in fitting; a row never depends on the other rows.

        Returns
        -------
        index : ndarray of int64, shape (n_accounts,)
            Position in ``profiles``; -1 for an account farther from every centre than 99 % of the best customers are
            from theirs, and where there are no profiles.
        typicality : ndarray of float64, shape (n_accounts,)
            Share of the profile's best customers that lie farther from its centre; 0 without a profile.
        """
        if not self.profiles:
            return np.full(len(values), -1, dtype=np.int64), np.zeros(len(values))
        index, distance = nearest(self.space.project(values), self.centres)
        typicality = np.zeros(len(values))
        for profile, percentiles in enumerate(self.distances):
            rows = index == profile
            typicality[rows] = 1.0 - np.searchsorted(percentiles, distance[rows]) / len(percentiles)
        inside = distance <= self.limit
        return np.where(inside, index, -1), np.where(inside, typicality, 0.0)

    def talking_points(self, values: Floats, index: NDArray[np.int64]) -> NDArray[np.object_]:
        """One sentence per account, from the strongest of its profile's traits that the account itself shows.

        Parameters
        ----------
        values : ndarray of float64, shape (n_accounts, n_traits)
            Traits as in fitting.
        index : ndarray of int64, shape (n_accounts,)
            Profile of each account, -1 for none: then the traits of all best customers are looked at.

        Returns
        -------
        ndarray of object, shape (n_accounts,)
            Text; empty where the account shows none of the traits.
        """
        texts = np.full(len(values), "", dtype=object)
        for i, points in self._points.items():
            rows = np.flatnonzero(index == i)
            for trait, sentence in points if len(rows) else ():
                texts[rows[trait.group.holds(values[rows, trait.column])]] = sentence
        return texts

    @cached_property
    def _points(self) -> dict[int, list[tuple[ProfileTrait, str]]]:
        """What may be said of each profile, the strongest last."""
        books = [(-1, self.overall, "best customers")]
        books += [(i, profile.traits, "best customers in this profile") for i, profile in enumerate(self.profiles)]
        return {
            i: [
                (one, self._sentence(one, whom))
                for one in reversed(traits)
                if one.index > 100.0 and one.group.is_telling
            ]
            for i, traits, whom in books
        }

    def frame(self) -> pd.DataFrame:
        """All distinctive traits of all profiles.

        Returns
        -------
        DataFrame
            Columns ``profile_id, profile, trait, label, group, n, share, base_n, base_share, index, low, high, q``.
        """
        names = ["trait", "label", "group", "n", "share", "base_n", "base_share", "index", "low", "high", "q"]
        cards = [(one.id, one.name, trait) for one in self.profiles for trait in one.traits]
        rows = [{"profile_id": key, "profile": name, **trait.row()} for key, name, trait in cards]
        return pd.DataFrame(rows, columns=["profile_id", "profile", *names])

    def profiles_json(self) -> list[dict[str, Any]]:
        """The content of ``profiles.json``.

        Returns
        -------
        list of dict
            Keys ``id, name, named_by, former_names, n, share, rule, traits, stability, value, rate, base``.
        """
        rows = []
        for profile in self.profiles:
            row = profile.to_dict()
            row["traits"] = [trait.row() for trait in profile.traits]
            row["base"] = {"name": self.base_name, "n": self.base_n}
            rows.append(row)
        return rows

    def to_dict(self) -> dict[str, Any]:
        """Everything, as plain JSON values.

        Returns
        -------
        dict
            One key per parameter.
        """
        return {
            "profiles": [profile.to_dict() for profile in self.profiles],
            "overall": [trait.to_dict() for trait in self.overall],
            "base_name": self.base_name,
            "base_n": self.base_n,
            "n_best": self.n_best,
            "space": self.space.to_dict(),
            "centres": self.centres.tolist(),
            "distances": self.distances.tolist(),
            "limit": self.limit,
            "stability": [dict(row) for row in self.stability],
            "evidence": dict(self.evidence),
            "used_ids": list(self.used_ids),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The set that :meth:`to_dict` described.

        Parameters
        ----------
        values : mapping
            As made by :meth:`to_dict`.

        Returns
        -------
        ProfileSet
            Assigns and words every account as the one described.
        """
        n_profiles = len(values["profiles"])
        return cls(
            **{
                **values,
                "profiles": tuple(Profile.from_dict(profile) for profile in values["profiles"]),
                "overall": tuple(ProfileTrait.from_dict(trait) for trait in values["overall"]),
                "space": MixedSpace.from_dict(values["space"]),
                "centres": np.array(values["centres"], dtype=np.float64).reshape(n_profiles, -1 if n_profiles else 0),
                "distances": np.array(values["distances"], dtype=np.float64).reshape(n_profiles, 101),
                "stability": tuple(values["stability"]),
                "used_ids": tuple(values.get("used_ids", ())),
            }
        )

    def _sentence(self, trait: ProfileTrait, whom: str) -> str:
        base = f"{percent(trait.base_share)} of {self.base_name}"
        return plain(f"{trait.words}. True of {percent(trait.share)} of the {whom}, against {base}.")
