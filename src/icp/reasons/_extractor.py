"""Learning what can be said: groups, their rates, and the sentences these support."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from icp._samples import COMBINED_TRAITS
from icp.reasons._book import ReasonBook, TraitReasons
from icp.reasons._groups import TraitGroups, group_codes, make_groups
from icp.reasons._words import ONE_IN_SIX, ONE_IN_TWENTY, ONE_IN_TWO_HUNDRED, is_evidence, is_firm, sentence
from icp.tables import Trait, TraitTable

__all__ = ["ReasonExtractor"]

_SAMPLE = COMBINED_TRAITS.rows


class ReasonExtractor(BaseEstimator):  # type: ignore[misc]
    """Turn signed contributions into sentences a sales rep can check.

    A sentence quotes the training accounts: how many of a group became best customers, against the average. It is
    used only where the quoted rate points the way of the contribution, by a tenth or more. Where a group's own rate is
    not off by more than chance, a wider range that holds the value may speak for it, and then the group "in
    combination with" a group of the trait its contributions depend on most; where none of them is, the sentence says
    that its rate may be chance. "Associated with" is all it says; it is not why an account buys.

    Parameters
    ----------
    n_reasons : int, default=3
        Most reasons in favour of an account.
    min_group : int, default=20
        Fewest accounts behind a quoted rate.

    Attributes
    ----------
    book_ : ReasonBook
        The stored sentences.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from icp.tables import Trait, TraitTable
    >>> trait = Trait("industry", "categorical", "fit", "industry", ("industry",), levels=("Retail", "Software"))
    >>> values = np.repeat([0.0, 1.0], 100)[:, None]
    >>> label = np.array([1.0] * 5 + [0.0] * 95 + [1.0] * 25 + [0.0] * 75)
    >>> traits = TraitTable(values, (trait,), pd.Index([str(i) for i in range(200)]))
    >>> book = ReasonExtractor().fit(traits, label).book_
    >>> print(book.reasons(values[-1:], np.array([[0.4]]))["reason_1"][0])
    Industry: Software. Such accounts became best customers 1.7 times as often as the average (25 of 100).
    """

    def __init__(self, n_reasons: int = 3, min_group: int = 20) -> None:
        self.n_reasons = n_reasons
        self.min_group = min_group

    def fit(
        self, traits: TraitTable, label: NDArray[np.float64], contributions: NDArray[np.float64] | None = None
    ) -> Self:
        """Count best customers per group and write the sentences.

        Parameters
        ----------
        traits : TraitTable
            Training accounts whose label is known.
        label : ndarray of float64, shape (n_accounts,)
            1 best, 0 not.
        contributions : ndarray of float64, shape (n_accounts, n_traits), default=None
            What each trait adds to the margin; needed for sentences "in combination with".

        Returns
        -------
        ReasonExtractor
            Fitted.
        """
        best = np.asarray(label) == 1
        grouped, codes, alone = [], [], []
        for j, trait in enumerate(traits.traits):
            column = np.ascontiguousarray(traits.values[:, j])
            groups = make_groups(trait, column, self.min_group)
            grouped.append(groups)
            codes.append(group_codes(column, groups.edges, len(groups.names), trait.kind == "categorical"))
            alone.append(self._alone(trait, groups, codes[-1], best))
        if contributions is not None and len(alone) > 1:
            partners = _partners(codes, [len(groups.names) for groups in grouped], contributions)
            alone = [self._joined(j, int(partners[j]), alone, codes, best) for j in range(len(alone))]
        self.book_ = ReasonBook(tuple(alone), len(best), int(best.sum()), self.n_reasons, self.min_group)
        return self

    def _alone(
        self, trait: Trait, groups: TraitGroups, codes: NDArray[np.int16], best: NDArray[np.bool_]
    ) -> TraitReasons:
        """Counts and sentences of one trait by itself."""
        n = np.bincount(codes, minlength=len(groups.names))
        wins = np.bincount(codes[best], minlength=len(groups.names))
        said = {
            direction: tuple(self._text(trait, groups, n, wins, g, direction) for g in range(len(groups.names)))
            for direction in (1, -1)
        }
        return TraitReasons(
            trait=trait.name,
            label=trait.label,
            sources=tuple(trait.sources),
            side=trait.side,
            edges=groups.edges,
            levels=trait.kind == "categorical",
            groups=groups.names,
            n=tuple(n.tolist()),
            best=tuple(wins.tolist()),
            in_favour=said[1],
            against=said[-1],
            topic=_topic(trait.rule),
        )

    def _text(
        self,
        trait: Trait,
        groups: TraitGroups,
        n: NDArray[np.intp],
        wins: NDArray[np.intp],
        g: int,
        direction: int,
    ) -> str:
        """The sentence of one group: its own rate, or that of a wider range that holds it.

        A rate off by more than chance comes first; where there is none, one that chance could make is said to be that.
        """
        if direction > 0 and g == len(groups.names) - 1:
            return ""  # true or not, "not known" is no reason a rep would call for
        base = float(wins.sum() / n.sum())
        parts = [(groups.names[g], slice(g, g + 1))]
        if g < len(groups.above) and not is_evidence(int(wins[g]), int(n[g]), base, -direction, 1, ONE_IN_SIX):
            parts += [(groups.above[g], slice(g, len(groups.above))), (groups.below[g], slice(0, g + 1))]
        counts = [(name, int(wins[part].sum()), int(n[part].sum())) for name, part in parts]
        for z in (ONE_IN_TWENTY, 0.0):
            for name, best, of in counts:
                if is_evidence(best, of, base, direction, self.min_group, z):
                    return sentence([(trait.label, name)], best, of, base, firm=z > 0)
        return ""

    def _joined(
        self, j: int, partner: int, alone: list[TraitReasons], codes: list[NDArray[np.int16]], best: NDArray[np.bool_]
    ) -> TraitReasons:
        """The trait with sentences "in combination with" its partner, where it has no firm one of its own."""
        own, other = alone[j], alone[partner]
        if own.sources == other.sources:
            return own
        shape = (len(own.groups), len(other.groups))
        cell = codes[j].astype(np.int64) * shape[1] + codes[partner]
        n = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
        wins = np.bincount(cell[best], minlength=shape[0] * shape[1]).reshape(shape)
        base = float(best.mean())
        said: dict[int, Mapping[tuple[int, int], str]] = {}
        for direction, texts in ((1, own.in_favour), (-1, own.against)):
            said[direction] = {
                (g, h): sentence(
                    [(own.label, own.groups[g]), (other.label, other.groups[h])], int(wins[g, h]), int(n[g, h]), base
                )
                for g in range(shape[0])
                for h in range(shape[1])
                if not is_firm(texts[g]) and self._adds(wins[:, h], n[:, h], g, base, direction)
            }
        values = {**own.__dict__, "partner": partner, "joint_in_favour": said[1], "joint_against": said[-1]}
        return TraitReasons(**values) if said[1] or said[-1] else own

    def _adds(self, wins: NDArray[np.intp], n: NDArray[np.intp], g: int, base: float, direction: int) -> bool:
        """Whether a group differs from the average, and from the rest of the partner's group, in the direction."""
        if not is_evidence(int(wins[g]), int(n[g]), base, direction, self.min_group):
            return False
        within = float(wins.sum() / n.sum())
        return is_evidence(int(wins[g]), int(n[g]), within, direction, self.min_group, ONE_IN_TWO_HUNDRED)


def _topic(rule: str) -> str:
    """What a trait of dated rows is about: a kind of row, how often, how much, or when; empty for other traits."""
    _, _, made = rule.partition(":")
    if made.startswith("kind:"):
        return f"kind {made.split(':', 2)[2]}"
    if made in ("recency", "tenure"):
        return "when"
    return "how much" if made.startswith("amount") else ("how often" if made else "")


def _partners(
    codes: list[NDArray[np.int16]], n_groups: list[int], contributions: NDArray[np.float64]
) -> NDArray[np.intp]:
    """For each trait the other trait whose groups explain most of its contributions within its own groups.

    Contributions of an additive part do not vary with other traits; what varies is interaction in the forest.
    """
    rows = np.linspace(0, len(contributions) - 1, min(len(contributions), _SAMPLE)).astype(np.intp)
    sampled = [code[rows].astype(np.int64) for code in codes]
    found = np.zeros(len(codes), dtype=np.intp)
    for j, own in enumerate(sampled):
        inside = _within(own, contributions[rows, j])
        explained = [
            -1.0 if k == j else _explained(own * n_groups[k] + other, inside) for k, other in enumerate(sampled)
        ]
        found[j] = int(np.argmax(explained))
    return found


def _within(codes: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values less the mean of their group."""
    n = np.maximum(np.bincount(codes), 1)
    return values - (np.bincount(codes, weights=values) / n)[codes]


def _explained(codes: NDArray[np.int64], values: NDArray[np.float64]) -> float:
    """Sum of squares between groups, per degree of freedom spent."""
    n = np.bincount(codes)
    filled = n > 0
    total = np.bincount(codes, weights=values)[filled]
    return float(((total**2) / n[filled]).sum() / filled.sum())
