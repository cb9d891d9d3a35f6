"""The stored sentences, and how a row's contributions choose among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icp._sound import ascending, within
from icp.reasons._groups import group_codes

__all__ = ["ReasonBook", "TraitReasons"]

_SHORT = 4
"""Levels of so few letters ("yes", "high") mean something else in every column."""

MOST_REASONS = 100
"""Reasons in favour that anybody asks for."""

FLOOR = 0.04
"""Share of a row's total absolute contribution below which a trait is no reason."""

_ROWS_AT_ONCE = 2048
"""Rows whose reasons are looked for together: what is worked out on the way fits the processor's cache."""


@dataclass(frozen=True)
class TraitReasons:
    """What can be said of one trait, group by group.

    Parameters
    ----------
    trait : str
        Its name.
    label : str
        Its name in words.
    sources : tuple of str
        Columns it is made from; contributions of traits with the same sources and topic are one reason.
    side : {"fit", "engagement"}
        Who they are, or what they did.
    edges : tuple of float
        Lower edges of all ranges but the first; empty for levels.
    levels : bool
        Whether the groups are levels.
    groups : tuple of str
        Names of the groups; the last is "not known".
    n, best : tuple of int
        Training accounts, and best customers, per group.
    in_favour, against : tuple of str
        The sentence of each group; empty where its rate does not point that way.
    topic : str, default=""
        What a trait of dated rows is about: a kind of row, ``how often``, ``how much`` or ``when``.
    partner : int or None, default=None
        Position of the trait that the sentences below combine with.
    joint_in_favour, joint_against : mapping of (int, int) to str
        Sentences for a group together with a group of the partner, where the group alone has no firm one.
    """

    trait: str
    label: str
    sources: tuple[str, ...]
    side: str
    edges: tuple[float, ...]
    levels: bool
    groups: tuple[str, ...]
    n: tuple[int, ...]
    best: tuple[int, ...]
    in_favour: tuple[str, ...]
    against: tuple[str, ...]
    topic: str = ""
    partner: int | None = None
    joint_in_favour: Mapping[tuple[int, int], str] = field(default_factory=dict)
    joint_against: Mapping[tuple[int, int], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        per_group = (self.n, self.best, self.in_favour, self.against)
        if not self.groups or any(len(facts) != len(self.groups) for facts in per_group):
            raise ValueError("each group has its counts and sentences")
        if not self.levels and not (len(self.edges) + 2 == len(self.groups) and ascending(self.edges)):
            raise ValueError("edges part as many groups as there are, in order")

    def codes(self, values: NDArray[np.float64]) -> NDArray[np.int16]:
        """The group of each value.

        Parameters
        ----------
        values : ndarray of float64, shape (n_accounts,)
            As the trait encodes them.

        Returns
        -------
        ndarray of int16, shape (n_accounts,)
            Positions in ``groups``.
        """
        return group_codes(values, self.edges, len(self.groups), self.levels)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values.

        Returns
        -------
        dict
            One key per parameter; pairs of groups as ``[group, partner's group, sentence]``.
        """
        plain = {key: list(value) if isinstance(value, tuple) else value for key, value in self.__dict__.items()}
        plain["joint_in_favour"] = [[*pair, text] for pair, text in self.joint_in_favour.items()]
        plain["joint_against"] = [[*pair, text] for pair, text in self.joint_against.items()]
        return plain

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TraitReasons:
        """What :meth:`to_dict` described.

        Parameters
        ----------
        values : mapping
            As given by :meth:`to_dict`.

        Returns
        -------
        TraitReasons
            Equal to the one described.
        """
        made: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in values.items()
        }
        for key in ("joint_in_favour", "joint_against"):
            made[key] = {(int(g), int(h)): str(text) for g, h, text in values[key]}
        return cls(**made)


@dataclass(frozen=True)
class ReasonBook:
    """Every sentence that a score may be given, learned once from the training accounts.

    Parameters
    ----------
    traits : tuple of TraitReasons
        One per trait, in the order of the model.
    n, best : int
        Training accounts, and best customers among them.
    n_reasons : int
        Most reasons in favour of an account.
    min_group : int
        Fewest accounts behind a quoted rate.
    """

    traits: tuple[TraitReasons, ...]
    n: int
    best: int
    n_reasons: int
    min_group: int

    def __post_init__(self) -> None:
        if not 0 < self.n_reasons <= MOST_REASONS:
            raise ValueError("an account has one reason or more, and no more than anybody reads")
        for trait in self.traits:
            joint = [*trait.joint_in_favour, *trait.joint_against]
            if trait.partner is None:
                sound = not joint
            else:
                sound = within([trait.partner], len(self.traits))
                partners = len(self.traits[trait.partner].groups) if sound else 0
                sound &= within([g for g, _ in joint], len(trait.groups)) and within([h for _, h in joint], partners)
            if not sound:
                raise ValueError("a sentence of two groups has two groups")

    def reasons(
        self, values: NDArray[np.float64], contributions: NDArray[np.float64]
    ) -> dict[str, NDArray[np.object_]]:
        """The strongest reasons of each account, in words.

        Contributions of traits made from the same columns, of dated rows those with the same topic, are summed with
        their sign.
        A sum is a reason when it is at least 4 % of the row's total absolute contribution and one of its traits,
        contributing the same way, has a sentence that points that way; its strongest such trait speaks. Otherwise the
        next reason is used. Two columns that hold the same words are one fact, and so are two groups in combination,
        whichever of them is told with the other: the stronger tells it.

        Parameters
        ----------
        values : ndarray of float64, shape (n_accounts, n_traits)
            Traits.
        contributions : ndarray of float64, shape (n_accounts, n_traits)
            What each adds to the margin, in log-odds.

        Returns
        -------
        dict of str to ndarray of object, shape (n_accounts,)
            ``reason_1`` ... ``reason_<n_reasons>``, strongest first, and ``watch_out``, the strongest against; ``""``
            where there is none. A row's texts do not depend on other rows.
        """
        ids = np.zeros((self.n_reasons + 1, len(values)), dtype=np.int32)
        for start in range(0, len(values), _ROWS_AT_ONCE):
            some = slice(start, start + _ROWS_AT_ONCE)
            ids[:, some] = self._sentences(values[some], contributions[some])
        names = [*(f"reason_{rank}" for rank in range(1, self.n_reasons + 1)), "watch_out"]
        return dict(zip(names, self._texts[ids], strict=True))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values.

        Returns
        -------
        dict
            One key per parameter.
        """
        return {
            "traits": [trait.to_dict() for trait in self.traits],
            "n": self.n,
            "best": self.best,
            "n_reasons": self.n_reasons,
            "min_group": self.min_group,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> ReasonBook:
        """The book that :meth:`to_dict` described.

        Parameters
        ----------
        values : mapping
            As given by :meth:`to_dict`.

        Returns
        -------
        ReasonBook
            Equal to the one described.
        """
        return cls(**{**values, "traits": tuple(TraitReasons.from_dict(trait) for trait in values["traits"])})

    def _sentences(self, values: NDArray[np.float64], contributions: NDArray[np.float64]) -> list[NDArray[np.int32]]:
        """Sentence numbers of the reasons of a few rows: the strongest in favour, and the strongest against."""
        codes = self._codes(values)
        by_trait = np.ascontiguousarray(contributions.T)
        sums = self._sums(by_trait)
        floor = np.zeros(len(values))
        for total in sums:  # one after the other, so that it depends on no other row
            floor += np.abs(total)
        floor *= FLOOR
        favour = self._strongest(codes, by_trait, sums, floor, 1, self.n_reasons)
        return favour + self._strongest(codes, by_trait, sums, floor, -1, 1)

    def _codes(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """Groups of every trait, shape (n_traits, n_accounts)."""
        codes = np.empty((len(self.traits), len(values)), dtype=np.int64)
        levels, by_trait = self._levels, np.ascontiguousarray(values.T)
        for j, edges in self._edges:
            codes[j] = edges.searchsorted(by_trait[j], side="right")
        unknown = self._unknown[:, None]
        some = by_trait[levels]
        codes[levels] = np.where((some >= 0) & (some < unknown[levels]), some, unknown[levels])
        return np.where(np.isnan(by_trait), unknown, codes)

    def _sums(self, by_trait: NDArray[np.float64]) -> NDArray[np.float64]:
        """Contributions of each concept, its traits in their order; shape (n_concepts, n_accounts)."""
        sums = by_trait[[members[0] for members in self._concepts]]
        for c, members in self._several:
            for j in members[1:]:
                sums[c] += by_trait[j]
        return sums

    def _strongest(
        self,
        codes: NDArray[np.int64],
        by_trait: NDArray[np.float64],
        sums: NDArray[np.float64],
        floor: NDArray[np.float64],
        direction: int,
        count: int,
    ) -> list[NDArray[np.int32]]:
        """Sentence numbers of the ``count`` strongest reasons of one direction, 0 where there is none."""
        rows = np.arange(codes.shape[1])
        if not self._concepts:
            return [np.zeros(len(rows), dtype=np.int32)] * count
        chosen, size = self._speakers(codes, by_trait, direction), direction * sums
        sizes = np.where((chosen > 0) & (size > 0) & (size >= floor), size, 0.0)
        facts = self._facts[chosen] if count > 1 else None
        found = []
        for _ in range(count):
            first = sizes.argmax(axis=0)
            found.append(np.where(sizes[first, rows] > 0, chosen[first, rows], 0))
            sizes[first, rows] = 0.0
            if facts is not None:
                fact = facts[first, rows]
                sizes[(facts == fact) & (fact > 0)] = 0.0
        return found

    def _speakers(self, codes: NDArray[np.int64], by_trait: NDArray[np.float64], direction: int) -> NDArray[np.int32]:
        """For each concept the sentence of the member that contributes most in the direction and has one."""
        first, width, numbers = self._tables[direction]
        partner = np.where(self._partner[:, None] >= 0, codes[self._partner], 0)
        ids = numbers[first[:, None] + codes * width[:, None] + partner]
        ids[direction * by_trait <= 0.0] = 0
        chosen = ids[[members[0] for members in self._concepts]]
        for c, members in self._several:
            largest = np.where(chosen[c] > 0, direction * by_trait[members[0]], 0.0)
            for j in members[1:]:
                size = direction * by_trait[j]
                better = (ids[j] > 0) & (size > largest)
                chosen[c, better], largest[better] = ids[j, better], size[better]
        return chosen

    @cached_property
    def _edges(self) -> list[tuple[int, NDArray[np.float64]]]:
        return [(j, np.array(trait.edges)) for j, trait in enumerate(self.traits) if not trait.levels]

    @cached_property
    def _levels(self) -> NDArray[np.int64]:
        return np.array([j for j, trait in enumerate(self.traits) if trait.levels], dtype=np.int64)

    @cached_property
    def _unknown(self) -> NDArray[np.int64]:
        """The group "not known" of each trait."""
        return np.array([len(trait.groups) - 1 for trait in self.traits], dtype=np.int64)

    @cached_property
    def _partner(self) -> NDArray[np.int64]:
        return np.array([-1 if trait.partner is None else trait.partner for trait in self.traits], dtype=np.int64)

    @cached_property
    def _several(self) -> list[tuple[int, tuple[int, ...]]]:
        """Concepts of more than one trait."""
        return [(c, members) for c, members in enumerate(self._concepts) if len(members) > 1]

    @cached_property
    def _concepts(self) -> tuple[tuple[int, ...], ...]:
        """Positions of the traits that share their sources and topic, in order of first appearance."""
        members: dict[tuple[str, ...], list[int]] = {}
        for j, trait in enumerate(self.traits):
            members.setdefault((trait.topic, *trait.sources), []).append(j)
        return tuple(tuple(positions) for positions in members.values())

    @cached_property
    def _numbers(self) -> dict[str, int]:
        """Every sentence once, numbered; 0 is no sentence."""
        numbers = {"": 0}
        for trait in self.traits:
            joint = (*trait.joint_in_favour.values(), *trait.joint_against.values())
            for text in (*trait.in_favour, *trait.against, *joint):
                numbers.setdefault(text, len(numbers))
        return numbers

    @cached_property
    def _facts(self) -> NDArray[np.int32]:
        """For every sentence the number of the fact that it tells; 0 where no other sentence can tell the same.

        The words that a level consists of, where they tell something alone; two groups in combination, whichever of
        them speaks.
        """
        words: dict[object, int] = {}
        facts = np.zeros(len(self._numbers), dtype=np.int32)
        for j, trait in enumerate(self.traits):
            for joint in (trait.joint_in_favour, trait.joint_against):
                for (own, other), text in joint.items():
                    pair = frozenset({(j, own), (trait.partner, other)})
                    facts[self._numbers[text]] = words.setdefault(pair, len(words) + 1)
            if not trait.levels:
                continue
            for texts in (trait.in_favour, trait.against):
                for group, text in zip(trait.groups[:-1], texts, strict=False):
                    if text and len(group) > _SHORT:
                        facts[self._numbers[text]] = words.setdefault(group.casefold(), len(words) + 1)
        return facts

    @cached_property
    def _texts(self) -> NDArray[np.object_]:
        return np.array(list(self._numbers), dtype=object)

    @cached_property
    def _tables(self) -> dict[int, tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]]:
        """Per direction: where each trait's sentence numbers begin, how many there are for each of its groups, all."""
        found = {}
        for direction in (1, -1):
            parts = [
                self._table(trait, trait.in_favour, trait.joint_in_favour)
                if direction > 0
                else self._table(trait, trait.against, trait.joint_against)
                for trait in self.traits
            ]
            first = np.cumsum([0, *(part.size for part in parts)])[:-1]
            width = np.array([part.shape[1] for part in parts], dtype=np.int64)
            found[direction] = first, width, np.concatenate([np.zeros(0, np.int32), *(part.ravel() for part in parts)])
        return found

    def _table(
        self, trait: TraitReasons, own: tuple[str, ...], joint: Mapping[tuple[int, int], str]
    ) -> NDArray[np.int32]:
        width = 1 if trait.partner is None else len(self.traits[trait.partner].groups)
        table = np.zeros((len(trait.groups), width), dtype=np.int32)
        table[:] = np.array([self._numbers[text] for text in own], dtype=np.int32)[:, None]
        for pair, text in joint.items():
            table[pair] = self._numbers[text]
        return table
