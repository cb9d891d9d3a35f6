"""From clusters to profiles that people recognise: names, distinctive traits, value, rate, rule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icp._wording import fact, plain
from icp.options import ProfileOptions
from icp.profiles._book import Profile, ProfileSet
from icp.profiles._clusterer import ProfileClusterer
from icp.profiles._counts import count_groups
from icp.profiles._groups import Group
from icp.profiles._index import control_false_discoveries, count_index
from icp.profiles._index_profile import groups_over
from icp.profiles._parts import ProfileTrait
from icp.profiles._rules import find_rules
from icp.profiles._space import nearest
from icp.tables import TraitTable

__all__ = ["NAME_LIMIT", "describe"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NAME_LIMIT = 80
"""Most characters of a profile's name."""

_MAX_OVER, _MAX_UNDER = 12, 6
_LETTER = re.compile(r"[^\W\d_]{3}")
_BARE = frozenset(
    ("true", "false", "none", "other", "others", "unknown", "high", "medium", "low", "large", "small", "good", "bad")
)
_NEAR = 0.99
_MOST = 0.5
"""Share of a profile from which on a trait names it before stronger ones that fewer have."""


def describe(
    clusterer: ProfileClusterer,
    best: TraitTable,
    base: TraitTable,
    *,
    base_name: str = "all accounts",
    against: TraitTable | None = None,
    label: ArrayLike | None = None,
    amount: ArrayLike | None = None,
    options: ProfileOptions | None = None,
    evidence: Mapping[str, Any] | None = None,
) -> ProfileSet:
    """Profiles in words and numbers, and as plain parameters for serving.

    Parameters
    ----------
    clusterer : ProfileClusterer
        Fitted on ``best.values``.
    best : TraitTable
        Best customers, in the order they were fitted in.
    base : TraitTable
        Accounts that rules and rates are judged on, same traits; may hold the best customers (matched by
        ``account_id``).
    base_name : str, default="all accounts"
        What the accounts compared with are called in sentences.
    against : TraitTable, default=None
        Accounts that indexes compare with, same traits (and perhaps further levels); None means ``base``. A trait of
        which nothing is known there has no index.
    label : array-like of float, shape (n_base,), default=None
        1 best, 0 not, NaN unknown, in the order of ``base``; for win rates.
    amount : array-like of float, shape (n_best,), default=None
        Money each best customer brought, NaN where unknown, in the order of ``best``.
    options : ProfileOptions, default=None
        False-discovery rate and coverage; None means the defaults.
    evidence : mapping, default=None
        Plain JSON values kept with the set, for example the as-of date.

    Returns
    -------
    ProfileSet
        With no profile where the clusterer found one group only.

    Raises
    ------
    ValueError
        Lengths or traits do not fit together.
    """
    options = options or ProfileOptions()
    known = None if label is None else np.asarray(label, dtype=np.float64)
    money = None if amount is None else np.asarray(amount, dtype=np.float64)
    _check_lengths(clusterer, best, base, known, money)
    compared = base if against is None else against
    groups = groups_over(best, compared)
    n_profiles = clusterer.n_profiles_ if clusterer.n_profiles_ > 1 else 0
    members = [clusterer.labels_ == i for i in range(n_profiles)]
    counts = _counts(clusterer, best, compared, groups, n_profiles)
    books = _distinctive(counts, groups, compared, options)
    limit = float(np.quantile(clusterer.distances_, _NEAR))
    rates = _rates(clusterer, base, known, limit, n_profiles)
    values = [_mean(None if money is None else money[rows]) for rows in members]
    rules = find_rules(best, clusterer.labels_, base, known, confidence=options.confidence) if members else ()
    named = zip(_names(books[1:], counts), members, clusterer.stability_, books[1:], rules, values, rates, strict=True)
    profiles = tuple(
        Profile(f"P{i}", name, int(rows.sum()), float(rows.mean()), float(stability), _strongest(book), *measured)
        for i, (name, rows, stability, book, *measured) in enumerate(named, start=1)
    )
    distances = [np.percentile(clusterer.distances_[rows], np.arange(101)) for rows in members]
    return ProfileSet(
        profiles=profiles,
        overall=_strongest(books[0]),
        base_name=base_name,
        base_n=len(compared.values),
        n_best=len(best.values),
        space=clusterer.space_,
        centres=clusterer.centres_ if members else np.zeros((0, 0)),
        distances=np.array(distances).reshape(n_profiles, 101),
        limit=limit,
        stability=tuple(candidate.to_dict() for candidate in clusterer.candidates_),
        evidence=dict(evidence or {}),
    )


def _check_lengths(
    clusterer: ProfileClusterer, best: TraitTable, base: TraitTable, label: Floats | None, amount: Floats | None
) -> None:
    wanted = [
        ("best.values", best.values.shape, (len(clusterer.labels_), clusterer.n_features_in_)),
        ("base.values", base.values.shape, (len(base.account_id), clusterer.n_features_in_)),
        ("label", None if label is None else label.shape, (len(base.values),)),
        ("amount", None if amount is None else amount.shape, (len(best.values),)),
    ]
    wrong = [f"{name} has shape {got}, not {fit}" for name, got, fit in wanted if got is not None and got != fit]
    if wrong:
        raise ValueError("; ".join(wrong))


class _Counts(NamedTuple):
    """Best customers: all of them, then each profile."""

    n_best: Ints  # shape (n_profiles + 1,)
    n_shared: Ints  # those of them that are in the base
    n: Ints  # in each group, shape (n_profiles + 1, n_groups)
    shared: Ints
    base_n: Ints  # base accounts in each group


def _counts(
    clusterer: ProfileClusterer, best: TraitTable, base: TraitTable, groups: list[tuple[int, Group]], n_profiles: int
) -> _Counts:
    at = clusterer.labels_.astype(np.int64) if n_profiles else np.full(len(best.values), -1)
    also = np.asarray(best.account_id.isin(base.account_id), dtype=bool)
    n_best, n_shared = (
        np.append(len(rows), np.bincount(rows[rows >= 0], minlength=n_profiles)[:n_profiles]) for rows in (at, at[also])
    )
    n, shared = (count_groups(best.values[rows], at[rows], groups, n_profiles) for rows in (slice(None), also))
    base_n = count_groups(base.values, np.full(len(base.values), -1), groups, 0)[0]
    return _Counts(n_best, n_shared, n, shared, base_n)


def _distinctive(
    counts: _Counts, groups: list[tuple[int, Group]], base: TraitTable, options: ProfileOptions
) -> list[list[tuple[ProfileTrait, int]]]:
    """For all best customers and for each profile: distinctive traits, strongest first, with their group's position."""
    base_n = counts.base_n
    books = []
    for n_best, n_shared, n, shared in zip(counts.n_best, counts.n_shared, counts.n, counts.shared, strict=True):
        numbers = count_index(n, int(n_best), base_n, len(base.values), int(n_shared), shared, options.confidence)
        q = control_false_discoveries(numbers["p"])
        found = np.flatnonzero((q <= options.fdr) & (base_n > 0))
        found = found[np.argsort(-numbers["information"][found], kind="stable")]
        book = []
        for i in found:
            j, group = groups[i]
            trait = base.traits[j]
            index, low, high = (float(np.round(numbers[name][i], 1)) for name in ("index", "low", "high"))
            share, base_share = float(numbers["share"][i]), float(numbers["base_share"][i])
            words = (trait.name, plain(trait.label, 100), j, group)
            found_n = (int(n[i]), share, int(base_n[i]), base_share)
            book.append((ProfileTrait(*words, *found_n, index, low, high, float(q[i])), int(i)))
        books.append(book)
    return books


def _strongest(book: list[tuple[ProfileTrait, int]]) -> tuple[ProfileTrait, ...]:
    """The strongest over-represented groups, then the strongest under-represented ones."""
    over = [trait for trait, _ in book if trait.index > 100.0]
    under = [trait for trait, _ in book if trait.index <= 100.0]
    return tuple(over[:_MAX_OVER] + under[:_MAX_UNDER])


def _names(books: list[list[tuple[ProfileTrait, int]]], counts: _Counts) -> list[str]:
    """A name per profile from its two most distinctive traits, of those that most of it has where there are any.

    A third, then the id, tells equal names apart.
    """
    ordered = [_by_contrast(book, i, counts) for i, book in enumerate(books, start=1)]
    names: list[str] = []
    for i, traits in enumerate(ordered):
        parts = [_part(trait) for trait in traits]
        options = [", ".join(parts[:2]), ", ".join(parts[:3])]
        texts = [plain(text[:1].upper() + text[1:], NAME_LIMIT) for text in options if text]
        fallback = plain(", ".join([f"Profile P{i + 1}", *parts[:2]]), NAME_LIMIT)
        names.append(next((text for text in texts if text not in names), fallback))
    return names


def _by_contrast(book: list[tuple[ProfileTrait, int]], profile: int, counts: _Counts) -> list[ProfileTrait]:
    """Over-represented traits by how far they set the profile apart from the base and from other best customers.

    Those that most of the profile has come first: a name is read as what the profile is.
    """
    scored = []
    for position, (trait, i) in enumerate(book):
        if trait.index <= 100.0 or not trait.group.is_telling:
            continue
        share = float(counts.n[profile, i] / counts.n_best[profile])
        other = float((counts.n[0, i] - counts.n[profile, i]) / (counts.n_best[0] - counts.n_best[profile]))
        against_best = (share - other) * np.log((share + 0.01) / (other + 0.01)) if share > other else 0.0
        against_base = (share - trait.base_share) * np.log(trait.index / 100.0)
        scored.append((trait.share < _MOST, -(against_base + against_best), position, trait))
    best_first = [trait for *_, trait in sorted(scored, key=lambda item: item[:3])]
    seen: set[int] = set()
    return [trait for trait in best_first if not (trait.column in seen or seen.add(trait.column))]  # type: ignore[func-returns-value]


def _part(trait: ProfileTrait) -> str:
    """The words of one trait in a name: a telling level stands alone."""
    text = trait.group.text
    if trait.group.kind == "level" and len(text) > 3 and text.lower() not in _BARE and _LETTER.search(text):
        return plain(text, 36)
    words = fact(trait.label, text)
    if text == "yes":
        words = trait.label
    elif text == "none":
        words = f"no {trait.label}"
    elif text != "no":
        words = words.replace(": ", " ")
    return plain(words, 42)


def _rates(
    clusterer: ProfileClusterer, base: TraitTable, label: Floats | None, limit: float, n_profiles: int
) -> list[float | None]:
    """Share of best customers among the base accounts nearest to each profile and no farther than ``limit``."""
    if label is None:
        return [None] * n_profiles
    at, far = nearest(clusterer.space_.project(base.values), clusterer.centres_)
    return [_mean(label[(at == i) & (far <= limit)]) for i in range(n_profiles)]


def _mean(values: Floats | None) -> float | None:
    if values is None:
        return None
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None
