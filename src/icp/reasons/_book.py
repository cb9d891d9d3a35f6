"""The stored sentences, and how a row's contributions choose among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icp.reasons._groups import group_codes

__all__ = ["ReasonBook", "TraitReasons"]

_SHORT = 4
"""Levels of so few letters ("yes", "high") mean something else in every column."""

FLOOR = 0.02
"""Share of a row's total absolute contribution below which a trait is no reason."""


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
        Sentences for a group together with a group of the partner, where the group alone has none.
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

    def reasons(
        self, values: NDArray[np.float64], contributions: NDArray[np.float64]
    ) -> dict[str, NDArray[np.object_]]:
        """The strongest reasons of each account, in words.

        Contributions of traits made from the same columns, of dated rows those with the same topic, are summed with
        their sign.
        A sum is a reason when it is at least 2 % of the row's total absolute contribution and one of its traits,
        contributing the same way, has a sentence that points that way; its strongest such trait speaks. Otherwise the
        next reason is used. Two columns that hold the same words are one fact: the stronger tells it.

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
        codes = self._codes(values)
        by_trait = np.ascontiguousarray(contributions.T)
        sums = np.stack([_sum(by_trait, members) for members in self._concepts]) if self._concepts else by_trait[:0]
        floor = FLOOR * np.abs(sums).sum(axis=0)
        favour = self._strongest(codes, by_trait, sums, floor, 1, self.n_reasons)
        against = self._strongest(codes, by_trait, sums, floor, -1, 1)
        found = {f"reason_{rank}": self._texts[ids] for rank, ids in enumerate(favour, start=1)}
        return {**found, "watch_out": self._texts[against[0]]}

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

    def _codes(self, values: NDArray[np.float64]) -> NDArray[np.int16]:
        """Groups of every trait, shape (n_traits, n_accounts)."""
        codes = np.empty((len(self.traits), len(values)), dtype=np.int16)
        for j, trait in enumerate(self.traits):
            codes[j] = trait.codes(np.ascontiguousarray(values[:, j]))
        return codes

    def _strongest(
        self,
        codes: NDArray[np.int16],
        by_trait: NDArray[np.float64],
        sums: NDArray[np.float64],
        floor: NDArray[np.float64],
        direction: int,
        count: int,
    ) -> list[NDArray[np.int32]]:
        """Sentence numbers of the ``count`` strongest reasons of one direction, 0 where there is none."""
        n = codes.shape[1]
        sizes = np.zeros((max(len(self._concepts), 1), n))
        chosen = np.zeros(sizes.shape, dtype=np.int32)
        for c, members in enumerate(self._concepts):
            chosen[c] = self._speaker(codes, by_trait, members, direction)
            size = direction * sums[c]
            sizes[c] = np.where((chosen[c] > 0) & (size > 0) & (size >= floor), size, 0.0)
        rows = np.arange(n)
        found = []
        facts = self._facts[chosen] if count > 1 else None
        for _ in range(count):
            first = sizes.argmax(axis=0)
            found.append(np.where(sizes[first, rows] > 0, chosen[first, rows], 0))
            sizes[first, rows] = 0.0
            if facts is not None:
                fact = facts[first, rows]
                sizes[(facts == fact) & (fact > 0)] = 0.0
        return found

    def _speaker(
        self, codes: NDArray[np.int16], by_trait: NDArray[np.float64], members: tuple[int, ...], direction: int
    ) -> NDArray[np.int32]:
        """Sentence number of the member that contributes most in the direction and has something to say."""
        chosen = np.zeros(codes.shape[1], dtype=np.int32)
        largest = np.zeros(codes.shape[1])
        for j in members:
            table = self._tables[direction][j]
            partner = self.traits[j].partner
            ids = table[codes[j], 0 if partner is None else codes[partner]]
            size = direction * by_trait[j]
            better = (ids > 0) & (size > largest)
            chosen[better], largest[better] = ids[better], size[better]
        return chosen

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
        """For every sentence the number of the words that its level consists of; 0 where they tell nothing alone."""
        words: dict[str, int] = {}
        facts = np.zeros(len(self._numbers), dtype=np.int32)
        for trait in self.traits:
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
    def _tables(self) -> dict[int, list[NDArray[np.int32]]]:
        """Per direction and trait: sentence number by group and partner's group."""
        return {
            1: [self._table(trait, trait.in_favour, trait.joint_in_favour) for trait in self.traits],
            -1: [self._table(trait, trait.against, trait.joint_against) for trait in self.traits],
        }

    def _table(
        self, trait: TraitReasons, own: tuple[str, ...], joint: Mapping[tuple[int, int], str]
    ) -> NDArray[np.int32]:
        width = 1 if trait.partner is None else len(self.traits[trait.partner].groups)
        table = np.zeros((len(trait.groups), width), dtype=np.int32)
        table[:] = np.array([self._numbers[text] for text in own], dtype=np.int32)[:, None]
        for pair, text in joint.items():
            table[pair] = self._numbers[text]
        return table


def _sum(by_trait: NDArray[np.float64], members: tuple[int, ...]) -> NDArray[np.float64]:
    """Sum of some traits, in their order."""
    total = by_trait[members[0]].copy()
    for j in members[1:]:
        total += by_trait[j]
    return total
